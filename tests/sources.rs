//! Local sources against folders made for the purpose: what is found, what is left alone, and that a
//! conditional write is never half done and never overwrites what changed.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rstest::rstest;
use tempfile::TempDir;
use wakeful::domain::agent::Agent;
use wakeful::domain::evidence::Place;
use wakeful::domain::ids::SessionId;
use wakeful::domain::memory::{ContentHash, DocPath, Snapshot};
use wakeful::domain::session::{EventKind, SessionMeta};
use wakeful::source::claude_code::ClaudeCode;
use wakeful::source::fake::{Fake, Fault};
use wakeful::source::folder::Folder;
use wakeful::source::{self, Source, SourceError, Sources, WriteError, files};
use wakeful::transcript::chain::{self, Ledger};

fn put(root: &Path, file: &str, text: &str) -> PathBuf {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn doc(path: &str) -> DocPath {
    DocPath::new(path).unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a hash is always asked for where there may be none")]
fn hash(text: &str) -> Option<ContentHash> {
    Some(ContentHash::of(text.as_bytes()))
}

fn only_agent(source: &dyn Source) -> Agent {
    let mut agents = source.agents().unwrap();
    assert_eq!(agents.len(), 1, "{agents:?}");
    agents.remove(0)
}

/// A Claude Code record; `n` makes its id.
fn record(session: &str, cwd: &str, n: u32, rest: &str) -> String {
    let cwd = serde_json::to_string(cwd).unwrap();
    format!(
        "{{\"parentUuid\":null,\"isSidechain\":false,\"cwd\":{cwd},\"sessionId\":\"{session}\",{rest},\"uuid\":\"{}\",\"timestamp\":\"2026-02-17T09:{:02}:00.000Z\"}}\n",
        uuid(n),
        n % 60
    )
}

fn uuid(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

fn says(session: &str, cwd: &str, n: u32, text: &str) -> String {
    record(session, cwd, n, &format!("\"type\":\"user\",\"message\":{{\"content\":\"{text}\"}}"))
}

fn names(source: &dyn Source, agent: &Agent) -> Vec<(String, Vec<String>)> {
    let sessions = source.sessions(agent).unwrap();
    let files = |found: source::FoundSession| found.files.into_iter().map(|file| file.path).collect();
    sessions.into_iter().map(|found| (found.id.to_string(), files(found))).collect()
}

#[test]
fn a_claude_code_project_is_found_with_sub_agents_of_both_layouts() {
    let root = TempDir::new().unwrap();
    let work = TempDir::new().unwrap();
    let cwd = work.path().join("my.app");
    let cwd = cwd.to_str().unwrap();
    put(Path::new(cwd), "CLAUDE.md", "use bun");
    put(Path::new(cwd), ".claude/rules/git.md", "small commits");
    put(root.path(), "CLAUDE.md", "be brief");
    let slug: String = cwd.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let project = format!("projects/{slug}");
    put(root.path(), &format!("{project}/s1.jsonl"), &says("s1", cwd, 1, "hello"));
    put(root.path(), &format!("{project}/s1/subagents/agent-a.jsonl"), &says("s1", cwd, 2, "x"));
    put(root.path(), &format!("{project}/s1/subagents/agent-a.meta.json"), "{}");
    put(root.path(), &format!("{project}/s1/subagents/journal.jsonl"), "{}");
    put(root.path(), &format!("{project}/s1/subagents/agent-acompact-1.jsonl"), "{}");
    put(root.path(), &format!("{project}/s1/subagents/workflows/w/agent-b.jsonl"), &says("s1", cwd, 3, "x"));
    put(root.path(), &format!("{project}/s1/tool-results/t.txt"), "x");
    put(root.path(), &format!("{project}/agent-old.jsonl"), &says("s1", cwd, 4, "x"));
    put(root.path(), &format!("{project}/agent-lost.jsonl"), &says("gone", cwd, 5, "x"));
    put(root.path(), &format!("{project}/agent-acompact-2.jsonl"), "{}");
    put(root.path(), &format!("{project}/memory/MEMORY.md"), "- [Git](git.md)");
    put(root.path(), &format!("{project}/memory/git.md"), "Small commits.");
    fs::create_dir_all(root.path().join("projects/empty")).unwrap();

    let source = ClaudeCode::new(root.path(), vec!["/nowhere/RULES.md".into()]);
    let agent = only_agent(&source);
    assert_eq!(agent.id.as_str(), format!("claude-code:{slug}"));
    assert_eq!(agent.name, "my.app");
    assert_eq!(agent.budget.index.as_deref(), Some("/MEMORY.md"));
    assert_eq!((agent.budget.index_lines, agent.budget.index_bytes), (Some(200), Some(25_000)));
    assert_eq!(
        names(&source, &agent),
        vec![
            ("agent-lost".to_owned(), vec!["agent-lost.jsonl".to_owned()]),
            (
                "s1".to_owned(),
                vec![
                    "s1.jsonl".to_owned(),
                    "s1/subagents/agent-a.jsonl".to_owned(),
                    "s1/subagents/workflows/w/agent-b.jsonl".to_owned(),
                    "agent-old.jsonl".to_owned(),
                ]
            ),
        ]
    );
    let memory = source.memory(&agent, &Snapshot::new()).unwrap();
    assert_eq!(
        memory.snapshot.paths().map(DocPath::as_str).collect::<Vec<_>>(),
        vec!["/MEMORY.md", "/git.md"]
    );
    let protected: Vec<_> = source.protected(&agent).unwrap().into_iter().map(|doc| doc.text).collect();
    assert_eq!(protected, vec!["be brief", "use bun", "small commits"]);
    assert!(agent.protected.contains(&"/nowhere/RULES.md".to_owned()));
}

#[test]
fn projects_of_one_name_are_told_apart_by_the_folder_they_lie_in() {
    let root = TempDir::new().unwrap();
    for (slug, cwd) in [("-x-one-cli", "/x/one/cli"), ("-x-two-cli", "/x/two/cli"), ("D--three", "D:\\three")]
    {
        put(root.path(), &format!("projects/{slug}/s.jsonl"), &says("s", cwd, 1, "x"));
    }
    let source = ClaudeCode::new(root.path(), vec![]);
    let names: Vec<_> = source.agents().unwrap().into_iter().map(|agent| agent.name).collect();
    assert_eq!(names, vec!["one/cli", "two/cli", "three"]);
}

#[test]
fn the_configuration_folder_is_that_of_the_variable_or_the_home() {
    let home = Path::new("/home/x");
    assert_eq!(ClaudeCode::default_root(None, Some(home)), Some("/home/x/.claude".into()));
    assert_eq!(ClaudeCode::default_root(Some("/cfg".into()), Some(home)), Some("/cfg".into()));
    assert_eq!(ClaudeCode::default_root(Some("".into()), None), None);
}

#[test]
fn a_missing_root_says_so_and_hides_no_other_source() {
    let root = TempDir::new().unwrap();
    put(root.path(), "sessions/a.jsonl", "");
    let missing: Arc<dyn Source> = Arc::new(ClaudeCode::new("/nowhere/at/all", vec![]));
    let folder: Arc<dyn Source> = Arc::new(Folder::new(root.path()));
    let sources = Sources::new(vec![missing, folder.clone()]);
    let (agents, errors) = sources.agents();
    assert_eq!(agents.len(), 1);
    assert!(matches!(&errors[..], [SourceError::Unreadable { .. }]));
    assert!(sources.of(&agents[0]).is_some());
    let mut strange = agents[0].clone();
    strange.memory_at = "/etc".into();
    assert!(sources.of(&strange).is_none());
    assert!(matches!(folder.memory(&strange, &Snapshot::new()), Err(SourceError::NotMine { .. })));
    assert!(matches!(folder.write(&strange, &doc("a"), None, Some("x")), Err(WriteError::NotMine { .. })));
    strange.memory_at = format!("{}/../other", agents[0].memory_at);
    assert!(!folder.owns(&strange));
}

#[test]
fn agents_of_one_name_in_two_places_keep_apart() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    put(one.path(), "bot/sessions/a.jsonl", "");
    put(two.path(), "bot/sessions/a.jsonl", "");
    let place = |root: &TempDir| -> Arc<dyn Source> { Arc::new(Folder::new(root.path())) };
    let (agents, _) = Sources::new(vec![place(&one), place(&two)]).agents();
    assert_ne!(agents[0].id, agents[1].id);
    assert!(agents.iter().all(|agent| agent.id.as_str().starts_with("folder:bot~")));
    let (again, _) = Sources::new(vec![place(&two), place(&one), place(&one)]).agents();
    assert_eq!(agents, again, "neither the order nor a repetition of places matters");
}

#[test]
fn a_folder_may_hold_one_agent_or_several_with_settings() {
    let root = TempDir::new().unwrap();
    put(root.path(), "support/sessions/a.jsonl", "{\"type\":\"user\",\"text\":\"hi\"}\n");
    put(root.path(), "support/memory/a/b.md", "note");
    put(root.path(), "support/RULES.md", "be kind");
    put(
        root.path(),
        "support/wakeful.toml",
        "name = \"Support bot\"\nsegment = \"enterprise\"\nprotected = [\"RULES.md\"]\n[budget]\nstore_tokens = 50000\n",
    );
    put(root.path(), "sales/sessions/a.jsonl", "");
    put(root.path(), "sales/wakeful.toml", "nmae = \"x\"\n[budget]\nlines = 3\n");
    put(root.path(), "broken/sessions/a.jsonl", "");
    put(root.path(), "broken/wakeful.toml", "name = \n");
    put(root.path(), "notes/readme.md", "no agent");
    let source = Folder::new(root.path());
    let agents = source.agents().unwrap();
    let ids: Vec<_> = agents.iter().map(|agent| (agent.id.as_str(), agent.name.as_str())).collect();
    assert_eq!(
        ids,
        vec![("folder:broken", "broken"), ("folder:sales", "sales"), ("folder:support", "Support bot")]
    );
    let support = &agents[2];
    assert_eq!(support.segment.as_deref(), Some("enterprise"));
    assert_eq!(support.budget.store_tokens, 50_000);
    assert_eq!(source.protected(support).unwrap()[0].text, "be kind");
    assert_eq!(source.memory(support, &Snapshot::new()).unwrap().snapshot.len(), 1);
    let problems = source.problems();
    assert_eq!(problems.len(), 2);
    assert!(problems[0].contains("broken/wakeful.toml is not used"), "{}", problems[0]);
    assert!(problems[1].ends_with("unknown keys: nmae, budget.lines"), "{}", problems[1]);

    let single = Folder::new(root.path().join("support"));
    assert_eq!(only_agent(&single).name, "Support bot");
}

#[test]
fn nothing_outside_the_sessions_folder_is_opened() {
    let root = TempDir::new().unwrap();
    put(root.path(), "a/sessions/s.jsonl", "0123456789");
    put(root.path(), "a/secret", "x");
    let source = Folder::new(root.path());
    let agent = only_agent(&source);
    for file in ["../secret", "/etc/passwd", "x/../../secret", "./s.jsonl", "..\\secret"] {
        assert!(matches!(source.open(&agent, file, 0), Err(SourceError::Outside { .. })), "{file}");
    }
    let mut rest = String::new();
    source.open(&agent, "s.jsonl", 4).unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "456789");
}

#[cfg(unix)]
#[test]
fn memory_is_read_without_following_links_or_taking_what_is_not_text() {
    let root = TempDir::new().unwrap();
    let memory = root.path().join("memory");
    put(&memory, "a.md", "one\r\n");
    put(&memory, "sub/b.md", "two");
    put(&memory, ".hidden/c.md", "x");
    put(&memory, ".DS_Store", "x");
    put(&memory, "nul.md", "a\0b");
    fs::write(memory.join("latin.md"), b"caf\xe9").unwrap();
    fs::write(memory.join("big.md"), vec![b'x'; (1 << 20) + 1]).unwrap();
    put(root.path(), "outside.md", "secret");
    std::os::unix::fs::symlink(root.path().join("outside.md"), memory.join("link.md")).unwrap();
    std::os::unix::fs::symlink(root.path(), memory.join("up")).unwrap();
    put(&memory, "odd\u{202e}.md", "x");
    let read = files::read_folder(&memory).unwrap();
    let found: Vec<_> = read.snapshot.iter().map(|(path, text)| (path.as_str(), text.as_ref())).collect();
    assert_eq!(found, vec![("/a.md", "one\r\n"), ("/sub/b.md", "two")]);
    let skipped: Vec<_> =
        read.skipped.iter().map(|skipped| (skipped.file.as_str(), skipped.reason.as_str())).collect();
    let link = "it is a symbolic link, which could lead out of the memory folder";
    assert_eq!(
        skipped,
        vec![
            ("big.md", "it is larger than 1 MB"),
            ("latin.md", "it is not UTF-8"),
            ("link.md", link),
            ("nul.md", "it is not text"),
            ("odd\u{202e}.md", "it has a control or invisible character"),
            ("up", link),
        ]
    );
    assert_eq!(files::read_folder(&root.path().join("none")).unwrap().snapshot.len(), 0);
    assert!(files::read_folder(&root.path().join("outside.md")).is_err());
}

/// One row per situation: what stands there, what the writer saw, what it wants; and the outcome:
/// `Ok` or what was found, and what stands there afterwards.
#[rstest]
#[case::create(None, None, Some("new"), Ok(()), Some("new"))]
#[case::replace(Some("old"), Some("old"), Some("new"), Ok(()), Some("new"))]
#[case::delete(Some("old"), Some("old"), None, Ok(()), None)]
#[case::nothing_to_do(None, None, None, Ok(()), None)]
#[case::create_again(Some("new"), None, Some("new"), Ok(()), Some("new"))]
#[case::replace_again(Some("new"), Some("old"), Some("new"), Ok(()), Some("new"))]
#[case::delete_again(None, Some("old"), None, Ok(()), None)]
#[case::appeared(Some("theirs"), None, Some("new"), Err(Some("theirs")), Some("theirs"))]
#[case::changed(Some("theirs"), Some("old"), Some("new"), Err(Some("theirs")), Some("theirs"))]
#[case::vanished(None, Some("old"), Some("new"), Err(None), None)]
#[case::changed_before_delete(Some("theirs"), Some("old"), None, Err(Some("theirs")), Some("theirs"))]
fn conditional_writes(
    #[case] before: Option<&str>,
    #[case] seen: Option<&str>,
    #[case] wanted: Option<&str>,
    #[case] outcome: Result<(), Option<&str>>,
    #[case] after: Option<&str>,
) {
    let path = doc("/notes/git.md");
    let check = |answer: Result<(), WriteError>| match (answer, outcome) {
        (Ok(()), Ok(())) => {}
        (Err(WriteError::Changed { found, .. }), Err(theirs)) => assert_eq!(found, theirs.and_then(hash)),
        (answer, _) => panic!("{answer:?}"),
    };
    // On disk …
    let root = TempDir::new().unwrap();
    put(root.path(), "sessions/a.jsonl", "");
    if let Some(text) = before {
        put(root.path(), "memory/notes/git.md", text);
    }
    let source = Folder::new(root.path());
    let agent = only_agent(&source);
    check(source.write(&agent, &path, seen.and_then(hash), wanted));
    let memory = source.memory(&agent, &Snapshot::new()).unwrap();
    assert_eq!(memory.snapshot.get(&path).map(AsRef::as_ref), after);
    assert_eq!(memory.snapshot.len(), usize::from(after.is_some()));
    assert_eq!(memory.skipped, vec![]);
    // … and in the source that stands in for it.
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    fake.put_memory(&agent, &path, before);
    check(fake.write(&agent, &path, seen.and_then(hash), wanted));
    assert_eq!(fake.memory(&agent, &Snapshot::new()).unwrap().snapshot.get(&path).map(AsRef::as_ref), after);
}

#[cfg(unix)]
#[test]
fn a_replaced_document_keeps_its_permissions_and_leaves_nothing_behind() {
    use std::os::unix::fs::PermissionsExt;
    let root = TempDir::new().unwrap();
    let path = put(root.path(), "git.md", "old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    put(root.path(), ".wakeful-killed.tmp", "half a docu");
    files::write_document(root.path(), &doc("git.md"), hash("old"), Some("new")).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let left: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, vec!["git.md"]);
}

#[test]
fn only_what_a_killed_wakeful_left_is_swept_and_nothing_of_it_is_read() {
    let root = TempDir::new().unwrap();
    put(root.path(), "git.md", "new");
    put(root.path(), ".wakeful-killed.tmp", "half a docu");
    put(root.path(), ".wakeful-notes", "a file of somebody else");
    let used =
        fs::File::open(put(root.path(), ".wakeful-in-use.tmp", "another process writes this")).unwrap();
    used.lock().unwrap();
    let read = files::read_folder(root.path()).unwrap();
    assert_eq!(read.snapshot.len(), 1);
    assert!(read.skipped.is_empty());
    // The document is as it shall be already: the kill came later, or somebody wrote it by hand.
    files::write_document(root.path(), &doc("git.md"), hash("old"), Some("new")).unwrap();
    let mut left: Vec<_> =
        fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, vec![".wakeful-in-use.tmp", ".wakeful-notes", "git.md"]);
    drop(used);
    files::write_document(root.path(), &doc("git.md"), hash("new"), None).unwrap();
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
}

