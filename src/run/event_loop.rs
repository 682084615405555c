//! The loop: what comes in moves the model, what the model wants is started, what changed is drawn.
//!
//! Owns: the order (outside first, then answers, then time), that nothing is drawn unless something
//! changed, and that a burst of input becomes one frame. Must not know: what anything means.

use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ConsoleError;
use super::effects::{Executor, Reply};
use super::face::{Face, Frame};
use crate::app::line_edit::TextEdit;
use crate::app::overlay::Overlay;
use crate::app::spot::{LETTERS, Spot};
use crate::app::view_state::ViewState;
use crate::app::{Effect, Model, Msg};
use crate::domain::clock::Clock;
use crate::domain::quick;
use crate::input::{Key, Router};
use crate::term::events::Input;
use crate::ui::shot::{Look, svg};
use crate::ui::surface::PaintKey;
use crate::ui::theme::{Library, Theme};
use crate::ui::{Drawn, Scene, Surface, draw};

/// How much is taken in before a frame is drawn, so that a held key still shows where it is.
const DRAIN: usize = 128;
/// A frame waits this long for texts that are about to come, rather than flash an empty pane.
const PATIENCE: Duration = Duration::from_millis(14);
/// How often it is looked whether another process wrote to the cache.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// How fast the loop goes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Least time between two frames.
    pub frame: Duration,
    /// Whether to look for writes of other processes.
    pub watch: bool,
    /// Whether to wait for what makes a better frame, and between frames.
    pub patient: bool,
}

/// Why the loop was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The reviewer left.
    Left,
    /// A signal ended the program.
    Signal(i32),
}

/// The console at work.
pub struct Console {
    model: Model,
    router: Router,
    /// The themes there are.
    themes: Library,
    /// The theme drawn with, and the name it was asked for by.
    theme: (Option<Arc<str>>, Arc<Theme>),
    surface: Surface,
    executor: Executor,
    answers: mpsc::Receiver<Reply>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    painting: Option<PaintKey>,
    spots: Vec<(Rect, Spot)>,
    for_terminal: Vec<ForTerminal>,
    /// What is on the terminal, so that a frame without a difference is not sent.
    shown: Option<Shown>,
    drawn_at: Option<Instant>,
    dirty_since: Option<Instant>,
    watched_at: Instant,
    frames: u64,
}

/// What the last frame left on the terminal.
#[derive(PartialEq, Eq)]
struct Shown {
    cells: Buffer,
    cursor: Option<Position>,
    typing: bool,
    title: String,
}

/// Work that needs the terminal, done between taking in and drawing.
enum ForTerminal {
    Effect(Effect),
    Edit(crate::domain::ids::LessonId, String),
}

/// When the loop is to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// When the reviewer leaves.
    Left,
    /// When nothing is under way, nothing waits and nothing is to be drawn.
    Idle,
}

impl Console {
    /// A console over a world.
    #[must_use]
    pub fn new(
        model: Model,
        router: Router,
        themes: Library,
        (executor, answers): (Executor, mpsc::Receiver<Reply>),
        clock: Arc<dyn Clock>,
        pace: Pace,
    ) -> Self {
        Self {
            model,
            router,
            theme: (None, Arc::clone(themes.fitting())),
            themes,
            surface: Surface::default(),
            executor,
            answers,
            clock,
            pace,
            painting: None,
            spots: Vec::new(),
            for_terminal: Vec::new(),
            shown: None,
            drawn_at: None,
            dirty_since: None,
            watched_at: Instant::now(),
            frames: 0,
        }
    }

    /// The model, to look at.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Frames drawn so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Asks for what is needed first.
    pub fn start(&mut self, sync: bool) {
        for effect in crate::app::start(&mut self.model, sync) {
            self.perform(effect);
        }
        if self.pace.watch {
            self.executor.watch();
        }
    }

    /// Runs a pass, as if the reviewer had asked for it.
    pub fn dream(&mut self, agent: crate::domain::ids::AgentId) {
        self.send(Msg::Dream(agent));
    }

