//! Is a quote really there? Checked against the decoded text of events, never against a claim.
//!
//! Owns: the verdict on one quote. Must not know: who cited it, or what the lesson says. A quote
//! that exists is not yet support; that is for the caller to judge.

use std::ops::Range;

use memchr::memmem;

use super::near;
use super::normal::Normal;
use crate::domain::evidence::QuoteStatus;
use crate::domain::session::EventKind;

/// What a quote must look like to prove anything.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Shortest quote, in characters of the normal form.
    pub least_chars: usize,
    /// Fewest words.
    pub least_words: usize,
    /// Edits allowed, as a share of the quote's length.
    pub edits: f64,
}

impl Rules {
    /// For quotes that a model or a person cites: the words are all there is to check.
    pub const CITED: Self = Self { least_chars: 24, least_words: 4, edits: 0.10 };

    /// For quotes that an engine took from an event it matched by structure: they may be short, and
    /// must be exact.
    pub const TAKEN: Self = Self { least_chars: 1, least_words: 1, edits: 0.0 };
}

/// An event to look in.
#[derive(Debug, Clone)]
pub struct Page {
    kind: EventKind,
    echo: bool,
    text: Normal,
}

impl Page {
    /// Prepares an event's text. `echo` says that the text came from memory, rules or an earlier dream.
    #[must_use]
    pub fn new(kind: EventKind, text: &str, echo: bool) -> Self {
        let repeats = matches!(kind, EventKind::Injected | EventKind::Rules | EventKind::Summary);
        Self { kind, echo: echo || repeats, text: Normal::of(text) }
    }
}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The finding.
    pub status: QuoteStatus,
    /// Which page, counting `cited` as 0 and `others` from 1; `None` if nothing was found.
    pub page: Option<usize>,
    /// Byte range in that page's text, to show the transcript's own words.
    pub range: Range<usize>,
    /// Edits between the quote and the words found.
    pub slips: usize,
}

/// Checks a quote against the event it is cited from, then against other events.
///
/// `role` is who is said to have spoken; `None` if the citation does not say.
#[must_use]
pub fn verify(quote: &str, role: Option<EventKind>, cited: &Page, others: &[Page], rules: Rules) -> Verdict {
    let nothing = |status| Verdict { status, page: None, range: 0..0, slips: 0 };
    let quote = Quote::new(quote, rules);
    if quote.generic {
        return nothing(QuoteStatus::TooGeneric);
    }
    if let Some(hit) = quote.near(cited) {
        return Verdict { page: Some(0), ..said_by(hit, role, cited) };
    }
    let moved = others.iter().enumerate().find_map(|(index, page)| {
        let hit = Verdict { status: QuoteStatus::Moved, ..quote.exact(page)? };
        Some(Verdict { page: Some(index + 1), ..said_by(hit, role, page) })
    });
    moved.unwrap_or_else(|| nothing(QuoteStatus::NotFound))
}

fn said_by(hit: Verdict, role: Option<EventKind>, page: &Page) -> Verdict {
    let wrong = hit.status != QuoteStatus::Echo && role.is_some_and(|role| role != page.kind);
    if wrong { Verdict { status: QuoteStatus::WrongRole, ..hit } } else { hit }
}

/// A quote brought into normal form once, to be looked for in many events.
#[derive(Debug, Clone)]
pub struct Quote {
    fragments: Vec<Normal>,
    rules: Rules,
    generic: bool,
}

impl Quote {
    /// Prepares a quote.
    #[must_use]
    pub fn new(quote: &str, rules: Rules) -> Self {
        let fragments = fragments(quote);
        let words: usize = fragments.iter().map(|f| f.text().split_whitespace().count()).sum();
        let chars: usize = fragments.iter().map(|f| f.text().chars().count()).sum();
        let generic = chars < rules.least_chars || words < rules.least_words;
        Self { fragments, rules, generic }
    }

    /// Too short to prove anything, wherever it stands.
    #[must_use]
    pub fn is_generic(&self) -> bool {
        self.generic
    }

    /// Pieces of which a page holds at least one if the quote stands there: word for word, or with slips.
    pub(crate) fn anchors(&self, slips: bool) -> Vec<&[u8]> {
        let whole = self.fragments.first().map(|first| first.text().as_bytes());
        match (whole, self.fragments.as_slice()) {
            _ if self.generic => Vec::new(),
            (Some(whole), [_]) if slips => {
                let most = (whole.len() as f64 * self.rules.edits) as usize;
                near::pieces(whole.len(), most).into_iter().filter_map(|piece| whole.get(piece)).collect()
            }
            (Some(whole), _) => vec![whole],
            (None, _) => Vec::new(),
        }
    }

