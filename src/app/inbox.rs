//! The working list: which lessons are under review, which of them are in view, and what is chosen.
//!
//! Owns: population and visibility (two predicates, never one: counts must not change because a
//! filter hides something), grouping by agent, marks, counts. The same lesson of several agents is one row
//! and counts once. Must not know: how rows are drawn or how decisions are stored.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::domain::agent::Agent;
use crate::domain::dream::DreamStatus;
use crate::domain::ids::{AgentId, DreamId, LessonId};
use crate::domain::lesson::{Lesson, Severity};
use crate::domain::lifecycle::State;

use super::data::{AgentSummary, DreamSummary};
use super::filter::Filter;
use super::selection::Selection;
use super::slots::Slots;
use super::sort::{Placed, Sort};
use super::tally::Tally;
use crate::domain::same::{self, Folds, Offer};

/// One lesson under review.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The lesson as the cache knows it.
    pub lesson: Lesson,
    /// A decision on its way to the cache: number of the batch, and the state it leads to.
    pub saving: Option<(u64, State)>,
    /// Decided since the console was opened; stays in view, so that the list does not jump.
    pub decided_here: bool,
}

impl Entry {
    /// The state to show: the one being saved, else the one saved.
    #[must_use]
    pub fn state(&self) -> State {
        self.saving.map_or(self.lesson.state, |(_, state)| state)
    }

    /// Whether it still waits for the reviewer.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.state().is_undecided()
    }
}

/// One row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Heading: index into [`Inbox::groups`].
    Group(usize),
    /// Lesson: index into [`Inbox::entries`].
    Lesson(usize),
}

/// Heading over the lessons of one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Whose memory.
    pub agent: AgentId,
    /// What people call the agent.
    pub name: String,
    /// The passes that they are of.
    pub dreams: Vec<DreamId>,
    /// When the latest of these began, if it is known.
    pub started: Option<Timestamp>,
    /// Lessons in view below the heading.
    pub shown: usize,
    /// Those of them that still wait for a decision.
    pub undecided: usize,
}

/// Numbers for titles and tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Undecided lessons that meet the threshold, whatever the filter says.
    pub to_review: usize,
    /// Undecided lessons below the threshold.
    pub below: usize,
    /// Lessons that would be in view without the filter.
    pub filtered: usize,
    /// Accepted lessons that wait to be written.
    pub accepted: usize,
    /// Lessons that wait for their snooze to end.
    pub snoozed: usize,
    /// Lessons in view.
    pub visible: usize,
    /// Lessons in view that are decided already.
    pub decided: usize,
    /// Lessons to review that the memory moved away from.
    pub conflicts: usize,
    /// Lessons to review that a guard forbids to write as they are.
    pub blocked: usize,
    /// Lessons to review that a guard warns of, and no more than that.
    pub warned: usize,
    /// Lessons below the threshold are in view, because the filter says itself how many examples.
    pub below_shown: bool,
}

impl Counts {
    /// Notes what a lesson to review asks to be looked at for.
    fn attend(&mut self, entry: &Entry) {
        self.conflicts += usize::from(entry.state() == State::Conflict);
        match entry.lesson.marks.iter().map(|mark| mark.severity).max() {
            Some(Severity::Block) => self.blocked += 1,
            Some(Severity::Warn) => self.warned += 1,
            Some(Severity::Info) | None => {}
        }
    }
}

/// The list and everything chosen in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inbox {
    entries: Vec<Entry>,
    by_id: HashMap<LessonId, usize>,
    names: HashMap<AgentId, String>,
    dreams: HashMap<DreamId, Timestamp>,
    groups: Vec<Group>,
    /// Entries by index in the order of the list, in view or not: it changes far less often than what is in view.
    order: Vec<usize>,
    /// Lessons that several agents have in the same words, whether or not they are one as they stand.
    alike: Vec<usize>,
    /// Those that are one.
    folds: Folds,
    /// Entries by index, in order, that the filter and the threshold let into view; of those that are one only
    /// the best gets a row.
    passed: Vec<usize>,
    rows: Vec<Row>,
    visible: Vec<LessonId>,
    counts: Counts,
    by_agent: Slots<AgentId>,
    by_dream: Slots<DreamId>,
    /// Grows whenever other lessons are taken in.
    revision: u64,
    filter: Filter,
    threshold: u32,
    sort: Sort,
    /// The cursor.
    pub selection: Selection<LessonId>,
    marks: BTreeSet<LessonId>,
    range: Option<LessonId>,
}

