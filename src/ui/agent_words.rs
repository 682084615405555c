//! The row of an agent as it is read aloud: every number with what it is a number of.
//!
//! Owns: its words. Must not know: columns.

use ratatui::text::Line;

use crate::app::data::AgentSummary;
use crate::domain::phrase::Phrase;

use super::format;
use super::phrases::{self, Between};
use super::theme::Role;
use super::view::Scene;

/// `> support-bot: 6 to review, 2 below 10 examples, memory 41k of 50k tokens, mode review, …`.
#[must_use]
pub fn line<'a>(scene: &Scene<'a>, summary: &AgentSummary, current: bool, width: usize) -> Line<'a> {
    let model = scene.model;
    let tally = model.inbox.of_agent(&summary.agent.id);
    let mut facts = vec![format!("{} to review", tally.to_review)];
    if tally.below > 0 {
        facts.push(format::below(tally.below, model.inbox.threshold()));
    }
    facts.push(match summary.memory {
        None => "memory not read".to_owned(),
        Some(size) => {
            let budget = summary.agent.budget.store_tokens;
            let over = if size.tokens > budget { ", over its budget" } else { "" };
            format!("memory {} of {} tokens{over}", format::tokens(size.tokens), format::tokens(budget))
        }
    });
    facts.push(format!("mode {}", summary.agent.mode.as_str()));
    facts.push(format::counted(summary.sessions, "session"));
    let last = summary.last_dream.map_or_else(|| "never".to_owned(), |at| scene.moment(at));
    facts.push(format!("last dream {last}"));
    if let Some(first) = facts.first_mut() {
        *first = format!("{}: {first}", Scene::safe(&summary.agent.name));
    }
    let facts: Vec<Phrase> = facts.into_iter().map(Phrase::from).collect();
    let ellipsis = scene.symbols().ellipsis;
    let text = phrases::fit(&facts, Between { dot: ", ", more: "", ellipsis }, width.saturating_sub(2));
    scene.line(format!("{} {text}", if current { scene.symbols().cursor } else { " " }), Role::Text)
}
