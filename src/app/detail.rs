//! The open lesson: its texts, how the diff is shown, and where the reader is in it.
//!
//! Owns: scroll, search and layout choices, and keeping the reader's place when lines are painted
//! anew. Must not know: how lines are painted; it only hears how many there are and where the
//! changes stand.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diff::FoldId;
use crate::domain::ids::LessonId;

use super::data::{Compare, Failure, LessonDetail};

/// Which of the diff layouts is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Side by side where it fits, otherwise unified.
    #[default]
    Auto,
    /// Side by side.
    Split,
    /// One column.
    Unified,
}

impl Layout {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Split,
            Self::Split => Self::Unified,
            Self::Unified => Self::Auto,
        }
    }

    /// As said to the reader.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "whichever fits",
            Self::Split => "side by side",
            Self::Unified => "unified",
        }
    }
}

/// How the diff is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DiffStyle {
    /// Layout.
    pub layout: Layout,
    /// Long lines continue on the next row instead of being cut.
    pub wrap: bool,
    /// Unchanged text is shown in full.
    pub unfolded: bool,
    /// The text as it will read, changes marked in the margin.
    pub final_text: bool,
    /// Unchanged lines shown around each change.
    #[serde(default = "context")]
    pub context: u8,
}

const fn context() -> u8 {
    3
}

impl Default for DiffStyle {
    fn default() -> Self {
        Self { layout: Layout::Auto, wrap: true, unfolded: false, final_text: false, context: context() }
    }
}

/// What the reader hears of painted lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Painted {
    /// Texts they were painted from, as in [`Detail::revision`].
    pub revision: u64,
    /// For each line, the row of the diff it belongs to; never decreasing.
    pub rows: Vec<u32>,
    /// Lines where a change begins.
    pub changes: Vec<usize>,
    /// Lines that are headings, or that say which heading what comes after them stands under; safe to show.
    pub headings: Vec<(usize, String)>,
    /// Lines that hold a match of the search.
    pub matches: Vec<usize>,
    /// Lines that stand for hidden text.
    pub folds: Vec<(usize, FoldId)>,
}

/// The open lesson.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detail {
    lesson: Option<LessonId>,
    content: Option<Arc<LessonDetail>>,
    failure: Option<Failure>,
    revision: u64,
    /// Number of the newest question asked about it; answers with another number are late.
    pub(super) asked: u64,
    /// How the diff is shown.
    pub style: DiffStyle,
    /// What is searched for.
    pub search: Option<String>,
    /// The match the reader is at, counted from 0.
    hit: Option<usize>,
    /// The words are new, and where they stand is not known yet.
    seeking: bool,
    /// First line shown.
    pub scroll: usize,
    /// Where it was put so that the first change is in view; the reader did not scroll while it is the same.
    put_there: Option<usize>,
    /// Where the reader would be if there were lines enough below it, while the top is where that led.
    wanted: Option<(usize, usize)>,
    /// A change that stays where it is on the screen when more or less is shown around it: which, and how many
    /// lines below the top.
    held: Option<(usize, usize)>,
    /// Selected piece of evidence.
    pub evidence: usize,
    /// Folds the reader opened.
    pub open_folds: BTreeSet<FoldId>,
    /// Which of its texts are beside each other.
    compare: Compare,
    painted: Painted,
}

impl Detail {
    /// The lesson that is, or is being, opened.
    #[must_use]
    pub fn lesson(&self) -> Option<&LessonId> {
        self.lesson.as_ref()
    }

    /// Its texts and evidence, once they are there.
    #[must_use]
    pub fn content(&self) -> Option<&Arc<LessonDetail>> {
        self.content.as_ref()
    }

    /// Why they are not there.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Grows with every new text, so that painted lines can be matched to what they show.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Which of its texts are beside each other.
    #[must_use]
    pub fn compare(&self) -> Compare {
        self.compare
    }

    /// Goes on to the next texts that can be put beside each other.
    pub fn compare_next(&mut self) {
        let all = self.content.as_ref().map(|content| content.comparisons()).unwrap_or_default();
        let at = all.iter().position(|compare| *compare == self.compare);
        let next = at.and_then(|at| all.get(at + 1)).copied();
        self.compare = next.unwrap_or_default();
        self.revision += 1;
        self.scroll = 0;
        self.open_folds.clear();
    }

