//! Memory folders on disk: reading them safely and writing single documents on condition.
//!
//! Owns: which files are documents, that nothing outside the folder is ever read or written, and that
//! a document is at every moment either as it was or as it shall be. Must not know: agents or sources.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::domain::memory::{ContentHash, DocPath};
use crate::domain::quick;
use crate::domain::session::Skipped;

use super::swap::{self, Prepared, Swapped, hash_of};
use super::{MemoryRead, ProtectedDoc, WriteError};

/// Largest document that is read.
pub const LARGEST: u64 = 1 << 20;

/// Folders below folders that are followed.
const DEEPEST: usize = 16;

/// Documents read from one folder.
const MOST: usize = 10_000;

/// Why a document with a name that starts with a dot is refused.
pub(super) const HIDDEN: &str = "hidden files are not memory documents";

/// Names of temporary files start and end so; being hidden, they are never taken for documents.
const TEMPORARY: (&str, &str) = (".wakeful-", ".tmp");

/// Reads all documents of a folder. A folder that does not exist is an empty memory.
///
/// # Errors
/// When the folder is there but can't be listed.
pub fn read_folder(root: &Path) -> io::Result<MemoryRead> {
    quick::may_take_long("reading a memory");
    let mut read = MemoryRead::default();
    match fs::metadata(root) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(read),
        Err(error) => return Err(error),
    }
    visit(root, "", 0, &mut read)?;
    Ok(read)
}

fn visit(folder: &Path, prefix: &str, depth: usize, read: &mut MemoryRead) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let shown = format!("{prefix}{}", name.to_string_lossy());
        if shown.len() > prefix.len() && name.to_string_lossy().starts_with('.') {
            continue;
        }
        let outcome = entry.file_type().map_err(|error| error.to_string()).and_then(|kind| {
            if kind.is_symlink() {
                Err("it is a symbolic link, which could lead out of the memory folder".to_owned())
            } else if kind.is_dir() {
                if depth == DEEPEST {
                    return Err("it lies too deep".to_owned());
                }
                visit(&entry.path(), &format!("{shown}/"), depth + 1, read).map_err(|error| error.to_string())
            } else if kind.is_file() {
                let path = name.to_str().ok_or("its name is not UTF-8").map(|_| DocPath::new(&shown));
                let path = path?.map_err(|bad| bad.reason.to_owned())?;
                if read.snapshot.len() == MOST {
                    return Err(format!("only the first {MOST} documents are read"));
                }
                let text = read_document(&entry.path())?;
                read.snapshot.insert(path, text);
                Ok(())
            } else {
                Err("it is not a file".to_owned())
            }
        });
        if let Err(reason) = outcome {
            let bytes = entry.metadata().map_or(0, |found| found.len());
            read.skipped.push(Skipped { file: shown, offset: 0, bytes, reason });
        }
    }
    Ok(())
}

