//! The JSON Schemas of everything that `--json` prints, as files of the program.
//!
//! Owns: their names. Must not know: how output is made.

/// Every schema: its name and its text.
pub const ALL: &[(&str, &str)] = &[];

/// The schema with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
