//! When a request is made again, and after how long.
//!
//! Owns: that decision, as a function of what the request does and how it failed. Must not know: how to
//! wait or to send.

use std::time::Duration;

use super::error::RefusalKind;

/// What making a request twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It only reads.
    Reads,
    /// Twice is as good as once: conditional writes, cancelling, archiving.
    Repeatable,
    /// Twice may make two, or be taken for a failure: creating, deleting.
    Once,
}

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The connection failed before the request was written.
    NotSent,
    /// The answer did not come or broke off.
    Lost,
    /// The server refused.
    Refused {
        /// HTTP status.
        status: u16,
        /// What it means.
        kind: RefusalKind,
        /// What the server says of trying again, where it says so.
        should_retry: Option<bool>,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// How often and how patiently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The pause after the first failure; it doubles.
    pub first_pause: Duration,
    /// The longest pause of our own choosing.
    pub longest_pause: Duration,
    /// The longest pause a server may ask for while somebody waits; asked for more, the error is handed on.
    pub longest_asked: Duration,
    /// Decides the small variations, so that tests can repeat them.
    pub seed: u64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(8),
            longest_asked: Duration::from_mins(1),
            seed: 0,
        }
    }
}

impl RetryPolicy {
    /// No second attempt.
    #[must_use]
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// How long to wait before another attempt; `None` to hand the failure on. `attempt` counts from 1
    /// and `random` is any number.
    #[must_use]
    pub fn pause(&self, effect: Effect, attempt: u32, failure: Failure, random: u64) -> Option<Duration> {
        if attempt >= self.attempts || !may_retry(effect, failure) {
            return None;
        }
        if let Failure::Refused { retry_after: Some(asked), .. } = failure {
            return (asked <= self.longest_asked).then_some(asked);
        }
        let doubled = self.first_pause.saturating_mul(1 << (attempt - 1).min(16));
        let pause = doubled.min(self.longest_pause);
        // Less up to a quarter, so that many clients do not come back at the same moment.
        let off = pause.mul_f64((random % 1024) as f64 / 4096.0);
        Some(pause.saturating_sub(off))
    }
}

fn may_retry(effect: Effect, failure: Failure) -> bool {
    match failure {
        Failure::NotSent => true,
        Failure::Lost => effect != Effect::Once,
        Failure::Refused { status, kind, should_retry, retry_after } => {
            let passing = match status {
                // Refused for what stands there: the same request again would be refused again, or worse.
                409 | 412 => return false,
                429 => kind == RefusalKind::RateLimited && retry_after.is_some(),
                503 | 529 => true,
                408 | 500..=599 => effect != Effect::Once,
                _ => false,
            };
            match should_retry {
                Some(false) => false,
                Some(true) => passing || (effect == Effect::Reads && status >= 500),
                None => passing,
            }
        }
    }
}

/// A small generator for the variations: good enough for pauses, the same from the same seed.
#[derive(Debug)]
pub struct Jitter(std::sync::atomic::AtomicU64);

impl Jitter {
    /// A generator that starts at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }

