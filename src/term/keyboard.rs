//! The thread that reads from the terminal, and that lets go of it when it is told to.
//!
//! Owns: who reads from the terminal. Must not know: what keys mean.
//!
//! An event stream of crossterm ends its thread some time after it is dropped; what is typed until then, on a busy
//! machine the first line into an editor, it takes away from whoever has the terminal by then. Here, pausing is over
//! once the thread has said that it reads no more.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::event::{Event, EventStream, poll, read};
use tokio::sync::mpsc;

/// Longest wait for an event. It is left when one comes or when the thread is called.
const WAIT: Duration = Duration::from_hours(1);
/// Longest wait for the thread to let go: half a sequence of keys may keep it until the other half comes.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads events from the terminal, on a thread of its own.
pub(super) struct Keyboard {
    events: mpsc::UnboundedReceiver<io::Result<Event>>,
    turn: Arc<Turn>,
    /// Calls the thread out of its wait when it is dropped: that is how crossterm lets one do that. It can be made
    /// only while nobody reads.
    call: Option<EventStream>,
}

/// Whose turn it is to read.
#[derive(Default)]
struct Turn {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Others read.
    paused: bool,
    /// The thread knows, and reads no more.
    idle: bool,
    /// The thread has ended.
    ended: bool,
}

impl Turn {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds it can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stays here for as long as others read.
    fn wait(&self) {
        let mut state = self.state();
        while state.paused {
            state.idle = true;
            self.changed.notify_all();
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle = false;
    }
}

impl Keyboard {
    /// Starts reading.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn listen() -> io::Result<Self> {
        let (sender, events) = mpsc::unbounded_channel();
        let turn = Arc::new(Turn::default());
        let shared = Arc::clone(&turn);
        let call = Some(EventStream::new());
        std::thread::Builder::new().name("keyboard".to_owned()).spawn(move || {
            while take(&shared, &sender) {}
            shared.state().ended = true;
            shared.changed.notify_all();
        })?;
        Ok(Self { events, turn, call })
    }

    /// The next event; `None` once nothing can be read any more.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        self.events.recv().await
    }

    /// Stops reading; others may read when this returns.
    pub fn pause(&mut self) {
        let mut state = self.turn.state();
        state.paused = true;
        self.call = None;
        let reads = |state: &mut State| !state.idle && !state.ended;
        drop(self.turn.changed.wait_timeout_while(state, PATIENCE, reads));
    }

    /// Reads again.
    pub fn resume(&mut self) {
        self.call = Some(EventStream::new());
        self.turn.state().paused = false;
        self.turn.changed.notify_all();
    }
}

/// Takes what comes next, when it is its turn; `false` once there is nothing more to take, or nobody to hear of it.
fn take(turn: &Turn, sender: &mpsc::UnboundedSender<io::Result<Event>>) -> bool {
    turn.wait();
    let event = match poll(WAIT) {
        Ok(true) => read(),
        // Called, or nothing was typed for very long.
        Ok(false) => return !sender.is_closed(),
        Err(error) => Err(error),
    };
    let lost = event.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
    sender.send(event).is_ok() && !lost
}