    /// What is known of the painted lines.
    #[must_use]
    pub fn painted(&self) -> &Painted {
        &self.painted
    }

    /// Turns to another lesson; its texts are not there yet.
    pub fn open(&mut self, lesson: Option<LessonId>) {
        *self = Self {
            lesson,
            revision: self.revision + 1,
            asked: self.asked,
            style: self.style,
            search: self.search.take(),
            ..Self::default()
        };
    }

    /// Takes in texts and evidence. The same lesson read again keeps the reader's place.
    pub fn fill(&mut self, content: LessonDetail) {
        let unchanged = self.content.as_ref().is_some_and(|old| old.documents == content.documents);
        if !unchanged {
            self.revision += 1;
            self.compare = Compare::default();
            self.open_folds.clear();
        }
        self.evidence = self.evidence.min(content.evidence.len().saturating_sub(1));
        self.failure = None;
        self.content = Some(Arc::new(content));
    }

    /// Says why there are no texts.
    pub fn fail(&mut self, failure: Failure) {
        self.content = None;
        self.evidence = 0;
        self.failure = Some(failure);
    }

    /// Hears of newly painted lines, and puts the same row back at the top.
    pub fn hear(&mut self, painted: Painted, page: usize) {
        if painted.revision != self.revision {
            return;
        }
        let fresh = self.painted.revision != painted.revision;
        let anchor = self.painted.rows.get(self.wanted_line()).copied();
        let untouched =
            !fresh && self.put_there == Some(self.scroll) && !self.seeking && self.search.is_none();
        self.painted = painted;
        let held = self.held.take().filter(|_| !fresh);
        if let Some((line, below)) =
            held.and_then(|(at, below)| Some((*self.painted.changes.get(at)?, below)))
        {
            return self.scroll_to(line.saturating_sub(below), page);
        }
        match anchor {
            Some(row) if !fresh && !untouched => {
                let line = self.painted.rows.partition_point(|&r| r < row);
                self.keep_at(line, page);
            }
            _ => return self.show_first_change(page),
        }
        if std::mem::take(&mut self.seeking) {
            self.jump_to_match(true, page);
        }
    }

    /// A reader who opens a lesson wants to see what it changes and what that stands under: from the top if
    /// the change is near it, else from the heading above it if both are in view, else with as much before
    /// it as there is room for. What is at the top is never the middle of a line.
    fn show_first_change(&mut self, page: usize) {
        const ABOVE: usize = 3;
        /// Lines of the change that are to be seen at once.
        const SEEN: usize = 6;
        let page = page.max(1);
        let Some(&change) = self.painted.changes.first() else { return self.scroll_to(0, page) };
        let seen = SEEN.min(page);
        let fits = |top: &usize| change - top + seen <= page;
        let heading = self.painted.headings.iter().rev().map(|(line, _)| *line).find(|line| *line <= change);
        let whole = |top: &usize| self.starts_a_row(*top);
        let near = change.saturating_sub(ABOVE)..=change;
        let top = [Some(0), heading].into_iter().flatten().chain(near.filter(whole)).find(fits);
        self.scroll_to(top.unwrap_or(change), page);
        // At the end of the text the top was moved up to where the last page begins.
        let start = (0..=self.scroll).rev().find(|top| self.starts_a_row(*top)).unwrap_or(0);
        if change < start + page {
            self.scroll = start;
        }
        self.put_there = Some(self.scroll);
    }

    /// Hears that there are more or fewer rows now. A reader who did not scroll yet sees the change in the way
    /// that suits them: below the list there are few, on a page of its own many.
    pub fn resized(&mut self, page: usize) {
        if page == 0 {
            // Another place has the screen; this one is as it was when it has it again.
        } else if self.put_there == Some(self.scroll) {
            self.show_first_change(page);
        } else {
            self.keep_at(self.wanted_line(), page);
        }
    }

    /// The line the reader chose for the top; a large page may not have been able to put it there.
    fn wanted_line(&self) -> usize {
        self.wanted.filter(|(led_to, _)| *led_to == self.scroll).map_or(self.scroll, |(_, line)| line)
    }

