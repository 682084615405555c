//! What every command works with: settings, places, cache, sources, and where to print.
//!
//! Owns: opening these in the right order. Must not know: any command.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::account;
use super::again::Again;
use super::args::Global;
use super::error::{CliError, Exit};
use super::platforms::{options_of, settings_of};
use crate::config::{Config, Env, Loaded, Origin, Paths, Warning};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::ids::content_id;
use crate::observe::Requests;
use crate::source::claude_code::ClaudeCode;
use crate::source::folder::Folder;
use crate::source::platform::{Platform, Settings};
use crate::source::shared::Shared;
use crate::source::{Source, Sources};
use crate::store::Store;
use crate::sync::platform::Options;

/// What every command works with.
pub struct Context<'a> {
    /// Where things lie.
    pub paths: Paths,
    /// What applies.
    pub config: Config,
    /// What in the configuration file could not be used.
    pub warnings: Vec<Warning>,
    /// Whether there is a configuration file.
    pub configured: bool,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where results go.
    pub out: &'a mut dyn Write,
    /// Where remarks and progress go.
    pub err: &'a mut dyn Write,
    /// Which of the three streams is a terminal.
    pub terminal: Terminals,
    /// What to repeat of this call in commands that a text suggests.
    pub again: Again,
    /// The latest requests to a platform, once the log is started.
    pub requests: Requests,
    /// Platform profiles, with their keys where those stand in the environment.
    pub profiles: Vec<Settings>,
}

/// Which of the three streams is a terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    /// Standard input.
    pub input: bool,
    /// Standard output.
    pub output: bool,
    /// Standard error.
    pub error: bool,
}

impl Terminals {
    /// Asks the system.
    #[must_use]
    pub fn detect() -> Self {
        Self {
            input: io::stdin().is_terminal(),
            output: io::stdout().is_terminal(),
            error: io::stderr().is_terminal(),
        }
    }
}

impl<'a> Context<'a> {
    /// Reads the settings. Never fails for what is in the configuration file.
    ///
    /// # Errors
    /// When there is no place for the cache.
    pub fn load(
        global: &Global,
        env: Env<'_>,
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
    ) -> Result<Self, CliError> {
        let mut paths = Paths::find(global.config.clone(), global.data_dir.clone(), env)?;
        let Loaded { mut config, warnings, found } = Config::load(&paths.config, env);
        if !global.source.is_empty() {
            let folders = named_sources(&global.source)?;
            if global.data_dir.is_none() {
                // A sync with other sources would take the agents of the usual ones off the list.
                let mut names: Vec<String> = folders.iter().map(|path| path.display().to_string()).collect();
                names.sort();
                let parts: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
                paths.data = paths.data.join("one-off").join(content_id("src", &parts));
            }
            config.use_sources(&folders);
        }
        if config.reviewer.origin == Origin::Default
            && let Some(name) = account::name()
        {
            config.use_account(name);
        }
        if global.no_color {
            config.use_no_color();
        }
        if global.opened.read_only {
            config.use_read_only();
        }
        if global.opened.screen_reader {
            config.use_reader();
        }
        let platforms = config.platforms.iter();
        let profiles = platforms.map(|(name, profile)| settings_of(name, profile, env)).collect();
        Ok(Self {
            profiles,
            requests: Requests::default(),
            paths,
            config,
            warnings,
            configured: found,
            clock: Arc::new(SystemClock),
            out,
            err,
            terminal: Terminals::detect(),
            again: Again::of(global),
        })
    }

    /// Opens the cache.
    ///
    /// # Errors
    /// As the cache says.
    pub fn store(&self) -> Result<Store, CliError> {
        Ok(Store::open(&self.paths.database(), Arc::clone(&self.clock))?)
    }

