//! Which words of a command line are passwords.
//!
//! Owns: the options that take one, and what a value that is one looks like. Must not know: where the line
//! comes from or what becomes of it.
//!
//! `-p` means a password to few programs and a port, a folder or a package to most, so that its value
//! has to look like one. An option that says what it takes is believed.

use std::sync::LazyLock;

use regex::Regex;

/// What the last part of an option's name says where its value is nobody's business.
const TELLING: [&str; 20] = [
    "auth",
    "apikey",
    "cred",
    "credential",
    "credentials",
    "creds",
    "mfa",
    "otp",
    "pass",
    "passcode",
    "passkey",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "psk",
    "pw",
    "pwd",
    "secret",
    "token",
];
/// Parts that such a name may have behind it, or that say it only with another one before them.
const TAILS: [&str; 4] = ["code", "key", "string", "value"];
/// What makes a secret of a `…-key`.
const KEYS: [&str; 6] = ["access", "api", "auth", "client", "private", "secret"];
/// What makes a secret of a `…-code`; an exit code is none.
const CODES: [&str; 4] = ["login", "one-time", "otp", "verification"];
/// Programs whose `-p` takes a name that may look like a password: a folder, a package, a project, a question.
const TAKE_A_NAME: [&str; 50] = [
    "ant",
    "bazel",
    "cabal",
    "cargo",
    "cat",
    "claude",
    "cmake",
    "codex",
    "conda",
    "cp",
    "cpio",
    "dotnet",
    "flutter",
    "gemini",
    "git",
    "gradle",
    "hatch",
    "hg",
    "install",
    "java",
    "javac",
    "just",
    "less",
    "ls",
    "mkdir",
    "more",
    "msbuild",
    "mv",
    "mvn",
    "npm",
    "npx",
    "nuget",
    "nx",
    "patch",
    "perl",
    "pnpm",
    "poetry",
    "pytest",
    "read",
    "rollup",
    "rsync",
    "tar",
    "touch",
    "tsc",
    "turbo",
    "unzip",
    "uv",
    "virtualenv",
    "webpack",
    "yarn",
];
/// Fewest characters of a password that is told by its looks.
const SHORTEST: usize = 6;
/// Fewest characters of one that has small letters and digits only.
const SHORTEST_PLAIN: usize = 8;

/// Whether the value of an option should not be told, whatever it says: the option says that it takes a secret, or
/// it may be one and looks like it.
#[must_use]
pub fn is_private(command: &[&str], option: &str, value: &str) -> bool {
    takes_a_secret(option)
        || looks_like_one(value)
        || is_short(option) && !takes_a_name(command) && !is_plain(value)
}

/// Whether an option's name says that what it takes is a secret.
fn takes_a_secret(option: &str) -> bool {
    let name = option.trim_start_matches('-').to_ascii_lowercase().replace('_', "-");
    if !option.starts_with('-') || name.starts_with("max-") || name.starts_with("no-") {
        return false;
    }
    let parts: Vec<&str> = name.split('-').collect();
    let (last, before) = parts
        .split_last()
        .map_or(("", ""), |(last, before)| (*last, before.last().copied().unwrap_or_default()));
    let tells = |part: &str| TELLING.contains(&part);
    match last {
        "code" if before.is_empty() => true,
        "code" => tells(before) || CODES.contains(&before) || before == "time",
        "key" => tells(before) || KEYS.contains(&before),
        last if TAILS.contains(&last) => tells(before),
        last => tells(last),
    }
}

/// `-p` and `-pw`, which say nothing of what they take.
fn is_short(option: &str) -> bool {
    matches!(option, "-p" | "-pw")
}

fn takes_a_name(command: &[&str]) -> bool {
    command.iter().any(|word| TAKE_A_NAME.contains(&program(word)))
}

/// A word without its folder and what encloses it.
fn program(word: &str) -> &str {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.rsplit('/').next().unwrap_or(word)
}

/// A number, a port, an address or a path.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b':' | b'-' | b','))
        || value.contains(['/', '\\'])
        || value.starts_with(['.', '~', '@'])
        || names_a_file(value)
}

/// Whether what stands behind an option that takes a secret says where the secret is, or that there is none.
#[must_use]
pub fn is_no_secret(value: &str) -> bool {
    let name = value.split_once('=').filter(|(_, rest)| !rest.is_empty()).map_or("", |(name, _)| name);
    let named = (1..=12).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase());
    value.starts_with(['/', '.', '~', '@']) || named || names_a_file(value)
}

