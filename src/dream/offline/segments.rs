//! For whom a lesson holds: how its support spreads over segments.
//!
//! Owns: counts per segment, whether they differ by more than chance, and the narrower wording of a
//! lesson that holds for one segment. Must not know: how lessons are found.
//!
//! A lesson of one customer put into everybody's memory is how an agent drifts to its median customer,
//! and what only a small segment needs never reaches a count over all. So a lesson that one segment
//! carries says so in its words, and small segments are looked at by themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::drafts::Draft;
use super::pool::Pool;
use crate::domain::checks::{Checks, HeldOut, SegmentShare, Share};
use crate::domain::evidence::Stance;
use crate::domain::lesson::{Mark, Severity};
use crate::evidence::minority::{self, Minority};
use crate::evidence::noise::Dice;
use crate::evidence::stats::LogFactorials;
use crate::evidence::strata;

/// Chance below which support differs between segments. Asked of every lesson, so it is small.
const UNEVEN: f64 = 0.01;
/// Share of the support from which on one segment carries a lesson.
const CARRIES: f64 = 0.6;
/// Segments that have to show a lesson before it is one of all, where so many are known; and sessions from which
/// on one counts as known.
const OF_ALL: usize = 3;
const KNOWN_FROM: u32 = 3;
/// Shuffled copies, and how many sessions they may draw in all.
const COPIES: u32 = 2_000;
const DRAWS: u32 = 2_000_000;
/// Longest label that is put into a sentence, in characters.
const LABEL: usize = 40;
/// Sessions from which on a segment is looked at by itself, its largest share of all, and how many are.
const SMALL: (usize, f64, usize) = (15, 0.4, 6);

/// The segments of a pool's units.
#[derive(Debug)]
pub struct Segments<'p> {
    names: Vec<&'p str>,
    of: Vec<Option<usize>>,
}

impl<'p> Segments<'p> {
    /// The first session of a unit speaks for it.
    #[must_use]
    pub fn of(pool: &Pool<'p>) -> Self {
        let names: BTreeSet<&str> = pool.members.iter().filter_map(|m| m.meta.segment.as_deref()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        let mut of = vec![None; pool.units as usize];
        for member in &pool.members {
            let segment = member.meta.segment.as_deref().and_then(|name| names.binary_search(&name).ok());
            if let Some(slot) = of.get_mut(member.unit as usize).filter(|slot| slot.is_none()) {
                *slot = segment;
            }
        }
        Self { names, of }
    }

    /// What each segment says of a lesson, most support first; nothing where fewer than two are known.
    #[must_use]
    pub fn shares(&self, draft: &Draft) -> Vec<SegmentShare> {
        if self.names.len() < 2 {
            return Vec::new();
        }
        let support = draft.units(Stance::Support);
        let contradict = draft.units(Stance::Contradict);
        let mut shares: Vec<Share> = vec![Share::default(); self.names.len()];
        let exposed: BTreeSet<u32> =
            draft.exposed.iter().chain(&support).chain(&contradict).copied().collect();
        for unit in exposed {
            let segment = self.of.get(unit as usize).copied().flatten();
            if let Some(share) = segment.and_then(|segment| shares.get_mut(segment)) {
                share.exposed += 1;
                share.support += u32::from(support.contains(&unit));
                share.contradict += u32::from(contradict.contains(&unit));
            }
        }
        let mut shares: Vec<SegmentShare> = self
            .names
            .iter()
            .zip(shares)
            .filter(|(_, share)| share.exposed > 0)
            .map(|(name, share)| SegmentShare { name: (*name).to_owned(), share })
            .collect();
        shares.sort_by(|a, b| (b.share.support, &a.name).cmp(&(a.share.support, &b.name)));
        shares
    }

    /// Leaves of a lesson for one segment what sessions of that segment say: others neither support it nor speak
    /// against it.
    pub fn keep_only(&self, draft: &mut Draft, name: &str) {
        let at = self.names.binary_search(&name).ok();
        let is_its = |unit: u32| at.is_some() && self.of.get(unit as usize).copied().flatten() == at;
        draft.sightings.retain(|sighting| is_its(sighting.unit));
        draft.exposed.retain(|unit| is_its(*unit));
    }

    /// Small segments worth a look of their own: their names and units, largest first.
    #[must_use]
    pub fn small(&self) -> Vec<(&'p str, BTreeSet<u32>)> {
        let (least, most, looked_at) = SMALL;
        let mut units: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
        for (unit, segment) in self.of.iter().enumerate() {
            if let Some(segment) = segment {
                units.entry(*segment).or_default().insert(unit as u32);
            }
        }
        let all = self.of.len() as f64;
        units.retain(|_, units| units.len() >= least && units.len() as f64 <= most * all);
        let mut small: Vec<(&str, BTreeSet<u32>)> = units
            .into_iter()
            .filter_map(|(segment, units)| Some((*self.names.get(segment)?, units)))
            .collect();
        small.sort_by(|a, b| (b.1.len(), a.0).cmp(&(a.1.len(), b.0)));
        small.truncate(looked_at);
        small
    }
}

/// How firmly the number of segments that show a lesson lets it be said of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Enough of them do.
    All,
    /// Only this one had the chance, and not by luck: the others never meet what the lesson is about.
    Alone,
    /// So many of how many known ones.
    Few(usize, usize),
}

