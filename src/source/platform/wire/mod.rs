//! The platform's objects as they travel.
//!
//! Owns: their fields, and reading them so that what is new, missing or odd spoils only itself. Must not
//! know: requests, or what any of it is used for.
//!
//! The shapes carry dates and change: unknown fields are passed over, unknown words and members of a
//! union are kept as they came, a field of the wrong form counts as absent. Texts are untrusted.

pub mod agent;
pub mod dream;
pub mod error;
pub mod event;
mod lenient;
pub mod memory;
pub mod session;
pub mod version;

pub use agent::{Agent, ModelRef};
pub use dream::{
    Dream, DreamFailure, DreamInput, DreamOutput, DreamStatus, MODEL_ID_MOST, NewDream, OutputBehavior,
    SESSIONS_MOST, Usage,
};
pub use event::{Event, EventView, StreamEvent};
pub use memory::{DeletedMemory, DeletedStore, Memory, MemoryItem, Store, View};
pub use session::{
    Access, ListCost, Mount, Outcome, Resource, Session, SessionAgent, SessionStatus, SessionUsage, Thread,
};
pub use version::{Actor, Operation, Version};

/// JSON kept as it came.
pub type Raw = Box<serde_json::value::RawValue>;

/// Makes an enum of words that may grow: what is not known is kept.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$about])* $variant,)+
            /// A word this version does not know, as it came; empty if there was none. Untrusted.
            Other(String),
        }

        impl $name {
            /// The word as it travels.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::Other(String::new())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Ok(String::deserialize(from)?.into())
            }
        }
    };
}
pub(crate) use words;
