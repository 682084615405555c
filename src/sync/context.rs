//! What applying, undoing and dreaming for one agent need.
//!
//! Owns: nothing but the list. Must not know: what is done with it.

use super::compose::Cuttings;
use crate::domain::agent::Agent;
use crate::source::Source;
use crate::store::{Reader, Writer};

/// One agent with its source, the cache, and who acts.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Whose memory.
    pub agent: &'a Agent,
    /// Where it lies.
    pub source: &'a dyn Source,
    /// The cache, to read.
    pub reader: &'a Reader,
    /// The cache, to write.
    pub writer: &'a Writer,
    /// Dreams cut into lessons before.
    pub cuttings: &'a Cuttings,
    /// Who acts, as the audit trail names them.
    pub by: &'a str,
}
