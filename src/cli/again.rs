//! Commands that a text suggests, in the form that works from here: with the places and the agent
//! that this call named.
//!
//! Owns: which options go along with a suggested command. Must not know: commands or their texts.

use std::path::Path;

use super::args::Global;

/// Commands that take an agent.
const WITH_AGENT: &[&str] = &["apply", "lessons", "review", "memory list", "memory log", "dream run"];
/// Commands that make or need no place of their own.
const WITHOUT_PLACE: &[&str] = &["init", "demo", "config", "completions", "man"];

/// What to repeat of how the program was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Again {
    place: String,
    sources: String,
    agent: String,
}

impl Again {
    /// The options of this call that say which cache and sources to use.
    #[must_use]
    pub fn of(global: &Global) -> Self {
        let option = |flag: &str, path: &Path| format!(" {flag} {}", quoted(&path.display().to_string()));
        let mut place = String::new();
        if let Some(file) = &global.config {
            place.push_str(&option("--config", file));
        }
        if let Some(folder) = &global.data_dir {
            place.push_str(&option("--data-dir", folder));
        }
        let sources = global.source.iter().map(|folder| option("--source", folder)).collect();
        Self { place, sources, agent: String::new() }
    }

    /// From here on the configuration names the sources of this call.
    pub fn without_sources(&mut self) {
        self.sources.clear();
    }

    /// From here on commands are suggested for this agent.
    pub fn with_agent(&mut self, agent: Option<&str>) {
        self.agent = agent.map_or_else(String::new, |agent| format!(" --agent {}", quoted(agent)));
    }

    /// A text whose commands (in backquotes) are completed.
    #[must_use]
    pub fn complete(&self, text: &str) -> String {
        const NAME: &str = "`wakeful";
        let mut out = String::with_capacity(text.len() + self.place.len() + self.sources.len());
        let mut rest = text;
        while let Some(at) = rest.find(NAME) {
            let (before, found) = rest.split_at(at);
            out.push_str(before);
            let Some((command, after)) = found.get(1..).and_then(|found| found.split_once('`')) else {
                rest = found;
                break;
            };
            out.push_str(&format!("`{}`", self.complete_one(command)));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn complete_one(&self, command: &str) -> String {
        let words = match command.strip_prefix("wakeful") {
            Some("") => "",
            // Another word that begins the same.
            Some(words) if !words.starts_with(' ') => return command.to_owned(),
            Some(words) => words.trim_start(),
            None => return command.to_owned(),
        };
        let is = |names: &[&'static str]| {
            names.iter().copied().find(|name| {
                words.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
        };
        let place = if is(WITHOUT_PLACE).is_some() {
            String::new()
        } else {
            format!("{}{}", self.place, self.sources)
        };
        let mut words = words.to_owned();
        if let Some(name) = is(WITH_AGENT)
            && !words.contains("--agent")
        {
            words.insert_str(name.len(), &self.agent);
        }
        if words.is_empty() { format!("wakeful{place}") } else { format!("wakeful{place} {words}") }
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggested_commands_name_the_places_and_the_agent_of_this_call() {
        let global =
            Global { source: vec!["/a b/bot".into()], data_dir: Some("/d".into()), ..Global::default() };
        let mut again = Again::of(&global);
        assert_eq!(
            again.complete("`wakeful apply` writes; `wakeful` opens; `wakeful::sync=debug`; `x`"),
            "`wakeful --data-dir /d --source '/a b/bot' apply` writes; \
             `wakeful --data-dir /d --source '/a b/bot'` opens; `wakeful::sync=debug`; `x`"
        );
        again.with_agent(Some("support bot"));
        assert_eq!(
            again.complete("`wakeful apply --yes` or `wakeful undo`, `wakeful init --folder DIR`"),
            "`wakeful --data-dir /d --source '/a b/bot' apply --agent 'support bot' --yes` or \
             `wakeful --data-dir /d --source '/a b/bot' undo`, `wakeful init --folder DIR`"
        );
        assert_eq!(again.complete("an `open end and `wakeful apply"), "an `open end and `wakeful apply");
    }

    #[test]
    fn a_plain_call_suggests_plain_commands() {
        let text = "`wakeful memory list` and `wakeful apply`";
        assert_eq!(Again::default().complete(text), text);
    }
}
