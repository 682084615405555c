//! Opens the reviewer's editor on a text, without the console.
//!
//! Owns: which editor, the temporary file, and reading it back. Must not know: what the text is.

use std::io::Write as _;
use std::process::Command;

use super::error::{CliError, Exit};
use crate::config::Config;

/// The text after the reviewer edited it.
///
/// # Errors
/// When the editor can't be started or ends with an error; nothing was changed then.
pub fn edit(config: &Config, text: &str) -> Result<String, CliError> {
    let command = config.editor.value.as_deref().unwrap_or("vi");
    let fail = |what: String| {
        CliError::new(
            Exit::Failed,
            format!("{what}; nothing was changed. Set EDITOR, or give the text with --text"),
        )
    };
    let mut words = shlex::split(command).unwrap_or_default().into_iter();
    let Some(program) = words.next() else {
        return Err(fail(format!("the editor command {command:?} can't be understood")));
    };
    // A name that ends in .md lets editors highlight it.
    let mut file = tempfile::Builder::new()
        .prefix("lesson-")
        .suffix(".md")
        .tempfile()
        .map_err(|error| fail(format!("no temporary file could be made ({error})")))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.flush())
        .map_err(|error| fail(format!("the temporary file could not be written ({error})")))?;
    let status = Command::new(&program)
        .args(words)
        .arg(file.path())
        .status()
        .map_err(|error| fail(format!("the editor {program} could not be started ({error})")))?;
    if !status.success() {
        return Err(fail(format!("the editor {program} ended with an error")));
    }
    // Editors that write a new file and rename it leave our handle on the old one: read by name.
    std::fs::read_to_string(file.path())
        .map_err(|error| fail(format!("the edited text could not be read ({error})")))
}
