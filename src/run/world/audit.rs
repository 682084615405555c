//! The audit trail, in words.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use super::{World, failure};
use crate::app::data::{AuditEntry, AuditView, Exported, Failure};
use crate::domain::memory::ContentHash;
use crate::store::{AuditQuery, Reader, Record, StoreError};

/// Entries read at most.
const MOST: u32 = 1_000;

impl World {
    /// Entries that match the words, newest first, and whether the chain of hashes holds.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn audit(&self, words: &str) -> Result<AuditView, Failure> {
        self.read(|reader| {
            let records = found(reader, words, Some(MOST))?;
            let more = records.len() >= MOST as usize;
            let entries = records
                .into_values()
                .rev()
                .map(|record| {
                    // As proposed: what a reviewer made of it later was not what an earlier entry is about.
                    let first = record.entry.lessons.first();
                    let statement = first.map(|id| reader.proposed_statement(id)).transpose()?.flatten();
                    Ok(entry(record, statement.as_deref()))
                })
                .collect::<Result<_, StoreError>>()?;
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
        let records = self.read(|reader| found(reader, words, None)).map_err(failure)?;
        let lines: Vec<String> = records.values().map(|record| json(record).to_string()).collect();
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

/// Entries that match the words, by their place in the trail.
fn found(reader: &Reader, words: &str, limit: Option<u32>) -> Result<BTreeMap<u64, Record>, StoreError> {
    let ask = |query: AuditQuery| reader.audit(&AuditQuery { limit, ..query });
    let text = Some(words.trim().to_owned()).filter(|text| !text.is_empty());
    // Words are looked for in who, where and notes; one word may also be what was done.
    let by_action = text.clone().filter(|text| !text.contains(' '));
    let mut found = ask(AuditQuery { text, ..AuditQuery::default() })?;
    if let Some(action) = by_action {
        found.extend(ask(AuditQuery { action: Some(action), ..AuditQuery::default() })?);
    }
    Ok(found.into_iter().map(|record| (record.seq, record)).collect())
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
