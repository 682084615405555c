//! What the terminal can show, found out once, before raw mode.
//!
//! Owns: asking for the background colour, and what the environment says of colours, characters and
//! the line. Must not know: themes' looks.

use std::time::Duration;

use terminal_colorsaurus::{Error, QueryOptions, ThemeMode, theme_mode};

use crate::config::ThemeChoice;
use crate::ui::theme::{Background, Depth, Name, Theme};

/// Reads an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Colours the terminal is asked for: that of letters and that of the background.
pub const QUESTIONS: usize = 2;

/// What was found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The theme to draw with.
    pub theme: Theme,
    /// The terminal was asked and did not answer in time; it may still.
    pub unanswered: bool,
}

/// Whether the terminal is at the other end of a line.
#[must_use]
pub fn over_ssh(env: Env<'_>) -> bool {
    ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]
        .into_iter()
        .any(|name| env(name).is_some_and(|value| !value.is_empty()))
}

/// How many colours to use. Over a line 256 do: each colour written in full doubles what a frame takes,
/// and the themes name their nearest indexed colours by eye.
fn depth(env: Env<'_>) -> Depth {
    let said = |name: &str| env(name).filter(|value| !value.is_empty());
    let depth =
        Depth::judge(env("NO_COLOR").as_deref(), said("COLORTERM").as_deref(), said("TERM").as_deref());
    if over_ssh(env) { depth.min(Depth::Indexed) } else { depth }
}

/// The theme to use: as configured, else what suits the terminal. Asks the terminal only where
/// nobody said, and waits a moment for its answer.
#[must_use]
pub fn theme(choice: &ThemeChoice, ascii: bool, env: Env<'_>) -> Found {
    let depth = depth(env);
    let ascii = ascii || !is_utf8(env);
    let asked = |name| {
        let (background, unanswered) = background(env);
        (name, background, unanswered)
    };
    let (name, background, unanswered) = match choice {
        ThemeChoice::Auto if depth == Depth::None => (None, Background::Dark, false),
        // A theme of the user's own may have a side for each background.
        ThemeChoice::Auto | ThemeChoice::Own(_) => asked(None),
        ThemeChoice::Dark => (Some(Name::Dark), Background::Dark, false),
        ThemeChoice::Light => (Some(Name::Light), Background::Light, false),
        ThemeChoice::HighContrast => asked(Some(Name::HighContrast)),
        ThemeChoice::Ansi16 => asked(Some(Name::Ansi16)),
        ThemeChoice::Mono => (Some(Name::Mono), Background::Dark, false),
    };
    Found { theme: Theme::choose(name, background, depth, ascii), unanswered }
}

/// The answer of the terminal, else `COLORFGBG`, else dark; and whether the answer is still to come.
fn background(env: Env<'_>) -> (Background, bool) {
    let mut options = QueryOptions::default();
    options.timeout = Duration::from_millis(if over_ssh(env) { 1_000 } else { 300 });
    match theme_mode(options) {
        Ok(ThemeMode::Light) => (Background::Light, false),
        Ok(ThemeMode::Dark) => (Background::Dark, false),
        Err(error) => {
            let said = env("COLORFGBG").and_then(|value| by_colorfgbg(&value)).unwrap_or_default();
            (said, matches!(error, Error::Timeout(_)))
        }
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
    fn all_colours_only_where_they_cost_nothing() {
        let depth_with = |set: &[(&str, &str)]| {
            depth(&|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let here = ("TERM", "xterm-256color");
        assert_eq!(depth_with(&[here]), Depth::Indexed);
        assert_eq!(depth_with(&[here, ("COLORTERM", "truecolor")]), Depth::Rgb);
        for name in ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"] {
            assert_eq!(
                depth_with(&[here, ("COLORTERM", "truecolor"), (name, "1")]),
                Depth::Indexed,
                "{name}"
            );
        }
        assert_eq!(depth_with(&[("TERM", "linux"), ("SSH_TTY", "/dev/pts/1")]), Depth::Sixteen);
        assert_eq!(depth_with(&[here, ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Depth::None);
    }

    #[test]
    fn a_plain_locale_gets_plain_characters() {
        assert!(is_utf8(&|_| None));
        assert!(!is_utf8(&|name| (name == "LANG").then(|| "C".to_owned())));
        assert!(is_utf8(&|name| (name == "LC_ALL").then(|| "en_GB.UTF-8".to_owned())));
    }
}
