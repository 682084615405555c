//! The real binary in a pseudo-terminal: what a person at a terminal, a shell and a dropped line do to it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests; a failure is the test's failure"
)]

use std::io::Write as _;
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

#[path = "support/terminal.rs"]
mod terminal;

use terminal::{PATIENCE, Term};

#[test]
fn a_morning_at_every_size() {
    for size in [(140, 40), (100, 30), (80, 24), (60, 20)] {
        let mut term = Term::demo(size, "sh -c 'echo \"Ask first.\" >> \"$0\"'");
        term.until("the inbox is shown", |screen| screen.contains("8 to review"));
        term.press("/kind:add\r");
        term.until("the filter is on", |screen| screen.contains("filter kind:add"));
        term.press("a");
        term.until("one is accepted", |screen| {
            screen.contains("Accepted:") && screen.contains("7 to review")
        });
        term.press("e");
        term.until("the text was edited", |screen| screen.contains("Your text is kept"));
        term.press("uu");
        term.until("both are undone", |screen| screen.contains("Undone: accept"));
        term.press("aP");
        term.until("the preview is made", |screen| screen.contains("writes 1 lesson"));
        term.press("y");
        term.until("it is written", |screen| screen.contains("Written: 1 lesson"));
        term.press("4");
        term.until("the memory shows it", |screen| screen.contains("documents"));
        term.press("qq");
        assert_eq!(term.ended(), 0);
    }
}

// Whether a process is stopped is read where Linux has it.
#[cfg(target_os = "linux")]
#[test]
fn the_shell_gets_the_terminal_back_on_suspension() {
    let mut term = Term::demo((80, 24), "true");
    term.press("\u{1a}");
    let started = Instant::now();
    while !term.is_stopped() {
        assert!(started.elapsed() < PATIENCE, "it does not stop");
        std::thread::yield_now();
    }
    term.until_screen("the shell's screen is back", |screen| !screen.alternate_screen());
    term.signal("-CONT");
    term.until("everything is painted again", |screen| screen.contains("8 to review"));
    term.press("?");
    term.until("keys are read again", |screen| screen.contains("keys and commands"));
    term.press("\u{3}\u{3}");
    assert_eq!(term.ended(), 0);
}

#[test]
fn signals_end_it_in_order() {
    for (name, code) in [("-TERM", 128 + 15), ("-HUP", 128 + 1), ("-INT", 128 + 2)] {
        let term = Term::demo((80, 24), "true");
        term.signal(name);
        assert_eq!(term.ended(), code, "{name}");
    }
}

#[test]
fn few_bytes_and_none_while_idle() {
    let mut term = Term::demo((80, 24), "true");
    // The list is loaded after the pass is said to be over; a key before that moves nothing.
    term.until("the lessons are there", |screen| screen.contains("▌  + When `make test`"));
    term.press("j");
    term.until("the cursor moved", |screen| screen.contains("▌  ~ With `ledger"));
    let before = term.seen.0.lock().unwrap().bytes;
    term.press("j");
    term.until("the cursor moved", |screen| !screen.contains("▌  ~ With `ledger"));
    let moved = term.seen.0.lock().unwrap().bytes - before;
    assert!(moved < 8_000, "moving the cursor took {moved} bytes");
    // Messages go after a while; after that, nothing is to be written. The wait is longer than the
    // interval at which other writers are looked for.
    term.until("the message is gone", |screen| !screen.contains("proposes"));
    let seen = term.seen.0.lock().unwrap();
    let before = seen.bytes;
    let (seen, _) =
        term.seen.1.wait_timeout_while(seen, Duration::from_secs(5), |s| s.bytes == before).unwrap();
    assert_eq!(seen.bytes, before, "an idle screen writes nothing");
}

/// Not a test by itself: started by the one below, in a terminal of its own.
#[test]
fn a_program_that_panics() {
    if std::env::var_os("PANIC_IN_A_TERMINAL").is_none() {
        return;
    }
    wakeful::term::session::restore_on_panic();
    let _session = wakeful::term::session::Session::enter(true).unwrap();
    // On another thread: nothing of the session's own is unwound.
    let _ = std::thread::spawn(|| panic!("this can be read")).join();
    std::process::abort();
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_reported() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "a_program_that_panics", "--nocapture", "--test-threads=1"]);
    command.env("PANIC_IN_A_TERMINAL", "1");
    command.env("RUST_BACKTRACE", "0");
    let mut term = Term::start((80, 24), command, tempfile::tempdir().unwrap());
    term.until("the report", |screen| screen.contains("this can be read"));
    assert_ne!(term.ended(), 0);
}

/// A generator good enough to press keys, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }
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
        // Random keys may find the way out through the palette; then the next one goes on.
        if term.keys.write_all(keys.as_bytes()).is_err() || term.seen.0.lock().unwrap().closed {
            assert_eq!(term.ended(), 0);
            term = Term::demo((140, 40), "true");
        }
        if random.below(2) == 0 {
            term.resize(1 + random.below(160) as u16, 1 + random.below(50) as u16);
        }
    }
    term.resize(100, 30);
    // However deep it is, Escape leads back; then it listens as before.
    term.press(&"\u{1b}".repeat(3));
    let started = Instant::now();
    while !term.screen().contains("keys and commands") {
        assert!(started.elapsed() < PATIENCE, "it is stuck:\n{}", term.screen());
        term.press("\u{1b}");
        let seen = term.seen.0.lock().unwrap();
        drop(term.seen.1.wait_timeout(seen, Duration::from_millis(200)).unwrap());
        term.press("?");
        let seen = term.seen.0.lock().unwrap();
        drop(term.seen.1.wait_timeout(seen, Duration::from_millis(200)).unwrap());
    }
    term.press("\u{3}\u{3}");
    assert_eq!(term.ended(), 0);
}
