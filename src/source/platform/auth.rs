//! Where a key comes from and how it is sent.
//!
//! Owns: reading it at first need from environment, command or private file, and never showing it. Must
//! not know: requests.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::error::PlatformError;

/// How long a command may take to print a key; it may have to ask a person.
const COMMAND_TIME: Duration = Duration::from_mins(1);

/// Longest key, in bytes.
const LONGEST: u64 = 16 << 10;

/// A key. Shows itself to nobody.
#[derive(Clone)]
pub struct Key(SecretString);

impl Key {
    /// Wraps a key; white space around it is no part of it.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(SecretString::from(key.trim()))
    }

    /// The text with every occurrence of the key taken out: a server may repeat it.
    #[must_use]
    pub(super) fn masked_in(&self, text: &str) -> String {
        let key = self.0.expose_secret();
        if key.is_empty() { text.to_owned() } else { text.replace(key, "[key]") }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// How a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthStyle {
    /// As `authorization: Bearer`.
    #[default]
    Bearer,
    /// As `x-api-key`, the older form, which some gateways want.
    XApiKey,
}

impl AuthStyle {
    /// The name used in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::XApiKey => "x-api-key",
        }
    }

    /// Reads [`AuthStyle::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Bearer, Self::XApiKey].into_iter().find(|style| style.as_str() == name)
    }

    /// The header that carries a key; marked so that no log shows it.
    pub(super) fn header(self, key: &Key) -> Result<(HeaderName, HeaderValue), PlatformError> {
        let exposed = key.0.expose_secret();
        let (name, value) = match self {
            Self::Bearer => (AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {exposed}"))),
            Self::XApiKey => (HeaderName::from_static("x-api-key"), HeaderValue::from_str(exposed)),
        };
        let mut value = value.map_err(|_| PlatformError::Key {
            reason: "what was found has characters that no key has; look whether it is really a key"
                .to_owned(),
        })?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// Where a key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// An environment variable, read by the caller: `None` if it is unset.
    Environment {
        /// Its name.
        name: String,
        /// What it holds.
        value: Option<Key>,
    },
    /// The output of a command, split into words as a shell would; no shell runs.
    Command(String),
    /// An entry of the system's keyring: `NAME`, under the service `wakeful`, or `SERVICE/NAME`.
    Keyring(String),
    /// A file that only its owner can read.
    File(PathBuf),
    /// This one.
    Given(Key),
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

impl KeySource {
    /// This key.
    #[must_use]
    pub fn given(key: &str) -> Self {
        Self::Given(Key::new(key))
    }

    /// An environment variable and what it holds.
    #[must_use]
    pub fn environment(name: impl Into<String>, value: Option<String>) -> Self {
        let value = value.filter(|value| !value.trim().is_empty()).map(|value| Key::new(&value));
        Self::Environment { name: name.into(), value }
    }

    /// Where it comes from, in words, without any of it.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Environment { name, .. } => format!("environment variable {name}"),
            // A command line may hold a password of its own.
            Self::Command(command) => {
                let program = command.split_whitespace().next().unwrap_or_default();
                format!("key-command {program} …")
            }
            Self::Keyring(entry) => format!("keyring entry {entry}"),
            Self::File(path) => format!("file {}", path.display()),
            Self::Given(_) => "a key handed over".to_owned(),
        }
    }

    /// Reads the key.
    ///
    /// # Errors
    /// When there is none, or the file could be read by others.
    pub(super) async fn read(&self) -> Result<Key, PlatformError> {
        let missing = |reason: String| PlatformError::Key { reason };
        let key = match self {
            Self::Given(key) => key.clone(),
            Self::Environment { name, value } => value.clone().ok_or_else(|| {
                missing(format!(
                    "the environment variable {name} is not set; set it, or name key-command or key-file"
                ))
            })?,
            Self::Command(command) => Key::new(&printed_by(command).await?),
            Self::Keyring(entry) => Key::new(&kept_in_keyring(entry).await?),
            Self::File(path) => Key::new(&private_file(path)?),
        };
        if key.0.expose_secret().is_empty() {
            return Err(missing(format!("{} gave nothing", self.describe())));
        }
        Ok(key)
    }
}

async fn printed_by(command: &str) -> Result<String, PlatformError> {
    let failed = |what: String| PlatformError::Key { reason: format!("key-command {what}") };
    let words = shlex::split(command).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("is empty, or its quotes are not closed".to_owned()));
    };
    let mut run = tokio::process::Command::new(program);
    run.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let child = run.spawn().map_err(|error| failed(format!("can't be started: {error}")))?;
    let output = tokio::time::timeout(COMMAND_TIME, child.wait_with_output())
        .await
        .map_err(|_| failed(format!("did not end within {} s", COMMAND_TIME.as_secs())))?
        .map_err(|error| failed(format!("failed: {error}")))?;
    if !output.status.success() {
        return Err(failed(format!("ended with {}; run it by hand to see why", output.status)));
    }
    let first = output.stdout.split(|&byte| byte == b'\n').next().unwrap_or_default();
    String::from_utf8(first.to_vec()).map_err(|_| failed("printed something that is no text".to_owned()))
}

