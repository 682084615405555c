//! Themes: what each meaning looks like on this terminal.
//!
//! Owns: the choice of a theme, loading it from its file, and reducing its colours to what the
//! terminal can show. Must not know: what is on the screen. Colour values stand in `assets/themes`
//! and nowhere else.

mod file;
mod library;
pub mod pixels;
mod reduce;
mod role;
mod symbols;

use std::sync::Arc;

use ratatui::style::{Color, Style};

pub use file::{Fault, ThemeError};
pub use library::Library;
pub use role::Role;
pub use symbols::{ASCII, Symbols, UNICODE, WORDS};

/// The themes that come with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Name {
    /// For dark terminals.
    Dark,
    /// For light terminals.
    Light,
    /// Strong contrast, for dark and light terminals.
    HighContrast,
    /// The terminal's own sixteen colours.
    Ansi16,
    /// No colour at all: bold, underline and reverse only.
    Mono,
}

impl Name {
    /// Every theme.
    pub const ALL: &'static [Self] = &[Self::Dark, Self::Light, Self::HighContrast, Self::Ansi16, Self::Mono];

    /// Its name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Ansi16 => "ansi16",
            Self::Mono => "mono",
        }
    }

    /// Reads [`Name::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|theme| theme.as_str() == name)
    }

    /// Its file, for people who write one of their own.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Dark => include_str!("../../../assets/themes/dark.toml"),
            Self::Light => include_str!("../../../assets/themes/light.toml"),
            Self::HighContrast => include_str!("../../../assets/themes/high-contrast.toml"),
            Self::Ansi16 => include_str!("../../../assets/themes/ansi16.toml"),
            Self::Mono => include_str!("../../../assets/themes/mono.toml"),
        }
    }
}

/// What the terminal's own background is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Background {
    /// Light text on dark.
    #[default]
    Dark,
    /// Dark text on light.
    Light,
}

/// How many colours the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None, or none are wanted (`NO_COLOR`).
    None,
    /// The sixteen named ones.
    Sixteen,
    /// The 256 indexed ones.
    #[default]
    Indexed,
    /// All.
    Rgb,
}

impl Depth {
    /// Judges by the environment: `NO_COLOR` (any value but the empty one), `COLORTERM`, `TERM`.
    #[must_use]
    pub fn judge(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        if no_color.is_some_and(|value| !value.is_empty()) || term == "dumb" {
            Self::None
        } else if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            Self::Rgb
        } else if term.contains("256color") || colorterm.is_some_and(|value| !value.is_empty()) {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// The looks of all roles on one terminal, and its symbols.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    name: Arc<str>,
    background: Background,
    depth: Depth,
    styles: Vec<Style>,
    grounds: Vec<Color>,
    symbols: Symbols,
}

impl Theme {
    /// The theme to use: the configured one, or one that suits the terminal. No colours means
    /// [`Name::Mono`] whatever is configured, since `NO_COLOR` is the stronger wish; sixteen colours
    /// mean [`Name::Ansi16`] for the themes that need more.
    #[must_use]
    pub fn choose(configured: Option<Name>, background: Background, depth: Depth, ascii: bool) -> Self {
        let by_background = match background {
            Background::Dark => Name::Dark,
            Background::Light => Name::Light,
        };
        let name = match (depth, configured.unwrap_or(by_background)) {
            (Depth::None, _) => Name::Mono,
            (Depth::Sixteen, Name::Dark | Name::Light | Name::HighContrast) => Name::Ansi16,
            (_, name) => name,
        };
        Self::load(name, background, depth, ascii)
    }

    /// Exactly this theme, its colours reduced to `depth`.
    #[must_use]
    pub fn load(name: Name, background: Background, depth: Depth, ascii: bool) -> Self {
        // A broken theme file can't leave the build (a test reads them all); the plain look is the
        // answer to a case that must not end the program.
        let looks = file::parse(name.text(), background).unwrap_or_default();
        let bare = Self {
            name: Arc::from(name.as_str()),
            background: match name {
                Name::Dark => Background::Dark,
                Name::Light => Background::Light,
                Name::HighContrast | Name::Ansi16 | Name::Mono => background,
            },
            depth,
            styles: Vec::new(),
            grounds: Vec::new(),
            symbols: if ascii { ASCII } else { UNICODE },
        };
        bare.with_looks(&looks)
    }

    /// The same with other looks, their colours reduced to what the terminal can show.
    fn with_looks(mut self, looks: &file::Looks) -> Self {
        let depth = self.depth;
        self.styles = Role::ALL.iter().map(|&role| reduce::style(looks.resolve(role), depth)).collect();
        self.grounds = looks.grounds.iter().map(|ground| reduce::colour(*ground, depth)).collect();
        self
    }

    /// Another theme on the same terminal, under the same rules as [`Theme::choose`].
    #[must_use]
    pub fn turned(&self, name: Name) -> Self {
        let background = match name {
            Name::Dark => Background::Dark,
            Name::Light => Background::Light,
            Name::HighContrast | Name::Ansi16 | Name::Mono => self.background,
        };
        let turned = Self::choose(Some(name), background, self.depth, self.symbols.ascii);
        Self { symbols: self.symbols.clone(), ..turned }
    }

    /// The same looks, with words in place of signs.
    #[must_use]
    pub fn for_readers(self) -> Self {
        Self { symbols: WORDS, ..self }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is for light terminals.
    #[must_use]
    pub fn is_light(&self) -> bool {
        self.background == Background::Light
    }

    /// The look of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// A look on the selected row: its own colour of letters, the selection's background.
    #[must_use]
    pub fn selected(&self, own: Style, focused: bool) -> Style {
        let selection = self.style(if focused { Role::Selection } else { Role::SelectionIdle });
        let fg = own.fg.or(selection.fg);
        Style { fg, ..own.patch(selection) }
    }

    /// Its symbols.
    #[must_use]
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// ` · `, or its stand-in.
    #[must_use]
    pub fn dot(&self) -> String {
        // A comma follows its word.
        let before = if self.symbols.words { "" } else { " " };
        format!("{before}{} ", self.symbols.dot)
    }

    /// Terminal backgrounds the theme is made for, the most typical first; empty for themes that
    /// use no colour. The contrast test and the pictures use them.
    #[must_use]
    pub fn grounds(&self) -> &[Color] {
        &self.grounds
    }
}
