//! What a dream does, as it does it: its session's event stream.
//!
//! Owns: letting time pass while listening. Must not know: what an event means, or who is told.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt};

use super::far::Far;
use crate::source::platform::PlatformError;
use crate::source::platform::wire::{Event, StreamEvent};

type Events = Pin<Box<dyn Stream<Item = Result<StreamEvent, PlatformError>> + Send>>;

/// A session that is listened to. Where that does not work, time passes all the same and looking now and
/// then has to do.
#[derive(Default)]
pub(super) struct Live {
    session: Option<String>,
    events: Option<Events>,
}

impl Live {
    /// Listens to a session from the next [`Live::pass`] on; a session that is listened to is not started anew.
    pub fn of(&mut self, far: &Far<'_>, session: &str) {
        if self.session.as_deref() != Some(session) {
            self.session = Some(session.to_owned());
            self.events = Some(Box::pin(far.platform.client().follow(session)));
        }
    }

    /// Lets so much time pass, and tells each event that happens meanwhile.
    pub fn pass(&mut self, far: &Far<'_>, time: Duration, told: &mut dyn FnMut(&Event)) {
        let listening = async {
            while let Some(events) = &mut self.events {
                match events.next().await {
                    Some(Ok(StreamEvent::Event(event))) => told(&event),
                    Some(Ok(StreamEvent::Preview { .. })) => {}
                    Some(Err(error)) => {
                        tracing::info!(%error, "a dream's stream is not listened to any more");
                        self.events = None;
                    }
                    None => self.events = None,
                }
            }
            std::future::pending::<()>().await;
        };
        // Running out of time is how this ends.
        let _ = far.platform.within(time, listening);
    }
}
