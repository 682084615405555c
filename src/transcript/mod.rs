//! One tolerant streaming parser per transcript format, all giving the same events.
//!
//! Owns: telling formats apart, reading a file record by record, and the report of what could not be
//! used. Must not know: where files come from, what a lesson is, or what counts as evidence.
//!
//! The rule that everything here follows: key on what is known, pass over what is not, never fail a
//! file for one line. Every event carries the byte range of its record in the raw file, and reading
//! that range again gives the same event.

pub mod chain;
pub mod claude_code;
pub mod echo;
mod envelope;
mod lines;
pub mod origin;
mod plain;
mod platform;
mod records;
mod scan;
mod sniff;
pub mod tau;
mod tree;
mod wire;

use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};

use crate::domain::session::{Event, Skipped};

pub use sniff::{NotATranscript, SNIFF_BYTES, sniff};

/// What stands in the place of a tool where an outcome was judged by an evaluation.
pub const EVALUATION: &str = "evaluation";

/// Transcript formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Claude Code's own session files.
    ClaudeCode,
    /// Events of the Claude platform's Managed Agents, one per line.
    Platform,
    /// The documented JSONL event format for anyone's agents (`assets/session-format.md`).
    Plain,
}

/// What a file says of its session as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// A title the file itself gives. Untrusted text.
    pub title: Option<String>,
    /// The person it was run by, as the file names them.
    pub user: Option<String>,
    /// The label that groups sessions.
    pub segment: Option<String>,
    /// A name shared by sessions that continue one another.
    pub chain: Option<String>,
}

/// What came of reading a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Events handed out.
    pub events: u64,
    /// Byte up to which the file is done with; what follows is an unfinished record. The next
    /// reading starts here.
    pub read_to: u64,
    /// Stretches that could not be used, and why.
    pub skipped: Vec<Skipped>,
    /// What the file says of its session.
    pub about: About,
    /// Offsets of records on a branch that the person went back from. Known only when the file was
    /// read from its start.
    pub abandoned: Vec<u64>,
}

/// Streams the events of a transcript in file order.
///
/// `reader` stands at byte `from` of the file; `file` is the name used in [`Skipped`]. A last record
/// that is still being written is left for the next reading, which starts at [`Report::read_to`];
/// reading a file in such parts gives the same events as reading it once.
///
/// # Errors
/// Only when the reader fails. Nothing in the bytes is an error: what can't be used is reported.
pub fn read(
    format: Format,
    reader: impl BufRead,
    file: &str,
    from: u64,
    sink: &mut dyn FnMut(Event<'_>),
) -> io::Result<Report> {
    let parser = match format {
        Format::ClaudeCode => claude_code::PARSER,
        Format::Platform => platform::PARSER,
        Format::Plain => plain::PARSER,
    };
    records::read(reader, file, from, parser, sink)
}
