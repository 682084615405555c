//! What the terminal can show, found out once, before raw mode.
//!
//! Owns: asking for the background colour, and what the environment says. Must not know: themes'
//! looks.

use std::time::Duration;

use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

use crate::config::ThemeChoice;
use crate::ui::theme::{Background, Depth, Name, Theme};

/// Reads an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The theme to use: as configured, else what suits the terminal. Asks the terminal only where
/// nobody said, and waits a moment for its answer: an answer that comes late looks like typed text.
#[must_use]
pub fn theme(choice: ThemeChoice, ascii: bool, env: Env<'_>) -> Theme {
    let said = |name: &str| env(name).filter(|value| !value.is_empty());
    let depth =
        Depth::judge(env("NO_COLOR").as_deref(), said("COLORTERM").as_deref(), said("TERM").as_deref());
    let ascii = ascii || !is_utf8(env);
    let (name, background) = match choice {
        ThemeChoice::Auto if depth == Depth::None => (None, Background::Dark),
        ThemeChoice::Auto => (None, background(env)),
        ThemeChoice::Dark => (Some(Name::Dark), Background::Dark),
        ThemeChoice::Light => (Some(Name::Light), Background::Light),
        ThemeChoice::HighContrast => (Some(Name::HighContrast), background(env)),
        ThemeChoice::Ansi16 => (Some(Name::Ansi16), background(env)),
        ThemeChoice::Mono => (Some(Name::Mono), Background::Dark),
    };
    Theme::choose(name, background, depth, ascii)
}

/// The answer of the terminal, else `COLORFGBG`, else dark.
fn background(env: Env<'_>) -> Background {
    let over_ssh = env("SSH_CONNECTION").is_some();
    let mut options = QueryOptions::default();
    options.timeout = Duration::from_millis(if over_ssh { 1_000 } else { 300 });
    match theme_mode(options) {
        Ok(ThemeMode::Light) => Background::Light,
        Ok(ThemeMode::Dark) => Background::Dark,
        Err(_) => env("COLORFGBG").and_then(|value| by_colorfgbg(&value)).unwrap_or_default(),
    }
}

/// `15;0`, `0;default;15`: the last part is the background, and 7 and 9 to 15 are light.
fn by_colorfgbg(value: &str) -> Option<Background> {
    let colour: u8 = value.rsplit(';').next()?.parse().ok()?;
    Some(if matches!(colour, 7 | 9..=15) { Background::Light } else { Background::Dark })
}

/// Whether the locale says that the terminal shows more than ASCII. Says nothing: assume it does.
fn is_utf8(env: Env<'_>) -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| env(name).filter(|v| !v.is_empty()));
    let linux_console = env("TERM").is_some_and(|term| term == "linux" || term == "dumb");
    !linux_console && locale.is_none_or(|locale| locale != "C" && locale != "POSIX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_stands_in_for_a_silent_terminal() {
        assert_eq!(by_colorfgbg("15;0"), Some(Background::Dark));
        assert_eq!(by_colorfgbg("0;default;15"), Some(Background::Light));
        assert_eq!(by_colorfgbg("default"), None);
    }

    #[test]
    fn a_plain_locale_gets_plain_characters() {
        assert!(is_utf8(&|_| None));
        assert!(!is_utf8(&|name| (name == "LANG").then(|| "C".to_owned())));
        assert!(is_utf8(&|name| (name == "LC_ALL").then(|| "en_GB.UTF-8".to_owned())));
    }
}
