//! Finding agents: `init`, `--source`, and names that fit several.

use crate::stage::{answer, wakeful};

fn folder_with(agents: &[&str]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for name in agents {
        let sessions = home.path().join("agents").join(name).join("sessions");
        std::fs::create_dir_all(&sessions).unwrap();
        std::fs::create_dir_all(home.path().join("agents").join(name).join("memory")).unwrap();
        std::fs::write(sessions.join("one.jsonl"), "{\"type\":\"user\",\"text\":\"hello\"}\n").unwrap();
    }
    home
}

#[test]
fn init_finds_agents_and_writes_a_configuration_once() {
    let home = folder_with(&["support-bot", "support-lead"]);
    let agents = home.path().join("agents");
    let first = answer(wakeful(home.path()).args(["init", "--folder"]).arg(&agents)).ended(0);
    assert!(first.out.contains("2 agents") && first.out.contains("Wrote "), "{}", first.out);
    let config = home.path().join(".config/wakeful/config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("\nfolders = [\"") && text.contains("#threshold = 10"), "{text}");
    let second = answer(wakeful(home.path()).args(["init"])).ended(0);
    assert!(second.out.contains("was left as it is"), "{}", second.out);
    assert_eq!(std::fs::read_to_string(&config).unwrap(), text);
    let more = tempfile::tempdir().unwrap();
    let third = answer(wakeful(home.path()).args(["init", "--folder"]).arg(more.path())).ended(0);
    let setting = third.out.lines().find(|line| line.starts_with("folders = [")).unwrap();
    let old = text.lines().find(|line| line.starts_with("folders = [")).unwrap();
    std::fs::write(&config, text.replace(old, setting)).unwrap();
    let fourth = answer(wakeful(home.path()).args(["init", "--folder"]).arg(more.path())).ended(0);
    assert!(!fourth.out.contains("put this line"), "it is in it by now: {}", fourth.out);

    answer(wakeful(home.path()).args(["sync"])).ended(0);
    let status = answer(wakeful(home.path()).args(["status", "--json"])).ended(0).json("status");
    assert_eq!(status["agents"].as_array().unwrap().len(), 2);
    let vague = answer(wakeful(home.path()).args(["lessons", "--agent", "support"])).ended(2);
    assert!(vague.err.contains("fits 2 agents") && vague.err.contains("support-lead"), "{}", vague.err);
    answer(wakeful(home.path()).args(["lessons", "--agent", "lead"])).ended(0);
    let asked = answer(wakeful(home.path()).args(["init", "--platform"])).ended(0);
    assert!(asked.out.contains("Put the line `[platform.default]`"), "{}", asked.out);
    answer(wakeful(home.path()).args(["init", "--platform", "--force"])).ended(0);
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(text.contains("\n[platform.default]\n") && text.contains("#key-env"), "{text}");
    let gone = answer(wakeful(home.path()).args(["init", "--folder", "/nowhere/at/all"])).ended(4);
    assert!(gone.err.contains("Nothing was written"), "{}", gone.err);
}

#[test]
fn a_source_on_the_command_line_needs_no_configuration_and_leaves_the_usual_cache_alone() {
    let home = folder_with(&["support-bot"]);
    let agents = home.path().join("agents");
    let source = agents.to_str().unwrap();
    let sync =
        answer(wakeful(home.path()).args(["--source", source, "sync", "--json"])).ended(0).json("sync");
    assert_eq!(sync["agents"], 1);
    let there =
        answer(wakeful(home.path()).args(["--source", source, "status", "--json"])).ended(0).json("status");
    assert_eq!(there["agents"].as_array().unwrap().len(), 1, "the same place has the same cache");
    let usual = answer(wakeful(home.path()).args(["status", "--json"])).ended(3).json("status");
    assert_eq!(usual["agents"].as_array().unwrap().len(), 0);
    answer(wakeful(home.path()).args(["--source", "/nowhere/at/all", "sync"])).ended(4);
}

#[test]
fn init_writes_the_configuration_that_is_named() {
    let home = tempfile::tempdir().unwrap();
    let agents = home.path().join("agents");
    std::fs::create_dir_all(agents.join("bot/sessions")).unwrap();
    let own = home.path().join("own.toml");
    let named = |args: &[&str]| answer(wakeful(home.path()).arg("--config").arg(&own).args(args));
    named(&["status"]).ended(3);
    named(&["init", "--folder", agents.to_str().unwrap()]).ended(0);
    assert!(std::fs::read_to_string(&own).unwrap().contains("agents"));
    named(&["config", "check"]).ended(0);
}

