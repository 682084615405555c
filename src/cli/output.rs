//! How results look as text: ids, counts, ages, columns.
//!
//! Owns: these forms, so that every command prints them alike. Everything that agents wrote passes
//! through [`SafeText`]. Must not know: commands.

use std::io::{self, Write};

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use crate::domain::agent::{Agent, SourceKind};
use crate::domain::evidence::{Basis, Support};
use crate::domain::ids;
use crate::domain::lesson::{Lesson, Severity};
use crate::domain::text::{SafeText, counted};

/// One line of untrusted text.
#[must_use]
pub fn line(text: &str) -> String {
    SafeText::line(text).into_string()
}

/// The part of an id that a person can type again: its beginning, or its end where it is the platform's,
/// whose ids of one day all begin alike.
#[must_use]
pub fn short(id: &str) -> &str {
    const LENGTH: usize = 12;
    if ids::is_own(id) {
        return id.get(..LENGTH).unwrap_or(id);
    }
    id.len().checked_sub(LENGTH).and_then(|start| id.get(start..)).unwrap_or(id)
}

/// The example count: `18/31`, `18`, `mem`, `about 18` for an estimate, `about 11-16` for one that was spot-checked.
#[must_use]
pub fn support(support: &Support) -> String {
    let about = if support.basis == Basis::Estimated { "about " } else { "" };
    if let Some(spot) = support.checks.spot.as_ref().filter(|_| support.basis == Basis::Estimated) {
        return format!("{about}{}-{}", spot.low, spot.high);
    }
    match (support.basis, support.sessions, support.exposed) {
        (Basis::Memory, _, _) | (_, None, _) => "mem".to_owned(),
        (_, Some(sessions), Some(exposed)) => format!("{about}{sessions}/{exposed}"),
        (_, Some(sessions), None) => format!("{about}{sessions}"),
    }
}

/// Names of a lesson's marks: `!protected` for a warning, `!!secret` for a block.
#[must_use]
pub fn marks(lesson: &Lesson) -> String {
    let mut names: Vec<String> = Vec::new();
    for mark in &lesson.marks {
        let sign = match mark.severity {
            Severity::Info => "",
            Severity::Warn => "!",
            Severity::Block => "!!",
        };
        let name = format!("{sign}{}", mark.guard);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" ")
}

/// What a lesson says, and that a person put other words in place of its text.
#[must_use]
pub fn statement(lesson: &Lesson) -> String {
    let edited = if lesson.edited { " (edited)" } else { "" };
    format!("{}{edited}", line(&lesson.statement))
}

/// A change of size in tokens, with its sign.
#[must_use]
pub fn tokens(delta: i64) -> String {
    format!("{}{} tokens", if delta < 0 { "-" } else { "+" }, delta.unsigned_abs())
}

/// How long ago, in the largest unit that fits.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        86_400..172_800 => "1 day ago".to_owned(),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// A moment to the minute, in UTC.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `1 lesson`, `2 lessons`.
#[must_use]
pub fn count(number: impl TryInto<u64>, one: &str) -> String {
    counted(number.try_into().unwrap_or(u64::MAX), one)
}

/// The folder that an agent's session files lie in, where that is on this machine.
#[must_use]
pub fn session_folder(agent: &Agent) -> Option<&str> {
    let local = matches!(agent.source, SourceKind::ClaudeCode | SourceKind::Folder);
    (local && !agent.sessions_at.is_empty()).then_some(agent.sessions_at.as_str())
}

/// A session file as a person can open it, where the folder is known.
#[must_use]
pub fn session_path(folder: Option<&str>, file: &str) -> String {
    folder.map_or_else(|| file.to_owned(), |folder| format!("{folder}/{file}"))
}

/// Rows in columns, the last of which is as long as it likes. Cells must be safe already.
///
/// # Errors
/// When the output is closed.
pub fn columns(out: &mut dyn Write, indent: usize, rows: &[Vec<String>]) -> io::Result<()> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            let width = cell.width();
            match widths.get_mut(index) {
                Some(widest) => *widest = (*widest).max(width),
                None => widths.push(width),
            }
        }
    }
    for row in rows {
        let mut text = " ".repeat(indent);
        for (index, cell) in row.iter().enumerate() {
            text.push_str(cell);
            let last = index + 1 == row.len();
            let width = widths.get(index).copied().unwrap_or(0);
            if !last {
                text.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_width() {
        let mut out = Vec::new();
        let rows = [
            vec!["a".to_owned(), "é".to_owned(), "x".to_owned()],
            vec!["bcd".to_owned(), "日本".to_owned(), String::new()],
        ];
        columns(&mut out, 2, &rows).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "  a    é     x\n  bcd  日本\n");
    }

    #[test]
    fn ages_use_one_unit() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let ages: Vec<String> = [0, 59, 60, 7_199, 86_400, 259_200].map(|s| ago(at(0), at(s))).into();
        assert_eq!(ages, ["just now", "just now", "1 min ago", "1 h ago", "1 day ago", "3 days ago"]);
        assert_eq!(ago(at(100), at(0)), "just now", "a clock that was set back");
    }

    #[test]
    fn counts_say_what_they_rest_on() {
        let verified =
            Support { basis: Basis::Verified, sessions: Some(18), exposed: Some(31), ..Support::memory() };
        assert_eq!(support(&verified), "18/31");
        assert_eq!(support(&Support { basis: Basis::Estimated, exposed: None, ..verified }), "about 18");
        assert_eq!(support(&Support::memory()), "mem");
        assert_eq!(
            (count(1_u64, "lesson"), count(2_u64, "lesson")),
            ("1 lesson".to_owned(), "2 lessons".to_owned())
        );
    }
}