    /// The sources of the settings; where none are set, the places where Claude Code keeps its own.
    /// Platforms only where a profile is set: nothing is contacted unasked.
    #[must_use]
    pub fn sources(&self) -> Sources {
        let mut sources: Vec<Arc<dyn Source>> = Vec::new();
        for root in self.claude_code_folders() {
            sources.push(Arc::new(ClaudeCode::new(root, Vec::new())));
        }
        for root in &self.config.folders.value {
            sources.push(Arc::new(Folder::new(root.clone())));
        }
        if let Some(root) = &self.config.shared_memory.value {
            let (document, readers) = (&self.config.shared_document.value, &self.config.shared_agents.value);
            sources.push(Arc::new(Shared::new(root.clone(), document.clone(), readers.clone())));
        }
        let mut unusable = Vec::new();
        for settings in &self.profiles {
            let (name, transcripts) = (&settings.profile, self.paths.transcripts(&settings.profile));
            match Platform::new(settings.clone(), transcripts, Arc::clone(&self.clock)) {
                Ok(platform) => sources.push(Arc::new(platform)),
                Err(error) => unusable.push(format!("platform {name}: {error}")),
            }
        }
        let mut sources = Sources::new(sources);
        for text in unusable {
            sources.note_unusable(text);
        }
        sources
    }

    /// What is configured about platforms beside how they are reached, and what is wrong with the user's
    /// own price table, if there is one.
    #[must_use]
    pub fn platform_options(&self) -> (Options, Option<String>) {
        options_of(&self.config, &self.paths)
    }

    /// Claude Code folders to read.
    #[must_use]
    pub fn claude_code_folders(&self) -> Vec<PathBuf> {
        let set = &self.config.claude_code;
        if set.origin == Origin::Default {
            let home = directories::BaseDirs::new().map(|base| base.home_dir().to_owned());
            let found = ClaudeCode::default_root(None, home.as_deref());
            return found.filter(|folder| folder.is_dir()).into_iter().collect();
        }
        set.value.clone()
    }

    /// An error where there is nothing to read agents from.
    ///
    /// # Errors
    /// When no source is known.
    pub fn need_sources(&self) -> Result<Sources, CliError> {
        let sources = self.sources();
        if sources.is_empty() {
            return Err(CliError::new(
                Exit::Config,
                format!(
                    "no agents are known: Claude Code's folder was not found and {} names no other. \
                     `wakeful init --folder DIR` adds one; `wakeful demo` shows a sample",
                    self.paths.config.display()
                ),
            ));
        }
        Ok(sources)
    }

    /// What to say where a command needs agents and the cache has none.
    #[must_use]
    pub fn no_agents(&self) -> CliError {
        match self.need_sources() {
            Err(error) => error,
            Ok(_) => CliError::new(
                Exit::Config,
                "no agents are known yet: `wakeful sync` looks for them in the places that are set. Where it \
                 finds none, `wakeful init --folder DIR` names a place with `sessions/*.jsonl` and `memory/`; \
                 `wakeful demo` shows a sample",
            ),
        }
    }

    /// Prints what in the configuration could not be used.
    ///
    /// # Errors
    /// When the error output is closed.
    pub fn say_warnings(&mut self) -> io::Result<()> {
        for warning in &self.warnings {
            writeln!(self.err, "wakeful: {}: {warning}", self.paths.config.display())?;
        }
        Ok(())
    }
}

/// A configuration that was named must be there: another one, or none, is not what was meant.
///
/// # Errors
/// When it is not.
pub fn must_be_there(named: &Path) -> Result<(), CliError> {
    if named.is_file() {
        return Ok(());
    }
    let file = named.display();
    let text = format!("there is no configuration file {file}; `wakeful init --config {file}` writes one");
    Err(CliError::new(Exit::Config, text))
}

/// Folders named with `--source`, as absolute paths, so that the same place has the same cache.
fn named_sources(named: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    named
        .iter()
        .map(|path| {
            std::fs::canonicalize(path).map_err(|error| {
                CliError::new(
                    Exit::NoAccess,
                    format!("--source {} can't be read: {error}. Nothing was changed", shown(path)),
                )
            })
        })
        .collect()
}

fn shown(path: &Path) -> crate::domain::text::SafeText {
    crate::domain::text::SafeText::line(&path.display().to_string())
}
