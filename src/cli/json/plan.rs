//! What dreams on the platform would read and cost.
//!
//! Owns: `wakeful.dream-plan/1`. Must not know: how the estimate is made.

use serde::Serialize;

use crate::domain::agent::Agent;
use crate::domain::cost::{Money, Span};
use crate::domain::dream::Excluded;
use crate::sync::platform::Plan;

/// `wakeful.dream-plan/1`
#[derive(Debug, Serialize)]
pub struct DreamPlans {
    schema: &'static str,
    plans: Vec<PlannedDream>,
}

impl DreamPlans {
    /// Plans, agent by agent.
    #[must_use]
    pub fn new(plans: Vec<PlannedDream>) -> Self {
        Self { schema: "wakeful.dream-plan/1", plans }
    }
}

/// What would be started for one agent.
#[derive(Debug, Serialize)]
pub struct PlannedDream {
    agent: String,
    agent_id: String,
    model: String,
    dreams: Vec<Vec<String>>,
    excluded: Vec<Excluded>,
    tokens: Span<u64>,
    cost: Option<Dollars>,
    prices: Option<String>,
    spent_this_month: f64,
    spent_by_others_this_month: f64,
    over_cap: Option<String>,
    remarks: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Dollars {
    currency: &'static str,
    low: f64,
    high: f64,
}

impl PlannedDream {
    /// A plan for an agent.
    #[must_use]
    pub fn new(agent: &Agent, plan: &Plan) -> Self {
        let sessions = |part: &crate::sync::platform::Part| {
            part.sessions.iter().map(|session| session.id.to_string()).collect()
        };
        Self {
            agent: agent.name.clone(),
            agent_id: agent.id.to_string(),
            model: plan.model.clone(),
            dreams: plan.parts.iter().map(sessions).collect(),
            excluded: plan.excluded.clone(),
            tokens: plan.total.tokens,
            cost: plan.total.money.map(|money| Dollars {
                currency: "USD",
                low: dollars(money.low),
                high: dollars(money.high),
            }),
            prices: plan.total.prices.clone(),
            spent_this_month: dollars(plan.spent.cost.high),
            spent_by_others_this_month: dollars(plan.spent_by_others.cost.high),
            over_cap: plan.over.as_ref().map(ToString::to_string),
            remarks: plan.remarks.clone(),
        }
    }
}

/// Dollars as a number. Exact to the millionth for anything that a dream can cost.
pub(super) fn dollars(money: Money) -> f64 {
    money.as_micros() as f64 / 1e6
}
