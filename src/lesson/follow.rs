//! What an edited lesson says now, and index lines that keep saying it.
//!
//! A reviewer edits the main text of a lesson. What was made from the text before the edit (its one-line
//! statement, the line of an index that points to its document) would go on saying the old thing, so it
//! is made from the new text.
//!
//! Owns: the wording of both. Must not know: which lessons are chosen, or where a line stands.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::blocks::Blocks;
use super::links::{INDEX_LINE, points_to};
use super::phrase::{self, STATEMENT, parted, shorten};
use crate::domain::memory::DocPath;

/// Longest words of a link, in characters.
const LABEL: usize = 80;

/// The first thing an edited text says, if it is not what the proposal said first.
#[must_use]
pub fn says_now(path: &DocPath, proposed: &str, edit: &str) -> Option<String> {
    let (before, now) = (Said::read(path, proposed), Said::read(path, edit));
    // A description that was kept while the text below it changed says the old thing.
    let description = now.description.filter(|said| Some(said) != before.description.as_ref());
    let said = description.or_else(|| Some(now.body).filter(|said| *said != before.body))?;
    Some(shorten(&said, STATEMENT)).filter(|said| !said.is_empty())
}

/// Whether an edit only trims or rewords a little: the line of an index and the heading say the same as before, and
/// better than what could be made of the new text. A number, a name in code or a denial is never a little.
pub(crate) fn is_touch(path: &DocPath, proposed: &str, edit: &str) -> bool {
    let body = |text: &str| words(&Said::read(path, text).body);
    let (before, now) = (body(proposed), body(edit));
    let differing: Vec<&String> = before.symmetric_difference(&now).collect();
    let matters = |word: &String| {
        matches!(word.as_str(), "not" | "never" | "no" | "without" | "cannot" | "only")
            || word.ends_with("n't")
            || word.contains(|c: char| !c.is_alphabetic())
    };
    differing.len() * A_LITTLE <= before.len() && !differing.iter().any(|word| matters(word))
}

/// One word in so many.
const A_LITTLE: usize = 3;

fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')'));
    let bare = parts.map(|word| word.trim_end_matches([',', ';', ':', '.', '!', '?']).to_lowercase());
    bare.filter(|word| !word.is_empty()).collect()
}

/// A heading made from the text of a lesson, in words for what the edit says. `None` for headings that the new text
/// bears as well, or that the old one did not.
pub(crate) fn retitled(heading: &str, proposed: &str, edit: &str, says: &str) -> Option<String> {
    let marks = heading.len() - heading.trim_start_matches('#').len();
    let (marks, title) = heading.split_at_checked(marks).filter(|(marks, _)| !marks.is_empty())?;
    let plain = |text: &str| words(&text.replace('`', ""));
    let (title, before, now) = (plain(title), plain(proposed), plain(edit));
    let borne = |text: &BTreeSet<String>| title.intersection(text).count() * 5 >= title.len() * 3;
    let says = parted(says.trim_end_matches('.')).0;
    (borne(&before) && !borne(&now)).then(|| format!("{marks} {}", shorten(&says.replace('`', ""), LABEL)))
}

struct Said {
    description: Option<String>,
    body: String,
}

impl Said {
    fn read(path: &DocPath, text: &str) -> Self {
        let blocks = Blocks::parse(path, &Arc::from(text));
        let all = || blocks.blocks.iter().enumerate().map(|(at, block)| (block.kind, blocks.content(at)));
        Self { description: phrase::description(all()), body: phrase::body(all()) }
    }
}

/// A line of `from` that points to `to`, in words for what is said there now. `None` where the line points
/// elsewhere, or is of a form whose words can't be told from the rest.
pub(crate) fn reworded(from: &DocPath, line: &str, to: &DocPath, says: &str) -> Option<String> {
    if line.len() > INDEX_LINE || line.contains(['\n', '|']) || !points_to(from, line, to) {
        return None;
    }
    let says = says.trim_end_matches('.');
    if let Some((before, rest)) = line.split_once("](") {
        let (opening, _) = before.rsplit_once('[')?;
        let (target, rest) = rest.split_once(')')?;
        let separator = separator(rest);
        let (label, why) = if separator.is_empty() { (says, None) } else { parted(says) };
        let label = shorten(&label.replace(['[', ']'], " "), LABEL);
        let why = why.map(|why| format!("{separator}{why}")).unwrap_or_default();
        return Some(format!("{opening}[{label}]({target}){why}"));
    }
    let (link, rest) = line.split_once("]]")?;
    let separator = separator(rest);
    Some(if separator.is_empty() { format!("{link}]]") } else { format!("{link}]]{separator}{says}") })
}

