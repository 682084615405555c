//! Keeping a session's events as a file that the rest of the program reads like any transcript.
//!
//! Owns: one event a line, secrets masked before anything reaches the disk, whole or not at all, and
//! memory that does not grow with the session. Must not know: what events mean.

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use futures_util::stream::TryStreamExt;
use tempfile::NamedTempFile;

use super::client::Client;
use super::endpoints::{EventQuery, events_call};
use super::error::PlatformError;
use super::page::Place;
use super::wire::event::EventHead;
use crate::domain::session::SessionFile;
use crate::guard::secrets;

/// How often a history is read anew when its list breaks.
const ATTEMPTS: u32 = 3;

/// The name of a session's file; `None` for an id that is no plain name and could lead elsewhere.
#[must_use]
pub fn file_name(session: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (!session.is_empty() && session.len() <= 200 && session.chars().all(plain))
        .then(|| format!("{session}.jsonl"))
}

/// A fetched transcript, if it is there.
pub fn fetched(folder: &Path, session: &str) -> Option<SessionFile> {
    let name = file_name(session)?;
    let found = fs::metadata(folder.join(&name)).ok().filter(fs::Metadata::is_file)?;
    let since = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let mtime = since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0);
    Some(SessionFile { path: name, bytes: found.len(), mtime, read_to: 0, seal: None })
}

/// Fetches a session's events, and those of its sub-agents' threads, into `<folder>/<session>.jsonl`.
pub(super) async fn fetch(
    client: &Client,
    session: &str,
    folder: &Path,
) -> Result<SessionFile, PlatformError> {
    let odd = || PlatformError::Unexpected {
        at: format!("session {}", crate::domain::text::SafeText::line(session)),
        reason: "its id can't name a file".to_owned(),
        request_id: None,
    };
    let name = file_name(session).ok_or_else(odd)?;
    make_private_folder(folder).map_err(|error| at(folder, error))?;
    let mut attempt = 1;
    let temporary = loop {
        match written(client, session, folder).await {
            Err(PlatformError::ListBroken { .. }) if attempt < ATTEMPTS => attempt += 1,
            other => break other?,
        }
    };
    let target = folder.join(name);
    temporary.persist(&target).map_err(|error| at(&target, error.error))?;
    fetched(folder, session).ok_or_else(|| at(&target, std::io::ErrorKind::NotFound.into()))
}

async fn written(client: &Client, session: &str, folder: &Path) -> Result<NamedTempFile, PlatformError> {
    let mut lines = Lines::new(folder)?;
    lines.copy(client, session, None).await?;
    if lines.threads {
        let threads: Vec<String> = client
            .threads(session)
            .try_filter_map(
                |thread| async move { Ok(thread.parent_thread_id.is_some().then_some(thread.id)) },
            )
            .try_collect()
            .await?;
        for thread in threads {
            lines.copy(client, session, Some(&thread)).await?;
        }
    }
    lines.finish()
}

/// A file that is being written.
struct Lines {
    file: BufWriter<NamedTempFile>,
    folder: PathBuf,
    /// Hashes of the ids written: a page that comes twice must not count twice.
    seen: HashSet<u64>,
    hasher: RandomState,
    threads: bool,
}

impl Lines {
    fn new(folder: &Path) -> Result<Self, PlatformError> {
        // Such files are readable by their owner alone from the start.
        let file = tempfile::Builder::new().prefix(".fetching-").tempfile_in(folder);
        let file = BufWriter::with_capacity(256 << 10, file.map_err(|error| at(folder, error))?);
        let (seen, hasher) = (HashSet::new(), RandomState::new());
        Ok(Self { file, folder: folder.to_owned(), seen, hasher, threads: false })
    }

    async fn copy(
        &mut self,
        client: &Client,
        session: &str,
        thread: Option<&str>,
    ) -> Result<(), PlatformError> {
        let mut place = Place::start(events_call(session, thread, &EventQuery::default()));
        while place.advance(client, |json| self.event(json)).await? {}
        Ok(())
    }

