//! What was asked of a count beyond the number: does it repeat, for whom, and how easily chance gives it.
//!
//! Owns: the shapes of these answers and the words for them. Must not know: how they are found or shown.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dream::Reach;
use super::ids::SessionId;

/// Sessions that support a lesson among those in which it could have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    /// Distinct sessions that support.
    pub support: u32,
    /// Distinct sessions that contradict.
    pub contradict: u32,
    /// Distinct sessions in which it could have shown.
    pub exposed: u32,
}

/// What sessions that a lesson was not found in say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirmation {
    /// Seen again at least twice, as often as expected.
    Replicated,
    /// Seen less than that, which chance explains. No verdict against it.
    Thin,
    /// Never seen, though at its rate it should have been.
    NotSeen,
    /// The opposite is seen more often.
    Contradicted,
}

impl Confirmation {
    /// In words, after the counts.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Replicated => "replicated",
            Self::Thin => "too few to say",
            Self::NotSeen => "not seen though expected",
            Self::Contradicted => "the opposite is seen more often",
        }
    }
}

/// Sessions in which a lesson was looked for, and others in which it was then looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldOut {
    /// The sessions it was found in.
    pub found_in: Share,
    /// The sessions held out.
    pub confirmed_in: Share,
    /// Without the sessions held out it is found as well. Otherwise these can't confirm it: they helped.
    pub found_without: bool,
    /// What the sessions held out say.
    pub verdict: Confirmation,
}

/// What sessions before those of the pass say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Counts among them.
    pub share: Share,
    /// In a word.
    pub verdict: Confirmation,
}

/// Lessons found where none can be: in copies of the sessions with the links in question dealt out anew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Number of copies.
    pub copies: u32,
    /// Mean lessons per copy, of all kinds together.
    pub lessons: f64,
}

/// What one segment says of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentShare {
    /// Its label. Untrusted text.
    pub name: String,
    /// Counts among its sessions.
    pub share: Share,
}

/// Everything asked of a count beyond the number. What nobody asked is empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Checks {
    /// How many people with equal shares the support is worth: 1.0 if all of it is one person's.
    pub effective_users: Option<f64>,
    /// Most supporting sessions of one person.
    pub of_one_user: Option<u32>,
    /// People among all sessions that were read, supporting or not.
    pub people: u32,
    /// Sessions that were read, where nobody can tell in which of them it could have shown: lessons of other
    /// engines that were looked up by their words. There is no share then, and no bound of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<u32>,
    /// Distinct sessions with a quote that was cited and is not there.
    pub not_found: u32,
    /// Distinct places where memory, a summary or a prompt repeats the lesson; not counted.
    pub echoes: u32,
    /// Does it hold in sessions it was not found in?
    pub held_out: Option<HeldOut>,
    /// Did it hold before?
    pub history: Option<History>,
    /// How many lessons luck alone gives.
    pub noise: Option<Noise>,
    /// The segments with support or chances, most support first, where several are known.
    pub segments: Vec<SegmentShare>,
    /// Probability that support spreads as unevenly over segments by chance.
    pub skew: Option<f64>,
    /// The only segment the lesson is proposed for.
    pub only_for: Option<String>,
    /// What a reviewer found who looked at some of the places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spot: Option<SpotCheck>,
    /// What the pass could see that made the count, where that was a part of the sessions or a narrower pass
    /// came after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// What a narrower pass counted since. The count itself stays that of the wider one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrower: Option<Narrower>,
}

impl Checks {
    /// The share of sessions that support if all are taken together, and if each segment weighs the same. `None`
    /// unless several segments had a chance.
    #[must_use]
    pub fn rates(&self) -> Option<(f64, f64)> {
        let reached: Vec<&Share> =
            self.segments.iter().map(|segment| &segment.share).filter(|share| share.exposed > 0).collect();
        if reached.len() < 2 {
            return None;
        }
        let sum = |of: fn(&Share) -> u32| f64::from(reached.iter().map(|share| of(share)).sum::<u32>());
        let rate = |share: &&Share| f64::from(share.support) / f64::from(share.exposed);
        let alike = reached.iter().map(rate).sum::<f64>() / reached.len() as f64;
        Some((sum(|share| share.support) / sum(|share| share.exposed), alike))
    }
}

/// What a pass over a part of the sessions counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrower {
    /// What it could see.
    pub reach: Reach,
    /// What it counted.
    pub share: Share,
}

/// What a reviewer's look at some of the places says of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotCheck {
    /// Sessions found when it was made.
    pub found: u32,
    /// Places that do support the lesson.
    pub right: u32,
    /// Places that do not.
    pub wrong: u32,
    /// With 80 % probability at least so many of the sessions found are real,
    pub low: u32,
    /// and at most so many.
    pub high: u32,
    /// What was said of each place.
    pub verdicts: Vec<SpotVerdict>,
}

/// What was said of one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotVerdict {
    /// The session it is in.
    pub session: SessionId,
    /// It supports the lesson.
    pub right: bool,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
}