impl Inbox {
    /// Takes in what the cache holds now. Cursor, marks and decisions on their way survive.
    pub fn refill(
        &mut self,
        lessons: Vec<Lesson>,
        agents: &[AgentSummary],
        gone: &[Agent],
        dreams: &[DreamSummary],
    ) {
        // People know an agent by its name also when no place has it any more.
        let known = gone.iter().chain(agents.iter().map(|summary| &summary.agent));
        let names = known.map(|agent| (agent.id.clone(), agent.name.clone())).collect();
        let dreams = dreams
            .iter()
            .filter(|d| d.dream.status == DreamStatus::Completed)
            .map(|d| (d.dream.id.clone(), d.dream.started))
            .collect();
        // A sync in which nothing changed is the rule, and the list may be long.
        if self.names == names && self.dreams == dreams && self.holds(&lessons) {
            return;
        }
        (self.names, self.dreams) = (names, dreams);
        let old = std::mem::take(&mut self.entries);
        // What waited to be written and is written now was decided on here, whoever proposed it: a text fitted to
        // the memory makes another lesson, and one accepted before the start was never decided in this console.
        let mut kept: HashMap<LessonId, _> = old
            .into_iter()
            .map(|e| {
                let stays = e.decided_here || e.lesson.awaits_apply(e.state());
                (e.lesson.id, (e.saving, stays))
            })
            .collect();
        self.entries = lessons
            .into_iter()
            .map(|lesson| {
                let (saving, decided_here) = kept.remove(&lesson.id).unwrap_or_default();
                Entry { lesson, saving, decided_here }
            })
            .collect();
        self.by_id = self.entries.iter().enumerate().map(|(i, e)| (e.lesson.id.clone(), i)).collect();
        self.by_agent = Slots::of(self.entries.iter().map(|entry| &entry.lesson.agent));
        self.by_dream = Slots::of(self.entries.iter().map(|entry| &entry.lesson.dream));
        self.alike = same::alike(self.entries.iter().map(|entry| &entry.lesson).enumerate());
        self.revision += 1;
        self.marks.retain(|id| self.by_id.contains_key(id));
        if self.range.as_ref().is_some_and(|id| !self.by_id.contains_key(id)) {
            self.range = None;
        }
        self.arrange();
        self.rebuild();
    }

    /// Whether these are the lessons it has, as it has them.
    fn holds(&self, lessons: &[Lesson]) -> bool {
        self.entries.len() == lessons.len()
            && self.entries.iter().zip(lessons).all(|(entry, lesson)| entry.lesson == *lesson)
    }

    /// Works out again what there is and what of it is in view; the cursor stays with its lesson.
    fn rebuild(&mut self) {
        self.fold();
        self.recount();
        self.show_all();
    }

    /// Works out which lessons are one, as they stand.
    fn fold(&mut self) {
        let offers = self.alike.iter().filter_map(|&index| {
            let entry = self.entries.get(index)?;
            Some((index, Offer::of(&entry.lesson, entry.state(), self.name(&entry.lesson.agent))?))
        });
        self.folds = Folds::of(offers);
    }

    /// Counts what there is, whatever the filter says.
    fn recount(&mut self) {
        let mut counts = Counts::default();
        self.by_agent.clear();
        self.by_dream.clear();
        for (index, entry) in self.entries.iter().enumerate() {
            let meets = entry.lesson.meets(self.threshold);
            if self.stands_for_all(index) {
                match (entry.is_undecided(), meets) {
                    (true, true) => {
                        counts.to_review += 1;
                        counts.attend(entry);
                    }
                    (true, false) => counts.below += 1,
                    (false, _) => {}
                }
                counts.accepted += usize::from(entry.lesson.awaits_apply(entry.state()));
                counts.snoozed += usize::from(entry.state() == State::Snoozed);
            }
            // Each agent and each pass has all of its own.
            let tallies = [self.by_agent.tally_mut(index), self.by_dream.tally_mut(index)];
            for tally in tallies.into_iter().flatten() {
                tally.count(&entry.lesson, entry.state(), meets);
            }
        }
        self.counts = counts;
    }