/// Whether a value ends like the name of a file, or like a version.
fn names_a_file(value: &str) -> bool {
    let extension = value.rsplit_once('.').map_or("", |(_, extension)| extension);
    let short = (1..=4).contains(&extension.len());
    short
        && (extension.bytes().all(|b| b.is_ascii_digit())
            || extension.starts_with(|c: char| c.is_ascii_lowercase())
                && extension.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// Whether a word looks like a password: capitals, small letters and digits, or digits strewn among small letters, or
/// such marks as people are told to put in. What names a file, a host, a port or a version is none.
fn looks_like_one(value: &str) -> bool {
    let has = |of: fn(&u8) -> bool| value.as_bytes().iter().any(of);
    let (small, capital, digit) =
        (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), has(u8::is_ascii_digit));
    if value.len() < SHORTEST
        || !digit
        || !(small || capital)
        || value.contains(['/', '\\', ':', '@', '=', '$', '*', '<', '>', '{', '['])
        || names_a_file(value)
    {
        return false;
    }
    let digits = value.as_bytes().chunk_by(|one, next| one.is_ascii_digit() == next.is_ascii_digit());
    let strewn = digits.filter(|run| run.first().is_some_and(u8::is_ascii_digit)).count() >= 2;
    (small && capital)
        || value.contains(['!', '#', '%', '^'])
        || strewn && value.len() >= SHORTEST_PLAIN && value.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether the value of a short option at a place in a text is a password: it looks like one, and the program is none
/// whose option takes a name. Advice has the program behind the option: "pass `-p x` to `y`".
#[must_use]
pub fn is_password_at(text: &str, at: std::ops::Range<usize>) -> bool {
    static BEHIND: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^[^`\n]*`[^`\n]{1,12}`([^`\n]+)`").ok());
    let Some(value) = text.get(at.clone()) else { return false };
    let before = text.get(..at.start).unwrap_or_default();
    let command = before.rsplit(['\n', ';', '|', '&', '`']).next().unwrap_or_default();
    let words: Vec<&str> = command.split([' ', '\t', ',', '"', '\'', '(']).collect();
    let alone = words.iter().all(|word| word.is_empty() || word.starts_with('-'));
    let after = text.get(at.end..).unwrap_or_default();
    let behind = BEHIND.as_ref().filter(|_| alone).and_then(|regex| regex.captures(after));
    let behind = behind.and_then(|found| found.get(1)).map_or("", |found| found.as_str());
    let behind: Vec<&str> = behind.split_whitespace().collect();
    looks_like_one(value) && !takes_a_name(&words) && !takes_a_name(&behind)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("vaultx open", "-p", "S3cretPw1x")]
    #[case("vaultx open", "-p", "hunter22")]
    #[case("vaultx open", "-p", "correcthorse")]
    #[case("vpnctl up", "--pin", "4711")]
    #[case("vpnctl up", "--pin-code", "4711")]
    #[case("acme up", "--pass", "x")]
    #[case("acme up", "--key-passphrase", "correct")]
    #[case("acme up", "--otp", "123456")]
    #[case("acme up", "--code", "123456")]
    #[case("acme up", "--verification-code", "123456")]
    #[case("acme up", "--client-secret", "abc")]
    #[case("acme up", "--auth", "bob")]
    #[case("acme up", "--api_key", "abc")]
    #[case("acme up", "--credentials", "abc")]
    #[case("acme up", "-token", "abc")]
    #[case("acme up", "--with", "Zx9Correct")]
    fn what_may_be_a_secret_is_not_told(#[case] command: &str, #[case] option: &str, #[case] value: &str) {
        let words: Vec<&str> = command.split(' ').collect();
        assert!(is_private(&words, option, value), "{command} {option} {value}");
    }

    #[rstest]
    #[case("ssh host", "-p", "22")]
    #[case("docker run", "-p", "80:80")]
    #[case("docker run", "-p", "127.0.0.1:80:80")]
    #[case("psql app", "-p", "5432")]
    #[case("mkdir", "-p", "build")]
    #[case("cargo test", "-p", "serde_json")]
    #[case("git log", "-p", "README")]
    #[case("acme run", "-p", "build/out")]
    #[case("acme run", "-p", "acme.toml")]
    #[case("acme run", "--platform", "linux/amd64")]
    #[case("acme run", "--auth-mode", "sso")]
    #[case("acme run", "--max-token", "4096")]
    #[case("acme run", "--exit-code", "1")]
    #[case("acme run", "--sort-key", "name")]
    #[case("acme run", "--author", "bob")]
    #[case("acme run", "--region", "eu-west-1")]
    fn what_is_harmless_is_told(#[case] command: &str, #[case] option: &str, #[case] value: &str) {
        let words: Vec<&str> = command.split(' ').collect();
        assert!(!is_private(&words, option, value), "{command} {option} {value}");
    }
}
