//! Text made from the grammar: a change of a flag shows here, where a reviewer sees it.

use crate::stage::{answer, wakeful};

fn printed(args: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    // A fixed width, so that the text does not depend on the terminal.
    answer(wakeful(home.path()).env("COLUMNS", "100").args(args)).ended(0).out
}

#[test]
fn help_of_every_command() {
    let mut text = String::new();
    let commands: &[&[&str]] = &[
        &[],
        &["init"],
        &["sync"],
        &["dream"],
        &["dream", "run"],
        &["dream", "list"],
        &["dream", "show"],
        &["lessons"],
        &["show"],
        &["accept"],
        &["reject"],
        &["snooze"],
        &["edit"],
        &["apply"],
        &["undo"],
        &["redo"],
        &["memory"],
        &["memory", "list"],
        &["memory", "show"],
        &["memory", "blame"],
        &["memory", "log"],
        &["audit"],
        &["status"],
        &["doctor"],
        &["config"],
        &["config", "schema"],
        &["demo"],
        &["review"],
        &["completions"],
    ];
    for command in commands {
        let help = printed(&[*command, &["--help"]].concat());
        text.push_str(&format!("$ wakeful {} --help\n{help}\n", command.join(" ")));
    }
    insta::assert_snapshot!("help", text);
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
    insta::assert_snapshot!("completions-bash", printed(&["completions", "bash"]));
}

#[test]
fn version_and_wrong_usage() {
    assert_eq!(printed(&["--version"]).trim(), format!("wakeful {}", env!("CARGO_PKG_VERSION")));
    let home = tempfile::tempdir().unwrap();
    let wrong = answer(wakeful(home.path()).arg("nonsense")).ended(2);
    assert!(wrong.err.contains("unrecognized subcommand"), "{}", wrong.err);
}
