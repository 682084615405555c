//! Compares the size of a memory with its limits.
//!
//! Owns: how size is measured and when it is worth a remark. Must not know: what is in the memory.

use std::collections::BTreeSet;

use super::mark;
use crate::domain::agent::Budget;
use crate::domain::lesson::{Mark, Severity};
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::tokens;

/// Name of the guard.
pub const GUARD: &str = "budget";

/// Size of a memory where limits apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemorySize {
    /// About how many tokens all documents cost.
    pub tokens: u64,
    /// Lines of the index document; 0 without one.
    pub index_lines: u64,
    /// Bytes of the index document.
    pub index_bytes: u64,
    /// About how many tokens the index document costs.
    pub index_tokens: u64,
}

impl MemorySize {
    /// Measures a memory.
    #[must_use]
    pub fn of(memory: &Snapshot, budget: &Budget) -> Self {
        let index = budget
            .index
            .as_deref()
            .and_then(|path| DocPath::new(path).ok())
            .and_then(|path| memory.get(&path));
        Self {
            tokens: memory.iter().map(|(_, text)| tokens::estimate(text)).sum(),
            index_lines: index.map_or(0, |text| text.lines().count() as u64),
            index_bytes: index.map_or(0, |text| text.len() as u64),
            index_tokens: index.map_or(0, |text| tokens::estimate(text)),
        }
    }
}

/// Marks a change that grows the memory beyond a limit. Shrinking is never marked, even where the
/// result is still too large: it is the way back.
#[must_use]
pub fn check(before: &MemorySize, after: &MemorySize, budget: &Budget) -> Vec<Mark> {
    let mut marks = growth_of_index(before, after, budget);
    marks.extend(growth(before, after, budget));
    marks
}

fn growth_of_index(before: &MemorySize, after: &MemorySize, budget: &Budget) -> Vec<Mark> {
    let index = budget.index.as_deref().unwrap_or("the index");
    let limits = [
        (before.index_lines, after.index_lines, budget.index_lines, "lines"),
        (before.index_bytes, after.index_bytes, budget.index_bytes, "bytes"),
    ];
    let mut marks = Vec::new();
    for (before, after, limit, unit) in limits {
        if let Some(limit) = limit.filter(|&limit| after > limit && after > before) {
            marks.push(mark(
                GUARD,
                Severity::Warn,
                format!("{index} would grow from {before} to {after} {unit}; the agent reads only the first {limit}"),
            ));
        }
    }
    if after.index_tokens > budget.index_tokens && after.index_tokens > before.index_tokens {
        let text = format!(
            "{index} would grow from about {} to {} tokens; every session pays for it, and its budget is {}",
            before.index_tokens, after.index_tokens, budget.index_tokens
        );
        marks.push(mark(GUARD, Severity::Warn, text));
    }
    marks
}

fn growth(before: &MemorySize, after: &MemorySize, budget: &Budget) -> Option<Mark> {
    let grows = after.tokens > budget.store_tokens && after.tokens > before.tokens;
    let text = || {
        format!(
            "the memory would grow from about {} to {} tokens; its budget is {}",
            before.tokens, after.tokens, budget.store_tokens
        )
    };
    grows.then(|| mark(GUARD, Severity::Warn, text()))
}

/// The remarks on a change as a whole: what of its index the agent would not read, and growth.
#[must_use]
pub fn of_plan(
    (memory_before, before): (&Snapshot, &MemorySize),
    (memory_after, after): (&Snapshot, &MemorySize),
    budget: &Budget,
) -> Vec<Mark> {
    let mut marks = unread(memory_before, memory_after, budget);
    if marks.is_empty() {
        marks = growth_of_index(before, after, budget);
    }
    marks.extend(growth(before, after, budget));
    marks.extend(still_over(before, after, budget));
    marks
}

