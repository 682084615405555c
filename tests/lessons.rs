//! Two snapshots to lessons and back: hand-written cases a reader can learn from.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail the test"
)]

use std::collections::BTreeMap;

use rstest::rstest;
use wakeful::domain::lesson::{Change, Kind};
use wakeful::domain::memory::{DocPath, Snapshot};
use wakeful::lesson::{Choice, Cutting, Fate, combine, cut, rebase, undo};

fn memory(documents: &[(&str, &str)]) -> Snapshot {
    documents.iter().map(|&(path, text)| (DocPath::new(path).unwrap(), text.into())).collect()
}

fn note(text: &str) -> Snapshot {
    memory(&[("/notes.md", text)])
}

fn text(snapshot: &Snapshot, path: &str) -> String {
    snapshot.get(&DocPath::new(path).unwrap()).map_or("(no document)".to_owned(), ToString::to_string)
}

fn kinds(cutting: &Cutting) -> Vec<(Kind, &str)> {
    cutting.lessons.iter().map(|lesson| (lesson.kind, lesson.statement.as_str())).collect()
}

/// Accepting nothing, and accepting everything, must be exact for every case in this file.
fn cut_exactly(base: &Snapshot, proposed: &Snapshot) -> Cutting {
    let cutting = cut(base, proposed);
    assert_eq!(combine(&cutting, &Choice::default()), *base, "accept none");
    assert_eq!(combine(&cutting, &Choice::of(0..cutting.lessons.len())), *proposed, "accept all");
    cutting
}

fn find(cutting: &Cutting, words: &str) -> usize {
    let found: Vec<usize> = cutting
        .lessons
        .iter()
        .enumerate()
        .filter(|(_, lesson)| lesson.statement.contains(words))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(found.len(), 1, "{words:?} in {:#?}", kinds(cutting));
    found[0]
}

#[test]
fn nothing_is_written_among_words_that_took_the_place_of_all_that_was_read() {
    let base = "# Git\n\n- Commit often.\n- Rebase before a merge.\n";
    let cutting = cut(&note(base), &note(&format!("{base}- Push before leaving.\n")));
    let fate = |today: &str| rebase(&cutting, &note(today)).fate.remove(0);
    let Fate::Conflict(why) = fate("# Git\n\n- Somebody wrote all of this anew.\n") else {
        panic!("it fits")
    };
    assert!(why.starts_with("all that /") && why.ends_with(" said was replaced meanwhile"), "{why}");
    assert!(matches!(fate("# Other\n\nProse.\n\n## And\n\n- more\n"), Fate::Conflict(_)));
    // One note that is left, as it was or edited, is ground enough; so is a place where no other words are.
    for today in [
        "# Git\n\n- All anew.\n- Rebase before a merge.\n",
        "# Git\n\n- Commit very often.\n- All anew.\n",
        "# Git\n",
    ] {
        assert_eq!(fate(today), Fate::Clean, "{today}");
    }
    assert_eq!(fate("# Git\n\n- Push before leaving.\n"), Fate::Satisfied, "it is there already");
}

#[test]
fn an_edit_takes_the_line_ends_of_its_document() {
    let crlf = note("# A\r\n\r\n- one\r\n");
    let cutting = cut_exactly(&crlf, &note("# A\r\n\r\n- one\r\n- two\r\n"));
    let edited = |base: &Cutting, edit: &str| {
        let choice = Choice { edits: BTreeMap::from([(0, edit.to_owned())]), ..Choice::of([0]) };
        text(&combine(base, &choice), "/notes.md")
    };
    assert_eq!(edited(&cutting, "- two\n  of them\n"), "# A\r\n\r\n- one\r\n- two\r\n  of them\r\n");
    let cutting = cut_exactly(&note("- one\n"), &note("- one\n- two\n"));
    assert_eq!(edited(&cutting, "- two\r\n  of them\r\n"), "- one\n- two\n  of them\n");
}

/// What others wrote behind the place of a note does not draw the note into it.
#[rstest]
#[case::list_before_a_new_section(
    "# T\n\n- one\n",
    "# T\n\n- one\n- two\n",
    "# T\n\n- one\n\n## Other\n\n- more\n",
    "# T\n\n- one\n- two\n\n## Other\n\n- more\n"
)]
#[case::below_an_item_before_a_new_section(
    "# T\n\n- one\n    - sub\n",
    "# T\n\n- one\n    - sub\n    - new\n",
    "# T\n\n- one\n    - sub\n\n## Other\n\n- more\n",
    "# T\n\n- one\n    - sub\n    - new\n\n## Other\n\n- more\n"
)]
#[case::below_an_item_before_another(
    "- one\n    - sub\n",
    "- one\n    - sub\n    - new\n",
    "- one\n    - sub\n- more\n",
    "- one\n    - sub\n    - new\n- more\n"
)]
#[case::below_an_item_with_their_own(
    "- one\n    - sub\n",
    "- one\n    - sub\n    - new\n",
    "- one\n    - sub\n    - more\n",
    "- one\n    - sub\n    - more\n    - new\n"
)]
#[case::list_before_a_paragraph(
    "- one\n",
    "- one\n- two\n",
    "- one\n\nThat is all.\n",
    "- one\n- two\n\nThat is all.\n"
)]
#[case::same_list("- one\n", "- one\n- two\n", "- one\n- more\n", "- one\n- more\n- two\n")]
#[case::paragraph_before_a_new_section(
    "One.\n",
    "One.\n\nTwo.\n",
    "One.\n\n## Other\n\nMore.\n",
    "One.\n\nTwo.\n\n## Other\n\nMore.\n"
)]
#[case::new_section_behind_theirs(
    "One.\n",
    "One.\n\n## New\n\n- two\n",
    "One.\n\n## Other\n\nMore.\n",
    "One.\n\n## Other\n\nMore.\n\n## New\n\n- two\n"
)]
#[case::first_note_below_a_title_of_theirs(
    "- one\n",
    "- zero\n- one\n",
    "# T\n\n- one\n",
    "# T\n\n- zero\n- one\n"
)]
#[case::new_list_below_its_new_item(
    "- one\n",
    "- one\n- two\n    - sub\n",
    "- one\n\n## Other\n",
    "- one\n- two\n    - sub\n\n## Other\n"
)]
fn a_note_stays_in_its_list_and_section(
    #[case] base: &str,
    #[case] proposed: &str,
    #[case] today: &str,
    #[case] expected: &str,
) {
    let cutting = cut_exactly(&note(base), &note(proposed));
    let rebased = rebase(&cutting, &note(today));
    assert!(rebased.fate.iter().all(|fate| *fate == Fate::Clean), "{:?}", rebased.fate);
    let all = combine(&rebased.cutting, &Choice::of(0..cutting.lessons.len()));
    assert_eq!(text(&all, "/notes.md"), expected);
    assert_eq!(combine(&rebased.cutting, &Choice::default()), note(today), "accept none");
}

