//! One request to a platform, as it is kept for the reader: enough to ask about it, and no body, no
//! query, no key.

use jiff::Timestamp;

/// A request that was answered, or for which no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// When it ended.
    pub at: Timestamp,
    /// Method and path: `GET /v1/agents`.
    pub what: String,
    /// Status of the answer; `None`: there was none.
    pub status: Option<u16>,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// What the other side calls it, for those who ask there about it.
    pub id: Option<String>,
    /// Why there was no answer.
    pub problem: Option<String>,
}
