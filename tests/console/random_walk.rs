//! A hundred thousand things from outside, in bursts as a slow line brings them, on the real loop with
//! a real cache: it never stops by itself, what holds of the model goes on holding, and nothing piles up.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use wakeful::app::Model;
use wakeful::run::headless::Headless;
use wakeful::term::events::Input;

use crate::headless::World;
use crate::properties::check;

/// Things sent in all.
const STEPS: usize = 100_000;
/// Entries of the trail held at most: a thousand for what is looked for, and a thousand for what was done.
const TRAIL: usize = 2_000;
/// Things sent before the loop may rest.
const BURST: usize = 125;
/// Keys that do not leave the program: those that do are sent by themselves, now and then.
const KEYS: &str =
    "jjjjkkkkggGGJKhl  v*<>=oOit|wzf+()[]nN/axXseuU?:;!@#0123456yPdmTMLBbcC&~^' \u{e9}\u{4e2d}";
const NAMED: &[KeyCode] = &[
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Esc,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::F(1),
];
const SIZES: &[(u16, u16)] = &[(80, 24), (60, 20), (120, 30), (40, 10), (20, 6), (5, 3), (1, 1), (112, 18)];

/// A generator good enough to press keys, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    fn input(&mut self, size: (u16, u16)) -> Input {
        let key = |code, modifiers| Input::Key(KeyEvent::new(code, modifiers));
        let at = |random: &mut Self| {
            let cell = |random: &mut Self, cells: u16| random.below(usize::from(cells) + 2) as u16;
            (cell(random, size.0), cell(random, size.1))
        };
        match self.below(100) {
            0..70 => {
                let keys: Vec<char> = KEYS.chars().collect();
                key(KeyCode::Char(keys[self.below(keys.len())]), KeyModifiers::NONE)
            }
            70..84 => key(NAMED[self.below(NAMED.len())], KeyModifiers::NONE),
            84..87 => key(KeyCode::Char(['d', 'u', 'l'][self.below(3)]), KeyModifiers::CONTROL),
            87..90 => Input::Paste("a pasted paragraph: aaaxxx\n\u{1b}[2Jq\n".repeat(1 + self.below(3))),
            90..94 => Input::Wheel([3, -3][self.below(2)], at(self)),
            94..98 => Input::Press(at(self)),
            98 => Input::Drag(at(self)),
            _ => Input::Resize,
        }
    }
}

/// How much there is in everything the model holds, but for the trail and the log of messages: these grow
/// with what is done, up to limits of their own.
fn extent(model: &Model) -> usize {
    format!("{model:?}").len() - format!("{:?}", model.audit).len() - format!("{:?}", model.toasts).len()
}

fn fits(console: &Headless, (width, height): (u16, u16)) {
    assert_eq!(console.frame().area, Rect::new(0, 0, width, height));
}

#[test]
fn a_hundred_thousand_things_from_outside() {
    let place = World::new();
    let mut random = Random(7);
    let mut size = SIZES[0];
    let mut console = place.open(size);
    let mut extents = Vec::new();
    let mut starts = 1;
    for step in 0..STEPS / BURST {
        let burst: Vec<Input> = (0..BURST).map(|_| random.input(size)).collect();
        let ended = console.burst(burst).unwrap();
        check(console.model());
        assert!(console.model().toasts.log().len() <= 300);
        let trail = console.model().audit.view.as_ref().map_or(0, |view| view.entries.len());
        assert!(trail <= TRAIL, "the trail holds {trail} entries");
        fits(&console, size);
        if step % 10 == 9 {
            size = SIZES[random.below(SIZES.len())];
            console.resize(size.0, size.1).unwrap();
            fits(&console, size);
            extents.push(extent(console.model()));
        }
        // Leaving and coming back loses nothing of what was decided.
        if ended.is_some() || step % 100 == 99 {
            console.close();
            console = place.open(size);
            starts += 1;
            check(console.model());
        }
    }
    console.close();
    assert!(starts < 40, "only what says so leaves: {starts} starts");
    // Nothing may grow with what was sent.
    let (early, late) = extents.split_at(extents.len() / 2);
    let largest = |extents: &[usize]| extents.iter().copied().max().unwrap_or_default();
    assert!(
        largest(late) < largest(early) * 2,
        "the model grew from {} to {}",
        largest(early),
        largest(late)
    );
}