#[test]
fn a_lesson_finds_its_words_where_markdown_reads_them_otherwise() {
    let base =
        note("# T\n\n- about deploys\n    - they begin at noon\n    - the window is fourteen minutes\n");
    let cutting = cut_exactly(&base, &note("# T\n\n- about deploys\n    - the window is fourteen minutes\n"));
    assert_eq!(cutting.lessons.len(), 1);
    // Without the item above, what stands indented is one block of code.
    let today = note("# T\n\n    - they begin at noon\n    - the window is fourteen minutes\n");
    let rebased = rebase(&cutting, &today);
    assert_eq!(rebased.fate, [Fate::Clean]);
    assert_eq!(
        text(&combine(&rebased.cutting, &Choice::of([0])), "/notes.md"),
        "# T\n\n    - the window is fourteen minutes\n"
    );
}

#[rstest]
#[case::nothing("- a\n", "- a\n", &[])]
#[case::one_note("- keep this\n", "- keep this\n- offer a call before cancelling\n", &[(Kind::Add, "offer a call before cancelling")])]
#[case::each_note_by_itself("# Notes\n\n- one stays\n", "# Notes\n\n- one stays\n- two is new\n- three is new\n",
    &[(Kind::Add, "two is new"), (Kind::Add, "three is new")])]
#[case::revised_in_place("- Refund window is 14 days.\n- Close the ticket.\n", "- Refund window is 30 days.\n- Close the ticket.\n",
    &[(Kind::Revise, "Refund window is 30 days.")])]
#[case::dropped("- one\n- the old portal is at port 80\n- two\n", "- one\n- two\n",
    &[(Kind::Remove, "Drop: the old portal is at port 80")])]
#[case::moved_between_sections(
    "## A\n\n- ask for the order number first\n- stay\n\n## B\n\n- other\n",
    "## A\n\n- stay\n\n## B\n\n- other\n- ask for the order number first\n",
    &[(Kind::Move, "Move to “B” in /notes.md: ask for the order number first")])]
#[case::merged(
    "- escalate billing questions to tier two\n- escalate refund questions to tier two\n- stay\n",
    "- escalate billing questions and refund questions to tier two\n- stay\n",
    &[(Kind::Merge, "Merge 2 notes: escalate billing questions and refund questions to tier two")])]
#[case::formatting_only("* one\n* two\n\n\n* three\n", "- one\n- two\n- three\n",
    &[(Kind::Revise, "Formatting only in /notes.md: 3 places")])]
#[case::line_ends_only("- one\r\n- two\r\n", "- one\n- two\n", &[(Kind::Revise, "Spacing only in /notes.md")])]
#[case::final_newline("- one", "- one\n", &[(Kind::Revise, "Spacing only in /notes.md")])]
#[case::numbered_steps_are_one("Intro stays here.\n", "Intro stays here.\n\nRelease:\n\n1. build\n2. tag\n3. push\n",
    &[(Kind::Add, "Release: (and 3 more)")])]
#[case::code_belongs_to_its_sentence("Intro stays here.\n", "Intro stays here.\n\nBuild with\n\n```sh\nmake all\n```\n",
    &[(Kind::Add, "Build with (and 1 more)")])]
#[case::children_belong_to_their_item("- stay\n", "- stay\n- when a test fails\n  - read the log\n  - run it alone\n",
    &[(Kind::Add, "when a test fails (and 2 more)")])]
#[case::a_child_by_itself("- when a test fails\n  - read the log\n", "- when a test fails\n  - read the log\n  - run it alone\n",
    &[(Kind::Add, "run it alone")])]
#[case::a_whole_section_goes("# N\n\n- stay\n\n## Old\n\n- x of old\n- y of old\n", "# N\n\n- stay\n",
    &[(Kind::Remove, "Drop 2 notes: x of old")])]
#[case::renamed_heading("## Escalation\n\n- a stays\n", "## Hand-over\n\n- a stays\n", &[(Kind::Revise, "Heading “Hand-over”")])]
#[case::table_row("| k | v |\n|---|---|\n| a | 1 |\n", "| k | v |\n|---|---|\n| a | 1 |\n| b | 2 |\n", &[(Kind::Add, "b | 2")])]
fn what_a_change_is_called(#[case] base: &str, #[case] proposed: &str, #[case] expected: &[(Kind, &str)]) {
    let cutting = cut_exactly(&note(base), &note(proposed));
    assert_eq!(kinds(&cutting), expected);
}

