//! Settings of platform profiles: `[platform.<profile>]`.
//!
//! Owns: their keys. Must not know: how a profile is reached, or how a key is kept. A key itself is never a
//! setting: the file says where it is found.

use std::path::PathBuf;

use super::keys::{Value, flag, text};

/// One profile: where the platform is, and where its key is found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlatformConfig {
    /// Where it is; `None` means the platform's own address.
    pub base_url: Option<String>,
    /// Environment variable that holds the key; `None` means `ANTHROPIC_API_KEY`.
    pub key_env: Option<String>,
    /// Command that prints the key.
    pub key_command: Option<String>,
    /// Entry of the system's keyring that holds the key; only in a program built with the feature `keyring`.
    pub keyring: Option<String>,
    /// File that holds the key and that only its owner can read.
    pub key_file: Option<PathBuf>,
    /// File with further root certificates (PEM), for a gateway whose own is signed by none that are known.
    pub ca_file: Option<PathBuf>,
    /// The workspace, for keys that can act on several.
    pub workspace: Option<String>,
    /// How the key is sent: `bearer` or `x-api-key`.
    pub auth: Option<String>,
    /// Whether an unencrypted address other than this machine's own is meant.
    pub allow_http: bool,
    /// Beta value for agents and sessions.
    pub beta_agents: Option<String>,
    /// Beta value for memory stores.
    pub beta_memory: Option<String>,
    /// Beta values for dreams.
    pub beta_dreams: Option<String>,
    /// Name of the session label (`metadata`) that tells whose a session is.
    pub user_label: Option<String>,
    /// Name of the session label that tells its segment.
    pub segment_label: Option<String>,
}

/// What a program without the feature says to the setting.
const NO_KEYRING: &str = "needs a wakeful that was built with `cargo install --path . --features keyring`; this one reads keys with \
     key-env, key-command or key-file";

/// Keys of a profile's table.
pub(super) const PLATFORM_KEYS: &[&str] = &[
    "base-url",
    "key-env",
    "key-command",
    "keyring",
    "key-file",
    "ca-file",
    "workspace",
    "auth",
    "allow-http",
    "beta-agents",
    "beta-memory",
    "beta-dreams",
    "user-label",
    "segment-label",
];

/// Sets one key of a profile's table.
pub(super) fn set_platform(profile: &mut PlatformConfig, key: &str, value: Value) -> Result<(), String> {
    let slot = match key {
        "allow-http" => {
            profile.allow_http = flag(value)?;
            return Ok(());
        }
        "key-file" => {
            profile.key_file = Some(PathBuf::from(text(value)?));
            return Ok(());
        }
        "ca-file" => {
            profile.ca_file = Some(PathBuf::from(text(value)?));
            return Ok(());
        }
        "keyring" => {
            let entry = text(value)?;
            if !cfg!(feature = "keyring") {
                return Err(NO_KEYRING.to_owned());
            }
            profile.keyring = Some(entry);
            return Ok(());
        }
        "auth" => {
            let style = text(value)?;
            if !["bearer", "x-api-key"].contains(&style.as_str()) {
                return Err(format!("`{style}` is no way to send a key; there are bearer, x-api-key"));
            }
            profile.auth = Some(style);
            return Ok(());
        }
        "base-url" => &mut profile.base_url,
        "key-env" => &mut profile.key_env,
        "key-command" => &mut profile.key_command,
        "workspace" => &mut profile.workspace,
        "beta-agents" => &mut profile.beta_agents,
        "beta-memory" => &mut profile.beta_memory,
        "beta-dreams" => &mut profile.beta_dreams,
        "user-label" => &mut profile.user_label,
        "segment-label" => &mut profile.segment_label,
        _ => return Err("is not a setting of a platform profile".to_owned()),
    };
    *slot = Some(text(value)?);
    Ok(())
}
