//! A lesson that collides with the memory, part by part: the memory now, as it was when dreamed over, and the
//! lesson; the reviewer chooses a side of each part.
//!
//! Owns: taking the text with all sides apart, the choices, and putting a text together from them. Must not
//! know: how the sides were found, or what is done with the text.

use std::ops::Range;

use crate::diff::words::emphasis;

/// What is written of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    /// Nothing was chosen yet.
    #[default]
    Open,
    /// The memory as it is now.
    Now,
    /// The lesson.
    Lesson,
    /// The memory now, and the lesson below it.
    Both,
    /// As it was when it was dreamed over.
    Base,
}

/// A stretch of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All sides say the same.
    Same(String),
    /// They differ.
    Meeting {
        /// The memory now.
        now: String,
        /// As it was when it was dreamed over.
        base: String,
        /// The lesson.
        lesson: String,
        /// Words that differ between them.
        differ: Differing,
        /// What is written.
        side: Side,
    },
}

/// A document with all sides in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts(Vec<Part>);

impl Parts {
    /// Takes a text apart whose sides stand between marks, as [`crate::app::data::LessonDetail::to_fit`] has it.
    /// `None` where no sides are in it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts: Vec<Part> = Vec::new();
        let mut same = String::new();
        let mut open: Option<(usize, [String; 3])> = None;
        for line in text.split_inclusive('\n') {
            let mark = |mark: &str| line.trim_end() == mark || line.starts_with(&format!("{mark} "));
            match &mut open {
                None if mark("<<<<<<<") => {
                    if !same.is_empty() {
                        parts.push(Part::Same(std::mem::take(&mut same)));
                    }
                    open = Some((0, Default::default()));
                }
                None => same.push_str(line),
                Some((at, _)) if *at == 0 && mark("|||||||") => *at = 1,
                Some((at, _)) if *at == 1 && mark("=======") => *at = 2,
                Some((2, _)) if mark(">>>>>>>") => {
                    if let Some((_, [now, base, lesson])) = open.take() {
                        let differ = Differing::of(&now, &base, &lesson);
                        parts.push(Part::Meeting { now, base, lesson, differ, side: Side::Open });
                    }
                }
                Some((at, sides)) => {
                    if let Some(side) = sides.get_mut(*at) {
                        side.push_str(line);
                    }
                }
            }
        }
        if !same.is_empty() {
            parts.push(Part::Same(same));
        }
        let whole = open.is_none() && parts.iter().any(|part| matches!(part, Part::Meeting { .. }));
        whole.then_some(Self(parts))
    }

    /// All stretches in order.
    #[must_use]
    pub fn all(&self) -> &[Part] {
        &self.0
    }

    /// How many differ.
    #[must_use]
    pub fn meeting(&self) -> usize {
        self.sides().count()
    }

    /// How many of them wait for a choice.
    #[must_use]
    pub fn open(&self) -> usize {
        self.sides().filter(|side| *side == Side::Open).count()
    }

    /// The choices, in order.
    pub fn sides(&self) -> impl Iterator<Item = Side> {
        self.0.iter().filter_map(|part| match part {
            Part::Meeting { side, .. } => Some(*side),
            Part::Same(_) => None,
        })
    }

    /// Chooses a side of a part, counted among those that differ.
    pub fn choose(&mut self, index: usize, chosen: Side) {
        let mut meeting = self.0.iter_mut().filter_map(|part| match part {
            Part::Meeting { side, .. } => Some(side),
            Part::Same(_) => None,
        });
        if let Some(side) = meeting.nth(index) {
            *side = chosen;
        }
    }

    /// The text with what was chosen. Parts that wait for a choice keep their marks.
    #[must_use]
    pub fn text(&self) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Same(text) => text.clone(),
                Part::Meeting { now, base, lesson, side: Side::Open, .. } => format!(
                    "<<<<<<< the memory now\n{now}||||||| when it was dreamed\n{base}=======\n{lesson}>>>>>>> this lesson\n"
                ),
                Part::Meeting { now, base, lesson, side, .. } => chosen(now, base, lesson, *side),
            })
            .collect()
    }
}

/// Words that differ from what the lesson was dreamed over, in each of the sides; where that had
/// nothing, from one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Differing {
    /// In the memory now.
    pub now: Vec<Range<usize>>,
    /// In the text that it was dreamed over.
    pub base: Vec<Range<usize>>,
    /// In the lesson.
    pub lesson: Vec<Range<usize>>,
}

impl Differing {
    fn of(now: &str, base: &str, lesson: &str) -> Self {
        if base.trim().is_empty() {
            let between = emphasis(now, lesson);
            return Self { now: between.old, base: Vec::new(), lesson: between.new };
        }
        let (there, here) = (emphasis(base, now), emphasis(base, lesson));
        let mut gone = there.old;
        gone.extend(here.old);
        Self { now: there.new, base: gone, lesson: here.new }
    }
}

/// What is written of one part; empty where nothing was chosen.
#[must_use]
pub fn chosen(now: &str, base: &str, lesson: &str, side: Side) -> String {
    match side {
        Side::Open => String::new(),
        Side::Now => now.to_owned(),
        Side::Lesson => lesson.to_owned(),
        Side::Base => base.to_owned(),
        Side::Both => {
            let ends = now.is_empty() || now.ends_with('\n');
            format!("{now}{}{lesson}", if ends { "" } else { "\n" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, ranges: &[Range<usize>]) -> Vec<String> {
        ranges.iter().filter_map(|range| text.get(range.clone()).map(str::to_owned)).collect()
    }

    #[test]
    fn words_that_differ_are_known_on_every_side() {
        let (now, base) = ("- Refunds take 21 days.\n", "- Refunds take 14 days.\n");
        let lesson = "- Refunds take 14 working days.\n";
        let differ = Differing::of(now, base, lesson);
        assert_eq!(marked(now, &differ.now), ["21"]);
        assert_eq!(marked(base, &differ.base), ["14"]);
        assert_eq!(marked(lesson, &differ.lesson).concat().trim(), "working");
        // Where there was nothing, the two are held against each other.
        let differ = Differing::of(now, "", "- Refunds take 30 days.\n");
        assert_eq!(marked(now, &differ.now), ["21"]);
        assert_eq!(differ.base, Vec::<Range<usize>>::new());
    }

    const TEXT: &str = "# A\n\n<<<<<<< the memory now\n- one day\n||||||| when it was dreamed\n- one hour\n=======\n- two hours\n>>>>>>> this lesson\n- end\n<<<<<<< the memory now\n||||||| when it was dreamed\n- gone\n=======\n- new\n>>>>>>> this lesson\n";

    #[test]
    fn sides_are_chosen_part_by_part() {
        let mut parts = Parts::read(TEXT).unwrap();
        assert_eq!((parts.meeting(), parts.open()), (2, 2));
        assert_eq!(parts.text(), TEXT);
        parts.choose(0, Side::Both);
        assert_eq!(parts.open(), 1);
        parts.choose(1, Side::Now);
        assert_eq!(parts.text(), "# A\n\n- one day\n- two hours\n- end\n");
        parts.choose(0, Side::Lesson);
        parts.choose(1, Side::Base);
        assert_eq!(parts.text(), "# A\n\n- two hours\n- end\n- gone\n");
    }

    #[test]
    fn a_text_without_whole_sides_is_not_taken_apart() {
        assert_eq!(Parts::read("# A\n\nplain\n"), None);
        assert_eq!(Parts::read("<<<<<<< now\na\n=======\nb\n"), None);
    }
}