#[test]
fn a_heading_comes_with_the_first_lesson_below_it_and_leaves_with_the_last() {
    let base = note("# Notes\n\n- stay\n");
    let proposed =
        note("# Notes\n\n- stay\n\n## Cancellations\n\n- offer a call\n- confirm the account id\n");
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!(cutting.lessons.len(), 2);
    let with =
        |lessons: &[usize]| text(&combine(&cutting, &Choice::of(lessons.iter().copied())), "/notes.md");
    assert_eq!(with(&[0]), "# Notes\n\n- stay\n\n## Cancellations\n\n- offer a call\n");
    assert_eq!(with(&[1]), "# Notes\n\n- stay\n\n## Cancellations\n\n- confirm the account id\n");
    assert_eq!(with(&[]), "# Notes\n\n- stay\n");
}

#[test]
fn a_heading_stays_until_the_last_note_below_it_is_gone() {
    let base = note(
        "## Portal\n\n- login at the old address\n- the password rotates weekly\n\n## Rest\n\n- stay\n- the portal moved to a new address\n",
    );
    let proposed =
        note("## Rest\n\n- stay\n- the portal moved to a new address\n- the password rotates weekly\n");
    let cutting = cut_exactly(&base, &proposed);
    let moved = find(&cutting, "password rotates");
    let dropped = find(&cutting, "login at the old address");
    assert!(text(&combine(&cutting, &Choice::of([moved])), "/notes.md").starts_with("## Portal\n\n- login"));
    assert!(
        text(&combine(&cutting, &Choice::of([dropped])), "/notes.md")
            .starts_with("## Portal\n\n- the password")
    );
}

#[test]
fn a_new_topic_document_and_its_index_line_are_one_lesson() {
    let base = memory(&[("/MEMORY.md", "- [Old](old.md) — hook\n"), ("/old.md", "Old fact.\n")]);
    let proposed = memory(&[
        ("/MEMORY.md", "- [Old](old.md) — hook\n- [Bun](bun.md) — call it directly\n"),
        ("/old.md", "Old fact.\n"),
        (
            "/bun.md",
            "---\nname: bun\ndescription: Run bun directly\n---\n\nRun it directly.\n\n**Why:** the wrapper fails.\n",
        ),
    ]);
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!(kinds(&cutting), [(Kind::Add, "Run bun directly")]);
    let documents: Vec<(&str, &Change)> =
        cutting.lessons[0].documents.iter().map(|change| (change.path.as_str(), &change.change)).collect();
    assert_eq!(documents, [("/bun.md", &Change::Created), ("/MEMORY.md", &Change::Modified)]);
}

#[test]
fn a_note_that_goes_where_an_index_line_comes_does_not_become_it() {
    let before =
        memory(&[("/index.md", "# Index\n\n- Ask first.\n- The routes file is at config/routes.yaml.\n")]);
    let line = "- [The routes file](routes.md) — not config/routes.yaml";
    let index = format!("# Index\n\n- Ask first.\n{line}\n");
    let after = memory(&[("/index.md", &index), ("/routes.md", "The routes are in services/routes.yaml.\n")]);
    let cutting = cut_exactly(&before, &after);
    assert_eq!(kinds(&cutting).len(), 2, "{:#?}", kinds(&cutting));
    // Without the document there is no line that leads to it.
    let gone = find(&cutting, "config/routes.yaml.");
    let alone = combine(&cutting, &Choice::of([gone]));
    assert_eq!(text(&alone, "/index.md"), "# Index\n\n- Ask first.\n");
    assert_eq!(alone.len(), 1);
}

#[test]
fn a_deleted_document_takes_its_index_line_along() {
    let base = memory(&[
        ("/MEMORY.md", "- [Old](old.md) — hook\n- [New](new.md) — hook\n"),
        ("/old.md", "---\nname: old\n---\nOld fact about ports.\n"),
        ("/new.md", "New.\n"),
    ]);
    let proposed = memory(&[("/MEMORY.md", "- [New](new.md) — hook\n"), ("/new.md", "New.\n")]);
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!(cutting.lessons.len(), 1, "{:#?}", kinds(&cutting));
    assert_eq!(cutting.lessons[0].kind, Kind::Remove);
}

#[test]
fn a_renamed_document_is_one_lesson_and_edits_in_it_are_others() {
    let body = "# Git\n\n- rebase before pushing to main\n- never force push to main\n- sign every commit you make\n";
    let base = memory(&[("/git-notes.md", body), ("/MEMORY.md", "- [Git](git-notes.md)\n")]);
    let changed = format!("{body}- tag releases with the version\n");
    let proposed = memory(&[("/git.md", &changed), ("/MEMORY.md", "- [Git](git.md)\n")]);
    let cutting = cut_exactly(&base, &proposed);
    let rename = find(&cutting, "Rename /git-notes.md to /git.md");
    let tag = find(&cutting, "tag releases");
    assert_eq!(cutting.lessons.len(), 2, "{:#?}", kinds(&cutting));
    let only_tag = combine(&cutting, &Choice::of([tag]));
    assert_eq!(text(&only_tag, "/git-notes.md"), changed);
    assert_eq!(text(&only_tag, "/MEMORY.md"), "- [Git](git-notes.md)\n");
    let only_rename = combine(&cutting, &Choice::of([rename]));
    assert_eq!(text(&only_rename, "/git.md"), body);
    assert_eq!(text(&only_rename, "/MEMORY.md"), "- [Git](git.md)\n");
}

#[test]
fn a_move_to_another_document_is_one_lesson() {
    let base = memory(&[("/a.md", "- one\n- deploys need the release token first\n"), ("/b.md", "- two\n")]);
    let proposed =
        memory(&[("/a.md", "- one\n"), ("/b.md", "- two\n- deploys need the release token first\n")]);
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!(kinds(&cutting), [(Kind::Move, "Move to /b.md: deploys need the release token first")]);
}