impl Segments<'_> {
    /// What the shares of a lesson say of segments that did not show it.
    #[must_use]
    pub fn reach(&self, shares: &[SegmentShare]) -> Reach {
        let mut units = vec![0_u32; self.names.len()];
        for segment in self.of.iter().flatten() {
            units.get_mut(*segment).into_iter().for_each(|count| *count += 1);
        }
        let known = units.iter().filter(|count| **count >= KNOWN_FROM).count();
        let showing = shares.iter().filter(|segment| segment.share.support > 0).count();
        if let [only] = shares
            && let Ok(at) = self.names.binary_search(&only.name.as_str())
        {
            let all: u32 = units.iter().sum();
            let here = units.get(at).copied().unwrap_or(0);
            let chances = only.share.exposed.min(here);
            let luck = LogFactorials::up_to(all).hypergeometric_tail(chances, here, chances, all);
            if luck < UNEVEN {
                return Reach::Alone;
            }
        }
        if showing > 0 && known >= OF_ALL && showing < OF_ALL {
            return Reach::Few(showing, known);
        }
        Reach::All
    }
}

/// Lessons with what segments say of each, by key; those that one segment carries are narrowed to it.
pub(super) fn narrowed(
    mut drafts: Vec<Draft>,
    pool: &Pool<'_>,
    corpus: &str,
    asked: &mut BTreeMap<String, HeldOut>,
) -> (Vec<Draft>, BTreeMap<String, Checks>) {
    let segments = Segments::of(pool);
    let mut checks = BTreeMap::new();
    for draft in &mut drafts {
        let shares = segments.shares(draft);
        if shares.is_empty() {
            continue;
        }
        let skew = skew(&shares, corpus, &draft.key);
        let before = draft.key.clone();
        let is_narrow = draft.marks.iter().any(|mark| mark.guard == MINORITY);
        let only_for = if is_narrow {
            // Others may have more sessions that show it, and far more that do not.
            let its = |segment: &&SegmentShare| draft.key.ends_with(&end_of_key(&segment.name));
            shares.iter().find(its).map(|segment| segment.name.clone())
        } else {
            narrow(draft, &shares, skew, &segments.reach(&shares))
        };
        if let Some(only) = &only_for {
            segments.keep_only(draft, only);
        }
        if let Some(held) = asked.get(&before).copied() {
            asked.insert(draft.key.clone(), held);
        }
        checks.insert(draft.key.clone(), Checks { segments: shares, skew, only_for, ..Checks::default() });
    }
    (drafts, checks)
}

/// Whether support spreads over segments as chances do.
#[must_use]
pub fn skew(shares: &[SegmentShare], corpus: &str, key: &str) -> Option<f64> {
    let counts: Vec<(u32, u32)> = shares.iter().map(|s| (s.share.support, s.share.exposed)).collect();
    let all: u32 = counts.iter().map(|(_, exposed)| exposed).sum();
    (counts.len() > 1).then(|| {
        let copies = (DRAWS / all.max(1)).clamp(200, COPIES);
        strata::heterogeneity_p(&counts, copies, &mut Dice::new(corpus, &format!("skew {key}"), 0))
    })
}

