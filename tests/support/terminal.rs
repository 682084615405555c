//! A program in a pseudo-terminal, with the screen as a person sees it.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longer than anything takes on a slow and busy machine; only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_mins(1);

pub struct Seen {
    pub parser: vt100::Parser,
    pub bytes: usize,
    pub closed: bool,
}

fn size(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

/// A program in a terminal of its own.
pub struct Term {
    master: Box<dyn MasterPty + Send>,
    pub keys: Box<dyn Write + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub seen: Arc<(Mutex<Seen>, Condvar)>,
    _home: tempfile::TempDir,
}

impl Term {
    /// Starts the demo, and waits until its pass has proposed something.
    pub fn demo(size: (u16, u16), editor: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wakeful"));
        command.arg("demo");
        command.env_clear();
        for (name, value) in [
            ("HOME", home.path().to_str().unwrap()),
            ("TMPDIR", home.path().to_str().unwrap()),
            ("PATH", &std::env::var("PATH").unwrap()),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("EDITOR", editor),
            ("USER", "owner"),
        ] {
            command.env(name, value);
        }
        let mut term = Self::start(size, command, home);
        term.until("the pass is over", |screen| screen.contains("proposes"));
        term
    }

    /// Starts a program in a terminal.
    pub fn start((cols, rows): (u16, u16), command: CommandBuilder, home: tempfile::TempDir) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(size(rows), size(cols), 0),
                bytes: 0,
                closed: false,
            }),
            Condvar::new(),
        ));
        let mut output = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                let mut seen = shared.0.lock().unwrap();
                seen.parser.process(&buffer[..read]);
                seen.bytes += read;
                seen.closed = read == 0;
                shared.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { master: pair.master, keys, child, seen, _home: home }
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Waits for something to be on the screen.
    #[track_caller]
    pub fn until(&mut self, what: &str, there: impl Fn(&str) -> bool) {
        self.until_screen(what, |screen| there(&screen.contents()));
    }

    /// Waits for the terminal to be in some state.
    #[track_caller]
    pub fn until_screen(&mut self, what: &str, there: impl Fn(&vt100::Screen) -> bool) {
        let started = Instant::now();
        let mut seen = self.seen.0.lock().unwrap();
        while !there(seen.parser.screen()) {
            let left = PATIENCE.saturating_sub(started.elapsed());
            assert!(!left.is_zero() && !seen.closed, "{what}:\n{}", seen.parser.screen().contents());
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.seen.0.lock().unwrap().parser.screen_mut().set_size(size(rows), size(cols));
        self.master.resize(PtySize { rows, cols, ..PtySize::default() }).unwrap();
    }

    /// Waits for the program to end; gives its exit code, after checking that the terminal is as before.
    #[track_caller]
    pub fn ended(mut self) -> u32 {
        let started = Instant::now();
        {
            let mut seen = self.seen.0.lock().unwrap();
            while !seen.closed {
                let left = PATIENCE.saturating_sub(started.elapsed());
                assert!(!left.is_zero(), "it does not end:\n{}", seen.parser.screen().contents());
                seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
            }
            let screen = seen.parser.screen();
            assert!(!screen.alternate_screen(), "the alternate screen is left");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert!(!screen.bracketed_paste(), "bracketed paste is off");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is let go");
        }
        self.child.wait().unwrap().exit_code()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    #[cfg(target_os = "linux")]
    pub fn is_stopped(&self) -> bool {
        let pid = self.child.process_id().unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('T'))
    }
}
