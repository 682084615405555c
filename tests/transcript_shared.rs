//! The parsers against real transcripts; passes with a note where those are absent.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wakeful::domain::session::EventKind;
use wakeful::transcript::{self, Format, Report};

fn shared() -> Option<PathBuf> {
    let path = std::env::var_os("WAKEFUL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    if path.is_dir() {
        Some(path)
    } else {
        eprintln!("skipped: no shared transcripts at {}", path.display());
        None
    }
}

fn jsonl(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    files
}

fn count(path: &Path) -> (Report, BTreeMap<EventKind, u64>, u64) {
    let mut kinds = BTreeMap::new();
    let mut errors = 0;
    let file = BufReader::new(std::fs::File::open(path).unwrap());
    let report = transcript::read(Format::ClaudeCode, file, "f", 0, &mut |event| {
        *kinds.entry(event.kind).or_default() += 1;
        errors += u64::from(event.is_error);
    })
    .unwrap();
    (report, kinds, errors)
}

#[derive(Deserialize)]
struct Labels {
    sessions: BTreeMap<String, Counts>,
}

#[derive(Deserialize)]
struct Counts {
    tool_calls: u64,
    tool_results: u64,
    #[serde(default)]
    tool_errors: u64,
    #[serde(default)]
    interrupts: u64,
}

#[test]
fn calls_results_and_errors_equal_the_labels_in_every_session() {
    let Some(shared) = shared() else { return };
    let labels: Labels =
        serde_json::from_slice(&std::fs::read(shared.join("labels/context-evaluator.json")).unwrap())
            .unwrap();
    let folder = shared.join("claude-code/projects/-Users-dev-Code-agents-md-evaluator");
    let files = jsonl(&folder);
    assert_eq!(files.len(), 36);
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = &labels.sessions[name];
        let (report, kinds, errors) = count(&path);
        let kind = |kind| kinds.get(&kind).copied().unwrap_or_default();
        assert_eq!(report.skipped, vec![], "{name}");
        assert_eq!(report.read_to, path.metadata().unwrap().len(), "{name}");
        assert_eq!(kind(EventKind::ToolCall), expected.tool_calls, "{name}");
        assert_eq!(kind(EventKind::ToolResult), expected.tool_results, "{name}");
        assert_eq!(errors, expected.tool_errors, "{name}");
        // Each interruption there is a refused call and the client's note of it.
        assert_eq!(kind(EventKind::Interrupt), expected.interrupts * 2, "{name}");
    }
}
