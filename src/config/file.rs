//! Reads the configuration file and says what in it could not be used.
//!
//! Owns: the walk over the TOML and the wording of warnings. Must not know: what the keys mean; the
//! table in `keys` does.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::keys::{AGENT_KEYS, KEYS, Value, set_agent, set_binding};
use super::nearest::nearest;
use super::platform::{PLATFORM_KEYS, set_platform};
use super::{Config, Env, Origin, Warning};

/// Reads text into settings. A syntax error leaves all defaults in force; an unusable key only its own.
pub(super) fn read(text: &str, env: Env<'_>) -> (Config, Vec<Warning>) {
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let line = error.span().map(|span| line_of(text, span.start));
            let message = error.message().trim().to_owned();
            let text =
                format!("the file is not valid TOML ({message}); the defaults apply until it is mended");
            return (Config::default(), vec![Warning { line, text }]);
        }
    };
    let mut reader = Reader { text, config: Config::default(), warnings: Vec::new() };
    for (name, value) in &table {
        reader.section(name.get_ref(), name.span().start, value.get_ref());
    }
    let Reader { mut config, mut warnings, .. } = reader;
    for folders in [&mut config.claude_code.value, &mut config.folders.value] {
        for folder in folders.iter_mut() {
            *folder = expand(folder, env);
        }
    }
    for profile in config.platforms.values_mut() {
        if let Some(file) = &mut profile.value.key_file {
            *file = expand(file, env);
        }
    }
    warnings.sort_by_key(|warning| warning.line);
    (config, warnings)
}

struct Reader<'a> {
    text: &'a str,
    config: Config,
    warnings: Vec<Warning>,
}

impl Reader<'_> {
    fn section(&mut self, name: &str, at: usize, value: &DeValue<'_>) {
        let Some(table) = value.as_table() else {
            return self.unknown(name, at);
        };
        match name {
            "agents" => {
                for (agent, value) in table {
                    self.agent(agent.get_ref(), agent.span().start, value.get_ref());
                }
            }
            "platform" => {
                for (profile, value) in table {
                    self.platform(profile.get_ref(), profile.span().start, value.get_ref());
                }
            }
            "keys" => {
                for (command, value) in table {
                    let at = command.span().start;
                    let origin = Origin::File(line_of(self.text, at));
                    let done =
                        set_binding(&mut self.config, command.get_ref(), plain(value.get_ref()), origin);
                    self.note(&format!("keys.{}", command.get_ref()), at, done);
                }
            }
            _ if !KEYS.iter().any(|key| key.name.split('.').next() == Some(name)) => self.unknown(name, at),
            _ => {
                for (key, value) in table {
                    let full = format!("{name}.{}", key.get_ref());
                    let at = key.span().start;
                    let Some(known) = KEYS.iter().find(|known| known.name == full) else {
                        self.unknown(&full, at);
                        continue;
                    };
                    let origin = Origin::File(line_of(self.text, at));
                    let done = (known.set)(&mut self.config, plain(value.get_ref()), origin);
                    self.note(&full, at, done);
                }
            }
        }
    }

    fn agent(&mut self, agent: &str, at: usize, value: &DeValue<'_>) {
        let Some(table) = value.as_table() else {
            return self.warn(at, format!("`agents.{agent}` needs to be a table; it was left out"));
        };
        let mut own = super::AgentConfig::default();
        for (key, value) in table {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            let full = format!("agents.{agent}.{name}");
            if AGENT_KEYS.contains(&name) {
                let done = set_agent(&mut own, name, plain(value.get_ref()));
                self.note(&full, at, done);
            } else {
                let advice = nearest(name, AGENT_KEYS.iter().copied());
                self.warn(at, advise(&full, advice));
            }
        }
        self.config.agents.insert(agent.to_owned(), own);
    }

    fn platform(&mut self, profile: &str, at: usize, value: &DeValue<'_>) {
        let Some(table) = value.as_table() else {
            let text = format!(
                "`platform.{profile}` needs to be a table, such as `[platform.default]`; it was left out"
            );
            return self.warn(at, text);
        };
        let mut own = super::PlatformConfig::default();
        let origin = Origin::File(line_of(self.text, at));
        for (key, value) in table {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            let full = format!("platform.{profile}.{name}");
            if PLATFORM_KEYS.contains(&name) {
                let done = set_platform(&mut own, name, plain(value.get_ref()));
                self.note(&full, at, done);
            } else if ["key", "api-key", "token"].contains(&name) {
                // Not repeated, and not suggested: a key in this file would end up in backups and chats.
                self.warn(
                    at,
                    format!(
                        "`{full}`: a key does not belong in this file; use key-env, key-command or key-file"
                    ),
                );
            } else {
                self.warn(at, advise(&full, nearest(name, PLATFORM_KEYS.iter().copied())));
            }
        }
        self.config.platforms.insert(profile.to_owned(), super::Setting { value: own, origin });
    }

    fn unknown(&mut self, name: &str, at: usize) {
        let sections = ["agents", "keys", "platform"].into_iter();
        let keys = KEYS.iter().map(|key| key.name);
        let tables = KEYS.iter().filter_map(|key| key.name.split('.').next());
        // A key at the top of the file most often lacks its table.
        let bare = KEYS.iter().find(|key| key.name.split('.').nth(1) == Some(name)).map(|key| key.name);
        let advice = bare.or_else(|| {
            if name.contains('.') { nearest(name, keys) } else { nearest(name, sections.chain(tables)) }
        });
        self.warn(at, advise(name, advice));
    }

    fn note(&mut self, name: &str, at: usize, done: Result<(), String>) {
        if let Err(reason) = done {
            self.warn(at, format!("`{name}` was left out: {reason}"));
        }
    }

    fn warn(&mut self, at: usize, text: String) {
        self.warnings.push(Warning { line: Some(line_of(self.text, at)), text });
    }
}

fn advise(name: &str, advice: Option<&str>) -> String {
    match advice {
        Some(known) => format!("`{name}` is not a setting; did you mean `{known}`?"),
        None => format!("`{name}` is not a setting; `wakeful config template` lists them all"),
    }
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number that large"), Value::Number),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            texts.map_or(Value::Other("a list of other things"), Value::List)
        }
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Table(_) => Value::Other("a table"),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

/// `~/x` becomes a path in the home directory.
fn expand(path: &std::path::Path, env: Env<'_>) -> PathBuf {
    let home = env("HOME").or_else(|| env("USERPROFILE")).filter(|home| !home.is_empty());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => path.to_owned(),
    }
}
