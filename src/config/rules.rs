//! Rules of retention as settings: `[rules]` for all agents, the same keys in an agent's table for one.
//!
//! Owns: their keys. Must not know: what a rule does.

use super::keys::{Value, number};
use super::{Config, Origin, Setting};
use crate::domain::agent::Agent;
use crate::domain::rules::Rules;

/// One rule: its key, the least value, and where it stands.
struct Rule {
    key: &'static str,
    least: i64,
    slot: fn(&mut Rules) -> &mut u32,
}

const RULES: [Rule; 6] = [
    Rule { key: "retire-after", least: 5, slot: |rules| &mut rules.retire_after },
    Rule { key: "dormant-days", least: 0, slot: |rules| &mut rules.dormant_days },
    Rule { key: "dormant-below", least: 1, slot: |rules| &mut rules.dormant_below },
    Rule { key: "settled-days", least: 1, slot: |rules| &mut rules.settled_days },
    Rule { key: "half-life-days", least: 1, slot: |rules| &mut rules.half_life_days },
    Rule { key: "proposals", least: 1, slot: |rules| &mut rules.proposals },
];

/// What one agent's table says of the rules.
pub type OwnRules = Vec<(&'static str, u32)>;

/// Whether an agent's table may have this key, as far as rules go.
pub(super) fn is_rule(key: &str) -> bool {
    RULES.iter().any(|rule| rule.key == key)
}

/// Every key of a rule.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.key)
}

/// Sets a rule for all agents.
pub(super) fn set(config: &mut Config, key: &str, value: Value, origin: Origin) -> Result<(), String> {
    let rule = RULES.iter().find(|rule| rule.key == key).ok_or("is no rule")?;
    let value = number(value, rule.least)?;
    config.rules.insert(rule.key, Setting { value, origin });
    Ok(())
}

/// Sets a rule for one agent.
pub(super) fn set_own(own: &mut OwnRules, key: &str, value: Value) -> Result<(), String> {
    let rule = RULES.iter().find(|rule| rule.key == key).ok_or("is no rule")?;
    own.push((rule.key, number(value, rule.least)?));
    Ok(())
}

/// A rule's value and where it was said.
pub(super) fn show<'c>(config: &'c Config, key: &str) -> (String, &'c Origin) {
    let said = config.rules.get(key);
    let by_default =
        RULES.iter().find(|rule| rule.key == key).map(|rule| *(rule.slot)(&mut Rules::default()));
    let value = said.map(|setting| setting.value).or(by_default).unwrap_or_default();
    (value.to_string(), said.map_or(&Origin::Default, |setting| &setting.origin))
}

impl Config {
    /// The rules that hold for an agent.
    #[must_use]
    pub fn rules_of(&self, agent: &Agent) -> Rules {
        let mut rules = Rules::default();
        let own = self.agent(agent).rules;
        for rule in &RULES {
            let of_agent = own.iter().rev().find(|(key, _)| *key == rule.key).map(|(_, value)| *value);
            let of_all = self.rules.get(rule.key).map(|setting| setting.value);
            if let Some(value) = of_agent.or(of_all) {
                *(rule.slot)(&mut rules) = value;
            }
        }
        rules
    }
}
