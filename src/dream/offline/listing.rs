//! Where the line of a new document goes in an index.
//!
//! Owns: choosing the heading, and the heading for lines that fit under none. Must not know: what a
//! lesson is, or where its document comes from.

use std::collections::BTreeSet;

use super::entries;
use super::place::{behind, line_end, terms};
use super::words::stem;
use crate::domain::memory::{DocPath, Snapshot};
use crate::lesson::blocks::{BlockKind, Blocks};

/// What lines are put under that fit under no other heading, if the index has no such place.
const OWN_HEADING: &str = "Lessons from sessions";

/// Words that name no subject: a heading of nothing else takes lines of any.
const NEUTRAL: &[&str] = &[
    "detail",
    "document",
    "file",
    "general",
    "index",
    "learned",
    "lesson",
    "link",
    "loose",
    "memory",
    "misc",
    "miscellaneous",
    "note",
    "other",
    "page",
    "session",
    "topic",
    "unsorted",
    "various",
];

/// A line fits under a heading that shares at least this many words with it that no other heading has;
/// those in the heading and its lines count twice, those that others have too count less.
const FITS: f64 = 1.5;

/// A stretch of the index under one heading, up to the next heading of any level.
struct Section {
    /// The heading, without its marks; empty for what stands above the first.
    heading: String,
    /// 1 to 6; 0 above the first heading.
    level: u8,
    /// Where its last line ends.
    end: usize,
    /// Where its last link ends, or else its last list item.
    list_end: Option<usize>,
    /// It has links to other documents.
    links: bool,
    /// Words of each of its lines, and those of the document it links to.
    members: Vec<(BTreeSet<String>, BTreeSet<String>)>,
}

/// Adds a line to an index: under the heading that speaks most of the same; where none does, under one
/// that names no subject, beside links that stand under none, or under a heading of its own.
///
/// `about` holds the words of the note that the line leads to.
#[must_use]
pub fn insert(memory: &Snapshot, index: &DocPath, line: &str, about: &BTreeSet<String>) -> String {
    let before = memory.get(index).map_or("", |text| text);
    let sections = sections(memory, index);
    let fitting = best(&sections, about).or_else(|| neutral(&sections));
    if let Some(section) = fitting {
        return match section.list_end {
            Some(end) => behind(before, Some(end), line),
            None => list_below(before, section.end, line),
        };
    }
    if sections.iter().all(|section| section.level < 2) {
        return behind(before, None, line);
    }
    let last = sections.iter().rev().find(|section| section.level > 1);
    let marks = "#".repeat(usize::from(last.map_or(2, |section| section.level)));
    let end = line_end(before);
    let gap = if last.is_some_and(|section| sits_tight(before, &section.heading)) { "" } else { end };
    let head = before.trim_end();
    format!("{head}{end}{end}{marks} {OWN_HEADING}{end}{gap}{line}{end}")
}

/// Adds a line above all others of an index. The notes it leads to left an index that is too long, and until
/// enough of them did, only its beginning is read.
#[must_use]
pub fn above(memory: &Snapshot, index: &DocPath, line: &str) -> String {
    let Some(text) = memory.get(index) else { return behind("", None, line) };
    let entries = entries::of_document(index, text);
    let links = entries.iter().find(|entry| entry.link.is_some());
    let first = links.or_else(|| entries.iter().find(|entry| entry.item));
    let split = first.and_then(|entry| text.split_at_checked(entry.range.start));
    match split.filter(|(head, _)| head.is_empty() || head.ends_with('\n')) {
        Some((head, tail)) => format!("{head}{line}{}{tail}", line_end(text)),
        None => behind(text, None, line),
    }
}

fn sections(memory: &Snapshot, index: &DocPath) -> Vec<Section> {
    let Some(text) = memory.get(index) else { return Vec::new() };
    let blocks = Blocks::parse(index, text);
    let mut sections = vec![Section::new("", 0, 0)];
    let mut starts = vec![0];
    for (at, block) in blocks.blocks.iter().enumerate() {
        if let BlockKind::Heading(level) = block.kind {
            sections.push(Section::new(blocks.content(at).trim_matches('#').trim(), level, block.range.end));
            starts.push(block.range.start);
        } else if let Some(section) = sections.last_mut() {
            section.end = block.range.end;
        }
    }
    for entry in entries::of_document(index, text) {
        let at = starts.partition_point(|start| *start <= entry.range.start).saturating_sub(1);
        let Some(section) = sections.get_mut(at) else { continue };
        let linked = entry.link.as_deref().and_then(|link| target(memory, index, link));
        if entry.link.is_some() || entry.item && !section.links {
            section.list_end = Some(entry.range.end);
        }
        section.links |= entry.link.is_some();
        section.members.push((terms(&entry.text), linked.map(terms).unwrap_or_default()));
    }
    sections
}

