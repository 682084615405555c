//! What can go wrong with the platform, and what to do about it.
//!
//! Owns: telling errors apart by status, type and code (never by wording), and their words. Must not
//! know: how requests are made, or what they were for. No error holds a key, and what a server wrote is
//! shortened, masked and made safe before it comes here.

use std::fmt;
use std::time::Duration;

use super::wire::error::ErrorBody;
use crate::domain::text::SafeText;
use crate::guard::secrets;

/// Characters of a server's own words that are kept.
const WORDS: usize = 300;

/// Why a request to the platform did not give what it should.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// The settings of the profile can't be used.
    #[error("the platform profile can't be used: {reason}. Nothing was sent")]
    Settings {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// There is no key.
    #[error("there is no key for the platform: {reason}. Nothing was sent")]
    Key {
        /// Where it was looked for, and what to do.
        reason: String,
    },
    /// No connection came about. The request did not reach the server.
    #[error(
        "{at} was not reached ({reason}). No request arrived there; check the network, a proxy (HTTPS_PROXY) and base-url"
    )]
    Unreachable {
        /// What was asked for.
        at: String,
        /// What the system said.
        reason: String,
    },
    /// The other side could not prove that it is the one asked for. The request was not sent.
    #[error(
        "{at} was not asked: the certificate of the server is not trusted ({reason}). Nothing was sent, the key neither. If \
         a gateway or proxy of your own stands there, put its root certificate into ca-file of the profile; else \
         someone may be listening in"
    )]
    Untrusted {
        /// What was to be asked for.
        at: String,
        /// What is wrong with the certificate.
        reason: String,
    },
    /// The answer did not come, or broke off. Whether the server acted is not known.
    #[error("the answer to {at} did not arrive whole ({reason}); it can be asked for again")]
    Lost {
        /// What was asked for.
        at: String,
        /// How it was lost.
        reason: String,
    },
    /// The server refused.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The answer is not what this version understands.
    #[error(
        "the answer to {at} can't be understood ({reason}){}; the server may be newer than this version, or \
         base-url names something else",
        shown_id(request_id.as_deref())
    )]
    Unexpected {
        /// What was asked for.
        at: String,
        /// What is odd about it.
        reason: String,
        /// Names the request for whoever asks the provider about it.
        request_id: Option<String>,
    },
    /// A list could not be followed to its end: its place marker ran out, or led in a circle.
    #[error("the list {at} changed while it was read; what came so far is right, and reading it anew helps")]
    ListBroken {
        /// What was asked for.
        at: String,
        /// Whether the marker had run out, rather than led in a circle.
        expired: bool,
    },
    /// A file of fetched transcripts can't be written or read.
    #[error("{at} can't be used: {error}. The session on the platform is untouched")]
    File {
        /// The file.
        at: String,
        /// What the system said.
        error: std::io::Error,
    },
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The request is wrong as it is, or the object is in the wrong state for it.
    Request,
    /// The key is not accepted.
    Key,
    /// There is no credit.
    Billing,
    /// The key may not do this.
    Permission,
    /// The organization has no access to the preview.
    NotEnrolled,
    /// The request came out of a sandbox that may not make it.
    Egress,
    /// There is no such object, or it is another workspace's.
    NotFound,
    /// Something else is under way.
    Conflict,
    /// The memory is not what the request said it saw.
    Precondition,
    /// Another memory stands at that path.
    PathTaken,
    /// The request is too large.
    TooLarge,
    /// Too many requests; waiting helps.
    RateLimited,
    /// A limit on spending is reached; waiting does not help.
    SpendLimit,
    /// The server failed.
    Server,
    /// The server took too long.
    Timeout,
    /// The server has too much to do, and did not act.
    Overloaded,
    /// It points to another place, which was not followed.
    Redirected,
    /// Something this version does not know.
    Other,
}

/// A refusal by the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it means.
    pub kind: RefusalKind,
    /// What was asked for: `GET /v1/dreams`.
    pub at: String,
    /// HTTP status.
    pub status: u16,
    /// The server's word for it, such as `not_found_error`; empty where there was none.
    pub error_type: String,
    /// A closer word, such as `enforced_spend_limit_reached`.
    pub code: Option<String>,
    /// The server's own words, shortened and made safe.
    pub message: String,
    /// Names the request for whoever asks the provider about it.
    pub request_id: Option<String>,
    /// How long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The memory in the way, for [`RefusalKind::PathTaken`].
    pub conflicting_memory: Option<String>,
    /// Where that one stands.
    pub conflicting_path: Option<String>,
}

