//! How commands end where not all that was asked could be done.

use serde_json::Value;

use super::cli::Shell;
use super::support::World;
use wakeful::stand_in::{Actor, Fault, Rule, Script};

/// A finished dream with a lesson for each of the two documents, both accepted; gives their ids by document.
pub fn two_lessons(world: &World, shell: &Shell<'_>) -> [(String, String); 2] {
    dreamt(
        world,
        "# Git\n\n- Commit often, and push before leaving.\n",
        "# Notes\n\n- Be kind.\n- Be brief.\n",
    );
    shell.run(&["sync"]).ended(0);
    let listed = shell.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json(shell, "lessons");
    let of = |path: &str| {
        let all = listed["lessons"].as_array().unwrap();
        let found = all.iter().find(|lesson| lesson["documents"][0]["path"] == path).unwrap();
        let id = found["id"].as_str().unwrap().to_owned();
        shell.run(&["accept", &id]).ended(0);
        (path.to_owned(), id)
    };
    [of("/git.md"), of("/notes.md")]
}

/// Has the stand-in dream these two documents; gives the dream's id.
pub fn dreamt(world: &World, git: &str, notes: &str) -> String {
    let script = Script::writing(&[("/git.md", Some(git)), ("/notes.md", Some(notes))]);
    world.server.workspace().script_dream(script);
    let dream = world.dream_elsewhere(false);
    world.server.workspace().finish_dream(&dream);
    dream
}

fn interfere(world: &World, text: &str) {
    let fault = Fault::Interfere(text.to_owned());
    world.server.faults().add(Rule::on("/v1/memory_stores/*/memories/*", fault).method("POST"));
}

fn row(report: &Value) -> &Value {
    &report["agents"][0]
}

#[test]
fn an_apply_that_leaves_a_lesson_out_does_not_end_as_if_all_was_done() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let [(_, git), (_, notes)] = two_lessons(&world, &shell);
    interfere(&world, "# Git\n\n- Somebody wrote all of this anew.\n");
    let answer = shell.run(&["apply", "--yes", "--json"]).ended(1);
    let report = answer.json(&shell, "apply");
    assert_eq!(row(&report)["outcome"], "part", "{report:#}");
    assert_eq!(row(&report)["lessons"], serde_json::json!([notes]));
    assert_eq!(row(&report)["conflicts"][0]["lesson"].as_str(), Some(git.as_str()));
}

#[test]
fn a_note_is_not_put_into_a_document_that_was_wholly_replaced_without_a_word() {
    let anew = "# Git\n\n- Somebody wrote all of this anew.\n";
    // Replaced while it is written, and before it is looked at.
    for meanwhile in [true, false] {
        let world = World::new(4);
        let shell = Shell::new(&world);
        dreamt(&world, "# Git\n\n- Commit often.\n- Push before leaving.\n", "# Notes\n\n- Be kind.\n");
        shell.run(&["sync"]).ended(0);
        let listed = shell.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json(&shell, "lessons");
        let git = listed["lessons"][0]["id"].as_str().unwrap();
        shell.run(&["accept", git]).ended(0);
        if meanwhile {
            interfere(&world, anew);
        } else {
            let person = Actor::User("user_02".to_owned());
            world.server.workspace().put_memory(&world.notes, "/git.md", anew, person).unwrap();
            let looked = shell.run(&["apply", "--dry-run"]).ended(5);
            assert!(looked.out.contains("all that /git.md said was replaced meanwhile"), "{}", looked.out);
        }
        shell.run(&["apply", "--yes", "--json"]).ended(5).json(&shell, "apply");
        assert_eq!(world.server.workspace().memories(&world.notes)["/git.md"], anew);
        let shown = shell.run(&["show", git, "--json"]).ended(0).json(&shell, "lesson");
        assert_eq!(shown["lesson"]["state"], "conflict", "{shown:#}");
        let marks = shown["lesson"]["marks"].as_array().unwrap();
        assert!(marks.iter().any(|mark| mark["guard"] == "conflict"), "{shown:#}");
    }
}

#[test]
fn a_memory_over_its_limit_is_told_before_anything_is_sent_and_keeps_nothing_else_out() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let git =
        "# Git\n\n- Commit often.\n- Push before leaving.\n\n## Branches\n\n- Name them after the ticket.\n";
    dreamt(&world, git, "# Notes\n\n- Be kind.\n");
    shell.run(&["sync"]).ended(0);
    let listed = shell.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json(&shell, "lessons");
    let all: Vec<String> =
        listed["lessons"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned()).collect();
    let [big, small] = all.as_slice() else { panic!("{listed:#}") };
    // Just over the 100 kB; the other lesson is of the same document.
    let text = format!("- {}", "Far too long. ".repeat(7_400));
    shell.run(&["edit", big, "--text", &text]).ended(0);
    shell.run(&["accept", big, small]).ended(0);
    world.server.forget_requests();
    let looked = shell.run(&["apply", "--dry-run", "--json"]).ended(1).json(&shell, "apply");
    let blocked = row(&looked)["blocked"].as_array().unwrap().clone();
    assert_eq!((blocked.len(), blocked[0]["lesson"].as_str()), (1, Some(big.as_str())), "{looked:#}");
    assert!(blocked[0]["reason"].as_str().unwrap().contains("a memory may have 102400"));
    let sent = || world.server.requests().count("POST", "/v1/memory_stores/*/memories/*");
    assert_eq!(sent(), 0);
    let report = shell.run(&["apply", "--yes", "--json"]).ended(1).json(&shell, "apply");
    assert_eq!(row(&report)["lessons"], serde_json::json!([small]));
    assert_eq!(sent(), 1, "the one write that is within it");
}