    /// Puts a line at the top as far as there are lines, and remembers it for a smaller page.
    fn keep_at(&mut self, line: usize, page: usize) {
        self.scroll_to(line, page);
        self.wanted = Some((self.scroll, line));
    }

    /// Keeps the first change in view where it is, whatever comes to stand above it.
    pub fn hold_change(&mut self, page: usize) {
        let view = self.scroll..self.scroll + page.max(1);
        let at = self.painted.changes.iter().position(|line| view.contains(line));
        self.held = at.and_then(|at| Some((at, self.painted.changes.get(at)? - self.scroll)));
    }

    fn starts_a_row(&self, line: usize) -> bool {
        let row = |line: usize| self.painted.rows.get(line);
        line.checked_sub(1).is_none_or(|before| row(before) != row(line))
    }

    /// The heading that the line at the top stands under, if it is out of view.
    #[must_use]
    pub fn heading_above(&self) -> Option<&str> {
        let after = self.painted.headings.partition_point(|(line, _)| *line <= self.scroll);
        let (line, text) = after.checked_sub(1).and_then(|index| self.painted.headings.get(index))?;
        (*line < self.scroll).then_some(text)
    }

    /// Scrolls so that `line` is at the top, as far as there are lines.
    pub fn scroll_to(&mut self, line: usize, page: usize) {
        self.scroll = line.min(self.painted.rows.len().saturating_sub(page.max(1)));
    }

    /// Scrolls by so many lines.
    pub fn scroll_by(&mut self, by: isize, page: usize) {
        self.scroll_to(self.scroll.saturating_add_signed(by), page);
    }

    /// Goes to the next (or previous) of `stops` seen from the top line; `false` if there is none.
    pub fn jump(&mut self, stops: Stops, forward: bool, page: usize) -> bool {
        if stops == Stops::Matches {
            return self.jump_to_match(forward, page);
        }
        let lines = &self.painted.changes;
        let before = self.scroll;
        let bottom = self.painted.rows.len().saturating_sub(page.max(1));
        let target = if forward {
            // A stop that is already as far up as it can get is behind the reader.
            lines.iter().copied().find(|&line| line > before && before < bottom)
        } else {
            lines.iter().copied().rev().find(|&line| line < before)
        };
        let Some(target) = target else { return false };
        self.scroll_to(target, page);
        self.scroll != before
    }

    /// Searches for something else, from what is in view on.
    pub fn look_for(&mut self, words: &str) {
        self.search_again(Some(words.to_owned()).filter(|words| !words.is_empty()));
        self.seeking = self.search.is_some();
    }

    /// Goes back to an earlier search, or to none.
    pub fn search_again(&mut self, words: Option<String>) {
        (self.search, self.hit, self.seeking) = (words, None, false);
    }

    /// Goes to the next (or previous) match: of the one the reader is at while it is in view, else of what is.
    fn jump_to_match(&mut self, forward: bool, page: usize) -> bool {
        let matches = &self.painted.matches;
        let view = self.scroll..self.scroll + page.max(1);
        let at = self.hit.filter(|&at| matches.get(at).is_some_and(|line| view.contains(line)));
        let to = match (at, forward) {
            (Some(at), true) => Some(at + 1).filter(|&next| next < matches.len()),
            (Some(at), false) => at.checked_sub(1),
            (None, true) => matches.iter().position(|&line| line >= view.start),
            (None, false) => matches.iter().rposition(|&line| line < view.end),
        };
        let Some((to, line)) = to.and_then(|to| Some((to, *matches.get(to)?))) else { return false };
        self.hit = Some(to);
        if !view.contains(&line) {
            self.scroll_to(line, page);
        }
        true
    }

    /// The line of the match the reader is at.
    #[must_use]
    pub fn match_line(&self) -> Option<usize> {
        self.search.as_ref()?;
        self.painted.matches.get(self.hit?).copied()
    }

    /// The fold that Enter opens: the first in view.
    #[must_use]
    pub fn fold_in_view(&self, page: usize) -> Option<FoldId> {
        let view = self.scroll..self.scroll + page.max(1);
        self.painted.folds.iter().find(|(line, _)| view.contains(line)).map(|(_, fold)| *fold)
    }

