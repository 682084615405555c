//! Lays out the sample agent in a folder: sessions, memory, rules, settings, and a configuration that
//! names nothing else.
//!
//! Owns: that layout. Must not know: what is done with it.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::script;

macro_rules! memory {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/demo/memory/", $name)))),+]
    };
}

/// The memory of the sample agent.
pub(super) const MEMORY: &[(&str, &str)] = memory![
    "MEMORY.md",
    "build-and-test.md",
    "ci.md",
    "orders.md",
    "payment.md",
    "people.md",
    "releases.md",
    "search.md",
    "shipping.md",
    "stock.md",
    "texts.md",
    "theme.md",
];

/// The only key that opens the workspace that is stood in for.
pub(super) const KEY: &str = "the-key-of-the-demo";

/// Where everything of the demo lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The sample agent.
    pub agent: PathBuf,
    /// The configuration that names it and nothing else.
    pub config: PathBuf,
    /// Cache and logs.
    pub data: PathBuf,
}

impl Places {
    /// The places inside a folder.
    #[must_use]
    pub fn inside(folder: &Path) -> Self {
        Self {
            agent: folder.join("agents/shop-agent"),
            config: folder.join("config.toml"),
            data: folder.join("cache"),
        }
    }

    /// The key of a workspace that is stood in for.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.config.with_file_name("key")
    }
}

/// Writes the sample into a folder that is empty or does not exist.
///
/// # Errors
/// When something can't be written.
pub fn write(folder: &Path, now: Timestamp) -> io::Result<Places> {
    let places = Places::inside(folder);
    let (sessions, memory) = (places.agent.join("sessions"), places.agent.join("memory"));
    for folder in [&sessions, &memory, &places.data] {
        std::fs::create_dir_all(folder)?;
    }
    for session in script::sessions(now).map_err(io::Error::other)? {
        std::fs::write(sessions.join(format!("{}.jsonl", session.name)), session.text)?;
    }
    for (name, text) in MEMORY {
        std::fs::write(memory.join(name), text)?;
    }
    std::fs::write(places.agent.join("RULES.md"), include_str!("../../../assets/demo/RULES.md"))?;
    std::fs::write(places.agent.join("wakeful.toml"), include_str!("../../../assets/demo/wakeful.toml"))?;
    let agents = toml::Value::String(places.agent.display().to_string());
    let config = format!(
        "# The sample of `wakeful demo`: one agent, nothing else.\n\
         [sources]\nclaude-code = []\nfolders = [{agents}]\n"
    );
    std::fs::write(&places.config, config)?;
    Ok(places)
}

/// Writes what leads every command to a stand-in of the platform, and to nothing else.
///
/// # Errors
/// When something can't be written.
pub fn write_platform(folder: &Path, url: &str) -> io::Result<Places> {
    let places = Places::inside(folder);
    std::fs::create_dir_all(&places.data)?;
    let key = places.key();
    std::fs::write(&key, format!("{KEY}\n"))?;
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let (url, key) = (toml::Value::from(url), toml::Value::from(key.display().to_string()));
    let config = format!(
        "# The sample of `wakeful demo --platform`: one workspace, nothing else.\n\
         [sources]\nclaude-code = []\nfolders = []\n\n\
         [review]\nthreshold = 0\n\n\
         [platform.default]\nbase-url = {url}\nkey-file = {key}\nuser-label = \"user\"\n\
         segment-label = \"segment\"\n"
    );
    std::fs::write(&places.config, config)?;
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::domain::memory::Snapshot;
    use crate::source::Source;
    use crate::source::folder::Folder;

    #[test]
    fn the_sample_is_a_sound_agent_folder() {
        let folder = tempfile::tempdir().unwrap();
        let places = write(folder.path(), "2026-03-02T03:00:00Z".parse().unwrap()).unwrap();
        let source = Folder::new(&places.agent);
        let agents = source.agents().unwrap();
        assert_eq!(agents.len(), 1);
        assert_eq!(source.problems(), Vec::<String>::new());
        assert_eq!(source.sessions(&agents[0]).unwrap().len(), 40);
        let memory = source.memory(&agents[0], &Snapshot::new()).unwrap();
        assert_eq!((memory.snapshot.len(), memory.skipped.len()), (MEMORY.len(), 0));
        assert_eq!(source.protected(&agents[0]).unwrap().len(), 1);
        let index = MEMORY[0].1.lines().count() as u64;
        assert!(index > agents[0].budget.index_lines.unwrap(), "the index is over its limit");
        let text = std::fs::read_to_string(&places.config).unwrap();
        let loaded = Config::parse(&text, &|_| None);
        assert_eq!(loaded.warnings, vec![]);
        assert_eq!(*loaded.config.folders, [places.agent]);
        assert!(loaded.config.claude_code.is_empty());
    }
}
