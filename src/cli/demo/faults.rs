//! What can be made to go wrong with the platform that the demo stands in for: `429`, `timeout`, `409:3`, …
//!
//! Owns: the names of these faults and which requests each hits. Must not know: how the stand-in arranges them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::stand_in::{Fault, Rule, Running};

/// Seconds that the platform asks to wait with a 429.
const WAIT: u64 = 2;
/// A trickle: so many bytes at a time, and a pause before each.
const PIECE: usize = 2_048;
const PAUSE: Duration = Duration::from_millis(200);
/// What somebody else writes while a lesson is being written.
const MEANWHILE: &str = "# Meanwhile\n\n- Somebody else wrote this while the lesson was on its way.\n";

/// Names, and what happens then.
pub const KINDS: [(&str, &str); 14] = [
    ("429", "too many requests, wait two seconds"),
    ("500", "the platform has an error"),
    ("529", "the platform is overloaded"),
    ("401", "the key is refused"),
    ("404", "the memory store is gone"),
    ("409", "somebody else changes a memory right before each write"),
    ("timeout", "no answer comes; each request is given up after a minute"),
    ("trickle", "answers come slowly, piece by piece"),
    ("truncated", "answers end in the middle"),
    ("cut", "the connection breaks in the middle of an answer"),
    ("reset", "the connection breaks before an answer"),
    ("lost", "writes are done, and the connection breaks before the answer"),
    ("duplicate", "lists give the same page twice"),
    ("cursor", "page cursors expire while a list is read"),
];

/// Begins the name of a failure of a dream: `dream-timeout`. Any name is taken, as the platform may send new ones.
const DREAM: &str = "dream-";

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arranged {
    /// Requests: one of [`KINDS`], and how many it hits.
    Requests {
        /// Its name.
        kind: &'static str,
        /// How many; `None`: all.
        times: Option<usize>,
    },
    /// The next dream fails with a failure of this name.
    Dream(String),
}

impl Arranged {
    /// Makes it happen.
    pub fn arrange(&self, server: &Running) {
        match self {
            Self::Requests { kind, times } => {
                server.faults().add(rule(kind, *times));
            }
            Self::Dream(kind) => server.workspace().fail_next_dream(kind),
        }
    }
}

/// The rules that make a fault of requests happen.
fn rule(kind: &str, times: Option<usize>) -> Rule {
    let all = "/v1/**";
    let rule = match kind {
        "429" => Rule::on(all, Fault::Status(429, Some(WAIT))),
        "500" => Rule::on(all, Fault::Status(500, None)),
        "529" => Rule::on(all, Fault::Status(529, None)),
        "401" => Rule::on(all, Fault::Status(401, None)),
        "404" => Rule::on("/v1/memory_stores/**", Fault::Status(404, None)),
        "409" => Rule::on("/v1/memory_stores/*/memories/**", Fault::Interfere(MEANWHILE.to_owned()))
            .method("POST")
            .method("DELETE"),
        "timeout" => Rule::on(all, Fault::Silence),
        "trickle" => Rule::on(all, Fault::Trickle(PIECE, PAUSE)),
        "truncated" => Rule::on(all, Fault::TruncatedJson).method("GET"),
        "cut" => Rule::on(all, Fault::CutOff).method("GET"),
        "reset" => Rule::on(all, Fault::ResetBefore),
        "lost" => Rule::on(all, Fault::ResetAfter).method("POST").method("DELETE"),
        "duplicate" => Rule::on(all, Fault::DuplicatePage).method("GET"),
        _ => Rule::on(all, Fault::ExpireCursors).method("GET"),
    };
    match times {
        Some(times) => rule.times(times),
        None => rule.always(),
    }
}

impl FromStr for Arranged {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(kind) = text.trim().strip_prefix(DREAM).filter(|kind| !kind.is_empty()) {
            return Ok(Self::Dream(kind.to_owned()));
        }
        let (name, times) = match text.split_once(':') {
            Some((name, times)) => (name, Some(times)),
            None => (text, None),
        };
        let kind = KINDS.iter().find(|(kind, _)| *kind == name.trim()).map(|(kind, _)| *kind);
        let kind = kind.ok_or_else(|| {
            let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            format!("there is no such fault; there are {}, and {DREAM}timeout and its like", kinds.join(", "))
        })?;
        let times = times.map(|times| match times.trim().parse() {
            Ok(0) | Err(_) => Err("behind the colon stands how many requests it hits: 500:3".to_owned()),
            Ok(times) => Ok(times),
        });
        Ok(Self::Requests { kind, times: times.transpose()? })
    }
}

/// What happens now, in words.
impl fmt::Display for Arranged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, times) = match self {
            Self::Requests { kind, times } => (kind, times),
            Self::Dream(kind) => return write!(f, "the next dream fails with {kind}"),
        };
        let what = KINDS.iter().find(|(known, _)| known == kind).map_or("", |(_, what)| what);
        match times {
            None => write!(f, "{what}, until further notice"),
            Some(1) => write!(f, "{what}, with the next request"),
            Some(times) => write!(f, "{what}, with the next {times} requests"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_named_with_or_without_a_number() {
        for (kind, what) in KINDS {
            let always: Arranged = kind.parse().unwrap();
            assert_eq!(always.to_string(), format!("{what}, until further notice"));
            assert_eq!(rule(kind, Some(2)), rule(kind, None).times(2), "{kind}: one count for all it hits");
        }
        assert_eq!(rule("500", Some(3)), Rule::on("/v1/**", Fault::Status(500, None)).times(3));
        let three: Arranged = "500:3".parse().unwrap();
        let dream: Arranged = "dream-brand_new".parse().unwrap();
        assert_eq!(dream.to_string(), "the next dream fails with brand_new");
        assert_eq!(three.to_string(), "the platform has an error, with the next 3 requests");
        for bad in ["501", "dream-", "500:", "500:0", "500:x", ""] {
            assert!(bad.parse::<Arranged>().is_err(), "{bad}");
        }
    }
}
