//! The plan for a memory that is too large: single notes that move or go, each with its reason.
//!
//! Owns: which notes leave an over-long index, which ones leave an over-large store, and the order.
//! Must not know: how notes are compared, or what sessions are about beyond what they used. Nothing
//! is ever rewritten: a note stays, moves word for word, or goes as a whole, and each by a lesson of
//! its own. The plan ends as soon as the rest fits.

use std::cmp::Reverse;

use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use super::upkeep::{self, shown};
use super::uses::{self, Uses};
use crate::domain::agent::Budget;
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::tokens;
use crate::dream::Parameters;
use crate::evidence::stats;

/// What the line for a document of moved notes may need.
const POINTER: Extent = Extent { lines: 1, bytes: 200, tokens: 50 };

/// Words of notes that keep people and data from harm. Losing one costs more than it saves, so they
/// never go for want of room.
const KEEPS_SAFE: [&str; 18] = [
    "never",
    "must",
    "don't",
    "do not",
    "not ",
    "always ask",
    "ask before",
    "careful",
    "secret",
    "password",
    "private",
    "customer",
    "legal",
    "only with",
    "permission",
    "backup",
    "irreversible",
    "production",
];

/// What a plan has to work with.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// The memory.
    pub memory: &'a Snapshot,
    /// The document that is loaded into every session.
    pub index: Option<&'a DocPath>,
    /// Limits.
    pub budget: &'a Budget,
    /// What sessions used.
    pub uses: &'a Uses<'a>,
    /// Thresholds.
    pub parameters: &'a Parameters,
}

/// A plan, and how many tokens it leaves too many.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// One lesson per note.
    pub steps: Vec<Draft>,
    /// Tokens beyond the budget even after all of them.
    pub over: u64,
}

/// Plans for an index beyond its limit and a store beyond its budget; `gone` are notes that leave or
/// change anyway.
#[must_use]
pub fn plan(room: &Room<'_>, gone: &[Draft]) -> Plan {
    let leaves = |entry: &Entry, drafts: &[Draft]| {
        drafts.iter().any(|draft| {
            draft.step.takes().is_some_and(|(path, range)| {
                *path == entry.path && range.start < entry.range.end && entry.range.start < range.end
            })
        })
    };
    let mut steps = store(room, &|entry| leaves(entry, gone));
    let saved = |drafts: &[Draft]| -> u64 {
        let goes = |draft: &&Draft| matches!(draft.step, Step::Remove(..) | Step::Retire(..));
        drafts.iter().filter(goes).map(|draft| tokens::estimate(&draft.text)).sum()
    };
    let over = size(room.memory)
        .saturating_sub(saved(gone) + saved(&steps))
        .saturating_sub(room.budget.store_tokens);
    let moved = index(room, &|entry| leaves(entry, gone) || leaves(entry, &steps));
    steps.extend(moved);
    Plan { steps, over }
}

fn size(memory: &Snapshot) -> u64 {
    memory.iter().map(|(_, text)| tokens::estimate(text)).sum()
}

/// Notes that leave the store, those first that save most for what is lost: mere repeats, then notes
/// that nobody used, and last those that are used least for the room they take.
fn store(room: &Room<'_>, leaves: &dyn Fn(&Entry) -> bool) -> Vec<Draft> {
    let notes = entries::of_snapshot(room.memory);
    let gone: u64 = notes.iter().filter(|note| leaves(note)).map(|note| tokens::estimate(&note.text)).sum();
    let mut left = size(room.memory).saturating_sub(gone);
    let fits = |left: u64| left <= room.budget.store_tokens;
    let mut steps = Vec::new();
    if fits(left) {
        return steps;
    }
    // Short of room, notes that differ in a few words only are one too many; numbers, paths, names and
    // negations are compared as strictly as ever.
    let closer = Parameters {
        duplicate_containment: room.parameters.crowded_containment,
        duplicate_jaccard: room.parameters.crowded_jaccard,
        ..room.parameters.clone()
    };
    let taken = |draft: &Draft, notes: &[Entry]| {
        notes.iter().any(|note| draft.step.takes() == Some((&note.path, &note.range)) && leaves(note))
    };
    for draft in upkeep::duplicates(room.memory, room.index, &closer) {
        if !fits(left) && !taken(&draft, &notes) {
            left = left.saturating_sub(tokens::estimate(&draft.text));
            steps.push(draft);
        }
    }
    let stays = |note: &&Entry| {
        !leaves(note) && steps.iter().all(|s: &Draft| s.step.takes() != Some((&note.path, &note.range)))
    };
    let mut retired: Vec<(u64, Reverse<u64>, &Entry, String)> = notes
        .iter()
        .filter(stays)
        .filter_map(|note| {
            let saves = tokens::estimate(&note.text);
            let (value, reason) = match unused(note, room) {
                Some(reason) => (0, reason),
                None => little_used(note, room, saves)?,
            };
            Some((value, Reverse(saves), note, reason))
        })
        .collect();
    retired
        .sort_by(|a, b| (a.0, a.1, &a.2.path, a.2.range.start).cmp(&(b.0, b.1, &b.2.path, b.2.range.start)));
    for (_, Reverse(saves), note, reason) in retired {
        if fits(left) {
            break;
        }
        left = left.saturating_sub(saves);
        let statement = format!("Retire a note that {reason}: \"{}\"", shown(&note.text));
        steps.push(upkeep::upkeep(statement, note, Step::Retire(note.path.clone(), note.range.clone())));
    }
    steps
}

