//! A whole morning at a terminal, over real HTTP: sync, a dream run to its end, review, apply while
//! someone else writes, conflict, resolution, undo. The store is compared byte for byte.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::SignedDuration;
use portable_pty::CommandBuilder;
use serde_json::json;
use wakeful::domain::clock::{Clock, SystemClock};
use wakeful::domain::dream::{DreamStatus, Window};
use wakeful::source::Source;
use wakeful::stand_in::{Actor, Events, Fault, NewSession, Pace, Rule, Running, Script, StandIn, Workspace};
use wakeful::sync::platform::{self, Far, Options, Ticker, Told, Wish};

use crate::desk::{open, texts};
use crate::terminal::Term;

const BEFORE: [(&str, &str); 4] = [
    ("/billing.md", "# Billing\n\n- Refunds take five days.\n- Invoices are sent on the first.\n"),
    ("/calls.md", "# Calls\n\n- Call before cancelling.\n"),
    ("/deploy.md", "# Deploy\n\n- Deploys need two reviews.\n"),
    ("/tests.md", "# Tests\n\n- Tests are run with `make test`.\n"),
];

struct Morning {
    server: Running,
    memory: String,
    folder: tempfile::TempDir,
}

fn said(kind: &str, text: &str) -> serde_json::Value {
    json!({ "type": kind, "content": [{ "type": "text", "text": text }] })
}

fn prepared() -> Morning {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let mut workspace = Workspace::new(Arc::clone(&clock));
    let agent = workspace.add_agent("bot", "claude-opus-5");
    let memory = workspace.add_store("Notes", "");
    for (path, text) in BEFORE {
        workspace.put_memory(&memory, path, text, Actor::someone()).unwrap();
    }
    let now = clock.now();
    let sessions: Vec<String> = (0..12)
        .map(|n| {
            let order = 1000 + 37 * n;
            let events = vec![
                said("user.message", &format!("About order {order}: vouchers are never refunded, please remember that.")),
                said("agent.message", &format!("I note that for order {order} and run the tests.")),
                json!({ "type": "agent.tool_use", "id": format!("sevt_{n}a"), "name": "bash",
                    "input": { "command": "make test" }, "evaluated_permission": "allow" }),
                json!({ "type": "agent.tool_result", "tool_use_id": format!("sevt_{n}a"), "is_error": true,
                    "content": [{ "type": "text", "text": format!("FATAL: database test_{order} does not exist") }] }),
                json!({ "type": "agent.tool_use", "id": format!("sevt_{n}b"), "name": "bash",
                    "input": { "command": "make db" }, "evaluated_permission": "allow" }),
                json!({ "type": "agent.tool_result", "tool_use_id": format!("sevt_{n}b"), "is_error": false,
                    "content": [{ "type": "text", "text": format!("created test_{order}") }] }),
                said("user.message", &format!("Refunds take seven days by now, order {order} did as well.")),
                said("user.message", &format!("Run `make db` before `make test` on a new machine, as for {order}.")),
                said("user.message", &format!("And nobody deploys on a Friday, whatever {order} says.")),
                json!({ "type": "session.status_idle", "stop_reason": { "type": "end_turn" } }),
            ];
            workspace.add_session(NewSession {
                stores: vec![(memory.clone(), true)],
                events: Events::Given(events),
                ..NewSession::of(&agent, now - SignedDuration::from_hours(24 - n))
            })
        })
        .collect();
    let seen = |quote: &str| {
        let cited: Vec<String> = sessions.iter().map(|id| format!("{id} \"{quote}\"")).collect();
        format!("<!-- seen: {} -->", cited.join("; "))
    };
    let (voucher, database) =
        (seen("vouchers are never refunded"), seen("Run `make db` before `make test` on a new machine"));
    let (days, friday) = (seen("Refunds take seven days"), seen("nobody deploys on a Friday"));
    let billing =
        format!("# Billing\n\n- Refunds take seven days. {days}\n- Invoices are sent on the first.\n");
    let calls = format!("# Calls\n\n- Call before cancelling.\n- Vouchers are never refunded. {voucher}\n");
    let deploy = format!("# Deploy\n\n- Deploys need two reviews.\n- Nobody deploys on a Friday. {friday}\n");
    let tests = format!(
        "# Tests\n\n- Tests are run with `make test`.\n- Run `make db` before `make test` on a new machine. {database}\n"
    );
    workspace.script_dream(Script::writing(&[
        ("/billing.md", Some(&billing)),
        ("/calls.md", Some(&calls)),
        ("/deploy.md", Some(&deploy)),
        ("/tests.md", Some(&tests)),
    ]));
    workspace.pace = Pace::EachLook;
    let server = StandIn::start(workspace).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    let config = format!(
        "[sources]\nclaude-code = []\nfolders = []\n[review]\nthreshold = 1\n[platform.default]\nbase-url = \"{}\"\n",
        server.url()
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    Morning { server, memory, folder }
}

fn command(folder: &Path, arguments: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_wakeful"));
    command.env_clear();
    for (name, value) in [
        ("HOME", folder.to_str().unwrap()),
        ("TMPDIR", folder.to_str().unwrap()),
        ("PATH", &std::env::var("PATH").unwrap()),
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("EDITOR", "sh -c 'echo \"- Ask first.\" >> \"$0\"'"),
        ("USER", "owner"),
        ("ANTHROPIC_API_KEY", "sk-test"),
    ] {
        command.env(name, value);
    }
    command.args(["--config", folder.join("config.toml").to_str().unwrap()]);
    command.args(["--data-dir", folder.join("data").to_str().unwrap()]);
    command.args(arguments);
    command
}

/// Runs a command in a terminal, to its end.
fn run(morning: &Morning, arguments: &[&str], answer: &str, shows: &str) {
    let command = command(morning.folder.path(), arguments);
    let mut term = Term::start((140, 40), command, tempfile::tempdir().unwrap());
    if !answer.is_empty() {
        term.until("it asks", |screen| screen.contains("Type yes"));
        term.press(answer);
    }
    term.until(shows, |screen| screen.contains(shows));
    assert_eq!(term.ended(), 0);
}

/// Looks again at once.
struct AtOnce;

impl Ticker for AtOnce {
    fn wait(&mut self, _: &mut dyn FnMut(std::time::Duration)) -> bool {
        true
    }
}

/// Starts a dream and follows it to its end.
fn dream(morning: &Morning) {
    let (platform, store) =
        open(morning.server.url(), &morning.folder.path().join("data"), Arc::new(SystemClock));
    let (reader, writer) = (store.reader().unwrap(), store.writer());
    let options = Options::default();
    let far = Far { platform: &platform, reader: &reader, writer: &writer, options: &options, by: "owner" };
    let agent =
        platform.agents().unwrap().into_iter().find(|agent| agent.memory_at == morning.memory).unwrap();
    let wish = Wish {
        window: Window { last: 50, ..Window::default() },
        model: "claude-opus-5".to_owned(),
        instructions: None,
        share: None,
        tell_rejections: true,
    };
    let plan = platform::plan(&far, &agent, &wish, platform::estimate::Caps::default()).unwrap();
    let started = platform::start(&far, &agent, &plan, false).unwrap();
    let mut steps = 0;
    let mut told = |told: &Told<'_>| {
        if let Told::Seen { steps: new, .. } = told {
            steps += new.len();
        }
    };
    let stop = AtomicBool::new(false);
    let done = platform::watch(&far, &started[0], &mut AtOnce, &mut told, &|_| {}, &stop).unwrap();
    assert_eq!(done.status, DreamStatus::Completed);
    assert!(steps > 4, "the dream's own steps were seen: {steps}");
}

