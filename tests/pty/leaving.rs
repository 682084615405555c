//! However it ends or steps aside: the shell gets its terminal back, and nothing of the review is lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use portable_pty::CommandBuilder;
use wakeful::cli::context::Context;
use wakeful::cli::demo::Stage;
use wakeful::domain::clock::{Clock, SystemClock};
use wakeful::guard::secrets;
use wakeful::observe;
use wakeful::run::{ConsoleOptions, console};
use wakeful::sync::platform::prices::Prices;

use crate::terminal::{Term, has, surround, wakeful};

// Whether a process is stopped is read where Linux has it.
#[cfg(target_os = "linux")]
#[test]
fn the_shell_gets_the_terminal_back_on_suspension() {
    let mut term = Term::demo((80, 24), "true");
    term.press("/-kind:merge\r");
    term.until("the filter is on", |screen| screen.contains("filter -kind:merge"));
    // Also from inside a text field.
    term.press("/\u{1a}");
    let started = std::time::Instant::now();
    while !term.is_stopped() {
        assert!(started.elapsed() < crate::terminal::PATIENCE, "it does not stop");
        std::thread::yield_now();
    }
    term.until_screen("the shell's screen is back", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
    });
    assert!(!term.is_raw(), "the shell can read lines");
    // While it slept the window became another.
    term.resize(100, 30);
    term.signal("-CONT");
    term.until("everything is painted again, at the new size", |screen| {
        screen.contains("filter -kind:merge") && screen.lines().count() == 30
    });
    assert!(term.is_raw());
    term.press("\u{1b}");
    term.until("the field is left", |screen| screen.contains("? help"));
    term.press("?");
    term.until("keys are read again", |screen| screen.contains("keys and commands"));
    term.press("\u{3}\u{3}");
    assert_eq!(term.ended(), 0);
}

#[test]
fn what_a_killed_console_left_on_the_screen_is_wiped() {
    // Entering the other screen wipes it only where a terminal is not on it already.
    let term = Term::demo((80, 24), "true");
    assert!(has(&term.raw(), b"\x1b[?1049h\x1b[2J"));
    drop(term);
}

#[test]
fn signals_end_it_in_order() {
    for (name, code) in [("-TERM", 128 + 15), ("-HUP", 128 + 1), ("-INT", 128 + 2)] {
        let term = Term::demo((80, 24), "true");
        term.signal(name);
        assert_eq!(term.ended(), code, "{name}");
    }
}

/// The sample in a folder that stays, with its pass done.
pub struct Kept {
    home: tempfile::TempDir,
}

impl Kept {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let kept = Self { home };
        Stage::set(Some(&kept.root()), SystemClock.now()).unwrap();
        let mut run = kept.command(&["dream", "run"]);
        run.env("COLUMNS", "100");
        let mut term = Term::start((100, 30), run, tempfile::tempdir().unwrap());
        term.until("the pass is done", |screen| screen.contains("lessons"));
        assert_eq!(term.ended(), 0);
        kept
    }

    fn root(&self) -> PathBuf {
        self.home.path().join("kept")
    }

    pub fn command(&self, words: &[&str]) -> CommandBuilder {
        let (config, data) = (self.root().join("config.toml"), self.root().join("cache"));
        let mut all = vec!["--config", config.to_str().unwrap(), "--data-dir", data.to_str().unwrap()];
        all.extend(words);
        wakeful(self.home.path(), &all, &[])
    }

    fn open(&self) -> Term {
        let mut term = Term::start((100, 30), self.command(&[]), tempfile::tempdir().unwrap());
        term.until("the lessons are there", |screen| {
            screen.contains("to review") && screen.contains("synced")
        });
        term
    }
}

/// How the lesson under the cursor begins. What stands beside it may still change: signs, counts.
fn under_cursor(screen: &str) -> String {
    let row = screen.lines().find_map(|line| line.split_once('▌')).unwrap_or_default().1;
    row.chars().skip(4).take(30).collect()
}

