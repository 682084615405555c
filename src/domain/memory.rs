//! Memory: documents at paths, and a snapshot of all of them at one moment.
//!
//! Owns: path rules, content hashes, snapshots. Must not know: files, stores, or Markdown.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Path of a document inside a memory store, always absolute and with forward slashes: `/notes/git.md`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocPath(Arc<str>);

/// Why a path can't name a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} can't be a memory path: {reason}")]
pub struct BadPath {
    /// The text that was refused.
    pub path: String,
    /// What is wrong with it, in words.
    pub reason: &'static str,
}

impl DocPath {
    /// Checks and normalises a path. A missing leading slash is added; nothing else is changed.
    ///
    /// # Errors
    /// Refuses empty names, `.` and `..` parts, empty parts, backslashes and control characters, and
    /// paths over 1,024 bytes: each could escape the memory folder or disguise itself on a screen.
    pub fn new(path: &str) -> Result<Self, BadPath> {
        let fail = |reason| Err(BadPath { path: path.chars().take(200).collect(), reason });
        let trimmed = path.strip_prefix('/').unwrap_or(path);
        if trimmed.is_empty() {
            return fail("it is empty");
        }
        if path.len() > 1024 {
            return fail("it is longer than 1,024 bytes");
        }
        if path.contains('\\') {
            return fail("it has a backslash");
        }
        if path.chars().any(|c| c.is_control() || super::text::is_deceptive(c)) {
            return fail("it has a control or invisible character");
        }
        for part in trimmed.split('/') {
            match part {
                "" => return fail("it has an empty part"),
                "." | ".." => return fail("it has a `.` or `..` part"),
                _ => {}
            }
        }
        Ok(Self(Arc::from(format!("/{trimmed}"))))
    }

    /// The path with its leading slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without its leading slash, for joining to a folder.
    #[must_use]
    pub fn relative(&self) -> &str {
        self.0.strip_prefix('/').unwrap_or(&self.0)
    }

    /// Last part of the path: `git.md`.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Whether the document is Markdown, judged by its name.
    #[must_use]
    pub fn is_markdown(&self) -> bool {
        let ending = self.file_name().rsplit_once('.').map_or("", |(_, ending)| ending);
        ["md", "markdown", "mdx"].iter().any(|markdown| ending.eq_ignore_ascii_case(markdown))
    }
}

impl fmt::Display for DocPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DocPath {
    type Error = BadPath;
    fn try_from(path: String) -> Result<Self, BadPath> {
        Self::new(&path)
    }
}

impl From<DocPath> for String {
    fn from(path: DocPath) -> Self {
        path.0.to_string()
    }
}

/// SHA-256 of a document's bytes, or of a whole snapshot; printed as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hash of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 hex digits; anything else is `None`.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let bytes = hex.as_bytes();
        if bytes.len() != 64 || !bytes.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut out = [0; 32];
        for (slot, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(out))
    }
}

impl TryFrom<String> for ContentHash {
    type Error = &'static str;
    fn try_from(hex: String) -> Result<Self, Self::Error> {
        Self::parse(&hex).ok_or("not 64 hex digits")
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// All documents of a memory store at one moment. Cheap to clone: texts are shared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    documents: BTreeMap<DocPath, Arc<str>>,
}

impl Snapshot {
    /// A store without documents.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a document in, replacing any at the same path.
    pub fn insert(&mut self, path: DocPath, text: impl Into<Arc<str>>) {
        self.documents.insert(path, text.into());
    }

    /// Takes a document out.
    pub fn remove(&mut self, path: &DocPath) -> Option<Arc<str>> {
        self.documents.remove(path)
    }

    /// The text of a document.
    #[must_use]
    pub fn get(&self, path: &DocPath) -> Option<&Arc<str>> {
        self.documents.get(path)
    }

    /// Documents in path order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&DocPath, &Arc<str>)> {
        self.documents.iter()
    }

    /// Paths in order.
    pub fn paths(&self) -> impl ExactSizeIterator<Item = &DocPath> {
        self.documents.keys()
    }

    /// Number of documents.
    #[must_use]
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is no document at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// Total size in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.documents.values().map(|text| text.len() as u64).sum()
    }

    /// Hash over all paths and texts; equal snapshots have equal hashes on every machine.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        let mut hash = Sha256::new();
        for (path, text) in &self.documents {
            for part in [path.as_str().as_bytes(), text.as_bytes()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        ContentHash(hash.finalize().into())
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.documents.iter()).finish()
    }
}

impl FromIterator<(DocPath, Arc<str>)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (DocPath, Arc<str>)>>(documents: I) -> Self {
        Self { documents: documents.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_could_escape_or_deceive_are_refused() {
        for bad in ["", "/", "a//b", "../x", "a/../b", "a\\b", "a\u{202e}b", "a\nb", "./a"] {
            assert!(DocPath::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(DocPath::new("notes/git.md").unwrap().as_str(), "/notes/git.md");
        assert_eq!(DocPath::new("/notes/git.md").unwrap().relative(), "notes/git.md");
    }

    #[test]
    fn a_hash_reads_back() {
        let hash = ContentHash::of(b"x");
        assert_eq!(ContentHash::parse(&hash.to_string()), Some(hash));
        assert_eq!(ContentHash::parse("zz"), None);
    }

    #[test]
    fn snapshot_hash_depends_on_path_and_text() {
        let one = |path: &str, text: &str| {
            let mut snapshot = Snapshot::new();
            snapshot.insert(DocPath::new(path).unwrap(), text);
            snapshot.hash()
        };
        assert_ne!(one("a", "bc"), one("ab", "c"));
        assert_eq!(one("a", "b"), one("/a", "b"));
    }
}