/// Reads one document; `Err` says in words why it is none.
pub fn read_document(path: &Path) -> Result<String, String> {
    quick::may_take_long("reading a memory");
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err("it is larger than 1 MB".to_owned());
    }
    if bytes.contains(&0) {
        return Err("it is not text".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Reads documents that people wrote, for comparison. Those that can't be read are left out: they may
/// belong to a project that is not on this machine.
#[must_use]
pub fn read_protected(paths: &[String]) -> Vec<ProtectedDoc> {
    let read =
        |path: &String| Some(ProtectedDoc { path: path.clone(), text: read_document(Path::new(path)).ok()? });
    paths.iter().filter_map(read).collect()
}

/// Writes one document on condition; see [`super::Source::write`].
///
/// # Errors
/// As there. Whatever goes wrong, the document is either as it was or as it shall be.
pub fn write_document(
    root: &Path,
    path: &DocPath,
    expected: Option<ContentHash>,
    content: Option<&str>,
) -> Result<(), WriteError> {
    let failed = |error| WriteError::Io { path: path.clone(), error };
    let target = root.join(path.relative());
    refuse_links(root, path)?;
    let wanted = content.map(|text| ContentHash::of(text.as_bytes()));
    // Also where nothing is left to write: what a kill left behind lies beside the document it was for.
    remove_leftovers(target.parent().unwrap_or(root));
    swap::recover(&target, expected, wanted).map_err(failed)?;
    let found = hash_of(&target).map_err(failed)?;
    // Where names that differ only in case, or in how an accent is spelled, are one: what answers to this name is
    // another document. Taken for this one, it would be deleted as the old half of a rename.
    let another = content.is_some() && found.is_some() && !is_listed(root, path).map_err(failed)?;
    if found == wanted && !another {
        return Ok(());
    }
    if found != expected || another {
        return Err(WriteError::Changed { path: path.clone(), found });
    }
    let folder = target.parent().unwrap_or(root);
    let Some(text) = content else {
        // There is a text, or there would be nothing to remove.
        let Some(expected) = expected else { return Ok(()) };
        done(path, swap::remove(&target, expected, &mut || {}).map_err(failed)?)?;
        sync_folder(folder).map_err(failed)?;
        return remove_empty(root, folder).map_err(failed);
    };
    replace(root, folder, &target, path, expected, text)
}

fn done(path: &DocPath, swapped: Swapped) -> Result<(), WriteError> {
    match swapped {
        Swapped::Done => Ok(()),
        Swapped::Changed(found) => Err(WriteError::Changed { path: path.clone(), found }),
    }
}

fn replace(
    root: &Path,
    folder: &Path,
    target: &Path,
    path: &DocPath,
    expected: Option<ContentHash>,
    text: &str,
) -> Result<(), WriteError> {
    let failed = |error| WriteError::Io { path: path.clone(), error };
    create_folders(root, folder).map_err(failed)?;
    let mut temporary = temporary_in(folder).map_err(failed)?;
    temporary.write_all(text.as_bytes()).map_err(failed)?;
    if let Ok(before) = fs::metadata(target) {
        temporary.as_file().set_permissions(before.permissions()).map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    let Some(expected) = expected else {
        // Never replaces what has just come to be.
        temporary.persist_noclobber(target).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => {
                WriteError::Changed { path: path.clone(), found: hash_of(target).ok().flatten() }
            }
            _ => failed(error.error),
        })?;
        return sync_folder(folder).map_err(failed);
    };
    let waiting = swap::waiting_name(target);
    temporary.persist(&waiting).map_err(|error| failed(error.error))?;
    // From here on a kill may leave the text that stood there under that name.
    sync_folder(folder).map_err(failed)?;
    let wanted = ContentHash::of(text.as_bytes());
    let prepared = Prepared { target, text: waiting, wanted, expected };
    done(path, swap::replace(&prepared, &mut || {}).map_err(failed)?)?;
    sync_folder(folder).map_err(failed)
}

/// Refuses paths that pass through a symbolic link or a file, which could lead out of the folder.
fn refuse_links(root: &Path, path: &DocPath) -> Result<(), WriteError> {
    let refused = |reason| Err(WriteError::Refused { path: path.clone(), reason });
    let mut at = root.to_path_buf();
    let parts: Vec<&str> = path.relative().split('/').collect();
    if parts.iter().any(|part| part.starts_with('.')) {
        return refused(HIDDEN);
    }
    for (index, part) in parts.iter().enumerate() {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(found) if found.is_symlink() => return refused("it lies behind a symbolic link"),
            Ok(found) if index + 1 < parts.len() && !found.is_dir() => {
                return refused("a file stands where its folder should be");
            }
            Ok(found) if index + 1 == parts.len() && !found.is_file() => {
                return refused("a folder stands in its place");
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(WriteError::Io { path: path.clone(), error }),
        }
    }
    Ok(())
}

/// Whether a path stands in the listing of its folder, letter by letter, and that folder in its own.
fn is_listed(root: &Path, path: &DocPath) -> io::Result<bool> {
    let mut at = root.to_path_buf();
    for part in path.relative().split('/') {
        if !fs::read_dir(&at)?.flatten().any(|entry| entry.file_name() == part) {
            return Ok(false);
        }
        at.push(part);
    }
    Ok(true)
}

/// Creates the folders down to `folder` and makes each one durable in its parent. The memory folder itself may not
/// exist yet, but nothing above it is made: where its place is gone, so is the memory, and a new one would hide that.
fn create_folders(root: &Path, folder: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> = folder.ancestors().take_while(|at| *at != root && !at.is_dir()).collect();
    if !root.is_dir() {
        missing.push(root);
    }
    for created in missing.into_iter().rev() {
        match fs::create_dir(created) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if let Some(parent) = created.parent() {
            sync_folder(parent)?;
        }
    }
    Ok(())
}

/// Removes the temporary files that a killed process left behind. Each is locked as long as its writer
/// lives, so that one in use is never taken away, not even from a wakeful with another cache.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let ours = name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1);
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let abandoned = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if ours && is_file && abandoned() {
            // Left over once more is no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    #[cfg(unix)]
    {
        // As an editor would create it; the user's mask still applies.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(folder)?;
    match temporary.as_file().lock() {
        // File systems without locks can do without: only one process of a cache applies at a time.
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(temporary),
    }
}

/// Removes a memory folder that holds nothing but what a killed process may have left of its own.
///
/// # Errors
/// When it is empty and can't be removed.
pub fn remove_if_empty(folder: &Path) -> io::Result<()> {
    remove_leftovers(folder);
    match fs::remove_dir(folder) {
        Ok(()) => folder.parent().map_or(Ok(()), sync_folder),
        Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn remove_empty(root: &Path, folder: &Path) -> io::Result<()> {
    let mut at = folder;
    while at != root && at.starts_with(root) {
        match fs::remove_dir(at) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let Some(parent) = at.parent() else { return Ok(()) };
        sync_folder(parent)?;
        at = parent;
    }
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as where folders can be synced")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_listed_letter_by_letter_in_every_folder() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("Notes")).unwrap();
        fs::write(root.path().join("Notes/Git.md"), "x").unwrap();
        let listed = |path: &str| is_listed(root.path(), &DocPath::new(path).unwrap()).unwrap();
        assert!(listed("Notes/Git.md"));
        assert!(!listed("Notes/git.md") && !listed("notes/Git.md"));
    }
}
