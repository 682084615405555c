//! What the console may cost a slow line, as counts: bytes for a step, nothing for nothing. That no
//! storage, network or highlighting runs on the path of drawing and input is a fault in these builds
//! (`domain::quick`), so every test of the console shows it; here it is shown that the fault would be seen.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use wakeful::app::Action;
use wakeful::cli::context::Context;
use wakeful::cli::demo;
use wakeful::config::Config;
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::domain::quick;
use wakeful::run::ConsoleOptions;
use wakeful::run::headless::Headless;
use wakeful::source::Source as _;
use wakeful::source::folder::Folder;
use wakeful::source::platform::{KeySource, Platform, Settings};
use wakeful::sync::platform::prices::Prices;
use wakeful::term::events::Input;
use wakeful::term::frame::Screen;
use wakeful::ui::theme::{Background, Depth, Name, Theme};

use crate::headless::World;
use crate::sample;
use crate::screens::{Stage, act};

/// The sample of the demo with its eight lessons, and the clock it goes by.
pub struct Sample {
    pub console: Headless,
    clock: Arc<FixedClock>,
    _stage: demo::Stage,
}

pub fn on_the_demo(size: (u16, u16), depth: Depth) -> Sample {
    let now = "2026-03-02T07:30:00Z".parse().unwrap();
    let stage = demo::Stage::set(None, now).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut context =
        Context::load(&stage.options(&wakeful::cli::args::Global::default()), &|_| None, &mut out, &mut err)
            .unwrap();
    let clock = Arc::new(FixedClock::new(now));
    context.clock = clock.clone();
    let options = ConsoleOptions {
        store: context.store().unwrap(),
        sources: context.sources(),
        config: context.config.clone(),
        prices: Prices::built_in(),
        clock: clock.clone(),
        zone: TimeZone::UTC,
        state: stage.agent().to_owned(),
        notices: Vec::new(),
        sync_at_start: true,
        dream_at_start: None,
        requests: wakeful::observe::Requests::default(),
    };
    let theme = Theme::load(Name::Dark, Background::Dark, depth, false);
    let mut console = Headless::open(options, theme, size).unwrap();
    console.press("R").unwrap();
    assert!(console.model().inbox.counts().to_review >= 8);
    // The message of the pass goes, so that it does not count into what follows.
    console.press("g").unwrap();
    Sample { console, clock, _stage: stage }
}

impl Sample {
    /// The most bytes that one of these keys takes.
    fn most(&mut self, keys: &[&str]) -> u64 {
        let cost = |key: &&str| {
            let before = self.console.written().bytes;
            self.console.press(key).unwrap();
            self.console.written().bytes - before
        };
        keys.iter().map(cost).max().unwrap()
    }

    /// The bytes of painting everything anew, at another size.
    fn repaint(&mut self, (width, height): (u16, u16)) -> u64 {
        let before = self.console.written().bytes;
        self.console.resize(width, height).unwrap();
        self.console.written().bytes - before
    }
}

#[test]
fn a_cursor_move_and_another_lesson_cost_few_bytes() {
    // One pane: the list is all there is.
    let mut low = on_the_demo((80, 19), Depth::Indexed);
    let moved = low.most(&["j", "j", "j", "k", "k"]);
    assert!((1..1_200).contains(&moved), "moving the cursor at 80x19 takes {moved} bytes");

    // From here on the lesson under the cursor is below the list; an open one fills the screen.
    let mut narrow = on_the_demo((80, 24), Depth::Indexed);
    let peeked = narrow.most(&["j", "j", "j", "k", "k"]);
    assert!((moved..4_000).contains(&peeked), "moving the cursor at 80x24 takes {peeked} bytes");
    narrow.console.press("g enter").unwrap();
    let turned = narrow.most(&["n", "n", "n", "N", "N"]);
    assert!((moved..6_000).contains(&turned), "another lesson at 80x24 takes {turned} bytes");

    // List and lesson beside each other: the evidence has a cursor of its own.
    let mut wide = on_the_demo((120, 40), Depth::Indexed);
    let turned = wide.most(&["j", "j", "j", "k", "k"]);
    assert!((1..11_000).contains(&turned), "another lesson at 120x40 takes {turned} bytes");
    wide.console.press("g i").unwrap();
    let moved = wide.most(&["j", "j", "k"]);
    assert!((1..1_500).contains(&moved), "moving among the evidence at 120x40 takes {moved} bytes");
    wide.console.press("esc").unwrap();

    // What a line saves by not being sent all colours, told on a whole screen: how many frames a key
    // takes depends on how soon its lesson is there.
    let mut full = on_the_demo((120, 40), Depth::Rgb);
    let (in_256, in_full) = (wide.repaint((121, 40)), full.repaint((121, 40)));
    assert!(in_full > in_256, "{in_full} bytes in all colours, {in_256} in 256");
}