#[test]
fn a_morning_over_real_http() {
    let morning = prepared();
    run(&morning, &["sync"], "", "12 sessions");

    // The dream is run and watched from the console.
    morning.server.workspace().pace = Pace::Every(SignedDuration::from_millis(1500));
    let console = command(morning.folder.path(), &[]);
    let mut term = Term::start((140, 40), console, tempfile::tempdir().unwrap());
    term.until("the console knows the agent", |screen| screen.contains("Agents 1"));
    term.press("2R");
    term.until("it says what that reads", |screen| screen.contains("over 12 sessions?"));
    assert!(morning.server.workspace().dreams().is_empty(), "nothing is started before the answer");
    term.press("y");
    term.until("it runs", |screen| screen.contains("running"));
    term.until("its steps are shown", |screen| screen.contains("/mnt/memory"));
    term.until("it is done", |screen| screen.contains("completed") && screen.contains("4 lessons"));
    assert_eq!(morning.server.workspace().dreams().len(), 1);
    term.press("1");
    term.until("the lessons are there", |screen| screen.contains("4 to review"));
    // Whatever order the inbox has, each lesson is found by its words.
    let on = |term: &mut Term, filter: &str, words: &str, keys: &str| {
        term.press(&format!("/{filter}\r"));
        term.until(words, |screen| screen.contains(&format!("filter {filter} ·")) && screen.contains(words));
        term.press(keys);
        term.press("\u{1b}");
        term.until("the filter is off", |screen| !screen.contains(&format!("filter {filter} ·")));
    };
    on(&mut term, "seven", "Refunds take seven days", "a");
    term.until("one is accepted", |screen| screen.contains("3 to review"));
    on(&mut term, "vouchers", "Vouchers are never refunded", "a");
    term.until("two are accepted", |screen| screen.contains("2 to review"));
    on(&mut term, "friday", "Nobody deploys", "x");
    term.until("one is rejected", |screen| screen.contains("1 to review"));
    on(&mut term, "make", "make db", "");
    term.press("e");
    term.until("one is edited", |screen| screen.contains("Your text is kept"));
    term.press("a");
    term.until("all are decided", |screen| {
        screen.contains("0 to review") || screen.contains("othing to review")
    });

    // Someone else writes between the preview and the write, in the very line.
    let theirs = "# Billing\n\n- Refunds take ten days, says the bank.\n- Invoices are sent on the first.\n";
    let billing = {
        let workspace = morning.server.workspace();
        let versions = workspace.versions(&morning.memory);
        versions.iter().find(|version| version.path == "/billing.md").unwrap().memory.clone()
    };
    let path = format!("/v1/memory_stores/{}/memories/{billing}", morning.memory);
    term.press("P");
    term.until("the preview is made", |screen| screen.contains("writes 3 lessons"));
    morning.server.faults().add(Rule::on(&path, Fault::Interfere(theirs.to_owned())).method("POST"));
    term.press("y");
    term.until("two are written", |screen| screen.contains("Written: 2 lessons"));
    let written = [
        ("/billing.md", theirs),
        ("/calls.md", "# Calls\n\n- Call before cancelling.\n- Vouchers are never refunded.\n"),
        BEFORE[2],
        (
            "/tests.md",
            "# Tests\n\n- Tests are run with `make test`.\n- Run `make db` before `make test` on a new machine.\n- Ask first.\n",
        ),
    ];
    let there = |morning: &Morning| -> Vec<(String, String)> {
        morning.server.workspace().memories(&morning.memory).into_iter().collect()
    };
    assert_eq!(there(&morning), texts(&written));
    term.until("it is back in review", |screen| screen.contains("1 to review"));
    term.press("/seven\r");
    term.until("the conflict is shown", |screen| {
        screen.contains("filter seven ·") && screen.contains("conflict")
    });
    term.press("\u{1b}");
    term.until("the filter is off", |screen| !screen.contains("filter seven ·"));
    on(&mut term, "seven", "Refunds take seven days", "x");
    term.until("it is resolved", |screen| {
        screen.contains("0 to review") || screen.contains("othing to review")
    });
    term.press("qqq");
    assert_eq!(term.ended(), 0);

    // One lesson is taken back.
    let (_platform, store) =
        open(morning.server.url(), &morning.folder.path().join("data"), Arc::new(SystemClock));
    let lessons = store.reader().unwrap().lessons(&wakeful::store::LessonQuery::default()).unwrap();
    let voucher = lessons.iter().find(|lesson| lesson.statement.contains("Vouchers")).unwrap();
    run(&morning, &["undo", voucher.id.as_str()], "yes\r", "1 lesson out of the memory");
    let mut last = written;
    last[1] = BEFORE[1];
    assert_eq!(there(&morning), texts(&last));

    // The dream's store is put away when a person says so.
    let dream = store.reader().unwrap().dreams(None).unwrap().remove(0);
    let output = dream.remote.clone().unwrap().output_store.unwrap();
    run(&morning, &["dream", "discard", dream.id.as_str(), "--delete"], "no\r", "Nothing was changed");
    assert!(morning.server.workspace().stores().contains(&output));
    run(&morning, &["dream", "discard", dream.id.as_str(), "--delete"], "yes\r", "The store is deleted");
    assert!(!morning.server.workspace().stores().contains(&output));
    assert_eq!(there(&morning), texts(&last));
}

