//! Passes: what they read, found and cost.
//!
//! Owns: `wakeful.dreams/1` and `wakeful.dream/1`. Must not know: how passes are run.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::plan::dollars;
use super::{LessonRow, Names};
use crate::domain::cost::{Money, Span};
use crate::domain::dream::{Dream, Engine, Excluded, Window};
use crate::domain::evidence::Tier;
use crate::domain::lesson::Lesson;
use crate::domain::remote::RemoteDream;
use crate::domain::rules::Rules;

/// `wakeful.dreams/1`
#[derive(Debug, Serialize)]
pub struct Dreams {
    schema: &'static str,
    dreams: Vec<DreamRow>,
}

impl Dreams {
    /// A list of passes.
    #[must_use]
    pub fn new(dreams: Vec<DreamRow>) -> Self {
        Self { schema: "wakeful.dreams/1", dreams }
    }
}

/// `wakeful.dream/1`
#[derive(Debug, Serialize)]
pub struct ShownDream {
    schema: &'static str,
    dream: DreamRow,
    read: Vec<String>,
    excluded: Vec<Excluded>,
    lessons: Vec<LessonRow>,
}

impl ShownDream {
    /// A pass with what it read and found.
    #[must_use]
    pub fn new(dream: &Dream, row: DreamRow, lessons: Vec<LessonRow>) -> Self {
        let manifest = dream.manifest.as_ref();
        Self {
            schema: "wakeful.dream/1",
            dream: row,
            read: manifest.map_or_else(Vec::new, |m| m.read.iter().map(ToString::to_string).collect()),
            excluded: manifest.map_or_else(Vec::new, |m| m.excluded.clone()),
            lessons,
        }
    }
}

/// One pass.
#[derive(Debug, Serialize)]
pub struct DreamRow {
    id: String,
    agent: String,
    agent_id: String,
    engine: &'static str,
    status: &'static str,
    started: Timestamp,
    ended: Option<Timestamp>,
    window: WindowRow,
    parameters: Option<String>,
    corpus: Option<String>,
    noise_check: Option<NoiseCheck>,
    rules: Option<Rules>,
    remarks: Vec<String>,
    fitted: Option<String>,
    model: Option<String>,
    instructions: Option<String>,
    remote: Option<Remote>,
    usage: Usage,
    cost: Cost,
    counts: BTreeMap<&'static str, u64>,
    lessons: u64,
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct WindowRow {
    last: u32,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    segment: Option<String>,
    read: Option<u64>,
    excluded: Option<u64>,
}

#[derive(Debug, Serialize)]
struct NoiseCheck {
    mean: f64,
    copies: u32,
}

/// What a model used. The offline engine has none, which is a fact and not a guess.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the JSON")]
struct Usage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

/// Dollars. `estimated` and `real` are upper bounds; the lower ones stand beside them.
#[derive(Debug, Serialize)]
struct Cost {
    currency: &'static str,
    estimated: Option<f64>,
    estimated_low: Option<f64>,
    real: Option<f64>,
    real_low: Option<f64>,
}

/// Where a dream runs, if not on this machine.
#[derive(Debug, Serialize)]
struct Remote {
    profile: String,
    input_store: String,
    output_store: Option<String>,
    session: Option<String>,
    sessions: u64,
    in_place: bool,
    started_here: bool,
    archived: bool,
    output: Option<&'static str>,
    failure: Option<String>,
    compared: String,
}

impl Remote {
    fn new(remote: &RemoteDream) -> Self {
        Self {
            profile: remote.profile.clone(),
            input_store: remote.input_store.clone(),
            output_store: remote.output_store.clone(),
            session: remote.session.clone(),
            sessions: remote.sessions.len() as u64,
            in_place: remote.in_place,
            started_here: remote.ours,
            archived: remote.archived,
            output: remote.output_store.as_ref().map(|_| remote.output.as_str()),
            failure: remote.failure.clone(),
            compared: remote.base.words(),
        }
    }
}

impl Usage {
    fn of(dream: &Dream) -> Self {
        let free = matches!(dream.engine, Engine::Offline);
        let usage = dream.usage.or_else(|| free.then(Default::default));
        Self {
            input_tokens: usage.map(|usage| usage.input),
            output_tokens: usage.map(|usage| usage.output),
            cache_read_tokens: usage.map(|usage| usage.cache_read),
            cache_write_tokens: usage.map(|usage| usage.cache_write),
        }
    }
}

impl Cost {
    fn of(dream: &Dream) -> Self {
        let free = matches!(dream.engine, Engine::Offline).then(|| Span::new(Money::NONE, Money::NONE));
        let estimated = dream.estimate.as_ref().and_then(|estimate| estimate.money).or(free);
        let real = dream.cost.or(free);
        Self {
            currency: "USD",
            estimated: estimated.map(|money| dollars(money.high)),
            estimated_low: estimated.map(|money| dollars(money.low)),
            real: real.map(|money| dollars(money.high)),
            real_low: real.map(|money| dollars(money.low)),
        }
    }
}

impl DreamRow {
    /// A pass and the lessons it was the latest to propose.
    #[must_use]
    pub fn new(dream: &Dream, names: &Names, lessons: &[Lesson]) -> Self {
        let manifest = dream.manifest.as_ref();
        // Nothing was read for a conflict that was made to fit by hand.
        let ran = manifest.filter(|m| m.fitted.is_none());
        let mut counts: BTreeMap<&'static str, u64> =
            [Tier::Established, Tier::Supported, Tier::Emerging, Tier::Lead]
                .map(|tier| (tier.as_str(), 0))
                .into();
        for lesson in lessons {
            *counts.entry(lesson.tier.as_str()).or_default() += 1;
        }
        let Window { last, since, until, segment } = dream.window.clone();
        Self {
            id: dream.id.to_string(),
            agent: names.agent(&dream.agent).to_owned(),
            agent_id: dream.agent.to_string(),
            engine: dream.engine.as_str(),
            status: dream.status.as_str(),
            started: dream.started,
            ended: dream.ended,
            window: WindowRow {
                last,
                since,
                until,
                segment,
                read: ran.map(|m| m.read.len() as u64),
                excluded: ran.map(|m| m.excluded.len() as u64),
            },
            parameters: ran.map(|m| m.parameters.clone()),
            corpus: ran.map(|m| m.corpus.clone()),
            noise_check: manifest
                .and_then(|m| m.noise.map(|mean| NoiseCheck { mean, copies: m.noise_copies })),
            rules: manifest.and_then(|m| m.rules),
            remarks: manifest.map_or_else(Vec::new, |m| m.remarks.clone()),
            fitted: dream.fitted().map(ToString::to_string),
            model: dream.model.clone(),
            instructions: dream.instructions.clone(),
            remote: dream.remote.as_ref().map(Remote::new),
            usage: Usage::of(dream),
            cost: Cost::of(dream),
            counts,
            lessons: lessons.len() as u64,
            error: dream.error.clone(),
        }
    }
}
