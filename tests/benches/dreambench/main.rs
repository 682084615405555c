//! DreamBench: what passes find, miss and invent on corpora with known truth; how evidence is found, quotes checked and
//! orders replicated on public labelled data; how fast. Beside the rules and packages that others use, on the same data
//! in the same run. Prints one table; `tests/dreambench.rs` and `tests/evidence_bench.rs` hold the floor.
//!
//! `WAKEFUL_SEEDS` sets the corpora per figure; `WAKEFUL_PEERS` says which Python has the packages, or to install them.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a benchmark prints")]

#[path = "../../dreambench/mod.rs"]
mod dreambench;
#[path = "../../evidence_bench/mod.rs"]
mod evidence_bench;
#[path = "../../hostile/mod.rs"]
mod hostile;
mod labelled;
#[path = "../measured/mod.rs"]
mod measured;
#[path = "../peers/mod.rs"]
mod peers;
mod planted;
#[allow(dead_code, reason = "`cargo bench --bench mine` prints the details")]
mod speed;
mod table;

use std::process::ExitCode;

use table::{Asked, Table};

/// Corpora per figure, unless said otherwise.
const SEEDS: u32 = 200;

fn main() -> ExitCode {
    let seeds = std::env::var("WAKEFUL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    println!("DreamBench: {seeds} corpora of 50 sessions for every planted figure\n");
    let peers = peers::Peers::find();
    let mut table = Table::new();
    planted::rows(&mut table, seeds);
    labelled::rows(&mut table, &peers);
    security(&mut table);
    throughput(&mut table);
    scale(&mut table);
    if table.end() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Hostile text of every kind: what reaches a reviewer without a warning, and what leaves raw or with a secret.
fn security(table: &mut Table) {
    let fixtures = hostile::fixtures();
    let none = Asked::Most(0.0, 0.0);
    let mut row = |figure: &str, bad: usize, of: usize| {
        table.shown(figure, &format!("{bad} of {of}"), bad as f64, none, "");
    };
    let count = |bad: fn(&hostile::Fixture) -> bool| fixtures.iter().filter(|fixture| bad(fixture)).count();
    row("hostile fixtures: shown without their warning", count(|f| !f.is_flagged()), fixtures.len());
    row("hostile fixtures: raw on a terminal", count(hostile::Fixture::is_raw), fixtures.len());
    let report = hostile::program::run(std::path::Path::new(env!("CARGO_BIN_EXE_wakeful")));
    row("hostile sessions: commands that print raw bytes", report.raw.len(), report.commands);
    row("hostile sessions: commands that print a secret", report.printed.len(), report.commands);
    row("hostile sessions: files (database, logs) that hold a secret", report.kept.len(), report.files);
    row("secrets told to a dream on the platform", usize::from(hostile::is_told_a_secret()), 1);
}

/// Passes of the program over more and more sessions of 100 kB; `cargo bench --bench scale` goes to 10 GB.
fn scale(table: &mut Table) {
    let most = std::env::var("WAKEFUL_SCALE").ok().and_then(|most| most.parse().ok()).unwrap_or(1_000);
    if !std::path::Path::new("/proc/self/status").exists() {
        return table.skipped("many sessions: peak memory, linear time", "the system does not tell");
    }
    let folder = tempfile::tempdir().unwrap();
    let home = measured::Home::new(folder.path());
    let mut disk = dreambench::disk::Disk::new(&folder.path().join("claude"), 100_000);
    let (mut points, mut peak) = (Vec::new(), 0);
    for part in [8, 4, 2, 1] {
        let count = most / part;
        disk.grow_to(count);
        // The best of a few: what else the machine does only ever adds.
        let runs = (0..3).map(|_| {
            home.forget();
            home.dream(count)
        });
        let run = runs.min_by_key(|run| run.cpu).unwrap();
        points.push((count as f64, run.cpu.as_secs_f64()));
        peak = run.peak;
    }
    let (slope, r2) = measured::fit(&points);
    let figure = format!("{most} sessions of 100 kB, cold: CPU against sessions, R²");
    table.shown(&figure, &format!("{r2:.4} ({:.1} ms each)", slope * 1e3), r2, Asked::Least(0.99, 0.999), "");
    let megabytes = peak as f64 / 1e6;
    table.shown("– peak memory", &format!("{megabytes:.0} MB"), megabytes, Asked::Most(1_500.0, 800.0), "");
}

fn throughput(table: &mut Table) {
    match speed::mining() {
        None => table.skipped("parse and mine", "the data is not there"),
        Some(mining) => {
            let rate = mining.rate(mining.mine);
            let mb = |rate: f64| format!("{rate:.0} MB/s");
            table.shown("parse and mine, one core", &mb(rate), rate, Asked::Least(250.0, 500.0), "");
            match mining.ripgrep {
                None => table.skipped("the same against ripgrep", "not installed"),
                Some(took) => {
                    let others = format!("ripgrep {}", mb(mining.rate(took)));
                    table.row(
                        "the same against ripgrep",
                        mining.against(took),
                        Asked::Least(0.3, 1.0),
                        &others,
                    );
                }
            }
            match mining.python {
                None => table.skipped("the same against Python's json", "not installed"),
                Some(took) => {
                    let others = format!("json.loads {}", mb(mining.rate(took)));
                    // A floor under what parsing can cost anybody; how fast Python's own parser is differs by the
                    // machine more than anything else here, so nothing is asked of the ratio.
                    table.row(
                        "the same against Python's json",
                        mining.against(took),
                        Asked::Nothing,
                        &others,
                    );
                }
            }
        }
    }
    let pass = speed::pass();
    let seconds = pass.took.as_secs_f64();
    let figure = format!("50 sessions of 1 MB, cold, with noise check on {} copies", pass.copies);
    table.shown(&figure, &format!("{seconds:.2} s"), seconds, Asked::Most(1.5, 0.5), "");
}