    /// Looks for it word for word: [`QuoteStatus::Verified`], or [`QuoteStatus::Echo`] on a page that
    /// proves nothing.
    #[must_use]
    pub fn exact(&self, page: &Page) -> Option<Verdict> {
        if self.generic {
            return None;
        }
        exact(&self.fragments, page).map(|range| page.verdict(QuoteStatus::Verified, range, 0))
    }

    /// Looks for it word for word, then with a few slips: [`QuoteStatus::Near`].
    #[must_use]
    pub fn near(&self, page: &Page) -> Option<Verdict> {
        if self.generic {
            return None;
        }
        let slips = || approximate(&self.fragments, page, self.rules);
        self.exact(page)
            .or_else(|| slips().map(|(range, slips)| page.verdict(QuoteStatus::Near, range, slips)))
    }
}

impl Page {
    /// The text in the form in which it is compared.
    pub(crate) fn normal(&self) -> &str {
        self.text.text()
    }

    fn verdict(&self, status: QuoteStatus, range: Range<usize>, slips: usize) -> Verdict {
        let status = if self.echo { QuoteStatus::Echo } else { status };
        Verdict { status, page: None, range: self.text.original(range), slips }
    }
}

/// Fragments of one quote may stand this far apart in the text.
const FRAGMENT_REACH: usize = 400;

/// Parts of a quote between ellipses and masked secrets, in normal form.
fn fragments(quote: &str) -> Vec<Normal> {
    let mut rest = quote;
    let mut parts = Vec::new();
    while let Some((start, end)) = next_gap(rest) {
        parts.push(rest.get(..start).unwrap_or_default());
        rest = rest.get(end..).unwrap_or_default();
    }
    parts.push(rest);
    parts.into_iter().map(Normal::of).filter(|part| !part.text().is_empty()).collect()
}

