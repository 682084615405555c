//! The audit trail, in words.

use std::collections::BTreeMap;

use super::{World, failure};
use crate::app::data::{AuditEntry, AuditView, Failure};
use crate::domain::memory::ContentHash;
use crate::store::{AuditQuery, Record, StoreError};

/// Entries read at most.
const MOST: u32 = 1_000;

impl World {
    /// Entries that match the words, newest first, and whether the chain of hashes holds.
    ///
    /// # Errors
    /// When the cache fails.
    pub fn audit(&self, words: &str) -> Result<AuditView, Failure> {
        self.read(|reader| {
            let ask = |query: AuditQuery| reader.audit(&AuditQuery { limit: Some(MOST), ..query });
            let mut records: BTreeMap<u64, Record> = BTreeMap::new();
            let text = Some(words.trim().to_owned()).filter(|text| !text.is_empty());
            // Words are looked for in who, where and notes; one word may also be what was done.
            let by_action = text.clone().filter(|text| !text.contains(' '));
            let mut found = ask(AuditQuery { text, ..AuditQuery::default() })?;
            if let Some(action) = by_action {
                found.extend(ask(AuditQuery { action: Some(action), ..AuditQuery::default() })?);
            }
            let more = found.len() >= MOST as usize;
            records.extend(found.into_iter().map(|record| (record.seq, record)));
            let lessons = Self::statements(reader)?;
            let entries = records
                .into_values()
                .rev()
                .map(|record| {
                    let statement = record.entry.lessons.first().and_then(|id| lessons.get(id));
                    entry(record, statement.map(|lesson| lesson.statement.as_str()))
                })
                .collect();
            let broken = reader.audit_verify()?.map(|found| format!("entry {}: {}", found.seq, found.reason));
            Ok::<_, StoreError>(AuditView { entries, more, broken })
        })
        .map_err(failure)
    }
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
