//! Every theme there is on this terminal: those of the program, and those of the user's own.
//!
//! Owns: finding a theme by its name, and saying what is wrong with one that can't be used. Must not
//! know: where files lie.

use std::sync::Arc;

use super::file::{self, Fault};
use super::{Background, Depth, Name, Theme};

/// A theme of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Own {
    name: Arc<str>,
    text: String,
}

/// Themes to choose from, the one that suits the terminal first.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// The theme that suits the terminal.
    fitting: Arc<Theme>,
    own: Vec<Own>,
}

impl Library {
    /// The themes of the program, and those files that are themes. The others are named with what is
    /// wrong with them; none stops anything.
    #[must_use]
    pub fn new(fitting: Theme, files: &[(String, Result<String, String>)]) -> (Self, Vec<String>) {
        let mut own = Vec::new();
        let mut problems = Vec::new();
        for (name, text) in files {
            match text.as_deref().map_err(ToString::to_string).and_then(|text| sound(name, text)) {
                Ok(theme) => own.push(theme),
                Err(reason) => problems.push(format!("themes/{name}.toml is left out: {reason}")),
            }
        }
        (Self { fitting: Arc::new(fitting), own }, problems)
    }

    /// The theme that suits the terminal.
    #[must_use]
    pub fn fitting(&self) -> &Arc<Theme> {
        &self.fitting
    }

    /// Names to pick from: the fitting one, the user's own, the others of the program.
    #[must_use]
    pub fn names(&self) -> Vec<Arc<str>> {
        let first = self.fitting.name();
        let own = self.own.iter().map(|own| Arc::clone(&own.name));
        let others = Name::ALL.iter().map(|name| name.as_str()).filter(|name| *name != first);
        std::iter::once(Arc::from(first)).chain(own).chain(others.map(Arc::from)).collect()
    }

    /// The theme of a name; `None` if there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Theme> {
        if let Some(name) = Name::parse(name) {
            return Some(self.fitting.turned(name));
        }
        let own = self.own.iter().find(|own| *own.name == *name)?;
        Some(match self.fitting.depth {
            // As for those of the program that need more colours than there are.
            Depth::None => self.fitting.turned(Name::Mono),
            Depth::Sixteen => self.fitting.turned(Name::Ansi16),
            Depth::Indexed | Depth::Rgb => self.fitting.of_file(&own.name, &own.text),
        })
    }
}

fn sound(name: &str, text: &str) -> Result<Own, String> {
    if Name::parse(name).is_some() || name == "auto" {
        return Err("its name is that of a theme of the program".to_owned());
    }
    Theme::check(text).map_err(|Fault { line, error }| match line {
        Some(line) => format!("line {line}: {error}"),
        None => error.to_string(),
    })?;
    Ok(Own { name: Arc::from(name), text: text.to_owned() })
}

impl Theme {
    /// A theme of a file that was found sound, on the same terminal.
    fn of_file(&self, name: &str, text: &str) -> Self {
        let looks = file::parse(text, self.background).unwrap_or_default();
        let kept = Self { name: Arc::from(name), ..self.clone() };
        kept.with_looks(&looks)
    }

    /// Checks a theme file, for people who write one.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn check(text: &str) -> Result<(), Fault> {
        for background in [Background::Dark, Background::Light] {
            file::parse(text, background).map_err(|error| Fault { line: error.line(text), error })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::Role;
    use ratatui::style::Color;

    const SOUND: &str = "[dark.colours]\nlime = \"#a0ff40 155\"\n[dark.roles]\naccent = \"lime bold\"\n";

    fn library(files: &[(&str, &str)], depth: Depth) -> (Library, Vec<String>) {
        let files: Vec<_> =
            files.iter().map(|(name, text)| ((*name).to_owned(), Ok((*text).to_owned()))).collect();
        Library::new(Theme::load(Name::Dark, Background::Dark, depth, false), &files)
    }

    #[test]
    fn own_themes_stand_beside_those_of_the_program() {
        let (library, problems) = library(&[("meadow", SOUND)], Depth::Indexed);
        assert_eq!(problems, Vec::<String>::new());
        let names: Vec<_> = library.names().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["dark", "meadow", "light", "high-contrast", "ansi16", "mono"]);
        let theme = library.get("meadow").unwrap();
        assert_eq!((theme.name(), theme.style(Role::Accent).fg), ("meadow", Some(Color::Indexed(155))));
        assert_eq!(
            theme.style(Role::BorderFocus).fg,
            Some(Color::Indexed(155)),
            "what is left out falls back"
        );
        assert_eq!(library.get("nowhere"), None);
    }

    #[test]
    fn no_colour_is_the_stronger_wish() {
        for (depth, instead) in [(Depth::None, "mono"), (Depth::Sixteen, "ansi16")] {
            let (library, _) = library(&[("meadow", SOUND)], depth);
            assert_eq!(library.get("meadow").unwrap().name(), instead);
        }
    }

    #[rstest::rstest]
    #[case::no_toml("[dark\n", "line 1")]
    #[case::role(
        "[dark.roles]\ntext = \"\"\nacent = \"bold\"\n",
        "line 3: the theme names an unknown role \"acent\"; did you mean accent?"
    )]
    #[case::word(
        "[dark.roles]\n\ntext = \"blu\"\n",
        "line 3: the look of \"text\" has an unknown word \"blu\""
    )]
    #[case::colour(
        "[dark.colours]\nred = \"ff0000\"\n[dark.roles]\n",
        "line 2: the colour \"red\" has the value \"ff0000\""
    )]
    #[case::empty("", "neither a `dark` nor a `light` section")]
    fn a_broken_theme_is_named_with_its_line_and_stops_nothing(#[case] text: &str, #[case] said: &str) {
        let (library, problems) = library(&[("mine", text), ("meadow", SOUND)], Depth::Indexed);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("themes/mine.toml is left out: "), "{problems:?}");
        assert!(problems[0].contains(said), "{problems:?}");
        assert!(library.get("meadow").is_some() && library.get("mine").is_none());
    }

    #[test]
    fn a_name_of_the_program_is_not_taken_away() {
        let (library, problems) = library(&[("dark", SOUND)], Depth::Indexed);
        assert!(problems[0].contains("its name is that of a theme of the program"), "{problems:?}");
        assert_eq!(library.names().len(), Name::ALL.len());
    }
}
