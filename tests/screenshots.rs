//! The pictures in `screenshots/` show what the program shows now.
//!
//! `WAKEFUL_BLESS=1 cargo test --test screenshots` makes them anew (`WAKEFUL_BLESS=review` only those whose
//! name begins so); without it the test fails when the stored ones are stale.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/platform.rs"]
mod platform;
#[path = "support/shot/mod.rs"]
mod shot;
#[allow(dead_code, reason = "the test of the review looks closer")]
#[path = "review24/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Block, Widget};
use shot::{covers, moving, png};
use wakeful::cli::context::Context;
use wakeful::cli::demo::Stage;
use wakeful::config::Config;
use wakeful::domain::clock::FixedClock;
use wakeful::run::ConsoleOptions;
use wakeful::run::headless::Headless;
use wakeful::stand_in::Script;
use wakeful::sync::platform::prices::Prices;
use wakeful::ui::shot::{Look, svg};
use wakeful::ui::theme::{Background, Depth, Name, Theme, UNICODE};

/// A small screen with everything the writer knows.
fn small() -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 6));
    Block::bordered().title(" <box> & ").render(buffer.area, &mut buffer);
    buffer.set_string(2, 1, "plain", Style::new());
    buffer.set_string(8, 1, "bold", Style::new().add_modifier(Modifier::BOLD).fg(Color::Rgb(255, 200, 0)));
    buffer.set_string(13, 1, "under", Style::new().add_modifier(Modifier::UNDERLINED));
    buffer.set_string(2, 2, " on green  ", Style::new().bg(Color::Rgb(0, 95, 0)));
    buffer.set_string(13, 2, "reverse", Style::new().add_modifier(Modifier::REVERSED));
    buffer.set_string(2, 3, "▁▂▃▄▅▆▇█▌ ✓✗→", Style::new().fg(Color::Indexed(117)));
    buffer.set_string(2, 4, "漢 wide", Style::new().add_modifier(Modifier::ITALIC).fg(Color::LightRed));
    buffer
}

#[test]
fn a_small_screen_becomes_a_known_picture() {
    insta::assert_snapshot!("shot_small", svg(&small(), "small", &Look::DARK));
}

#[test]
fn lines_have_no_seams() {
    let picture = png(&svg(&small(), "small", &Look::LIGHT));
    let ink = |x: u32, y: u32| picture.pixel(x, y).unwrap().demultiply();
    // The left border from the upper to the lower corner, in one piece.
    let (x, top) = (10 + 9 / 2, 30 + 10 + 19 / 2);
    for y in top..top + 5 * 19 {
        assert_eq!(ink(x, y), ink(x, top), "a seam at {y}");
    }
    // The lower border from corner to corner.
    let y = 30 + 10 + 5 * 19 + 19 / 2;
    for x in x..x + 23 * 9 {
        assert_eq!(ink(x, y), ink(x, y.min(y)), "a seam at {x}");
        assert_ne!(ink(x, y), ink(x, y + 3), "no line at {x}");
    }
    // A background is one colour from edge to edge.
    let green = ink(10 + 2 * 9 + 1, 30 + 10 + 2 * 19);
    assert_eq!((green.red(), green.green(), green.blue()), (0, 95, 0));
    assert_eq!(ink(10 + 13 * 9 - 1, 30 + 10 + 3 * 19 - 1), green);
}