    /// Whether a lesson is the one that is counted of those that are one: the best of them that meets the
    /// threshold, or the best if none does.
    fn stands_for_all(&self, index: usize) -> bool {
        let all = self.folds.with(index);
        let meets =
            |index: &&usize| self.entries.get(**index).is_some_and(|e| e.lesson.meets(self.threshold));
        all.iter().find(meets).or(all.first()).is_none_or(|&one| one == index)
    }

    /// Which of some entries, given by index, come into view, and how many rows only the filter keeps out.
    fn passing(&self, candidates: &[usize]) -> (Vec<usize>, usize) {
        let below_shown = self.filter.names_support();
        let any_state = self.filter.names_states();
        let names: Vec<&str> = self.by_agent.keys().iter().map(|agent| self.name(agent)).collect();
        let mut filtered = Vec::new();
        let mut passed = Vec::with_capacity(candidates.len());
        for &index in candidates {
            let Some(entry) = self.entries.get(index) else { continue };
            let undecided = entry.is_undecided();
            let in_population =
                any_state || undecided || entry.decided_here || entry.lesson.awaits_apply(entry.state());
            // What was decided stays in view whatever the threshold: it will be written.
            let meets = !undecided || below_shown || entry.lesson.meets(self.threshold);
            if !in_population || !meets {
                continue;
            }
            let name = self.by_agent.place(index).and_then(|place| names.get(place)).copied();
            if self.filter.matches(&entry.lesson, name.unwrap_or_default()) {
                passed.push(index);
            } else {
                filtered.push(index);
            }
        }
        let filtered = self.folds.rows_without(&filtered, &passed);
        (passed, filtered)
    }

    /// Works out what is in view of everything.
    fn show_all(&mut self) {
        let (passed, filtered) = self.passing(&self.order);
        self.counts.filtered = filtered;
        self.counts.below_shown = self.filter.names_support();
        self.lay_out(passed);
    }

    /// Puts entries under their headings; the cursor stays with its lesson.
    fn lay_out(&mut self, passed: Vec<usize>) {
        let shown = self.folds.rows(&passed);
        self.counts.decided = 0;
        self.counts.visible = shown.len();
        self.rows.clear();
        self.groups.clear();
        self.visible.clear();
        let mut last = None;
        for &index in &shown {
            let Some(entry) = self.entries.get(index) else { continue };
            let lesson = &entry.lesson;
            let of = self.by_agent.place(index);
            if last.replace(of) != Some(of) {
                self.rows.push(Row::Group(self.groups.len()));
                self.groups.push(Group {
                    agent: lesson.agent.clone(),
                    name: self.name(&lesson.agent).to_owned(),
                    dreams: Vec::new(),
                    started: None,
                    shown: 0,
                    undecided: 0,
                });
            }
            let undecided = usize::from(entry.is_undecided());
            self.counts.decided += 1 - undecided;
            if let Some(group) = self.groups.last_mut() {
                if !group.dreams.contains(&lesson.dream) {
                    group.dreams.push(lesson.dream.clone());
                    group.started = group.started.max(self.dreams.get(&lesson.dream).copied());
                }
                group.shown += 1;
                group.undecided += undecided;
            }
            self.rows.push(Row::Lesson(index));
            self.visible.push(lesson.id.clone());
        }
        self.passed = passed;
        self.follow_row();
        self.selection.reconcile(&self.visible);
    }

    /// Moves the cursor from a lesson to the row that shows it, if that is the row of another.
    fn follow_row(&mut self) {
        let Some(row) = self.selection.current().and_then(|id| self.row_of(id)) else { return };
        if self.selection.current() != Some(&row) {
            self.selection.select(&self.visible, row);
        }
    }

    /// The lesson in view that shows this one, where it is one with others.
    fn row_of(&self, id: &LessonId) -> Option<LessonId> {
        let all = self.folds.with(*self.by_id.get(id)?);
        let ids = all.iter().filter_map(|&index| self.entries.get(index)).map(|entry| &entry.lesson.id);
        ids.clone().find(|id| self.visible.contains(id)).cloned()
    }

