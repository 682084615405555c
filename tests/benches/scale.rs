//! `dream run` over very many sessions through the real program: time against sessions, peak memory, what a second
//! pass reads, what Ctrl-C leaves behind. Prints a table; measures, never judges.
//!
//! By default 1,000 sessions of 100 kB. `WAKEFUL_SCALE=10000 WAKEFUL_SESSION_KB=1000` is 10 GB on the disk, in the
//! system's folder for temporary files or in `WAKEFUL_SCALE_DIR`; all of it is taken away again.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark prints, and one that can't go on should stop"
)]

#[path = "../dreambench/mod.rs"]
mod dreambench;
#[path = "measured/mod.rs"]
mod measured;

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use dreambench::disk::Disk;
use measured::{Home, fit};
use rustix::process::{Pid, Signal, kill_process};

/// Steps on the way to all sessions.
const STEPS: [usize; 4] = [10, 5, 2, 1];
/// Sessions that are appended to, rewritten and added before the third pass, of each kind one in so many.
const TOUCHED: usize = 100;

fn main() {
    let number = |name: &str, otherwise: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    };
    let (sessions, kilobytes) = (number("WAKEFUL_SCALE", 1_000), number("WAKEFUL_SESSION_KB", 100));
    let place = std::env::var_os("WAKEFUL_SCALE_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(place).unwrap();
    let home = Home::new(folder.path());
    let mut disk = Disk::new(&folder.path().join("claude"), kilobytes * 1_000);
    println!(
        "| sessions | MB | wall | CPU | CPU per 1,000 | peak memory | read from files | lines of progress |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let (mut bytes, mut points) = (0, Vec::new());
    for part in STEPS {
        let count = sessions / part;
        bytes += disk.grow_to(count);
        home.forget();
        let run = home.dream(count);
        points.push((count as f64, run.cpu.as_secs_f64()));
        run.row(&format!("{count}, cold"), bytes, count);
    }
    home.dream(sessions).row(&format!("{sessions}, again, nothing new"), 0, sessions);
    let touched = (sessions / TOUCHED).max(1);
    let new = touch(&mut disk, sessions, touched);
    home.dream(sessions + touched).row(
        &format!("{touched} grown, {touched} rewritten, {touched} new"),
        new,
        sessions + touched,
    );
    let (slope, r2) = fit(&points);
    println!("\nCPU against sessions: {:.2} ms each, R² {r2:.4}", slope * 1e3);
    for (count, cpu) in &points {
        println!(
            "  {count:>6} sessions: {:+.1} % off the line through them all",
            (cpu / (slope * count) - 1.0) * 100.0
        );
    }
    canceled(&home, sessions);
}

/// Appends to some sessions, rewrites others, adds new ones; gives the bytes that are new on the disk.
fn touch(disk: &mut Disk, sessions: usize, touched: usize) -> u64 {
    let mut bytes = 0;
    for number in 0..touched {
        let grown = disk.file(number * 2);
        let text = std::fs::read_to_string(&grown).unwrap();
        let added: Vec<&str> = text.lines().skip(1).take(4).collect();
        let added = format!("{}\n", added.join("\n"));
        std::fs::OpenOptions::new().append(true).open(&grown).unwrap().write_all(added.as_bytes()).unwrap();
        bytes += added.len() as u64;
        let rewritten = disk.file(number * 2 + 1);
        let text = std::fs::read_to_string(&rewritten)
            .unwrap()
            .replace("\"version\":\"2.1.60\"", "\"version\":\"2.1.7\"");
        bytes += text.len() as u64;
        std::fs::write(&rewritten, text).unwrap();
    }
    bytes + disk.grow_to(sessions + touched)
}

/// Ctrl-C in the middle of a cold pass: how soon it ends, what is left, and that the next pass goes on from there.
fn canceled(home: &Home, sessions: usize) {
    home.forget();
    let (child, lines) = home.start(sessions);
    let mut pass = false;
    for line in &lines {
        // The pass itself, not the sync before it.
        pass |= line.contains("billing: reading");
        if pass && line.contains(&format!("reading {}/", sessions / 4)) || line.contains("billing: reading 2")
        {
            break;
        }
    }
    let asked = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    println!(
        "\nCtrl-C in the pass: ended after {:.0?} with code {:?}",
        asked.elapsed(),
        output.status.code()
    );
    let listed = home.program(&["dream", "list"]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    println!("  then listed as: {}", listed.lines().next().unwrap_or_default());
    let doctor = home.program(&["status", "--json"]).output().unwrap();
    println!("  `status` ends with {:?}", doctor.status.code());
    home.dream(sessions).row("  the next pass", 0, sessions);
}