#[test]
fn a_repeated_note_that_goes_is_called_so() {
    let base = memory(&[
        ("/a.md", "- always run the linter before committing changes\n- rest\n"),
        ("/b.md", "- Always run the linter before committing changes.\n- new one\n"),
    ]);
    let proposed = memory(&[
        ("/a.md", "- always run the linter before committing changes\n- rest\n- extra words\n"),
        ("/b.md", "- new one\n"),
    ]);
    let cutting = cut_exactly(&base, &proposed);
    find(&cutting, "Drop the repeated note: Always run the linter");
}

#[test]
fn a_wholesale_rewrite_falls_into_sections() {
    let section = |name: &str, seed: usize| {
        let notes: String = (0..12)
            .map(|i| format!("- {name} {} {} {}\n", seed * 31 + i, i * seed + 7, seed + i * 3))
            .collect();
        format!("## {name}\n\n{notes}\n")
    };
    let names = ["Billing", "Refunds", "Escalation", "Portal", "Style"];
    let base: String = names.iter().enumerate().map(|(i, name)| section(name, i + 1)).collect();
    let proposed: String = names.iter().enumerate().map(|(i, name)| section(name, i + 100)).collect();
    let rewrite = |text: &str| text.replace("- ", "- rewritten as ");
    let cutting = cut_exactly(&note(&base), &note(&rewrite(&proposed)));
    assert!((5..=20).contains(&cutting.lessons.len()), "{:#?}", kinds(&cutting));
}

#[test]
fn hundreds_of_new_notes_are_packed() {
    let many: String =
        (0..900).map(|i| format!("- note {i} says {} and {}\n", i * 7919, i * 104_729)).collect();
    let cutting = cut_exactly(&note("- stay\n"), &note(&format!("- stay\n{many}")));
    assert!((20..=60).contains(&cutting.lessons.len()), "{}", cutting.lessons.len());
}

#[test]
fn the_same_proposal_in_other_company_is_the_same_lesson() {
    let base = note("# Notes\n\n- stay\n");
    let alone = cut(&base, &note("# Notes\n\n- stay\n\n## New\n\n- first\n"));
    let together = cut(&base, &note("# Notes\n\n- zero\n- stay\n\n## New\n\n- first\n- second\n"));
    assert_eq!(alone.lessons[0].key, together.lessons[find(&together, "first")].key);
    assert_ne!(alone.lessons[0].key, together.lessons[find(&together, "second")].key);
}

#[test]
fn an_edit_replaces_the_proposed_text() {
    let base = note("- stay\n");
    let cutting = cut(&base, &note("- stay\n- offer a call\n- close it\n"));
    let call = find(&cutting, "offer a call");
    let choice = Choice {
        accepted: [call].into(),
        edits: BTreeMap::from([(call, "- offer a call first\n- and wait\n".to_owned())]),
    };
    assert_eq!(text(&combine(&cutting, &choice), "/notes.md"), "- stay\n- offer a call first\n- and wait\n");
}

#[rstest]
#[case::between_items("- a\n- b\n", "- a\n- new\n- b\n", "words of mine\n", "- a\n\nwords of mine\n\n- b\n")]
#[case::after_items("- a\n", "- a\n- new\n", "words of mine\n", "- a\n\nwords of mine\n")]
#[case::heading("- a\n", "- a\n- new\n", "## Mine\n\n- b\n", "- a\n\n## Mine\n\n- b\n")]
#[case::item_stays_tight("- a\n- b\n", "- a\n- new\n- b\n", "- mine\n", "- a\n- mine\n- b\n")]
#[case::ends_otherwise(
    "- a\n- b\n",
    "- a\n- new\n- b\n",
    "- mine\n\nwords\n",
    "- a\n- mine\n\nwords\n\n- b\n"
)]
#[case::nested("- a\n", "- a\n    - new\n", "    - mine\n", "- a\n    - mine\n")]
#[case::item_for_paragraph("Words.\n", "Words.\n\nMore words.\n", "- mine\n", "Words.\n\n- mine\n")]
#[case::merge(
    "- old one is here\n- b\n- old two is here\n",
    "- both old are here\n- b\n",
    "both, of mine\n",
    "both, of mine\n\n- b\n"
)]
fn an_edit_of_another_kind_is_a_block_of_its_own(
    #[case] base: &str,
    #[case] proposed: &str,
    #[case] edit: &str,
    #[case] wanted: &str,
) {
    let cutting = cut_exactly(&note(base), &note(proposed));
    let all = 0..cutting.lessons.len();
    let first = cutting.lessons.iter().position(|lesson| !lesson.inserted.is_empty()).unwrap();
    let choice = Choice { edits: BTreeMap::from([(first, edit.to_owned())]), ..Choice::of(all) };
    assert_eq!(text(&combine(&cutting, &choice), "/notes.md"), wanted);
}

#[test]
fn the_line_that_points_to_an_edited_note_says_what_the_note_says() {
    let base =
        memory(&[("/MEMORY.md", "- [Other](other.md) — stays\n"), ("/other.md", "# Other\n\nStays.\n")]);
    let proposed = memory(&[
        ("/MEMORY.md", "- [Other](other.md) — stays\n- [Run bun](bun.md) — `rtk bun` fails\n"),
        ("/other.md", "# Other\n\nStays.\n"),
        ("/bun.md", "# Run bun\n\nRun `bun`: `rtk bun` fails.\n"),
    ]);
    let cutting = cut(&base, &proposed);
    let bun = find(&cutting, "Run `bun`");
    let index = |edit: &str| {
        let choice = Choice { accepted: [bun].into(), edits: BTreeMap::from([(bun, edit.to_owned())]) };
        text(&combine(&cutting, &choice), "/MEMORY.md")
    };
    assert_eq!(
        index("# Run bun\n\nCall `bun` itself: wrappers break it.\n"),
        "- [Other](other.md) — stays\n- [Call `bun` itself](bun.md) — wrappers break it\n"
    );
    let as_proposed = "- [Other](other.md) — stays\n- [Run bun](bun.md) — `rtk bun` fails\n";
    let more = "# Run bun\n\nRun `bun`: `rtk bun` fails.\n\nSince March.\n";
    assert_eq!(index(more), as_proposed, "what is said first is said still");
}

