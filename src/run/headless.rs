//! The console without a terminal: keys in as text, frames out as cells, the same loop in between.
//! For tests, screenshots and measurements.
//!
//! Owns: a face that remembers. Must not know: anything the real face does not.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::event_loop::{Console, Ended, Until};
use super::face::{Face, Frame};
use super::{ConsoleError, ConsoleOptions};
use crate::app::Model;
use crate::app::data::Failure;
use crate::term::events::Input;
use crate::term::frame::{Screen, Written};
use crate::ui::theme::Theme;

/// What an editor does with a text in a headless console.
pub type Editor = Box<dyn FnMut(&str) -> Option<String>>;

/// A face that takes inputs from a queue and keeps the last frame.
struct Memory {
    inputs: VecDeque<Input>,
    area: Rect,
    /// What a terminal would be sent.
    screen: Screen<io::Sink>,
    frame: Buffer,
    title: String,
    cursor: (Option<Position>, bool),
    copied: Vec<String>,
    notices: Vec<String>,
    pictures: Vec<String>,
    editor: Editor,
}

impl Face for Memory {
    async fn next(&mut self) -> Input {
        match self.inputs.pop_front() {
            Some(input) => input,
            None => std::future::pending().await,
        }
    }

    async fn ready(&mut self) -> Option<Input> {
        self.inputs.pop_front()
    }

    fn area(&self) -> io::Result<Rect> {
        Ok(self.area)
    }

    fn show(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        self.frame = frame.cells.clone();
        frame.title.clone_into(&mut self.title);
        self.cursor = (frame.cursor, frame.typing);
        self.screen.paint(self.area, frame.cells, frame.cursor, frame.typing, frame.title)
    }

    fn forget(&mut self) -> io::Result<()> {
        self.screen.forget(self.area)
    }

    fn listen_to_mouse(&mut self, _mouse: bool) -> io::Result<()> {
        Ok(())
    }

    fn save_picture(&mut self, svg: &str) -> io::Result<Result<String, Failure>> {
        self.pictures.push(svg.to_owned());
        Ok(Ok("A picture was kept".to_owned()))
    }

    fn notify(&mut self, text: &str) -> io::Result<()> {
        self.notices.push(text.to_owned());
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn edit(&mut self, text: &str) -> io::Result<Result<Option<String>, Failure>> {
        Ok(Ok((self.editor)(text).filter(|edited| edited != text)))
    }

    fn copy(&mut self, what: &str, text: &str) -> io::Result<Result<String, Failure>> {
        self.copied.push(text.to_owned());
        Ok(Ok(format!("{what} copied")))
    }
}

/// A console that is driven by hand.
pub struct Headless {
    console: Console,
    face: Memory,
    /// Last: it waits for work that only ends once the console is gone.
    runtime: tokio::runtime::Runtime,
}

impl Headless {
    /// Opens the console of these options at a size, and runs until it is idle.
    ///
    /// # Errors
    /// As [`super::console`].
    pub fn open(
        options: ConsoleOptions,
        theme: Theme,
        (width, height): (u16, u16),
    ) -> Result<Self, ConsoleError> {
        let runtime = super::runtime()?;
        let sync = options.sync_at_start;
        let dream = options.dream_at_start.clone();
        let console = {
            let _entered = runtime.enter();
            let mut console = super::assemble(options, || theme, super::Speed::Headless);
            console.start(sync);
            if let Some(agent) = dream {
                console.dream(agent);
            }
            console
        };
        let area = Rect::new(0, 0, width, height);
        let face = Memory {
            inputs: VecDeque::new(),
            area,
            screen: Screen::new(area, io::sink())?,
            frame: Buffer::empty(area),
            title: String::new(),
            cursor: (None, false),
            copied: Vec::new(),
            notices: Vec::new(),
            pictures: Vec::new(),
            editor: Box::new(|_| None),
        };
        let mut headless = Self { console, face, runtime };
        headless.until_idle()?;
        Ok(headless)
    }

    /// What the editor does from now on.
    pub fn set_editor(&mut self, editor: Editor) {
        self.face.editor = editor;
    }

