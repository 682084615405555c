//! What a reviewer has to beware of in the evidence of a lesson, in plain sentences; `guard::NAMES` explains them.
//!
//! Owns: the words and when they are said. Must not know: how evidence was found.

use super::Quotes;
use crate::domain::evidence::{Basis, Evidence, Origin, Stance, Support};
use crate::domain::lesson::{Mark, Severity};

/// What the marks speak of.
pub(super) struct Seen<'a> {
    pub removes: bool,
    pub support: &'a Support,
    pub evidence: &'a [Evidence],
    pub quotes: Quotes,
    pub still_supported: Option<u32>,
    pub sessions: usize,
    /// Different people whose sessions were read, where it is known who ran them.
    pub people: usize,
    pub unread: usize,
    /// Sentences nothing supports.
    pub silent: &'a [&'a str],
}

/// Says what there is to say, most serious first.
pub(super) fn marks(seen: &Seen<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    marks.extend(still_supported(seen));
    marks.extend(no_evidence(seen));
    marks.extend(citations(seen));
    marks.extend(contested(seen));
    marks.extend(one_person(seen));
    marks.extend(partly_found(seen));
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.severity));
    marks
}

fn mark(guard: &str, severity: Severity, text: String) -> Mark {
    Mark { guard: guard.to_owned(), severity, text }
}

fn still_supported(seen: &Seen<'_>) -> Option<Mark> {
    let sessions = seen.still_supported.filter(|sessions| *sessions > 0)?;
    let verb = if seen.removes { "removed" } else { "replaced" };
    let text = format!(
        "{verb} although {} still support{} it",
        count(sessions, "session"),
        plural(sessions, "s", "")
    );
    Some(mark("still-supported", if seen.removes { Severity::Warn } else { Severity::Info }, text))
}

fn no_evidence(seen: &Seen<'_>) -> Option<Mark> {
    let silent = seen.support.sessions.unwrap_or(0) == 0;
    if seen.removes || !silent {
        return None;
    }
    let sessions = count(seen.sessions as u32, "session");
    let mut text = match seen.support.mention {
        0 => format!("no evidence in the {sessions} given"),
        mentioned => {
            format!("only mentioned, in {mentioned} of the {sessions} given; nothing shows it to hold")
        }
    };
    if seen.unread > 0 {
        text.push_str(&format!(" ({} could not be read)", seen.unread));
    }
    Some(mark("no-evidence", Severity::Warn, text))
}

fn citations(seen: &Seen<'_>) -> Option<Mark> {
    let quotes = seen.quotes;
    let mut parts: Vec<String> = Vec::new();
    let mut severity = Severity::Info;
    if quotes.missing > 0 {
        severity = Severity::Warn;
        parts.push(format!("{} of {} cited but not found", quotes.missing, count(quotes.quoted, "quote")));
    }
    if quotes.strangers > 0 {
        severity = Severity::Warn;
        parts.push(format!("{} cited that this dream was not given", count(quotes.strangers, "session")));
    }
    if quotes.worthless > 0 {
        parts.push(format!(
            "{} only in memory, summaries, reasoning or standing text",
            count(quotes.worthless, "quote")
        ));
    }
    if quotes.altered > 0 {
        parts.push(format!("{} not word for word; shown as it stands", count(quotes.altered, "quote")));
    }
    if quotes.moved > 0 {
        parts.push(format!("{} in another session than cited", count(quotes.moved, "quote")));
    }
    if quotes.generic > 0 {
        parts.push(format!("{} too short to prove anything", count(quotes.generic, "quote")));
    }
    let off_point = quotes.found.saturating_sub(quotes.on_point);
    if off_point > 0 {
        parts.push(format!("{} found, but not on point", count(off_point, "quote")));
    }
    (!parts.is_empty()).then(|| mark("citations", severity, parts.join("; ")))
}

fn contested(seen: &Seen<'_>) -> Option<Mark> {
    let support = seen.support;
    let contested =
        !seen.removes && support.contradict > 0 && support.contradict >= support.sessions.unwrap_or(0);
    contested.then(|| {
        let against = count(support.contradict, "session");
        let text = format!("{against} show{} the opposite", plural(support.contradict, "s", ""));
        mark("contested", Severity::Warn, text)
    })
}

fn one_person(seen: &Seen<'_>) -> Option<Mark> {
    const SEVERAL: usize = 3;
    let sessions = seen.support.sessions.unwrap_or(0);
    let own = !seen.removes && sessions > 1 && seen.support.users == 1 && seen.people >= SEVERAL;
    own.then(|| {
        let text = format!(
            "all {sessions} supporting sessions are of one person; sessions of {} were read",
            seen.people
        );
        mark("one-person", Severity::Warn, text)
    })
}

fn partly_found(seen: &Seen<'_>) -> Option<Mark> {
    let supports = |evidence: &&Evidence| evidence.stance == Stance::Support && evidence.status.counts();
    let only_tools = seen.support.basis == Basis::Estimated
        && seen.support.sessions.unwrap_or(0) > 0
        && seen.evidence.iter().filter(supports).all(|evidence| evidence.origin == Origin::Tool);
    if let Some(first) = seen.silent.first() {
        let shown: String = first.chars().take(80).collect();
        let dots = if shown.len() < first.len() { "…" } else { "" };
        let more = seen.silent.len() - 1;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        return Some(mark("partly-found", Severity::Info, format!("nothing supports “{shown}{dots}”{more}")));
    }
    (only_tools && !seen.removes)
        .then(|| mark("partly-found", Severity::Info, "found only in what tools answered".to_owned()))
}

fn count(number: u32, what: &str) -> String {
    format!("{number} {what}{}", plural(number, "", "s"))
}

fn plural(number: u32, one: &'static str, many: &'static str) -> &'static str {
    if number == 1 { one } else { many }
}
