//! Compares the size of a memory with its limits.
//!
//! Owns: how size is measured and when it is worth a remark. Must not know: what is in the memory.

use super::mark;
use crate::domain::agent::Budget;
use crate::domain::lesson::{Mark, Severity};
use crate::domain::memory::{DocPath, Snapshot};
use crate::domain::tokens;

/// Size of a memory where limits apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemorySize {
    /// About how many tokens all documents cost.
    pub tokens: u64,
    /// Lines of the index document; 0 without one.
    pub index_lines: u64,
    /// Bytes of the index document.
    pub index_bytes: u64,
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
        }
    }
}

/// Marks a change that grows the memory beyond a limit. Shrinking is never marked, even where the
/// result is still too large: it is the way back.
#[must_use]
pub fn check(before: &MemorySize, after: &MemorySize, budget: &Budget) -> Vec<Mark> {
    let index = budget.index.as_deref().unwrap_or("the index");
    let limits = [
        (before.index_lines, after.index_lines, budget.index_lines, "lines"),
        (before.index_bytes, after.index_bytes, budget.index_bytes, "bytes"),
    ];
    let mut marks = Vec::new();
    for (before, after, limit, unit) in limits {
        if let Some(limit) = limit.filter(|&limit| after > limit && after > before) {
            marks.push(mark(
                "budget",
                Severity::Warn,
                format!("{index} would grow from {before} to {after} {unit}; the agent reads only the first {limit}"),
            ));
        }
    }
    if after.tokens > budget.store_tokens && after.tokens > before.tokens {
        marks.push(mark(
            "budget",
            Severity::Warn,
            format!(
                "the memory would grow from about {} to {} tokens; its budget is {}",
                before.tokens, after.tokens, budget.store_tokens
            ),
        ));
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget {
            index: Some("MEMORY.md".to_owned()),
            index_lines: Some(3),
            index_bytes: Some(40),
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
        assert_eq!(small, MemorySize { tokens: 3, index_lines: 2, index_bytes: 4 });
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
        let at = MemorySize { tokens: 30, index_lines: 3, index_bytes: 40 };
        assert_eq!(check(&MemorySize::default(), &at, &budget), vec![]);
        let over = MemorySize { tokens: 90, index_lines: 9, index_bytes: 90 };
        let less = MemorySize { tokens: 80, index_lines: 8, index_bytes: 80 };
        assert_eq!(check(&over, &less, &budget), vec![]);
        assert_eq!(check(&over, &over, &budget), vec![], "not this lesson's doing");
    }

    #[test]
    fn without_an_index_only_tokens_count() {
        let budget = Budget { store_tokens: 1, ..Budget::default() };
        let size = MemorySize::of(&memory("a\nb\nc\nd\n", "x"), &budget);
        assert_eq!(size.index_lines, 0);
        assert_eq!(check(&MemorySize::default(), &size, &budget).len(), 1);
    }
}
