//! Text made from the grammar: a change of a flag shows here, where a reviewer sees it.

use clap::{Command, CommandFactory};
use wakeful::cli::args::Args;

use crate::stage::{answer, wakeful};

fn printed(args: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    // A fixed width, so that the text does not depend on the terminal.
    answer(wakeful(home.path()).env("COLUMNS", "100").args(args)).ended(0).out
}

/// Every command and what leads to it, with the command itself.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn below(command: &Command, path: &[String], found: &mut Vec<(Vec<String>, Command)>) {
        found.push((path.to_vec(), command.clone()));
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            below(sub, &[path, &[sub.get_name().to_owned()]].concat(), found);
        }
    }
    let mut found = Vec::new();
    below(&Args::command(), &[], &mut found);
    found
}

#[test]
fn help_of_every_command() {
    let mut text = String::new();
    for (path, _) in commands() {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        words.push("--help");
        let help = printed(&words);
        text.push_str(&format!("$ wakeful {} --help\n{help}\n", path.join(" ")));
    }
    insta::assert_snapshot!("help", text);
}

#[test]
fn every_command_has_examples_that_can_be_read() {
    for (path, command) in commands() {
        if command.has_subcommands() && command.get_name() != "audit" {
            continue;
        }
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.starts_with("Examples:"), "wakeful {} has no examples", path.join(" "));
        // Each example is taken by the grammar it stands beside.
        for example in help.lines().skip(1) {
            let line = example.trim().split("  ").next().unwrap();
            let line = line.split([';', '|', '>', '<', '&']).next().unwrap();
            let words = shlex::split(line).unwrap();
            let read = Args::command().try_get_matches_from(&words);
            assert!(read.is_ok(), "{example}: {}", read.unwrap_err());
        }
    }
}

#[test]
fn the_manual_page() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH wakeful 1"), "{page}");
    insta::with_settings!({filters => vec![(r"wakeful \d+\.\d+\.\d+", "wakeful VERSION"), (r"v\d+\.\d+\.\d+", "vVERSION")]}, {
        insta::assert_snapshot!("man", page);
    });
}

#[test]
fn completions_know_the_commands_of_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = printed(&["completions", shell]);
        for word in ["lessons", "dream", "apply", "min-support", "data-dir"] {
            assert!(text.contains(word), "{shell} does not know {word}");
        }
    }
    for shell in ["bash", "zsh", "fish"] {
        insta::assert_snapshot!(format!("completions-{shell}"), printed(&["completions", shell]));
    }
}

#[test]
fn version_and_wrong_usage() {
    assert_eq!(printed(&["--version"]).trim(), format!("wakeful {}", env!("CARGO_PKG_VERSION")));
    let home = tempfile::tempdir().unwrap();
    let wrong = answer(wakeful(home.path()).arg("nonsense")).ended(2);
    assert!(wrong.err.contains("unrecognized subcommand"), "{}", wrong.err);
}