#[test]
fn a_dropped_line_loses_nothing_and_it_opens_where_it_was() {
    let kept = Kept::new();
    let ends: [(&str, &dyn Fn(Term)); 3] = [
        ("terminated", &|term| {
            term.signal("-TERM");
            assert_eq!(term.ended(), 128 + 15);
        }),
        ("hung up on", &|term| {
            term.signal("-HUP");
            assert_eq!(term.ended(), 128 + 1);
        }),
        ("cut off", &|term| assert_eq!(term.hang_up(), 128 + 1)),
    ];
    for (round, (how, end)) in ends.into_iter().enumerate() {
        let left = 8 - round;
        let mut term = kept.open();
        if round == 0 {
            term.press("/-kind:merge\r");
            term.until("the filter is on", |screen| screen.contains("filter -kind:merge"));
            term.until(how, |screen| screen.contains(&format!("{left} to review")));
        } else {
            term.until(how, |screen| {
                screen.contains("filter -kind:merge")
                    && screen.contains(&format!("{left} to review"))
                    && !under_cursor(screen).is_empty()
            });
            // The next key may not be pressed before this one has moved the cursor.
            let opened = under_cursor(&term.whole());
            term.press("n");
            term.until("the next one", |screen| {
                let now = under_cursor(screen);
                !now.is_empty() && now != opened
            });
        }
        let accepted = under_cursor(&term.whole());
        term.press("a");
        // The cursor may leave the lesson a frame after that is said.
        term.until("one more is accepted", |screen| {
            let now = under_cursor(screen);
            screen.contains(&format!("{} to review", left - 1))
                && screen.contains("Accepted:")
                && !now.is_empty()
                && now != accepted
        });
        // Not where a fresh start would be.
        term.press("G");
        term.until("the cursor is on the last one", |screen| under_cursor(screen).contains("Fixtures for"));
        let there = under_cursor(&term.whole());
        end(term);
        let mut again = kept.open();
        again.until(how, |screen| {
            screen.contains("filter -kind:merge") && screen.contains(&format!("{} to review", left - 1))
        });
        assert_eq!(under_cursor(&again.whole()), there, "{how}");
        again.press("q");
        assert_eq!(again.ended(), 0);
    }
}

/// Tells the time until a file says that it is to fail: a fault in the middle of the loop.
struct Failing(PathBuf);

impl Clock for Failing {
    fn now(&self) -> Timestamp {
        assert!(!self.0.exists(), "the clock of this test fails on request");
        SystemClock.now()
    }
}

/// Not a test by itself: started by the one below, in a terminal of its own. The console as the program
/// opens it, but with a clock that can fail.
#[test]
fn a_console_with_a_fault() {
    let Some(root) = std::env::var_os("FAULT_IN_A_TERMINAL").map(PathBuf::from) else { return };
    let stage = Stage::set(Some(&root.join("sample")), SystemClock.now()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let context =
        Context::load(&stage.options(&wakeful::cli::args::Global::default()), &|_| None, &mut out, &mut err)
            .unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Failing(root.join("fail")));
    observe::install_panic_report(root.join("logs"), Arc::new(SystemClock), secrets::redact);
    let options = ConsoleOptions {
        store: context.store().unwrap(),
        sources: context.sources(),
        config: context.config.clone(),
        prices: Prices::built_in(),
        clock,
        zone: TimeZone::UTC,
        state: root,
        notices: Vec::new(),
        sync_at_start: true,
        dream_at_start: None,
        requests: wakeful::observe::Requests::default(),
    };
    let ended = console(options);
    panic!("the console went on after a fault: {ended:?}");
}

fn reports(root: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(root.join("logs")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_fault_gives_the_terminal_back_and_names_the_report() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().to_owned();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "leaving::a_console_with_a_fault", "--nocapture", "--test-threads=1"]);
    surround(&mut command, &root, &[("FAULT_IN_A_TERMINAL", root.to_str().unwrap())]);
    let mut term = Term::start((100, 30), command, home);
    term.until("the console is open", |screen| {
        screen.contains("Nothing to review") || screen.contains("synced")
    });
    term.until_screen("on its own screen", |screen| screen.alternate_screen() && screen.bracketed_paste());
    std::fs::write(root.join("fail"), "").unwrap();
    // It may have looked at the time by itself before the key came.
    term.try_press("j");
    term.until_screen("the shell's screen is back, with the report's place on it", |screen| {
        let said = screen.contents();
        !screen.alternate_screen()
            && said.contains("A report is in")
            && said.contains("The terminal has been restored")
    });
    let written = reports(&root);
    assert_eq!(written.len(), 1, "{written:?}");
    let report = std::fs::read_to_string(&written[0]).unwrap();
    assert!(report.contains("the clock of this test fails on request"), "{report}");
    assert_ne!(term.ended(), 0);
}

#[test]
fn the_terminal_is_asked_for_its_focus_only_by_who_wants_notices() {
    let kept = Kept::new();
    for (setting, asked) in [("", false), ("[screen]\nnotify = true\n", true)] {
        let config = kept.root().join("config.toml");
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, format!("{text}\n{setting}")).unwrap();
        let mut term = kept.open();
        assert_eq!(has(&term.raw(), b"\x1b[?1004h"), asked);
        // What a terminal says of its focus is no key.
        term.press("\u{1b}[O\u{1b}[I");
        term.press("?");
        term.until("it listens", |screen| screen.contains("keys and commands"));
        term.press("\u{3}\u{3}");
        assert_eq!(term.ended(), 0);
    }
}