/// The next `…`, `...`, `[...]`, `[…]` or `[masked kind]`.
fn next_gap(text: &str) -> Option<(usize, usize)> {
    let gaps = ["[...]", "[…]", "...", "…"];
    let plain = gaps
        .iter()
        .filter_map(|gap| text.find(gap).map(|at| (at, at + gap.len())))
        .min_by_key(|(at, end)| (*at, usize::MAX - end));
    let masked = text
        .find("[masked ")
        .and_then(|at| text.get(at..).and_then(|tail| tail.find(']')).map(|length| (at, at + length + 1)));
    match (plain, masked) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// All fragments word for word, in order, close together.
fn exact(fragments: &[Normal], page: &Page) -> Option<Range<usize>> {
    let text = page.text.text().as_bytes();
    let (first, rest) = fragments.split_first()?;
    memmem::find_iter(text, first.text().as_bytes()).find_map(|start| {
        let mut end = start + first.text().len();
        for fragment in rest {
            let reach = (end + FRAGMENT_REACH + fragment.text().len()).min(text.len());
            end += memmem::find(text.get(end..reach)?, fragment.text().as_bytes())? + fragment.text().len();
        }
        Some(start..end)
    })
}

/// The whole quote with a few edits, none of which touches a number, name or negation.
fn approximate(fragments: &[Normal], page: &Page, rules: Rules) -> Option<(Range<usize>, usize)> {
    let [quote] = fragments else { return None };
    let most = (quote.text().len() as f64 * rules.edits) as usize;
    if most == 0 {
        return None;
    }
    let (range, slips) = near::find(page.text.text().as_bytes(), quote.text().as_bytes(), most)?;
    let found = widen(page.text.text(), range);
    (guarded(page.text.text().get(found.clone())?) == guarded(quote.text())).then_some((found, slips))
}

/// Extends a byte range to whole words, so that a match can't cut a number or a name short.
fn widen(text: &str, range: Range<usize>) -> Range<usize> {
    let is_break = |b: &u8| b.is_ascii_whitespace();
    let bytes = text.as_bytes();
    let start =
        bytes.get(..range.start).and_then(|head| head.iter().rposition(is_break)).map_or(0, |at| at + 1);
    let end = bytes
        .get(range.end..)
        .and_then(|tail| tail.iter().position(is_break))
        .map_or(bytes.len(), |at| range.end + at);
    let starts_inside = bytes.get(range.start).is_some_and(|b| !is_break(b));
    let ends_inside = range.end.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(|b| !is_break(b));
    (if starts_inside { start } else { range.start })..(if ends_inside { end } else { range.end })
}

/// The words whose change would change the meaning: numbers, versions, paths, names with code
/// punctuation, negations and modal verbs; in order.
#[must_use]
pub fn guarded(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(|c: char| {
                matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '"' | '\'')
            })
        })
        .filter(|word| {
            word.bytes().any(|b| b.is_ascii_digit())
                || word.contains(['/', '\\', '_', '=', '.', '@', '<'])
                || word.starts_with('-')
                || word.ends_with("n't")
                || matches!(
                    *word,
                    "not"
                        | "never"
                        | "no"
                        | "without"
                        | "none"
                        | "nor"
                        | "cannot"
                        | "must"
                        | "should"
                        | "may"
                        | "always"
                )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page::new(EventKind::User, text, false)
    }

    fn status(quote: &str, text: &str) -> QuoteStatus {
        verify(quote, Some(EventKind::User), &page(text), &[], Rules::CITED).status
    }

    const SAID: &str = "No, please use pnpm 9 instead of npm in src/web, and never push to main directly.";

    #[test]
    fn word_for_word_is_verified_and_points_at_the_words() {
        let cited = page(SAID);
        let verdict = verify("use  PNPM 9 instead of npm", None, &cited, &[], Rules::CITED);
        assert_eq!(verdict.status, QuoteStatus::Verified);
        assert_eq!(&SAID[verdict.range], "use pnpm 9 instead of npm");
    }

    #[test]
    fn small_slips_are_near_but_changed_facts_are_not() {
        assert_eq!(status("pleas use pnpm 9 instad of npm in src/web", SAID), QuoteStatus::Near);
        assert_eq!(status("please use pnpm 8 instead of npm in src/web", SAID), QuoteStatus::NotFound);
        assert_eq!(status("please use pnpm 9 instead of npm in src/wob", SAID), QuoteStatus::NotFound);
        assert_eq!(status("in src/web, and ever push to main directly.", SAID), QuoteStatus::NotFound);
    }

    #[test]
    fn fragments_must_stand_in_order_and_close() {
        assert_eq!(status("please use pnpm … never push to main", SAID), QuoteStatus::Verified);
        assert_eq!(status("never push to main [...] please use pnpm", SAID), QuoteStatus::NotFound);
        let far = format!("please use pnpm 9 {} never push to main", "word ".repeat(200));
        assert_eq!(status("please use pnpm 9 ... never push to main", &far), QuoteStatus::NotFound);
    }

    #[test]
    fn a_masked_secret_is_a_gap() {
        assert_eq!(
            status(
                "export TOKEN=[masked github-token] before the deploy",
                "export TOKEN=ghp_abc before the deploy"
            ),
            QuoteStatus::Verified
        );
    }

    #[test]
    fn the_speaker_and_the_origin_are_checked() {
        let agent = Page::new(EventKind::Assistant, SAID, false);
        assert_eq!(
            verify(SAID, Some(EventKind::User), &agent, &[], Rules::CITED).status,
            QuoteStatus::WrongRole
        );
        let echo = Page::new(EventKind::User, SAID, true);
        assert_eq!(verify(SAID, Some(EventKind::User), &echo, &[], Rules::CITED).status, QuoteStatus::Echo);
        let summary = Page::new(EventKind::Summary, SAID, false);
        assert_eq!(verify(SAID, None, &summary, &[], Rules::CITED).status, QuoteStatus::Echo);
    }

    #[test]
    fn found_elsewhere_is_moved_and_short_quotes_prove_nothing() {
        let verdict = verify(SAID, None, &page("something else"), &[page("x"), page(SAID)], Rules::CITED);
        assert_eq!((verdict.status, verdict.page), (QuoteStatus::Moved, Some(2)));
        assert_eq!(status("use pnpm", SAID), QuoteStatus::TooGeneric);
        assert_eq!(
            verify("Unknown skill", None, &page("Unknown skill: commit"), &[], Rules::TAKEN).status,
            QuoteStatus::Verified
        );
        assert_eq!(status("", SAID), QuoteStatus::TooGeneric);
    }

    #[test]
    fn quotes_with_slips_are_found_again() {
        let mut dice = crate::evidence::noise::Dice::new("verify", "damage", 0);
        let words =
            ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"];
        let names: Vec<&str> = (0..8_000).map(|_| words[dice.below(10)]).collect();
        let text = names.chunks(2).map(<[&str]>::concat).collect::<Vec<_>>().join(" ");
        let cited = page(&text);
        for round in 0..150 {
            let start = text[dice.below(text.len() - 300)..].find(' ').unwrap() + dice.below(1);
            let from = start + dice.below(text.len() - 400);
            let from = text[from..].find(' ').unwrap() + from + 1;
            let to = (from + 60 + dice.below(140)).min(text.len() - 1);
            let mut quote = text[from..to].to_owned();
            for _ in 0..quote.len() / 20 {
                let at = dice.below(quote.len());
                quote.replace_range(at..=at, "x");
            }
            let verdict = verify(&quote, None, &cited, &[], Rules::CITED);
            assert!(verdict.status.counts(), "round {round}: {quote:?}");
            assert!(verdict.range.start.abs_diff(from) <= 30, "round {round}");
        }
    }
}