/// What a note is worth for its tokens, and how that is said. `None` where its worth can't be seen: it names
/// nothing that sessions could show, keeps from harm, leads elsewhere, or too few sessions were read.
fn little_used(note: &Entry, room: &Room<'_>, tokens: u64) -> Option<(u64, String)> {
    let chances = room.uses.units();
    let used = room.uses.count(&note.text);
    if note.link.is_some()
        || chances < room.parameters.rules.retire_after
        || keeps_safe(&note.text)
        || used == 0
    {
        return None;
    }
    let value = 1 + u64::from(used) * 1_000_000 / tokens.max(1);
    Some((value, format!("came up in {used} of {chances} sessions, to make room")))
}

/// It keeps people and data from harm.
#[must_use]
pub fn keeps_safe(note: &str) -> bool {
    let lower = note.to_lowercase();
    KEEPS_SAFE.iter().any(|word| lower.contains(word))
}

/// Why a note may go: it names commands or files, sessions had chances enough, and none took them.
/// `None` for notes that say nothing sessions could show, that keep from harm, or that are index lines.
#[must_use]
pub fn unused(note: &Entry, room: &Room<'_>) -> Option<String> {
    let chances = room.uses.units();
    if note.link.is_some()
        || chances < room.parameters.rules.retire_after
        || keeps_safe(&note.text)
        || uses::referents(&note.text).is_empty()
        || room.uses.count(&note.text) > 0
    {
        return None;
    }
    let (_, most) = stats::wilson(0, chances, 1.96);
    Some(format!(
        "nothing came up for in {chances} sessions (used in at most {:.0} % at 95 %)",
        (most * 100.0).ceil()
    ))
}

/// Notes that move out of an index beyond its limit, least used per byte first. A note that keeps from harm works
/// best where every session reads it, so others go before it. Lines that lead to another document are what an index
/// is for: they move only when nothing else is left to move.
fn index(room: &Room<'_>, leaves: &dyn Fn(&Entry) -> bool) -> Vec<Draft> {
    let Some((path, text)) = room.index.and_then(|path| room.memory.get(path).map(|text| (path, text)))
    else {
        return Vec::new();
    };
    let mut notes = entries::of_document(path, text);
    let mut left = Extent {
        lines: text.lines().count() as u64,
        bytes: text.len() as u64,
        tokens: tokens::estimate(text),
    };
    notes.iter().filter(|note| leaves(note)).for_each(|note| left.take(note));
    if left.fits(room.budget, Extent::default()) {
        return Vec::new();
    }
    notes.retain(|note| !leaves(note));
    let mut order: Vec<(u8, u64, Reverse<usize>, &Entry)> = notes
        .iter()
        .enumerate()
        .map(|(at, note)| {
            let value = u64::from(room.uses.count(&note.text) + 1) * 1_000_000 / (note.text.len() as u64 + 1);
            let dear = if note.link.is_some() { 2 } else { u8::from(keeps_safe(&note.text)) };
            (dear, value, Reverse(at), note)
        })
        .collect();
    order.sort_by_key(|(dear, value, at, _)| (*dear, *value, *at));
    let mut moved = Vec::new();
    for (.., note) in order {
        // The line that leads to the moved notes needs room, too.
        if left.fits(room.budget, POINTER) {
            break;
        }
        left.take(note);
        let statement = format!("Move \"{}\" out of the over-long index", shown(&note.text));
        moved.push(upkeep::upkeep(statement, note, Step::Move(path.clone(), note.range.clone())));
    }
    moved
}

/// How much room a text takes.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    lines: u64,
    bytes: u64,
    tokens: u64,
}

impl Extent {
    /// Without a note and the end of its last line.
    fn take(&mut self, note: &Entry) {
        self.lines = self.lines.saturating_sub(note.text.lines().count() as u64);
        self.bytes = self.bytes.saturating_sub(note.text.len() as u64 + 1);
        self.tokens = self.tokens.saturating_sub(tokens::estimate(&note.text));
    }

