//! `dream run` of the real program over sessions on the disk: what it takes.
//!
//! Owns: a home for the program, running it, and reading from the system what a run took. Must not know: which
//! sessions there are, or what is made of the figures.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "parts of benchmarks, which use different ones, print, and stop when they can't go on"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Least squares through the origin, and how much of the spread it explains.
pub fn fit(points: &[(f64, f64)]) -> (f64, f64) {
    let slope =
        points.iter().map(|(x, y)| x * y).sum::<f64>() / points.iter().map(|(x, _)| x * x).sum::<f64>();
    let mean = points.iter().map(|(_, y)| y).sum::<f64>() / points.len() as f64;
    let spread: f64 = points.iter().map(|(_, y)| (y - mean).powi(2)).sum();
    let left: f64 = points.iter().map(|(x, y)| (y - slope * x).powi(2)).sum();
    (slope, 1.0 - left / spread)
}

/// A home for the program, with a configuration that names the sessions.
pub struct Home {
    root: PathBuf,
}

/// What one run of the program took.
pub struct Run {
    pub wall: Duration,
    pub cpu: Duration,
    /// Bytes of memory at most.
    pub peak: u64,
    /// Bytes read from files.
    pub read: u64,
    /// Lines of progress.
    pub progress: usize,
}

impl Home {
    pub fn new(root: &Path) -> Self {
        let claude = toml::Value::String(root.join("claude").display().to_string());
        std::fs::write(root.join("config.toml"), format!("[sources]\nclaude-code = [{claude}]\n")).unwrap();
        Self { root: root.to_path_buf() }
    }

    /// Takes the cache away.
    pub fn forget(&self) {
        let _ = std::fs::remove_dir_all(self.root.join("data"));
    }

    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wakeful"));
        command.arg("--config").arg(self.root.join("config.toml"));
        command.arg("--data-dir").arg(self.root.join("data")).args(arguments);
        command.env_clear().env("HOME", &self.root).env("LANG", "C.UTF-8");
        command
    }

    /// Starts a pass; its progress comes line by line.
    pub fn start(&self, sessions: usize) -> (Child, mpsc::Receiver<String>) {
        let mut command = self.program(&["dream", "run", "--lookback", &sessions.to_string()]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || told.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        (child, lines)
    }

    /// Runs a pass to its end and watches what it takes.
    pub fn dream(&self, sessions: usize) -> Run {
        let started = Instant::now();
        let (mut child, lines) = self.start(sessions);
        let mut run = Run { wall: Duration::ZERO, cpu: Duration::ZERO, peak: 0, read: 0, progress: 0 };
        let of = PathBuf::from(format!("/proc/{}", child.id()));
        while child.try_wait().unwrap().is_none() {
            run.look(&of);
            std::thread::sleep(Duration::from_millis(5));
        }
        run.wall = started.elapsed();
        assert!(child.wait().unwrap().success(), "{:?}", lines.iter().collect::<Vec<_>>());
        run.progress = lines.iter().filter(|line| line.contains("reading")).count();
        run
    }
}

impl Run {
    /// What the system says of the running program; what it said last holds.
    fn look(&mut self, of: &Path) {
        let field = |text: &str, name: &str| -> Option<u64> {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse().ok()
        };
        let file = |name: &str| std::fs::read_to_string(of.join(name)).unwrap_or_default();
        if let Some(kilobytes) = field(&file("status"), "VmHWM:") {
            self.peak = self.peak.max(kilobytes * 1024);
        }
        self.read = field(&file("io"), "rchar:").unwrap_or(self.read);
        let stat = file("stat");
        let ticks: Vec<u64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse().ok())
            .collect();
        if ticks.len() == 2 {
            // A hundred to the second, on every Linux.
            self.cpu = Duration::from_millis((ticks[0] + ticks[1]) * 10);
        }
    }

    pub fn row(&self, what: &str, bytes: u64, sessions: usize) {
        println!(
            "| {what} | {:.1} | {:.2?} | {:.2?} | {:.2?} | {:.0} MB | {:.1} MB | {} |",
            bytes as f64 / 1e6,
            self.wall,
            self.cpu,
            self.cpu * 1_000 / sessions as u32,
            self.peak as f64 / 1e6,
            self.read as f64 / 1e6,
            self.progress
        );
    }
}
