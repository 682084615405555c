//! LongMemEval: one long chat history, questions, and the sessions that answer them.
//!
//! Only reported, as nine questions can't carry a threshold: a right session among the first five for 8 of 9,
//! and at rank one for 8.

use std::collections::BTreeSet;

use serde_json::Value;
use wakeful::domain::session::EventKind;
use wakeful::evidence::find::{Finder, Question};

use crate::talk::{self, Talk, Talks};

#[test]
fn longmemeval_sessions_are_reported() {
    let Some(folder) = talk::shared("longmemeval") else { return };
    let items: Value =
        serde_json::from_slice(&std::fs::read(folder.join("multi-question-1of3.json")).unwrap()).unwrap();
    let (mut any, mut share, mut first, mut questions) = (0, 0.0, 0, 0);
    for item in items.as_array().unwrap() {
        let names: Vec<&str> =
            item["haystack_session_ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        let talks = item["haystack_sessions"].as_array().unwrap().iter().enumerate().map(|(index, turns)| {
            let turns = turns.as_array().unwrap().iter().map(|turn| {
                let kind = if turn["role"] == "user" { EventKind::User } else { EventKind::Assistant };
                (kind, turn["content"].as_str().unwrap().to_owned())
            });
            // The names of the data set give the answer away.
            Talk::new(&format!("s{index}"), None, turns.collect())
        });
        let talks = Talks(talks.collect());
        let asked: Vec<Question> = item["questions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|question| Question::of(question.as_str().unwrap()))
            .collect();
        let finder = Finder::new(&asked, &talks.metas(), &talks).unwrap();
        for (question, answers) in asked.iter().zip(item["answer_session_ids"].as_array().unwrap()) {
            let wanted: BTreeSet<u32> = answers
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|id| names.iter().position(|name| *name == id.as_str().unwrap()))
                .map(|index| index as u32)
                .collect();
            let found: Vec<u32> =
                finder.sessions(question, 5).into_iter().map(|(session, _)| session).collect();
            let hits = found.iter().filter(|session| wanted.contains(session)).count();
            any += u32::from(hits > 0);
            first += u32::from(found.first().is_some_and(|session| wanted.contains(session)));
            share += hits as f64 / wanted.len() as f64;
            questions += 1;
        }
    }
    eprintln!(
        "LongMemEval slice, {questions} questions: any-R@5 {any}, R@5 {:.3}, right at rank 1 {first}",
        share / f64::from(questions)
    );
    assert!(questions > 0);
}
