//! What was asked of the stand-in.
//!
//! Owns: the record of requests, in the order in which they came. Must not know: what they mean.

use serde_json::Value;

use super::faults::matches;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// GET, POST or DELETE.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// What stands behind the question mark, as sent.
    pub query: String,
    /// What was sent with it, if that was JSON.
    pub body: Option<Value>,
    /// The status answered; 0 if the connection was broken instead.
    pub status: u16,
    /// The id of the answer, as its header and any error have it.
    pub request_id: String,
}

/// All requests so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log(pub Vec<Logged>);

impl Log {
    /// How many there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there were none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those with a method and a path; `*` stands for one part of the path, `**` for any rest.
    #[must_use]
    pub fn of(&self, method: &str, path: &str) -> Vec<&Logged> {
        self.0.iter().filter(|request| request.method == method && matches(path, &request.path)).collect()
    }

    /// How many there were with a method and a path.
    #[must_use]
    pub fn count(&self, method: &str, path: &str) -> usize {
        self.of(method, path).len()
    }
}