/// Says in the words of a lesson that one segment carries it or alone meets it, or marks that segments differ or
/// that few of them show it. Gives the segment it is now for.
pub fn narrow(
    draft: &mut Draft,
    shares: &[SegmentShare],
    skew: Option<f64>,
    reach: &Reach,
) -> Option<String> {
    let top = shares.first()?;
    let uneven = skew.is_some_and(|p| p < UNEVEN);
    let all: u32 = shares.iter().map(|segment| segment.share.support).sum();
    let carries = uneven && f64::from(top.share.support) > CARRIES * f64::from(all);
    if (carries || *reach == Reach::Alone) && is_plain(&top.name) && draft.step.takes().is_none() {
        say_for(draft, &top.name);
        return Some(top.name.clone());
    }
    let mut mark = |guard: &str, text: String| {
        draft.marks.push(Mark { guard: guard.to_owned(), severity: Severity::Info, text });
    };
    if uneven {
        let least = shares.last().unwrap_or(top);
        mark(
            "skew",
            format!(
                "holds more for some than for others: {} of {} sessions of {}, {} of {} of {}",
                top.share.support,
                top.share.exposed,
                top.name,
                least.share.support,
                least.share.exposed,
                least.name
            ),
        );
    }
    if let Reach::Few(showing, known) = reach {
        let names: Vec<&str> = shares.iter().take(*showing).map(|segment| segment.name.as_str()).collect();
        mark(FEW, format!("seen in {} only, of {known} segments", names.join(" and ")));
    }
    None
}

/// Name of the mark of a lesson for all that few segments show. It is not taken in bulk.
pub const FEW: &str = "few-segments";

/// A lesson of a small segment, if it holds there and hardly elsewhere: its words and marks say so.
/// `shares` are counts over all sessions.
#[must_use]
pub fn of_a_few(mut draft: Draft, segment: &str, shares: &[SegmentShare]) -> Option<Draft> {
    let counts: Vec<minority::Segment> = shares
        .iter()
        .map(|s| minority::Segment {
            name: s.name.clone(),
            sessions: s.share.exposed,
            support: s.share.support,
            contradict: s.share.contradict,
        })
        .collect();
    let Minority { segment: here, elsewhere, opposite, .. } =
        minority::minorities(&counts).into_iter().find(|found| found.segment.name == segment)?;
    if !is_plain(segment) || draft.step.takes().is_some() {
        return None;
    }
    let other = if opposite { "; there the opposite holds" } else { "" };
    let text = format!(
        "{} of {} sessions of {}, elsewhere {} of {}{other}",
        here.support, here.sessions, here.name, elsewhere.0, elsewhere.1
    );
    draft.marks.push(Mark { guard: MINORITY.to_owned(), severity: Severity::Info, text });
    say_for(&mut draft, segment);
    Some(draft)
}

/// Name of the mark of a small segment's lesson.
pub const MINORITY: &str = "minority";

/// A label that can stand in a sentence as it is.
fn is_plain(label: &str) -> bool {
    !label.is_empty()
        && label.chars().count() <= LABEL
        && label.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/'))
}

/// "Run `x`." becomes "In billing, run `x`.". What it changes elsewhere in the memory is no longer meant.
fn say_for(draft: &mut Draft, segment: &str) {
    let say = |text: &str| {
        let mut rest = text.chars();
        let first = rest.next().unwrap_or(' ');
        let word = rest.as_str().chars().next().is_some_and(char::is_lowercase);
        let first = if word { first.to_lowercase().to_string() } else { first.to_string() };
        format!("In {segment}, {first}{}", rest.as_str())
    };
    draft.text = say(&draft.text);
    draft.statement = say(&draft.statement);
    draft.key.push_str(&end_of_key(segment));
    draft.swap = None;
}

