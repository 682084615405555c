//! A dream's output as a whole: adopting it, and putting its store away.

use super::cli::Shell;
use super::endings::{dreamt, two_lessons};
use super::support::World;

#[test]
fn adopting_the_whole_never_passes_over_a_rejection_in_silence() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let [(_, git), (_, notes)] = two_lessons(&world, &shell);
    let dream = world.server.workspace().dreams().remove(0);
    shell.run(&["reject", &git, "--reason", "nobody pushes before lunch"]).ended(0);
    let before = world.server.workspace().memories(&world.notes);
    for more in [&["--yes"][..], &["--yes", "--json"], &["--dry-run"]] {
        let refused = shell.run(&[&["dream", "adopt", &dream][..], more].concat()).ended(2);
        assert!(refused.err.contains("--with-rejected"), "{}", refused.err);
    }
    let told = shell.run(&["dream", "adopt", &dream]).ended(2).out;
    assert!(told.contains(&git[..12]) && told.contains("(nobody pushes before lunch)"), "{told}");
    assert!(!told.contains(&notes[..12]), "{told}");
    assert_eq!(world.server.workspace().memories(&world.notes), before);
    let state = |id: &str| {
        let shown = shell.run(&["show", id, "--json"]).ended(0).json(&shell, "lesson");
        shown["lesson"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state(&git), "rejected");

    let whole = shell.run(&["dream", "adopt", &dream, "--with-rejected", "--yes", "--json"]).ended(0);
    let report = whole.json(&shell, "apply");
    let over = &report["agents"][0]["overrules"];
    assert_eq!(over[0]["lesson"].as_str(), Some(git.as_str()), "{report:#}");
    assert_eq!(over.as_array().unwrap().len(), 1);
    assert_eq!((state(&git), state(&notes)), ("applied".to_owned(), "applied".to_owned()));
    let again = shell.run(&["dream", "adopt", &dream, "--yes"]).ended(0);
    assert!(again.out.contains("The memory has everything"), "{}", again.out);
}

#[test]
fn a_store_that_was_put_away_is_put_away_once() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let dream = dreamt(&world, "# Git\n\n- Commit often, and push.\n", "# Notes\n\n- Be kind.\n");
    shell.run(&["sync"]).ended(0);
    let output = || {
        let shown = shell.run(&["dream", "show", &dream, "--json"]).ended(0).json(&shell, "dream");
        shown["dream"]["remote"]["output"].as_str().unwrap().to_owned()
    };
    assert_eq!(output(), "kept");
    let archived = shell.run(&["dream", "discard", &dream, "--yes"]).ended(0).out;
    assert!(archived.contains("The store is archived"), "{archived}");
    assert_eq!(output(), "archived");
    let words = shell.run(&["dream", "show", &dream]).ended(0).out;
    assert!(words.contains("the store it wrote is archived"), "{words}");
    let again = shell.run(&["dream", "discard", &dream, "--yes"]).ended(0).out;
    assert!(again.contains("archived already. Nothing was changed"), "{again}");
    let deleted = shell.run(&["dream", "discard", &dream, "--delete", "--yes"]).ended(0).out;
    assert!(deleted.contains("which is archived") && deleted.contains("The store is deleted"), "{deleted}");
    world.server.forget_requests();
    for more in [&["--yes"][..], &["--yes", "--delete"]] {
        let again = shell.run(&[&["dream", "discard", &dream][..], more].concat()).ended(0).out;
        assert!(again.contains("deleted already. Nothing was changed"), "{again}");
    }
    assert_eq!(world.server.requests().len(), 0, "what is known to be gone is not asked about");
    shell.run(&["sync"]).ended(0);
    assert_eq!(output(), "deleted");
    // Its lessons stay.
    assert!(shell.run(&["lessons", "--min-support", "0"]).ended(0).out.contains("push"));
}

#[test]
fn a_store_that_somebody_else_deleted_is_no_failure() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let dream = dreamt(&world, "# Git\n\n- Commit often, and push.\n", "# Notes\n\n- Be kind.\n");
    shell.run(&["sync"]).ended(0);
    let store = world.server.workspace().stores().into_iter().find(|store| *store != world.notes).unwrap();
    world.server.workspace().delete_store(&store).unwrap();
    let gone = shell.run(&["dream", "discard", &dream, "--yes"]).ended(0).out;
    assert!(gone.contains("deleted already"), "{gone}");
}
