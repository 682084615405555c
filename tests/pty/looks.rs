//! What the environment says of the terminal is believed: no colours, few colours, plain characters.

use std::time::Duration;

use crate::terminal::{Term, wakeful};

/// The parameters of every sequence that sets colours or weights, in the order they were written.
fn graphics(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    text.split("\u{1b}[")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'))?;
            rest[end..].starts_with('m').then(|| rest[..end].to_owned())
        })
        .collect()
}

/// Whether a sequence sets a colour.
fn colours(parameters: &str) -> bool {
    parameters
        .split([';', ':'])
        .any(|part| part.parse().is_ok_and(|n: u8| matches!(n, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107)))
}

/// Opens the demo, looks about, leaves; gives what was written and the last screen.
fn looked_about(env: &[(&str, &str)]) -> (Vec<u8>, String) {
    let (raw, screen, _) = looked_about_and_painted(env);
    (raw, screen)
}

/// The same, with how many bytes painting the last screen anew took: how many frames come before it depends on how
/// busy the machine is.
fn looked_about_and_painted(env: &[(&str, &str)]) -> (Vec<u8>, String, usize) {
    let mut term = Term::demo_in((100, 30), env);
    term.press("j\r");
    term.until("the lesson is open", |screen| screen.contains("12 of 12 sessions"));
    term.press("i");
    term.until("the evidence is there", |screen| screen.contains("support"));
    let screen = term.whole();
    let raw = term.raw();
    term.until_quiet(Duration::from_millis(500));
    let before = term.written();
    term.press("\u{c}");
    term.until_written("it is painted anew", before + 1_000);
    term.until_quiet(Duration::from_millis(500));
    let painted = term.written() - before;
    term.press("qqq");
    assert_eq!(term.ended(), 0);
    (raw, screen, painted)
}

#[test]
fn without_colours_weights_carry_the_meaning() {
    let (raw, _) = looked_about(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]);
    let set = graphics(&raw);
    let coloured: Vec<_> = set.iter().filter(|set| colours(set)).collect();
    assert!(coloured.is_empty(), "{coloured:?}");
    assert!(
        set.iter().any(|set| set == "7") && set.iter().any(|set| set == "1"),
        "reverse and bold: {set:?}"
    );
    // The library below turns a colour into an empty sequence then, which undoes reverse and bold. That
    // does no harm at the end of a frame, where everything is set back anyhow.
    for (at, _) in set.iter().enumerate().filter(|(_, set)| set.is_empty()) {
        let next = set[at..].iter().find(|set| !set.is_empty());
        assert_eq!(next.map(String::as_str), Some("0"), "{set:?}");
    }
}

#[test]
fn the_linux_console_gets_sixteen_colours_and_plain_characters() {
    let (raw, screen) = looked_about(&[("TERM", "linux")]);
    let set = graphics(&raw);
    assert!(set.iter().any(|set| colours(set)));
    for parameters in &set {
        let parts: Vec<&str> = parameters.split(';').collect();
        assert!(
            !parts.windows(2).any(|pair| ["38", "48"].contains(&pair[0]) && pair[1] == "2"),
            "{parameters}"
        );
        let index = parts.windows(3).find(|three| ["38", "48"].contains(&three[0]) && three[1] == "5");
        if let Some(three) = index {
            assert!(three[2].parse::<u8>().unwrap() < 16, "{parameters}");
        }
    }
    let beyond: Vec<char> = screen.chars().filter(|c| !c.is_ascii()).collect();
    assert!(beyond.is_empty(), "{beyond:?}");
}

#[test]
fn all_colours_where_they_help_and_not_over_a_line() {
    let full = |env: &[(&str, &str)]| {
        let (raw, _, painted) = looked_about_and_painted(env);
        (graphics(&raw).iter().any(|set| set.contains("38;2;") || set.contains("48;2;")), painted)
    };
    let (here, bytes_here) = full(&[("COLORTERM", "truecolor")]);
    assert!(here);
    let (far, bytes_far) = full(&[("COLORTERM", "truecolor"), ("SSH_CONNECTION", "::1 1 ::1 22")]);
    assert!(!far && bytes_far < bytes_here, "{bytes_far} bytes over a line, {bytes_here} here");
    assert!(!full(&[]).0, "nobody said that the terminal knows them");
}

#[test]
fn a_dumb_terminal_is_told_what_works_there() {
    let home = tempfile::tempdir().unwrap();
    for words in [&["demo"][..], &[]] {
        let command = wakeful(home.path(), words, &[("TERM", "dumb")]);
        let mut term = Term::start((80, 24), command, tempfile::tempdir().unwrap());
        term.until("it says so", |screen| screen.replace('\n', " ").contains("`wakeful review --plain`"));
        // Not one sequence: a dumb terminal would show it.
        assert!(!term.raw().contains(&0x1b), "{}", String::from_utf8_lossy(&term.raw()));
        assert_eq!(term.ended(), 2);
    }
}
