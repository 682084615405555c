//! How a profile of the platform is reached.
//!
//! Owns: address, credentials, header values, limits, and refusing what would send a key in the clear.
//! Must not know: the configuration file, or any request.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use super::auth::{AuthStyle, KeySource};
use super::error::PlatformError;
use super::retry::RetryPolicy;

/// The platform's own address.
pub const BASE_URL: &str = "https://api.anthropic.com";

/// The version of the API that this client was written against.
pub const API_VERSION: &str = "2026-10-21";

/// Endpoints that share a beta value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Agents, sessions, events, threads.
    Agents,
    /// Memory stores, memories, versions.
    Memory,
    /// Dreams.
    Dreams,
}

/// Beta values per family. They carry dates, and change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Betas {
    /// For agents and sessions.
    pub agents: String,
    /// For memory: exactly one value, two are refused.
    pub memory: String,
    /// For dreams.
    pub dreams: String,
}

impl Default for Betas {
    fn default() -> Self {
        Self {
            agents: "managed-agents-2026-04-01".to_owned(),
            memory: "agent-memory-2026-07-22".to_owned(),
            // The platform takes the second alone; other servers want both.
            dreams: "managed-agents-2026-04-01,dreaming-2026-04-21".to_owned(),
        }
    }
}

impl Betas {
    /// The value for a family; empty sends none.
    #[must_use]
    pub fn of(&self, family: Family) -> &str {
        match family {
            Family::Agents => &self.agents,
            Family::Memory => &self.memory,
            Family::Dreams => &self.dreams,
        }
    }
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes of an answer.
    pub idle: Duration,
    /// For a whole answer, so that a trickle ends too. Live streams have no such end.
    pub whole: Duration,
    /// For the next bytes of a live stream.
    pub stream_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            idle: Duration::from_mins(1),
            whole: Duration::from_mins(3),
            stream_idle: Duration::from_secs(90),
        }
    }
}

/// How much at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way at the same time.
    pub concurrency: usize,
    /// Reading requests a minute. The platform allows an organization 1,200.
    pub reads_per_minute: u32,
    /// Writing requests a minute. The platform allows an organization 300.
    pub writes_per_minute: u32,
    /// Largest answer that is read, in bytes.
    pub body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // Below what the platform allows: the organization's agents need their share.
        Self { concurrency: 6, reads_per_minute: 900, writes_per_minute: 200, body: 64 << 20 }
    }
}

/// Everything needed to reach the platform as one profile.
#[derive(Clone)]
pub struct Settings {
    /// The profile's name.
    pub profile: String,
    /// Where the platform is.
    pub base_url: String,
    /// Whether an unencrypted address other than this machine's own is meant.
    pub allow_http: bool,
    /// Where the key comes from.
    pub key: KeySource,
    /// How the key is sent.
    pub auth: AuthStyle,
    /// The workspace, for keys that can act on several.
    pub workspace: Option<String>,
    /// File with further root certificates (PEM).
    pub ca_file: Option<PathBuf>,
    /// Value of `anthropic-version`.
    pub version: String,
    /// Beta values.
    pub betas: Betas,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How much at once.
    pub limits: Limits,
    /// What is tried again.
    pub retry: RetryPolicy,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An address that is refused for holding a password must not be printed either.
        let base_url = self.url().map_or_else(|_| "(unusable)".to_owned(), |url| url.to_string());
        f.debug_struct("Settings")
            .field("profile", &self.profile)
            .field("base_url", &base_url)
            .field("key", &self.key)
            .field("auth", &self.auth)
            .field("workspace", &self.workspace)
            .field("betas", &self.betas)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The platform itself, with this key and defaults for the rest.
    #[must_use]
    pub fn new(profile: impl Into<String>, key: KeySource) -> Self {
        Self {
            profile: profile.into(),
            base_url: BASE_URL.to_owned(),
            allow_http: false,
            key,
            auth: AuthStyle::default(),
            workspace: None,
            ca_file: None,
            version: API_VERSION.to_owned(),
            betas: Betas::default(),
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            retry: RetryPolicy::default(),
        }
    }

    /// The same at another address.
    #[must_use]
    pub fn at(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Refuses names of profiles that can't be part of an id or a path.
    pub(super) fn check_profile(&self) -> Result<(), PlatformError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if self.profile.is_empty() || self.profile.len() > 64 || !self.profile.chars().all(plain) {
            let reason = "its name may only have letters, digits, `-` and `_`".to_owned();
            return Err(PlatformError::Settings { reason });
        }
        Ok(())
    }

    /// The address, checked.
    ///
    /// # Errors
    /// When it is no address, would send the key in the clear over a network, or holds a password.
    pub fn url(&self) -> Result<Url, PlatformError> {
        let refused = |reason: &str| Err(PlatformError::Settings { reason: reason.to_owned() });
        let Ok(url) = Url::parse(self.base_url.trim()) else {
            return refused("base-url is no address; write for example \"https://api.anthropic.com\"");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refused(
                "base-url holds a name or password; use key-env, key-command or key-file for that",
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refused("base-url has a `?` or `#` part, which an address to build on can't have");
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.allow_http || is_loopback(&url) => Ok(url),
            "http" => refused(
                "base-url is http, which would send the key unencrypted; use https, or say allow-http = true",
            ),
            _ => refused("base-url is neither https nor http"),
        }
    }
}

/// Whether an address is this machine's own.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn settings(base_url: &str) -> Settings {
        Settings::new("default", KeySource::given("k")).at(base_url)
    }

    #[rstest]
    #[case("https://api.anthropic.com", true)]
    #[case("https://gateway.example/claude/", true)]
    #[case("http://127.0.0.1:8080", true)]
    #[case("http://[::1]:8080", true)]
    #[case("http://localhost", true)]
    #[case("http://gateway.example", false)]
    #[case("http://127.0.0.1.example.org", false)]
    #[case("http://localhost.example.org", false)]
    #[case("https://user:secret@gateway.example", false)]
    #[case("https://gateway.example/?key=1", false)]
    #[case("ftp://gateway.example", false)]
    #[case("gateway.example", false)]
    #[case("", false)]
    fn addresses(#[case] base_url: &str, #[case] expected: bool) {
        let result = settings(base_url).url();
        assert_eq!(result.is_ok(), expected, "{base_url}");
        if let Err(error) = result {
            assert!(!error.to_string().contains("secret"));
            assert!(!format!("{:?}", settings(base_url)).contains("secret"));
        }
    }

    #[rstest]
    #[case("default", true)]
    #[case("team-2_b", true)]
    #[case("", false)]
    #[case("../x", false)]
    #[case("a:b", false)]
    fn names_of_profiles(#[case] name: &str, #[case] expected: bool) {
        let settings = Settings::new(name, KeySource::given("k"));
        assert_eq!(settings.check_profile().is_ok(), expected);
    }

    #[test]
    fn http_elsewhere_has_to_be_meant() {
        let meant = Settings { allow_http: true, ..settings("http://gateway.example") };
        assert!(meant.url().is_ok());
    }
}