impl Section {
    fn new(heading: &str, level: u8, end: usize) -> Self {
        let heading = heading.to_owned();
        Self { heading, level, end, list_end: None, links: false, members: Vec::new() }
    }
}

/// The path of the document an index line links to.
#[must_use]
pub fn target_path(index: &DocPath, link: &str) -> Option<DocPath> {
    let folder = index.as_str().trim_end_matches(index.file_name());
    let link = link.strip_prefix("./").unwrap_or(link);
    let path = if link.starts_with('/') { link.to_owned() } else { format!("{folder}{link}") };
    DocPath::new(&path).ok()
}

fn target<'a>(memory: &'a Snapshot, index: &DocPath, link: &str) -> Option<&'a str> {
    memory.get(&target_path(index, link)?).map(|text| &**text)
}

/// The section with the line most like the note; the first of equals.
fn best<'a>(sections: &'a [Section], about: &BTreeSet<String>) -> Option<&'a Section> {
    let headed = || sections.iter().filter(|section| section.level > 1);
    // Each line with its heading, or a heading that has none yet.
    let members: Vec<(&Section, BTreeSet<String>, &BTreeSet<String>)> = headed()
        .flat_map(|section| {
            let heading = terms(&section.heading);
            let bare = section.members.is_empty().then(|| (section, heading.clone(), NOTHING));
            let lines = section.members.iter().map(move |(line, document)| {
                (section, line.union(&heading).cloned().collect::<BTreeSet<_>>(), document)
            });
            lines.chain(bare)
        })
        .collect();
    let rare = |holders: usize| ((headed().count() + 1) as f64 / holders.max(1) as f64).ln();
    let weight = |term: &String| {
        let knows = |section: &&Section| {
            let mut own = members.iter().filter(|(of, ..)| std::ptr::eq(*of, *section));
            own.any(|(_, line, document)| line.contains(term) || document.contains(term))
        };
        rare(headed().filter(knows).count())
    };
    let score = |line: &BTreeSet<String>, document: &BTreeSet<String>| -> i64 {
        let shared = about.iter().map(|term| match (line.contains(term), document.contains(term)) {
            (true, _) => 2.0 * weight(term),
            (false, true) => weight(term),
            (false, false) => 0.0,
        });
        // Compared in whole thousandths: a tie is a tie on every machine.
        (shared.sum::<f64>() * 1000.0).round() as i64
    };
    let enough = (FITS * rare(1) * 1000.0).round() as i64;
    let scored = members.iter().map(|(section, line, document)| (score(line, document), *section));
    // Of equals the last is the maximum: the order is turned round.
    let (score, section) = scored.rev().max_by_key(|(score, _)| *score)?;
    (score >= enough).then_some(section)
}

static NOTHING: &BTreeSet<String> = &BTreeSet::new();

/// A place for lines of any subject.
fn neutral(sections: &[Section]) -> Option<&Section> {
    let says_nothing = |section: &&Section| section.level > 1 && names_no_subject(&section.heading);
    let untitled = |section: &&Section| section.level < 2 && section.links;
    sections.iter().rfind(says_nothing).or_else(|| sections.iter().rfind(untitled))
}

/// Whether notes of any subject may stand under a heading.
#[must_use]
pub fn names_no_subject(heading: &str) -> bool {
    let words = terms(heading);
    !words.is_empty() && words.iter().all(|word| NEUTRAL.iter().any(|neutral| stem(neutral) == *word))
}

/// Whether no blank line stands between a heading and what is below it.
#[must_use]
pub fn sits_tight(text: &str, heading: &str) -> bool {
    let Some(at) = text.find(heading) else { return false };
    let below = text.get(at..).and_then(|rest| rest.split_once('\n'));
    below.is_some_and(|(_, rest)| rest.lines().next().is_some_and(|line| !line.trim().is_empty()))
}