#[test]
fn a_removal_can_be_edited_into_a_replacement() {
    let cutting = cut(&note("- a\n- the old portal is at port 80\n- b\n"), &note("- a\n- b\n"));
    let choice =
        Choice { accepted: [0].into(), edits: BTreeMap::from([(0, "- the portal moved\n".to_owned())]) };
    assert_eq!(text(&combine(&cutting, &choice), "/notes.md"), "- a\n- the portal moved\n- b\n");
}

#[test]
fn paragraphs_never_run_into_one_another() {
    let base = note("First paragraph of the note.\n");
    let proposed =
        note("First paragraph of the note.\n\n- a list item\n- another item\n\nLast words of all.\n");
    let cutting = cut_exactly(&base, &proposed);
    let last = find(&cutting, "Last words");
    assert_eq!(
        text(&combine(&cutting, &Choice::of([last])), "/notes.md"),
        "First paragraph of the note.\n\nLast words of all.\n"
    );
}

#[test]
fn a_lesson_finds_its_place_in_a_memory_that_changed() {
    let base = note("## A\n\n- one\n\n## B\n\n- two\n");
    let cutting = cut(&base, &note("## A\n\n- one\n- proposed\n\n## B\n\n- two\n"));
    let current = note("# Top\n\n## A\n\n- zero, by hand\n- one\n- by hand\n\n## B\n\n- two, changed\n");
    let rebased = rebase(&cutting, &current);
    assert_eq!(rebased.fate, [Fate::Clean]);
    assert_eq!(combine(&rebased.cutting, &Choice::default()), current);
    assert_eq!(
        text(&combine(&rebased.cutting, &Choice::of([0])), "/notes.md"),
        "# Top\n\n## A\n\n- zero, by hand\n- one\n- by hand\n- proposed\n\n## B\n\n- two, changed\n"
    );
}

#[rstest]
#[case::other_words(
    "- Refund window is 14 days for all.\n",
    "- Refund window is 14 days for everybody.\n",
    "- Refund window is 30 days for all.\n",
    Ok("- Refund window is 30 days for everybody.\n")
)]
#[case::same_words(
    "- Refund window is 14 days.\n",
    "- Refund window is 21 days.\n",
    "- Refund window is 30 days.\n",
    Err("somebody changed this text")
)]
#[case::gone(
    "- Refund window is 14 days.\n- x\n",
    "- x\n",
    "- Refund window is 30 days.\n- x\n",
    Err("no longer there")
)]
fn a_revision_of_a_note_that_somebody_edited(
    #[case] base: &str,
    #[case] current: &str,
    #[case] proposed: &str,
    #[case] expected: Result<&str, &str>,
) {
    let rebased = rebase(&cut(&note(base), &note(proposed)), &note(current));
    match (expected, &rebased.fate[0]) {
        (Ok(merged), Fate::Clean) => {
            assert_eq!(text(&combine(&rebased.cutting, &Choice::of([0])), "/notes.md"), merged);
        }
        (Err(words), Fate::Conflict(why)) => {
            assert!(why.contains(words), "{why}");
            assert_eq!(
                combine(&rebased.cutting, &Choice::of([0])),
                note(current),
                "a collision writes nothing"
            );
        }
        (expected, fate) => panic!("{expected:?} {fate:?}"),
    }
}

#[test]
fn what_is_already_there_is_satisfied() {
    let cutting = cut(&note("- one\n- drop this old note\n"), &note("- one\n- two is new\n"));
    let add = find(&cutting, "two is new");
    let drop = find(&cutting, "Drop");
    let rebased = rebase(&cutting, &note("- one\n- two is new\n"));
    assert_eq!((&rebased.fate[add], &rebased.fate[drop]), (&Fate::Satisfied, &Fate::Satisfied));
}

#[test]
fn two_lessons_that_create_one_document_can_be_applied_on_different_days() {
    let base = memory(&[]);
    let proposed =
        memory(&[("/commands.md", "# Commands\n\n- run bun directly\n- use the staging database\n")]);
    let cutting = cut_exactly(&base, &proposed);
    let today = combine(&cutting, &Choice::of([find(&cutting, "bun")]));
    let rebased = rebase(&cutting, &today);
    assert_eq!(combine(&rebased.cutting, &Choice::of([find(&cutting, "staging")])), proposed);
}

#[test]
fn a_document_deleted_meanwhile_is_not_brought_back() {
    let cutting = cut(&memory(&[("/a.md", "- one\n")]), &memory(&[("/a.md", "- one\n- two\n")]));
    let rebased = rebase(&cutting, &memory(&[]));
    assert!(matches!(&rebased.fate[0], Fate::Conflict(why) if why.contains("/a.md was deleted")));
}

#[test]
fn text_is_not_put_under_another_heading() {
    let cutting = cut(&note("## A\n\n- a\n\n## B\n\n- b\n"), &note("## A\n\n- a\n\n## B\n\n- b\n- new\n"));
    let rebased = rebase(&cutting, &note("## A\n\n- a\n"));
    assert!(matches!(&rebased.fate[0], Fate::Conflict(why) if why.contains("“B”")), "{:?}", rebased.fate);
}

