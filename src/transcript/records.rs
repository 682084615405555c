//! Cuts lines into records and gets over everything that is wrong with them.
//!
//! Owns: several records on one line, a record cut off with the next behind it, the unfinished end of
//! a growing file, and the bookkeeping of what was skipped. Must not know: what a record means; that
//! is the `Emit` function of a format.

use std::collections::BTreeSet;
use std::io::{self, BufRead};
use std::ops::Range;

use memchr::memmem;

use super::envelope::Envelope;
use super::lines::{LONGEST, Line, Lines};
use super::scan::{self, Bad};
use super::tree::Tree;
use super::{About, Report};
use crate::domain::session::{Event, Skipped};

/// Keys that records of the known formats start with; where one of these follows an opening brace, a
/// record may begin.
const FIRST_KEYS: [&str; 9] = [
    "parentUuid",
    "type",
    "uuid",
    "sessionId",
    "messageId",
    "leafUuid",
    "isSidechain",
    "id",
    "logicalParentUuid",
];

/// Places tried after a broken record before the rest of the line is given up. Each costs at most one
/// pass over the line.
const MOST_TRIES: usize = 64;

/// What a format has to say of its records.
#[derive(Clone, Copy)]
pub struct Parser {
    /// Turns one record into events. `Err` says why it could not be used.
    pub emit: fn(&Record<'_>, &mut Out<'_>) -> Result<(), &'static str>,
    /// Whether an object, given its fields, is a record and not a part of one.
    pub is_record: fn(&[(&str, &str)]) -> bool,
}

/// One record as it stands in the file.
#[derive(Debug)]
pub enum Record<'t> {
    /// Its fields with raw values.
    Fields {
        /// Key and raw value, in file order.
        fields: &'t [(&'t str, &'t str)],
        /// Bytes in the file.
        bytes: Range<u64>,
    },
    /// Too large to hold.
    Huge {
        /// What was gleaned in passing.
        envelope: &'t Envelope,
        /// Bytes in the file.
        bytes: Range<u64>,
    },
}

/// Where formats put what they find.
pub struct Out<'s> {
    sink: &'s mut dyn FnMut(Event<'_>),
    file: &'s str,
    unknown: BTreeSet<String>,
    tree: Tree,
    /// Whether a record was read since the last stretch that was skipped.
    read_since_skip: bool,
    report: Report,
}

impl Out<'_> {
    /// Hands out an event.
    pub fn event(&mut self, event: Event<'_>) {
        self.report.events += 1;
        (self.sink)(event);
    }

    /// What the file says of its session.
    pub fn about(&mut self) -> &mut About {
        &mut self.report.about
    }

    /// Where the record stands among the others.
    pub fn tree(&mut self) -> &mut Tree {
        &mut self.tree
    }

    /// Notes a kind of record this version does not know; once per kind, or files of a newer client
    /// would fill the report.
    pub fn unknown(&mut self, kind: &str, bytes: &Range<u64>) {
        let kind: String = kind.chars().take(60).collect();
        if self.unknown.len() < 100 && !self.unknown.contains(&kind) {
            self.skip(
                bytes.clone(),
                format!("records of type {kind:?} are not known to this version and were passed over"),
            );
            self.unknown.insert(kind);
        }
    }

    fn skip(&mut self, bytes: Range<u64>, reason: impl Into<String>) {
        let reason = reason.into();
        if let Some(last) = self.report.skipped.last_mut() {
            // A broken stretch of many lines is one thing to tell, not many.
            if last.reason == reason && !self.read_since_skip {
                last.bytes = bytes.end - last.offset;
                return;
            }
        }
        let skipped = Skipped {
            file: self.file.to_owned(),
            offset: bytes.start,
            bytes: bytes.end - bytes.start,
            reason,
        };
        self.report.skipped.push(skipped);
        self.read_since_skip = false;
    }
}

