//! What comes from the terminal and the system, in one stream: signals first, then keys.
//!
//! Owns: reading events, and not reading them while someone else uses the terminal. Must not know:
//! what keys mean.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;

use crossterm::event::{Event, KeyEvent, MouseButton, MouseEventKind};
use futures_util::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::keyboard::Keyboard;
use super::late::LateAnswer;
use super::probe;

/// Something from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(KeyEvent),
    /// Pasted text.
    Paste(String),
    /// The terminal changed its size.
    Resize,
    /// The terminal is looked at, or no longer.
    Focus(bool),
    /// The wheel was turned: lines down, or up if negative, and the column and row of the pointer.
    Wheel(i8, (u16, u16)),
    /// The left button went down at a column and row.
    Press((u16, u16)),
    /// The pointer was dragged to a column and row with the button down.
    Drag((u16, u16)),
    /// The program is to end: number of the signal.
    Ended(i32),
}

/// Reads events.
pub struct Events {
    keys: Keyboard,
    signals: Signals,
    /// A signal that came while someone else had the terminal.
    missed: Option<i32>,
    late: LateAnswer,
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> i32 {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => SignalKind::hangup().as_raw_value(),
            _ = self.terminate.recv() => SignalKind::terminate().as_raw_value(),
            _ = self.interrupt.recv() => SignalKind::interrupt().as_raw_value(),
        }
    }
}

impl Events {
    /// Starts listening; `unanswered` if the terminal still owes an answer. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When signals can't be listened to.
    pub fn listen(unanswered: bool) -> io::Result<Self> {
        let mut late = LateAnswer::default();
        if unanswered {
            late.expect(probe::QUESTIONS);
        }
        Ok(Self { keys: Keyboard::listen()?, signals: Signals::listen()?, missed: None, late })
    }

    /// The next event.
    pub async fn next(&mut self) -> Input {
        if let Some(number) = self.missed.take() {
            return Input::Ended(number);
        }
        loop {
            let Self { keys, signals, late, .. } = self;
            let event = tokio::select! {
                biased;
                number = signals.next() => return Input::Ended(number),
                event = keys.next() => event,
            };
            match meaning(event) {
                Some(Input::Key(key)) if late.takes(&key) => {}
                Some(input) => return input,
                None => {}
            }
        }
    }

    /// An event that is there already.
    pub async fn ready(&mut self) -> Option<Input> {
        let mut next = pin!(self.next());
        poll_fn(|context| {
            Poll::Ready(match next.as_mut().poll(context) {
                Poll::Ready(input) => Some(input),
                Poll::Pending => None,
            })
        })
        .await
    }

    /// Stops reading, for as long as someone else reads from the terminal.
    pub fn pause(&mut self) {
        self.keys.pause();
    }

    /// Reads again. Interrupts that came meanwhile were meant for whoever had the terminal: `Ctrl-C`
    /// in an editor reaches this program too.
    pub fn resume(&mut self) {
        while let Some(number) = self.signals.next().now_or_never() {
            if number != SIGINT {
                self.missed = Some(number);
            }
        }
        self.keys.resume();
    }
}

/// Number of the signal that `Ctrl-C` sends where it is not read as a key.
const SIGINT: i32 = 2;
/// Number of the signal that says the terminal is gone.
pub const SIGHUP: i32 = 1;

/// `None` for events that mean nothing here. A terminal that can't be read is gone.
fn meaning(event: Option<io::Result<Event>>) -> Option<Input> {
    match event {
        Some(Ok(Event::Key(key))) => Some(Input::Key(key)),
        Some(Ok(Event::Paste(text))) => Some(Input::Paste(text)),
        Some(Ok(Event::Resize(..))) => Some(Input::Resize),
        Some(Ok(Event::Mouse(mouse))) => match mouse.kind {
            MouseEventKind::ScrollDown => Some(Input::Wheel(3, (mouse.column, mouse.row))),
            MouseEventKind::ScrollUp => Some(Input::Wheel(-3, (mouse.column, mouse.row))),
            MouseEventKind::Down(MouseButton::Left) => Some(Input::Press((mouse.column, mouse.row))),
            MouseEventKind::Drag(MouseButton::Left) => Some(Input::Drag((mouse.column, mouse.row))),
            _ => None,
        },
        Some(Ok(Event::FocusGained)) => Some(Input::Focus(true)),
        Some(Ok(Event::FocusLost)) => Some(Input::Focus(false)),
        Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => None,
        Some(Err(_)) | None => Some(Input::Ended(SIGHUP)),
    }
}
