//! A program in a pseudo-terminal, with the screen as a person sees it.

#![allow(dead_code, reason = "not every test needs all of it")]

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longer than anything takes on a slow and busy machine; only a failing test waits for it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What the program asks to find out the colour of the background.
pub const ASKS_BACKGROUND: &[u8] = b"\x1b]11;?";
/// What every terminal answers to the question that follows it.
pub const ATTRIBUTES: &str = "\x1b[?62;22c";

pub struct Seen {
    pub parser: vt100::Parser,
    /// Everything that was written, as it came.
    pub raw: Vec<u8>,
    pub closed: bool,
    /// A pass was said to be over; the message may be gone again.
    proposed: bool,
    /// The line is to break: whoever reads it stops.
    cut: bool,
}

impl Seen {
    /// Whether no frame is half-written: a terminal that knows synchronized updates shows none.
    fn is_whole(&self) -> bool {
        let last = |part: &[u8]| self.raw.windows(part.len()).rposition(|window| window == part);
        last(b"\x1b[?2026h") <= last(b"\x1b[?2026l")
    }
}

fn size(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap()
}

/// Whether `text` has `part` in it.
pub fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A program in a terminal of its own.
pub struct Term {
    master: Box<dyn MasterPty + Send>,
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    reader: std::thread::JoinHandle<()>,
    pub child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    _home: tempfile::TempDir,
}

/// The program with these words behind it, in a home of its own. What `env` names stands in its
/// environment, and an empty value takes out what does usually.
pub fn wakeful(home: &Path, words: &[&str], env: &[(&str, &str)]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wakeful"));
    command.args(words);
    surround(&mut command, home, env);
    command
}

/// Gives a program the environment of a test, and nothing else.
pub fn surround(command: &mut CommandBuilder, home: &Path, env: &[(&str, &str)]) {
    let home = home.to_str().unwrap();
    command.env_clear();
    command.cwd(home);
    for (name, value) in [
        ("HOME", home),
        ("TMPDIR", home),
        ("PATH", &std::env::var("PATH").unwrap()),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("EDITOR", "true"),
        ("USER", "owner"),
    ] {
        command.env(name, value);
    }
    for (name, value) in env {
        if value.is_empty() {
            command.env_remove(name);
        } else {
            command.env(name, value);
        }
    }
}

impl Term {
    /// Starts the demo, and waits until its pass has proposed something.
    pub fn demo(size: (u16, u16), editor: &str) -> Self {
        Self::demo_in(size, &[("EDITOR", editor)])
    }

    /// The same, with more in its environment.
    pub fn demo_in(size: (u16, u16), env: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let command = wakeful(home.path(), &["demo"], env);
        let mut term = Self::start(size, command, home);
        term.until_proposed();
        term
    }

    /// Waits until the pass of the demo is over and its lessons are listed. Either may come first, and only when
    /// both have come do keys mean what they are meant to, and no message come in between.
    #[track_caller]
    pub fn until_proposed(&mut self) {
        self.until_seen("the pass is over and its lessons are there", |seen| {
            seen.proposed && seen.parser.screen().contents().contains("8 to review")
        });
    }

    /// Starts a program in a terminal.
    pub fn start(size: (u16, u16), command: CommandBuilder, home: tempfile::TempDir) -> Self {
        Self::start_with(size, command, home, None)
    }

