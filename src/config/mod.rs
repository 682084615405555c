//! Settings: what the user wants, each with where it was said.
//!
//! Owns: the typed settings, their defaults, and the order in which they are overridden (flag, then
//! environment, then file, then default). Must not know: who uses a setting. A file that can't be
//! read or understood never stops the program: the defaults apply and the reason is a [`Warning`].

mod caps;
mod file;
mod keys;
mod paths;
mod platform;
mod rules;
mod themes;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use crate::domain::agent::{Agent, Mode};
use crate::domain::cost::Money;
use crate::domain::memory::DocPath;
use crate::domain::outcome::Outcomes;

pub use self::keys::{KEYS, Key};
pub use self::paths::{NoHome, Paths};
pub use self::platform::PlatformConfig;
pub use self::rules::OwnRules;
pub use self::themes::ThemeFile;

/// The commented template that `init` writes and `config template` prints.
pub const TEMPLATE: &str = include_str!("../../assets/config.toml");

/// Reads an environment variable; tests hand in their own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a value was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// Nowhere: it is built in.
    #[default]
    Default,
    /// In the configuration file, at this line.
    File(usize),
    /// In an environment variable of this name.
    Environment(&'static str),
    /// With a flag of this name.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(line) => write!(f, "line {line}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// A value and where it was said. Reads like the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Setting<T> {
    /// What applies.
    pub value: T,
    /// Where it was said.
    pub origin: Origin,
}

impl<T> Setting<T> {
    fn default_of(value: T) -> Self {
        Self { value, origin: Origin::Default }
    }

    fn set(&mut self, value: T, origin: Origin) {
        *self = Self { value, origin };
    }
}

impl<T> Deref for Setting<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Which colours the console uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Asks the terminal for its background; dark where it doesn't answer.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Strong contrast, for dark and light terminals.
    HighContrast,
    /// The terminal's own sixteen colours.
    Ansi16,
    /// No colours; bold, reverse and underline carry the meaning.
    Mono,
    /// One of the user's own, by the name of its file in the folder `themes`.
    Own(String),
}

impl ThemeChoice {
    /// Every choice that needs no file.
    pub const ALL: &'static [Self] =
        &[Self::Auto, Self::Dark, Self::Light, Self::HighContrast, Self::Ansi16, Self::Mono];

    /// The name used in the file.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Own(name) => name,
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Ansi16 => "ansi16",
            Self::Mono => "mono",
        }
    }

    /// Reads [`ThemeChoice::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|choice| choice.as_str() == name).cloned()
    }
}

