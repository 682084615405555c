//! Short messages at the bottom of the screen, and the log of all that were shown.
//!
//! Owns: which message is up, until when, and what was said before. Must not know: the wall clock.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::action::Action;

/// How a message is meant; drawn as a sign and a word, not by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Done,
    /// Worth knowing.
    Info,
    /// Something did not work.
    Problem,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What is said. Safe text is made of it where it is drawn.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it was said.
    pub at: Timestamp,
    /// What can be done about it, and what that does: said last, with the keys.
    pub then: &'static [(Action, &'static str)],
}

/// Messages shown and being shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Toasts {
    log: VecDeque<Toast>,
    until: Option<Timestamp>,
}

/// Old messages beyond this many are forgotten.
const KEPT: usize = 300;

impl Toasts {
    /// Says something.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>, now: Timestamp) {
        self.say_then(tone, text, &[], now);
    }

    /// Says something, and what can be done about it.
    pub fn say_then(
        &mut self,
        tone: Tone,
        text: impl Into<String>,
        then: &'static [(Action, &'static str)],
        now: Timestamp,
    ) {
        let seconds = if tone == Tone::Problem { 12 } else { 5 };
        self.until = now.checked_add(SignedDuration::from_secs(seconds)).ok();
        self.log.push_back(Toast { text: text.into(), tone, at: now, then });
        while self.log.len() > KEPT {
            self.log.pop_front();
        }
    }

    /// The message being shown.
    #[must_use]
    pub fn current(&self) -> Option<&Toast> {
        self.until.and_then(|_| self.log.back())
    }

    /// When the message being shown goes.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// Takes the message down if its time is over; tells whether it did.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let over = self.until.is_some_and(|until| until <= now);
        if over {
            self.until = None;
        }
        over
    }

    /// Takes the message down; tells whether there was one.
    pub fn dismiss(&mut self) -> bool {
        self.until.take().is_some()
    }

    /// Everything said, oldest first.
    pub fn log(&self) -> impl ExactSizeIterator<Item = &Toast> {
        self.log.iter()
    }
}
