//! The audit trail, in words.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use super::{World, failure};
use crate::app::data::{AuditEntry, AuditView, Exported, Failure};
use crate::domain::ids::{AgentId, LessonId};
use crate::domain::memory::{ContentHash, DocPath};
use crate::store::{AuditQuery, Reader, Record, StoreError};

/// Entries read at most.
const MOST: usize = 1_000;

impl World {
    /// Entries that match the words, newest first, and whether the chain of hashes holds.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn audit(&self, words: &str) -> Result<AuditView, Failure> {
        self.read(|reader| {
            let mut found = found(reader, words)?;
            let more = found.len() > MOST;
            found.truncate(MOST);
            let entries = found.into_iter().map(|(record, statement)| entry(record, statement.as_deref()));
            let entries = entries.collect();
            let broken = reader.audit_verify()?.map(|found| format!("entry {}: {}", found.seq, found.reason));
            Ok::<_, StoreError>(AuditView { entries, more, broken })
        })
        .map_err(failure)
    }
}

impl World {
    /// Every entry that matches the words as a line of JSON, oldest first, with the fields of
    /// `wakeful audit --json`: in a new file, or as text.
    ///
    /// # Errors
    /// When the cache fails, or the file is there already or can't be written.
    pub fn export_audit(&self, words: &str, file: Option<&str>) -> Result<Exported, Failure> {
        let records = self.read(|reader| found(reader, words)).map_err(failure)?;
        let lines: Vec<String> = records.iter().rev().map(|(record, _)| json(record).to_string()).collect();
        let mut text = lines.join("\n");
        text.push('\n');
        let Some(name) = file else { return Ok(Exported::Text(text)) };
        let path = match (name.strip_prefix("~/"), std::env::home_dir()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(name),
        };
        let written = fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            // Where a name alone leads depends on where the program was started.
            Ok(()) => {
                let whole = std::path::absolute(&path).unwrap_or(path);
                Ok(Exported::File(lines.len(), whole.display().to_string()))
            }
            Err(error) => Err(Failure::new(
                format!("The audit trail was not written to {}: {error}", path.display()),
                "Name another file; nothing that is there is written over",
            )),
        }
    }
}

/// Entries in which each of the words stands somewhere, newest first, with the statement of their first lesson.
/// Words are looked for in what a row shows: who did what, to which lesson, where, and why.
fn found(reader: &Reader, words: &str) -> Result<Vec<(Record, Option<String>)>, StoreError> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    // Without words only what is shown is read, and one more to know that there are more.
    let limit = words.is_empty().then(|| MOST as u32 + 1);
    // A trail repeats its lessons.
    let mut known: HashMap<LessonId, Option<String>> = HashMap::new();
    let mut found = Vec::new();
    for record in reader.audit(&AuditQuery { limit, ..AuditQuery::default() })? {
        // As proposed: what a reviewer made of it later was not what an earlier entry is about.
        let statement = match record.entry.lessons.first() {
            None => None,
            Some(id) => match known.get(id) {
                Some(statement) => statement.clone(),
                None => {
                    let statement = reader.proposed_statement(id)?;
                    known.insert(id.clone(), statement.clone());
                    statement
                }
            },
        };
        if words.is_empty() || matches(&record, statement.as_deref(), &words) {
            found.push((record, statement));
        }
    }
    Ok(found)
}

fn matches(record: &Record, statement: Option<&str>, words: &[String]) -> bool {
    let entry = &record.entry;
    let path = entry.path.as_ref().map(DocPath::as_str);
    let agent = entry.agent.as_ref().map(AgentId::as_str);
    let told = [Some(&*entry.author), Some(&*entry.action), statement, path, agent, entry.note.as_deref()];
    let told: Vec<String> = told.into_iter().flatten().map(str::to_lowercase).collect();
    words.iter().all(|word| told.iter().any(|text| text.contains(word.as_str())))
}

fn json(record: &Record) -> serde_json::Value {
    let entry = &record.entry;
    serde_json::json!({
        "seq": record.seq,
        "at": record.at,
        "author": entry.author,
        "action": entry.action,
        "agent": entry.agent.as_ref().map(ToString::to_string),
        "lessons": entry.lessons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "apply": entry.apply.as_ref().map(ToString::to_string),
        "path": entry.path.as_ref().map(ToString::to_string),
        "before": entry.before.map(|hash| hash.to_string()),
        "after": entry.after.map(|hash| hash.to_string()),
        "note": entry.note,
        "hash": record.hash.to_string(),
    })
}

fn entry(record: Record, statement: Option<&str>) -> AuditEntry {
    let entry = record.entry;
    let mut parts = Vec::new();
    if let Some(path) = &entry.path {
        let hash = |hash: Option<ContentHash>| {
            hash.map_or_else(|| "nothing".to_owned(), |hash| hash.to_string().chars().take(8).collect())
        };
        parts.push(format!("{path} {} → {}", hash(entry.before), hash(entry.after)));
    }
    match (statement, entry.lessons.len()) {
        (Some(statement), 1) => parts.push(format!("“{statement}”")),
        (Some(statement), more) => parts.push(format!("“{statement}” and {} more", more - 1)),
        (None, 0) => {}
        (None, count) => parts.push(format!("{count} lessons")),
    }
    parts.extend(entry.note);
    if parts.is_empty() {
        parts.extend(entry.agent.as_ref().map(ToString::to_string));
    }
    let subject = entry.lessons.first().map(ToString::to_string).or(entry.path.map(|path| path.to_string()));
    AuditEntry {
        sequence: record.seq,
        at: record.at,
        by: entry.author,
        action: entry.action,
        subject: subject.unwrap_or_default(),
        text: parts.join(" · "),
    }
}