#[test]
fn folders_come_and_go_with_their_documents() {
    let root = TempDir::new().unwrap();
    let memory = root.path().join("memory");
    files::write_document(&memory, &doc("a/b/c.md"), None, Some("x")).unwrap();
    files::write_document(&memory, &doc("a/d.md"), None, Some("y")).unwrap();
    files::write_document(&memory, &doc("a/b/c.md"), hash("x"), None).unwrap();
    assert!(!memory.join("a/b").exists() && memory.join("a/d.md").exists());
    files::write_document(&memory, &doc("a/d.md"), hash("y"), None).unwrap();
    assert!(
        memory.is_dir() && fs::read_dir(&memory).unwrap().next().is_none(),
        "the memory folder itself stays"
    );
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_links_over_folders_or_under_hidden_names() {
    let root = TempDir::new().unwrap();
    let memory = root.path().join("memory");
    put(&memory, "file", "x");
    put(&memory, "folder/a.md", "x");
    put(root.path(), "outside/a.md", "theirs");
    std::os::unix::fs::symlink(root.path().join("outside"), memory.join("link")).unwrap();
    std::os::unix::fs::symlink(root.path().join("outside/a.md"), memory.join("a.md")).unwrap();
    for path in ["link/a.md", "link/new.md", "a.md", "file/a.md", "folder", ".hidden", "x/.hidden/a.md"] {
        let answer = files::write_document(&memory, &doc(path), hash("theirs"), Some("mine"));
        assert!(matches!(answer, Err(WriteError::Refused { .. })), "{path}: {answer:?}");
    }
    assert_eq!(fs::read_to_string(root.path().join("outside/a.md")).unwrap(), "theirs");
    assert!(!root.path().join("outside/new.md").exists());
}

#[test]
fn a_document_that_answers_to_another_name_is_not_the_one_asked_for() {
    let root = TempDir::new().unwrap();
    put(root.path(), "Git.md", "text");
    if !root.path().join("git.md").exists() {
        println!("skipped: this disk tells names apart by case");
        return;
    }
    // Renamed in case alone: the new name must not pass as written, or deleting the old one would lose the text.
    let answer = files::write_document(root.path(), &doc("git.md"), None, Some("text"));
    assert!(matches!(answer, Err(WriteError::Changed { .. })), "{answer:?}");
    let answer = files::write_document(root.path(), &doc("git.md"), None, Some("other"));
    assert!(matches!(answer, Err(WriteError::Changed { .. })), "{answer:?}");
    assert_eq!(fs::read_to_string(root.path().join("Git.md")).unwrap(), "text");
}

#[test]
fn a_memory_whose_place_is_gone_is_not_made_anew_somewhere_else() {
    let root = TempDir::new().unwrap();
    let memory = root.path().join("disk/agent/memory");
    let answer = files::write_document(&memory, &doc("a/b.md"), None, Some("x"));
    assert!(matches!(answer, Err(WriteError::Io { .. })), "{answer:?}");
    assert!(!root.path().join("disk").exists());
    fs::create_dir_all(memory.parent().unwrap()).unwrap();
    files::write_document(&memory, &doc("a/b.md"), None, Some("x")).unwrap();
    assert_eq!(fs::read_to_string(memory.join("a/b.md")).unwrap(), "x");
}

#[test]
fn a_write_that_fails_changes_nothing_and_can_be_repeated() {
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    let path = doc("a.md");
    let write = || fake.write(&agent, &path, None, Some("mine"));
    fake.fail_next_write(Fault::Refuse);
    assert!(write().unwrap_err().is_passing());
    assert_eq!(fake.writes(), 0);
    fake.fail_next_write(Fault::LoseAnswer);
    assert!(write().unwrap_err().is_passing());
    write().unwrap();
    assert_eq!(fake.writes(), 1, "written once though asked for twice");
    fake.fail_next_write(Fault::Interfere("theirs".into()));
    let answer = fake.write(&agent, &path, hash("mine"), Some("better"));
    assert!(matches!(answer, Err(WriteError::Changed { found, .. }) if found == hash("theirs")));
    fake.set_offline(true);
    assert!(matches!(fake.memory(&agent, &Snapshot::new()), Err(SourceError::Unreadable { .. })));
}

const PLAIN: &str = concat!(
    "{\"type\":\"session\",\"user\":\"ann\",\"segment\":\"long-tail\"}\n",
    "{\"type\":\"user\",\"text\":\"\\n# Please   deploy\\nnow\",\"at\":\"2026-01-01T10:00:00Z\",\"id\":\"e1\"}\n",
    "{\"type\":\"tool_call\",\"call\":\"c1\",\"tool\":\"sh\",\"input\":{\"command\":\"deploy\"},\"id\":\"e2\"}\n",
    "not a record\n",
    "{\"type\":\"tool_result\",\"call\":\"c1\",\"text\":\"no\",\"error\":true,\"at\":\"2026-01-01T10:01:00Z\",\"id\":\"e3\"}\n",
    "{\"type\":\"assistant\",\"text\":\"failed\",\"id\":\"e4\"}\n",
    "{\"type\":\"user\",\"text\":\"half wri",
);

fn described(fake: &Fake, agent: &Agent, id: &str) -> source::Described {
    let found = fake.sessions(agent).unwrap().into_iter().find(|found| found.id.as_str() == id).unwrap();
    source::describe(fake, agent, &found).unwrap()
}

#[test]
fn a_session_is_described_in_one_reading() {
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    fake.put_session(&agent, "s.jsonl", PLAIN);
    fake.put_session(&agent, "not.jsonl", "{\n  \"messages\": []\n}\n");
    let meta = described(&fake, &agent, "s").meta;
    assert_eq!(meta.title, "Please deploy");
    assert_eq!((meta.events, meta.calls, meta.errors), (4, 1, 1));
    assert_eq!(meta.started, Some("2026-01-01T10:00:00Z".parse().unwrap()));
    assert_eq!(meta.ended, Some("2026-01-01T10:01:00Z".parse().unwrap()));
    assert_eq!(meta.segment.as_deref(), Some("long-tail"));
    assert!(meta.user.as_deref().is_some_and(|user| user.starts_with("usr_") && !user.contains("ann")));
    assert_eq!(meta.chain, None);
    assert_eq!(meta.skipped.len(), 1);
    assert_eq!(meta.files[0].read_to, PLAIN.rfind('{').unwrap() as u64);

    let other = described(&fake, &agent, "not").meta;
    assert_eq!(other.events, 0);
    assert_eq!(other.skipped[0].reason, "it is one JSON document over many lines");
}

#[test]
fn a_session_is_read_as_far_as_it_was_described() {
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    fake.put_session(&agent, "s.jsonl", PLAIN);
    let meta = described(&fake, &agent, "s").meta;
    fake.put_session(&agent, "s.jsonl", format!("{PLAIN}tten\"}}\n"));
    let count = |files| {
        let mut count = 0;
        source::read_session(&fake, &agent, files, &mut |_, _| count += 1).unwrap();
        count
    };
    assert_eq!(count(&meta.files), 4);
    assert_eq!(count(&described(&fake, &agent, "s").meta.files), 5);
}

#[test]
fn a_place_opens_at_its_record_and_shows_what_is_around() {
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    fake.put_session(&agent, "s.jsonl", PLAIN);
    let start = PLAIN.find("{\"type\":\"tool_result\"").unwrap();
    let end = start + PLAIN[start..].find('\n').unwrap();
    let place = Place {
        session: SessionId::new("s"),
        file: "s.jsonl".into(),
        record: "e3".into(),
        call: Some("c1".into()),
        bytes: start as u64..end as u64,
        at: None,
    };
    let events = source::open_place(&fake, &agent, &place).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind, events[0].text.as_ref()), (EventKind::ToolResult, "no"));

    for (around, records, focus) in
        [(0, vec!["e3"], 0), (1, vec!["e2", "e3", "e4"], 1), (9, vec!["e1", "e2", "e3", "e4"], 2)]
    {
        let context = source::context(&fake, &agent, &place, around).unwrap();
        assert_eq!(context.events.iter().map(|event| event.record.as_ref()).collect::<Vec<_>>(), records);
        assert_eq!(context.focus, Some(focus));
    }
    let gone = Place { bytes: 1..5, ..place };
    assert_eq!(source::open_place(&fake, &agent, &gone).unwrap(), vec![]);
    let context = source::context(&fake, &agent, &gone, 1).unwrap();
    assert_eq!(context.focus, None);
}