#[test]
fn undo_keeps_what_people_wrote_since() {
    let before = note("## A\n\n- one\n");
    let with = note("## A\n\n- one\n- lesson one\n- lesson two\n");
    let without_one = note("## A\n\n- one\n- lesson two\n");
    let today = note("## A\n\n- one, reworded by hand\n- lesson one\n- written by hand\n- lesson two\n");
    let undone = undo(&with, &without_one, &today).unwrap();
    assert_eq!(
        text(&undone, "/notes.md"),
        "## A\n\n- one, reworded by hand\n- written by hand\n- lesson two\n"
    );
    assert_eq!(undo(&with, &before, &with).unwrap(), before);
}

#[test]
fn undo_of_a_lesson_that_somebody_reworded_changes_nothing() {
    let with = note("- one\n- lesson about the refund window\n");
    let without = note("- one\n");
    let today = note("- one\n- lesson about the refund window, and when it ends\n");
    let conflict = undo(&with, &without, &today).unwrap_err();
    assert!(conflict.to_string().contains("somebody changed this text"), "{conflict}");
}

#[test]
fn undo_of_a_new_document_keeps_a_line_written_into_it() {
    let with = memory(&[("/bun.md", "# Bun\n\n- run bun directly\n")]);
    let today = memory(&[("/bun.md", "# Bun\n\n- run bun directly\n- by hand\n")]);
    assert_eq!(undo(&with, &memory(&[]), &today).unwrap(), memory(&[("/bun.md", "# Bun\n\n- by hand\n")]));
    assert_eq!(undo(&with, &memory(&[]), &with).unwrap(), memory(&[]));
}

#[test]
fn a_heading_over_index_lines_comes_and_goes_with_what_they_point_to() {
    let without = memory(&[("/index.md", "# Index\n\n- prose\n")]);
    let with = memory(&[
        ("/index.md", "# Index\n\n- prose\n\n## Tools\n- [Bun](bun.md) — runner\n- [Git](git.md) — rebase\n"),
        ("/bun.md", "Run bun directly.\n"),
        ("/git.md", "Rebase before pushing.\n"),
    ]);
    let cutting = cut_exactly(&without, &with);
    assert_eq!(kinds(&cutting).len(), 2, "{:#?}", kinds(&cutting));
    let one = combine(&cutting, &Choice::of([find(&cutting, "Run bun")]));
    assert_eq!(text(&one, "/index.md"), "# Index\n\n- prose\n\n## Tools\n- [Bun](bun.md) — runner\n");
    let back = cut_exactly(&with, &without);
    assert_eq!(kinds(&back).len(), 2, "{:#?}", kinds(&back));
    let one = combine(&back, &Choice::of([find(&back, "Run bun")]));
    assert_eq!(text(&one, "/index.md"), "# Index\n\n- prose\n\n## Tools\n- [Git](git.md) — rebase\n");
}

#[test]
fn a_document_can_leave_over_several_days() {
    let base = memory(&[
        ("/portal.md", "- log in first\n- check the date\n# Rest\nprose"),
        ("/index.md", "- [Portal](portal.md) — hook\n\n| k | v |\n|---|---|\n"),
    ]);
    let cutting = cut_exactly(&base, &memory(&[]));
    for seed in 0..1u32 << cutting.lessons.len() {
        let (first, rest): (Vec<usize>, Vec<usize>) =
            (0..cutting.lessons.len()).partition(|lesson| seed >> lesson & 1 == 1);
        let today = combine(&cutting, &Choice::of(first));
        let tomorrow = combine(&rebase(&cutting, &today).cutting, &Choice::of(rest));
        assert_eq!(tomorrow, memory(&[]));
    }
}

#[rstest]
#[case::before(
    "- by hand\n- [Old](old.md) — hook\n- [Bun](bun.md) — call it directly\n",
    "- by hand\n- [Old](old.md) — hook\n"
)]
#[case::after(
    "- [Old](old.md) — hook\n- [Bun](bun.md) — call it directly\n\n## Mine\n\n- by hand\n",
    "- [Old](old.md) — hook\n\n## Mine\n\n- by hand\n"
)]
fn undo_takes_the_index_line_out_of_an_index_that_grew(#[case] index: &str, #[case] expected: &str) {
    let topic = "---\nname: bun\ndescription: Run bun directly\n---\n\nRun it directly.\n";
    let with = memory(&[
        ("/MEMORY.md", "- [Old](old.md) — hook\n- [Bun](bun.md) — call it directly\n"),
        ("/bun.md", topic),
    ]);
    let without = memory(&[("/MEMORY.md", "- [Old](old.md) — hook\n")]);
    let undone = undo(&with, &without, &memory(&[("/MEMORY.md", index), ("/bun.md", topic)])).unwrap();
    assert_eq!(undone, memory(&[("/MEMORY.md", expected)]));
}

#[test]
fn undo_leaves_an_index_line_that_somebody_reworded_and_says_so() {
    let topic = "---\nname: bun\ndescription: Run bun directly\n---\n\nRun it directly.\n";
    let with = memory(&[("/MEMORY.md", "- [Bun](bun.md) — call it directly\n"), ("/bun.md", topic)]);
    let today =
        memory(&[("/MEMORY.md", "- [Bun](bun.md) — call it directly, says the team\n"), ("/bun.md", topic)]);
    let conflict = undo(&with, &memory(&[("/MEMORY.md", "")]), &today).unwrap_err();
    assert!(conflict.to_string().contains("/MEMORY.md"), "{conflict}");
}

