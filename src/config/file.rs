//! Reads the configuration file and says what in it could not be used.
//!
//! Owns: the walk over the TOML and the wording of warnings. Must not know: what the keys mean; the
//! table in `keys` does.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::caps;
use super::keys::{AGENT_KEYS, KEYS, Value, set_agent, set_binding};
use super::platform::{PLATFORM_KEYS, set_platform};
use super::rules::{self, is_rule};
use super::{Config, Env, Origin, Warning};
use crate::domain::nearest::nearest;

/// Lines that may be left out of a file before it is given up as a whole.
const LEFT_OUT: usize = 20;

/// Reads text into settings. What can't be used costs itself only: a line that is no TOML, the table
/// under a header that is none, a key with a wrong value.
pub(super) fn read(whole: &str, env: Env<'_>) -> (Config, Vec<Warning>) {
    let mut sound = whole.to_owned();
    let mut warnings = Vec::new();
    while let Err(error) = DeTable::parse(&sound) {
        let message = error.message().trim().to_owned();
        let line = error.span().map(|span| line_of(&sound, span.start));
        let without = line.filter(|_| warnings.len() < LEFT_OUT).and_then(|line| without_line(&sound, line));
        let Some(without) = without else {
            let text =
                format!("the file is not valid TOML ({message}); the defaults apply until it is mended");
            let config = Config { unread_cap: caps::unread(whole, &Config::default()), ..Config::default() };
            return (config, vec![Warning { line, text }]);
        };
        warnings.push(Warning { line, text: format!("not valid TOML ({message}); it was left out") });
        sound = without;
    }
    let text = sound.as_str();
    let table = DeTable::parse(text).map(toml::Spanned::into_inner).unwrap_or_default();
    let mut reader = Reader { text, config: Config::default(), warnings };
    for (name, value) in &table {
        reader.section(name.get_ref(), name.span().start, value.get_ref());
    }
    let Reader { mut config, mut warnings, .. } = reader;
    for folders in [&mut config.claude_code.value, &mut config.folders.value] {
        for folder in folders.iter_mut() {
            *folder = expand(folder, env);
        }
    }
    if let Some(folder) = &mut config.shared_memory.value {
        *folder = expand(folder, env);
    }
    for profile in config.platforms.values_mut() {
        let profile = &mut profile.value;
        for file in [&mut profile.key_file, &mut profile.ca_file].into_iter().flatten() {
            *file = expand(file, env);
        }
    }
    config.unread_cap = caps::unread(whole, &config);
    warnings.sort_by_key(|warning| warning.line);
    (config, warnings)
}

/// The text with a line blanked, so that all others keep their number. Under a header that is none,
/// the lines up to the next one go as well: they would fall into the table before. `None` if there is
/// nothing to blank.
fn without_line(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    // What is never closed is found at the end of the file.
    let first =
        (0..line.min(lines.len())).rev().find(|&at| lines.get(at).is_some_and(|l| !l.trim().is_empty()))?;
    let broken = lines.get(first)?.trim();
    let header = |line: &&str| line.trim_start().starts_with('[');
    let length = if broken.starts_with('[') {
        1 + lines.iter().skip(first + 1).take_while(|line| !header(line)).count()
    } else {
        1
    };
    let blanked = first..first + length;
    let kept = lines.iter().enumerate().map(|(at, line)| if blanked.contains(&at) { "" } else { line });
    Some(kept.fold(String::with_capacity(text.len()), |text, line| text + line + "\n"))
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
            _ if !KEYS.iter().any(|key| key.name.split('.').next() == Some(name)) => {
                self.unknown_table(name, at, table);
            }
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
            if AGENT_KEYS.contains(&name) || is_rule(name) {
                let done = set_agent(&mut own, name, plain(value.get_ref()));
                self.note(&full, at, done);
            } else {
                let advice = nearest(name, AGENT_KEYS.iter().copied().chain(rules::names()));
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
        self.warn(at, advise(name, meant(name)));
    }

    /// A table that is none. The keys in it are the better clue to what was meant.
    fn unknown_table(&mut self, name: &str, at: usize, table: &DeTable<'_>) {
        if let Some(known) = nearest(name, tables()) {
            return self.warn(at, advise(name, Some(known)));
        }
        let keys = table.iter().find_map(|(key, _)| meant(key.get_ref()).filter(|known| known.contains('.')));
        self.warn(at, advise(name, keys));
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

/// The setting that an unknown name was probably meant to be: a slip of the hand, the right name in
/// the wrong table or without one, or a name that says more words than the setting.
fn meant(name: &str) -> Option<&'static str> {
    let names = || KEYS.iter().map(|key| key.name);
    let leaf = |name: &'static str| name.split('.').next_back().unwrap_or(name);
    let own = name.rsplit('.').next().unwrap_or(name);
    let of_leaf = |wanted: &str| names().find(|name| leaf(name) == wanted);
    let words = || {
        let own: Vec<String> = own.split(['-', '_']).map(str::to_lowercase).collect();
        names().find(|name| leaf(name).split('-').all(|word| own.iter().any(|own| own == word)))
    };
    of_leaf(own)
        .or_else(|| nearest(name, names()))
        .or_else(|| if name.contains('.') { None } else { nearest(name, tables()) })
        .or_else(|| nearest(own, names().map(leaf)).and_then(of_leaf))
        .or_else(words)
}

/// Every table at the top of the file.
fn tables() -> impl Iterator<Item = &'static str> {
    ["agents", "keys", "platform"].into_iter().chain(KEYS.iter().filter_map(|key| key.name.split('.').next()))
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
        DeValue::Float(number) => Value::Fraction(number.as_str().to_owned()),
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