    /// The lesson that stands for all that are one with this, whatever is in view.
    fn head<'a>(&'a self, id: &'a LessonId) -> &'a LessonId {
        let head = self.by_id.get(id).and_then(|&index| self.entries.get(self.folds.head(index)));
        head.map_or(id, |entry| &entry.lesson.id)
    }

    /// The lessons that are shown in one row with this, the best first; nothing if it is alone.
    pub fn in_one(&self, id: &LessonId) -> impl Iterator<Item = &Entry> {
        let all = self.by_id.get(id).map_or(&[][..], |&index| self.folds.with(index));
        all.iter().filter_map(|&index| self.entries.get(index))
    }

    /// Whether a row in view shows a lesson.
    #[must_use]
    pub fn is_in_view(&self, id: &LessonId) -> bool {
        self.visible.contains(id) || self.row_of(id).is_some()
    }

    /// How many rows some lessons make.
    #[must_use]
    pub fn rows_of<'a>(&'a self, lessons: impl IntoIterator<Item = &'a LessonId>) -> usize {
        lessons.into_iter().map(|id| self.head(id)).collect::<BTreeSet<_>>().len()
    }

    /// Undecided lessons below the threshold that the filter lets through, one for each row.
    #[must_use]
    pub fn below(&self) -> BTreeSet<LessonId> {
        let all = self.entries.iter().enumerate().filter(|(index, entry)| {
            let below = entry.is_undecided() && !entry.lesson.meets(self.threshold);
            below && self.stands_for_all(*index)
        });
        let passes = |entry: &&Entry| self.filter.matches(&entry.lesson, self.name(&entry.lesson.agent));
        let passing = |index: usize, entry: &Entry| {
            let mut others = self.folds.with(index).iter().filter_map(|&index| self.entries.get(index));
            passes(&entry) || others.any(|other| passes(&other))
        };
        all.filter(|(index, entry)| passing(*index, entry))
            .map(|(_, entry)| entry.lesson.id.clone())
            .collect()
    }

    /// Works out the order. What groups are ordered by is looked up once for each lesson.
    fn arrange(&mut self) {
        let mut placed: Vec<(Placed<'_>, usize)> = self
            .entries
            .iter()
            .enumerate()
            .map(|(index, entry)| (self.placed(&entry.lesson), index))
            .collect();
        placed.sort_by(|(a, _), (b, _)| self.sort.compare_in_groups(a, b));
        self.order = placed.into_iter().map(|(_, index)| index).collect();
    }

    fn placed<'a>(&'a self, lesson: &'a Lesson) -> Placed<'a> {
        Placed { lesson, agent: self.name(&lesson.agent), started: self.dreams.get(&lesson.dream).copied() }
    }

    /// What people call an agent.
    #[must_use]
    pub fn name<'a>(&'a self, agent: &'a AgentId) -> &'a str {
        self.names.get(agent).map_or(agent.as_str(), String::as_str)
    }

    /// Every lesson under review, in no particular order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One lesson.
    #[must_use]
    pub fn entry(&self, id: &LessonId) -> Option<&Entry> {
        self.by_id.get(id).and_then(|&index| self.entries.get(index))
    }

    /// The lesson under the cursor, if it is in view.
    #[must_use]
    pub fn current(&self) -> Option<&Entry> {
        if self.visible.is_empty() {
            return None;
        }
        self.selection.current().and_then(|id| self.entry(id))
    }

    /// The row of the lesson under the cursor, if it is in view.
    #[must_use]
    pub fn current_row(&self) -> Option<usize> {
        let index = self.selection.index();
        if self.visible.get(index) != self.selection.current() {
            return None;
        }
        let mut before = 0;
        let headings = self.groups.iter().take_while(|group| {
            let above = before <= index;
            before += group.shown;
            above
        });
        Some(index + headings.count())
    }

    /// Grows whenever other lessons are taken in: what is worked out over all of them holds until then.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Rows in view.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Headings in view.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Lessons in view, in order.
    #[must_use]
    pub fn visible(&self) -> &[LessonId] {
        &self.visible
    }

    /// Numbers for titles and tabs.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How the lessons of an agent stand.
    #[must_use]
    pub fn of_agent(&self, agent: &AgentId) -> Tally {
        self.by_agent.tally(agent)
    }

    /// How the lessons of a pass stand.
    #[must_use]
    pub fn of_dream(&self, dream: &DreamId) -> Tally {
        self.by_dream.tally(dream)
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Smallest example count shown.
    #[must_use]
    pub fn threshold(&self) -> u32 {
        self.threshold
    }

    /// Order inside groups.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Sets the filter. What a longer word leaves in view is part of what the shorter one left, so that typing
    /// on looks at ever fewer lessons.
    pub fn set_filter(&mut self, text: &str) {
        let filter = Filter::parse(text);
        let narrower = filter.narrows(&self.filter);
        self.filter = filter;
        if !narrower {
            return self.show_all();
        }
        let (passed, filtered) = self.passing(&self.passed);
        // The letters of a word that all of them have change nothing.
        if passed.len() < self.passed.len() {
            self.counts.filtered += filtered;
            self.lay_out(passed);
        }
    }

    /// Sets the threshold.
    pub fn set_threshold(&mut self, threshold: u32) {
        self.threshold = threshold;
        self.rebuild();
    }

    /// Sets the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.arrange();
        self.rebuild();
    }

    /// Moves the cursor by so many lessons.
    pub fn step(&mut self, by: isize) {
        self.selection.step(&self.visible, by);
    }

    /// Puts the cursor on a lesson by its place in view.
    pub fn go_to(&mut self, index: usize) {
        self.selection.select_index(&self.visible, index);
    }

    /// Puts the cursor back on a lesson, if it is in view: letters of a filter on the way to a word leave others in
    /// view for a moment, and the cursor belongs where the reviewer had it.
    pub fn go_back_to(&mut self, id: &LessonId) {
        let row = self.row_of(id).unwrap_or_else(|| id.clone());
        if self.visible.contains(&row) {
            self.selection.select(&self.visible, row);
        }
    }

    /// Puts the cursor on a lesson that was decided before the console was opened, as on one decided since: it
    /// stays in view from now on. `false` if the filter was in the way, and is taken off.
    pub fn bring_back(&mut self, id: LessonId) -> bool {
        if let Some(entry) = self.entry_mut(&id) {
            entry.decided_here = true;
        }
        self.rebuild();
        let passes = self.is_in_view(&id);
        if !passes {
            self.set_filter("");
        }
        self.go_to_lesson(id);
        passes
    }

    /// Puts the cursor on a lesson by its identity.
    pub fn go_to_lesson(&mut self, id: LessonId) {
        let row = self.row_of(&id).unwrap_or(id);
        self.selection.select(&self.visible, row);
    }

    /// Moves the cursor to the next (or previous) undecided lesson, round the end if need be;
    /// `false` if there is none but this.
    pub fn go_to_undecided(&mut self, forward: bool) -> bool {
        let count = self.visible.len();
        let at = self.selection.index();
        let found = (1..count)
            .map(|step| if forward { (at + step) % count } else { (at + count - step) % count })
            .find(|&i| self.visible.get(i).and_then(|id| self.entry(id)).is_some_and(Entry::is_undecided));
        if let Some(index) = found {
            self.go_to(index);
        }
        found.is_some()
    }

    /// Marked lessons, whether in view or not, one for each row; a range being drawn counts.
    #[must_use]
    pub fn chosen(&self) -> BTreeSet<LessonId> {
        self.marks.iter().chain(self.ranged()).map(|id| self.head(id).clone()).collect()
    }

    /// Whether one lesson is marked or inside the range, or one that is shown in one row with it.
    #[must_use]
    pub fn is_chosen(&self, id: &LessonId) -> bool {
        let is = |id: &LessonId| self.marks.contains(id) || self.ranged().contains(id);
        is(id) || self.in_one(id).any(|entry| is(&entry.lesson.id))
    }

    /// Whether anything is marked or a range is being drawn.
    #[must_use]
    pub fn has_chosen(&self) -> bool {
        !self.marks.is_empty() || self.range.is_some()
    }

    /// Number of chosen lessons, and how many of them are not in view.
    #[must_use]
    pub fn chosen_counts(&self) -> (usize, usize) {
        let chosen = self.chosen();
        let visible: BTreeSet<_> = self.visible.iter().map(|id| self.head(id)).collect();
        let hidden = chosen.iter().filter(|id| !visible.contains(id)).count();
        (chosen.len(), hidden)
    }

    /// Whether a range is being drawn.
    #[must_use]
    pub fn is_ranging(&self) -> bool {
        self.range.is_some()
    }

    fn ranged(&self) -> &[LessonId] {
        let anchor = self.range.as_ref().and_then(|anchor| self.visible.iter().position(|id| id == anchor));
        let Some(anchor) = anchor else { return &[] };
        let at = self.selection.index();
        self.visible.get(anchor.min(at)..=anchor.max(at)).unwrap_or(&[])
    }

    /// Marks the lesson under the cursor, or takes its mark off.
    pub fn toggle_mark(&mut self) {
        let Some(id) = self.current().map(|entry| entry.lesson.id.clone()) else { return };
        if !self.unmark(&id) {
            self.marks.insert(id);
        }
    }

    /// Takes the mark off a row; `false` if it had none.
    fn unmark(&mut self, id: &LessonId) -> bool {
        let all: Vec<LessonId> = self.in_one(id).map(|entry| entry.lesson.id.clone()).collect();
        let others = all.iter().filter(|id| self.marks.remove(id)).count();
        self.marks.remove(id) || others > 0
    }

    /// Marks lessons, wherever they are.
    pub fn mark(&mut self, lessons: impl IntoIterator<Item = LessonId>) {
        self.marks.extend(lessons);
    }

    /// Starts a range at the cursor, or turns the range into marks.
    pub fn toggle_range(&mut self) {
        if self.range.is_some() {
            self.marks = self.chosen();
            self.range = None;
        } else {
            self.range = self.current().map(|entry| entry.lesson.id.clone());
        }
    }

    /// Marks what waits for a decision in view, or takes all marks in view off if that is marked already. What
    /// was decided is nobody's to decide again by the way: it is marked so only where nothing else is in view.
    pub fn toggle_all(&mut self) {
        self.range = None;
        let waits = |id: &&LessonId| self.entry(id).is_some_and(Entry::is_undecided);
        let waiting: Vec<LessonId> = self.visible.iter().filter(waits).cloned().collect();
        let wanted = if waiting.is_empty() { self.visible.clone() } else { waiting };
        if wanted.iter().all(|id| self.is_chosen(id)) {
            for id in self.visible.clone() {
                self.unmark(&id);
            }
        } else {
            self.marks.extend(wanted);
        }
    }

    /// Takes the range away; `false` if there was none.
    pub fn clear_range(&mut self) -> bool {
        self.range.take().is_some()
    }

    /// Takes all marks off; `false` if there were none.
    pub fn clear_marks(&mut self) -> bool {
        let had = self.has_chosen();
        self.marks.clear();
        self.range = None;
        had
    }

    /// Notes decisions on their way to the cache.
    pub fn begin_saving(&mut self, token: u64, decisions: &[(LessonId, State)]) {
        for (id, state) in decisions {
            if let Some(entry) = self.entry_mut(id) {
                entry.saving = Some((token, *state));
                entry.decided_here = true;
            }
        }
        self.rebuild();
    }

    /// Lessons of a batch on its way.
    #[must_use]
    pub fn saving(&self, token: u64) -> Vec<LessonId> {
        let of = |entry: &&Entry| entry.saving.is_some_and(|(of, _)| of == token);
        self.entries.iter().filter(of).map(|entry| entry.lesson.id.clone()).collect()
    }

    /// Notes that a batch is durable, or was refused; either way it is no longer on its way.
    pub fn end_saving(&mut self, token: u64) {
        for entry in &mut self.entries {
            if entry.saving.is_some_and(|(of, _)| of == token) {
                entry.saving = None;
            }
        }
        self.rebuild();
    }

    /// Takes in states that are durable in the cache.
    pub fn set_states(&mut self, changed: &[(LessonId, State)]) {
        for (id, state) in changed {
            if let Some(entry) = self.entry_mut(id) {
                entry.lesson.state = *state;
                entry.decided_here = true;
            }
        }
        self.rebuild();
    }

    fn entry_mut(&mut self, id: &LessonId) -> Option<&mut Entry> {
        self.by_id.get(id).and_then(|&index| self.entries.get_mut(index))
    }
}
