//! LoCoMo: long conversations, questions, and the turns that answer them.
//!
//! Measured on the three conversations of the shared data (387 answerable questions with labelled
//! turns); recall is the share of a question's labelled turns (or sessions) found, averaged:
//!
//! | | turns R@5 | turns R@10 | MRR | sessions R@5 |
//! |---|---|---|---|---|
//! | BM25 over stems, no neighbours | .525 | .624 | .467 | .857 |
//! | target | – | .72 | .52 | .85 |
//! | ours | .648 | .752 | .543 | .869 |

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;
use wakeful::domain::session::EventKind;
use wakeful::evidence::find::{Finder, Question};

use super::talk::{self, Talk, Talks};

const CONVERSATIONS: &str = "locomo-3of10.json";

/// A question, and the turns that answer it.
pub struct Asked {
    pub question: String,
    /// Session and turn, counted from 0.
    pub evidence: BTreeSet<(u32, u32)>,
}

/// How well turns and sessions are found, averaged over the questions.
#[derive(Debug, Clone, Copy)]
pub struct Recall {
    pub questions: usize,
    pub turns_at_5: f64,
    pub turns_at_10: f64,
    pub mean_reciprocal_rank: f64,
    pub sessions_at_5: f64,
}

/// The conversations with their questions.
pub fn conversations() -> Option<Vec<(Talks, Vec<Asked>)>> {
    let file = talk::shared("locomo")?.join(CONVERSATIONS);
    let samples: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    Some(samples.as_array().unwrap().iter().map(conversation).collect())
}

fn conversation(sample: &Value) -> (Talks, Vec<Asked>) {
    let conversation = sample["conversation"].as_object().unwrap();
    let mut talks = Vec::new();
    for number in 1.. {
        let Some(turns) = conversation.get(&format!("session_{number}")) else { break };
        let date = conversation[&format!("session_{number}_date_time")].as_str().unwrap();
        let at = DateTime::strptime("%I:%M %p on %d %B, %Y", date).ok();
        let at = at.and_then(|at| at.to_zoned(TimeZone::UTC).ok()).map(|at| at.timestamp());
        let first = conversation["speaker_a"].as_str().unwrap();
        let turns = turns.as_array().unwrap().iter().map(|turn| {
            let speaker = turn["speaker"].as_str().unwrap();
            let caption = turn["blip_caption"].as_str().unwrap_or_default();
            let kind = if speaker == first { EventKind::User } else { EventKind::Assistant };
            (kind, format!("{speaker}: {} {caption}", turn["text"].as_str().unwrap()))
        });
        talks.push(Talk::new(&format!("session_{number}"), at, turns.collect()));
    }
    let asked = sample["qa"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|qa| qa["category"] != 5)
        .map(|qa| Asked {
            question: qa["question"].as_str().unwrap().to_owned(),
            evidence: qa["evidence"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|id| turns(id.as_str().unwrap()))
                .collect(),
        })
        .filter(|asked| !asked.evidence.is_empty())
        .collect();
    (Talks(talks), asked)
}

/// `D8:6; D9:17` are two turns; what has another form is an error of the data set.
fn turns(ids: &str) -> Vec<(u32, u32)> {
    ids.split([' ', ';'])
        .filter_map(|id| {
            let (session, turn) = id.strip_prefix('D')?.split_once(':')?;
            Some((session.parse::<u32>().ok()? - 1, turn.parse::<u32>().ok()? - 1))
        })
        .collect()
}

fn share<T: Ord>(wanted: &BTreeSet<T>, found: impl Iterator<Item = T>) -> f64 {
    found.collect::<BTreeSet<T>>().intersection(wanted).count() as f64 / wanted.len() as f64
}

/// The finder over these conversations.
pub fn recall(conversations: &[(Talks, Vec<Asked>)]) -> Recall {
    let (mut five, mut ten, mut reciprocal, mut sessions, mut questions) = (0.0, 0.0, 0.0, 0.0, 0);
    for (talks, asked) in conversations {
        let all: Vec<Question> = asked.iter().map(|asked| Question::of(&asked.question)).collect();
        let finder = Finder::new(&all, &talks.metas(), talks).unwrap();
        for (asked, question) in asked.iter().zip(&all) {
            let places: Vec<(u32, u32)> =
                finder.events(question, 100).iter().map(|hit| (hit.session, hit.event)).collect();
            five += share(&asked.evidence, places.iter().copied().take(5));
            ten += share(&asked.evidence, places.iter().copied().take(10));
            let first = places.iter().position(|place| asked.evidence.contains(place));
            reciprocal += first.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
            let wanted: BTreeSet<u32> = asked.evidence.iter().map(|(session, _)| *session).collect();
            let found = finder.sessions(question, 5);
            sessions += share(&wanted, found.iter().map(|(session, _)| *session));
            questions += 1;
        }
    }
    let [turns_at_5, turns_at_10, mean_reciprocal_rank, sessions_at_5] =
        [five, ten, reciprocal, sessions].map(|sum| sum / questions as f64);
    Recall { questions, turns_at_5, turns_at_10, mean_reciprocal_rank, sessions_at_5 }
}
