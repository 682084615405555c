//! Identifiers, each its own type so that a session id can't be passed where a lesson id belongs.
//!
//! Owns: the id types and how a content-derived id is spelled. Must not know: where ids are stored.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an id that some source or the cache handed out.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as it is stored and printed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id!(
    /// One agent, unique over all sources: `<source>:<name or slug>`.
    AgentId
);
id!(
    /// One session transcript, as its source names it.
    SessionId
);
id!(
    /// One dream pass: `drm_…`.
    DreamId
);
id!(
    /// One lesson of one agent: `les_…`. The same proposal tomorrow has the same id.
    LessonId
);
id!(
    /// One journalled apply or undo: `apl_…`.
    ApplyId
);

/// The id of the one agent that is a memory shared by others.
const SHARED: &str = "shared:memory";
/// What stands between a session and its agent where sessions of several agents are named.
const OF: &str = " @ ";

impl AgentId {
    /// The memory that several agents read, as an agent.
    #[must_use]
    pub fn shared() -> Self {
        Self(SHARED.to_owned())
    }

    /// Whether it is that memory.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.0 == SHARED
    }
}

impl SessionId {
    /// A session as it is named among those of other agents. What a shared memory rests on is named so.
    #[must_use]
    pub fn with_agent(&self, agent: &AgentId) -> Self {
        Self(format!("{}{OF}{}", self.0, agent.0))
    }

    /// Whose session it is, and its name there: of a shared memory's, the agent it names; else the same.
    #[must_use]
    pub fn owned<'a>(
        agent: &'a AgentId,
        session: &'a Self,
    ) -> (std::borrow::Cow<'a, AgentId>, std::borrow::Cow<'a, Self>) {
        use std::borrow::Cow;
        match session.0.rsplit_once(OF) {
            Some((own, of)) if agent.is_shared() => {
                (Cow::Owned(AgentId::new(of)), Cow::Owned(Self::new(own)))
            }
            _ => (Cow::Borrowed(agent), Cow::Borrowed(session)),
        }
    }
}

/// Whether wakeful made an id of content ([`content_id`]): its digits are spread evenly, so its beginning
/// tells it apart.
#[must_use]
pub fn is_own(id: &str) -> bool {
    let digits = id.split_once('_').map_or("", |(_, digits)| digits);
    digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Digits of an id made of content.
const DIGITS: usize = 20;

/// SHA-256 over some parts as 64 hex digits. Parts are length-prefixed, so `["ab", "c"]` and
/// `["a", "bc"]` differ.
#[must_use]
pub fn hex_digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// A short printable id made from content: `prefix` and 20 hex digits of [`hex_digest`].
#[must_use]
pub fn content_id(prefix: &str, parts: &[&[u8]]) -> String {
    let mut digest = hex_digest(parts);
    digest.truncate(DIGITS);
    format!("{prefix}_{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_of_a_shared_memory_names_its_agent() {
        let (agent, session) = (AgentId::new("folder:bot"), SessionId::new("a @ b"));
        let named = session.with_agent(&agent);
        let shared = AgentId::shared();
        let (of, own) = SessionId::owned(&shared, &named);
        assert_eq!((of.as_ref(), own.as_ref()), (&agent, &session));
        // Elsewhere a name is a name.
        let (of, own) = SessionId::owned(&agent, &session);
        assert_eq!((of.as_ref(), own.as_ref()), (&agent, &session));
    }
}