/// What is set for one agent in particular; `None` means as for all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentConfig {
    /// What may happen without a person.
    pub mode: Option<Mode>,
    /// Sessions a pass reads.
    pub lookback: Option<u32>,
    /// Hours after which `dream run --due` runs another pass.
    pub every_hours: Option<u32>,
    /// Tokens its memory should stay under.
    pub store_tokens: Option<u64>,
    /// Label that groups agents.
    pub segment: Option<String>,
    /// More documents its lessons should not contradict.
    pub protected: Vec<String>,
    /// Rules of retention that differ.
    pub rules: OwnRules,
    /// Commands that are its test or build.
    pub checks: Vec<String>,
    /// The word before the number in an outcome that is its reward.
    pub reward: Option<String>,
    /// Reward from which on a session passed, in thousandths.
    pub pass_mark: Option<u32>,
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Claude Code configuration folders. Empty and unset means: find them.
    pub claude_code: Setting<Vec<PathBuf>>,
    /// Folders in the plain layout.
    pub folders: Setting<Vec<PathBuf>>,
    /// Folder of a memory that several agents read.
    pub shared_memory: Setting<Option<PathBuf>>,
    /// Document of it into which new notes go.
    pub shared_document: Setting<Option<DocPath>>,
    /// Agents that read it, by id or name; none means all.
    pub shared_agents: Setting<Vec<String>>,
    /// Smallest support shown in the inbox.
    pub threshold: Setting<u32>,
    /// Days for which a lesson is snoozed.
    pub snooze_days: Setting<u32>,
    /// Name written into decisions.
    pub reviewer: Setting<String>,
    /// Sessions a pass reads.
    pub lookback: Setting<u32>,
    /// Hours after which `dream run --due` runs another pass.
    pub every_hours: Setting<u32>,
    /// Model of dreams on the platform.
    pub model: Setting<String>,
    /// The most one dream may cost.
    pub max_cost: Setting<Option<Money>>,
    /// The most all dreams of a calendar month may cost.
    pub max_cost_month: Setting<Option<Money>>,
    /// Why no dream that costs money may start: the file says what it may cost, and can't be read there.
    pub unread_cap: Option<String>,
    /// The most sessions of one person, in per cent of those a dream reads.
    pub max_share: Setting<Option<u32>>,
    /// Tokens a memory should stay under; unset means the source's own limit.
    pub store_tokens: Setting<Option<u64>>,
    /// More documents that no lesson should contradict, for every agent.
    pub protected: Setting<Vec<String>>,
    /// Rules of retention that are set, by key.
    pub rules: BTreeMap<&'static str, Setting<u32>>,
    /// Colours.
    pub theme: Setting<ThemeChoice>,
    /// Theme files beside the configuration.
    pub themes: Vec<ThemeFile>,
    /// Draw with ASCII only.
    pub ascii: Setting<bool>,
    /// Listen to the mouse: the wheel then scrolls, and the terminal's own way to select text needs
    /// Shift. Off unless asked for, because over SSH selecting is how most people copy.
    pub mouse: Setting<bool>,
    /// Decide and write nothing in the console.
    pub read_only: Setting<bool>,
    /// Draw calmly and in words, for screen readers.
    pub reader: Setting<bool>,
    /// Say through the terminal that a dream ended, where nobody looks.
    pub notify: Setting<bool>,
    /// Command that edits a text; `None` means `VISUAL`, then `EDITOR`, then `vi`.
    pub editor: Setting<Option<String>>,
    /// Key bindings by command name. Names and keys are checked by the keymap, which knows them.
    pub bindings: BTreeMap<String, Setting<Vec<String>>>,
    /// Profiles of the Claude platform, by name.
    pub platforms: BTreeMap<String, Setting<PlatformConfig>>,
    /// Settings of single agents, by id or name.
    pub agents: BTreeMap<String, AgentConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            claude_code: Setting::default(),
            folders: Setting::default(),
            shared_memory: Setting::default(),
            shared_document: Setting::default(),
            shared_agents: Setting::default(),
            threshold: Setting::default_of(10),
            snooze_days: Setting::default_of(1),
            reviewer: Setting::default_of("unknown".to_owned()),
            lookback: Setting::default_of(50),
            every_hours: Setting::default_of(24),
            model: Setting::default_of("claude-opus-5".to_owned()),
            // Nobody should meet a bill they did not expect: a dream that may cost more says so and asks.
            max_cost: Setting::default_of(Some(Money::micros(2_000_000))),
            max_cost_month: Setting::default_of(Some(Money::micros(20_000_000))),
            unread_cap: None,
            max_share: Setting::default(),
            store_tokens: Setting::default(),
            protected: Setting::default(),
            rules: BTreeMap::new(),
            theme: Setting::default(),
            themes: Vec::new(),
            ascii: Setting::default_of(false),
            mouse: Setting::default_of(false),
            read_only: Setting::default_of(false),
            reader: Setting::default_of(false),
            notify: Setting::default_of(false),
            editor: Setting::default(),
            bindings: BTreeMap::new(),
            platforms: BTreeMap::new(),
            agents: BTreeMap::new(),
        }
    }
}

/// Something in the file that could not be used. The rest was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Line of the file, where it concerns one.
    pub line: Option<usize>,
    /// What is wrong, what applies instead, and what was probably meant.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Settings as they were found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// What applies.
    pub config: Config,
    /// What could not be used.
    pub warnings: Vec<Warning>,
    /// Whether there is a configuration file.
    pub found: bool,
}