    /// Presses keys, written as in the keymap and separated by spaces, and runs until idle. A word
    /// in quotes is typed letter by letter.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn press(&mut self, keys: &str) -> Result<Option<Ended>, ConsoleError> {
        for word in keys.split_whitespace() {
            if let Some(text) = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
                self.face.inputs.extend(text.chars().map(|c| event(KeyCode::Char(c), KeyModifiers::NONE)));
            } else if let Some(input) = named(word) {
                self.face.inputs.push_back(input);
            }
        }
        self.until_idle()
    }

    /// Sends something from outside, and runs until idle.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn input(&mut self, input: Input) -> Result<Option<Ended>, ConsoleError> {
        self.face.inputs.push_back(input);
        self.until_idle()
    }

    /// Sends a burst from outside, as a fast hand or a slow line would, and runs until idle.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn burst(&mut self, inputs: impl IntoIterator<Item = Input>) -> Result<Option<Ended>, ConsoleError> {
        self.face.inputs.extend(inputs);
        self.until_idle()
    }

    /// Changes the size of the screen.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn resize(&mut self, width: u16, height: u16) -> Result<Option<Ended>, ConsoleError> {
        self.face.area = Rect::new(0, 0, width, height);
        self.input(Input::Resize)
    }

    /// Runs until nothing is under way and nothing is to be drawn.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn until_idle(&mut self) -> Result<Option<Ended>, ConsoleError> {
        self.runtime.block_on(self.console.run(&mut self.face, Until::Idle))
    }

    /// Runs until a frame is as wanted, while something elsewhere, such as a dream, goes on; `false` if that
    /// does not come about within `limit`.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn until_shown(
        &mut self,
        limit: Duration,
        wanted: impl Fn(&Buffer) -> bool,
    ) -> Result<bool, ConsoleError> {
        let end = Instant::now() + limit;
        loop {
            self.until_idle()?;
            if wanted(&self.face.frame) {
                return Ok(true);
            }
            let left = end.saturating_duration_since(Instant::now());
            let heard =
                self.runtime.block_on(async { tokio::time::timeout(left, self.console.hear()).await });
            match heard {
                Ok(heard) => heard?,
                Err(_) => return Ok(false),
            }
        }
    }

    /// The last frame.
    #[must_use]
    pub fn frame(&self) -> &Buffer {
        &self.face.frame
    }

    /// Where the cursor is, and whether it can be seen.
    #[must_use]
    pub fn cursor(&self) -> (Option<Position>, bool) {
        self.face.cursor
    }

    /// The title of the window.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.face.title
    }

    /// Texts copied so far.
    #[must_use]
    pub fn copied(&self) -> &[String] {
        &self.face.copied
    }

    /// Pictures saved so far.
    #[must_use]
    pub fn pictures(&self) -> &[String] {
        &self.face.pictures
    }

    /// What was told to a reviewer who looked elsewhere.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.face.notices
    }

    /// Lets what is due by time happen, as the clock of the console has it now, and runs until idle.
    ///
    /// # Errors
    /// When the program has a fault.
    pub fn time_passed(&mut self) -> Result<Option<Ended>, ConsoleError> {
        self.console.time_passed();
        self.until_idle()
    }

    /// What a terminal would have been sent so far.
    #[must_use]
    pub fn written(&self) -> Written {
        self.face.screen.written()
    }

    /// Frames drawn so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.console.frames()
    }

    /// The model, to look at.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.console.model()
    }

    /// Leaves, with everything on the disk.
    pub fn close(self) {
        self.console.finish();
    }
}

fn event(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

/// The event a terminal sends for a key by its name.
fn named(word: &str) -> Option<Input> {
    let (rest, modifiers) = match word.strip_prefix("ctrl-") {
        Some(rest) if !rest.is_empty() => (rest, KeyModifiers::CONTROL),
        _ => (word, KeyModifiers::NONE),
    };
    let mut chars = rest.chars();
    let code = match (chars.next(), chars.next()) {
        (Some(c), None) => KeyCode::Char(c),
        _ => match rest {
            "space" => KeyCode::Char(' '),
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "tab" => KeyCode::Tab,
            "shift-tab" => KeyCode::BackTab,
            "backspace" => KeyCode::Backspace,
            "up" => KeyCode::Up,
            "down" => KeyCode::Down,
            "left" => KeyCode::Left,
            "right" => KeyCode::Right,
            "home" => KeyCode::Home,
            "end" => KeyCode::End,
            "pgup" => KeyCode::PageUp,
            "pgdn" => KeyCode::PageDown,
            _ => return None,
        },
    };
    Some(event(code, modifiers))
}