/// Service and name of a keyring entry.
#[cfg(any(feature = "keyring", test))]
fn keyring_entry(entry: &str) -> (&str, &str) {
    entry.split_once('/').unwrap_or(("wakeful", entry))
}

#[cfg(feature = "keyring")]
async fn kept_in_keyring(entry: &str) -> Result<String, PlatformError> {
    let failed = |what: String| PlatformError::Key { reason: format!("the keyring entry {entry} {what}") };
    let (service, name) = keyring_entry(entry);
    let (service, name) = (service.to_owned(), name.to_owned());
    // The keyring may ask a person to unlock it, and waits for that without giving the thread back.
    let asked = tokio::task::spawn_blocking(move || keyring::Entry::new(&service, &name)?.get_password());
    let answer = tokio::time::timeout(COMMAND_TIME, asked)
        .await
        .map_err(|_| failed(format!("did not come within {} s", COMMAND_TIME.as_secs())))?
        .map_err(|error| failed(format!("could not be asked for: {error}")))?;
    answer.map_err(|error| match error {
        keyring::Error::NoEntry => {
            failed(format!("is not there; put the key there as service and name: {entry}"))
        }
        other => failed(format!(
            "can't be read ({other}); on a server without a keyring use key-command or key-file"
        )),
    })
}

#[cfg(not(feature = "keyring"))]
#[expect(clippy::unused_async, reason = "the same signature as where there is a keyring")]
async fn kept_in_keyring(entry: &str) -> Result<String, PlatformError> {
    let reason = format!(
        "the keyring entry {entry} can't be read: this wakeful was built without the feature keyring"
    );
    Err(PlatformError::Key { reason })
}

fn private_file(path: &Path) -> Result<String, PlatformError> {
    let failed = |what: String| PlatformError::Key { reason: format!("key-file {} {what}", path.display()) };
    let found = std::fs::metadata(path).map_err(|error| failed(format!("can't be read: {error}")))?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(failed("is no file of a key's size".to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = found.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let shown = path.display();
            return Err(failed(format!("can be read by others (mode {mode:o}); run `chmod 600 {shown}`")));
        }
    }
    std::fs::read_to_string(path).map_err(|error| failed(format!("can't be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &KeySource) -> Result<String, PlatformError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(source.read()).map(|key| key.0.expose_secret().to_owned())
    }

    #[test]
    fn keys_come_from_where_they_are_said_to_be() {
        assert_eq!(read(&KeySource::given(" abc\n")).unwrap(), "abc");
        assert_eq!(read(&KeySource::environment("K", Some("abc".to_owned()))).unwrap(), "abc");
        let error = read(&KeySource::environment("MY_KEY", Some("  ".to_owned()))).unwrap_err();
        assert!(error.to_string().contains("MY_KEY is not set"), "{error}");
        assert!(read(&KeySource::given("")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_command_is_run_without_a_shell() {
        let command = |text: &str| read(&KeySource::Command(text.to_owned()));
        assert_eq!(command("printf 'abc\\nsecond line'").unwrap(), "abc");
        assert_eq!(command("echo '$HOME;x'").unwrap(), "$HOME;x");
        for (text, said) in [
            ("false", "ended with"),
            ("no-such-program-anywhere", "can't be started"),
            ("", "is empty"),
            ("echo 'x", "quotes"),
            ("true", "gave nothing"),
        ] {
            let error = command(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_keyring_entry_has_a_service_and_a_name() {
        assert_eq!(keyring_entry("work"), ("wakeful", "work"));
        assert_eq!(keyring_entry("anthropic/team key"), ("anthropic", "team key"));
    }

    #[cfg(not(feature = "keyring"))]
    #[test]
    fn without_the_feature_a_keyring_is_a_plain_error() {
        let error = read(&KeySource::Keyring("work".to_owned())).unwrap_err().to_string();
        assert!(error.contains("built without the feature keyring"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_must_be_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "abc\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = read(&KeySource::File(path.clone())).unwrap_err().to_string();
        assert!(error.contains("chmod 600") && !error.contains("abc"), "{error}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&KeySource::File(path)).unwrap(), "abc");
        assert!(read(&KeySource::File(folder.path().to_owned())).is_err());
    }

    #[test]
    fn nothing_shows_a_key() {
        let key = Key::new("sk-very-secret");
        let (_, header) = AuthStyle::Bearer.header(&key).unwrap();
        let sources = [
            KeySource::Given(key.clone()),
            KeySource::environment("K", Some("sk-very-secret".to_owned())),
            KeySource::Command("show --password sk-very-secret".to_owned()),
        ];
        assert!(!format!("{key:?} {header:?} {sources:?}").contains("very-secret"));
        assert_eq!(key.masked_in("no such key sk-very-secret!"), "no such key [key]!");
        let odd = AuthStyle::XApiKey.header(&Key::new("a\u{7}very-secret")).unwrap_err();
        assert!(!format!("{odd:?} {odd}").contains("very-secret"));
    }
}
