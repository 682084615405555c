//! Moves ambiguous edits to natural boundaries.
//!
//! Owns: where an insertion or deletion that could stand in several places reads best. Must not
//! know: what becomes of the edit.
//!
//! When a list item is added whose neighbours start alike, the shortest script may insert the tail
//! of one item and the head of the next. The same edit shifted by a few lines inserts one whole item.

use std::ops::Range;

use similar::{DiffOp, DiffTag};

use super::fold::is_heading;
use super::lines::TextLine;

/// A run of both texts: equal, or an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Whether both sides are equal line by line.
    pub equal: bool,
    /// Lines of the old text.
    pub old: Range<usize>,
    /// Lines of the new text.
    pub new: Range<usize>,
}

/// Turns a script into alternating equal and edited segments, each edit where it reads best.
#[must_use]
pub fn segments(ops: &[DiffOp], old: &[TextLine<'_>], new: &[TextLine<'_>]) -> Vec<Segment> {
    let mut segments = framed(joined(ops), old.len(), new.len());
    for at in 0..segments.len() {
        slide(&mut segments, at, old, new);
    }
    segments.retain(|segment| !segment.old.is_empty() || !segment.new.is_empty());
    segments
}

/// Neighbouring edits become one; between two edits there is always an equal segment.
fn joined(ops: &[DiffOp]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::with_capacity(ops.len());
    for op in ops {
        let (tag, old, new) = op.as_tag_tuple();
        let equal = tag == DiffTag::Equal;
        match segments.last_mut() {
            Some(last) if last.equal == equal => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => segments.push(Segment { equal, old, new }),
        }
    }
    segments
}

/// With an equal run at both ends, if an empty one: what an edit slides over has to go somewhere.
fn framed(mut segments: Vec<Segment>, old: usize, new: usize) -> Vec<Segment> {
    if segments.first().is_some_and(|first| !first.equal) {
        segments.insert(0, Segment { equal: true, old: 0..0, new: 0..0 });
    }
    if segments.last().is_some_and(|last| !last.equal) {
        segments.push(Segment { equal: true, old: old..old, new: new..new });
    }
    segments
}

fn slide(segments: &mut [Segment], at: usize, old: &[TextLine<'_>], new: &[TextLine<'_>]) {
    let Some(edit) = segments.get(at) else { return };
    if edit.equal {
        return;
    }
    let (lines, range) = match (edit.old.is_empty(), edit.new.is_empty()) {
        (true, false) => (new, edit.new.clone()),
        (false, true) => (old, edit.old.clone()),
        _ => return,
    };
    let room = |index: Option<usize>| {
        index.and_then(|i| segments.get(i)).filter(|s| s.equal).map_or(0, |s| s.old.len())
    };
    // A neighbouring equal segment keeps at least one line, so that edits never touch.
    let keep = |index: Option<usize>| usize::from(index.is_some_and(|i| i > 0 && i + 1 < segments.len()));
    let (before, after) = (at.checked_sub(1), Some(at + 1));
    let up_most = room(before).saturating_sub(keep(before));
    let down_most = room(after).saturating_sub(keep(after));
    let line = |index: usize| lines.get(index);
    let up = (0..up_most).take_while(|&by| line(range.start - 1 - by) == line(range.end - 1 - by)).count();
    let down = (0..down_most)
        .take_while(|&by| line(range.start + by).is_some() && line(range.start + by) == line(range.end + by))
        .count();
    if up + down == 0 {
        return;
    }
    let length = range.len();
    let best = (range.start - up..=range.start + down)
        .max_by_key(|&start| (split_value(lines, start) + split_value(lines, start + length), start))
        .unwrap_or(range.start);
    let shift = best as isize - range.start as isize;
    if shift != 0 {
        shift_edit(segments, at, shift);
    }
}

fn shift_edit(segments: &mut [Segment], at: usize, shift: isize) {
    let moved = |value: usize| value.saturating_add_signed(shift);
    if let Some(edit) = segments.get_mut(at) {
        edit.old = moved(edit.old.start)..moved(edit.old.end);
        edit.new = moved(edit.new.start)..moved(edit.new.end);
    }
    if let Some(before) = at.checked_sub(1).and_then(|i| segments.get_mut(i)) {
        before.old.end = moved(before.old.end);
        before.new.end = moved(before.new.end);
    }
    if let Some(after) = segments.get_mut(at + 1) {
        after.old.start = moved(after.old.start);
        after.new.start = moved(after.new.start);
    }
}

/// How natural it is to cut before line `at`.
fn split_value(lines: &[TextLine<'_>], at: usize) -> i32 {
    let Some(line) = lines.get(at) else { return 9 };
    if at == 0 {
        return 9;
    }
    if line.is_blank() {
        return 3;
    }
    let indent = (line.text.len() - line.text.trim_start().len()).min(12) as i32;
    let after_blank = at.checked_sub(1).and_then(|i| lines.get(i)).is_some_and(TextLine::is_blank);
    if is_heading(line.text) {
        12
    } else if is_item(line.text) {
        8 + i32::from(after_blank) - indent / 2
    } else if after_blank {
        8 - indent / 2
    } else {
        0
    }
}

/// Whether a line starts a list item.
pub(super) fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let rest = line.strip_prefix(['-', '*', '+']).or_else(|| {
        line.trim_start_matches(|c: char| c.is_ascii_digit())
            .strip_prefix(['.', ')'])
            .filter(|_| line.starts_with(|c: char| c.is_ascii_digit()))
    });
    rest.is_some_and(|rest| rest.starts_with(' ') || rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::lines::{BY_LINES, compare, split};
    use super::*;

    /// The inserted lines of a comparison in which only one run is inserted.
    fn inserted(old: &str, new: &str) -> String {
        let (old, new) = (split(old), split(new));
        let segments = segments(&compare(BY_LINES, &old, &new), &old, &new);
        let edits: Vec<_> = segments.iter().filter(|segment| !segment.equal).collect();
        assert_eq!(edits.len(), 1, "{segments:?}");
        new[edits[0].new.clone()].iter().map(|line| format!("{}\n", line.text)).collect()
    }

    #[test]
    fn a_whole_item_is_inserted_not_two_halves() {
        let old = "- Ask first.\n  It matters.\n- Close.\n  It matters.\n";
        let new = "- Ask first.\n  It matters.\n- Call.\n  It matters.\n- Close.\n  It matters.\n";
        assert_eq!(inserted(old, new), "- Call.\n  It matters.\n");
    }

    #[test]
    fn a_section_starts_with_its_heading() {
        let old = "# A\n\ntext\n\n# C\n\ntext\n";
        let new = "# A\n\ntext\n\n# B\n\ntext\n\n# C\n\ntext\n";
        assert_eq!(inserted(old, new), "# B\n\ntext\n\n");
    }

    #[test]
    fn a_paragraph_keeps_the_blank_line_after_it() {
        assert_eq!(inserted("one\n\nthree\n", "one\n\ntwo\n\nthree\n"), "two\n\n");
    }

    #[test]
    fn items_are_recognised() {
        for item in ["- a", "* a", "+ a", "1. a", "12) a", "  - a", "-"] {
            assert!(is_item(item), "{item}");
        }
        for text in ["-a", "1.5 litres", ". a", "a - b", "", "**bold**"] {
            assert!(!is_item(text), "{text}");
        }
    }
}
