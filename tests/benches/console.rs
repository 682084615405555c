//! The console in a real pseudo-terminal beside well-known terminal programs in the same one: program start to first
//! frame, key to frame, filtering while typing, memory, bytes. Prints tables; measures, never judges. Programs that are
//! not installed are left out and named.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and one that can't go on should stop"
)]

#[path = "lessons.rs"]
mod lessons;
#[path = "pty/mod.rs"]
mod pty;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use pty::Terminal;
use tempfile::TempDir;
use wakeful::domain::clock::{Clock, SystemClock};
use wakeful::domain::memory::Snapshot;
use wakeful::source::Sources;
use wakeful::source::folder::Folder;
use wakeful::store::Store;
use wakeful::sync::pull;

const STARTS: usize = 9;
const KEYS: usize = 40;
const IDLE: Duration = Duration::from_mins(1);

/// A program to look at: how it starts, what its first frame holds.
struct Program {
    name: String,
    command: CommandBuilder,
    shows: String,
    /// What the cursor key sends.
    down: &'static str,
}

fn main() {
    let cache = |lessons| {
        let home = tempfile::tempdir().unwrap();
        fill(home.path(), lessons);
        home
    };
    let (small, middle, large) = (cache(5_000), cache(10_000), cache(50_000));
    println!(
        "| program, 200x60 | start to first frame | cursor key to frame | worst of {KEYS} | peak memory |"
    );
    println!("|---|---|---|---|---|");
    let mut programs = vec![
        wakeful(&small, "wakeful, 5,000 lessons"),
        wakeful(&middle, "wakeful, 10,000 lessons"),
        wakeful(&large, "wakeful, 50,000 lessons"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for entries in [5_000, 50_000] {
        programs.extend(tig(folder.path(), entries));
        programs.extend(mc(folder.path(), entries));
    }
    for program in &programs {
        row(program);
    }
    filtering(&wakeful(&large, "50,000 lessons"));
    commands(&[(5_000, &small), (50_000, &large)]);
    bytes(&wakeful(&small, "5,000 lessons"));
}

fn row(program: &Program) {
    let mut starts: Vec<Duration> =
        (0..STARTS).map(|_| Terminal::start(program.command.clone(), (200, 60), &program.shows).0).collect();
    starts.sort_unstable();
    let (_, terminal) = Terminal::start(program.command.clone(), (200, 60), &program.shows);
    terminal.settle(Duration::from_millis(500));
    let mut keys: Vec<Duration> = (0..KEYS).filter_map(|_| terminal.key(program.down)).collect();
    keys.sort_unstable();
    let key = |at: usize| keys.get(at).map_or_else(|| "–".to_owned(), |took| format!("{took:.1?}"));
    let peak = terminal.peak().map_or_else(|| "–".to_owned(), |peak| format!("{:.0} MB", peak as f64 / 1e6));
    println!(
        "| {} | {:.0?} | {} | {} | {peak} |",
        program.name,
        starts[STARTS / 2],
        key(keys.len() / 2),
        key(keys.len().saturating_sub(1)),
    );
}

/// Types a word into the filter, letter by letter.
fn filtering(program: &Program) {
    let (_, terminal) = Terminal::start(program.command.clone(), (200, 60), &program.shows);
    terminal.settle(Duration::from_millis(500));
    terminal.key("/").expect("the filter opens");
    print!("\nfilter over {}, letter to frame:", program.name);
    for letter in "linter 777".chars() {
        let took = terminal.key(&letter.to_string());
        print!(" {letter:?} {}", took.map_or_else(|| "–".to_owned(), |took| format!("{took:.1?}")));
    }
    println!();
    assert!(terminal.screen().contains("777"), "the filter took");
}

/// Commands that a shell prompt waits for.
fn commands(caches: &[(usize, &TempDir)]) {
    for (lessons, home) in caches {
        for arguments in [&["--version"][..], &["status", "--json"], &["status", "--short"]] {
            let took = best(|| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_wakeful"));
                command.arg("--config").arg(home.path().join("config.toml"));
                command.arg("--data-dir").arg(home.path().join("data")).args(arguments);
                command.env_clear().env("HOME", home.path()).output().unwrap()
            });
            println!("{lessons} lessons: `wakeful {}` {took:.1?}", arguments.join(" "));
        }
    }
}

/// What moving the cursor and doing nothing cost on a slow line.
fn bytes(program: &Program) {
    let (_, terminal) = Terminal::start(program.command.clone(), (80, 24), &program.shows);
    terminal.settle(Duration::from_millis(500));
    let before = terminal.bytes();
    for _ in 0..15 {
        terminal.key("j");
    }
    println!("bytes for one cursor move at 80x24: {}", (terminal.bytes() - before) / 15);
    let before = terminal.bytes();
    terminal.settle(IDLE);
    println!("bytes in an idle minute: {}", terminal.bytes() - before);
}

fn wakeful(home: &TempDir, name: &str) -> Program {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wakeful"));
    command.env_clear();
    command.env("HOME", home.path());
    command.arg("--config");
    command.arg(home.path().join("config.toml"));
    command.arg("--data-dir");
    command.arg(home.path().join("data"));
    Program { name: name.to_owned(), command, shows: "to review".to_owned(), down: "j" }
}

/// tig over a repository with so many commits, if it is installed.
fn tig(folder: &Path, commits: usize) -> Option<Program> {
    if !is_installed("tig", "git") {
        println!("| tig, {commits} commits: not installed | | | | |");
        return None;
    }
    let repository = folder.join(format!("repository-{commits}"));
    std::fs::create_dir_all(&repository).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(&repository).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    git(&["init", "-b", "main"]).status().unwrap();
    let mut import = git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = std::io::BufWriter::new(import.stdin.take().unwrap());
    for n in 0..commits {
        let text = format!("Lesson number {n}: run the linter with --fix before the tests");
        let at = 1_700_000_000 + n;
        write!(
            input,
            "commit refs/heads/main\ncommitter A <a@example.org> {at} +0000\ndata {}\n{text}\nM 644 inline notes.md\ndata {}\n{n}\n\n",
            text.len(),
            n.to_string().len() + 1
        )
        .unwrap();
    }
    drop(input);
    import.wait().unwrap();
    let mut command = CommandBuilder::new("tig");
    command.cwd(&repository);
    command.env("HOME", folder);
    command.arg("main");
    Some(Program {
        name: format!("tig, {commits} commits"),
        command,
        shows: format!("Lesson number {}:", commits - 1),
        down: "j",
    })
}

/// mc over a folder with so many files, if it is installed.
fn mc(folder: &Path, files: usize) -> Option<Program> {
    if !is_installed("mc", "mc") {
        println!("| mc, {files} files: not installed | | | | |");
        return None;
    }
    let place: PathBuf = folder.join(format!("files-{files}"));
    std::fs::create_dir_all(&place).unwrap();
    for n in 0..files {
        std::fs::write(place.join(format!("{n:06}-lesson.md")), "x").unwrap();
    }
    let mut command = CommandBuilder::new("mc");
    command.cwd(&place);
    command.env("HOME", folder);
    command.args(["-u", "-b"]);
    command.arg(&place);
    let (name, shows) = (format!("mc, {files} files"), "-lesson".to_owned());
    Some(Program { name, command, shows, down: "\x1bOB" })
}

fn is_installed(program: &str, needs: &str) -> bool {
    let runs = |name: &str| Command::new(name).arg("--version").output().is_ok();
    runs(program) && runs(needs)
}

/// A cache with so many lessons, of one agent with one session.
fn fill(home: &Path, lessons: usize) {
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
    let proposals = (0..lessons).map(|n| lessons::proposal(&agent, n)).collect();
    writer.finish_dream(&lessons::dream(&agent, base, SystemClock.now()), proposals, "bench").unwrap();
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let times = (0..9).map(|_| {
        let start = Instant::now();
        drop(work());
        start.elapsed()
    });
    times.min().unwrap_or_default()
}
