//! The one owner of terminal state: every mode that is switched on is switched off again, whatever
//! ends the program.
//!
//! Owns: raw mode, alternate screen, bracketed paste, mouse, focus, cursor, window title; restoring them on
//! drop, on panic, and around an editor or a suspension. Must not know: what is on the screen.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::queue;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

/// Whether the terminal is ours right now. Process-wide, because a panic hook has no other way to know.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Asks the terminal to remember its window title, and to take it back. Unknown to a terminal, they
/// do nothing.
const PUSH_TITLE: &[u8] = b"\x1b[22;2t";
const POP_TITLE: &[u8] = b"\x1b[23;2t";

/// Terminal modes held for as long as this lives.
#[derive(Debug)]
pub struct Session {
    mouse: bool,
    focus: bool,
}

impl Session {
    /// Takes the terminal over; `mouse` and `focus` say whether to hear of those.
    ///
    /// # Errors
    /// When it is no terminal, or refuses. Whatever was switched on is off again then.
    pub fn enter(mouse: bool, focus: bool) -> io::Result<Self> {
        let session = Self { mouse, focus };
        session.resume()?;
        Ok(session)
    }

    /// Switches everything on.
    fn resume(&self) -> io::Result<()> {
        enable_raw_mode()?;
        // From here on, whatever fails must be undone.
        ENTERED.store(true, Ordering::SeqCst);
        let mut bytes = PUSH_TITLE.to_vec();
        // A terminal that is on that screen still, because the last console was killed, shows what was on it.
        queue!(bytes, EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, Hide)?;
        if self.mouse {
            queue!(bytes, EnableMouseCapture)?;
        }
        if self.focus {
            queue!(bytes, EnableFocusChange)?;
        }
        let written = write_out(&bytes);
        if written.is_err() {
            restore();
        }
        written
    }

    /// Listens to the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn listen_to_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        let mut bytes = Vec::new();
        if mouse {
            queue!(bytes, EnableMouseCapture)?;
        } else {
            queue!(bytes, DisableMouseCapture)?;
        }
        write_out(&bytes)
    }

    /// Hands the terminal to someone else for as long as `during` runs, then takes it over again.
    /// Nobody may be reading input meanwhile.
    ///
    /// # Errors
    /// When the terminal can't be taken over again.
    pub fn lend<T>(&self, during: impl FnOnce() -> T) -> io::Result<T> {
        restore();
        let result = during();
        self.resume()?;
        Ok(result)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was. Safe to call at any time, from any thread, more than once.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::new();
    // Writing into memory can't fail; the terminal may be gone, and then nobody is left to tell.
    let _ = queue!(
        bytes,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        Show,
        LeaveAlternateScreen
    );
    bytes.extend_from_slice(POP_TITLE);
    let _ = write_out(&bytes);
    let _ = disable_raw_mode();
}

/// Makes every later panic restore the terminal before it is reported, so that the report is readable.
pub fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        report(info);
    }));
}

/// Whether an error says that nobody is at the other end any more.
#[must_use]
pub fn is_gone(error: &io::Error) -> bool {
    let gone = [rustix::io::Errno::IO, rustix::io::Errno::NXIO, rustix::io::Errno::PIPE];
    error.raw_os_error().is_some_and(|code| gone.iter().any(|errno| errno.raw_os_error() == code))
}

fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Stops this program and everything started with it, as `Ctrl-Z` does for programs that don't read
/// keys themselves; returns when it is continued. A self-raised SIGTSTP would be thrown away in an
/// orphaned process group, SIGSTOP is not.
pub fn stop() {
    // Without a process group to stop there is nothing to do but to go on.
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
}