/// What stays over its budget although the change does not make it worse: one step of a plan is not the end of it.
fn still_over(before: &MemorySize, after: &MemorySize, budget: &Budget) -> Vec<Mark> {
    let index = budget.index.as_deref().unwrap_or("the index");
    let sizes = [
        (index, before.index_tokens, after.index_tokens, budget.index_tokens),
        ("the memory", before.tokens, after.tokens, budget.store_tokens),
    ];
    let over = sizes.into_iter().filter(|(_, before, after, most)| after > most && after <= before);
    over.map(|(what, _, after, most)| {
        let text = format!("{what} would still have about {after} tokens; its budget is {most}");
        mark(GUARD, Severity::Info, text)
    })
    .collect()
}

/// What a memory over the limits of its index keeps from the agent: lines that would be read no more, and new
/// ones that never would be. Where the change makes that no worse it is said, but is no warning.
#[must_use]
pub fn unread(before: &Snapshot, after: &Snapshot, budget: &Budget) -> Vec<Mark> {
    let Some(index) = budget.index.as_deref() else { return Vec::new() };
    let Ok(path) = DocPath::new(index) else { return Vec::new() };
    let (Some(now), Some(then)) = (before.get(&path).map_or(Some(""), |text| Some(text)), after.get(&path))
    else {
        return Vec::new();
    };
    let (read, rest) = then.split_at(loaded(then, budget));
    let (read_before, rest_before) = now.split_at(loaded(now, budget));
    if rest.trim().is_empty() {
        return Vec::new();
    }
    let lines = |text: &'_ str| -> BTreeSet<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let (still, earlier, unread_before) = (lines(read), lines(read_before), lines(rest_before));
    let beyond = lines(rest);
    let pushed = beyond.iter().filter(|line| earlier.contains(*line) && !still.contains(*line)).count();
    let fresh =
        beyond.iter().filter(|line| !earlier.contains(*line) && !unread_before.contains(*line)).count();
    let mut said = vec![format!(
        "{index} would have {}, and the agent reads only the first {}",
        plural(then.lines().count(), "line"),
        read.lines().count()
    )];
    if fresh > 0 {
        said.push(format!("{} of this would never be read", plural(fresh, "new line")));
    }
    if pushed > 0 {
        said.push(format!("{} would be read no more", plural(pushed, "line")));
    }
    let grows = then.len() > now.len();
    let worse = fresh > 0 || pushed > 0 || grows;
    vec![mark(GUARD, if worse { Severity::Warn } else { Severity::Info }, said.join("; "))]
}