#[test]
fn a_note_that_repeats_one_of_an_unchanged_document_is_merged_into_it() {
    let note = "- Release notes are written for customers, without internal names.\n";
    let base = memory(&[
        ("/index.md", &format!("# Index\n\n{note}- Something else that stays.\n")),
        ("/topic.md", &format!("# Topic\n\n{note}")),
    ]);
    let mut proposed = base.clone();
    proposed.insert(DocPath::new("/index.md").unwrap(), "# Index\n\n- Something else that stays.\n");
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!(cutting.lessons.len(), 1);
    assert_eq!(cutting.lessons[0].kind, Kind::Merge);
}

#[test]
fn a_repeated_note_stays_where_its_twin_went_meanwhile() {
    let base = memory(&[
        ("/a.md", "- always run the linter before committing changes\n- rest\n"),
        ("/b.md", "- Always run the linter before committing changes.\n- other\n"),
    ]);
    let mut proposed = base.clone();
    proposed.insert(DocPath::new("/b.md").unwrap(), "- other\n");
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!(kinds(&cutting)[0].0, Kind::Merge);
    for (today, fate) in [
        ("- rest\n", "no longer there"),
        ("- always run the formatter before committing changes\n- rest\n", "no longer there"),
    ] {
        let mut current = base.clone();
        current.insert(DocPath::new("/a.md").unwrap(), today);
        let rebased = rebase(&cutting, &current);
        assert!(matches!(&rebased.fate[0], Fate::Conflict(why) if why.contains(fate)), "{:?}", rebased.fate);
        assert_eq!(combine(&rebased.cutting, &Choice::of([0])), current);
    }
    let mut current = base.clone();
    current.remove(&DocPath::new("/a.md").unwrap());
    current
        .insert(DocPath::new("/c.md").unwrap(), "# C\n\n- always run the linter before committing changes\n");
    assert_eq!(rebase(&cutting, &current).fate, [Fate::Clean], "it may stand anywhere");
}

#[rstest]
#[case("- never keep the customer data export on the shared drive of the support team\n")]
#[case("- always keep 14 copies of the customer data export on the shared drive of the support team\n")]
fn a_note_that_says_something_else_is_not_called_repeated(#[case] other: &str) {
    let stays = "- always keep the customer data export on the shared drive of the support team\n";
    let base = memory(&[("/a.md", stays), ("/b.md", &format!("{other}- rest\n"))]);
    let cutting = cut_exactly(&base, &memory(&[("/a.md", stays), ("/b.md", "- rest\n")]));
    assert_eq!(cutting.lessons[0].kind, Kind::Remove, "{:?}", kinds(&cutting));
}

#[test]
fn a_parent_of_many_leaves_with_the_last_of_them() {
    let children: String =
        (0..14).map(|n| format!("  - step {n} of the release takes {} minutes\n", n * 7)).collect();
    let stays: String = (0..20).map(|n| format!("- keep number {n} as it is\n")).collect();
    let base = note(&format!("{stays}- when releasing\n{children}"));
    let cutting = cut_exactly(&base, &note(&stays));
    assert!(cutting.lessons.len() > 1, "{:?}", kinds(&cutting));
    for lesson in 0..cutting.lessons.len() {
        let others = (0..cutting.lessons.len()).filter(|other| *other != lesson);
        for accepted in [Choice::of([lesson]), Choice::of(others)] {
            let left = text(&combine(&cutting, &accepted), "/notes.md");
            assert!(left.contains("- when releasing\n  - step"), "{left}");
        }
    }
}

#[test]
fn an_item_does_not_go_from_under_what_somebody_wrote_below_it() {
    let base = note("- keep this\n- when a test fails\n- rest\n");
    let cutting = cut_exactly(&base, &note("- keep this\n- rest\n"));
    let today = note("- keep this\n- when a test fails\n  - read the log first\n- rest\n");
    let rebased = rebase(&cutting, &today);
    assert!(matches!(&rebased.fate[0], Fate::Conflict(why) if why.contains("below")), "{:?}", rebased.fate);
    assert_eq!(combine(&rebased.cutting, &Choice::of([0])), today);
    // What is revised keeps what stands below it.
    let revised = cut_exactly(&base, &note("- keep this\n- when a test fails twice\n- rest\n"));
    let all = combine(&rebase(&revised, &today).cutting, &Choice::of([0]));
    assert_eq!(
        text(&all, "/notes.md"),
        "- keep this\n- when a test fails twice\n  - read the log first\n- rest\n"
    );
    // The same for taking back a lesson on which a later one built.
    let with = note("- keep this\n- when a test fails\n- rest\n");
    assert!(undo(&with, &note("- keep this\n- rest\n"), &today).is_err());
}

#[test]
fn a_document_that_meanwhile_exists_is_not_continued_with_another_ones_head() {
    let proposed =
        memory(&[("/bun.md", "---\nname: bun\ndescription: call bun\n---\n\nCall bun directly.\n")]);
    let cutting = cut_exactly(&memory(&[]), &proposed);
    let today = memory(&[("/bun.md", "---\nname: bun\ndescription: by hand\n---\n\nWritten by hand.\n")]);
    let rebased = rebase(&cutting, &today);
    assert!(matches!(&rebased.fate[0], Fate::Conflict(why) if why.contains("already")), "{:?}", rebased.fate);
    assert_eq!(combine(&rebased.cutting, &Choice::of([0])), today);
    assert_eq!(rebase(&cutting, &proposed).fate, [Fate::Satisfied]);
}

