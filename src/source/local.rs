//! What every source on this machine does alike: sessions and memory lie in two folders of an agent.
//!
//! Owns: which files make up a session, opening them without leaving the folder, and that reading and
//! writing stay below the root of the source an agent belongs to. Must not know: how a source finds
//! its agents, or what the files say beyond the session a sub-agent belongs to.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::Timestamp;

use crate::domain::agent::{Agent, SourceKind};
use crate::domain::ids::SessionId;
use crate::domain::memory::{ContentHash, DocPath, Snapshot};
use crate::domain::quick;
use crate::domain::session::SessionFile;
use crate::transcript::{SNIFF_BYTES, claude_code};

use super::{FoundSession, MemoryRead, ProtectedDoc, Source, SourceError, Transcript, WriteError, files};

/// Folders below a session's own that are looked through for sub-agents.
const DEEPEST: usize = 4;

/// A source whose agents have their sessions and their memory in folders below one root.
pub trait Local: Send + Sync {
    /// What kind of place it is.
    const KIND: SourceKind;

    /// The folder below which everything lies.
    fn root(&self) -> &Path;

    /// The agents found there, in a stable order.
    fn find(&self) -> Result<Vec<Agent>, SourceError>;

    /// What is wrong with the place without keeping it from being used, in words.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

fn mine<L: Local>(source: &L, agent: &Agent) -> Result<(), SourceError> {
    if source.owns(agent) { Ok(()) } else { Err(SourceError::NotMine { agent: agent.id.to_string() }) }
}

impl<L: Local> Source for L {
    fn kind(&self) -> SourceKind {
        L::KIND
    }

    fn owns(&self, agent: &Agent) -> bool {
        agent.source == L::KIND && lies_below(self.root(), agent)
    }

    fn agents(&self) -> Result<Vec<Agent>, SourceError> {
        self.find()
    }

    fn problems(&self) -> Vec<String> {
        self.remarks()
    }

    fn sessions(&self, agent: &Agent) -> Result<Vec<FoundSession>, SourceError> {
        mine(self, agent)?;
        sessions(Path::new(&agent.sessions_at))
    }

    fn open(&self, agent: &Agent, file: &str, from: u64) -> Result<Transcript, SourceError> {
        mine(self, agent)?;
        open(Path::new(&agent.sessions_at), file, from)
    }

    fn memory(&self, agent: &Agent, _: &Snapshot) -> Result<MemoryRead, SourceError> {
        mine(self, agent)?;
        files::read_folder(Path::new(&agent.memory_at))
            .map_err(|error| SourceError::Unreadable { at: agent.memory_at.clone(), error })
    }

    fn written(&self, agent: &Agent, path: &DocPath) -> Option<Timestamp> {
        let file = Path::new(&agent.memory_at).join(path.relative());
        let found = std::fs::symlink_metadata(file).ok().filter(std::fs::Metadata::is_file)?;
        Timestamp::try_from(found.modified().ok()?).ok()
    }

    fn protected(&self, agent: &Agent) -> Result<Vec<ProtectedDoc>, SourceError> {
        mine(self, agent)?;
        Ok(files::read_protected(&agent.protected))
    }

    fn write(
        &self,
        agent: &Agent,
        path: &DocPath,
        expected: Option<ContentHash>,
        content: Option<&str>,
    ) -> Result<(), WriteError> {
        if !self.owns(agent) {
            return Err(WriteError::NotMine { agent: agent.id.to_string() });
        }
        files::write_document(Path::new(&agent.memory_at), path, expected, content)
    }

    fn has_memory_place(&self, agent: &Agent) -> bool {
        Path::new(&agent.memory_at).is_dir()
    }

    fn remove_memory_place(&self, agent: &Agent) -> io::Result<()> {
        if self.owns(agent) { files::remove_if_empty(Path::new(&agent.memory_at)) } else { Ok(()) }
    }
}

/// The sessions of a folder: `<stem>.jsonl` with `<stem>/subagents/**/agent-*.jsonl`, and in the older
/// layout `agent-*.jsonl` beside the session. Nothing but the heads of the latter is read.
///
/// A folder that does not exist has no sessions.
pub fn sessions(folder: &Path) -> Result<Vec<FoundSession>, SourceError> {
    quick::may_take_long("reading sessions");
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
    quick::may_take_long("reading sessions");
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
    SessionFile { path, bytes: found.len(), mtime, read_to: 0, seal: None }
}

/// The first bytes of a file.
pub fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Opens a session file of a folder at an offset.
pub fn open(folder: &Path, file: &str, from: u64) -> Result<Transcript, SourceError> {
    quick::may_take_long("reading sessions");
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
fn lies_below(root: &Path, agent: &Agent) -> bool {
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
