//! How a session ended, and who says so.
//!
//! Owns: the shape, the words, and which commands and labels tell it. Must not know: transcripts. A session
//! of which nobody says how it ended has none of these: unknown is not failure.

use serde::{Deserialize, Serialize};

/// Who told how a session ended, most believed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Teller {
    /// The person's last words.
    Person,
    /// The last test or build.
    Check,
    /// An outcome that the session's own record states.
    Stated,
    /// An evaluation of the outcome.
    Evaluation,
    /// An explicit reward.
    Reward,
}

impl Teller {
    /// In words, behind "passed" or "failed".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Person => "by the person's words",
            Self::Check => "by the last test",
            Self::Stated => "by the outcome in its record",
            Self::Evaluation => "by an evaluation",
            Self::Reward => "by its reward",
        }
    }
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// It went well.
    pub passed: bool,
    /// Who says so.
    pub told_by: Teller,
    /// The number a reward or an evaluation gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

impl Ending {
    /// `failed by its reward, 0.5`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let verb = if self.passed { "passed" } else { "failed" };
        let score = self.score.map(|score| format!(", {score}")).unwrap_or_default();
        format!("{verb} {}{score}", self.told_by.in_words())
    }
}

/// What tells how an agent's sessions ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcomes {
    /// Beginnings of commands that are the agent's test or build; empty: the usual ones.
    pub checks: Vec<String>,
    /// The word before the number in an outcome that is the reward.
    pub reward: String,
    /// Reward from which on a session passed, in thousandths.
    pub pass_mark: u32,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self { checks: Vec::new(), reward: "reward".to_owned(), pass_mark: 1_000 }
    }
}
