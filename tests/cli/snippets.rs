//! What the README tells people to put into their shell and tmux does what it says there.

use std::path::Path;
use std::process::Command;

use crate::stage::{Stage, wakeful};

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// Runs a line of the README as a shell would, with the program on its path.
fn shell(line: &str, stage: &Stage, home: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_wakeful")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", line])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
        .env("HOME", home)
        .env("TERM", "dumb")
        .env("WAKEFUL_CONFIG", stage.root().join("config.toml"))
        .env("WAKEFUL_DATA_DIR", stage.root().join("cache"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_login_shell_opens_the_console_when_lessons_wait() {
    let stage = Stage::new();
    let readme = readme();
    let line = readme.lines().find(|line| line.starts_with("wakeful status ||")).unwrap();
    let said = shell(line, &stage, stage.folder.path());
    assert!(said.contains("to review"), "{said}");
    // On this terminal the console can't be drawn; that it was tried is what counts.
    assert!(said.contains("review --plain"), "{said}");
}

#[test]
fn tmux_gets_one_line_or_nothing() {
    let stage = Stage::new();
    let readme = readme();
    let line = readme.lines().find(|line| line.starts_with("set -g status-right")).unwrap();
    let command = line.split_once("#(").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    let said = shell(command, &stage, stage.folder.path());
    assert!(said.starts_with("wakeful: ") && said.lines().count() == 1, "{said}");
    let empty = tempfile::tempdir().unwrap();
    let nothing = wakeful(empty.path()).args(["status", "--short"]).output().unwrap();
    assert!(nothing.stdout.is_empty(), "{nothing:?}");
    // tmux itself takes the line, where there is one.
    let conf = empty.path().join("tmux.conf");
    std::fs::write(&conf, format!("{line}\n")).unwrap();
    let tmux = |words: &[&str]| {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", "wakeful-snippet", "-f"]).arg(&conf).args(words);
        tmux.env("TMUX_TMPDIR", empty.path()).env_remove("TMUX").output()
    };
    let started = tmux(&["new-session", "-d", "sleep 60", ";", "show-options", "-g", "status-right"]);
    let Ok(started) = started else { return };
    let shown = String::from_utf8(started.stdout).unwrap();
    tmux(&["kill-server"]).unwrap();
    assert!(shown.contains("wakeful status --short"), "{shown}");
}
