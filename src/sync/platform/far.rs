//! What everything that speaks with the platform needs.
//!
//! Owns: nothing but the list. Must not know: what is done with it.

use super::options::Options;
use crate::source::platform::Platform;
use crate::store::{Reader, Writer};

/// A profile of the platform, the cache, and what the configuration says.
#[derive(Clone, Copy)]
pub struct Far<'a> {
    /// The platform, as one profile.
    pub platform: &'a Platform,
    /// The cache, to read.
    pub reader: &'a Reader,
    /// The cache, to write.
    pub writer: &'a Writer,
    /// Prices and labels.
    pub options: &'a Options,
    /// Who acts, as the audit trail names them.
    pub by: &'a str,
}
