//! LongMemEval: one long chat history, questions, and the sessions that answer them.
//!
//! Only reported, as nine questions can't carry a threshold: a right session among the first five for 8 of 9,
//! and at rank one for 8.

use std::collections::BTreeSet;

use serde_json::Value;
use wakeful::domain::session::EventKind;
use wakeful::evidence::find::{Finder, Question};

use super::talk::{self, Talk, Talks};

/// A question, and the sessions that answer it.
pub struct Asked {
    pub question: String,
    pub sessions: BTreeSet<u32>,
}

/// How well sessions are found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recall {
    pub questions: u32,
    /// Questions with a right session among the first five, and at rank one.
    pub any_of_5: u32,
    pub first: u32,
    /// Mean share of a question's sessions among the first five.
    pub share_of_5: f64,
}

/// The histories with their questions.
pub fn histories() -> Option<Vec<(Talks, Vec<Asked>)>> {
    let file = talk::shared("longmemeval")?.join("multi-question-1of3.json");
    let items: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    Some(items.as_array().unwrap().iter().map(history).collect())
}

fn history(item: &Value) -> (Talks, Vec<Asked>) {
    let list = |name: &str| item[name].as_array().unwrap().iter();
    let names: Vec<&str> = list("haystack_session_ids").map(|id| id.as_str().unwrap()).collect();
    let talks = list("haystack_sessions").enumerate().map(|(index, turns)| {
        let turns = turns.as_array().unwrap().iter().map(|turn| {
            let kind = if turn["role"] == "user" { EventKind::User } else { EventKind::Assistant };
            (kind, turn["content"].as_str().unwrap().to_owned())
        });
        // The names of the data set give the answer away.
        Talk::new(&format!("s{index}"), None, turns.collect())
    });
    let number = |id: &Value| names.iter().position(|name| *name == id.as_str().unwrap());
    let asked = list("questions").zip(list("answer_session_ids")).map(|(question, answers)| Asked {
        question: question.as_str().unwrap().to_owned(),
        sessions: answers.as_array().unwrap().iter().filter_map(number).map(|at| at as u32).collect(),
    });
    let asked = asked.collect();
    (Talks(talks.collect()), asked)
}

/// The finder over these histories.
pub fn recall(histories: &[(Talks, Vec<Asked>)]) -> Recall {
    let mut recall = Recall::default();
    for (talks, asked) in histories {
        let all: Vec<Question> = asked.iter().map(|asked| Question::of(&asked.question)).collect();
        let finder = Finder::new(&all, &talks.metas(), talks).unwrap();
        for (asked, question) in asked.iter().zip(&all) {
            let found: Vec<u32> =
                finder.sessions(question, 5).into_iter().map(|(session, _)| session).collect();
            let hits = found.iter().filter(|session| asked.sessions.contains(session)).count();
            recall.questions += 1;
            recall.any_of_5 += u32::from(hits > 0);
            recall.first += u32::from(found.first().is_some_and(|session| asked.sessions.contains(session)));
            recall.share_of_5 += hits as f64 / asked.sessions.len() as f64;
        }
    }
    recall.share_of_5 /= f64::from(recall.questions.max(1));
    recall
}
