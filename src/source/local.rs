//! Session files on this machine, as Claude Code and plain folders both lay them out.
//!
//! Owns: which files make up a session, and opening them without leaving the folder. Must not know:
//! which source asks, or what the files say beyond the session a sub-agent belongs to.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::domain::agent::Agent;
use crate::domain::ids::SessionId;
use crate::domain::session::SessionFile;
use crate::transcript::{SNIFF_BYTES, claude_code};

use super::{FoundSession, SourceError, Transcript};

/// Folders below a session's own that are looked through for sub-agents.
const DEEPEST: usize = 4;

/// The sessions of a folder: `<stem>.jsonl` with `<stem>/subagents/**/agent-*.jsonl`, and in the older
/// layout `agent-*.jsonl` beside the session. Nothing but the heads of the latter is read.
///
/// A folder that does not exist has no sessions.
pub fn sessions(folder: &Path) -> Result<Vec<FoundSession>, SourceError> {
    let mut sessions: BTreeMap<String, Vec<SessionFile>> = BTreeMap::new();
    let mut loose = Vec::new();
    for (name, path, found) in listed(folder)? {
        let Some(stem) = name.strip_suffix(".jsonl") else { continue };
        if !found.is_file() {
            continue;
        }
        let file = session_file(name.clone(), &found);
        match stem.strip_prefix("agent-") {
            // The client's own compaction runs: no conversation, and often huge.
            Some(rest) if rest.starts_with("acompact-") => {}
            Some(_) => loose.push((stem.to_owned(), path, file)),
            None => sessions.entry(stem.to_owned()).or_default().insert(0, file),
        }
    }
    for (stem, files) in &mut sessions {
        let below = folder.join(stem).join("subagents");
        subagents(&below, &format!("{stem}/subagents/"), 0, files)?;
    }
    for (stem, path, file) in loose {
        let parent = head(&path).ok().and_then(|head| claude_code::head(&head).session);
        match parent.and_then(|parent| sessions.get_mut(&parent)) {
            Some(files) => files.push(file),
            // Its session is gone; what it did is still worth reading.
            None => sessions.entry(stem).or_default().push(file),
        }
    }
    Ok(sessions.into_iter().map(|(stem, files)| FoundSession { id: SessionId::new(stem), files }).collect())
}

fn subagents(
    folder: &Path,
    prefix: &str,
    depth: usize,
    files: &mut Vec<SessionFile>,
) -> Result<(), SourceError> {
    for (name, path, found) in listed(folder)? {
        let wanted = name.strip_suffix(".jsonl").and_then(|stem| stem.strip_prefix("agent-"));
        if found.is_dir() && depth < DEEPEST {
            subagents(&path, &format!("{prefix}{name}/"), depth + 1, files)?;
        } else if found.is_file() && wanted.is_some_and(|id| !id.starts_with("acompact-")) {
            files.push(session_file(format!("{prefix}{name}"), &found));
        }
    }
    Ok(())
}

/// Entries with UTF-8 names, in order of name, symbolic links left out. A missing folder is empty.
pub fn listed(folder: &Path) -> Result<Vec<(String, PathBuf, Metadata)>, SourceError> {
    let failed = |error| SourceError::Unreadable { at: folder.display().to_string(), error };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(failed(error)),
    };
    let mut listed = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        // An entry that vanished between listing and looking is simply not there.
        let Ok(found) = entry.metadata() else { continue };
        if let (Ok(name), false) = (entry.file_name().into_string(), found.is_symlink()) {
            listed.push((name, entry.path(), found));
        }
    }
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(listed)
}

fn session_file(path: String, found: &Metadata) -> SessionFile {
    let since = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let mtime = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0);
    SessionFile { path, bytes: found.len(), mtime, read_to: 0 }
}

/// The first bytes of a file.
pub fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Opens a session file of a folder at an offset.
pub fn open(folder: &Path, file: &str, from: u64) -> Result<Transcript, SourceError> {
    let path = Path::new(file);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) || file.contains('\\') {
        return Err(SourceError::Outside { path: file.to_owned() });
    }
    let path = folder.join(path);
    let opened = File::open(&path).and_then(|mut opened| {
        opened.seek(SeekFrom::Start(from))?;
        Ok(opened)
    });
    match opened {
        Ok(opened) => Ok(Box::new(BufReader::with_capacity(256 << 10, opened))),
        Err(error) => Err(SourceError::Unreadable { at: path.display().to_string(), error }),
    }
}

/// Whether both folders of an agent lie below a root.
pub fn lies_below(root: &Path, agent: &Agent) -> bool {
    [&agent.sessions_at, &agent.memory_at].into_iter().all(|folder| {
        let folder = Path::new(folder);
        folder.starts_with(root) && !folder.components().any(|part| part == Component::ParentDir)
    })
}

/// The one name of a configured root, without `..` and links, so that what was found below it can be
/// told to lie below it; where there is no such folder yet, the absolute form.
pub fn absolute(root: PathBuf) -> PathBuf {
    fs::canonicalize(&root).or_else(|_| std::path::absolute(&root)).unwrap_or(root)
}
