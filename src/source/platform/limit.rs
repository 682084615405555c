//! How many requests run at once and how many a minute.
//!
//! Owns: waiting for a turn, and keeping everyone quiet while the server asks for it. Must not know: what
//! a request is for.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::settings::Limits;

/// Turns that are refilled steadily: a burst is possible, a stream is evened out.
#[derive(Debug)]
struct Bucket {
    per_minute: f64,
    most: f64,
    turns: f64,
    at: Instant,
}

impl Bucket {
    fn new(per_minute: u32, now: Instant) -> Self {
        let per_minute = f64::from(per_minute.max(1));
        // A quarter of a minute's turns at once; one at least.
        let most = (per_minute / 4.0).max(1.0);
        Self { per_minute, most, turns: most, at: now }
    }

    /// Takes a turn and says how long to wait for it.
    fn take(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.turns = (self.turns + passed * self.per_minute / 60.0).min(self.most) - 1.0;
        self.at = self.at.max(now);
        if self.turns >= 0.0 {
            return Duration::ZERO;
        }
        Duration::from_secs_f64(-self.turns * 60.0 / self.per_minute)
    }
}

#[derive(Debug)]
struct Turns {
    reads: Bucket,
    writes: Bucket,
    quiet_until: Option<Instant>,
}

/// Hands out turns.
#[derive(Debug)]
pub struct Limiter {
    running: Semaphore,
    turns: Mutex<Turns>,
}

impl Limiter {
    /// A limiter with these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let now = Instant::now();
        let turns = Turns {
            reads: Bucket::new(limits.reads_per_minute, now),
            writes: Bucket::new(limits.writes_per_minute, now),
            quiet_until: None,
        };
        Self { running: Semaphore::new(limits.concurrency.max(1)), turns: Mutex::new(turns) }
    }

    /// Waits for a turn. Others may run as long as what is returned is held.
    pub async fn turn(&self, writes: bool) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        let permit = self.running.acquire().await.ok();
        let wait = {
            let now = Instant::now();
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            let bucket = if writes { &mut turns.writes } else { &mut turns.reads };
            let wait = bucket.take(now);
            let quiet =
                turns.quiet_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
            wait.max(quiet)
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        permit
    }

    /// Nobody gets a turn for this long.
    pub fn keep_quiet(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.quiet_until = Some(turns.quiet_until.map_or(until, |known| known.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_a_stream_evened_out() {
        let start = Instant::now();
        let mut bucket = Bucket::new(60, start);
        let waits: Vec<u64> = (0..18).map(|_| bucket.take(start).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
        // After a pause there is another burst, but never a larger one.
        let later = start + Duration::from_mins(10);
        let free = (0..18).filter(|_| bucket.take(later).is_zero()).count();
        assert_eq!(free, 15);
    }

    #[tokio::test]
    async fn only_so_many_run_at_once() {
        use futures_util::FutureExt;

        let limiter = Limiter::new(&Limits { concurrency: 2, ..Limits::default() });
        let (one, two) = (limiter.turn(false).await, limiter.turn(true).await);
        assert!(one.is_some() && two.is_some());
        assert!(limiter.turn(false).now_or_never().is_none());
        drop(one);
        assert!(limiter.turn(false).now_or_never().is_some());
        limiter.keep_quiet(Duration::from_mins(1));
        assert!(limiter.turn(false).now_or_never().is_none(), "nobody speaks while the server wants quiet");
    }

    #[test]
    fn a_clock_that_steps_back_costs_nothing() {
        let start = Instant::now() + Duration::from_mins(1);
        let mut bucket = Bucket::new(4, start);
        assert!(bucket.take(start).is_zero());
        assert_eq!(bucket.take(start.checked_sub(Duration::from_secs(30)).unwrap()).as_secs(), 15);
    }
}
