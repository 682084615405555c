//! Who&When: failed runs of several agents, the decisive step labelled by people.
//!
//! Only reported. Most of these mistakes are of reasoning and leave no failed call; what is measured is whether a
//! failure that the engine sees lies within two steps of the label, beside as many steps picked by chance.

use std::io;

use serde_json::Value;
use wakeful::domain::ids::{AgentId, SessionId};
use wakeful::domain::session::{Corpus, Event, EventKind, SessionMeta};
use wakeful::dream::offline;
use wakeful::dream::offline::facts::CallResult;

use super::talk;

/// Steps on either side of the label that still count as near.
const NEAR: usize = 2;

/// One failed run.
pub struct Run {
    steps: Vec<Step>,
    mistake: usize,
}

struct Step {
    kind: EventKind,
    text: String,
}

/// How often failures were seen, and where.
#[derive(Debug, Clone, Copy, Default)]
pub struct Near {
    pub runs: usize,
    /// Runs in which the engine sees any failure.
    pub fired: usize,
    /// Runs in which one lies near the labelled step.
    pub hits: usize,
    /// Runs in which as many steps picked by chance would, on average.
    pub by_chance: f64,
}

/// The runs; `None`, with a note, where they are absent.
pub fn runs() -> Option<Vec<Run>> {
    let folder = talk::shared("who-and-when")?;
    let mut runs = Vec::new();
    for part in ["algorithm-generated", "hand-crafted"] {
        let mut files: Vec<_> =
            std::fs::read_dir(folder.join(part)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let run: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            let history = run["history"].as_array().unwrap();
            let steps = history.iter().map(step).collect();
            runs.push(Run { steps, mistake: run["mistake_step"].as_str().unwrap().parse().unwrap() });
        }
    }
    Some(runs)
}

/// What the terminal or the browser answers is a result; what asks for one is a call.
fn step(step: &Value) -> Step {
    let text = step["content"].as_str().unwrap_or_default().to_owned();
    let who = step["name"].as_str().or(step["role"].as_str()).unwrap_or_default();
    let answers = matches!(who, "Computer_terminal" | "ComputerTerminal" | "WebSurfer" | "FileSurfer");
    let asks = text.contains("```") || who.starts_with("Orchestrator (->");
    let kind = match (answers, asks) {
        (true, _) => EventKind::ToolResult,
        (false, true) => EventKind::ToolCall,
        (false, false) => EventKind::Assistant,
    };
    Step { kind, text }
}

impl Corpus for Run {
    fn read(&self, session: &SessionMeta, sink: &mut dyn FnMut(&str, Event<'_>)) -> io::Result<()> {
        for (at, step) in self.steps.iter().enumerate() {
            let at = at as u64;
            let event = Event {
                kind: step.kind,
                record: format!("{}-{at}", session.id).into(),
                call: None,
                tool: (step.kind == EventKind::ToolCall).then(|| "terminal".into()),
                at: None,
                bytes: at..at + 1,
                text: step.text.as_str().into(),
                is_error: step.text.starts_with("exitcode: ") && !step.text.starts_with("exitcode: 0"),
                sidechain: false,
                cwd: None,
            };
            sink("run.json", event);
        }
        Ok(())
    }
}

fn meta() -> SessionMeta {
    SessionMeta {
        id: SessionId::new("run"),
        agent: AgentId::new("bench"),
        files: vec![],
        title: String::new(),
        started: None,
        ended: None,
        events: 0,
        calls: 0,
        errors: 0,
        skipped: vec![],
        user: None,
        segment: None,
        chain: None,
        remote: None,
    }
}

/// Where the engine sees failures, beside the labels.
pub fn near_the_step(runs: &[Run]) -> Near {
    let mut found = Near { runs: runs.len(), ..Near::default() };
    for run in runs {
        let facts = offline::extract(&meta(), run).unwrap();
        let fired: Vec<usize> = facts
            .calls
            .iter()
            .filter_map(|call| match &call.result {
                CallResult::Failed(failure) | CallResult::Suspect(failure) => {
                    Some(failure.spot.bytes.start as usize)
                }
                CallResult::Unknown | CallResult::Done | CallResult::Refused => None,
            })
            .collect();
        let is_near = |at: usize| at.abs_diff(run.mistake) <= NEAR;
        let steps = run.steps.len();
        let far = (0..steps).filter(|&at| !is_near(at)).count();
        // None of as many steps, drawn without putting back, is near.
        let missed: f64 =
            (0..fired.len()).map(|drawn| far.saturating_sub(drawn) as f64 / (steps - drawn) as f64).product();
        found.fired += usize::from(!fired.is_empty());
        found.hits += usize::from(fired.iter().any(|&at| is_near(at)));
        found.by_chance += 1.0 - missed;
    }
    found
}