    /// The same, in a terminal that answers the question for its background at once.
    pub fn start_with(
        (cols, rows): (u16, u16),
        command: CommandBuilder,
        home: tempfile::TempDir,
        background: Option<&'static str>,
    ) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let seen = Arc::new((
            Mutex::new(Seen {
                parser: vt100::Parser::new(size(rows), size(cols), 0),
                raw: Vec::new(),
                closed: false,
                proposed: false,
                cut: false,
            }),
            Condvar::new(),
        ));
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let mut output = pair.master.try_clone_reader().unwrap();
        let (shared, answers) = (Arc::clone(&seen), Arc::clone(&keys));
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            let mut background = background;
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                let mut seen = shared.0.lock().unwrap();
                seen.parser.process(&buffer[..read]);
                seen.raw.extend_from_slice(&buffer[..read]);
                seen.proposed |= seen.parser.screen().contents().contains("proposes");
                // Looked for only as long as it is to be answered: what was written may be much.
                if background.is_some()
                    && has(&seen.raw, ASKS_BACKGROUND)
                    && let Some(colour) = background.take()
                {
                    let answer =
                        format!("\x1b]10;rgb:8080/8080/8080\x1b\\\x1b]11;{colour}\x1b\\{ATTRIBUTES}");
                    answers.lock().unwrap().write_all(answer.as_bytes()).unwrap();
                }
                seen.closed = read == 0 || seen.cut;
                shared.1.notify_all();
                if seen.closed {
                    return;
                }
            }
        });
        Self { master: pair.master, keys, reader, child, seen, _home: home }
    }

    pub fn press(&mut self, keys: &str) {
        assert!(self.try_press(keys), "the program has ended:\n{}", self.screen());
    }

    /// Presses keys; `false` if nobody is there any more.
    ///
    /// Whether somebody is there is asked before: the keys may be what makes the program end.
    pub fn try_press(&mut self, keys: &str) -> bool {
        !self.seen.0.lock().unwrap().closed && self.keys.lock().unwrap().write_all(keys.as_bytes()).is_ok()
    }

    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// The screen once no frame is half-written.
    #[track_caller]
    pub fn whole(&mut self) -> String {
        self.until("a whole frame", |_| true);
        self.screen()
    }

    /// Every byte that was written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// How many bytes were written so far.
    pub fn written(&self) -> usize {
        self.seen.0.lock().unwrap().raw.len()
    }

    /// Waits for something to be on the screen.
    #[track_caller]
    pub fn until(&mut self, what: &str, there: impl Fn(&str) -> bool) {
        self.until_seen(what, |seen| there(&seen.parser.screen().contents()));
    }

    /// Waits for the terminal to be in some state.
    #[track_caller]
    pub fn until_screen(&mut self, what: &str, there: impl Fn(&vt100::Screen) -> bool) {
        self.until_seen(what, |seen| there(seen.parser.screen()));
    }

    /// Waits for bytes to be written.
    #[track_caller]
    pub fn until_raw(&mut self, what: &str, part: &[u8]) {
        self.until_seen(what, |seen| has(&seen.raw, part));
    }

    /// Waits for what was written to be such.
    #[track_caller]
    pub fn until_bytes(&mut self, what: &str, such: impl Fn(&[u8]) -> bool) {
        self.until_seen(what, |seen| such(&seen.raw));
    }

    /// Waits until so many bytes were written in all.
    #[track_caller]
    pub fn until_written(&mut self, what: &str, bytes: usize) {
        self.until_seen(what, |seen| seen.raw.len() >= bytes);
    }

    #[track_caller]
    fn until_seen(&mut self, what: &str, there: impl Fn(&Seen) -> bool) {
        let started = Instant::now();
        let mut seen = self.seen.0.lock().unwrap();
        while !(seen.is_whole() && there(&seen)) {
            let left = PATIENCE.saturating_sub(started.elapsed());
            assert!(!left.is_zero() && !seen.closed, "{what}:\n{}", seen.parser.screen().contents());
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until nothing was written for so long.
    #[track_caller]
    pub fn until_quiet(&self, time: Duration) {
        let started = Instant::now();
        while self.more_within(time) {
            assert!(started.elapsed() < PATIENCE, "it goes on writing:\n{}", self.screen());
        }
    }

    /// Waits for more to be written, for at most so long.
    pub fn more_within(&self, time: Duration) -> bool {
        let seen = self.seen.0.lock().unwrap();
        let before = seen.raw.len();
        let (seen, _) = self.seen.1.wait_timeout_while(seen, time, |seen| seen.raw.len() == before).unwrap();
        seen.raw.len() != before
    }

    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.seen.0.lock().unwrap().parser.screen_mut().set_size(size(rows), size(cols));
        self.master.resize(PtySize { rows, cols, ..PtySize::default() }).unwrap();
    }

    /// Whether keys reach the program one by one, without being shown by the terminal.
    #[cfg(target_os = "linux")]
    pub fn is_raw(&self) -> bool {
        const ECHO_AND_LINES: u32 = 0o10 | 0o2;
        self.master.get_termios().unwrap().local_flags.bits() & ECHO_AND_LINES == 0
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
        #[cfg(target_os = "linux")]
        assert!(!self.is_raw(), "the terminal reads lines again");
        self.child.wait().unwrap().exit_code()
    }

    /// Breaks the line, as a dropped connection does; gives the exit code of the program.
    pub fn hang_up(mut self) -> u32 {
        self.seen.0.lock().unwrap().cut = true;
        // Whoever reads wakes when something comes; a new size is answered with a frame.
        self.resize(90, 25);
        self.reader.join().unwrap();
        drop((self.master, self.keys));
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