impl Refusal {
    /// Reads an error answer.
    #[must_use]
    pub fn read(
        at: String,
        status: u16,
        body: &[u8],
        request_id: Option<String>,
        retry_after: Option<Duration>,
    ) -> Self {
        let body = ErrorBody::parse(body);
        let kind = kind_of(status, &body.kind, body.code.as_deref(), retry_after.is_some());
        let word = |text: String| SafeText::line(&shortened(&text, 80)).into_string();
        Self {
            kind,
            at,
            status,
            error_type: word(body.kind),
            code: body.code.map(word),
            message: safe_words(&body.message),
            request_id: request_id.or(body.request_id).map(word),
            retry_after,
            conflicting_memory: body.conflicting_memory,
            conflicting_path: body.conflicting_path,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self.kind {
            RefusalKind::Request => "Nothing was changed. If it persists, a newer version may help",
            RefusalKind::Key => {
                "Nothing was changed. Check the key of the profile; `wakeful doctor` tells which one is used"
            }
            RefusalKind::Billing => "Nothing was changed. Add credit in the platform's console",
            RefusalKind::Permission => "Nothing was changed. Use a key of this workspace that may do this",
            RefusalKind::NotEnrolled => {
                "Nothing was changed. Ask the provider for access to the preview; reviewing memory works without"
            }
            RefusalKind::Egress => "Nothing was changed. Run wakeful outside the sandbox",
            RefusalKind::NotFound => "It was deleted, or belongs to another workspace; a sync will tell",
            RefusalKind::Conflict => {
                "Nothing was changed. Something else is under way there; try again when it has ended"
            }
            RefusalKind::Precondition => {
                "Nothing was changed. It was written by somebody else meanwhile; sync and review again"
            }
            RefusalKind::PathTaken => {
                "Nothing was changed. Another memory stands at that path; sync and review again"
            }
            RefusalKind::TooLarge => "Nothing was changed. Make the text smaller",
            RefusalKind::RateLimited => {
                "Nothing was changed. Wait a little; a later sync goes on where this one stopped"
            }
            RefusalKind::SpendLimit => {
                "Nothing was changed. Raise the limit in the platform's console, or wait until it is reset"
            }
            RefusalKind::Server | RefusalKind::Timeout | RefusalKind::Overloaded => {
                "This passes; try again in a while"
            }
            RefusalKind::Redirected => "It was not followed. Put the right address into base-url",
            RefusalKind::Other => "`wakeful doctor` checks key, address and access",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused with {}", self.at, self.status)?;
        if !self.error_type.is_empty() {
            write!(f, " {}", self.error_type)?;
        }
        if let Some(code) = &self.code {
            write!(f, " ({code})")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        f.write_str(&shown_id(self.request_id.as_deref()))?;
        if let Some(wait) = self.retry_after {
            write!(f, "; it asks to wait {} s", wait.as_secs().max(1))?;
        }
        write!(f, ". {}", self.advice())
    }
}

fn shown_id(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(" [{id}]"))
}

/// Status first, then type, then code; never the wording.
fn kind_of(status: u16, kind: &str, code: Option<&str>, may_wait: bool) -> RefusalKind {
    match (status, kind, code) {
        (_, _, Some("organization_not_enrolled_in_beta")) => RefusalKind::NotEnrolled,
        (_, _, Some("sandbox_egress_restricted")) => RefusalKind::Egress,
        (_, _, Some("enforced_spend_limit_reached" | "contract_spend_limit_reached")) => {
            RefusalKind::SpendLimit
        }
        (409 | 412, "memory_precondition_failed_error" | "precondition_failed", _) => {
            RefusalKind::Precondition
        }
        (409, "memory_path_conflict_error", _) => RefusalKind::PathTaken,
        (300..=399, ..) => RefusalKind::Redirected,
        (400 | 422, ..) => RefusalKind::Request,
        (401, ..) => RefusalKind::Key,
        (402, ..) => RefusalKind::Billing,
        (403, ..) => RefusalKind::Permission,
        (404 | 410, ..) => RefusalKind::NotFound,
        (408 | 504, ..) => RefusalKind::Timeout,
        (409, ..) => RefusalKind::Conflict,
        (412, ..) => RefusalKind::Precondition,
        (413, ..) => RefusalKind::TooLarge,
        // Without a time to wait, waiting is known not to help.
        (429, ..) if may_wait => RefusalKind::RateLimited,
        (429, ..) => RefusalKind::SpendLimit,
        (503 | 529, ..) => RefusalKind::Overloaded,
        (500..=599, ..) => RefusalKind::Server,
        _ => RefusalKind::Other,
    }
}

fn shortened(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// A server's words in the form in which they may be shown: one line, short, without secrets.
#[must_use]
pub fn safe_words(text: &str) -> String {
    // Masked before it is cut, or half a key would no longer look like one.
    let start: String = text.chars().take(16 * WORDS).collect();
    SafeText::line(&shortened(secrets::redact(start.trim()).trim(), WORDS)).into_string()
}

impl PlatformError {
    /// The refusal, if the server refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// What the refusal means, if the server refused.
    #[must_use]
    pub fn kind(&self) -> Option<RefusalKind> {
        self.refusal().map(|refusal| refusal.kind)
    }

    /// Whether there is no such object.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == Some(RefusalKind::NotFound)
    }

    /// Names the request for whoever asks the provider about it.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.request_id.as_deref(),
            Self::Unexpected { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Whether trying the same again later can help.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Lost { .. } | Self::ListBroken { .. } => true,
            Self::Refused(refusal) => matches!(
                refusal.kind,
                RefusalKind::RateLimited
                    | RefusalKind::Server
                    | RefusalKind::Timeout
                    | RefusalKind::Overloaded
            ),
            Self::Settings { .. }
            | Self::Key { .. }
            | Self::Untrusted { .. }
            | Self::Unexpected { .. }
            | Self::File { .. } => false,
        }
    }

    /// Whether the server may have done what was asked although the answer is an error: then look before
    /// asking again.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::Unexpected { .. } => true,
            Self::Refused(refusal) => matches!(refusal.kind, RefusalKind::Server | RefusalKind::Timeout),
            Self::Settings { .. }
            | Self::Key { .. }
            | Self::Unreachable { .. }
            | Self::Untrusted { .. }
            | Self::ListBroken { .. }
            | Self::File { .. } => false,
        }
    }
}
