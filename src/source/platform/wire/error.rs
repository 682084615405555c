//! The envelope of an error, and what other servers put in its place.
//!
//! Owns: its fields. Must not know: requests, or what it is used for.

use serde::Deserialize;

use super::Raw;
use super::lenient::or_default;

/// What an error answer says. Everything may be missing; all texts are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorBody {
    /// `not_found_error` and others; empty where there is none.
    pub kind: String,
    /// In words that change from one day to the next.
    pub message: String,
    /// A closer word, such as `enforced_spend_limit_reached`.
    pub code: Option<String>,
    /// The memory that is in the way.
    pub conflicting_memory: Option<String>,
    /// Where it stands.
    pub conflicting_path: Option<String>,
    /// Names the request for whoever asks the provider about it.
    pub request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "or_default")]
    error: Option<Raw>,
    #[serde(deserialize_with = "or_default")]
    message: String,
    #[serde(deserialize_with = "or_default")]
    detail: String,
    #[serde(deserialize_with = "or_default")]
    request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    message: String,
    #[serde(deserialize_with = "or_default")]
    details: Details,
    #[serde(deserialize_with = "or_default")]
    conflicting_memory_id: Option<String>,
    #[serde(deserialize_with = "or_default")]
    conflicting_path: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "or_default")]
    error_code: Option<String>,
}

impl ErrorBody {
    /// Reads an error answer. What is no JSON, such as a proxy's page, becomes the message.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else {
            let message = String::from_utf8_lossy(body).into_owned();
            return Self { message, ..Self::default() };
        };
        let raw = envelope.error.as_deref().map_or("null", serde_json::value::RawValue::get);
        // Other servers send the error as one word.
        if let Ok(word) = serde_json::from_str::<String>(raw) {
            let message = [envelope.detail, envelope.message].into_iter().find(|text| !text.is_empty());
            return Self {
                message: message.unwrap_or_else(|| word.clone()),
                kind: word,
                request_id: envelope.request_id,
                ..Self::default()
            };
        }
        let fields: Fields = serde_json::from_str(raw).unwrap_or_default();
        let message = [fields.message, envelope.message, envelope.detail];
        Self {
            kind: fields.kind,
            message: message.into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
            code: fields.details.error_code,
            conflicting_memory: fields.conflicting_memory_id,
            conflicting_path: fields.conflicting_path,
            request_id: envelope.request_id,
        }
    }
}
