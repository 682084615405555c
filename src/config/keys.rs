//! The table of settings: the one place that knows every key of the configuration file.
//!
//! Owns: names, types and descriptions of keys, and how each is read and shown. Reading, unknown-key
//! advice, `config show` and the test of the template all use this table, so none can be forgotten.
//! Must not know: files or TOML syntax beyond single values.
#![expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "the table calls every function that shows a value in one form, by reference to the field"
)]

use std::path::PathBuf;

use super::rules;
use super::{AgentConfig, Config, Origin, Setting, ThemeChoice};
use crate::domain::agent::Mode;
use crate::domain::cost::Money;
use crate::domain::memory::DocPath;

/// A value of the file, without its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    /// As it is written.
    Fraction(String),
    Flag(bool),
    List(Vec<String>),
    Other(&'static str),
}

/// Takes a limit away.
const NONE: &str = "none";

type Set = fn(&mut Config, Value, Origin) -> Result<(), String>;
type Show = fn(&Config) -> (String, &Origin);

/// One key of the file.
pub struct Key {
    /// Table and name: `review.threshold`.
    pub name: &'static str,
    /// What it is for, one line.
    pub about: &'static str,
    pub(super) set: Set,
    pub(super) show: Show,
}

macro_rules! key {
    ($name:literal, $about:literal, $field:ident, $read:expr, $show:expr) => {
        Key {
            name: $name,
            about: $about,
            set: |config, value, origin| {
                config.$field.set($read(value)?, origin);
                Ok(())
            },
            show: |config| ($show(&config.$field.value), &config.$field.origin),
        }
    };
}

macro_rules! rule {
    ($name:literal, $key:literal, $about:literal) => {
        Key {
            name: $name,
            about: $about,
            set: |config, value, origin| rules::set(config, $key, value, origin),
            show: |config| rules::show(config, $key),
        }
    };
}

/// Every key outside the tables `keys` and `agents`, in file order.
pub const KEYS: &[Key] = &[
    key!("sources.claude-code", "Claude Code configuration folders", claude_code, folders, show_paths),
    key!("sources.folders", "folders in the plain layout", folders, folders, show_paths),
    key!("shared.memory", "folder of a memory that several agents read", shared_memory, folder, show_path),
    key!("shared.document", "document of it for new notes", shared_document, document, show_document),
    key!("shared.agents", "agents that read it; none means all", shared_agents, list, show_list),
    key!("review.threshold", "smallest number of supporting sessions shown", threshold, count, show_number),
    key!("review.snooze-days", "days for which a lesson is snoozed", snooze_days, at_least_one, show_number),
    key!("review.reviewer", "name written into decisions", reviewer, text, show_text),
    key!("dream.lookback", "sessions a dream reads", lookback, at_least_one, show_number),
    key!("dream.every", "age of the last dream after which another is due", every_hours, hours, show_hours),
    key!("dream.model", "model of dreams on the platform", model, text, show_text),
    key!("dream.max-cost", "dollars one dream may cost", max_cost, money, show_money),
    key!("dream.max-cost-month", "dollars dreams may cost in a month", max_cost_month, money, show_money),
    key!("dream.max-share", "per cent of sessions of one person at most", max_share, share, show_share),
    key!("memory.tokens", "tokens a memory should stay under", store_tokens, tokens, show_optional_number),
    key!("memory.protected", "documents no lesson should contradict", protected, list, show_list),
    rule!(
        "rules.retire-after",
        "retire-after",
        "chances a note must have had before it may be called unused"
    ),
    rule!(
        "rules.dormant-days",
        "dormant-days",
        "days looked back at for notes that hardly come up; 0 for none"
    ),
    rule!(
        "rules.dormant-below",
        "dormant-below",
        "sessions in those days below which a note leaves the index"
    ),
    rule!(
        "rules.settled-days",
        "settled-days",
        "days after which the newer of two contradicting notes holds"
    ),
    rule!("rules.half-life-days", "half-life-days", "days after which a lesson not seen again weighs half"),
    rule!("rules.proposals", "proposals", "lessons proposed by one dream at most"),
    key!("screen.theme", "colours", theme, theme, show_theme),
    key!("screen.ascii", "draw with ASCII only", ascii, flag, show_flag),
    key!("screen.mouse", "listen to the mouse", mouse, flag, show_flag),
    key!("screen.reader", "calm and in words, for screen readers", reader, flag, show_flag),
    key!("screen.notify", "say through the terminal when a dream ended", notify, flag, show_flag),
    key!("screen.read-only", "decide and write nothing in the console", read_only, flag, show_flag),
    key!("editor.command", "command that edits a text", editor, optional_text, show_optional_text),
];