/// Bytes of an index that the agent reads: whole lines up to the first limit.
fn loaded(text: &str, budget: &Budget) -> usize {
    let (lines, bytes) = (budget.index_lines.unwrap_or(u64::MAX), budget.index_bytes.unwrap_or(u64::MAX));
    let mut end = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number as u64 >= lines || (end + line.len()) as u64 > bytes {
            break;
        }
        end += line.len();
    }
    end
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget {
            index: Some("MEMORY.md".to_owned()),
            index_lines: Some(3),
            index_bytes: Some(40),
            index_tokens: 50,
            store_tokens: 30,
        }
    }

    fn memory(index: &str, note: &str) -> Snapshot {
        let mut memory = Snapshot::new();
        memory.insert(DocPath::new("MEMORY.md").unwrap(), index);
        memory.insert(DocPath::new("note.md").unwrap(), note);
        memory
    }

    #[test]
    fn growth_beyond_each_limit_is_marked() {
        let budget = budget();
        let small = MemorySize::of(&memory("a\nb\n", "x"), &budget);
        assert_eq!(small, MemorySize { tokens: 3, index_lines: 2, index_bytes: 4, index_tokens: 2 });
        let many_lines = MemorySize::of(&memory("a\nb\nc\nd\n", "x"), &budget);
        let texts = |marks: Vec<Mark>| marks.into_iter().map(|mark| mark.text).collect::<Vec<_>>();
        assert_eq!(
            texts(check(&small, &many_lines, &budget)),
            ["MEMORY.md would grow from 2 to 4 lines; the agent reads only the first 3"]
        );
        let long = MemorySize::of(&memory(&"a".repeat(41), &"x".repeat(200)), &budget);
        assert_eq!(texts(check(&small, &long, &budget)).len(), 2);
    }

    #[test]
    fn at_the_limit_and_shrinking_are_fine() {
        let budget = budget();
        let at = MemorySize { tokens: 30, index_lines: 3, index_bytes: 40, index_tokens: 50 };
        assert_eq!(check(&MemorySize::default(), &at, &budget), vec![]);
        let over = MemorySize { tokens: 90, index_lines: 9, index_bytes: 90, index_tokens: 90 };
        let less = MemorySize { tokens: 80, index_lines: 8, index_bytes: 80, index_tokens: 80 };
        assert_eq!(check(&over, &less, &budget), vec![]);
        assert_eq!(check(&over, &over, &budget), vec![], "not this lesson's doing");
    }

    #[test]
    fn an_index_that_is_read_whole_may_cost_too_much_all_the_same() {
        let budget = Budget { index_lines: None, index_bytes: None, ..budget() };
        let short = MemorySize { index_tokens: 50, ..MemorySize::default() };
        let long = MemorySize { index_tokens: 51, ..MemorySize::default() };
        let marks = check(&short, &long, &budget);
        assert_eq!(
            marks[0].text,
            "MEMORY.md would grow from about 50 to 51 tokens; every session pays for it, and its budget is 50"
        );
        assert_eq!(check(&long, &long, &budget), vec![]);
    }

    #[test]
    fn what_stays_over_its_budget_is_told_of_a_plan_and_is_no_warning() {
        let budget = Budget { index_tokens: 5, ..budget() };
        let (long, short) = (memory(&"word ".repeat(30), ""), memory(&"word ".repeat(20), ""));
        let size = |memory: &Snapshot| MemorySize::of(memory, &budget);
        let marks = of_plan((&long, &size(&long)), (&short, &size(&short)), &budget);
        let told = marks.iter().find(|mark| mark.text.contains("would still have")).unwrap();
        assert!(
            told.text.ends_with("tokens; its budget is 5") && told.severity == Severity::Info,
            "{told:?}"
        );
        let small = memory("a\n", "");
        assert!(of_plan((&long, &size(&long)), (&small, &size(&small)), &budget).is_empty());
    }

    fn unread_texts(before: &str, after: &str) -> Vec<String> {
        let marks = unread(&memory(before, ""), &memory(after, ""), &budget());
        marks.into_iter().map(|mark| mark.text).collect()
    }

    #[test]
    fn what_stands_beyond_the_limit_is_told_even_where_nothing_grows() {
        assert_eq!(
            unread_texts("a\nb\nc\nd\n", "a\nb\nc\nnew\n"),
            [
                "MEMORY.md would have 4 lines, and the agent reads only the first 3; 1 new line of this would never be read"
            ]
        );
        assert_eq!(
            unread_texts("a\nb\nc\n", "new\na\nb\nc\n"),
            [
                "MEMORY.md would have 4 lines, and the agent reads only the first 3; 1 line would be read no more"
            ]
        );
        assert_eq!(
            unread_texts("a\nb\nc\nd\ne\n", "a\nb\nc\nd\n"),
            ["MEMORY.md would have 4 lines, and the agent reads only the first 3"]
        );
        let (long, short) = ("x".repeat(30), "y".repeat(8));
        assert_eq!(
            unread_texts("", &format!("{long}\n{short}\nz\n")),
            [
                "MEMORY.md would have 3 lines, and the agent reads only the first 2; 1 new line of this would never be read"
            ],
            "the limit in bytes is reached first"
        );
    }

    #[test]
    fn within_the_limits_all_is_read() {
        assert_eq!(unread_texts("a\nb\nc\nd\n", "a\nb\nc\n"), Vec::<String>::new());
        assert_eq!(unread_texts("a\n", "a\nb\nc\n\n"), Vec::<String>::new());
        assert_eq!(unread(&Snapshot::new(), &Snapshot::new(), &budget()), vec![]);
    }

    #[test]
    fn without_an_index_only_tokens_count() {
        let budget = Budget { store_tokens: 1, ..Budget::default() };
        let size = MemorySize::of(&memory("a\nb\nc\nd\n", "x"), &budget);
        assert_eq!(size.index_lines, 0);
        assert_eq!(check(&MemorySize::default(), &size, &budget).len(), 1);
    }
}
