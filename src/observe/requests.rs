//! The latest requests to a platform, kept in memory for whoever looks.
//!
//! Owns: which events of the log are requests, and how many are kept. Fed by the events that also go
//! to the log file, whatever level that is set to. Must not know: who shows them.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, filter_fn};
use tracing_subscriber::layer::Context;

use super::Redact;
use super::scrub::clean;
use crate::domain::clock::Clock;
use crate::domain::request::Request;

/// Requests kept; older ones are forgotten.
const KEPT: usize = 500;

/// Keeps the latest requests. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<VecDeque<Request>>>);

impl Requests {
    /// Keeps one, and forgets the oldest beyond the limit.
    pub fn keep(&self, request: Request) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(request);
        while kept.len() > KEPT {
            kept.pop_front();
        }
    }

    /// Those kept, newest first.
    #[must_use]
    pub fn latest(&self) -> Vec<Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}

/// The part of the log that keeps requests.
pub(super) struct Keeper {
    pub requests: Requests,
    pub clock: Arc<dyn Clock>,
    pub redact: Redact,
}

/// Events that are requests: they come from a source, and say how long something took.
pub(super) fn only_requests() -> FilterFn<impl Fn(&Metadata<'_>) -> bool + Clone> {
    filter_fn(|metadata: &Metadata<'_>| {
        metadata.is_event()
            && metadata.target().starts_with("wakeful::source")
            && metadata.fields().field("ms").is_some()
    })
    .with_max_level_hint(LevelFilter::DEBUG)
}

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let safe = |text: String| clean(&text, self.redact);
        self.requests.keep(Request {
            at: self.clock.now(),
            what: safe(fields.at),
            status: fields.status,
            millis: fields.millis,
            id: fields.id.filter(|id| id != "none").map(safe),
            problem: fields.problem.map(safe),
        });
    }
}

#[derive(Default)]
struct Fields {
    at: String,
    status: Option<u16>,
    millis: u64,
    id: Option<String>,
    problem: Option<String>,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "status" => self.status = u16::try_from(value).ok(),
            "ms" => self.millis = value,
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request" {
            self.id = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = || fmt::format(format_args!("{value:?}"));
        match field.name() {
            "at" => self.at = text(),
            "error" => self.problem = Some(text()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::domain::clock::FixedClock;

    fn redact(text: &str) -> Cow<'_, str> {
        Cow::Owned(text.replace("sk-secret", "[masked]"))
    }

    /// What is kept of everything that happens meanwhile.
    fn kept(happens: impl FnOnce()) -> Vec<Request> {
        let requests = Requests::default();
        let clock = Arc::new(FixedClock::new("2026-03-03T09:41:00Z".parse().unwrap()));
        let keeper = Keeper { requests: requests.clone(), clock, redact };
        let log = tracing_subscriber::registry().with(keeper.with_filter(only_requests()));
        tracing::subscriber::with_default(log, happens);
        requests.latest()
    }

    const TARGET: &str = "wakeful::source::platform::client";

    #[test]
    fn a_request_is_kept_whole_and_without_secrets() {
        let kept = kept(|| {
            tracing::debug!(target: TARGET, at = %"GET /v1/agents", status = 200_u64, ms = 41_u64, request = "req_1", "answered");
            let error = "it was cut off at sk-secret\u{1b}[2J";
            tracing::debug!(target: TARGET, at = %"POST /v1/dreams", ms = 30_000_u64, %error, "no answer");
        });
        let [failed, answered] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!(
            (answered.what.as_str(), answered.status, answered.millis),
            ("GET /v1/agents", Some(200), 41)
        );
        assert_eq!((answered.id.as_deref(), answered.problem.as_deref()), (Some("req_1"), None));
        assert_eq!((failed.status, failed.id.as_deref()), (None, None));
        assert_eq!(failed.problem.as_deref(), Some("it was cut off at [masked]␛[2J"));
    }

    #[test]
    fn nothing_but_requests_is_kept_and_the_oldest_go() {
        let kept = kept(|| {
            tracing::info!(target: "wakeful::sync", ms = 3_u64, "not a request");
            tracing::debug!(target: TARGET, attempt = 2_u64, "asking again");
            for ms in 0..KEPT as u64 + 7 {
                tracing::debug!(target: TARGET, at = %"GET /v1/agents", status = 200_u64, ms, "answered");
            }
        });
        assert_eq!(kept.len(), KEPT);
        assert_eq!((kept[0].millis, kept[KEPT - 1].millis), (KEPT as u64 + 6, 7));
    }
}