#[test]
fn init_writes_the_sources_of_the_call_into_their_lists() {
    let home = folder_with(&["support-bot"]);
    let plain = home.path().join("agents/support-bot");
    let claude = home.path().join("claude");
    std::fs::create_dir_all(claude.join("projects")).unwrap();
    let mut call = wakeful(home.path());
    call.arg("--source").arg(&plain).arg("--source").arg(&claude).arg("init");
    let said = answer(&mut call).ended(0);
    assert!(said.out.contains("`wakeful dream run`"), "the file names the sources now: {}", said.out);
    let text = std::fs::read_to_string(home.path().join(".config/wakeful/config.toml")).unwrap();
    let list = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(
        list("folders = ").contains("support-bot") && list("claude-code = ").contains("claude"),
        "{text}"
    );
    answer(wakeful(home.path()).args(["dream", "run"])).ended(0);
}

#[test]
fn every_command_that_needs_agents_says_what_to_do_without_any() {
    let home = tempfile::tempdir().unwrap();
    for command in [&["status"][..], &["lessons"], &["dream", "run"]] {
        let none = answer(wakeful(home.path()).args(command)).ended(3);
        assert!(none.err.contains("wakeful init --folder"), "{command:?}: {}", none.err);
    }
    answer(wakeful(home.path()).args(["status", "--short"])).ended(0);
    let home = folder_with(&["support-bot"]);
    let agents = home.path().join("agents");
    answer(wakeful(home.path()).args(["init", "--folder"]).arg(&agents)).ended(0);
    let unread = answer(wakeful(home.path()).args(["status"])).ended(3);
    assert!(unread.err.contains("`wakeful sync` looks for them"), "{}", unread.err);
}

#[test]
fn nothing_known_is_said_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let none = answer(wakeful(home.path()).args(["dream", "run"])).ended(3);
    assert!(none.err.contains("wakeful init --folder"), "{}", none.err);
    let missing = answer(wakeful(home.path()).args(["--config", "/nowhere/config.toml", "status"])).ended(3);
    assert!(missing.err.contains("there is no configuration file"), "{}", missing.err);
    let doctor = answer(wakeful(home.path()).args(["doctor", "--json"])).ended(0).json("doctor");
    assert_eq!(doctor["healthy"], true);
}

#[test]
fn init_keeps_the_folder_that_the_environment_names_and_status_says_what_lost_its_place() {
    let home = tempfile::tempdir().unwrap();
    let claude = home.path().join("elsewhere");
    let project = claude.join("projects/-work-shop");
    std::fs::create_dir_all(&project).unwrap();
    let line = r#"{"type":"user","uuid":"u1","sessionId":"s1","timestamp":"2026-03-01T10:00:00Z","cwd":"/home/dev/shop","message":{"role":"user","content":"hello"}}"#;
    std::fs::write(project.join("s1.jsonl"), format!("{line}\n")).unwrap();
    answer(wakeful(home.path()).env("CLAUDE_CONFIG_DIR", &claude).args(["init"])).ended(0);
    let config = home.path().join(".config/wakeful/config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(
        text.lines().any(|line| line.starts_with("claude-code = ") && line.contains("elsewhere")),
        "{text}"
    );
    answer(wakeful(home.path()).args(["sync"])).ended(0);
    let status = answer(wakeful(home.path()).args(["status", "--json"])).ended(0).json("status");
    assert_eq!(status["agents"].as_array().unwrap().len(), 1);
    // Another configuration reads another place: what the cache knows has lost its own.
    std::fs::create_dir_all(home.path().join("other/bot/sessions")).unwrap();
    let other = home.path().join("other");
    std::fs::write(&config, format!("[sources]\nfolders = [{other:?}]\nclaude-code = []\n")).unwrap();
    answer(wakeful(home.path()).args(["sync"])).ended(0);
    std::fs::remove_dir_all(other.join("bot")).unwrap();
    answer(wakeful(home.path()).args(["sync"]));
    let lost = answer(wakeful(home.path()).args(["status"])).ended(3);
    assert!(lost.err.contains("in none of the places that are read any more"), "{}", lost.err);
}
