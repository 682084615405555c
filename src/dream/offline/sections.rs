//! Where a note goes within a document.
//!
//! Owns: choosing the section, and the heading for notes that fit under none. Must not know: which document it is, or
//! how a lesson was found.
//!
//! A document that is divided says by its headings what belongs where: the last of them is no place for all that fits
//! nowhere. One that is a plain list takes a note at its end.

use std::collections::{BTreeMap, BTreeSet};

use super::clash::is_general;
use super::drafts::Shelf;
use super::entries::{self, Entry};
use super::listing::{list_below, names_no_subject, sits_tight};
use super::mood::holds;
use super::place::{behind, line_end, terms};
use super::words;
use crate::domain::memory::DocPath;
use crate::lesson::blocks::{BlockKind, Blocks};

/// A section speaks of the same if it has so much of a note: a word that only it has in its heading counts twice, one
/// in its notes once, and less where others have it too.
const FITS: f64 = 1.5;

/// Stems of words that say nothing of a subject, in a heading or a note: much is run and fails.
const OF_ANY: &str =
    "ask chang do end fail here keep mak noth pass reliably run say set start tri try way writ";

/// A stretch of a document under one heading, up to the next heading of any level.
#[derive(Debug, Default)]
struct Section {
    /// Without its marks; empty for what stands above the first.
    heading: String,
    /// 1 to 6; 0 above the first heading.
    level: u8,
    /// Where its last line ends.
    end: usize,
    /// Where its last bullet ends, and the bullet's marker.
    bullet: Option<(usize, char)>,
    /// Words of the heading that name a subject.
    subject: BTreeSet<String>,
    /// Words of its notes.
    words: BTreeSet<String>,
}

/// Adds a note to a document, under the heading that speaks of the same; returns the document and the block that came.
/// `about` holds the words of what the note is about.
#[must_use]
pub fn insert(
    path: &DocPath,
    before: &str,
    text: &str,
    shelf: Shelf,
    about: &BTreeSet<String>,
) -> (String, String) {
    let notes = entries::of_document(path, &before.into());
    let sections = sections(path, before, &notes);
    if !is_divided(&sections) {
        return into_list(before, text, &notes, about);
    }
    let of_the_kind = || sections.iter().find(|section| is_of_kind(section, shelf));
    let of_any = || sections.iter().rfind(|section| section.level > 1 && names_no_subject(&section.heading));
    let untitled = || sections.iter().rfind(|section| section.level < 2 && section.bullet.is_some());
    let section = best(&sections, about).or_else(of_the_kind).or_else(of_any).or_else(untitled);
    let marked = |marker: char| format!("{marker} {text}");
    if let Some(section) = section {
        return match section.bullet {
            Some((end, marker)) => (behind(before, Some(end), &marked(marker)), marked(marker)),
            None => (list_below(before, section.end, &marked('-')), marked('-')),
        };
    }
    let marker = sections.iter().rev().find_map(|section| section.bullet).map_or('-', |(_, marker)| marker);
    let block = marked(marker);
    (with_section(before, &sections, shelf, &block), block)
}

/// The document with a section of its own for notes of a kind, at its end.
fn with_section(before: &str, sections: &[Section], shelf: Shelf, block: &str) -> String {
    let levels = || sections.iter().map(|section| section.level);
    let level = levels().filter(|level| *level > 1).min().or_else(|| levels().max()).unwrap_or(2);
    let marks = "#".repeat(usize::from(level));
    let end = line_end(before);
    let last = sections.iter().rev().find(|section| section.level == level);
    let gap = if last.is_some_and(|section| sits_tight(before, &section.heading)) { "" } else { end };
    format!("{}{end}{end}{marks} {}{end}{gap}{block}{end}", before.trim_end(), heading_of(shelf))
}

