//! Platform profiles of the settings, as the client wants them.
//!
//! Owns: where a profile's key is looked for, and which defaults the environment gives. Must not know: how
//! the platform is spoken with.

use crate::config::{Config, Env, Paths, PlatformConfig};
use crate::source::platform::{AuthStyle, KeySource, Settings, settings};
use crate::sync::platform::prices::Prices;
use crate::sync::platform::{Labels, Options};

/// The variable that holds the key where nothing else is said.
const KEY: &str = "ANTHROPIC_API_KEY";

/// The variable that says where the platform is, where the profile does not.
const ADDRESS: &str = "ANTHROPIC_BASE_URL";

/// A profile with all that is needed to reach it. Keys in the environment are read here; commands and
/// files not before something is sent.
pub fn settings_of(name: &str, profile: &PlatformConfig, env: Env<'_>) -> Settings {
    let said = |name: &str| env(name).filter(|value| !value.trim().is_empty());
    let defaults = Settings::new(name, key_source(profile, env));
    let mut betas = settings::Betas::default();
    let own = [
        (&mut betas.agents, &profile.beta_agents),
        (&mut betas.memory, &profile.beta_memory),
        (&mut betas.dreams, &profile.beta_dreams),
    ];
    for (beta, own) in own {
        if let Some(own) = own {
            beta.clone_from(own);
        }
    }
    Settings {
        base_url: profile.base_url.clone().or_else(|| said(ADDRESS)).unwrap_or(defaults.base_url),
        allow_http: profile.allow_http,
        auth: profile.auth.as_deref().and_then(AuthStyle::parse).unwrap_or_default(),
        workspace: profile.workspace.clone(),
        ca_file: profile.ca_file.clone(),
        betas,
        ..defaults
    }
}

/// Prices and session labels of the settings. The user's own price table lies beside the configuration; the
/// second value says what is wrong with it.
pub fn options_of(config: &Config, paths: &Paths) -> (Options, Option<String>) {
    let (prices, problem) = Prices::load(&paths.config.with_file_name("prices.toml"));
    let labels = config.platforms.iter().map(|(name, profile)| {
        let labels = Labels { user: profile.user_label.clone(), segment: profile.segment_label.clone() };
        (name.clone(), labels)
    });
    (Options { prices, labels: labels.collect() }, problem)
}

/// A variable that is set comes first, then the command, then the keyring, then the file.
fn key_source(profile: &PlatformConfig, env: Env<'_>) -> KeySource {
    let variable = profile.key_env.as_deref();
    let set = variable.map(|name| KeySource::environment(name, env(name)));
    let elsewhere = profile.key_command.clone().map(KeySource::Command);
    let elsewhere = elsewhere.or_else(|| profile.keyring.clone().map(KeySource::Keyring));
    let elsewhere = elsewhere.or_else(|| profile.key_file.clone().map(KeySource::File));
    match (set, elsewhere) {
        (Some(found @ KeySource::Environment { value: Some(_), .. }), _) => found,
        (_, Some(elsewhere)) => elsewhere,
        (Some(unset), None) => unset,
        (None, None) => KeySource::environment(KEY, env(KEY)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn profile(env: Option<&str>, command: Option<&str>, file: Option<&str>) -> PlatformConfig {
        PlatformConfig {
            key_env: env.map(str::to_owned),
            key_command: command.map(str::to_owned),
            key_file: file.map(Into::into),
            ..PlatformConfig::default()
        }
    }

    #[rstest]
    #[case(profile(None, None, None), "environment variable ANTHROPIC_API_KEY")]
    #[case(profile(Some("SET"), Some("pass show k"), None), "environment variable SET")]
    #[case(profile(Some("UNSET"), Some("pass show k"), Some("/k")), "key-command pass …")]
    #[case(profile(Some("UNSET"), None, Some("/k")), "file /k")]
    #[case(profile(Some("UNSET"), None, None), "environment variable UNSET")]
    #[case(profile(None, None, Some("/k")), "file /k")]
    fn the_key_is_looked_for_where_the_profile_says(#[case] profile: PlatformConfig, #[case] expected: &str) {
        let env = |name: &str| ["SET", KEY].contains(&name).then(|| "sk-x".to_owned());
        assert_eq!(settings_of("default", &profile, &env).key.describe(), expected);
    }

    #[test]
    fn the_keyring_comes_between_command_and_file() {
        let keyring =
            |profile: PlatformConfig| PlatformConfig { keyring: Some("work".to_owned()), ..profile };
        let found = |profile| settings_of("default", &profile, &|_| None).key.describe();
        assert_eq!(found(keyring(profile(None, None, Some("/k")))), "keyring entry work");
        assert_eq!(found(keyring(profile(Some("UNSET"), None, None))), "keyring entry work");
        assert_eq!(found(keyring(profile(None, Some("pass show k"), None))), "key-command pass …");
    }

    #[test]
    fn the_profile_goes_before_the_environment_and_that_before_the_default() {
        let env = |name: &str| (name == ADDRESS).then(|| "https://gateway.example".to_owned());
        let mut profile = PlatformConfig { auth: Some("x-api-key".to_owned()), ..PlatformConfig::default() };
        let none = settings_of("default", &profile, &|_| None);
        assert_eq!((none.base_url.as_str(), none.auth), (settings::BASE_URL, AuthStyle::XApiKey));
        assert_eq!(settings_of("default", &profile, &env).base_url, "https://gateway.example");
        profile.base_url = Some("https://own.example".to_owned());
        profile.beta_memory = Some("agent-memory-2027-01-01".to_owned());
        let own = settings_of("work", &profile, &env);
        assert_eq!(own.base_url, "https://own.example");
        assert_eq!((own.betas.memory.as_str(), own.profile.as_str()), ("agent-memory-2027-01-01", "work"));
    }
}
