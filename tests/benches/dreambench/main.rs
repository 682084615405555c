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
mod labelled;
#[path = "../peers/mod.rs"]
mod peers;
mod planted;
#[allow(dead_code, reason = "`cargo bench --bench mine` prints the details")]
mod speed;
mod table;

use table::{Asked, Table};

/// Corpora per figure, unless said otherwise.
const SEEDS: u32 = 200;

fn main() {
    let seeds = std::env::var("WAKEFUL_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS);
    println!("DreamBench: {seeds} corpora of 50 sessions for every planted figure\n");
    let peers = peers::Peers::find();
    let mut table = Table::new();
    planted::rows(&mut table, seeds);
    labelled::rows(&mut table, &peers);
    throughput(&mut table);
    table.skipped("10,000 sessions: peak memory, linear time", "`cargo bench --bench scale` measures it");
    table.end();
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
                    table.row(
                        "the same against Python's json",
                        mining.against(took),
                        Asked::Least(4.0, 5.0),
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