#[test]
fn an_idle_minute_writes_nothing() {
    let mut sample = on_the_demo((120, 40), Depth::Indexed);
    sample.console.press("y").unwrap();
    let said = sample.console.written();
    // The message goes by itself: one frame. Then a minute in which nothing happens.
    for second in 0..70 {
        sample.clock.advance(SignedDuration::from_secs(1));
        sample.console.time_passed().unwrap();
        let writes = sample.console.written().writes - said.writes;
        assert!(writes <= 1, "{writes} writes after {second} seconds");
    }
    assert_eq!(sample.console.written().writes, said.writes + 1);
}

#[test]
fn what_changes_nothing_draws_nothing() {
    let mut sample = on_the_demo((80, 24), Depth::Indexed);
    let (frames, written) = (sample.console.frames(), sample.console.written());
    // Up at the top, the wheel at the top, a click on what is selected, a key released.
    sample.console.press("k g up pgup").unwrap();
    for input in [Input::Wheel(-3, (5, 8)), Input::Wheel(-3, (200, 200))] {
        sample.console.input(input).unwrap();
    }
    assert_eq!(sample.console.frames(), frames);
    assert_eq!(sample.console.written(), written);
    // A burst is one frame, however much is in it.
    let down = || Input::Wheel(3, (5, 8));
    sample.console.burst((0..30).map(|_| down())).unwrap();
    assert!(sample.console.frames() - frames <= 2, "{} frames", sample.console.frames() - frames);
}

/// Keeps every write by itself.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_frame_is_one_write_inside_one_synchronized_update() {
    let writes = Writes::default();
    let mut area = Rect::new(0, 0, 40, 6);
    let mut screen = Screen::new(area, writes.clone()).unwrap();
    let mut frame = Buffer::empty(area);
    frame.set_string(3, 2, "a lesson", Style::new());
    for (step, typing) in [true, false, true].into_iter().enumerate() {
        frame.set_string(0, 0, format!("step {step}"), Style::new());
        screen.paint(area, &frame, Some(Position::new(1, 1)), typing, "wakeful: 3 to review").unwrap();
        // Also when the terminal became another in between.
        area.width -= 7;
    }
    let written = writes.0.lock().unwrap();
    assert_eq!(written.len(), 3);
    for bytes in written.iter() {
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.starts_with("\u{1b}[?2026h") && text.ends_with("\u{1b}[?2026l"), "{text:?}");
        assert_eq!(text.matches("\u{1b}[?2026").count(), 2, "{text:?}");
    }
    assert_eq!(screen.written().writes, 3);
    assert_eq!(screen.written().bytes, written.iter().map(|bytes| bytes.len() as u64).sum::<u64>());
}

/// Tells the time, and notes whether whoever asks on the test's own thread has promised to be quick.
struct Asked {
    clock: FixedClock,
    thread: std::thread::ThreadId,
    promised: AtomicU64,
    free: AtomicU64,
}