    fn fits(self, budget: &Budget, spare: Self) -> bool {
        self.tokens + spare.tokens <= budget.index_tokens
            && budget.index_lines.is_none_or(|most| self.lines + spare.lines <= most)
            && budget.index_bytes.is_none_or(|most| self.bytes + spare.bytes <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::pool::Pool;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    fn memory(documents: &[(&str, &str)]) -> Snapshot {
        documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect()
    }

    /// Thirty sessions that run `make test`.
    fn sessions() -> Scripts {
        let mut scripts = Scripts::default();
        for day in 0..30 {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            script.shell("make test", Ok("fine"));
            scripts.add(meta(&name, day), script);
        }
        scripts
    }

    fn planned(documents: &[(&str, &str)], index: Option<&str>, budget: &Budget) -> (Vec<String>, u64) {
        let scripts = sessions();
        let read = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let (memory, uses, parameters) = (memory(documents), Uses::of(&pool), Parameters::default());
        let index = index.map(|path| DocPath::new(path).unwrap());
        let room =
            Room { memory: &memory, index: index.as_ref(), budget, uses: &uses, parameters: &parameters };
        let Plan { steps, over } = plan(&room, &[]);
        (steps.into_iter().map(|step| step.text).collect(), over)
    }

    #[test]
    fn an_over_long_index_loses_its_least_used_notes_until_it_fits() {
        let mut text = "- [Tests](tests.md) — how they run\n".to_owned();
        for n in 0..11 {
            text.push_str(&format!("- note number {n} about the thing called `name{n}.rs`\n"));
        }
        let budget = Budget { index_lines: Some(10), ..Budget::default() };
        let (moved, _) = planned(&[("/MEMORY.md", &text)], Some("/MEMORY.md"), &budget);
        assert_eq!(moved.len(), 3, "two too many, and a line for the pointer");
        assert!(moved.iter().all(|text| text.starts_with("- note")), "links stay: {moved:?}");
        let roomy = Budget { index_lines: Some(12), ..Budget::default() };
        assert_eq!(planned(&[("/MEMORY.md", &text)], Some("/MEMORY.md"), &roomy).0, Vec::<String>::new());
    }

    #[test]
    fn an_index_that_costs_too_much_is_planned_without_other_limits_and_safety_goes_last() {
        let mut text = String::from("- Never run `tools/wipe.sh` on the machine of a customer.\n");
        for n in 0..10 {
            text.push_str(&format!("- note number {n} about the thing called `name{n}.rs`\n"));
        }
        let all = tokens::estimate(&text);
        let budget = |most| Budget { index_tokens: most, ..Budget::default() };
        // Nobody has to say which document the index is: it is the one of that name.
        let index = Some("/MEMORY.md");
        assert_eq!(planned(&[("/MEMORY.md", &text)], index, &budget(all)).0, Vec::<String>::new());
        let (moved, _) = planned(&[("/MEMORY.md", &text)], index, &budget(all - 20));
        assert!(!moved.is_empty() && moved.iter().all(|text| text.starts_with("- note")), "{moved:?}");
        let (moved, _) = planned(&[("/MEMORY.md", &text)], index, &budget(1));
        assert!(moved.last().is_some_and(|text| text.contains("wipe")), "{moved:?}");
    }

    const NOTES: &str = "# Notes\n\n- Run `make test` before a commit and read what it prints to the end.\n\
        - The old importer is started with `legacy import --all` and takes about an hour on a good day.\n\
        - `tools/convert.sh` turns the pictures of the year 2019 into the format of the year 2020.\n\
        - Never run `legacy wipe`, it takes everything along.\n\
        - People here like short sentences and dislike long ones, so write the short ones.\n";

    #[test]
    fn an_over_large_store_retires_what_nobody_used_until_it_fits() {
        let all = tokens::estimate(NOTES);
        let budget = |most| Budget { store_tokens: most, ..Budget::default() };
        assert_eq!(planned(&[("/n.md", NOTES)], None, &budget(all)), (vec![], 0));
        let (retired, over) = planned(&[("/n.md", NOTES)], None, &budget(all - 5));
        assert_eq!((retired.len(), over), (1, 0), "the first step is enough");
        assert!(retired[0].contains("legacy import"));
        let (retired, over) = planned(&[("/n.md", NOTES)], None, &budget(10));
        assert_eq!(retired.len(), 3, "what keeps safe or can't be seen stays: {retired:?}");
        assert!(retired[2].contains("make test"), "what is used goes last: {retired:?}");
        assert!(over > 0, "and the pass says how much is left");
    }

    #[test]
    fn short_of_room_a_nearly_equal_note_goes_before_an_unused_one() {
        let one = "- The importer reads the files of the shop every night at four and writes a short report.";
        let other =
            "- The importer reads the files of the shop each night at four and then writes a short report.";
        let text =
            format!("{one}\n{other}\n- Also see `legacy import --all` for the rest of the old days.\n");
        let budget = Budget { store_tokens: tokens::estimate(&text) - 4, ..Budget::default() };
        let (steps, _) = planned(&[("/n.md", &text)], None, &budget);
        assert_eq!(steps.len(), 1, "{steps:?}");
        assert!(steps[0].contains("importer"));
        assert_eq!(planned(&[("/n.md", &text)], None, &Budget::default()).0, Vec::<String>::new());
    }
}
