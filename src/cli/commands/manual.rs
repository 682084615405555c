//! The guide and the reference part of the manual page: keys, configuration, JSON, the session format, exit codes.
//!
//! Owns: how tables of the program are laid out as sections of a page, so that the page can't say
//! anything else than the program does. Must not know: the grammar of the command line.

use std::io::{self, Write};

use super::super::error::Exit;
use super::super::schema;
use crate::app::{Action, Group};
use crate::config::TEMPLATE;
use crate::input::keymap::{Keymap, Overrides, spell};

/// What goes beyond a first morning.
const GUIDE: &str = include_str!("../../../assets/guide.md");
/// How any agent's sessions can be written down.
const SESSIONS: &str = include_str!("../../../assets/session-format.md");

/// What each exit code says.
const EXITS: &[(Exit, &str)] = &[
    (Exit::Done, "Done."),
    (Exit::Failed, "Failed, or something was left out; the message says what is safe and what to do."),
    (Exit::Usage, "Wrong usage."),
    (Exit::Config, "Something about the configuration."),
    (Exit::NoAccess, "No access, or offline."),
    (Exit::Conflict, "The memory changed meanwhile; nothing was written."),
    (Exit::Waiting, "Only status: lessons wait."),
];

/// The guide and every reference section.
///
/// # Errors
/// When the output is closed.
pub fn sections(out: &mut dyn Write) -> io::Result<()> {
    guide(out)?;
    keys(out)?;
    configuration(out)?;
    json(out)?;
    sessions(out)?;
    writeln!(out, ".SH EXIT STATUS")?;
    for (exit, text) in EXITS {
        writeln!(out, ".TP\n\\fB{}\\fR\n{}", *exit as u8, literal(text))?;
    }
    Ok(())
}

/// Markdown of headings and paragraphs, set as a section: bold and code as such, all else as it stands.
fn guide(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".SH GUIDE")?;
    // The first line is a heading, which the section has already.
    for line in GUIDE.lines().skip(2) {
        match line.strip_prefix("## ") {
            Some(heading) => writeln!(out, ".SS {}", literal(heading))?,
            None if line.is_empty() => writeln!(out, ".PP")?,
            None => writeln!(out, "{}", set(line))?,
        }
    }
    Ok(())
}

/// A line of Markdown with its bold and code in bold type.
fn set(line: &str) -> String {
    let mut bold = false;
    let spans = line.replace("**", "`");
    let mut parts = spans.split('`');
    let first = parts.next().map(literal).unwrap_or_default();
    parts.fold(first, |text, part| {
        bold = !bold;
        let face = if bold { "\\fB" } else { "\\fR" };
        format!("{text}{face}{}", literal(part).trim_start_matches("\\&"))
    })
}

fn keys(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".SH KEYS")?;
    writeln!(
        out,
        "Built\\-in keys of the console, with the name by which each command is remapped under [keys]. \
         What applies on this machine is printed by wakeful config keys."
    )?;
    let (keymap, _) = Keymap::load(&Overrides::default());
    for group in Group::ALL {
        writeln!(out, ".SS {}", literal(group.title()))?;
        for action in Action::ALL.iter().filter(|action| action.spec().group == *group) {
            let keys: Vec<String> = keymap.keys(*action).map(|keys| literal(&spell(keys))).collect();
            let spec = action.spec();
            let keys = if keys.is_empty() { String::new() } else { format!(" ({})", keys.join(", ")) };
            writeln!(out, ".TP\n\\fB{}\\fR{keys}\n{}", literal(spec.id), literal(spec.help))?;
        }
    }
    Ok(())
}

fn configuration(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".SH CONFIGURATION\nEvery setting with its default:\n.PP\n.nf")?;
    for line in TEMPLATE.lines() {
        writeln!(out, "{}", literal(line))?;
    }
    writeln!(out, ".fi")
}

fn json(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        ".SH JSON\nReading commands take \\-\\-json and print one object, whose field schema names its shape and \
         version, as in wakeful.lessons/1. Fields are added without a new version; none is taken away or \
         changes its meaning. wakeful config schema NAME prints the JSON Schema of:"
    )?;
    let names: Vec<String> = schema::ALL.iter().map(|(name, _)| literal(name)).collect();
    writeln!(out, ".PP\n{}", names.join(", "))
}

/// The plain format of sessions, as it is documented beside the sources.
fn sessions(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, ".SH SESSION FORMAT\n.nf")?;
    // The first line is a heading, which the section has already.
    for line in SESSIONS.lines().skip(2) {
        writeln!(out, "{}", literal(line))?;
    }
    writeln!(out, ".fi")
}

/// Text as it stands, whatever it means to the typesetter.
fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_and_schema_is_on_the_page() {
        let mut page = Vec::new();
        sections(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for action in Action::ALL {
            assert!(page.contains(&format!("\\fB{}\\fR", literal(action.id()))), "{}", action.id());
        }
        for (name, _) in schema::ALL {
            assert!(page.contains(&literal(name)), "{name}");
        }
    }

    #[test]
    fn the_guide_is_set_with_its_emphasis() {
        assert_eq!(set("**Cost.** Ask `a-b` first."), "\\fBCost.\\fR Ask \\fBa\\-b\\fR first.");
        let mut page = Vec::new();
        guide(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(
            GUIDE.lines().all(|line| line.matches('`').count().is_multiple_of(2)),
            "code ends in its line"
        );
        assert!(page.contains(".SS Quarantine\n.PP\n\\fBwakeful quarantine SESSION\\fR"), "{page}");
    }

    #[test]
    fn nothing_in_a_text_commands_the_typesetter() {
        assert_eq!(literal(".TH x"), "\\&.TH x");
        assert_eq!(literal("a-b\\c"), "a\\-b\\ec");
    }
}