fn heading_of(shelf: Shelf) -> String {
    let mut letters = shelf.name().chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn is_of_kind(section: &Section, shelf: Shelf) -> bool {
    section.level > 1 && section.heading.trim_end_matches(':').eq_ignore_ascii_case(shelf.name())
}

fn sections(path: &DocPath, text: &str, notes: &[Entry]) -> Vec<Section> {
    let blocks = Blocks::parse(path, &text.into());
    let mut sections = vec![Section::default()];
    let mut starts = vec![0];
    for (at, block) in blocks.blocks.iter().enumerate() {
        if let BlockKind::Heading(level) = block.kind {
            let heading = blocks.content(at).trim_matches('#').trim().to_owned();
            sections.push(Section { heading, level, end: block.range.end, ..Section::default() });
            starts.push(block.range.start);
        } else if let Some(section) = sections.last_mut() {
            section.end = block.range.end;
        }
    }
    for note in notes {
        let at = starts.partition_point(|start| *start <= note.range.start).saturating_sub(1);
        let Some(section) = sections.get_mut(at) else { continue };
        let marker = note.text.chars().next().filter(|c| note.item && matches!(c, '-' | '*' | '+'));
        section.bullet = marker.map(|marker| (note.range.end, marker)).or(section.bullet);
        section.words.extend(terms(&note.text));
    }
    // A single heading of the first level is the document's title, and all of it is about that.
    let titles = sections.iter().filter(|section| section.level == 1).count();
    for section in sections.iter_mut().filter(|section| section.level > 1 || titles > 1) {
        let named = terms(&section.heading);
        section.subject =
            named.into_iter().filter(|word| !is_general(word) && !holds(OF_ANY, word)).collect();
    }
    sections
}

fn is_divided(sections: &[Section]) -> bool {
    sections.iter().any(|section| section.level > 1)
        || sections.iter().filter(|section| section.level == 1).count() > 1
}

/// The section that speaks most of the same; the first of equals.
fn best<'s>(sections: &'s [Section], about: &BTreeSet<String>) -> Option<&'s Section> {
    let mut about = with_parts(about);
    about.retain(|word| !holds(OF_ANY, word));
    let mut headings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut holders: BTreeMap<&str, usize> = BTreeMap::new();
    for section in sections {
        section.subject.iter().for_each(|word| *headings.entry(word).or_default() += 1);
        for word in section.words.union(&section.subject) {
            *holders.entry(word).or_default() += 1;
        }
    }
    let share =
        |of: &BTreeMap<&str, usize>, word: &str| 1.0 / of.get(word).copied().unwrap_or(1).max(1) as f64;
    let score = |section: &Section| -> i64 {
        let of_word = |word: &String| {
            if section.subject.contains(word) {
                2.0 * share(&headings, word)
            } else if section.words.contains(word) {
                share(&holders, word)
            } else {
                0.0
            }
        };
        // Compared in whole thousandths: a tie is a tie on every machine.
        (about.iter().map(of_word).sum::<f64>() * 1000.0).round() as i64
    };
    // Of equals the last is the maximum: the order is turned round.
    let scored = sections.iter().rev().map(|section| (score(section), section));
    let (score, section) = scored.max_by_key(|(score, _)| *score)?;
    (score as f64 >= FITS * 1000.0).then_some(section)
}

/// Words together with what names are made of: `refund_order` is about refunds and orders.
fn with_parts(about: &BTreeSet<String>) -> BTreeSet<String> {
    let parts = |word: &String| {
        let split = word.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 2);
        let telling = split.filter(|part| !words::is_stop_word(part) && part.len() < word.len());
        telling.map(words::stem).collect::<Vec<_>>()
    };
    about.iter().flat_map(parts).chain(about.iter().cloned()).collect()
}

