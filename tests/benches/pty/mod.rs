//! One harness for programs that draw on a terminal: start to first frame, key to frame, bytes, memory.
//!
//! Owns: a pseudo-terminal whose output is read at once and timed. Must not know: which program runs in it.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// A frame is whole when nothing came for this long.
const QUIET: Duration = Duration::from_millis(40);
/// Nothing takes longer than this.
const LONGEST: Duration = Duration::from_secs(30);

struct Seen {
    parser: vt100::Parser,
    bytes: usize,
    /// When the last byte came.
    at: Instant,
    closed: bool,
}

/// A program at work.
pub struct Terminal {
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Terminal {
    /// Starts a program, and gives the time until its screen holds a text.
    pub fn start(mut command: CommandBuilder, (cols, rows): (u16, u16), shows: &str) -> (Duration, Self) {
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let size = |cells| NonZero::<u16>::new(cells).unwrap();
        let parser = vt100::Parser::new(size(rows), size(cols), 0);
        let started = Instant::now();
        let seen = Seen { parser, bytes: 0, at: started, closed: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let output = pair.master.try_clone_reader().unwrap();
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let (shared, answers) = (Arc::clone(&seen), Arc::clone(&keys));
        std::thread::spawn(move || listen(output, &shared, &answers));
        let terminal = Self { keys, child, seen, _master: pair.master };
        let first = terminal.until(|seen| seen.parser.screen().contents().contains(shows)) - started;
        (first, terminal)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }

    /// Waits for something to be seen; gives when its last byte came.
    fn until(&self, found: impl Fn(&Seen) -> bool) -> Instant {
        let mut seen = self.lock();
        let started = Instant::now();
        while !found(&seen) {
            assert!(!seen.closed && started.elapsed() < LONGEST, "{}", seen.parser.screen().contents());
            seen = self.seen.1.wait_timeout(seen, Duration::from_secs(1)).unwrap().0;
        }
        seen.at
    }

    /// Waits until nothing has come for a while.
    pub fn settle(&self, quiet: Duration) {
        let mut seen = self.lock();
        loop {
            let before = seen.bytes;
            seen = self
                .seen
                .1
                .wait_timeout_while(seen, quiet, |seen| seen.bytes == before && !seen.closed)
                .unwrap()
                .0;
            if seen.bytes == before || seen.closed {
                return;
            }
        }
    }

    /// Presses keys and gives the time until the frame that follows is whole. `None` if nothing came.
    pub fn key(&self, keys: &str) -> Option<Duration> {
        let before = self.bytes();
        let pressed = Instant::now();
        self.press(keys);
        let mut seen = self.lock();
        while seen.bytes == before && pressed.elapsed() < Duration::from_secs(2) && !seen.closed {
            seen = self.seen.1.wait_timeout(seen, Duration::from_millis(100)).unwrap().0;
        }
        let came = seen.bytes > before;
        drop(seen);
        self.settle(QUIET);
        came.then(|| self.lock().at - pressed)
    }

    /// Presses keys.
    pub fn press(&self, keys: &str) {
        let mut terminal = self.keys.lock().unwrap();
        terminal.write_all(keys.as_bytes()).unwrap();
        terminal.flush().unwrap();
    }

    /// Bytes written so far.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// The most memory that the program held so far, in bytes; `None` where the system does not say.
    pub fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.process_id()?)).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn listen(
    mut output: Box<dyn Read + Send>,
    shared: &(Mutex<Seen>, Condvar),
    answers: &Mutex<Box<dyn Write + Send>>,
) {
    let mut buffer = [0; 16 << 10];
    loop {
        let read = output.read(&mut buffer).unwrap_or(0);
        let came = &buffer[..read];
        // Asked for its colours a terminal answers at once; silence would be waited for.
        let asked = |question: &[u8]| came.windows(question.len()).any(|part| part == question);
        if asked(b"\x1b]11;?") || asked(b"\x1b[c") {
            let mut keys = answers.lock().unwrap();
            keys.write_all(b"\x1b]11;rgb:1010/1010/1010\x1b\\\x1b[?62;4c").unwrap();
            keys.flush().unwrap();
        }
        let mut seen = shared.0.lock().unwrap();
        seen.parser.process(came);
        seen.bytes += read;
        seen.at = Instant::now();
        seen.closed = read == 0;
        shared.1.notify_all();
        if read == 0 {
            return;
        }
    }
}
