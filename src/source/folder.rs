//! A plain folder in the documented layout, for anyone's agents.
//!
//! Owns: the layout (`sessions/*.jsonl`, `memory/**`, `wakeful.toml`, one agent or a folder of agents).
//! Must not know: transcript formats; any file that a parser knows may lie in `sessions`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::agent::{Agent, Budget, Mode, SourceKind};
use crate::domain::ids::AgentId;

use super::local::{self, Local};
use super::{SourceError, files};

/// Name of the optional settings file beside `sessions` and `memory`.
pub const SETTINGS: &str = "wakeful.toml";

/// A folder that holds one agent, or several, one per folder.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// `wakeful.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Settings {
    name: Option<String>,
    segment: Option<String>,
    /// Paths relative to the agent's folder.
    protected: Vec<String>,
    budget: BudgetSettings,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BudgetSettings {
    index: Option<String>,
    index_lines: Option<u64>,
    index_bytes: Option<u64>,
    index_tokens: Option<u64>,
    store_tokens: Option<u64>,
}

/// Keys that mean something, by table.
const KNOWN: [(&str, &[&str]); 2] = [
    ("", &["name", "segment", "protected", "budget"]),
    ("budget", &["index", "index_lines", "index_bytes", "index_tokens", "store_tokens"]),
];

/// The document that agents load into every session where nobody says which: the one with the usual name.
fn usual_index(home: &Path) -> Option<String> {
    const NAME: &str = "MEMORY.md";
    home.join("memory").join(NAME).is_file().then(|| format!("/{NAME}"))
}

impl Folder {
    /// A source that reads this folder.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: local::absolute(root.into()) }
    }

    /// Folders that hold an agent.
    fn homes(&self) -> Result<Vec<PathBuf>, SourceError> {
        if let Err(error) = std::fs::read_dir(&self.root) {
            return Err(SourceError::Unreadable { at: self.root.display().to_string(), error });
        }
        if self.root.join("sessions").is_dir() {
            return Ok(vec![self.root.clone()]);
        }
        let below = local::listed(&self.root)?;
        Ok(below
            .into_iter()
            .filter(|(name, path, found)| {
                found.is_dir() && !name.starts_with('.') && path.join("sessions").is_dir()
            })
            .map(|(_, path, _)| path)
            .collect())
    }
}

fn settings(home: &Path) -> (Settings, Option<String>) {
    let path = home.join(SETTINGS);
    if !path.exists() {
        return (Settings::default(), None);
    }
    let at = path.display();
    let text = match files::read_document(&path) {
        Ok(text) => text,
        Err(reason) => return (Settings::default(), Some(format!("{at} is not used: {reason}"))),
    };
    match toml::from_str::<Settings>(&text) {
        Ok(settings) => (settings, unknown_keys(&text).map(|keys| format!("{at}: unknown keys: {keys}"))),
        Err(error) => {
            let first = error.message().lines().next().unwrap_or_default().to_owned();
            (Settings::default(), Some(format!("{at} is not used: {first}")))
        }
    }
}

fn unknown_keys(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    let mut unknown = Vec::new();
    for (prefix, known) in KNOWN {
        let inner =
            if prefix.is_empty() { Some(&table) } else { table.get(prefix).and_then(toml::Value::as_table) };
        let keys = inner.into_iter().flat_map(toml::Table::keys).filter(|key| !known.contains(&key.as_str()));
        unknown
            .extend(keys.map(|key| if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }));
    }
    (!unknown.is_empty()).then(|| unknown.join(", "))
}

impl Local for Folder {
    const KIND: SourceKind = SourceKind::Folder;

    fn root(&self) -> &Path {
        &self.root
    }

    fn find(&self) -> Result<Vec<Agent>, SourceError> {
        let mut agents = Vec::new();
        for home in self.homes()? {
            let (Some(path), Some(name)) = (home.to_str(), home.file_name().and_then(|name| name.to_str()))
            else {
                continue;
            };
            let (settings, _) = settings(&home);
            let defaults = Budget::default();
            agents.push(Agent {
                id: AgentId::new(format!("folder:{name}")),
                name: settings.name.unwrap_or_else(|| name.to_owned()),
                source: SourceKind::Folder,
                sessions_at: format!("{path}/sessions"),
                memory_at: format!("{path}/memory"),
                protected: settings
                    .protected
                    .iter()
                    .map(|doc| home.join(doc).display().to_string())
                    .collect(),
                segment: settings.segment,
                mode: Mode::default(),
                outcomes: crate::domain::outcome::Outcomes::default(),
                budget: Budget {
                    index: settings.budget.index.or_else(|| usual_index(&home)),
                    index_lines: settings.budget.index_lines,
                    index_bytes: settings.budget.index_bytes,
                    index_tokens: settings.budget.index_tokens.unwrap_or(defaults.index_tokens),
                    store_tokens: settings.budget.store_tokens.unwrap_or(defaults.store_tokens),
                },
            });
        }
        Ok(agents)
    }

    fn remarks(&self) -> Vec<String> {
        self.homes().map_or_else(
            |error| vec![error.to_string()],
            |homes| homes.iter().filter_map(|home| settings(home).1).collect(),
        )
    }
}
