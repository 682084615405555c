//! What the platform says when it refuses.
//!
//! Owns: the error envelope and the kinds of refusal. Must not know: which rule was broken.

use serde_json::{Map, Value, json};

/// A refusal: an HTTP status with an error envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// `error.type`.
    pub kind: String,
    /// `error.message`.
    pub message: String,
    /// Further keys of `error`.
    pub more: Map<String, Value>,
}

impl Failure {
    /// A refusal of any kind.
    pub fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        Self { status, kind: kind.to_owned(), message: message.into(), more: Map::new() }
    }

    /// 400: the request itself is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 404: there is no such thing.
    pub fn missing(what: &str) -> Self {
        Self::new(404, "not_found_error", format!("{what} was not found."))
    }

    /// 409: the state of something forbids it.
    pub fn conflict(message: &str) -> Self {
        Self::new(409, "conflict_error", message)
    }

    /// 409: the stored content is not what the caller named.
    pub fn precondition() -> Self {
        Self::new(409, "memory_precondition_failed_error", "content_sha256 does not match")
    }

    /// 409: the path is taken.
    pub fn path_taken(memory: &str, path: &str) -> Self {
        let mut failure = Self::new(409, "memory_path_conflict_error", "path is occupied");
        failure.more.insert("conflicting_memory_id".to_owned(), memory.into());
        failure.more.insert("conflicting_path".to_owned(), path.into());
        failure
    }

    /// The usual envelope of a status, as a fault has it.
    pub fn of_status(status: u16) -> Self {
        let (kind, message) = match status {
            400 => ("invalid_request_error", "the request is not valid"),
            401 => ("authentication_error", "invalid credentials"),
            402 => ("billing_error", "the account can't be billed"),
            403 => ("permission_error", "this key may not do that"),
            404 => ("not_found_error", "it was not found."),
            409 => ("conflict_error", "its state does not allow that"),
            413 => ("request_too_large", "the request is too large"),
            429 => ("rate_limit_error", "Number of requests has exceeded your limit"),
            504 => ("timeout_error", "the request timed out"),
            529 => ("overloaded_error", "Overloaded"),
            _ => ("api_error", "Internal server error"),
        };
        Self::new(status, kind, message)
    }

    /// With `error.details.error_code`.
    #[must_use]
    pub fn coded(mut self, code: &str) -> Self {
        self.more.insert("details".to_owned(), json!({ "error_code": code }));
        self
    }

    /// The envelope.
    pub fn body(&self, request: &str) -> Value {
        let mut error = self.more.clone();
        error.insert("type".to_owned(), self.kind.as_str().into());
        error.insert("message".to_owned(), self.message.as_str().into());
        json!({ "type": "error", "error": error, "request_id": request })
    }
}