    /// The next number.
    #[must_use]
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, std::sync::atomic::Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Reads `retry-after-ms` and `retry-after` (seconds or a date). A date counts from the server's own
/// `date`, so that this machine's clock does not matter.
#[must_use]
pub fn retry_after(ms: Option<&str>, after: Option<&str>, date: Option<&str>) -> Option<Duration> {
    // Longer than a year is nonsense, and would not fit everywhere.
    const MOST: f64 = 365.0 * 86_400.0;
    let seconds = |text: &str, unit: f64| {
        let number: f64 = text.trim().parse().ok()?;
        (number.is_finite() && number >= 0.0).then(|| Duration::from_secs_f64((number * unit).min(MOST)))
    };
    ms.and_then(|text| seconds(text, 0.001)).or_else(|| {
        let after = after?;
        seconds(after, 1.0).or_else(|| {
            let until = moment(after)?;
            let now = moment(date?)?;
            let wait = until.duration_since(now);
            Some(Duration::try_from(wait).unwrap_or_default())
        })
    })
}

/// Reads a date as HTTP writes it.
#[must_use]
pub fn moment(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::parse(text.trim()).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const EFFECTS: [Effect; 3] = [Effect::Reads, Effect::Repeatable, Effect::Once];

    fn refused(status: u16, kind: RefusalKind, after: Option<u64>) -> Failure {
        Failure::Refused { status, kind, should_retry: None, retry_after: after.map(Duration::from_secs) }
    }

    /// Which of reading, repeatable and single requests are made again.
    #[rstest]
    #[case(Failure::NotSent, [true, true, true])]
    #[case(Failure::Lost, [true, true, false])]
    #[case(refused(400, RefusalKind::Request, None), [false; 3])]
    #[case(refused(401, RefusalKind::Key, None), [false; 3])]
    #[case(refused(402, RefusalKind::Billing, None), [false; 3])]
    #[case(refused(403, RefusalKind::Permission, None), [false; 3])]
    #[case(refused(404, RefusalKind::NotFound, None), [false; 3])]
    #[case(refused(408, RefusalKind::Timeout, None), [true, true, false])]
    #[case(refused(409, RefusalKind::Conflict, None), [false; 3])]
    #[case(refused(409, RefusalKind::Conflict, Some(1)), [false; 3])]
    #[case(refused(409, RefusalKind::Precondition, None), [false; 3])]
    #[case(refused(409, RefusalKind::PathTaken, None), [false; 3])]
    #[case(refused(413, RefusalKind::TooLarge, None), [false; 3])]
    #[case(refused(429, RefusalKind::RateLimited, Some(2)), [true; 3])]
    #[case(refused(429, RefusalKind::SpendLimit, None), [false; 3])]
    #[case(refused(429, RefusalKind::SpendLimit, Some(2)), [false; 3])]
    #[case(refused(500, RefusalKind::Server, None), [true, true, false])]
    #[case(refused(502, RefusalKind::Server, None), [true, true, false])]
    #[case(refused(503, RefusalKind::Overloaded, None), [true; 3])]
    #[case(refused(504, RefusalKind::Timeout, None), [true, true, false])]
    #[case(refused(529, RefusalKind::Overloaded, None), [true; 3])]
    #[case(refused(307, RefusalKind::Redirected, None), [false; 3])]
    fn what_is_made_again(#[case] failure: Failure, #[case] expected: [bool; 3]) {
        let policy = RetryPolicy::default();
        let again = EFFECTS.map(|effect| policy.pause(effect, 1, failure, 0).is_some());
        assert_eq!(again, expected, "{failure:?}");
    }

    #[test]
    fn what_the_server_says_of_trying_again_counts_except_where_it_would_do_harm() {
        let policy = RetryPolicy::default();
        let said = |status, kind, should_retry| Failure::Refused {
            status,
            kind,
            should_retry: Some(should_retry),
            retry_after: None,
        };
        for effect in EFFECTS {
            assert!(policy.pause(effect, 1, said(529, RefusalKind::Overloaded, false), 0).is_none());
            assert!(policy.pause(effect, 1, said(409, RefusalKind::Precondition, true), 0).is_none());
        }
        assert!(policy.pause(Effect::Once, 1, said(500, RefusalKind::Server, true), 0).is_none());
        assert!(policy.pause(Effect::Reads, 1, said(500, RefusalKind::Server, true), 0).is_some());
    }

    #[test]
    fn pauses_double_vary_a_little_and_end() {
        let policy = RetryPolicy { attempts: 9, ..RetryPolicy::default() };
        let pause = |attempt, random| policy.pause(Effect::Reads, attempt, Failure::Lost, random);
        let all: Vec<u64> = (1..9).map(|attempt| pause(attempt, 0).unwrap().as_millis() as u64).collect();
        assert_eq!(all, [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
        assert_eq!(pause(9, 0), None);
        let jitter = Jitter::new(7);
        for _ in 0..1000 {
            let pause = pause(1, jitter.next()).unwrap();
            assert!(pause > Duration::from_millis(374) && pause <= Duration::from_millis(500), "{pause:?}");
        }
        let (a, b) = (Jitter::new(7), Jitter::new(7));
        assert!((0..100).all(|_| a.next() == b.next()));
    }

    #[test]
    fn a_server_may_ask_for_some_patience_but_not_for_any() {
        let policy = RetryPolicy::default();
        let asked = |seconds| {
            let failure = refused(429, RefusalKind::RateLimited, Some(seconds));
            policy.pause(Effect::Once, 1, failure, u64::MAX)
        };
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(61), None);
    }

    #[rstest]
    #[case(Some("1500"), Some("9"), None, Some(1500))]
    #[case(None, Some("7"), None, Some(7000))]
    #[case(None, Some("0.5"), None, Some(500))]
    #[case(None, Some(" 3 "), None, Some(3000))]
    #[case(None, Some("Sat, 21 Nov 2026 04:00:10 GMT"), Some("Sat, 21 Nov 2026 04:00:00 GMT"), Some(10_000))]
    #[case(None, Some("Sat, 21 Nov 2026 03:59:00 GMT"), Some("Sat, 21 Nov 2026 04:00:00 GMT"), Some(0))]
    #[case(None, Some("Sat, 21 Nov 2026 04:00:10 GMT"), None, None)]
    #[case(None, Some("-3"), None, None)]
    #[case(None, Some("NaN"), None, None)]
    #[case(None, Some("inf"), None, None)]
    #[case(None, Some("1e300"), None, Some(31_536_000_000))]
    #[case(None, Some("soon"), None, None)]
    #[case(Some("x"), Some("2"), None, Some(2000))]
    #[case(None, None, None, None)]
    fn waits_are_read(
        #[case] ms: Option<&str>,
        #[case] after: Option<&str>,
        #[case] date: Option<&str>,
        #[case] expected: Option<u64>,
    ) {
        assert_eq!(retry_after(ms, after, date), expected.map(Duration::from_millis));
    }
}
