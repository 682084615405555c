//! Files that grew since they were read: only what was appended to them is read again.
//!
//! Owns: telling a file that was appended to from one that was rewritten. Must not know: what is kept of a session.
//!
//! What stands just before the place up to which a file was read is sealed with a hash. Anything put in or taken out
//! before it moves it, so that the seal breaks and the file is read from its start. An edit that keeps every length and
//! leaves the sealed bytes alone is not noticed as long as the file keeps growing.

use std::io::{BufRead, Read};

use crate::domain::agent::Agent;
use crate::domain::memory::ContentHash;
use crate::domain::session::{Event, SessionFile};
use crate::transcript::{Report, SNIFF_BYTES};

use super::look::{read_from, sniffed};
use super::{Source, SourceError, Transcript};

/// Bytes that are sealed.
const SEALED: u64 = 16 << 10;

/// The seal of a file as far as it was read; `None` for files so short that reading them again costs nothing.
///
/// # Errors
/// When the file can't be opened or read.
pub(super) fn seal(
    source: &dyn Source,
    agent: &Agent,
    file: &SessionFile,
) -> Result<Option<ContentHash>, SourceError> {
    Ok(sealed(source, agent, file)?.map(|(hash, _)| hash))
}

/// The hash of what stands before the end of what was read, and the file opened just behind it.
fn sealed(
    source: &dyn Source,
    agent: &Agent,
    file: &SessionFile,
) -> Result<Option<(ContentHash, Transcript)>, SourceError> {
    // The format of a shorter file may yet turn out to be another.
    if file.read_to < SNIFF_BYTES as u64 {
        return Ok(None);
    }
    let failed = |error| SourceError::Unreadable { at: file.path.clone(), error };
    let mut opened = source.open(agent, &file.path, file.read_to - SEALED)?;
    let mut bytes = Vec::with_capacity(SEALED as usize);
    opened.by_ref().take(SEALED).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some((ContentHash::of(&bytes), opened)))
}

/// Reads the events of a file from where it was read to, as far as `upto`. `None`, before anything is handed out, if
/// the file is not what it was with something appended.
///
/// # Errors
/// When the file can't be opened or read.
pub fn read_on(
    source: &dyn Source,
    agent: &Agent,
    was: &SessionFile,
    upto: u64,
    sink: &mut dyn FnMut(Event<'_>),
) -> Result<Option<Report>, SourceError> {
    let Some(seal) = &was.seal else { return Ok(None) };
    let failed = |error| SourceError::Unreadable { at: was.path.clone(), error };
    let mut head: Box<dyn BufRead> = source.open(agent, &was.path, 0)?;
    let Ok((format, _)) = sniffed(&mut head, &was.path).map_err(failed)? else { return Ok(None) };
    match sealed(source, agent, was)? {
        Some((found, opened)) if found == *seal => {
            let appended = opened.take(upto.saturating_sub(was.read_to));
            read_from(format, appended, &was.path, was.read_to, sink).map(Some)
        }
        _ => Ok(None),
    }
}
