//! Text of a memory as one line of plain words.
//!
//! Owns: taking markers, emphasis and link targets off, and shortening. Must not know: lessons.

use super::blocks::BlockKind;
use super::likeness::after_marker;
use super::script::Step;

/// Longest statement, in characters.
pub(crate) const STATEMENT: usize = 140;

/// A statement that stands for several blocks says so.
pub(crate) fn with_more(text: &str, blocks: usize) -> String {
    if blocks > 1 {
        format!("{} (and {} more)", shorten(text, STATEMENT - 16), blocks - 1)
    } else {
        text.to_owned()
    }
}

/// The first thing that some steps say, in plain words.
pub(crate) fn headline(steps: &[&Step]) -> String {
    let blocks = || steps.iter().map(|step| (step.kind, step.content.as_str()));
    description(blocks()).unwrap_or_else(|| body(blocks()))
}

/// How front matter describes its document, if there is any.
pub(crate) fn description<'t>(mut blocks: impl Iterator<Item = (BlockKind, &'t str)>) -> Option<String> {
    blocks.find(|(kind, _)| *kind == BlockKind::FrontMatter).and_then(|(_, text)| front_matter_line(text))
}

/// The first thing that blocks say below front matter, in plain words.
pub(crate) fn body<'t>(blocks: impl Iterator<Item = (BlockKind, &'t str)> + Clone) -> String {
    let is_frame =
        |kind: &BlockKind| matches!(kind, BlockKind::Heading(_) | BlockKind::FrontMatter | BlockKind::Rule);
    let telling = blocks.clone().find(|(kind, _)| !is_frame(kind)).or_else(|| blocks.clone().next());
    telling.map_or(String::new(), |(kind, text)| {
        let text = plain(kind, text);
        match kind {
            BlockKind::Heading(_) => format!("Heading “{text}”"),
            _ => text,
        }
    })
}

fn front_matter_line(text: &str) -> Option<String> {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
            .map(str::trim)
            .filter(|value| !value.is_empty())
    };
    let line = value("description").or_else(|| value("name"))?;
    Some(line.trim_matches(['"', '\'']).to_owned())
}

/// One line of plain words: without markers, emphasis and link targets.
pub(crate) fn plain(kind: BlockKind, text: &str) -> String {
    let body = match kind {
        BlockKind::Heading(_) => text.trim_start().trim_start_matches('#'),
        BlockKind::Item { .. } => after_marker(text),
        BlockKind::Quote => text.trim_start_matches(['>', ' ']),
        _ => text,
    };
    let mut out = String::with_capacity(body.len());
    for word in body.split_whitespace() {
        if matches!(word, "-" | "*" | "+" | ">") || word.starts_with("```") {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&word.replace("**", "").replace("__", ""));
        if out.len() > 4 * STATEMENT {
            break;
        }
    }
    let out = unlink(&out);
    out.trim_matches(['|', ' ']).to_owned()
}

/// `[words](target)` becomes `words`.
fn unlink(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        if let (Some(open), Some(close)) = (before.rfind('['), after.find(')')) {
            out.push_str(before.get(..open).unwrap_or(""));
            out.push_str(before.get(open + 1..).unwrap_or(""));
            rest = after.get(close + 1..).unwrap_or("");
        } else {
            out.push_str(before);
            out.push_str("](");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// A sentence parted at the colon before its reason, if it has one outside of quotes and code.
pub(crate) fn parted(says: &str) -> (&str, Option<&str>) {
    let outside = |at: usize| {
        says.get(..at)
            .is_some_and(|before| ['"', '`'].iter().all(|&quote| before.matches(quote).count() % 2 == 0))
    };
    let colon = says.match_indices(": ").map(|(at, _)| at).find(|&at| outside(at));
    let split = colon.and_then(|at| Some((says.get(..at)?, says.get(at + 2..)?)));
    split.map_or((says, None), |(label, why)| (label, Some(why)))
}

/// At most so many characters, cut at a word, marked with `…`.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    let word = cut.rfind(' ').filter(|&at| at > most / 2).unwrap_or(cut.len());
    format!("{}…", cut.get(..word).unwrap_or(&cut).trim_end())
}
