//! The JSON Schemas of everything that `--json` prints, and of session files, as parts of the program.
//!
//! Owns: their names. Must not know: how output is made.

macro_rules! schemas {
    ($($name:literal),+ $(,)?) => {
        /// Every schema: its name and its text.
        pub const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../assets/schema/", $name, ".json")))),+];
    };
}

schemas![
    "apply",
    "audit",
    "audit-verify",
    "blame",
    "config",
    "config-check",
    "decided",
    "doctor",
    "document",
    "dream",
    "dream-plan",
    "dreams",
    "keys",
    "lesson",
    "lessons",
    "memory",
    "memory-log",
    "quarantine",
    "session",
    "spot",
    "status",
    "sync",
];

/// The schema with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
