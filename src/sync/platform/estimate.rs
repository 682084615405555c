//! What a dream will probably take, and whether that is within the caps.
//!
//! Owns: the estimate from the sessions' recorded usage, and the caps. Must not know: how a dream is
//! started.
//!
//! A transcript takes about as many tokens to read as entered the session's context once: what was not
//! cached, what was written to the cache, and what the model said. A cache that expired is written
//! again, so that sum is an upper bound; the lower is what the model said and half of the rest. How often
//! a dream reads things over is not published: the factors below are wide on purpose.

use jiff::Timestamp;

use super::prices::Prices;
use crate::domain::cost::{Estimate, Money, Span, Spent, Usage, in_month_of, spent_in};
use crate::domain::dream::{Dream, DreamStatus};
use crate::domain::session::SessionMeta;
use crate::domain::text::counted;
use crate::domain::tokens;

/// How often everything is read again from the cache, at least and at most.
const REREAD: Span<u64> = Span { low: 1, high: 6 };

/// Words written for a hundred read, at least and at most.
const WRITTEN: Span<u64> = Span { low: 2, high: 12 };

/// The estimate of a dream on this model over these sessions and a memory of so many bytes.
#[must_use]
pub fn estimate(sessions: &[SessionMeta], memory_bytes: u64, model: &str, prices: &Prices) -> Estimate {
    let memory = tokens::of_bytes(memory_bytes);
    let mut read = Span::new(memory, memory);
    let mut unknown = 0;
    for session in sessions {
        match size(session) {
            Some(size) => {
                read.low = read.low.saturating_add(size.low);
                read.high = read.high.saturating_add(size.high);
            }
            None => unknown += 1,
        }
    }
    let low = Usage {
        input: read.low,
        output: read.low.saturating_mul(WRITTEN.low) / 100,
        cache_read: read.low.saturating_mul(REREAD.low),
        cache_write: 0,
    };
    let high = Usage {
        input: 0,
        output: read.high.saturating_mul(WRITTEN.high) / 100,
        cache_read: read.high.saturating_mul(REREAD.high),
        cache_write: read.high,
    };
    let price = prices.of(model);
    Estimate {
        tokens: Span::new(low.total(), high.total()),
        money: price.map(|price| Span::new(price.cost(&low).low, price.cost(&high).high)),
        prices: price.map(|_| prices.date.clone()),
        unknown,
    }
}

/// Tokens it takes to read one transcript; `None` where nothing is known of its size.
fn size(session: &SessionMeta) -> Option<Span<u64>> {
    let usage = session.remote.as_ref().and_then(|remote| remote.usage).filter(|usage| usage.total() > 0);
    if let Some(usage) = usage {
        let entered = usage.input.saturating_add(usage.cache_write);
        return Some(Span::new(
            usage.output.saturating_add(entered / 2),
            usage.output.saturating_add(entered),
        ));
    }
    let bytes: u64 = session.files.iter().map(|file| file.bytes).sum();
    // The file has records around the words; a third of it is about the least that is text.
    (bytes > 0).then(|| Span::new(tokens::of_bytes(bytes / 3), tokens::of_bytes(bytes)))
}

/// What the user allows to be spent on dreams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caps {
    /// On one pass.
    pub pass: Option<Money>,
    /// In one calendar month (UTC).
    pub month: Option<Money>,
}

/// Why a dream must not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverCap {
    /// The pass could cost more than one may.
    Pass {
        /// The most it is expected to cost.
        high: Money,
        /// The cap.
        cap: Money,
    },
    /// With it the month could cost more than it may.
    Month {
        /// What dreams of this month cost or may still cost.
        spent: Money,
        /// The most this one is expected to cost.
        high: Money,
        /// The cap.
        cap: Money,
    },
    /// There is a cap, and nobody can tell whether it would be kept.
    Unpriced {
        /// What is not known, in words.
        what: String,
    },
}

impl std::fmt::Display for OverCap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pass { high, cap } => {
                write!(
                    f,
                    "it could cost up to {high}, more than the {cap} that a dream may cost (dream.max-cost)"
                )
            }
            Self::Month { spent, high, cap } => write!(
                f,
                "dreams of this month cost up to {spent} so far; with up to {high} more that exceeds the {cap} \
                 that a month may cost (dream.max-cost-month)"
            ),
            Self::Unpriced { what } => {
                write!(f, "{what}, so nobody can tell whether it stays within the cap")
            }
        }
    }
}

