//! How fast sessions are parsed and mined, beside peers, and how a whole pass splits. Prints; measures, never judges.
//! The same figures stand in the table of `cargo bench --bench dreambench`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and one that can't go on should stop"
)]

#[path = "dreambench/speed.rs"]
mod speed;

use std::time::Duration;

fn main() {
    match speed::mining() {
        None => println!("the shared transcripts are absent: mining is not compared with its peers"),
        Some(mining) => {
            println!("{:.0} MB of real sessions, one core", mining.bytes as f64 / 1e6);
            let row = |name: &str, took: Option<Duration>| match took {
                Some(took) => println!(
                    "{name:<34} {:>8.0} MB/s   ratio of mining to this {:.2}",
                    mining.rate(took),
                    mining.against(took)
                ),
                None => println!("{name:<34} not installed"),
            };
            row("wakeful: parse", Some(mining.parse));
            row("wakeful: parse and mine", Some(mining.mine));
            row("ripgrep: search for error words", mining.ripgrep);
            row("python: json.loads", mining.python);
        }
    }
    let pass = speed::pass();
    println!(
        "\n50 sessions, {:.0} MB, cold, with noise check on {} copies: {:.2?}, {} lessons proposed",
        pass.bytes as f64 / 1e6,
        pass.copies,
        pass.took,
        pass.lessons
    );
    for (stage, took) in pass.stages {
        println!("  {stage:<20} {took:>8.0?}");
    }
}