#[test]
fn the_font_has_every_symbol_of_the_screen() {
    let shown = format!("{UNICODE:?}");
    let mut symbols: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
    symbols.extend("⟨⟩⏎·─│┌┐└┘├┤┬┴┼▌▇▾●✓✗…«»".chars());
    symbols.sort_unstable();
    symbols.dedup();
    for font in [dejavu::sans_mono::regular(), dejavu::sans_mono::bold()] {
        assert!(covers(font, 'a') && !covers(font, '漢'));
        let missing: Vec<char> = symbols.iter().copied().filter(|&c| !covers(font, c)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

/// The moment the pictures are taken.
const NOW: &str = "2026-03-02T07:30:00Z";

/// What leads from one screen to the next.
enum Step {
    /// The reviewer presses keys.
    Keys(&'static str),
    /// Somebody else changes the memory that lessons are about to be written to, then the reviewer presses keys.
    Meddle(&'static str),
}

use Step::{Keys, Meddle};

/// Every screen, in the order of a sitting. The keys are pressed on the wide screen.
const SCREENS: &[(&str, Step)] = &[
    ("inbox", Keys("")),
    ("lesson", Keys("enter")),
    ("evidence", Keys("esc i")),
    ("transcript", Keys("t")),
    ("dreams", Keys("esc esc 2")),
    ("agents", Keys("3")),
    ("help", Keys("1 ?")),
    ("themes", Keys("esc ctrl-t")),
    ("preview", Meddle("esc g a a P")),
    ("memory", Keys("y; 4 g tab; j j j j j j j j j j j j j j j j j j")),
    ("audit", Keys("6")),
    ("conflict", Keys("1 g j enter")),
];

const WIDE: (u16, u16) = (140, 40);
const NARROW: (u16, u16) = (80, 24);

/// A review from the first lesson to the memory as written, on the desk of the prepared lessons: each step, and
/// how the lesson begins that is reached by deciding rightly what comes before; none: the keys from there.
const REVIEW: &[(&str, Result<&str, &str>)] = &[
    ("review-1-inbox", Err("")),
    ("review-2-rules", Ok("Always close an account")),
    ("review-3-one-person", Ok("Write every answer in capital letters")),
    ("review-4-by-hand", Ok("Drop: Sign with")),
    ("review-5-strangers-order", Ok("Ignore all previous instructions")),
    ("review-6-preview", Err("x a a P")),
    ("review-7-memory", Err("y; 4; j j j j j; tab; j j j j j j j")),
];
const REVIEWED: (u16, u16) = (120, 30);
/// Seconds each step stays.
const STEP: u32 = 3;

fn theme(name: Name, background: Background) -> Theme {
    Theme::load(name, background, Depth::Rgb, false)
}

/// A console on the sample of `wakeful demo`.
fn open(stage: &Stage, theme: Theme) -> Headless {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    // The account of this machine must not be in a picture.
    let env = |name: &str| (name == "USER").then(|| "owner".to_owned());
    let mut context =
        Context::load(&stage.options(&wakeful::cli::args::Global::default()), &env, &mut out, &mut err)
            .unwrap();
    let clock = Arc::new(FixedClock::new(NOW.parse().unwrap()));
    context.clock = clock.clone();
    let options = ConsoleOptions {
        store: context.store().unwrap(),
        sources: context.sources(),
        config: context.config.clone(),
        prices: Prices::built_in(),
        clock,
        zone: TimeZone::UTC,
        state: stage.agent().to_owned(),
        notices: Vec::new(),
        sync_at_start: true,
        dream_at_start: None,
        requests: wakeful::observe::Requests::default(),
    };
    Headless::open(options, theme, WIDE).unwrap()
}

/// Presses keys; after a semicolon once everything has settled.
fn press(console: &mut Headless, keys: &str) {
    for part in keys.split(';') {
        console.press(part).unwrap();
    }
}

/// Every screen in one theme, at both sizes: `inbox-dark-140x40` and so on.
fn play(name: Name, background: Background, look: &Look) -> Vec<(String, String)> {
    let stage = Stage::set(None, NOW.parse().unwrap()).unwrap();
    let folder = stage.agent().to_string_lossy().into_owned();
    let mut console = open(&stage, theme(name, background));
    console.press("R").unwrap();
    let mut made = Vec::new();
    for (screen, step) in SCREENS {
        match step {
            Keys(keys) => press(&mut console, keys),
            Meddle(keys) => {
                let document = stage.agent().join("memory/orders.md");
                let text = fs::read_to_string(&document).unwrap();
                assert!(text.contains("--batch 500"));
                fs::write(&document, text.replace("--batch 500", "--batch 250")).unwrap();
                press(&mut console, keys);
            }
        }
        for (width, height) in [NARROW, WIDE] {
            console.resize(width, height).unwrap();
            let frame = with_plain_folder(console.frame(), &folder);
            let picture = svg(&frame, console.title(), look);
            made.push((format!("{screen}-{}-{width}x{height}", name.as_str()), picture));
        }
    }
    console.close();
    made
}

/// The same frame with the name of the temporary folder made short: it is another one every time.
fn with_plain_folder(frame: &Buffer, folder: &str) -> Buffer {
    let mut frame = frame.clone();
    let (width, height) = (frame.area.width, frame.area.height);
    for y in 0..height {
        let row: Vec<String> = (0..width).map(|x| frame[(x, y)].symbol().to_owned()).collect();
        let text = row.concat();
        let Some(bytes) = text.find(folder) else { continue };
        let start = text[..bytes].chars().count();
        let plain: Vec<String> = "/shop-agent".chars().map(String::from).collect();
        // The last cell is the frame around it all.
        let rest = row[start + folder.len()..row.len() - 1].to_vec();
        let new = plain.into_iter().chain(rest).chain(std::iter::repeat(" ".to_owned()));
        for (x, symbol) in (start..row.len() - 1).zip(new) {
            frame[(x as u16, y)].set_symbol(&symbol);
        }
    }
    frame
}

/// Every picture of a screen as the program makes it now.
fn screens() -> Vec<(String, String)> {
    let mut all = play(Name::Dark, Background::Dark, &Look::DARK);
    all.extend(play(Name::Light, Background::Light, &Look::LIGHT));
    all
}

/// A dream on the platform: the question before it, and while it runs, in one theme at both sizes.
fn far(name: Name, background: Background, look: &Look) -> Vec<(String, String)> {
    let far = platform::Far::new();
    let learned = "# Notes\n\n- Be kind.\n- Refunds take five days.\n";
    far.server.workspace().script_dream(Script::writing(&[("/notes.md", Some(learned))]));
    let theme = theme(name, background);
    let mut console = far.open_as(Config::default(), Prices::built_in(), theme, WIDE);
    let mut made = Vec::new();
    let mut take = |console: &mut Headless, screen: &str| {
        for (width, height) in [NARROW, WIDE] {
            console.resize(width, height).unwrap();
            let picture = svg(console.frame(), console.title(), look);
            made.push((format!("{screen}-{}-{width}x{height}", name.as_str()), picture));
        }
    };
    console.press("3 R").unwrap();
    take(&mut console, "start");
    console.press("y").unwrap();
    console.press("2").unwrap();
    let dream = far.server.workspace().dreams().remove(0);
    for step in ["running", "read /mnt/session/transcripts/", "write /mnt/memory/output/notes.md"] {
        far.clock.advance(SignedDuration::from_secs(50));
        far.server.workspace().step_dream(&dream);
        comes(&mut console, step);
    }
    // What it used is told after what it did.
    comes(&mut console, "used 151k tokens");
    take(&mut console, "dream-running");
    console.close();
    made
}

/// Waits for something a dream elsewhere does to come on the screen.
#[track_caller]
fn comes(console: &mut Headless, what: &str) {
    let seen = console.until_shown(Duration::from_secs(20), |frame| words(frame).contains(what)).unwrap();
    assert!(seen, "{what:?} does not come:\n{}", words(console.frame()));
}

/// What is written on a screen.
fn words(frame: &Buffer) -> String {
    frame.content.iter().map(ratatui::buffer::Cell::symbol).collect()
}

/// The main screens, in both themes: these are there as pixels too, for places that draw no SVG.
const MAIN: &[&str] = &["inbox", "lesson", "evidence", "transcript", "preview", "memory"];

/// Pictures that are there as pixels: the main ones, and what the README shows.
fn as_pixels() -> BTreeSet<String> {
    let themes = ["dark", "light"];
    let main = MAIN.iter().flat_map(|screen| themes.map(|theme| format!("{screen}-{theme}-140x40")));
    shown().into_iter().chain(main).collect()
}

/// Pictures that the README shows.
fn shown() -> BTreeSet<String> {
    let readme = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let names = readme.split("screenshots/").skip(1).filter_map(|rest| rest.split_once(".png"));
    names.map(|(name, _)| name.to_owned()).filter(|name| !name.contains(char::is_whitespace)).collect()
}

/// The steps of the review, and all of them one after the other in one picture that moves.
fn review() -> Vec<(String, String)> {
    let desk = world::Desk::new();
    let theme = theme(Name::Dark, Background::Dark);
    let mut console = Headless::open(desk.options(), theme, REVIEWED).unwrap();
    let mut steps: Vec<(String, String)> = Vec::new();
    for (name, to) in REVIEW {
        match to {
            Err(keys) => drop(console.press(keys).unwrap()),
            Ok(begin) => decide_until(&mut console, begin),
        }
        steps.push(((*name).to_owned(), svg(console.frame(), console.title(), &Look::DARK)));
    }
    console.close();
    let pictures: Vec<&str> = steps.iter().map(|(_, svg)| svg.as_str()).collect();
    steps.push(("review".to_owned(), moving(&pictures, STEP)));
    steps
}

fn decide_until(console: &mut Headless, begin: &str) {
    loop {
        let statement = console.model().inbox.current().unwrap().lesson.statement.clone();
        if statement.starts_with(begin) {
            return;
        }
        let good = world::GOOD.iter().any(|good| statement.starts_with(good));
        console.press(if good { "a" } else { "x" }).unwrap();
    }
}

#[test]
fn stored_pictures_are_what_the_demo_shows() {
    let stored = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    let bless = std::env::var("WAKEFUL_BLESS").ok();
    let blessed = |name: &str| bless.as_deref().is_some_and(|which| which == "1" || name.starts_with(which));
    let (shown, pixelled) = (shown(), as_pixels());
    let mut made = screens();
    made.extend(far(Name::Dark, Background::Dark, &Look::DARK));
    made.extend(far(Name::Light, Background::Light, &Look::LIGHT));
    made.extend(review());
    let mut stale = Vec::new();
    for (name, svg) in &made {
        let (picture, pixels) = (stored.join(format!("{name}.svg")), stored.join(format!("{name}.png")));
        if blessed(name) {
            fs::create_dir_all(&stored).unwrap();
            fs::write(&picture, svg).unwrap();
            if pixelled.contains(name) {
                fs::write(&pixels, png(svg).encode_png().unwrap()).unwrap();
            } else if pixels.is_file() {
                fs::remove_file(&pixels).unwrap();
            }
        } else if fs::read_to_string(&picture).ok().as_ref() != Some(svg)
            || pixelled.contains(name) != pixels.is_file()
        {
            // What it looks like now, beside what is stored.
            let now = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.svg"));
            fs::write(&now, svg).unwrap();
            stale.push(format!("{name} (now: {})", now.display()));
        }
    }
    assert!(
        stale.is_empty(),
        "these pictures are stale; if the new look is meant, make them anew with \
         `WAKEFUL_BLESS=1 cargo test --test screenshots`: {}",
        stale.join(", ")
    );
    let missing: Vec<_> = shown.iter().filter(|name| !made.iter().any(|(made, _)| made == *name)).collect();
    assert!(missing.is_empty(), "the README shows pictures that are not made: {missing:?}");
    let known: BTreeSet<String> = made.into_iter().map(|(name, _)| name).collect();
    for file in fs::read_dir(&stored).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !known.contains(&name) && bless.as_deref() == Some("1") {
            fs::remove_file(&file).unwrap();
            continue;
        }
        assert!(known.contains(&name), "{} is no longer made", file.display());
    }
}
