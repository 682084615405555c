//! From starting the program to its first frame with 5,000 lessons in the cache, and what moving the
//! cursor and doing nothing cost in bytes. In a real pseudo-terminal; measures, never judges.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "lessons.rs"]
mod lessons;

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use wakeful::domain::clock::{Clock, SystemClock};
use wakeful::domain::memory::Snapshot;
use wakeful::source::Sources;
use wakeful::source::folder::Folder;
use wakeful::store::Store;
use wakeful::sync::pull;

const LESSONS: usize = 5_000;
const IDLE: Duration = Duration::from_mins(1);

fn main() {
    let home = tempfile::tempdir().unwrap();
    fill(home.path());
    let mut starts: Vec<Duration> = (0..7).map(|_| Console::start(home.path(), 80, 24).0).collect();
    starts.sort_unstable();
    println!("{LESSONS} lessons in the cache, 80x24");
    println!("start to first frame, median of 7  {:>10.1?}", starts[3]);
    let version =
        best(|| std::process::Command::new(env!("CARGO_BIN_EXE_wakeful")).arg("--version").output().unwrap());
    println!("the same program with --version    {version:>10.1?}");
    let (_, console) = Console::start(home.path(), 80, 24);
    console.settle();
    let before = console.bytes();
    for _ in 0..15 {
        console.press("j");
        console.settle();
    }
    println!("bytes for one cursor move          {:>10}", (console.bytes() - before) / 15);
    let before = console.bytes();
    let watched = Instant::now();
    let mut seen = console.seen.0.lock().unwrap();
    while watched.elapsed() < IDLE && !seen.closed {
        seen = console.seen.1.wait_timeout(seen, IDLE.saturating_sub(watched.elapsed())).unwrap().0;
    }
    println!("bytes in an idle minute            {:>10}", seen.bytes - before);
}

fn fill(home: &Path) {
    let bot = home.join("bot");
    std::fs::create_dir_all(bot.join("sessions")).unwrap();
    std::fs::create_dir_all(bot.join("memory")).unwrap();
    std::fs::write(bot.join("sessions/one.jsonl"), "{\"type\":\"user\",\"text\":\"Hello\"}\n").unwrap();
    let named = toml::Value::String(bot.display().to_string());
    std::fs::write(home.join("config.toml"), format!("[sources]\nclaude-code = []\nfolders = [{named}]\n"))
        .unwrap();
    let store = Store::open(&home.join("data/wakeful.db"), Arc::new(SystemClock)).unwrap();
    let (reader, writer) = (store.reader().unwrap(), store.writer());
    let sources = Sources::new(vec![Arc::new(Folder::new(&bot))]);
    pull::run(&sources, &reader, &writer, &|_| {}, &|_| {}, &AtomicBool::new(false)).unwrap();
    let agent = reader.agents().unwrap().remove(0).id;
    let base = writer.put_snapshot(&Snapshot::new()).unwrap();
    let proposals = (0..LESSONS).map(|n| lessons::proposal(&agent, n)).collect();
    writer.finish_dream(&lessons::dream(&agent, base, SystemClock.now()), proposals, "bench").unwrap();
}

struct Seen {
    parser: vt100::Parser,
    bytes: usize,
    closed: bool,
}

struct Console {
    keys: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Console {
    fn start(home: &Path, cols: u16, rows: u16) -> (Duration, Self) {
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wakeful"));
        command.arg("--config");
        command.arg(home.join("config.toml"));
        command.arg("--data-dir");
        command.arg(home.join("data"));
        command.env_clear();
        for (name, value) in
            [("HOME", home.to_str().unwrap()), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]
        {
            command.env(name, value);
        }
        let size = |cells| NonZero::<u16>::new(cells).unwrap();
        let parser = vt100::Parser::new(size(rows), size(cols), 0);
        let seen = Arc::new((Mutex::new(Seen { parser, bytes: 0, closed: false }), Condvar::new()));
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let shared = Arc::clone(&seen);
        let keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let answers = Arc::clone(&keys);
        std::thread::spawn(move || {
            let mut buffer = [0; 16 << 10];
            loop {
                let read = output.read(&mut buffer).unwrap_or(0);
                // Asked for its colours a terminal answers at once; silence would be waited for.
                let asked = |question: &[u8]| {
                    buffer
                        .get(..read)
                        .unwrap_or_default()
                        .windows(question.len())
                        .any(|part| part == question)
                };
                if asked(b"\x1b]11;?") || asked(b"\x1b[c") {
                    let mut keys = answers.lock().unwrap();
                    keys.write_all(b"\x1b]11;rgb:1010/1010/1010\x1b\\\x1b[?62;4c").unwrap();
                    keys.flush().unwrap();
                }
                let mut seen = shared.0.lock().unwrap();
                seen.parser.process(buffer.get(..read).unwrap_or_default());
                seen.bytes += read;
                seen.closed = read == 0;
                shared.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let console = Self { keys, child, seen, _master: pair.master };
        let shown = console.first_frame(started);
        (shown, console)
    }

    fn first_frame(&self, started: Instant) -> Duration {
        let mut seen = self.seen.0.lock().unwrap();
        while !seen.parser.screen().contents().contains("to review") && !seen.closed {
            seen = self.seen.1.wait_timeout(seen, Duration::from_secs(10)).unwrap().0;
        }
        started.elapsed()
    }

    fn press(&self, keys: &str) {
        let mut terminal = self.keys.lock().unwrap();
        terminal.write_all(keys.as_bytes()).unwrap();
        terminal.flush().unwrap();
    }

    /// Waits until nothing has been written for half a second.
    fn settle(&self) {
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            let before = seen.bytes;
            seen = self
                .seen
                .1
                .wait_timeout_while(seen, Duration::from_millis(500), |seen| seen.bytes == before)
                .unwrap()
                .0;
            if seen.bytes == before {
                return;
            }
        }
    }

    fn bytes(&self) -> usize {
        self.seen.0.lock().unwrap().bytes
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            let result = work();
            let elapsed = start.elapsed();
            drop(result);
            elapsed
        })
        .min()
        .unwrap_or_default()
}
