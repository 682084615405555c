//! What a pass records of itself, so that it can be run again and compared.
//!
//! Owns: the hash that names a pass's sessions. Must not know: how engines work.

use crate::domain::memory::ContentHash;
use crate::domain::session::SessionMeta;

/// Hash over the sessions a pass reads, in order: their ids, files and sizes.
#[must_use]
pub fn corpus<'a>(sessions: impl IntoIterator<Item = &'a SessionMeta>) -> String {
    let mut bytes = Vec::new();
    let mut part = |part: &[u8]| {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part);
    };
    for session in sessions {
        part(session.id.as_str().as_bytes());
        for file in &session.files {
            part(file.path.as_bytes());
            part(&file.read_to.to_le_bytes());
        }
    }
    ContentHash::of(&bytes).to_string()
}