    /// Which match the reader is at, or else is at the top, counted from one, and how many there are.
    #[must_use]
    pub fn match_position(&self) -> Option<(usize, usize)> {
        let matches = &self.painted.matches;
        self.search.as_ref()?;
        let own = self.hit.filter(|&at| matches.get(at).is_some_and(|line| *line >= self.scroll));
        let at = own.map_or_else(|| matches.partition_point(|&line| line <= self.scroll).max(1), |at| at + 1);
        Some((at.min(matches.len()), matches.len()))
    }
}

/// Lines to jump between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stops {
    /// Starts of changes.
    Changes,
    /// Matches of the search.
    Matches,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(rows: &[u32], changes: &[usize]) -> Painted {
        Painted { revision: 1, rows: rows.to_vec(), changes: changes.to_vec(), ..Painted::default() }
    }

    fn opened() -> Detail {
        let mut detail = Detail::default();
        detail.open(Some(LessonId::new("les_1")));
        detail
    }

    #[test]
    fn a_change_far_down_is_brought_into_view() {
        let mut detail = opened();
        detail.hear(painted(&(0..50).collect::<Vec<_>>(), &[30, 40]), 10);
        assert_eq!(detail.scroll, 27);
        assert_eq!(detail.heading_above(), None);
        assert!(detail.jump(Stops::Changes, true, 10));
        assert_eq!(detail.scroll, 30);
        assert!(detail.jump(Stops::Changes, true, 10));
        assert_eq!(detail.scroll, 40);
        assert!(!detail.jump(Stops::Changes, true, 10));
    }

    #[test]
    fn a_lesson_opens_at_what_its_change_stands_under() {
        // Every third line goes on with the line before it.
        let rows: Vec<u32> = (0..60).map(|line| line - line % 3).collect();
        let open = |change: usize, heading: usize, page: usize| {
            let mut detail = opened();
            let headings = vec![(0, "# Top".to_owned()), (heading, "## Section".to_owned())];
            detail.hear(Painted { headings, ..painted(&rows, &[change]) }, page);
            (detail.scroll, detail.heading_above().map(str::to_owned))
        };
        // From the top, from the heading, and where the heading is too far up, from a whole line before the
        // change, with the heading said.
        assert_eq!(open(6, 3, 20), (0, None));
        assert_eq!(open(30, 24, 20), (24, None));
        assert_eq!(open(30, 9, 10), (27, Some("## Section".to_owned())));
        assert_eq!(open(30, 9, 6), (30, Some("## Section".to_owned())));
        // The last page begins in the middle of a line; the line before the change is whole all the same.
        assert_eq!(open(57, 9, 8), (51, Some("## Section".to_owned())));
        for change in (0..60).step_by(3) {
            for page in 1..30 {
                let (top, _) = open(change, change / 2, page);
                assert!(top <= change && change < top + page, "{change} {page} {top}");
            }
        }
    }

    #[test]
    fn painting_anew_keeps_the_row_at_the_top() {
        let mut detail = opened();
        detail.hear(painted(&[0, 1, 2, 3, 4, 5], &[0]), 2);
        detail.scroll_to(3, 2);
        detail.hear(painted(&[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5], &[0]), 2);
        assert_eq!(detail.scroll, 6);
    }

    #[test]
    fn a_change_in_view_stays_where_it_is_when_more_is_shown_around_it() {
        let mut detail = opened();
        // A fold of 20 lines, then the change; unfolded it is far below.
        detail.hear(painted(&[0, 20, 21, 22, 23], &[3]), 5);
        detail.hold_change(5);
        detail.hear(painted(&(0..60).collect::<Vec<_>>(), &[22]), 5);
        assert_eq!(detail.scroll, 19);
        detail.hold_change(5);
        detail.hear(painted(&[0, 20, 21, 22, 23], &[3]), 5);
        assert_eq!(detail.scroll, 0);
    }

    #[test]
    fn lines_of_another_lesson_are_not_taken() {
        let mut detail = opened();
        detail.hear(Painted { revision: 7, rows: vec![0; 9], ..Painted::default() }, 3);
        assert!(detail.painted().rows.is_empty());
    }
}
