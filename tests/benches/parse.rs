//! How fast session files become events, over the shared Claude Code sessions.

#![allow(clippy::unwrap_used, reason = "a benchmark that can't go on should stop")]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::BytesCount;
use wakeful::transcript::{self, Format};

fn main() {
    divan::main();
}

/// All files of one project, in memory: parsing is measured, not the disk. Empty where the shared
/// transcripts are absent.
fn sessions(project: &str) -> Vec<Vec<u8>> {
    let shared = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let folder = shared.join("claude-code/projects").join(project);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let files = entries.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.map(|path| std::fs::read(path).unwrap()).collect()
}

#[divan::bench(args = ["-Users-dev-Code-agents-md-evaluator", "D--oh-my-posh"])]
fn parse(bencher: Bencher<'_, '_>, project: &str) {
    let files = sessions(project);
    let bytes: usize = files.iter().map(Vec::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let mut words = 0;
        for file in &files {
            transcript::read(Format::ClaudeCode, &file[..], "session", 0, &mut |event| {
                words += black_box(&event).text.len();
            })
            .unwrap();
        }
        words
    });
}
