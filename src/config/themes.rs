//! Theme files beside the configuration: `themes/NAME.toml`.
//!
//! Owns: finding and reading them. Must not know: what is in them; whoever draws does.

use std::path::Path;

/// A theme file of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// What it is called: the name of the file without its end.
    pub name: String,
    /// What it says; else why it can't be read.
    pub text: Result<String, String>,
}

/// Folder of theme files, beside the configuration.
const FOLDER: &str = "themes";

/// Reads every theme file beside a configuration, by name. No folder is no theme.
pub(super) fn beside(config: &Path) -> Vec<ThemeFile> {
    let Some(folder) = config.parent().map(|parent| parent.join(FOLDER)) else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<ThemeFile> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            if path.extension()? != "toml" {
                return None;
            }
            let name = path.file_stem()?.to_str()?.to_owned();
            Some(ThemeFile { name, text: std::fs::read_to_string(&path).map_err(|error| error.to_string()) })
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}