#[test]
fn titles_are_the_given_one_or_the_first_words() {
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    let plan = record(
        "p",
        "/w",
        1,
        "\"type\":\"user\",\"message\":{\"content\":\"Implement the following plan:\\n\\n# Plan: faster\"},\"planContent\":\"# Plan: faster\"",
    );
    fake.put_session(&agent, "plan.jsonl", plan.clone());
    let given = "{\"type\":\"custom-title\",\"customTitle\":\"Go faster\",\"sessionId\":\"p\"}\n";
    fake.put_session(&agent, "given.jsonl", format!("{plan}{given}"));
    fake.put_session(&agent, "long.jsonl", says("l", "/w", 2, &"word ".repeat(80)));
    assert_eq!(described(&fake, &agent, "plan").meta.title, "Implement the following plan: Plan: faster");
    assert_eq!(described(&fake, &agent, "given").meta.title, "Go faster");
    let long = described(&fake, &agent, "long").meta.title;
    assert!(long.chars().count() <= 121 && long.ends_with("word…"), "{long}");
}

#[test]
fn forks_share_a_chain_and_their_copies_count_once() {
    let fake = Fake::new();
    let agent = fake.add_agent("a", Snapshot::new());
    let history = |session: &str| -> String { (1..=3).map(|n| says(session, "/w", n, "old")).collect() };
    fake.put_session(&agent, "a.jsonl", history("a"));
    fake.put_session(&agent, "b.jsonl", history("b") + &says("b", "/w", 10, "new"));
    // Resumed behind a command of its own: only the overlap tells.
    fake.put_session(&agent, "c.jsonl", says("c", "/w", 20, "<command-name>/resume") + &history("c"));
    fake.put_session(&agent, "other.jsonl", says("other", "/w", 30, "new"));
    let mut all: Vec<_> = ["a", "b", "c", "other"].map(|id| described(&fake, &agent, id)).into();
    assert_eq!(all[0].meta.chain, all[1].meta.chain, "known without comparing");
    let links: Vec<_> = all.iter().map(|described| described.links.clone()).collect();
    let mut metas: Vec<SessionMeta> = all.drain(..).map(|described| described.meta).collect();
    chain::assign(&mut metas, &links);
    assert_eq!(metas[0].chain, metas[1].chain);
    assert_eq!(metas[0].chain, metas[2].chain);
    assert_ne!(metas[0].chain, metas[3].chain);

    let mut ledger = Ledger::default();
    let mut originals = 0;
    for (index, meta) in metas.iter().enumerate() {
        source::read_session(&fake, &agent, &meta.files, &mut |_, event| {
            originals += u32::from(event.kind == EventKind::User && ledger.is_original(index, &event.record));
        })
        .unwrap();
    }
    assert_eq!(originals, 3 + 1 + 1);
}

#[test]
fn a_root_given_with_detours_owns_what_it_finds() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("bot/sessions")).unwrap();
    std::fs::create_dir_all(folder.path().join("bot/memory")).unwrap();
    std::fs::create_dir_all(folder.path().join("beside")).unwrap();
    let source = wakeful::source::folder::Folder::new(folder.path().join("beside/../bot"));
    let agents = source.agents().unwrap();
    assert_eq!(agents.len(), 1);
    assert!(source.owns(&agents[0]));
}
