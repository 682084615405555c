//! Reads theme files.
//!
//! Owns: the format. A file has a section for dark and one for light terminals, or only one of them.
//! A section names its colours and gives each role a look in words: `"text on green.deep bold"`.
//! Must not know: terminals.

use std::collections::BTreeMap;
use std::str::FromStr;

use ratatui::style::{Color, Modifier};
use serde::Deserialize;

use crate::domain::nearest::nearest;

use super::reduce::{Look, Shade};
use super::{Background, Role};

/// What is wrong with a theme file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// Not TOML, or not of the expected shape.
    #[error("the theme can't be read: {reason}")]
    Toml {
        /// Why.
        reason: String,
        /// Where in the text, if anywhere.
        at: Option<usize>,
    },
    /// A role this program does not have.
    #[error("the theme names an unknown role {name:?}{near}")]
    UnknownRole {
        /// Its name.
        name: String,
        /// The nearest role there is, as advice.
        near: String,
    },
    /// A word of a look that is neither a colour nor a modifier.
    #[error(
        "the look of {role:?} has an unknown word {word:?}: expected a colour of the section, a terminal colour, `on`, or a modifier"
    )]
    UnknownWord {
        /// Whose look.
        role: String,
        /// The word.
        word: String,
    },
    /// A colour value that can't be read.
    #[error(
        "the colour {name:?} has the value {value:?}: expected `#rrggbb`, or `#rrggbb` and an index such as `#rrggbb 22`"
    )]
    BadColour {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, counted from one, where it concerns one.
    pub line: Option<usize>,
    /// What is wrong.
    pub error: ThemeError,
}

impl ThemeError {
    /// The line of the text that it is about.
    pub(super) fn line(&self, text: &str) -> Option<usize> {
        let key = match self {
            Self::Toml { at, .. } => {
                return at.map(|at| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1));
            }
            Self::UnknownRole { name, .. } | Self::BadColour { name, .. } => name,
            Self::UnknownWord { role, .. } => role,
        };
        let names =
            |line: &&str| line.split_once('=').is_some_and(|(name, _)| name.trim().trim_matches('"') == key);
        let value = |line: &&str| match self {
            Self::UnknownWord { word, .. } => line.contains(word.as_str()),
            Self::BadColour { value, .. } => line.contains(value.as_str()),
            Self::Toml { .. } | Self::UnknownRole { .. } => true,
        };
        text.lines().position(|line| names(&line) && value(&line)).map(|at| at + 1)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "description", default)]
    _description: String,
    dark: Option<Section>,
    light: Option<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    /// Terminal backgrounds the section is made for.
    #[serde(default)]
    grounds: Vec<String>,
    #[serde(default)]
    colours: BTreeMap<String, String>,
    roles: BTreeMap<String, String>,
}

/// The looks of one section.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Looks {
    looks: BTreeMap<Role, Look>,
    pub grounds: Vec<Shade>,
}

impl Looks {
    /// The look of a role or of the first role that stands in for it.
    pub fn resolve(&self, role: Role) -> Look {
        let mut role = Some(role);
        while let Some(candidate) = role {
            if let Some(look) = self.looks.get(&candidate) {
                return *look;
            }
            role = candidate.fallback();
        }
        Look::default()
    }
}

/// Reads the section for `background`, or the only one there is.
pub(super) fn parse(text: &str, background: Background) -> Result<Looks, ThemeError> {
    let file: File = toml::from_str(text).map_err(|error| ThemeError::Toml {
        reason: error.message().trim().to_owned(),
        at: error.span().map(|span| span.start),
    })?;
    let (first, second) = match background {
        Background::Dark => (file.dark, file.light),
        Background::Light => (file.light, file.dark),
    };
    let section = first.or(second).ok_or_else(|| ThemeError::Toml {
        reason: "it has neither a `dark` nor a `light` section".to_owned(),
        at: None,
    })?;
    let colours: BTreeMap<&str, Shade> = section
        .colours
        .iter()
        .map(|(name, value)| Ok((name.as_str(), shade(name, value)?)))
        .collect::<Result<_, ThemeError>>()?;
    let mut looks = Looks::default();
    for ground in &section.grounds {
        looks.grounds.push(shade("grounds", ground)?);
    }
    for (name, words) in &section.roles {
        let role = Role::ALL.iter().copied().find(|role| role.name() == name);
        let role = role.ok_or_else(|| {
            let near = nearest(name, Role::ALL.iter().map(|role| role.name()));
            let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            ThemeError::UnknownRole { name: name.clone(), near }
        })?;
        looks.looks.insert(role, look(name, words, &colours)?);
    }
    Ok(looks)
}

fn shade(name: &str, value: &str) -> Result<Shade, ThemeError> {
    let bad = || ThemeError::BadColour { name: name.to_owned(), value: value.to_owned() };
    let (hex, index) = value.split_once(' ').map_or((value, None), |(hex, index)| (hex, Some(index)));
    let full = Some(hex).filter(|hex| hex.starts_with('#')).and_then(|hex| Color::from_str(hex).ok());
    let indexed = index.map(u8::from_str).transpose().map_err(|_| bad())?;
    Ok(Shade { full: full.ok_or_else(bad)?, indexed })
}

fn look(role: &str, words: &str, colours: &BTreeMap<&str, Shade>) -> Result<Look, ThemeError> {
    let mut look = Look::default();
    let mut behind = false;
    for word in words.split_whitespace() {
        if word == "on" {
            behind = true;
        } else if let Some(modifier) = modifier(word) {
            look.modifiers |= modifier;
        } else if let Some(shade) = colours.get(word).copied().or_else(|| terminal_colour(word)) {
            *(if behind { &mut look.bg } else { &mut look.fg }) = Some(shade);
        } else {
            return Err(ThemeError::UnknownWord { role: role.to_owned(), word: word.to_owned() });
        }
    }
    Ok(look)
}

fn modifier(word: &str) -> Option<Modifier> {
    Some(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        "strike" => Modifier::CROSSED_OUT,
        _ => return None,
    })
}

fn terminal_colour(word: &str) -> Option<Shade> {
    let full = match word {
        "default" => Color::Reset,
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return None,
    };
    Some(Shade { full, indexed: None })
}