impl Clock for Asked {
    fn now(&self) -> jiff::Timestamp {
        if std::thread::current().id() == self.thread {
            let count = if quick::is_promised() { &self.promised } else { &self.free };
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.clock.now()
    }
}

#[test]
fn whatever_is_pressed_answered_or_drawn_is_under_the_promise() {
    let place = World::new();
    let asked = Arc::new(Asked {
        clock: FixedClock::new("2026-03-02T07:30:00Z".parse().unwrap()),
        thread: std::thread::current().id(),
        promised: AtomicU64::new(0),
        free: AtomicU64::new(0),
    });
    let mut options = place.options(Config::default());
    options.clock = asked.clone();
    let theme = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
    let mut console = Headless::open(options, theme, (120, 40)).unwrap();
    // The message about the first reading goes; nothing else waits for time to pass then.
    console.press("g").unwrap();
    let counts = || (asked.promised.load(Ordering::Relaxed), asked.free.load(Ordering::Relaxed));
    for keys in
        ["j", "k", "i", "esc", "/ x esc", "4", "6", "2", "3", "1", "?", "esc", "enter", "tab", "tab", "esc"]
    {
        // When a message is to go is looked up between frames, where anything may be done; here none waits.
        assert_eq!(console.model().next_tick(), None, "{keys}");
        let (promised, free) = counts();
        console.press(keys).unwrap();
        // Once for the key, once for what the frame says of the screen.
        assert!(counts().0 >= promised + 2, "{keys}");
        assert_eq!(counts().1, free, "{keys}");
    }
    for input in [Input::Wheel(3, (5, 8)), Input::Press((5, 8)), Input::Paste("x".to_owned())] {
        let (promised, _) = counts();
        console.input(input).unwrap();
        assert!(counts().0 > promised);
    }
}

/// What the screen keeps from frame to frame is of what it shows now, not of all that was looked at.
#[test]
fn what_is_kept_between_frames_does_not_grow() {
    let mut model = sample::model();
    let mut stage = Stage::new(false);
    let mut kept = Vec::new();
    for number in 0..60 {
        let mut detail = sample::detail(model.detail.lesson().unwrap());
        let text = |word: &str| format!("# Title\n\n{}", format!("- {word} {number:03} `code`\n").repeat(50));
        for document in &mut detail.documents {
            (document.before, document.after) = (text("old").into(), text("new").into());
        }
        model.detail.fill(detail);
        act(&mut model, &[Action::OpenTranscript]);
        stage.draw(&mut model, (120, 40));
        act(&mut model, &[Action::Back, Action::Preview]);
        stage.draw(&mut model, (100, 30));
        act(&mut model, &[Action::Decline]);
        stage.draw(&mut model, (80 + number, 24));
        kept.push(stage.kept());
    }
    let (early, late) = kept.split_at(20);
    let most = |kept: &[usize]| kept.iter().copied().max().unwrap();
    assert!(most(late) < most(early) * 5 / 4, "from {} to {}", most(early), most(late));
}

#[test]
fn storage_and_sources_know_the_promise_to_be_quick() {
    let place = World::new();
    let store = place.store();
    let reader = store.reader().unwrap();
    let folder = place.root();
    let source = Folder::new(&folder);
    let agent = source.agents().unwrap().remove(0);
    let broken = |work: &dyn Fn()| {
        let work = std::panic::AssertUnwindSafe(|| {
            let _quick = quick::promise();
            work();
        });
        std::panic::catch_unwind(work).is_err()
    };
    assert!(broken(&|| drop(reader.agents())), "reading the cache");
    assert!(broken(&|| drop(store.writer().set_view("x", "{}"))), "writing to the cache");
    assert!(broken(&|| drop(source.sessions(&agent))), "reading sessions");
    assert!(
        broken(&|| drop(wakeful::source::files::read_folder(&folder.join("memory")))),
        "reading a memory"
    );
    assert!(broken(&|| drop(wakeful::ui::highlight::Highlighted::markdown("# x"))), "highlighting");
    // Nobody listens there: a fault comes before the line is tried.
    let settings = Settings::new("default", KeySource::given("k")).at("http://127.0.0.1:9");
    let clock = Arc::new(FixedClock::new("2026-03-02T07:30:00Z".parse().unwrap()));
    let platform = Platform::new(settings, folder.join("far"), clock).unwrap();
    assert!(broken(&|| drop(platform.agents())), "asking the platform");
    assert!(!broken(&|| ()), "and being quick is no fault");
}
