//! Which change put each line of a memory there, followed through the states the memory went through.
//!
//! Owns: carrying the causes of lines from one state to the next: a line keeps its cause for as long
//! as it stays the same line, also when its document only changes its name. Pure: states and causes
//! come in, causes come out. Must not know: where states are kept, or what a cause is.

use std::collections::BTreeMap;

use similar::{Algorithm, DiffOp};

use crate::domain::memory::{DocPath, Snapshot};

/// Causes of the lines of every document of one state of a memory.
#[derive(Debug, Clone)]
pub struct Blame<C> {
    state: Snapshot,
    lines: BTreeMap<DocPath, Vec<Option<C>>>,
}

impl<C: Clone> Blame<C> {
    /// Begins with a state whose lines have no known cause.
    #[must_use]
    pub fn begin(state: Snapshot) -> Self {
        let lines =
            state.iter().map(|(path, text)| (path.clone(), vec![None; text.lines().count()])).collect();
        Self { state, lines }
    }

    /// Goes on to the next state. `cause` is asked for every line that was not there before.
    pub fn step(&mut self, to: Snapshot, cause: &mut dyn FnMut(&DocPath, &str) -> Option<C>) {
        let mut carried = BTreeMap::new();
        for (path, text) in to.iter() {
            let source = self.source(path, text, &to);
            let was = source.as_ref().and_then(|source| self.state.get(source));
            let known = source.as_ref().and_then(|source| self.lines.get(source));
            let causes = match (was, known) {
                (Some(was), Some(known)) if was == text => known.clone(),
                (Some(was), Some(known)) => carry(was, text, known, &mut |line| cause(path, line)),
                _ => text.lines().map(|line| cause(path, line)).collect(),
            };
            carried.insert(path.clone(), causes);
        }
        self.lines = carried;
        self.state = to;
    }

    /// Causes of the lines of a document; empty if there is no such document.
    #[must_use]
    pub fn of(&self, path: &DocPath) -> &[Option<C>] {
        self.lines.get(path).map_or(&[], Vec::as_slice)
    }

    /// The state reached.
    #[must_use]
    pub fn state(&self) -> &Snapshot {
        &self.state
    }

    /// The document whose lines a document continues: itself, or one that is gone and had its text.
    fn source(&self, path: &DocPath, text: &str, to: &Snapshot) -> Option<DocPath> {
        if self.state.get(path).is_some() {
            return Some(path.clone());
        }
        let renamed = self.state.iter().find(|(old, was)| to.get(old).is_none() && ***was == *text);
        renamed.map(|(old, _)| old.clone())
    }
}

fn carry<C: Clone>(
    was: &str,
    text: &str,
    known: &[Option<C>],
    cause: &mut dyn FnMut(&str) -> Option<C>,
) -> Vec<Option<C>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (was.lines().collect(), text.lines().collect());
    let mut causes = Vec::with_capacity(new.len());
    for op in similar::capture_diff_slices(Algorithm::Patience, &old, &new) {
        let kept = matches!(op, DiffOp::Equal { .. });
        for (offset, line) in op.new_range().enumerate() {
            causes.push(if kept {
                known.get(op.old_range().start + offset).cloned().flatten()
            } else {
                new.get(line).and_then(|line| cause(line))
            });
        }
    }
    causes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn state(documents: &[(&str, &str)]) -> Snapshot {
        documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), Arc::<str>::from(*text))).collect()
    }

    fn shown(blame: &Blame<char>, path: &str) -> String {
        blame.of(&DocPath::new(path).unwrap()).iter().map(|cause| cause.unwrap_or('.')).collect()
    }

    #[test]
    fn a_line_keeps_its_cause_while_others_come_and_go() {
        let mut blame = Blame::begin(state(&[("/a.md", "one\ntwo\n")]));
        blame.step(state(&[("/a.md", "one\nnew\ntwo\n")]), &mut |_, _| Some('a'));
        assert_eq!(shown(&blame, "/a.md"), ".a.");
        blame.step(state(&[("/a.md", "zero\nnew\ntwo\nthree\n")]), &mut |_, _| Some('b'));
        assert_eq!(shown(&blame, "/a.md"), "ba.b");
        blame.step(state(&[("/a.md", "new\n")]), &mut |_, _| Some('c'));
        assert_eq!(shown(&blame, "/a.md"), "a");
        assert_eq!(shown(&blame, "/none.md"), "");
    }

    #[test]
    fn a_renamed_document_keeps_its_causes_and_a_new_one_has_its_own() {
        let mut blame = Blame::begin(state(&[("/a.md", "one\n")]));
        blame.step(state(&[("/a.md", "one\nnew\n")]), &mut |_, _| Some('a'));
        blame.step(state(&[("/b.md", "one\nnew\n"), ("/c.md", "one\n")]), &mut |_, _| Some('b'));
        assert_eq!(shown(&blame, "/b.md"), ".a");
        assert_eq!(shown(&blame, "/c.md"), "b");
    }

    #[test]
    fn there_is_a_cause_for_every_line_whatever_the_line_ends() {
        let mut blame = Blame::begin(state(&[("/a.md", "one\r\ntwo")]));
        assert_eq!(shown(&blame, "/a.md"), "..");
        blame.step(state(&[("/a.md", "one\r\ntwo\n\n")]), &mut |_, _| Some('a'));
        assert_eq!(shown(&blame, "/a.md").len(), 3);
        blame.step(state(&[("/a.md", "")]), &mut |_, _| Some('b'));
        assert_eq!(shown(&blame, "/a.md"), "");
    }
}
