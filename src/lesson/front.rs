//! Front matter of a document whose text a reviewer edits.
//!
//! A description that was made from the first sentence below it would go on saying the old thing, and an agent
//! reads it before it reads the document; so it is made from the new sentence. A text typed without front matter
//! keeps that of the text it replaces: without it the document is not found.
//!
//! Owns: both. Must not know: who edits, or where.

use std::sync::Arc;

use super::blocks::{BlockKind, Blocks};
use super::phrase::{self, parted, shorten};
use crate::domain::memory::DocPath;

/// Longest description, in characters.
const DESCRIPTION: usize = 200;

/// A reviewer's text with the front matter of the text it replaces, if it has none of its own.
#[must_use]
pub fn with_front_of(path: &DocPath, before: &str, edit: &str) -> String {
    let parsed = |text: &str| Blocks::parse(path, &Arc::from(text));
    let (was, is) = (parsed(before), parsed(edit));
    let front =
        |blocks: &Blocks| blocks.blocks.first().is_some_and(|first| first.kind == BlockKind::FrontMatter);
    if !front(&was) || front(&is) || edit.trim().is_empty() {
        return edit.to_owned();
    }
    format!("{}{}{}", was.content(0), was.glue_before(1), edit.trim_start_matches(['\n', '\r']))
}

/// A reviewer's text whose description says what the text below it says now. Another one, or one that never came
/// from the text, stays.
#[must_use]
pub fn renewed(path: &DocPath, before: &str, edit: &str) -> String {
    let (was, is) = (Front::read(path, before), Front::read(path, edit));
    let (Some(was), Some(is)) = (was, is) else { return edit.to_owned() };
    let kept = was.description == is.description && was.body != is.body && !is.body.is_empty();
    let Some(made) = made_from(&unquoted(&was.description), &was.body).filter(|_| kept) else {
        return edit.to_owned();
    };
    let says = is.body.trim_end_matches('.');
    let says = if made == Made::Label { parted(says).0 } else { says };
    let description = quoted_like(&is.description, &shorten(says, DESCRIPTION));
    let (head, tail) = edit.split_at(is.at.min(edit.len()));
    let rest = tail.get(is.description.len()..).unwrap_or_default();
    format!("{head}{description}{rest}")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Whole,
    Label,
}

/// How a description came from the first words of a text, if it did.
fn made_from(description: &str, body: &str) -> Option<Made> {
    let (said, body) = (description.trim_end_matches(['.', '…']), body.trim_end_matches('.'));
    if said.is_empty() || !body.starts_with(said) {
        return None;
    }
    Some(if parted(body).0 == said && body != said { Made::Label } else { Made::Whole })
}

struct Front {
    /// Its value as it stands in the text, with its quotes.
    description: String,
    /// Where that begins.
    at: usize,
    /// The first thing said below the front matter.
    body: String,
}

impl Front {
    fn read(path: &DocPath, text: &str) -> Option<Self> {
        const KEY: &str = "description:";
        let blocks = Blocks::parse(path, &Arc::from(text));
        let first = blocks.blocks.first().filter(|first| first.kind == BlockKind::FrontMatter)?;
        let mut at = first.range.start;
        let line = blocks.content(0).split_inclusive('\n').find(|line| {
            let found = line.starts_with(KEY);
            at += if found { 0 } else { line.len() };
            found
        })?;
        let value = line.get(KEY.len()..)?;
        let at = at + KEY.len() + (value.len() - value.trim_start().len());
        let all =
            || blocks.blocks.iter().enumerate().skip(1).map(|(at, block)| (block.kind, blocks.content(at)));
        Some(Self { description: value.trim().to_owned(), at, body: phrase::body(all()) })
    }
}

fn unquoted(value: &str) -> String {
    let within = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match (within('"'), within('\'')) {
        (Some(text), _) => text.replace("\\\"", "\"").replace("\\\\", "\\"),
        (None, Some(text)) => text.replace("''", "'"),
        (None, None) => value.to_owned(),
    }
}

/// In the quotes of the value before; one that had none gets some, because a sentence may hold what YAML reads as
/// structure.
fn quoted_like(before: &str, says: &str) -> String {
    if before.starts_with('\'') {
        return format!("'{}'", says.replace('\'', "''"));
    }
    format!("\"{}\"", says.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "---\nname: x\ndescription: \"Run bun directly\"\ntype: project\n---\n\nRun bun directly: rtk fails.\n";

    fn path() -> DocPath {
        DocPath::new("/x.md").unwrap()
    }

    fn renewed(before: &str, edit: &str) -> String {
        super::renewed(&path(), before, edit)
    }

    #[test]
    fn a_description_follows_the_sentence_it_was_made_from() {
        let edit = BEFORE.replace("Run bun directly: rtk fails.", "Say \"bun\", alone: wrappers fail.");
        let wanted = edit.replace("\"Run bun directly\"", "\"Say \\\"bun\\\", alone\"");
        assert_eq!(renewed(BEFORE, &edit), wanted);
        // And again from there.
        let next = wanted.replace("Say \"bun\", alone: wrappers fail.", "Never wrap bun: it fails.");
        assert!(
            renewed(&wanted, &next).contains("description: \"Never wrap bun\"\n"),
            "{}",
            renewed(&wanted, &next)
        );
    }

    #[test]
    fn a_description_of_the_whole_sentence_stays_whole_and_in_its_quotes() {
        let before = "---\ndescription: 'Refunds take 5 days'\n---\nRefunds take 5 days.\n";
        let edit = before.replace("Refunds take 5 days.", "Refunds take Ann's word: nine days.");
        assert_eq!(
            renewed(before, &edit),
            "---\ndescription: 'Refunds take Ann''s word: nine days'\n---\nRefunds take Ann's word: nine days.\n"
        );
    }

    #[test]
    fn another_description_stays() {
        for edit in [
            BEFORE.replace("\"Run bun directly\"", "\"Mine\"").replace("rtk fails", "it fails"),
            BEFORE.replace("rtk fails.\n", "rtk fails.\n\nAnd more.\n"),
            "No front matter any more.\n".to_owned(),
        ] {
            assert_eq!(renewed(BEFORE, &edit), edit);
        }
        let other = BEFORE.replace("\"Run bun directly\"", "\"What people want\"");
        let edit = other.replace("Run bun directly: rtk fails.", "Something else.");
        assert_eq!(renewed(&other, &edit), edit, "it never said what the text says");
    }

    #[test]
    fn a_typed_text_keeps_the_front_matter() {
        let typed = with_front_of(&path(), BEFORE, "Never wrap bun.\n");
        assert_eq!(typed, BEFORE.replace("Run bun directly: rtk fails.", "Never wrap bun."));
        assert!(renewed(BEFORE, &typed).contains("description: \"Never wrap bun\"\n"));
        assert_eq!(with_front_of(&path(), "- a\n", "- b\n"), "- b\n");
        assert_eq!(with_front_of(&path(), BEFORE, "---\nname: y\n---\nB\n"), "---\nname: y\n---\nB\n");
    }
}