/// Checks an estimate against the caps; `spent` is what this month's dreams cost already.
///
/// # Errors
/// With the cap that would not be kept.
pub fn check(model: &str, estimate: &Estimate, caps: Caps, spent: Money) -> Result<(), OverCap> {
    if caps.pass.is_none() && caps.month.is_none() {
        return Ok(());
    }
    let Some(money) = estimate.money else {
        return Err(OverCap::Unpriced { what: format!("the price of {model} is not known") });
    };
    if estimate.unknown > 0 {
        return Err(OverCap::Unpriced {
            what: format!("the size of {} is not known", counted(u64::from(estimate.unknown), "session")),
        });
    }
    if let Some(cap) = caps.pass.filter(|cap| money.high > *cap) {
        return Err(OverCap::Pass { high: money.high, cap });
    }
    if let Some(cap) = caps.month.filter(|cap| spent.plus(money.high) > *cap) {
        return Err(OverCap::Month { spent, high: money.high, cap });
    }
    Ok(())
}

/// What wakeful's own dreams cost that were started in the calendar month (UTC) of `now`. A cap is held against
/// the upper end: caps are kept, not met halfway.
#[must_use]
pub fn spent_in_month(dreams: &[Dream], now: Timestamp) -> Spent {
    spent_in(all_spent(dreams), &in_month_of(now))
}

/// What wakeful's own dreams cost, each at the moment it was started.
pub fn all_spent<'d>(dreams: impl IntoIterator<Item = &'d Dream>) -> Vec<(Timestamp, Spent)> {
    dreams.into_iter().filter_map(|dream| Some((dream.started, spent_on(dream)?))).collect()
}

/// What dreams cost that others started, each at the moment it was. No cap counts them, and wherever they are told
/// it is these. One that is at work may still cost more.
pub fn all_spent_by_others<'d>(dreams: impl IntoIterator<Item = &'d Dream>) -> Vec<(Timestamp, Spent)> {
    let of_others = |dream: &&Dream| dream.remote.as_ref().is_some_and(|remote| !remote.ours);
    let spent = |dream: &Dream| {
        Some((dream.started, Spent { cost: dream.cost?, expected: !dream.status.is_final() }))
    };
    dreams.into_iter().filter(of_others).filter_map(spent).collect()
}

