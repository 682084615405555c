//! Where the configuration, the cache and the logs lie.
//!
//! Owns: the order of places. Must not know: what is in the files.

use std::path::PathBuf;

use super::Env;

/// There is no home directory, and nothing that says where else to look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no home directory was found, so there is no place for the cache; \
     set HOME, or name a folder with --data-dir and a file with --config"
)]
pub struct NoHome;

/// The three places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config: PathBuf,
    /// The folder of the cache.
    pub data: PathBuf,
    /// The folder of logs and panic reports.
    pub state: PathBuf,
}

impl Paths {
    /// Finds the places: flags first, then `WAKEFUL_CONFIG` and `WAKEFUL_DATA_DIR`, then `XDG_*`
    /// (on every system: people who set them mean it), then what the system prescribes.
    pub fn find(config: Option<PathBuf>, data: Option<PathBuf>, env: Env<'_>) -> Result<Self, NoHome> {
        let said = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let xdg = |name: &str| said(name).filter(|path| path.is_absolute()).map(|path| path.join("wakeful"));
        let home = said("HOME").or_else(|| said("USERPROFILE"));
        // `directories` asks the real home; where a test or a service says otherwise, believe that.
        let native = || directories::ProjectDirs::from("", "", "wakeful");
        let unix = |under: &str| {
            let home = home.as_ref()?;
            (cfg!(not(any(target_os = "macos", windows)))).then(|| home.join(under).join("wakeful"))
        };

        let config = config
            .or_else(|| said("WAKEFUL_CONFIG"))
            .or_else(|| xdg("XDG_CONFIG_HOME").map(|folder| folder.join("config.toml")))
            .or_else(|| unix(".config").map(|folder| folder.join("config.toml")))
            .or_else(|| {
                let dotted = home.as_ref()?.join(".config/wakeful/config.toml");
                dotted.is_file().then_some(dotted)
            })
            .or_else(|| native().map(|native| native.config_dir().join("config.toml")));
        let chosen = data.or_else(|| said("WAKEFUL_DATA_DIR"));
        let data = chosen
            .clone()
            .or_else(|| xdg("XDG_DATA_HOME"))
            .or_else(|| unix(".local/share"))
            .or_else(|| native().map(|native| native.data_local_dir().to_owned()));
        // Whoever names a folder for the data wants nothing written elsewhere.
        let state = chosen
            .map(|folder| folder.join("logs"))
            .or_else(|| xdg("XDG_STATE_HOME"))
            .or_else(|| unix(".local/state"))
            .or_else(|| native().map(|native| native.data_local_dir().join("logs")));
        match (config, data, state) {
            (Some(config), Some(data), Some(state)) => Ok(Self { config, data, state }),
            _ => Err(NoHome),
        }
    }

    /// The folder of transcripts fetched from a platform.
    #[must_use]
    pub fn transcripts(&self, profile: &str) -> PathBuf {
        self.data.join("transcripts").join(profile)
    }

    /// The file of the cache.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("wakeful.db")
    }
}
