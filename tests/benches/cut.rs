//! How long it takes to cut a large memory that was wholly rewritten, beside `git diff` on the same
//! two texts in the same run. Prints a table; measures, never judges.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::process::Command;
use std::time::{Duration, Instant};

use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::lesson::{Choice, combine, cut};

/// About 180,000 tokens.
const BYTES: usize = 700_000;

fn main() {
    let before = memory("keeps", 1);
    let after = memory("rewrites", 2);
    let (old, new) = (snapshot(&before), snapshot(&after));
    let edited = snapshot(&before.replace("note 17 ", "remark 17 "));
    let lessons = cut(&old, &new).lessons.len();

    let rewrite = best(|| cut(&old, &new));
    let edit = best(|| cut(&old, &edited));
    let cutting = cut(&old, &new);
    let every_other = Choice::of((0..lessons).step_by(2));
    let combined = best(|| combine(&cutting, &every_other));
    println!("{} kB of memory, wholly rewritten: {lessons} lessons", before.len() / 1000);
    println!("cut, wholly rewritten      {rewrite:>10.1?}");
    println!("cut, a few notes changed   {edit:>10.1?}");
    println!("combine every other lesson {combined:>10.1?}");
    match git_diff(&before, &after) {
        Some(git) => println!(
            "git diff --no-index --word-diff {git:>5.1?}   ratio {:.2}",
            rewrite.as_secs_f64() / git.as_secs_f64()
        ),
        None => println!("git is not installed: no peer to compare with"),
    }
}

fn memory(verb: &str, salt: usize) -> String {
    let mut text = String::with_capacity(BYTES + 200);
    let mut i = 0;
    while text.len() < BYTES {
        if i % 25 == 0 {
            text.push_str(&format!("\n## Section {} of {salt}\n\n", i / 25));
        }
        text.push_str(&format!(
            "- note {} {verb} the {} of customer {} in mind when case {} comes up again\n",
            i % 97,
            i * salt,
            i * 7 + salt,
            i * 13 * salt
        ));
        i += 1;
    }
    text
}

fn snapshot(text: &str) -> Snapshot {
    DocPath::new("/memory.md").into_iter().map(|path| (path, text.into())).collect()
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

fn git_diff(before: &str, after: &str) -> Option<Duration> {
    let folder = tempfile::tempdir().ok()?;
    std::fs::write(folder.path().join("a.md"), before).ok()?;
    std::fs::write(folder.path().join("b.md"), after).ok()?;
    let run = || {
        Command::new("git")
            .args(["diff", "--no-index", "--word-diff", "a.md", "b.md"])
            .current_dir(folder.path())
            .output()
            .is_ok()
    };
    run().then(|| best(run))
}