    /// Takes in a message.
    pub fn send(&mut self, msg: Msg) {
        for effect in crate::app::update(&mut self.model, msg, self.clock.now()) {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        if let Some(effect) = self.executor.start(effect) {
            self.for_terminal.push(ForTerminal::Effect(effect));
        }
    }

    /// Runs until the reviewer leaves, or, for tests and pictures, until nothing is left to do.
    ///
    /// # Errors
    /// When the terminal is gone, or the program has a fault.
    pub async fn run(&mut self, face: &mut impl Face, until: Until) -> Result<Option<Ended>, ConsoleError> {
        loop {
            if let Some(ended) = self.take_in(face).await? {
                return Ok(Some(ended));
            }
            for work in std::mem::take(&mut self.for_terminal) {
                self.with_terminal(work, face)?;
            }
            if self.model.leaving {
                return Ok(Some(Ended::Left));
            }
            let wake = self.draw_if_due(face)?;
            if until == Until::Idle && !self.model.dirty && !self.executor.is_busy() {
                // What was finished between taking in and now is in the queue.
                match self.answers.try_recv() {
                    Ok(reply) => self.answer(reply)?,
                    Err(_) => match face.ready().await {
                        Some(input) => {
                            if let Some(ended) = self.outside(input) {
                                return Ok(Some(ended));
                            }
                        }
                        None => return Ok(None),
                    },
                }
                continue;
            }
            tokio::select! {
                biased;
                input = face.next() => {
                    if let Some(ended) = self.outside(input) {
                        return Ok(Some(ended));
                    }
                }
                Some(reply) = self.answers.recv() => self.answer(reply)?,
                () = sleep_until(wake) => self.time_passed(),
            }
        }
    }

    /// Waits for one answer from background work that does not count as under way, as following a dream.
    ///
    /// # Errors
    /// When the program has a fault.
    pub async fn hear(&mut self) -> Result<(), ConsoleError> {
        match self.answers.recv().await {
            Some(reply) => self.answer(reply),
            None => Ok(()),
        }
    }

    /// Takes in whatever is there, up to a limit.
    async fn take_in(&mut self, face: &mut impl Face) -> Result<Option<Ended>, ConsoleError> {
        for _ in 0..DRAIN {
            let Some(input) = face.ready().await else { break };
            if let Some(ended) = self.outside(input) {
                return Ok(Some(ended));
            }
            if self.model.leaving || !self.for_terminal.is_empty() {
                break;
            }
        }
        for _ in 0..DRAIN {
            match self.answers.try_recv() {
                Ok(reply) => self.answer(reply)?,
                Err(_) => break,
            }
        }
        Ok(None)
    }

    fn outside(&mut self, input: Input) -> Option<Ended> {
        let _quick = quick::promise();
        match input {
            Input::Key(event) => {
                let msg = Key::from_event(event).map(|key| self.router.route(key, &self.model));
                self.model.dirty |= msg.is_some();
                if let Some(Some(msg)) = msg {
                    let msg = self.jumping(msg);
                    self.send(msg);
                }
            }
            Input::Paste(text) => self.send(Msg::Paste(text)),
            Input::Focus(focused) => self.send(Msg::Focus(focused)),
            Input::Wheel(lines, at) => {
                let spot = self.spot_at(at);
                self.send(Msg::Wheel(spot, lines));
            }
            Input::Press(at) => {
                let spot = self.spot_at(at);
                self.send(Msg::Click(spot));
            }
            Input::Drag((column, _)) => {
                if self.model.dragging {
                    self.send(Msg::Drag(column));
                }
            }
            // The next frame has the new size whether or not this event came through. What the
            // terminal shows after it changed its size is anyone's guess, even back at the old one.
            Input::Resize => {
                self.shown = None;
                self.model.dirty = true;
            }
            Input::Ended(number) => return Some(Ended::Signal(number)),
        }
        None
    }

    /// What the last frame showed at a column and row; what was drawn later lies on top.
    fn spot_at(&self, (column, row): (u16, u16)) -> Option<Spot> {
        let inside = |area: &Rect| area.contains(Position::new(column, row));
        self.spots.iter().rev().find(|(area, _)| inside(area)).map(|(_, spot)| *spot)
    }

    /// While rows have letters, a letter means its row.
    fn jumping(&self, msg: Msg) -> Msg {
        match msg {
            Msg::Text(TextEdit::Insert(letter)) if matches!(self.model.overlay(), Some(Overlay::Jump)) => {
                let mut rows = self.spots.iter().map(|(_, spot)| *spot).filter(|spot| spot.is_row());
                Msg::Jump(LETTERS.chars().position(|known| known == letter).and_then(|at| rows.nth(at)))
            }
            other => other,
        }
    }

    fn answer(&mut self, reply: Reply) -> Result<(), ConsoleError> {
        let _quick = quick::promise();
        self.executor.answered(&reply);
        match reply {
            Reply::Msg(msg) | Reply::Progress(msg) => self.send(msg),
            Reply::Painted(painting) => {
                if self.painting.as_ref() == Some(&painting.key) {
                    self.painting = None;
                }
                let heard = painting.msg();
                self.surface.keep(*painting);
                self.send(heard);
            }
            Reply::Edit(lesson, text) => self.for_terminal.push(ForTerminal::Edit(lesson, text)),
            Reply::Watched(changed) => {
                if changed {
                    self.send(Msg::CacheChanged);
                }
            }
            Reply::Done => {}
            Reply::Fault => return Err(ConsoleError::Fault),
        }
        Ok(())
    }

    fn with_terminal(&mut self, work: ForTerminal, face: &mut impl Face) -> Result<(), ConsoleError> {
        match work {
            ForTerminal::Edit(lesson, text) => {
                let edited = face.edit(&text)?;
                self.send(Msg::Edited(lesson, edited));
            }
            ForTerminal::Effect(Effect::Copy { what, text }) => {
                let copied = face.copy(what, &text)?;
                self.send(Msg::Copied(copied));
            }
            ForTerminal::Effect(Effect::Mouse(mouse)) => face.listen_to_mouse(mouse)?,
            ForTerminal::Effect(Effect::Notify(text)) => {
                // Nothing on the screen changes by it.
                return Ok(face.notify(&text)?);
            }
            ForTerminal::Effect(Effect::Picture) => {
                let mut cells = Buffer::empty(face.area()?);
                self.compose(&mut cells);
                let look = if self.theme.1.is_light() { Look::LIGHT } else { Look::DARK };
                let saved = face.save_picture(&svg(&cells, &self.model.window_title(), &look))?;
                self.send(Msg::Copied(saved));
            }
            ForTerminal::Effect(Effect::Suspend) => face.suspend()?,
            ForTerminal::Effect(_) => face.forget()?,
        }
        self.shown = None;
        self.model.dirty = true;
        Ok(())
    }

    pub(super) fn time_passed(&mut self) {
        let _quick = quick::promise();
        if self.pace.watch && self.watched_at.elapsed() >= WATCH_EVERY {
            self.watched_at = Instant::now();
            self.executor.watch();
        }
        let now = self.clock.now();
        if self.model.next_tick().is_some_and(|at| at <= now) {
            self.send(Msg::Tick);
        }
    }

    /// Draws if something changed and it is time; says when to look again.
    fn draw_if_due(&mut self, face: &mut impl Face) -> Result<Option<Instant>, ConsoleError> {
        if !self.model.dirty {
            self.dirty_since = None;
            return Ok(self.next_look());
        }
        let now = Instant::now();
        let since = *self.dirty_since.get_or_insert(now);
        if self.pace.patient
            && let Some(due) = self.drawn_at.map(|at| at + self.pace.frame).filter(|&due| due > now)
        {
            return Ok(Some(due));
        }
        let _quick = quick::promise();
        self.turn_theme();
        let area = face.area()?;
        let mut cells = Buffer::empty(area);
        let drawn = self.compose(&mut cells);
        self.send(Msg::Viewport(drawn.viewport));
        self.spots = drawn.spots;
        if let Some(job) = drawn.wants.filter(|job| self.painting.as_ref() != Some(&job.key)) {
            self.painting = Some(job.key.clone());
            self.executor.paint(job);
        }
        let patience = since + PATIENCE;
        if self.pace.patient && self.drawn_at.is_some() && self.executor.is_showing() && patience > now {
            return Ok(Some(patience));
        }
        self.model.dirty = false;
        self.dirty_since = None;
        let title = self.model.window_title();
        let shown = Shown { cells, cursor: drawn.cursor, typing: drawn.typing, title };
        // What was read again may be what it was: even an empty frame costs bytes on a slow line.
        if self.shown.as_ref() != Some(&shown) {
            let Shown { cells, cursor, typing, title } = &shown;
            face.show(&Frame { cells, cursor: *cursor, typing: *typing, title })?;
            self.drawn_at = Some(Instant::now());
            self.frames += 1;
            self.shown = Some(shown);
        }
        Ok(self.next_look())
    }

    /// Turns to the theme the model asks for; what was painted in the old one is painted anew.
    fn turn_theme(&mut self) {
        let wanted = self.model.shown_theme();
        if wanted == self.theme.0 {
            return;
        }
        let named = wanted.as_deref().and_then(|name| self.themes.get(name));
        let theme = named.map_or_else(|| Arc::clone(self.themes.fitting()), Arc::new);
        self.executor.use_theme(Arc::clone(&theme));
        self.theme = (wanted, theme);
        self.surface.forget_paintings();
        self.painting = None;
    }

    fn compose(&mut self, cells: &mut Buffer) -> Drawn {
        let pending = self.router.pending(&self.model, self.theme.1.symbols().ascii);
        let scene = Scene {
            model: &self.model,
            theme: &self.theme.1,
            keymap: self.router.keymap(),
            pending: pending.as_ref(),
        };
        let area = cells.area;
        draw(cells, area, &scene, &mut self.surface)
    }

    /// When something changes by itself, or it is time to look for other writers.
    fn next_look(&self) -> Option<Instant> {
        let tick = self.model.next_tick().map(|at| {
            let wait = at.duration_since(self.clock.now());
            Instant::now() + Duration::try_from(wait).unwrap_or_default()
        });
        let watch = self.pace.watch.then(|| self.watched_at + WATCH_EVERY);
        [tick, watch].into_iter().flatten().min()
    }

    /// Ends background work, and returns when everything that was decided is on the disk, and with it
    /// where the reviewer was: also after a signal, a fault, or a line that broke in the middle of a frame.
    pub fn finish(mut self) {
        let view = ViewState::of(&self.model).to_json();
        self.perform(Effect::SaveView(view));
        // Workers that wait to answer are let go first.
        drop(self.answers);
        self.executor.finish();
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
