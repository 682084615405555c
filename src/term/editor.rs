//! Opens the reviewer's editor on a text, while the console steps aside or without one.
//!
//! Owns: which editor, the temporary file, and what counts as an edit. Must not know: what the text
//! is, or how the terminal is lent.

use std::io::Write as _;
use std::process::Command;

use crate::app::data::Failure;

/// The editor when nobody said which.
const FALLBACK: &str = "vi";

/// The text after the reviewer edited it; `None` if nothing was changed. `command` is split as a
/// shell would split it.
///
/// # Errors
/// When the editor can't be started or ends with an error; then nothing counts as edited.
pub fn edit(command: Option<&str>, text: &str) -> Result<Option<String>, Failure> {
    let command = command.map(str::trim).filter(|command| !command.is_empty()).unwrap_or(FALLBACK);
    let advice = "Nothing was changed. Set VISUAL or EDITOR to another editor";
    let fail = |what: String| Failure::new(what, advice);
    let mut words = shlex::split(command).unwrap_or_default().into_iter();
    let Some(program) = words.next() else {
        return Err(fail(format!("the editor command {command:?} can't be understood")));
    };
    // A name that ends in .md lets editors highlight it.
    let mut file = tempfile::Builder::new()
        .prefix("lesson-")
        .suffix(".md")
        .tempfile()
        .map_err(|error| fail(format!("no temporary file could be made: {error}")))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.flush())
        .map_err(|error| fail(format!("the temporary file could not be written: {error}")))?;
    let status = Command::new(&program)
        .args(words)
        .arg(file.path())
        .status()
        .map_err(|error| fail(format!("the editor {program} could not be started: {error}")))?;
    if !status.success() {
        return Err(fail(format!("the editor {program} ended with an error")));
    }
    // Editors that write a new file and rename it leave our handle on the old one: read by name.
    let edited = std::fs::read_to_string(file.path())
        .map_err(|error| fail(format!("the edited text could not be read: {error}")))?;
    Ok((edited != text).then_some(edited))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_counts() {
        assert_eq!(edit(Some("true"), "a\n"), Ok(None));
        assert_eq!(edit(Some("sh -c 'echo b >> \"$0\"'"), "a\n"), Ok(Some("a\nb\n".to_owned())));
    }

    #[test]
    fn an_editor_that_fails_changes_nothing() {
        for command in ["false", "no-such-editor-anywhere", "'unclosed"] {
            assert!(edit(Some(command), "a\n").is_err(), "{command}");
        }
    }
}