/// What tells the key of a lesson for one segment from that of the same lesson for all.
fn end_of_key(segment: &str) -> String {
    format!(" | {segment}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lesson::Topic;
    use crate::dream::offline::drafts::{Shelf, Step};

    fn draft() -> Draft {
        Draft {
            key: "k".to_owned(),
            topic: Topic::Mistake,
            statement: "Run `make` first.".to_owned(),
            title: String::new(),
            text: "Run `make` first.".to_owned(),
            step: Step::Add(Shelf::Commands),
            slip: false,
            open: false,
            sightings: Vec::new(),
            exposed: BTreeSet::new(),
            swap: None,
            when: None,
            marks: Vec::new(),
        }
    }

    fn shares(counts: &[(&str, u32, u32)]) -> Vec<SegmentShare> {
        counts
            .iter()
            .map(|(name, support, exposed)| SegmentShare {
                name: (*name).to_owned(),
                share: Share { support: *support, contradict: 0, exposed: *exposed },
            })
            .collect()
    }

    fn narrowed(counts: &[(&str, u32, u32)]) -> (Option<String>, Draft) {
        let (shares, mut draft) = (shares(counts), draft());
        let skew = skew(&shares, "c", "k");
        (narrow(&mut draft, &shares, skew, &Reach::All), draft)
    }

    #[test]
    fn what_one_segment_carries_is_said_of_that_segment() {
        let (only, draft) = narrowed(&[("billing", 14, 20), ("shop", 1, 30)]);
        assert_eq!(only.as_deref(), Some("billing"));
        assert_eq!(draft.text, "In billing, run `make` first.");
        assert!(draft.marks.is_empty());
    }

    #[test]
    fn a_large_share_is_no_skew_and_several_segments_get_a_mark() {
        let (only, draft) = narrowed(&[("shop", 20, 40), ("billing", 5, 10)]);
        assert_eq!((only, draft.marks.len(), draft.text.as_str()), (None, 0, "Run `make` first."));
        let (only, draft) = narrowed(&[("shop", 14, 20), ("billing", 13, 20), ("wholesale", 0, 20)]);
        assert_eq!(only, None);
        assert_eq!(draft.marks[0].guard, "skew");
        let (only, draft) = narrowed(&[("a\u{202e}b", 14, 20), ("shop", 1, 30)]);
        assert_eq!((only, draft.marks.len()), (None, 1), "such a label is not put into a sentence");
    }

    fn segments(sizes: &[(&'static str, usize)]) -> Segments<'static> {
        Segments {
            names: sizes.iter().map(|(name, _)| *name).collect(),
            of: sizes.iter().enumerate().flat_map(|(at, (_, size))| vec![Some(at); *size]).collect(),
        }
    }

    #[test]
    fn what_one_segment_alone_meets_is_said_of_it_unless_luck_explains_that() {
        let sizes = segments(&[("billing", 20), ("shop", 30)]);
        let only = shares(&[("billing", 8, 10)]);
        assert_eq!(sizes.reach(&only), Reach::Alone);
        let mut lesson = draft();
        assert_eq!(narrow(&mut lesson, &only, Some(1.0), &Reach::Alone).as_deref(), Some("billing"));
        assert_eq!(lesson.text, "In billing, run `make` first.");
        // Nearly all sessions are of the shop: that the others did not meet it says nothing.
        let sizes = segments(&[("billing", 3), ("shop", 47)]);
        assert_eq!(sizes.reach(&shares(&[("shop", 8, 10)])), Reach::All);
    }

    #[test]
    fn a_lesson_of_all_is_shown_by_three_segments_where_three_are_known() {
        let sizes = segments(&[("billing", 9), ("shop", 40), ("tiny", 2), ("wholesale", 9)]);
        let two = shares(&[("shop", 8, 10), ("billing", 2, 3), ("wholesale", 0, 2)]);
        assert_eq!(sizes.reach(&two), Reach::Few(2, 3), "one of two sessions is not known");
        let mut lesson = draft();
        assert_eq!(narrow(&mut lesson, &two, Some(1.0), &sizes.reach(&two)), None);
        assert_eq!(lesson.marks[0].text, "seen in shop and billing only, of 3 segments");
        let three = shares(&[("shop", 8, 10), ("billing", 2, 3), ("wholesale", 1, 2)]);
        assert_eq!(sizes.reach(&three), Reach::All);
        let sizes = segments(&[("billing", 9), ("shop", 40)]);
        assert_eq!(sizes.reach(&two), Reach::All, "of two, both may be all there is");
    }

    #[test]
    fn what_holds_for_a_few_is_told_with_what_holds_elsewhere() {
        let counts = shares(&[("billing", 12, 20), ("shop", 3, 120)]);
        let found = of_a_few(draft(), "billing", &counts).unwrap();
        assert_eq!(found.marks[0].text, "12 of 20 sessions of billing, elsewhere 3 of 120");
        assert!(found.text.starts_with("In billing, run"));
        assert!(of_a_few(draft(), "shop", &counts).is_none());
    }
}