/// A list of one line, behind what a section has.
#[must_use]
pub fn list_below(before: &str, section_end: usize, line: &str) -> String {
    let end = line_end(before);
    let (head, tail) = before.split_at_checked(section_end).unwrap_or((before, ""));
    format!("{head}{end}{end}{line}{}", if tail.is_empty() { end } else { tail })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "- [New](new.md) — why";

    fn listed(index: &str, documents: &[(&str, &str)], about: &str) -> String {
        let path = DocPath::new("/MEMORY.md").unwrap();
        let mut memory: Snapshot =
            documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect();
        memory.insert(path.clone(), index.to_owned());
        insert(&memory, &path, LINE, &terms(about))
    }

    /// The heading the new line stands under.
    fn heading(index: &str, documents: &[(&str, &str)], about: &str) -> String {
        let after = listed(index, documents, about);
        let (above, _) = after.split_once(LINE).unwrap();
        let heading = above.lines().rfind(|line| line.starts_with('#')).unwrap_or("");
        heading.trim_start_matches('#').trim().to_owned()
    }

    const TWO: &str = "# Memory\n\n## Working here\n- [Building](build.md) — make targets\n\n## People\n- [Who decides](people.md) — money, texts\n";
    const BUILD: (&str, &str) = ("/build.md", "The tests need a local database.\n");
    const PEOPLE: (&str, &str) = ("/people.md", "Ask support about refunds.\n");

    #[test]
    fn a_line_goes_under_the_heading_that_speaks_of_the_same() {
        let at = |about: &str| heading(TWO, &[BUILD, PEOPLE], about);
        assert_eq!(at("Run the tests when the database is up"), "Working here", "words of the document");
        assert_eq!(at("Look at the targets"), "Working here", "a word of the line");
        assert_eq!(at("Let people look first"), "People", "a word of the heading");
        assert_eq!(at("Refunds: ask support"), "People");
    }

    #[test]
    fn a_line_is_put_behind_the_last_link_of_its_section() {
        let after = listed(TWO, &[BUILD, PEOPLE], "targets");
        assert!(after.contains(&format!("— make targets\n{LINE}\n\n## People\n")), "{after}");
        let mixed = "## Build\n- [A](a.md) — build\n- a loose remark\n\n## Other\n- x\n";
        let after = listed(mixed, &[], "build");
        assert!(after.contains(&format!("— build\n{LINE}\n- a loose remark\n")), "{after}");
        let prose = "## Build\n\nAll about it.\n\n## Other\n- x\n";
        let after = listed(prose, &[], "build");
        assert_eq!(after, format!("## Build\n\nAll about it.\n\n{LINE}\n\n## Other\n- x\n"));
    }

    #[test]
    fn one_word_that_many_documents_have_is_not_enough() {
        let documents = [("/build.md", "run this"), ("/people.md", "run that")];
        assert_eq!(heading(TWO, &documents, "run elsewhere"), OWN_HEADING);
    }

    #[test]
    fn what_fits_nowhere_goes_where_nothing_is_named() {
        let loose = format!("{TWO}\n## Loose notes\n- one\n- two\n");
        assert_eq!(listed(&loose, &[], "pelicans"), format!("{loose}{LINE}\n"));
        let untitled = "# Memory\n- [A](a.md) — x\n\n## People\n- [B](b.md) — y\n";
        assert_eq!(
            listed(untitled, &[], "pelicans"),
            format!("# Memory\n- [A](a.md) — x\n{LINE}\n\n## People\n- [B](b.md) — y\n")
        );
    }

    #[test]
    fn what_fits_nowhere_gets_a_heading_that_takes_the_next_one_too() {
        let once = listed(TWO, &[], "pelicans");
        assert_eq!(once, format!("{TWO}\n## {OWN_HEADING}\n{LINE}\n"));
        let twice = listed(&once, &[], "cormorants");
        assert_eq!(twice, format!("{once}{LINE}\n"));
        let airy = "## People\r\n\r\n- [B](b.md) — y\r\n";
        let after = listed(airy, &[], "pelicans");
        assert_eq!(after, format!("{airy}\r\n## {OWN_HEADING}\r\n\r\n{LINE}\r\n"));
    }

    #[test]
    fn an_index_without_headings_stays_without() {
        let flat = "- [A](a.md) — x\n- [B](b.md) — y\n";
        assert_eq!(listed(flat, &[], "pelicans"), format!("{flat}{LINE}\n"));
        assert_eq!(listed("", &[], "pelicans"), format!("{LINE}\n"));
        assert_eq!(listed("# Memory\n\nProse.\n", &[], "prose"), format!("# Memory\n\nProse.\n\n{LINE}\n"));
    }

    #[test]
    fn what_an_over_long_index_gives_up_is_found_from_its_top() {
        let path = DocPath::new("/MEMORY.md").unwrap();
        let top = |index: &str| above(&[(path.clone(), index.into())].into_iter().collect(), &path, LINE);
        let rest = "## People\n- [Who decides](people.md) — money, texts\n";
        assert_eq!(
            top(TWO),
            format!("# Memory\n\n## Working here\n{LINE}\n- [Building](build.md) — make targets\n\n{rest}")
        );
        assert_eq!(top("# Memory\r\n\r\n- one\r\n"), format!("# Memory\r\n\r\n{LINE}\r\n- one\r\n"));
        assert_eq!(top("Prose.\n"), format!("Prose.\n\n{LINE}\n"));
    }

    #[test]
    fn of_equally_good_headings_the_first_is_taken() {
        let twins = "## Birds, feathers one\n- x\n\n## Birds, feathers two\n- y\n\n## Fish\n- z\n";
        assert_eq!(heading(twins, &[], "feathers of birds"), "Birds, feathers one");
    }
}