/// What one of wakeful's own dreams counts for. One that is over: what it used, or what was expected where nobody
/// says what that was, and nothing if it never ran. One at work: what is expected, or what it used where that is
/// more. `None` for dreams of others, and where nothing is known.
#[must_use]
pub fn spent_on(dream: &Dream) -> Option<Spent> {
    let remote = dream.remote.as_ref();
    if remote.is_some_and(|remote| !remote.ours) {
        return None;
    }
    let real = dream.cost.map(|cost| Spent { cost, expected: false });
    let money = dream.estimate.as_ref().and_then(|estimate| estimate.money);
    let expected = money.map(|cost| Spent { cost, expected: true });
    if dream.status.is_final() {
        let never_ran =
            dream.status != DreamStatus::Completed && remote.is_some_and(|remote| remote.session.is_none());
        return real.or_else(|| if never_ran { Some(Spent::default()) } else { expected });
    }
    match (real, expected) {
        (Some(real), Some(expected)) if real.cost.high >= expected.cost.high => {
            Some(Spent { expected: true, ..real })
        }
        (real, expected) => expected.or(real),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dream::{Engine, Window};
    use crate::domain::ids::{AgentId, DreamId, SessionId};
    use crate::domain::memory::ContentHash;
    use crate::domain::remote::{BaseOrigin, RemoteDream, RemoteSession};
    use crate::domain::session::SessionFile;

    fn session(usage: Option<Usage>, bytes: u64) -> SessionMeta {
        SessionMeta {
            id: SessionId::new("sesn_01"),
            agent: AgentId::new("bot"),
            files: vec![SessionFile {
                path: "sesn_01.jsonl".to_owned(),
                bytes,
                mtime: 0,
                read_to: bytes,
                seal: None,
            }],
            title: String::new(),
            started: None,
            ended: None,
            events: 0,
            calls: 0,
            errors: 0,
            skipped: Vec::new(),
            user: None,
            segment: None,
            chain: None,
            remote: Some(RemoteSession {
                status: "idle".to_owned(),
                updated: "2026-11-20T03:00:00Z".parse().unwrap(),
                usage,
                cost: None,
                outcome: None,
                model: None,
                fetched: None,
            }),
        }
    }

    #[test]
    fn the_estimate_spans_what_the_sessions_used_and_re_reading_is_not_read_twice() {
        let usage = Usage { input: 2_000, output: 1_000, cache_read: 900_000, cache_write: 8_000 };
        let told = estimate(&[session(Some(usage), 0)], 0, "claude-opus-5", &Prices::built_in());
        // At least 6,000 read, at most 11,000.
        assert_eq!(told.tokens, Span::new(6_000 * 2 + 120, 11_000 * 7 + 1_320));
        let money = told.money.unwrap();
        assert!(money.low < money.high && money.high < Money::micros(1_000_000), "{money}");
        assert_eq!(told.prices.as_deref(), Some("2026-11-20"));
    }

    #[test]
    fn an_unknown_price_is_said_and_never_guessed() {
        let told = estimate(&[session(None, 3_800)], 380, "claude-next", &Prices::built_in());
        assert!(told.tokens.high > told.tokens.low);
        assert_eq!((told.money, told.prices), (None, None));
        assert_eq!(estimate(&[session(None, 0)], 0, "m", &Prices::none()).unknown, 1);
    }

    fn dream(status: DreamStatus, cost: Option<u64>, session: Option<&str>) -> Dream {
        let span =
            |dollars: u64| Span::new(Money::micros(dollars * 500_000), Money::micros(dollars * 1_000_000));
        Dream {
            id: DreamId::new("drm_1"),
            agent: AgentId::new("bot"),
            engine: Engine::Platform,
            status,
            started: "2026-11-20T03:00:00Z".parse().unwrap(),
            ended: None,
            window: Window::default(),
            base: ContentHash::of(b""),
            proposed: None,
            manifest: None,
            error: None,
            model: None,
            instructions: None,
            remote: Some(RemoteDream {
                profile: "default".to_owned(),
                id: "drm_1".to_owned(),
                input_store: "memstore_1".to_owned(),
                output_store: None,
                session: session.map(str::to_owned),
                sessions: Vec::new(),
                in_place: false,
                ours: true,
                archived: false,
                failure: None,
                base: BaseOrigin::Saved,
                harvested: false,
                output: crate::domain::remote::OutputStore::Kept,
            }),
            usage: None,
            estimate: Some(Estimate {
                tokens: Span::new(1, 2),
                money: Some(span(4)),
                prices: None,
                unknown: 0,
            }),
            cost: cost.map(span),
        }
    }

    #[test]
    fn a_dream_counts_for_what_it_used_and_else_for_what_was_expected() {
        let said = |status, cost, session| spent_on(&dream(status, cost, session)).unwrap().to_string();
        let ran = Some("sesn_1");
        assert_eq!(said(DreamStatus::Completed, Some(2), ran), "$1.00 to $2.00");
        assert_eq!(said(DreamStatus::Canceled, Some(1), ran), "$0.50 to $1.00");
        assert_eq!(said(DreamStatus::Canceled, None, ran), "~$2.00 to $4.00", "nobody says what it used");
        assert_eq!(said(DreamStatus::Canceled, None, None), "$0.00", "it never ran");
        assert_eq!(said(DreamStatus::Failed, None, ran), "~$2.00 to $4.00");
        assert_eq!(said(DreamStatus::Running, Some(1), ran), "~$2.00 to $4.00", "it may still cost that");
        assert_eq!(said(DreamStatus::Running, Some(6), ran), "~$3.00 to $6.00");
        let mut of_others = dream(DreamStatus::Completed, Some(2), ran);
        of_others.remote.as_mut().unwrap().ours = false;
        assert_eq!(spent_on(&of_others), None);
        let mut at_work = of_others.clone();
        at_work.status = DreamStatus::Running;
        let told: Vec<String> =
            all_spent_by_others([&of_others, &at_work]).iter().map(|(_, spent)| spent.to_string()).collect();
        assert_eq!(told, ["$1.00 to $2.00", "~$1.00 to $2.00"]);
        let dreams = [dream(DreamStatus::Completed, Some(2), ran), dream(DreamStatus::Canceled, None, ran)];
        let month = |now: &str| spent_in_month(&dreams, now.parse().unwrap());
        assert_eq!(month("2026-11-30T23:00:00Z").to_string(), "~$3.00 to $6.00");
        assert!(month("2026-12-01T00:00:00Z").is_nothing());
    }

    #[test]
    fn caps_hold_by_the_upper_bound() {
        let dollars = |text: &str| Money::parse_dollars(text);
        let told = |money: Option<Span<Money>>| Estimate {
            tokens: Span::new(1, 2),
            money,
            prices: None,
            unknown: 0,
        };
        let two = told(Some(Span::new(Money::NONE, Money::micros(2_000_000))));
        let spent = Money::micros(9_000_000);
        assert_eq!(check("m", &two, Caps::default(), spent), Ok(()));
        let pass = Caps { pass: dollars("1.99"), month: None };
        assert!(check("m", &two, pass, Money::NONE).unwrap_err().to_string().contains("$1.99"));
        assert_eq!(check("m", &two, Caps { pass: dollars("2"), month: dollars("11") }, spent), Ok(()));
        let month = Caps { pass: None, month: dollars("10.99") };
        assert!(matches!(check("m", &two, month, spent), Err(OverCap::Month { .. })));
        assert!(matches!(check("m", &told(None), month, spent), Err(OverCap::Unpriced { .. })));
        assert_eq!(check("m", &told(None), Caps::default(), spent), Ok(()));
    }
}