/// Adds a note to a document without sections: behind the last item that speaks of the same, else behind the list that
/// ends it, else as a list of its own at the end.
fn into_list(before: &str, text: &str, notes: &[Entry], about: &BTreeSet<String>) -> (String, String) {
    let shared: usize = notes
        .iter()
        .map(|note| terms(&format!("{} {}", note.heading, note.text)).intersection(about).count())
        .sum();
    let mut bullets = notes.iter().filter(|note| note.item && note.text.starts_with(['-', '*', '+']));
    // Unless the list is about it, only one at the very end: what follows it may belong to something else.
    let ends = |note: &&Entry| before.get(note.range.end..).is_some_and(|rest| rest.trim().is_empty());
    let last = bullets.next_back().filter(|note| shared >= 2 || ends(note));
    let marker = last.and_then(|note| note.text.chars().next()).unwrap_or('-');
    let block = format!("{marker} {text}");
    (behind(before, last.map(|note| note.range.end), &block), block)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SUPPORT: &str = "# Support notes\n\n## Refunds\n- Refunds over 500 need a second pair of eyes.\n\n\
        ## Tone\n- Write in short sentences.\n\n## Parcels\n- Parcels to Norway need form CN23.\n";

    fn after(document: &str, shelf: Shelf, text: &str) -> String {
        insert(&DocPath::new("/notes.md").unwrap(), document, text, shelf, &terms(text)).0
    }

    /// The heading a note stands under in the end.
    fn heading(document: &str, shelf: Shelf, text: &str) -> String {
        let after = after(document, shelf, text);
        let (above, _) = after.split_once(text).unwrap();
        above
            .lines()
            .rfind(|line| line.starts_with('#'))
            .unwrap_or("")
            .trim_start_matches(['#', ' '])
            .to_owned()
    }

    #[rstest]
    #[case(Shelf::Preferences, "Use formal tone instead of casual.", "Tone")]
    #[case(Shelf::Tools, "When `refund_order` fails with \"x\", use `sync_ledger` first.", "Refunds")]
    #[case(Shelf::Facts, "Form CN23 is for parcels to Norway.", "Parcels")]
    #[case(Shelf::Preferences, "Always answer in German.", "Preferences")]
    #[case(Shelf::Workflows, "Usual order here: `verify`, then `freeze`.", "Workflows")]
    #[case(Shelf::Commands, "Run `make` through `nice`.", "Commands")]
    fn a_note_goes_under_the_heading_that_names_it_or_one_of_its_kind(
        #[case] shelf: Shelf,
        #[case] text: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(heading(SUPPORT, shelf, text), expected);
    }

    #[test]
    fn what_all_such_lessons_say_is_no_subject() {
        let fails = |what: &str| {
            format!("`{what}` keeps failing with \"x\"; say so and ask instead of trying again.")
        };
        let once = after(SUPPORT, Shelf::Tools, &fails("track_parcel"));
        assert!(once.contains(&format!("CN23.\n- {}", fails("track_parcel"))), "{once}");
        assert_eq!(heading(&once, Shelf::Tools, &fails("send_email")), "Tools");
    }

    #[test]
    fn a_section_of_its_own_looks_like_the_others_and_takes_the_next_one_too() {
        let once = after(SUPPORT, Shelf::Preferences, "Always answer in German.");
        assert_eq!(once, format!("{SUPPORT}\n## Preferences\n- Always answer in German.\n"));
        let twice = after(&once, Shelf::Preferences, "Don't use emojis.");
        assert_eq!(twice, format!("{once}- Don't use emojis.\n"));
        let airy = "## People\r\n\r\n* Ask Kim.\r\n";
        let expected = format!("{airy}\r\n## Preferences\r\n\r\n* Don't use emojis.\r\n");
        assert_eq!(after(airy, Shelf::Preferences, "Don't use emojis."), expected);
    }

    #[test]
    fn what_names_no_subject_takes_what_fits_nowhere() {
        let misc = format!("{SUPPORT}\n## Misc\n- x\n\n## Later\n- y\n");
        assert_eq!(heading(&misc, Shelf::Preferences, "Don't use emojis."), "Misc");
        let untitled = "# Notes\n\n- one\n\n## Parcels\n\n- two\n";
        assert_eq!(heading(untitled, Shelf::Preferences, "Don't use emojis."), "Notes");
        let empty = "# Notes\n\n## Emojis\n\nAll about them.\n\n## Parcels\n\n- two\n";
        let expected = empty.replace("them.\n", "them.\n\n- Don't use emojis.\n");
        assert_eq!(after(empty, Shelf::Preferences, "Don't use emojis."), expected);
    }

    #[test]
    fn a_word_that_several_headings_have_is_not_enough() {
        let twins = "## Refunds of lamps\n- a\n\n## Refunds of shoes\n- b\n";
        assert_eq!(heading(twins, Shelf::Preferences, "Always ask about refunds."), "Preferences");
        assert_eq!(
            heading(twins, Shelf::Preferences, "Always ask about refunds of shoes."),
            "Refunds of shoes"
        );
    }

    #[rstest]
    #[case("- one\n- two\n", "- one\n- two\n- Don't use emojis.\n")]
    #[case("# Notes\n\n- one\n", "# Notes\n\n- one\n- Don't use emojis.\n")]
    #[case("# Notes\n\n- one\n\nProse.\n", "# Notes\n\n- one\n\nProse.\n\n- Don't use emojis.\n")]
    fn a_plain_list_takes_it_at_its_end(#[case] before: &str, #[case] expected: &str) {
        assert_eq!(after(before, Shelf::Preferences, "Don't use emojis."), expected);
    }
}
