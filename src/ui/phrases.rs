//! Several phrases on one line: what there is no room for goes, the least important first and each as a
//! whole.
//!
//! Owns: which wording of which phrase is shown in how many cells. Must not know: what is said.

use crate::domain::phrase::Phrase;
use crate::domain::text::SafeText;

use super::wrap;

/// What stands around the phrases of a line.
#[derive(Debug, Clone, Copy)]
pub struct Between<'a> {
    /// Between two phrases.
    pub dot: &'a str,
    /// At the end of a line that had to leave something out: how to see the rest.
    pub more: &'a str,
    /// At the end of a phrase that had to be cut.
    pub ellipsis: &'a str,
}

/// The phrases, the most important first, in at most `cells`. Where there is not room for all of them in full,
/// some are said in fewer words; where there is not room for that, the least important are left out. Only a
/// phrase that does not fit alone is cut, between two words.
#[must_use]
pub fn fit(phrases: &[Phrase], between: Between<'_>, cells: usize) -> String {
    for count in (1..=phrases.len()).rev() {
        let kept = phrases.get(..count).unwrap_or_default();
        let more = if count < phrases.len() { between.more } else { "" };
        let rest = if more.is_empty() { 0 } else { wrap::width(between.dot) + wrap::width(more) };
        let Some(room) = cells.checked_sub(rest) else { continue };
        let Some(wordings) = fullest(kept, wrap::width(between.dot), room) else { continue };
        let mut said: Vec<&str> = kept
            .iter()
            .enumerate()
            .map(|(at, phrase)| if wordings & 1 << at == 0 { &*phrase.long } else { &*phrase.short })
            .collect();
        said.extend((!more.is_empty()).then_some(more));
        return said.join(between.dot);
    }
    let first = phrases.first().map_or("", |phrase| phrase.short.as_str());
    at_words(first, cells, between.ellipsis)
}

/// Which of the phrases are said in fewer words, a bit for each, so that as much as possible is said in `cells`;
/// of two ways that say as much, the one that is brief about what matters less. `None` if there is no way.
fn fullest(phrases: &[Phrase], dot: usize, cells: usize) -> Option<u32> {
    /// More phrases than this are not put on one line; those beyond are said in full.
    const MOST: usize = 10;
    let widths: Vec<(usize, usize)> =
        phrases.iter().map(|phrase| (wrap::width(&phrase.long), wrap::width(&phrase.short))).collect();
    let width = |wordings: u32| {
        let words = widths.iter().enumerate();
        let words = words.map(|(at, (long, short))| if wordings & 1 << at == 0 { *long } else { *short });
        words.sum::<usize>() + dot * widths.len().saturating_sub(1)
    };
    (0..1_u32 << widths.len().min(MOST)).filter(|way| width(*way) <= cells).max_by_key(|way| width(*way))
}

/// The text, cut between two words with a mark at the end if it does not fit; a word that does not fit alone
/// is cut where it must be.
#[must_use]
pub fn at_words(text: &str, cells: usize, mark: &str) -> String {
    if wrap::width(text) <= cells {
        return text.to_owned();
    }
    let room = cells.saturating_sub(wrap::width(mark) + 1);
    let first = wrap::wrap(&SafeText::line(text), room.max(1)).into_iter().next().unwrap_or_default();
    let whole = text.get(first.len()..).is_some_and(|rest| rest.starts_with(' '));
    if whole && text.starts_with(&first) {
        format!("{first} {mark}")
    } else {
        wrap::clip(text, cells, mark).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BETWEEN: Between<'_> = Between { dot: " · ", more: "I more", ellipsis: "…" };

    fn count_line() -> Vec<Phrase> {
        vec![
            Phrase::new("12 of 31 sessions ✓ verified", "12 of 31 verified"),
            "at least 28 %".to_owned().into(),
            "established".to_owned().into(),
            Phrase::new("4 people (like 3.1)", "4 people"),
        ]
    }

    #[test]
    fn what_matters_least_is_shortened_and_then_goes_as_a_whole() {
        let cases = [
            (90, "12 of 31 sessions ✓ verified · at least 28 % · established · 4 people (like 3.1)"),
            (75, "12 of 31 sessions ✓ verified · at least 28 % · established · 4 people"),
            (69, "12 of 31 sessions ✓ verified · at least 28 % · established · 4 people"),
            (68, "12 of 31 verified · at least 28 % · established · 4 people"),
            (57, "12 of 31 verified · at least 28 % · established · I more"),
            (53, "12 of 31 sessions ✓ verified · at least 28 % · I more"),
            (50, "12 of 31 verified · at least 28 % · I more"),
            (30, "12 of 31 verified · I more"),
            (16, "12 of 31 …"),
            (3, "12…"),
            (0, ""),
        ];
        for (cells, line) in cases {
            assert_eq!(fit(&count_line(), BETWEEN, cells), line, "{cells}");
        }
    }

    #[test]
    fn no_width_cuts_a_word_that_fits() {
        for cells in 20..120 {
            let line = fit(&count_line(), BETWEEN, cells);
            assert!(wrap::width(&line) <= cells);
            for part in line.split(BETWEEN.dot) {
                let known = count_line();
                let whole = known.iter().any(|phrase| part == phrase.long || part == phrase.short);
                assert!(whole || part == BETWEEN.more, "{cells}: {line}");
            }
        }
    }
}
