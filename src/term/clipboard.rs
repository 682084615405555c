//! Copying text out of the terminal, with words that claim no more than is known.
//!
//! Owns: which way is taken: tmux's own buffer, the terminal (OSC 52), or a file for what is too
//! long. The clipboard is never read. Must not know: what is copied.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// Longer texts are cut off by many terminals, silently; a file is honest.
const MOST_BYTES: usize = 70_000;

/// What was done with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// Bytes to write to the terminal, and what to say.
    Send(Vec<u8>, String),
    /// It is done; what to say.
    Done(String),
    /// It was not done; why.
    Failed(String),
}

/// Copies `text`; `what` names it. Files go into `folder`.
#[must_use]
pub fn copy(what: &str, text: &str, in_tmux: bool, folder: &Path) -> Copied {
    if text.len() > MOST_BYTES {
        return match save(what, ".txt", text, folder) {
            Ok(path) => {
                Copied::Done(format!("{what} is too long for the clipboard; saved to {}", path.display()))
            }
            Err(error) => {
                Copied::Failed(format!("{what} is too long for the clipboard and can't be saved: {error}"))
            }
        };
    }
    if in_tmux && load_into_tmux(text) {
        return Copied::Done(format!("{what} is in tmux's buffer, and sent on to the terminal's clipboard"));
    }
    let mut sequence = String::new();
    if CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_err() {
        return Copied::Failed(format!("the {what} could not be copied"));
    }
    Copied::Send(
        sequence.into_bytes(),
        format!("{what} sent to the terminal (OSC 52); whether it took it can't be known"),
    )
}

/// tmux throws raw OSC 52 away with its shipped settings, but takes text by its own command.
fn load_into_tmux(text: &str) -> bool {
    let child = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().is_some_and(|mut pipe| pipe.write_all(text.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}

/// Saves a text in a new file, whose name begins and ends so.
///
/// # Errors
/// When the file can't be written.
pub fn save(start: &str, end: &str, text: &str, folder: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(start).suffix(end).tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    Ok(file.keep().map_err(|kept| kept.error)?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_saved_and_a_short_one_sent() {
        let folder = tempfile::tempdir().unwrap();
        let Copied::Send(bytes, said) = copy("lesson", "text", false, folder.path()) else { panic!() };
        assert!(bytes.starts_with(b"\x1b]52;c;"));
        assert!(said.contains("can't be known"));
        let long = "x".repeat(MOST_BYTES + 1);
        let Copied::Done(said) = copy("document", &long, false, folder.path()) else { panic!() };
        let path = said.rsplit(' ').next().unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), long);
    }
}