impl Config {
    /// Reads the file, then lets the environment override it. Never fails.
    #[must_use]
    pub fn load(path: &Path, env: Env<'_>) -> Loaded {
        let themes = themes::beside(path);
        let mut loaded = match std::fs::read_to_string(path) {
            Ok(text) => Self::read(&text, themes, env),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Loaded { config: Self { themes, ..Self::default() }, ..Loaded::default() }
            }
            Err(error) => Loaded {
                warnings: vec![Warning {
                    line: None,
                    text: format!("{} can't be read ({error}); the defaults apply", path.display()),
                }],
                found: true,
                config: Self { unread_cap: Some(caps::of_no_file(path)), themes, ..Self::default() },
            },
        };
        loaded.config.environment(env);
        loaded
    }

    /// Reads settings from text.
    #[must_use]
    pub fn parse(text: &str, env: Env<'_>) -> Loaded {
        Self::read(text, Vec::new(), env)
    }

    fn read(text: &str, themes: Vec<ThemeFile>, env: Env<'_>) -> Loaded {
        let (mut config, mut warnings) = file::read(text, env);
        config.themes = themes;
        warnings.extend(config.keep_known_theme());
        warnings.sort_by_key(|warning| warning.line);
        Loaded { config, warnings, found: true }
    }

    /// A theme that is none leaves the choice to the terminal, and is said.
    fn keep_known_theme(&mut self) -> Option<Warning> {
        let ThemeChoice::Own(name) = &self.theme.value else { return None };
        if self.themes.iter().any(|file| file.name == *name) {
            return None;
        }
        let own = self.themes.iter().map(|file| file.name.as_str());
        let names: Vec<&str> = ThemeChoice::ALL.iter().map(ThemeChoice::as_str).chain(own).collect();
        let text =
            format!("`screen.theme` was left out: `{name}` is no theme; there are {}", names.join(", "));
        let line = match self.theme.origin {
            Origin::File(line) => Some(line),
            _ => None,
        };
        self.theme = Setting::default();
        Some(Warning { line, text })
    }

    fn environment(&mut self, env: Env<'_>) {
        let said = |name: &'static str| env(name).filter(|value| !value.is_empty());
        if self.claude_code.origin == Origin::Default
            && let Some(folder) = said("CLAUDE_CONFIG_DIR")
        {
            self.claude_code.set(vec![PathBuf::from(folder)], Origin::Environment("CLAUDE_CONFIG_DIR"));
        }
        if said("NO_COLOR").is_some() {
            self.theme.set(ThemeChoice::Mono, Origin::Environment("NO_COLOR"));
        }
        if self.editor.value.is_none() {
            for name in ["VISUAL", "EDITOR"] {
                if let Some(command) = said(name).filter(|_| self.editor.value.is_none()) {
                    self.editor.set(Some(command), Origin::Environment(name));
                }
            }
        }
        if self.reviewer.origin == Origin::Default {
            for name in ["USER", "LOGNAME", "USERNAME"] {
                if let Some(user) = said(name).filter(|_| self.reviewer.origin == Origin::Default) {
                    self.reviewer.set(user, Origin::Environment(name));
                }
            }
        }
    }

    /// Replaces all sources by folders named on the command line. A folder with `projects` inside is
    /// Claude Code's; any other is a plain one.
    pub fn use_sources(&mut self, folders: &[PathBuf]) {
        let (claude, plain): (Vec<_>, Vec<_>) =
            folders.iter().cloned().partition(|folder| folder.join("projects").is_dir());
        self.claude_code.set(claude, Origin::Flag("--source"));
        self.folders.set(plain, Origin::Flag("--source"));
        self.platforms.clear();
    }

    /// The name of the account for a reviewer that nobody named.
    pub fn use_account(&mut self, name: String) {
        self.reviewer.set(name, Origin::Default);
    }

    /// No colours, whatever the file says.
    pub fn use_no_color(&mut self) {
        self.theme.set(ThemeChoice::Mono, Origin::Flag("--no-color"));
    }

    /// Decide and write nothing, whatever the file says.
    pub fn use_read_only(&mut self) {
        self.read_only.set(true, Origin::Flag("--read-only"));
    }

    /// How the screen looks and which keys do what, as another configuration has it; nothing else of it.
    pub fn use_looks_of(&mut self, other: Self) {
        let Self { theme, themes, ascii, bindings, .. } = other;
        (self.theme, self.themes, self.ascii, self.bindings) = (theme, themes, ascii, bindings);
    }

    /// Calm and in words, whatever the file says.
    pub fn use_reader(&mut self) {
        self.reader.set(true, Origin::Flag("--screen-reader"));
    }

    /// What is set for an agent in particular.
    #[must_use]
    pub fn agent(&self, agent: &Agent) -> AgentConfig {
        let named = |name: &str| self.agents.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        named(agent.id.as_str())
            .or_else(|| named(&agent.name))
            .map(|(_, config)| config.clone())
            .unwrap_or_default()
    }

    /// Sessions a pass over this agent reads.
    #[must_use]
    pub fn lookback_of(&self, agent: &Agent) -> u32 {
        self.agent(agent).lookback.unwrap_or(*self.lookback)
    }

    /// Hours after which another pass over this agent is due.
    #[must_use]
    pub fn every_hours_of(&self, agent: &Agent) -> u32 {
        self.agent(agent).every_hours.unwrap_or(*self.every_hours)
    }

    /// Puts what is set for an agent into it, as its source found it.
    pub fn apply_to(&self, agent: &mut Agent) {
        let own = self.agent(agent);
        if let Some(mode) = own.mode {
            agent.mode = mode;
        }
        if let Some(tokens) = own.store_tokens.or(*self.store_tokens) {
            agent.budget.store_tokens = tokens;
        }
        if own.segment.is_some() {
            agent.segment = own.segment;
        }
        agent.outcomes = Outcomes {
            checks: own.checks,
            reward: own.reward.unwrap_or(Outcomes::default().reward),
            pass_mark: own.pass_mark.unwrap_or(Outcomes::default().pass_mark),
        };
        for document in self.protected.iter().chain(&own.protected) {
            if !agent.protected.contains(document) {
                agent.protected.push(document.clone());
            }
        }
    }

    /// Every setting with its value as it would stand in the file and its origin, in file order.
    #[must_use]
    pub fn effective(&self) -> Vec<(String, String, Origin)> {
        keys::effective(self)
    }
}

#[cfg(test)]
mod tests;