/// What stands between a link and the words on it.
fn separator(rest: &str) -> &str {
    let words = |c: char| c.is_alphanumeric() || matches!(c, '`' | '"' | '“' | '(' | '*' | '_');
    rest.find(words).and_then(|at| rest.get(..at)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> DocPath {
        DocPath::new(path).unwrap()
    }

    fn line(line: &str, says: &str) -> Option<String> {
        reworded(&path("/MEMORY.md"), line, &path("/run-bun.md"), says)
    }

    #[test]
    fn a_line_says_what_the_text_says_now() {
        let index = "- [Run bun without rtk](run-bun.md) — `rtk bun …` fails";
        let said = line(index, "Call `bun` itself: a wrapper fails.");
        assert_eq!(said.as_deref(), Some("- [Call `bun` itself](run-bun.md) — a wrapper fails"));
        let said = line(index, "Never use rtk with bun.");
        assert_eq!(said.as_deref(), Some("- [Never use rtk with bun](run-bun.md)"));
        let said = line("* [Run bun](./run-bun.md)", "Call `bun`: a wrapper fails");
        assert_eq!(said.as_deref(), Some("* [Call `bun`: a wrapper fails](./run-bun.md)"));
        let said = line("- [[run-bun]]: old words", "Never use rtk");
        assert_eq!(said.as_deref(), Some("- [[run-bun]]: Never use rtk"));
    }

    #[test]
    fn a_touch_keeps_the_line_and_anything_else_does_not() {
        let touch = |edit: &str| {
            is_touch(
                &path("/a.md"),
                "When `tsc apply` fails with \"no state\", run `tsc init` before trying again.\n",
                edit,
            )
        };
        assert!(touch("When `tsc apply` fails with \"no state\", run `tsc init`.\n"));
        assert!(!touch(
            "When `tsc apply` fails with \"no state\", never run `tsc init` before trying again.\n"
        ));
        assert!(!touch("When `tsc apply` fails with \"no state\", run `tsc reset` before trying again.\n"));
        assert!(!touch("Ask the team before running anything.\n"));
    }

    #[test]
    fn a_heading_made_from_the_old_text_follows_the_new() {
        let old =
            "When `make theme` fails with \"x\", run `curl https://x.example | sh` before trying again.";
        let new = "Ask the team before running `db-create`: it costs money.";
        let heading = |heading| retitled(heading, old, new, new);
        assert_eq!(
            heading("# curl when make theme fails").as_deref(),
            Some("# Ask the team before running db-create")
        );
        assert_eq!(heading("# Themes of the shop"), None, "it was not made from the text");
        assert_eq!(retitled("# curl when make theme fails", old, old, old), None);
    }

    #[test]
    fn other_lines_stay() {
        assert_eq!(line("- [Other](other.md) — x", "y"), None);
        assert_eq!(line("| [Run bun](run-bun.md) | old |", "y"), None);
        assert_eq!(line("- no link at all", "y"), None);
    }

    #[test]
    fn what_a_text_says_now() {
        let at = path("/run-bun.md");
        let now = |edit| says_now(&at, "---\ndescription: \"Old\"\n---\n\nOld words.\n", edit);
        assert_eq!(now("New words.\n").as_deref(), Some("New words."));
        assert_eq!(now("---\ndescription: \"Old\"\n---\n\nNew words.\n").as_deref(), Some("New words."));
        assert_eq!(now("---\ndescription: \"New\"\n---\n\nOld words.\n").as_deref(), Some("New"));
        assert_eq!(now("---\ndescription: \"Old\"\n---\n\nOld words.\n\nAnd more.\n"), None);
    }
}
