//! Claude Code's own folders: projects, their sessions with sub-agents, and their auto memory.
//!
//! Owns: the layout below the configuration folder, the limits of the memory loader, and which rules
//! files people wrote for a project. Must not know: what records mean.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::domain::agent::{Agent, Budget, Mode, SourceKind};
use crate::domain::ids::AgentId;
use crate::transcript::claude_code::head;

use super::SourceError;
use super::local::{self, Local};

/// What the client loads of `MEMORY.md` at the start of a session; the rest it never sees.
const INDEX_LINES: u64 = 200;
/// The same in bytes; whichever is reached first.
const INDEX_BYTES: u64 = 25_000;

/// Sessions whose heads are read to learn where a project lies.
const HEADS: usize = 20;

/// Rules files below a working folder.
const RULES: [&str; 4] = ["CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md", "AGENTS.md"];

/// One configuration folder of Claude Code.
#[derive(Debug, Clone)]
pub struct ClaudeCode {
    root: PathBuf,
    protected: Vec<String>,
}

impl ClaudeCode {
    /// A source that reads the configuration folder `root`. `protected` are further documents that no
    /// lesson should contradict, for all of its projects.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, protected: Vec<String>) -> Self {
        Self { root: local::absolute(root.into()), protected }
    }

    /// Where the client keeps its configuration: `CLAUDE_CONFIG_DIR` if set, else `.claude` in the
    /// home folder. The variable is passed in, so that the caller decides which environment counts.
    #[must_use]
    pub fn default_root(config_dir: Option<OsString>, home: Option<&Path>) -> Option<PathBuf> {
        let set = config_dir.filter(|dir| !dir.is_empty()).map(PathBuf::from);
        set.or_else(|| home.map(|home| home.join(".claude")))
    }

    /// Rules files that exist for work in these folders, those of the user first.
    fn rules(&self, folders: &[PathBuf]) -> Vec<String> {
        let mut rules = vec![self.root.join("CLAUDE.md")];
        for folder in folders {
            rules.extend(RULES.iter().map(|name| folder.join(name)));
            let more = local::listed(&folder.join(".claude/rules")).unwrap_or_default();
            rules.extend(
                more.into_iter().filter(|(_, path, _)| has_extension(path, "md")).map(|(_, path, _)| path),
            );
        }
        let found = rules.iter().filter(|path| path.is_file()).filter_map(|path| path.to_str());
        let mut rules: Vec<String> = Vec::new();
        for path in found.chain(self.protected.iter().map(String::as_str)) {
            if !rules.iter().any(|known| known == path) {
                rules.push(path.to_owned());
            }
        }
        rules
    }
}

/// The folder name the client makes of a working folder. It is lossy, so names are compared in this
/// direction only.
fn slug(folder: &str) -> String {
    folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// The folders that a project's sessions worked in, that of the project itself first.
fn working_folders(project: &Path, slug_name: &str) -> Result<Vec<String>, SourceError> {
    let mut files: Vec<_> = local::listed(project)?
        .into_iter()
        .filter(|(_, path, found)| found.is_file() && has_extension(path, "jsonl"))
        .collect();
    // Newest first: projects are moved. Equal times fall back to the order of names.
    files.sort_by_key(|(_, _, found)| std::cmp::Reverse(found.modified().ok()));
    let mut folders: Vec<String> = Vec::new();
    for (_, path, _) in files.into_iter().take(HEADS) {
        // A session that can't be opened is reported when it is read.
        let cwd = local::head(&path).ok().and_then(|bytes| head(&bytes).cwd);
        folders.extend(cwd.filter(|cwd| !folders.contains(cwd)));
    }
    folders.sort_by_key(|folder| slug(folder) != slug_name);
    Ok(folders)
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension == wanted)
}

/// The last `parts` parts of a folder of either kind of system.
fn tail(folder: &str, parts: usize) -> String {
    let all: Vec<&str> = folder.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    all.get(all.len().saturating_sub(parts)..).unwrap_or_default().join("/")
}

impl Local for ClaudeCode {
    const KIND: SourceKind = SourceKind::ClaudeCode;

    fn root(&self) -> &Path {
        &self.root
    }

    fn find(&self) -> Result<Vec<Agent>, SourceError> {
        if let Err(error) = std::fs::read_dir(&self.root) {
            return Err(SourceError::Unreadable { at: self.root.display().to_string(), error });
        }
        let mut found = Vec::new();
        for (slug_name, project, metadata) in local::listed(&self.root.join("projects"))? {
            let Some(path) = project.to_str().filter(|_| metadata.is_dir()) else { continue };
            let folders = working_folders(&project, &slug_name)?;
            if folders.is_empty() && !project.join("memory").is_dir() && local::sessions(&project)?.is_empty()
            {
                continue;
            }
            let paths: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
            let agent = Agent {
                id: AgentId::new(format!("claude-code:{slug_name}")),
                name: String::new(),
                source: SourceKind::ClaudeCode,
                sessions_at: path.to_owned(),
                memory_at: format!("{path}/memory"),
                protected: self.rules(&paths),
                segment: None,
                mode: Mode::default(),
                outcomes: crate::domain::outcome::Outcomes::default(),
                budget: Budget {
                    index: Some("/MEMORY.md".to_owned()),
                    index_lines: Some(INDEX_LINES),
                    index_bytes: Some(INDEX_BYTES),
                    ..Budget::default()
                },
            };
            found.push((agent, folders.into_iter().next().unwrap_or(slug_name)));
        }
        let mut uses: BTreeMap<String, u32> = BTreeMap::new();
        for (_, folder) in &found {
            *uses.entry(tail(folder, 1)).or_default() += 1;
        }
        let named = found.into_iter().map(|(mut agent, folder)| {
            let name = tail(&folder, 1);
            // Two projects of one name are told apart by the folders they lie in.
            agent.name = if uses.get(&name).is_some_and(|&uses| uses > 1) { tail(&folder, 2) } else { name };
            agent
        });
        Ok(named.collect())
    }
}
