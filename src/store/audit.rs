//! The audit trail: who did what, when; chained by hashes so that tampering shows.
//!
//! Owns: the `audit` table, the chain and its verification. Must not know: what actions mean.
//!
//! Each row's hash covers the previous row's hash and every field of the row, so a row that is
//! changed, removed or slipped in breaks the chain from there on. Rows cut off at the end show
//! because the number of the last row ever written is kept by SQLite itself.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::error::StoreError;
use super::values::{At, Hex, Json, Path};
use crate::domain::ids::{AgentId, ApplyId, LessonId};
use crate::domain::memory::{ContentHash, DocPath};

/// What is to be noted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditEntry {
    /// Who: a person, or the program itself.
    pub author: String,
    /// What: `accept`, `reject`, `write`, `dream`, …
    pub action: String,
    /// Whose memory it is about.
    pub agent: Option<AgentId>,
    /// Which lessons.
    pub lessons: Vec<LessonId>,
    /// Which apply.
    pub apply: Option<ApplyId>,
    /// Which document.
    pub path: Option<DocPath>,
    /// Hash before; `None` if there was nothing.
    pub before: Option<ContentHash>,
    /// Hash after; `None` if there is nothing any more.
    pub after: Option<ContentHash>,
    /// In words. Never holds text of lessons or sessions.
    pub note: Option<String>,
}

impl AuditEntry {
    /// An entry with nothing but who and what.
    #[must_use]
    pub fn new(author: &str, action: &str) -> Self {
        Self { author: author.to_owned(), action: action.to_owned(), ..Self::default() }
    }
}

/// A row of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Counts up from 1 without gaps.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What was noted.
    pub entry: AuditEntry,
    /// Hash over the previous hash and this row.
    pub hash: ContentHash,
}

/// Which rows to read. Empty fields don't restrict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditQuery {
    /// Only about this agent.
    pub agent: Option<AgentId>,
    /// Only about this lesson.
    pub lesson: Option<LessonId>,
    /// Only of this apply.
    pub apply: Option<ApplyId>,
    /// Only this action.
    pub action: Option<String>,
    /// Only rows in which author, path or note contain this.
    pub text: Option<String>,
    /// At most this many, the newest first.
    pub limit: Option<u32>,
}

/// Where the trail does not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// First row that is wrong or missing.
    pub seq: u64,
    /// In words.
    pub reason: String,
}

const COLUMNS: &str = "seq, at, author, action, agent, lessons, apply, path, before, after, note, hash";

/// Adds a row.
pub(super) fn append(
    connection: &Connection,
    entry: &AuditEntry,
    now: Timestamp,
) -> Result<Record, StoreError> {
    let last: Option<(u64, Hex)> = connection
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (previous, seq) = last.map_or((start(), 1), |(seq, Hex(hash))| (hash, seq + 1));
    let hash = chained(previous, seq, At(now).nanoseconds(), entry);
    connection
        .prepare_cached(&format!(
            "INSERT INTO audit ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        ))?
        .execute(params![
            seq,
            At(now),
            entry.author,
            entry.action,
            entry.agent.as_ref().map(AgentId::as_str),
            Json(&entry.lessons),
            entry.apply.as_ref().map(ApplyId::as_str),
            entry.path.as_ref().map(DocPath::as_str),
            entry.before.map(Hex),
            entry.after.map(Hex),
            entry.note,
            Hex(hash),
        ])?;
    Ok(Record { seq, at: now, entry: entry.clone(), hash })
}

/// Rows that match, the newest first.
pub(super) fn find(connection: &Connection, query: &AuditQuery) -> Result<Vec<Record>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM audit
         WHERE (?1 IS NULL OR agent = ?1)
           AND (?2 IS NULL OR EXISTS (SELECT 1 FROM json_each(lessons) WHERE value = ?2))
           AND (?3 IS NULL OR apply = ?3)
           AND (?4 IS NULL OR action = ?4)
           AND (?5 IS NULL OR instr(lower(author || ' ' || coalesce(path, '') || ' ' || coalesce(note, '')), lower(?5)))
         ORDER BY seq DESC LIMIT ?6"
    ))?;
    let rows = statement.query_map(
        params![
            query.agent.as_ref().map(AgentId::as_str),
            query.lesson.as_ref().map(LessonId::as_str),
            query.apply.as_ref().map(ApplyId::as_str),
            query.action,
            query.text,
            query.limit.map_or(-1, i64::from),
        ],
        from_row,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Follows the chain from its start; `None` if every row fits.
pub(super) fn verify(connection: &Connection) -> Result<Option<Break>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq"))?;
    let mut rows = statement.query([])?;
    let mut previous = start();
    let mut expected = 1;
    while let Some(row) = rows.next()? {
        let found: u64 = row.get(0)?;
        if found != expected {
            return Ok(Some(Break { seq: expected, reason: "the row is missing".to_owned() }));
        }
        let broken = |reason: String| Ok(Some(Break { seq: found, reason }));
        let record = match from_row(row) {
            Ok(record) => record,
            Err(error) => return broken(format!("the row can't be read: {error}")),
        };
        let hash = chained(previous, found, At(record.at).nanoseconds(), &record.entry);
        if hash != record.hash {
            return broken("its content and its hash do not fit together".to_owned());
        }
        previous = hash;
        expected += 1;
    }
    let last: Option<u64> = connection
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'audit'", [], |row| row.get(0))
        .optional()?;
    if last.is_some_and(|last| last >= expected) {
        return Ok(Some(Break { seq: expected, reason: "the row is missing, at the end".to_owned() }));
    }
    Ok(None)
}

fn start() -> ContentHash {
    ContentHash::of(b"wakeful audit 1")
}

/// Hash over the previous hash and a row. Every field is written with its length, absent ones as
/// such, so that no two different rows give the same bytes.
fn chained(previous: ContentHash, seq: u64, at: i64, entry: &AuditEntry) -> ContentHash {
    let mut bytes = Vec::with_capacity(256);
    let mut field = |value: Option<&str>| match value {
        None => bytes.push(0),
        Some(text) => {
            bytes.push(1);
            bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    };
    field(Some(&previous.to_string()));
    field(Some(&seq.to_string()));
    field(Some(&at.to_string()));
    field(Some(&entry.author));
    field(Some(&entry.action));
    field(entry.agent.as_ref().map(AgentId::as_str));
    field(Some(&entry.lessons.len().to_string()));
    for lesson in &entry.lessons {
        field(Some(lesson.as_str()));
    }
    field(entry.apply.as_ref().map(ApplyId::as_str));
    field(entry.path.as_ref().map(DocPath::as_str));
    field(entry.before.map(|hash| hash.to_string()).as_deref());
    field(entry.after.map(|hash| hash.to_string()).as_deref());
    field(entry.note.as_deref());
    ContentHash::of(&bytes)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Record> {
    let hash = |index| Ok::<_, rusqlite::Error>(row.get::<_, Option<Hex>>(index)?.map(|Hex(hash)| hash));
    Ok(Record {
        seq: row.get(0)?,
        at: row.get::<_, At>(1)?.0,
        entry: AuditEntry {
            author: row.get(2)?,
            action: row.get(3)?,
            agent: row.get::<_, Option<String>>(4)?.map(AgentId::new),
            lessons: row.get::<_, Json<_>>(5)?.0,
            apply: row.get::<_, Option<String>>(6)?.map(ApplyId::new),
            path: row.get::<_, Option<Path>>(7)?.map(|Path(path)| path),
            before: hash(8)?,
            after: hash(9)?,
            note: row.get(10)?,
        },
        hash: row.get::<_, Hex>(11)?.0,
    })
}