/// Reads a whole stream; see [`super::read`].
pub fn read(
    reader: impl BufRead,
    file: &str,
    from: u64,
    parser: Parser,
    sink: &mut dyn FnMut(Event<'_>),
) -> io::Result<Report> {
    let mut lines = Lines::new(reader, from);
    let report = Report { read_to: from, ..Report::default() };
    let mut out =
        Out { sink, file, unknown: BTreeSet::new(), tree: Tree::default(), read_since_skip: true, report };

    while let Some(line) = lines.next()? {
        match line {
            Line::Text { start, text, finished: true } => finished_line(start, text, parser, &mut out),
            Line::Text { start, text, finished: false } => {
                let done = unfinished_line(start, text, parser, &mut out);
                out.report.read_to = start + done as u64;
                break;
            }
            Line::Huge { start, bytes, envelope } => huge_line(start, bytes, &envelope, parser, &mut out),
        }
        out.report.read_to = lines.position();
    }
    if from == 0 {
        out.report.abandoned = out.tree.abandoned();
    }
    Ok(out.report)
}

fn finished_line(start: u64, text: &str, parser: Parser, out: &mut Out<'_>) {
    let mut at = blank(text, 0);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        match record(start + at as u64, rest, parser, out) {
            Ok(end) => at = blank(text, at + end),
            Err(bad) => {
                let next = resume(text, at + 1, parser);
                let reason = match bad {
                    _ if !rest.starts_with('{') => "not a JSON record",
                    _ if next.is_some() => "a record that breaks off; the next one follows on the same line",
                    Bad::Truncated => "a record that breaks off",
                    Bad::Malformed => "a record that is not valid JSON",
                };
                let next = next.unwrap_or(text.len());
                out.skip(start + at as u64..start + next as u64, reason);
                at = next;
            }
        }
    }
}

/// Takes the complete records from the end of a file that may be growing; returns how much of the
/// line is done with. What remains is not reported: it may be half a record today and whole tomorrow.
fn unfinished_line(start: u64, text: &str, parser: Parser, out: &mut Out<'_>) -> usize {
    let mut done = 0;
    loop {
        let at = blank(text, done);
        match text.get(at..).map(|rest| record(start + at as u64, rest, parser, out)) {
            Some(Ok(end)) => done = at + end,
            _ => return done,
        }
    }
}

fn huge_line(start: u64, length: u64, envelope: &Envelope, parser: Parser, out: &mut Out<'_>) {
    let bytes = start..start + length;
    let used = (parser.emit)(&Record::Huge { envelope, bytes: bytes.clone() }, out).is_ok();
    let reason = format!(
        "a record of {} MiB, over the {} MiB that are read: {}",
        length >> 20,
        LONGEST >> 20,
        if used { "its payload was passed over" } else { "it was passed over" }
    );
    out.skip(bytes, reason);
}

/// Emits the record at the start of `rest` and says where it ends.
fn record(start: u64, rest: &str, parser: Parser, out: &mut Out<'_>) -> Result<usize, Bad> {
    let object = scan::object(rest)?;
    let bytes = start..start + object.end as u64;
    match (parser.emit)(&Record::Fields { fields: &object.fields, bytes: bytes.clone() }, out) {
        Ok(()) => out.read_since_skip = true,
        Err(reason) => out.skip(bytes, reason),
    }
    Ok(object.end)
}

/// Where the next record starts, at or after `from`.
///
/// A candidate counts only if a whole record stands there and the line ends or another object begins
/// behind it: objects nested in the broken record have more of that record behind them.
fn resume(text: &str, from: usize, parser: Parser) -> Option<usize> {
    let mut at = from;
    for _ in 0..MOST_TRIES {
        at += candidate(text.as_bytes().get(at..)?)?;
        if let Ok(object) = text.get(at..).map_or(Err(Bad::Malformed), scan::object) {
            let behind = blank(text, at + object.end);
            let last = matches!(text.as_bytes().get(behind), None | Some(b'{'));
            if last && (parser.is_record)(&object.fields) {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

fn candidate(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, b"{\"").find(|&at| {
        let key = bytes.get(at + 2..).unwrap_or_default();
        FIRST_KEYS.iter().any(|first| {
            key.strip_prefix(first.as_bytes()).is_some_and(|behind| behind.first() == Some(&b'"'))
        })
    })
}

fn blank(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\u{feff}']);
    at + rest.len() - trimmed.len()
}