    fn event(&mut self, json: &str) -> Result<(), PlatformError> {
        let head: EventHead = serde_json::from_str(json).unwrap_or_default();
        if !head.id.is_empty() && !self.seen.insert(self.hasher.hash_one(&head.id)) {
            return Ok(());
        }
        self.threads |= head.kind.starts_with("session.thread_");
        let mut line = masked(json);
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(|error| at(&self.folder, error))
    }

    fn finish(self) -> Result<NamedTempFile, PlatformError> {
        let folder = self.folder;
        let file = self.file.into_inner().map_err(|error| at(&folder, error.into_error()))?;
        file.as_file().sync_all().map_err(|error| at(&folder, error))?;
        Ok(file)
    }
}

fn at(path: &Path, error: std::io::Error) -> PlatformError {
    PlatformError::File { at: path.display().to_string(), error }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// JSON on one line with every secret in it masked. It stays JSON.
#[must_use]
pub fn masked(json: &str) -> String {
    let text = masked_strings(json);
    // A name and a value that belong together stand in two strings: `"password": "…"`.
    match secrets::redact(&text) {
        std::borrow::Cow::Owned(more) if serde_json::from_str::<serde::de::IgnoredAny>(&more).is_ok() => more,
        _ => text,
    }
}

/// Masks within each string as it reads, not as it is escaped; leaves out line ends between them.
fn masked_strings(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        let (before, from) = rest.split_at(start);
        out.extend(before.chars().filter(|c| !matches!(c, '\n' | '\r')));
        let (string, after) = from.split_at(string_end(from));
        match serde_json::from_str::<String>(string) {
            Ok(text) => match secrets::redact(&text) {
                std::borrow::Cow::Owned(safe) => out.push_str(&serde_json::Value::String(safe).to_string()),
                std::borrow::Cow::Borrowed(_) => out.push_str(string),
            },
            Err(_) => out.push_str(string),
        }
        rest = after;
    }
    out.extend(rest.chars().filter(|c| !matches!(c, '\n' | '\r')));
    out
}

/// Where the string that `text` starts with ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#"{"id":"a","n":1.50}"#, r#"{"id":"a","n":1.50}"#)]
    #[case("{\n  \"id\": \"a\",\r\n  \"text\": \"x\\ny\"\n}", r#"{  "id": "a",  "text": "x\ny"}"#)]
    #[case(r#"{"text":"password=\"Zx81kk20\" it is"}"#, r#"{"text":"password=\"[masked password]\" it is"}"#)]
    #[case(
        r#"{"input":{"client_secret":"Qm3x_91LpZr7Wd-0kT"}}"#,
        r#"{"input":{"client_secret":"[masked secret-value]"}}"#
    )]
    fn lines_are_masked_and_stay_json(#[case] json: &str, #[case] expected: &str) {
        let line = masked(json);
        assert_eq!(line, expected);
        assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
    }

    #[test]
    fn a_key_that_is_cut_off_does_not_swallow_the_rest() {
        let cut = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKC cut off here";
        let json = serde_json::json!({ "a": cut, "b": "after" }).to_string();
        let value: serde_json::Value = serde_json::from_str(&masked(&json)).unwrap();
        assert_eq!(value["a"], "[masked private-key]");
        assert_eq!(value["b"], "after");
    }

    #[rstest]
    #[case("sesn_01A-b", Some("sesn_01A-b.jsonl"))]
    #[case("", None)]
    #[case("../x", None)]
    #[case("a/b", None)]
    #[case("a.b", None)]
    #[case("a\u{0}", None)]
    fn only_plain_ids_name_files(#[case] session: &str, #[case] expected: Option<&str>) {
        assert_eq!(file_name(session).as_deref(), expected);
    }

    proptest! {
        #[test]
        fn any_json_stays_the_same_json_where_nothing_is_secret(text in "[ -~\n\t\"\\\\é🙂]{0,60}", key in "[a-z]{1,5}") {
            prop_assume!(secrets::find(&text).is_empty());
            let value = serde_json::json!({ "k": key, "list": [text, null, 1.5], "nested": { "t": text } });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let line = masked(&pretty);
            prop_assert!(!line.contains('\n'));
            let back: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assume!(secrets::find(&pretty).is_empty());
            prop_assert_eq!(back, value);
        }
    }
}