#[test]
fn a_whole_dream_is_adopted_when_a_person_says_so() {
    let morning = prepared();
    run(&morning, &["sync"], "", "12 sessions");
    dream(&morning);
    let (_platform, store) =
        open(morning.server.url(), &morning.folder.path().join("data"), Arc::new(SystemClock));
    let dream = store.reader().unwrap().dreams(None).unwrap().remove(0);
    run(&morning, &["dream", "adopt", dream.id.as_str()], "no\r", "Nothing was written");
    let there = |morning: &Morning| -> Vec<(String, String)> {
        morning.server.workspace().memories(&morning.memory).into_iter().collect()
    };
    assert_eq!(there(&morning), texts(&BEFORE));
    // What no batch would accept is asked about by itself, before the whole is.
    run(&morning, &["dream", "adopt", dream.id.as_str()], "yes\rno\r", "Nothing was written");
    assert_eq!(there(&morning), texts(&BEFORE));
    run(&morning, &["dream", "adopt", dream.id.as_str()], "yes\ryes\r", "4 lessons in the memory");
    let after = there(&morning);
    assert!(after[2].1.ends_with("- Nobody deploys on a Friday.\n"), "{after:?}");
    assert!(after.iter().all(|(_, text)| !text.contains("<!--")), "citations are not written: {after:?}");
    run(&morning, &["dream", "adopt", dream.id.as_str()], "", "The memory has everything");
}

#[test]
fn the_demo_needs_no_key_and_touches_nothing_outside_its_folder() {
    let home = tempfile::tempdir().unwrap();
    let ended = std::process::Command::new(env!("CARGO_BIN_EXE_wakeful"))
        .env_clear()
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .args(["demo", "--platform", "--no-console", "--json"])
        .output()
        .unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let shown: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(shown["lessons"].as_array().unwrap().len(), 10);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