/// Keys of one agent's table.
pub(super) const AGENT_KEYS: &[&str] =
    &["mode", "lookback", "every", "tokens", "segment", "protected", "checks", "reward", "pass-mark"];

/// Sets one key of an agent's table.
pub(super) fn set_agent(agent: &mut AgentConfig, key: &str, value: Value) -> Result<(), String> {
    match key {
        "mode" => {
            let name = text(value)?;
            match Mode::parse(&name) {
                Some(mode) => agent.mode = Some(mode),
                None => return Err(format!("`{name}` is no mode; use \"review\", \"off\" or \"auto\"")),
            }
        }
        "lookback" => agent.lookback = Some(at_least_one(value)?),
        "every" => agent.every_hours = Some(hours(value)?),
        "tokens" => agent.store_tokens = tokens(value)?,
        "segment" => agent.segment = Some(text(value)?),
        "protected" => agent.protected = list(value)?,
        "checks" => agent.checks = list(value)?,
        "reward" => agent.reward = Some(text(value)?),
        "pass-mark" => agent.pass_mark = Some(thousandths(value)?),
        rule if rules::is_rule(rule) => rules::set_own(&mut agent.rules, rule, value)?,
        _ => return Err("is not a setting of an agent".to_owned()),
    }
    Ok(())
}

/// A number such as `1`, `0.5` or `"0.5"`, in thousandths.
fn thousandths(value: Value) -> Result<u32, String> {
    let written = match value {
        Value::Number(number) => number.to_string(),
        Value::Fraction(written) => written,
        other => text(other)?,
    };
    let number = written.parse::<f64>().ok().filter(|number| (0.0..=1e6).contains(number));
    number
        .map(|number| (number * 1_000.0).round() as u32)
        .ok_or_else(|| format!("`{written}` is no number from 0; write for example \"0.5\""))
}

/// Sets a key binding: one key or several.
pub(super) fn set_binding(
    config: &mut Config,
    command: &str,
    value: Value,
    origin: Origin,
) -> Result<(), String> {
    let keys = match value {
        Value::Text(key) => vec![key],
        other => list(other)?,
    };
    config.bindings.insert(command.to_owned(), Setting { value: keys, origin });
    Ok(())
}

/// All settings, their values and origins.
pub(super) fn effective(config: &Config) -> Vec<(String, String, Origin)> {
    let mut rows: Vec<(String, String, Origin)> = KEYS
        .iter()
        .map(|key| {
            let (value, origin) = (key.show)(config);
            (key.name.to_owned(), value, origin.clone())
        })
        .collect();
    for (profile, set) in &config.platforms {
        let place = set.value.base_url.as_deref().unwrap_or("the platform's own address");
        rows.push((format!("platform.{profile}"), quoted(place), set.origin.clone()));
    }
    for (command, keys) in &config.bindings {
        rows.push((format!("keys.{command}"), show_list(&keys.value), keys.origin.clone()));
    }
    rows
}

impl Value {
    fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Fraction(_) => "a fraction",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list of texts",
            Self::Other(what) => what,
        }
    }

    fn wrong(&self, wanted: &str) -> String {
        format!("needs {wanted}, not {}", self.describe())
    }
}

pub(super) fn text(value: Value) -> Result<String, String> {
    match value {
        Value::Text(text) if !text.trim().is_empty() => Ok(text),
        Value::Text(_) => Err("is empty".to_owned()),
        other => Err(other.wrong("a text")),
    }
}

fn optional_text(value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Text(text) => Ok((!text.trim().is_empty()).then_some(text)),
        other => Err(other.wrong("a text")),
    }
}

pub(super) fn number(value: Value, least: i64) -> Result<u32, String> {
    match value {
        Value::Number(number) if number >= least => {
            u32::try_from(number).map_err(|_| format!("{number} is too large"))
        }
        Value::Number(number) => Err(format!("{number} is too small; the least is {least}")),
        other => Err(other.wrong("a number")),
    }
}

fn count(value: Value) -> Result<u32, String> {
    number(value, 0)
}

