//! The parsers against real transcripts; passes with a note where those are absent.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that can't go on should stop"
)]

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wakeful::domain::memory::Snapshot;
use wakeful::domain::session::EventKind;
use wakeful::source::claude_code::ClaudeCode;
use wakeful::source::fake::Fake;
use wakeful::source::{self, Source};
use wakeful::transcript::chain::{self, Ledger};
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

/// Record ids of user and assistant records, counted by reading the lines as JSON values.
fn records(path: &Path) -> usize {
    let text = std::fs::read_to_string(path).unwrap();
    let values = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    values.filter(|value| value["type"] == "user" || value["type"] == "assistant").count()
}

#[test]
fn records_copied_into_a_fork_count_once() {
    let Some(shared) = shared() else { return };
    let fake = Fake::new();
    let agent = fake.add_agent("posh", Snapshot::new());
    let mut expected = 0;
    let mut silent = 0;
    for path in jsonl(&shared.join("claude-code/projects/D--oh-my-posh")) {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        // Resuming copies the history into a new file under a new session id.
        fake.put_session(&agent, &format!("fork-of-{stem}.jsonl"), text.replace(&stem, "fork"));
        fake.put_session(&agent, &format!("{stem}.jsonl"), text);
        expected += records(&path);
    }
    let found = fake.sessions(&agent).unwrap();
    let described: Vec<_> =
        found.iter().map(|found| source::describe(&fake, &agent, found).unwrap()).collect();
    let links: Vec<_> = described.iter().map(|described| described.links.clone()).collect();
    let mut metas: Vec<_> = described.into_iter().map(|described| described.meta).collect();
    chain::assign(&mut metas, &links);
    metas.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
    let mut chains: Vec<_> = metas.iter().filter_map(|meta| meta.chain.clone()).collect();
    chains.sort();
    chains.dedup();
    assert_eq!(chains.len(), 4, "each session and its fork are one");
    let mut ledger = Ledger::default();
    let mut originals = std::collections::BTreeSet::new();
    let mut events = (0, 0);
    for (index, meta) in metas.iter().enumerate() {
        source::read_session(&fake, &agent, &meta.files, &mut |_, event| {
            let dialogue = !matches!(event.kind, EventKind::Injected | EventKind::Summary);
            if dialogue && ledger.is_original(index, &event.record) {
                originals.insert(event.record.to_string());
                events.0 += 1;
            } else if dialogue {
                events.1 += 1;
            }
            silent += u32::from(event.record.is_empty());
        })
        .unwrap();
    }
    assert_eq!(events.0, events.1, "every copy is known as one");
    assert!(
        originals.len() <= expected && originals.len() > expected / 2,
        "{} of {expected}",
        originals.len()
    );
    assert_eq!(silent, 0);
}

#[test]
fn all_shared_projects_are_found_with_their_sub_agents_and_memory() {
    let Some(shared) = shared() else { return };
    let source = ClaudeCode::new(shared.join("claude-code"), vec![]);
    let agents = source.agents().unwrap();
    let names: Vec<_> = agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, vec!["agents-md-evaluator", "session-share", "oh-my-posh"]);
    for agent in &agents {
        let sessions = source.sessions(agent).unwrap();
        for found in &sessions {
            let described = source::describe(&source, agent, found).unwrap();
            let meta = described.meta;
            assert!(meta.events > 0 && !meta.title.is_empty() && meta.started.is_some(), "{}", meta.id);
            assert_eq!(meta.skipped, vec![], "{}", meta.id);
            for file in &meta.files {
                assert_eq!(file.read_to, file.bytes, "{}", file.path);
            }
        }
        let files: usize = sessions.iter().map(|found| found.files.len()).sum();
        let documents = source.memory(agent, &Snapshot::new()).unwrap().snapshot.len();
        match agent.name.as_str() {
            "agents-md-evaluator" => assert_eq!((sessions.len(), files, documents), (36, 36, 0)),
            "oh-my-posh" => assert_eq!((sessions.len(), files, documents), (4, 4, 9)),
            _ => assert_eq!((sessions.len(), files, documents), (2, 8, 0)),
        }
    }
}

#[test]
fn odd_files_survive_with_a_reason() {
    let Some(shared) = shared() else { return };
    let odd = shared.join("odd");
    let read = |name: &str| {
        let bytes = std::fs::read(odd.join(name)).unwrap();
        let sniffed = transcript::sniff(name, &bytes[..bytes.len().min(transcript::SNIFF_BYTES)]);
        (sniffed, count(&odd.join(name)))
    };
    let (sniffed, (report, kinds, _)) = read("glued-records.jsonl");
    assert_eq!(sniffed, Ok(Format::ClaudeCode));
    assert_eq!(report.skipped, vec![]);
    let expected = [(EventKind::Assistant, 6), (EventKind::Thinking, 3), (EventKind::Summary, 7)];
    assert_eq!(kinds, expected.into_iter().collect(), "18 lines, some with two records");

    let (sniffed, (report, kinds, _)) = read("images-in-tool-results.jsonl");
    assert_eq!(sniffed, Ok(Format::ClaudeCode));
    let reasons: Vec<_> = report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
    assert_eq!(reasons, vec!["not a JSON record"], "the two lines of comment at the top");
    assert!(kinds[&EventKind::ToolResult] > 0);

    let (sniffed, (report, kinds, _)) = read("not-jsonl-gemini.jsonl");
    assert_eq!(sniffed.unwrap_err().reason, "it is one JSON document over many lines");
    assert!(kinds.is_empty() && !report.skipped.is_empty());
}

#[test]
fn pictures_are_named_not_held() {
    let Some(shared) = shared() else { return };
    let bytes = std::fs::read(shared.join("odd/images-in-tool-results.jsonl")).unwrap();
    let mut texts = Vec::new();
    transcript::read(Format::ClaudeCode, &bytes[..], "f", 0, &mut |event| {
        texts.push(event.text.into_owned());
    })
    .unwrap();
    assert!(texts.iter().all(|text| text.len() < 100_000));
    assert!(texts.iter().any(|text| text.contains("[image image/")), "{texts:?}");
}