#[test]
fn an_apply_that_does_all_says_so() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    two_lessons(&world, &shell);
    let looked = shell.run(&["apply", "--dry-run", "--json"]).ended(0).json(&shell, "apply");
    assert_eq!(row(&looked)["outcome"], "planned");
    let report = shell.run(&["apply", "--yes", "--json"]).ended(0).json(&shell, "apply");
    assert_eq!(row(&report)["outcome"], "done");
}

#[test]
fn an_undo_that_did_nothing_reads_unlike_one_that_worked() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let [(_, git), (_, notes)] = two_lessons(&world, &shell);
    shell.run(&["apply", "--yes"]).ended(0);
    let stands = world.server.workspace().memories(&world.notes);
    interfere(&world, "# Git\n\n- Somebody wrote all of this anew.\n");
    let nothing = shell.run(&["undo", &git, "--yes"]).ended(5);
    assert!(nothing.out.contains("nothing was undone, the memory is as it was"), "{}", nothing.out);
    assert!(!nothing.out.contains("back in review. What is accepted"), "{}", nothing.out);
    assert_eq!(world.server.workspace().memories(&world.notes)["/notes.md"], stands["/notes.md"]);
    interfere(&world, "# Notes\n\n- And this.\n");
    let nothing = shell.run(&["undo", &notes, "--yes", "--json"]).ended(5).json(&shell, "apply");
    assert_eq!(row(&nothing)["outcome"], "nothing", "{nothing:#}");
    assert_eq!(row(&nothing)["left"], serde_json::json!(["/notes.md"]));
    assert_eq!(row(&nothing)["lessons"], serde_json::json!([]));
}

#[test]
fn an_undo_that_worked_says_what_is_out() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let [(_, git), _] = two_lessons(&world, &shell);
    shell.run(&["apply", "--yes"]).ended(0);
    let undone = shell.run(&["undo", &git, "--yes", "--json"]).ended(0).json(&shell, "apply");
    assert_eq!(row(&undone)["outcome"], "done", "{undone:#}");
    assert_eq!(row(&undone)["lessons"], serde_json::json!([git]));
}

#[test]
fn a_first_sync_that_failed_is_told_by_status() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    world.server.faults().add(Rule::on("/v1/**", Fault::Status(401, None)).always());
    shell.run(&["sync"]).ended(4);
    // There is not even an agent yet.
    let nothing = shell.run(&["status"]).ended(4);
    assert!(nothing.err.contains("never synced") && nothing.err.contains("401"), "{}", nothing.err);
    let status = shell.run(&["status", "--json"]).ended(4).json(&shell, "status");
    assert_eq!(status["errors"][0]["profile"], "default", "{status:#}");
    // Agents are listed, and then it fails.
    world.server.faults().clear();
    world.server.faults().add(Rule::on("/v1/sessions", Fault::Status(401, None)).always());
    shell.run(&["sync"]).ended(4);
    let status = shell.run(&["status", "--json"]).ended(0).json(&shell, "status");
    assert!(status["agents"][0]["last_sync"].is_null(), "{status:#}");
    assert!(status["agents"][0]["last_error"]["text"].as_str().unwrap().contains("401"), "{status:#}");
    let words = shell.run(&["status"]).ended(0).out;
    assert!(words.contains("never synced") && words.contains("401"), "{words}");
    world.server.faults().clear();
    shell.run(&["sync"]).ended(0);
    let status = shell.run(&["status", "--json"]).ended(0).json(&shell, "status");
    assert!(status["agents"][0]["last_sync"].is_string() && status["agents"][0]["last_error"].is_null());
    assert_eq!(status["errors"], serde_json::json!([]));
}

#[test]
fn an_estimate_with_a_key_that_is_refused_ends_with_no_access() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let refuse = || world.server.faults().add(Rule::on("/v1/**", Fault::Status(401, None)).always());
    let estimate = ["dream", "run", "--engine", "platform", "--estimate", "--json"];
    refuse();
    let first = shell.run(&estimate).ended(4);
    assert!(first.err.contains("401") && first.err.contains("no agent could be read"), "{}", first.err);
    assert!(!first.err.contains("no agents are known yet"), "{}", first.err);
    world.server.faults().clear();
    shell.run(&["sync"]).ended(0);
    refuse();
    // What is in the cache still gives an estimate, which is not said to be over what is there now.
    let later = shell.run(&estimate).ended(4);
    assert_eq!(later.json(&shell, "dream-plan")["plans"].as_array().unwrap().len(), 1);
    assert!(later.err.contains("401") && later.err.contains("what was read before"), "{}", later.err);
    shell.run(&[&estimate[..], &["--no-sync"]].concat()).ended(0);
}