fn at_least_one(value: Value) -> Result<u32, String> {
    number(value, 1)
}

fn tokens(value: Value) -> Result<Option<u64>, String> {
    number(value, 1).map(|number| Some(u64::from(number)))
}

pub(super) fn flag(value: Value) -> Result<bool, String> {
    match value {
        Value::Flag(flag) => Ok(flag),
        other => Err(other.wrong("true or false")),
    }
}

fn list(value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(other.wrong("a list of texts")),
    }
}

fn folders(value: Value) -> Result<Vec<PathBuf>, String> {
    Ok(list(value)?.into_iter().map(PathBuf::from).collect())
}

fn folder(value: Value) -> Result<Option<PathBuf>, String> {
    Ok(Some(PathBuf::from(text(value)?)))
}

fn document(value: Value) -> Result<Option<DocPath>, String> {
    DocPath::new(&text(value)?).map(Some).map_err(|bad| bad.reason.to_owned())
}

fn theme(value: Value) -> Result<ThemeChoice, String> {
    let name = text(value)?;
    // Whether there is such a file is found out once the folder is read.
    Ok(ThemeChoice::parse(&name).unwrap_or(ThemeChoice::Own(name)))
}

/// `12h`, `1d` or `2w`, in hours.
fn hours(value: Value) -> Result<u32, String> {
    let written = text(value)?;
    let wrong = || format!("`{written}` is no span of time; write for example \"12h\", \"1d\" or \"1w\"");
    let (digits, unit) = written.split_at_checked(written.len().saturating_sub(1)).ok_or_else(wrong)?;
    let factor = match unit {
        "h" => 1,
        "d" => 24,
        "w" => 7 * 24,
        _ => return Err(wrong()),
    };
    let number: u32 = digits.trim().parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|&hours| hours > 0).ok_or_else(wrong)
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn show_text(value: &str) -> String {
    quoted(value)
}

fn show_optional_text(value: &Option<String>) -> String {
    quoted(value.as_deref().unwrap_or_default())
}

fn show_number(value: &u32) -> String {
    value.to_string()
}

fn show_optional_number(value: &Option<u64>) -> String {
    value.map_or_else(|| "the source's own limit".to_owned(), |number| number.to_string())
}

fn show_flag(value: &bool) -> String {
    value.to_string()
}

fn show_hours(value: &u32) -> String {
    quoted(&if value.is_multiple_of(24) { format!("{}d", value / 24) } else { format!("{value}h") })
}

fn show_theme(value: &ThemeChoice) -> String {
    quoted(value.as_str())
}

/// Dollars as a number, or as a text such as `"2.50"`; `"none"` is no limit.
fn money(value: Value) -> Result<Option<Money>, String> {
    let written = match value {
        Value::Number(number) => number.to_string(),
        Value::Fraction(written) => written,
        other => text(other)?,
    };
    if written == NONE {
        return Ok(None);
    }
    let amount = Money::parse_dollars(written.trim_start_matches('$'));
    amount.map(Some).ok_or_else(|| format!("`{written}` is no amount of dollars; write for example 2.50"))
}

fn show_money(value: &Option<Money>) -> String {
    value.map_or_else(
        || "no limit".to_owned(),
        |money| quoted(money.to_string().trim_start_matches(['<', '$'])),
    )
}

fn share(value: Value) -> Result<Option<u32>, String> {
    if value == Value::Text(NONE.to_owned()) {
        return Ok(None);
    }
    match at_least_one(value)? {
        share @ 1..=100 => Ok(Some(share)),
        more => Err(format!("{more} is more than 100 per cent")),
    }
}

fn show_share(value: &Option<u32>) -> String {
    value.map_or_else(|| quoted(NONE), |share| share.to_string())
}

fn show_list(value: &[String]) -> String {
    let quoted: Vec<String> = value.iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

fn show_path(value: &Option<PathBuf>) -> String {
    quoted(&value.as_deref().map(|path| path.to_string_lossy()).unwrap_or_default())
}

fn show_document(value: &Option<DocPath>) -> String {
    quoted(value.as_ref().map_or("lessons.md", |path| path.as_str().trim_start_matches('/')))
}

fn show_paths(value: &[PathBuf]) -> String {
    let quoted: Vec<String> = value.iter().map(|path| quoted(&path.to_string_lossy())).collect();
    format!("[{}]", quoted.join(", "))
}
