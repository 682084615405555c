//! Pastes, storms of sizes, terminals that stay silent or answer late, random keys: it goes on listening.

use std::time::{Duration, Instant};

use crate::terminal::{ASKS_BACKGROUND, ATTRIBUTES, PATIENCE, Term, wakeful};

#[test]
fn what_is_pasted_runs_no_command() {
    let mut term = Term::demo((100, 30), "true");
    term.press("\u{1b}[200~aaa xxx\rP\ry\rq\r:quit\r\u{1b}[201~");
    term.until("it says why nothing happened", |screen| screen.contains("Pasted text"));
    term.until("nothing was decided", |screen| screen.contains("8 to review"));
    // Into a field it is text, on one line, and is not sent off by itself.
    term.press(":\u{1b}[200~quit\rquit\r\u{1b}[201~");
    term.until("it stands in the field", |screen| screen.contains(":quit quit"));
    term.press("\u{3}\u{3}");
    assert_eq!(term.ended(), 0);
}

#[test]
fn a_storm_of_sizes_leaves_the_right_picture() {
    let mut term = Term::demo((140, 40), "true");
    for step in 0..200_u16 {
        term.resize(1 + step * 37 % 160, 1 + step * 23 % 50);
    }
    term.resize(100, 30);
    term.until("it is painted at the last size", |screen| {
        screen.contains("8 to review") && screen.lines().last().is_some_and(|line| line.contains("? help"))
    });
    // Painting everything anew changes nothing: no rest of another size is left anywhere.
    term.press("?");
    term.until("it listens", |screen| screen.contains("keys and commands"));
    term.press("\u{1b}");
    let whole = |screen: &str| screen.lines().last().is_some_and(|line| line.contains("? help"));
    term.until("the inbox is back", |screen| !screen.contains("keys and commands") && whole(screen));
    let trimmed = |screen: &str| screen.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    let after_storm = trimmed(&term.screen());
    let before = term.written();
    term.press("\u{c}");
    term.until_written("it is painted again", before + 2_000);
    term.until("the same picture", |screen| trimmed(screen) == after_storm);
    term.press("q");
    assert_eq!(term.ended(), 0);
}

#[test]
fn a_terminal_that_answers_is_believed() {
    for (colour, theme) in [("rgb:ffff/ffff/ffff", "light"), ("rgb:0000/0000/0000", "dark")] {
        let home = tempfile::tempdir().unwrap();
        let command = wakeful(home.path(), &["demo"], &[]);
        let mut term = Term::start_with((100, 30), command, home, Some(colour));
        term.until_proposed();
        // The picker begins with the theme in use.
        term.press(":theme\r");
        term.until(theme, |screen| screen.contains(&format!("▌ {theme}")));
        term.press("\u{3}\u{3}");
        assert_eq!(term.ended(), 0);
    }
}

#[test]
fn a_late_answer_is_not_taken_for_keys() {
    // The other tests run in a terminal that never answers; this one answers when nobody waits.
    let mut term = Term::demo((100, 30), "true");
    term.until_raw("it asked", ASKS_BACKGROUND);
    let answers = ["10;rgb:aaaa/eeee/ffff\u{7}", "11;rgb:aaaa/dddd/ffff\u{1b}\\"];
    term.press(&format!("\u{1b}]{}\u{1b}]{}{ATTRIBUTES}", answers[0], answers[1]));
    term.press("j");
    term.until("the key after it is a key", |screen| !screen.contains("▌  + When `make test`"));
    term.until("nothing else happened", |screen| screen.contains("8 to review") && screen.contains("? help"));
    assert!(!term.screen().contains("dddd") && !term.screen().contains("means nothing"), "{}", term.screen());
    term.press("q");
    assert_eq!(term.ended(), 0);
}

#[test]
fn few_bytes_and_none_while_idle() {
    let mut term = Term::demo((80, 24), "true");
    term.until("the cursor is on the first", |screen| screen.contains("▌  + When `make test`"));
    term.press("j");
    term.until("the cursor moved", |screen| screen.contains("▌  ~ With `ledger"));
    let before = term.written();
    term.press("j");
    term.until("the cursor moved", |screen| !screen.contains("▌  ~ With `ledger"));
    let moved = term.written() - before;
    assert!(moved < 8_000, "moving the cursor took {moved} bytes");
    // Messages go after a while; after that, nothing is to be written. The wait is longer than the
    // interval at which other writers are looked for.
    term.until("the message is gone", |screen| !screen.contains("proposes"));
    // What the last key asked for may still come.
    term.until_quiet(Duration::from_secs(1));
    let before = term.written();
    term.more_within(Duration::from_secs(5));
    assert_eq!(term.written(), before, "an idle screen writes nothing");
}

/// A generator good enough to press keys, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
}

/// Presses keys. Random ones before them may have found the way out, through the palette; then another one goes on.
fn pressed(mut term: Term, keys: &str) -> Term {
    if term.try_press(keys) {
        return term;
    }
    assert_eq!(term.ended(), 0);
    let mut term = Term::demo((100, 30), "true");
    term.press(keys);
    term
}

#[test]
fn random_keys_and_sizes_never_stop_it() {
    const KEYS: &[&str] = &[
        "j",
        "k",
        "J",
        "K",
        "g",
        "G",
        "a",
        "x",
        "X",
        "s",
        "e",
        "u",
        "U",
        " ",
        "v",
        "*",
        "<",
        ">",
        "=",
        "/",
        "o",
        "O",
        "i",
        "t",
        "]",
        "[",
        "|",
        "w",
        "z",
        "f",
        "+",
        "y",
        "P",
        "T",
        "R",
        "c",
        "r",
        "1",
        "2",
        "3",
        "4",
        "6",
        "A",
        "M",
        "?",
        ":",
        "\u{1b}",
        "n",
        "N",
        "\t",
        "\r",
        "h",
        "l",
        "\u{4}",
        "\u{15}",
        "\u{c}",
        "\u{7f}",
        "\u{1b}[A",
        "\u{1b}[B",
        "\u{1b}[200~pasted qq\u{1b}[201~",
        "é",
        "0",
    ];
    let mut random = Random(0x0077_616b_6566_756c);
    let mut term = Term::demo((140, 40), "true");
    for _ in 0..150 {
        let mut keys = String::new();
        for _ in 0..20 {
            keys.push_str(KEYS[random.below(KEYS.len())]);
        }
        term = pressed(term, &keys);
        if random.below(2) == 0 {
            term.resize(1 + random.below(160) as u16, 1 + random.below(50) as u16);
        }
    }
    term.resize(100, 30);
    // What was pressed last may still end it; after that, nothing does.
    term.until_quiet(Duration::from_secs(1));
    term = pressed(term, "");
    // However deep it is, Escape leads back; then it listens as before.
    term.press(&"\u{1b}".repeat(3));
    let started = Instant::now();
    while !term.screen().contains("keys and commands") {
        assert!(started.elapsed() < PATIENCE, "it is stuck:\n{}", term.screen());
        term.press("\u{1b}");
        term.more_within(Duration::from_millis(200));
        term.press("?");
        term.more_within(Duration::from_millis(200));
    }
    term.press("\u{3}\u{3}");
    assert_eq!(term.ended(), 0);
}