#[test]
fn a_rename_chain_and_a_swap_are_exact_and_lose_nothing() {
    let (one, two) = (
        "# One\n\n- first of one document\n- second of one document\n",
        "# Two\n\n- first of another\n- second of another\n",
    );
    let (a, b, c) = ("/a.md", "/b.md", "/c.md");
    let cases = [
        (memory(&[(a, one), (b, two)]), memory(&[(a, two), (b, one)])),
        (memory(&[(a, one), (b, two)]), memory(&[(b, one), (c, two)])),
        (memory(&[("/Git.md", one)]), memory(&[("/git.md", one)])),
    ];
    for (base, proposed) in cases {
        let cutting = cut_exactly(&base, &proposed);
        for seed in 0..1u32 << cutting.lessons.len() {
            let result =
                combine(&cutting, &Choice::of((0..cutting.lessons.len()).filter(|at| seed >> at & 1 == 1)));
            let all: String = result.iter().map(|(_, text)| text.to_string()).collect();
            for line in one.lines().chain(two.lines()).filter(|line| line.starts_with('-')) {
                let there = base.iter().any(|(_, text)| text.contains(line));
                assert!(
                    !there || all.contains(line),
                    "{line:?} is lost by {seed:b} of {:?}",
                    kinds(&cutting)
                );
            }
        }
    }
}

#[test]
fn front_matter_is_revised_in_a_memory_that_changed_elsewhere() {
    let head = |hook: &str| format!("---\nname: bun\ndescription: {hook}\n---\n");
    let (base, proposed) = (
        format!("{}\nCall bun.\n", head("a runner")),
        format!("{}\nCall bun.\n", head("run scripts with it")),
    );
    let cutting = cut_exactly(&note(&base), &note(&proposed));
    let rebased = rebase(&cutting, &note(&format!("{base}\nBy hand.\n")));
    assert_eq!(rebased.fate, [Fate::Clean]);
    let all = combine(&rebased.cutting, &Choice::of([0]));
    assert_eq!(text(&all, "/notes.md"), format!("{proposed}\nBy hand.\n"));
}

#[test]
fn a_line_that_points_to_a_document_stays_while_somebody_elses_text_is_in_it() {
    let index = "- [Old](old.md) — hook\n- [Bun](bun.md) — call it directly\n";
    let with = memory(&[("/MEMORY.md", index), ("/bun.md", "# Bun\n\n- run bun directly\n")]);
    let without = memory(&[("/MEMORY.md", "- [Old](old.md) — hook\n")]);
    assert_eq!(undo(&with, &without, &with).unwrap(), without);
    let today = memory(&[("/MEMORY.md", index), ("/bun.md", "# Bun\n\n- run bun directly\n- by hand\n")]);
    let left = memory(&[("/MEMORY.md", index), ("/bun.md", "# Bun\n\n- by hand\n")]);
    assert_eq!(undo(&with, &without, &today).unwrap(), left);
}

#[test]
fn a_heading_stays_while_a_lesson_below_it_collides() {
    let rest = "## Rest\n\n- stay\n- the portal moved to a new address\n";
    let portal = |rotates: &str| {
        format!("## Portal\n\n- login at the old address\n- the password rotates {rotates}\n\n{rest}")
    };
    let cutting =
        cut_exactly(&note(&portal("weekly")), &note(&format!("{rest}- the password rotates weekly\n")));
    let rebased = rebase(&cutting, &note(&portal("monthly")));
    assert!(matches!(rebased.fate[find(&cutting, "password")], Fate::Conflict(_)), "{:?}", rebased.fate);
    assert_eq!(rebased.fate[find(&cutting, "login")], Fate::Clean);
    assert_eq!(
        text(&combine(&rebased.cutting, &Choice::of(0..cutting.lessons.len())), "/notes.md"),
        format!("## Portal\n\n- the password rotates monthly\n\n{rest}")
    );
}

#[test]
fn a_rename_collides_where_somebody_took_the_name() {
    let body = "# Git\n\n- rebase before pushing to main\n- never force push to main\n";
    let cutting = cut_exactly(&memory(&[("/a.md", body)]), &memory(&[("/b.md", body)]));
    let today = memory(&[("/a.md", body), ("/b.md", "# B\n\n- by hand\n")]);
    let rebased = rebase(&cutting, &today);
    assert!(matches!(&rebased.fate[0], Fate::Conflict(why) if why.contains("already a document at /b.md")));
    assert_eq!(combine(&rebased.cutting, &Choice::of([0])), today);
    assert_eq!(rebase(&cutting, &memory(&[("/b.md", body)])).fate, [Fate::Satisfied]);
}

#[test]
fn a_note_reworded_on_its_way_to_another_document_is_one_lesson() {
    let base = memory(&[
        ("/a.md", "- one\n- deploys to production need the release token of the team first\n"),
        ("/b.md", "- two\n"),
    ]);
    let proposed = memory(&[
        ("/a.md", "- one\n"),
        ("/b.md", "- two\n- deploys to production need the release token of the lead first\n"),
    ]);
    let cutting = cut_exactly(&base, &proposed);
    assert_eq!((cutting.lessons.len(), cutting.lessons[0].kind), (1, Kind::Move), "{:?}", kinds(&cutting));
}

#[test]
fn a_note_that_stands_there_already_is_not_taken_for_one_that_is_proposed_elsewhere() {
    let base = note("## A\n\n- one\n\n## B\n\n- ask for the order id\n");
    let proposed = note("## A\n\n- one\n- ask for the order id\n\n## B\n\n- ask for the order id\n");
    let cutting = cut_exactly(&base, &proposed);
    let rebased = rebase(&cutting, &note("## A\n\n- one\n\n## B\n\n- ask for the order id\n- by hand\n"));
    assert_eq!(rebased.fate, [Fate::Clean]);
    assert_eq!(
        text(&combine(&rebased.cutting, &Choice::of([0])), "/notes.md"),
        "## A\n\n- one\n- ask for the order id\n\n## B\n\n- ask for the order id\n- by hand\n"
    );
}
