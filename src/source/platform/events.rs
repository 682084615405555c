//! A session's events: its history, its live stream, and both as one.
//!
//! Owns: opening, merging without doubles, and coming back after a break. Must not know: what events mean.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};
use jiff::Timestamp;
use serde::Deserialize;

use super::call::Call;
use super::client::{Answer, Client};
use super::endpoints::{EventQuery, events_call, stream_call};
use super::error::{PlatformError, Refusal};
use super::page::items;
use super::sse::{Frame, Frames};
use super::wire::{Event, SessionStatus, StreamEvent};

/// Breaks in a row after which following is given up.
const BREAKS: u32 = 6;

/// First and longest pause after a break.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(15)];

type Events<T> = Pin<Box<dyn Stream<Item = Result<T, PlatformError>> + Send>>;

impl Client {
    /// A session's events, oldest first unless asked otherwise. What sub-agents did is in their threads.
    pub fn events(
        &self,
        session: &str,
        query: &EventQuery,
    ) -> impl Stream<Item = Result<Event, PlatformError>> + Send + Unpin + use<> {
        items(self, events_call(session, None, query))
    }

    /// The events of one thread of a session.
    pub fn thread_events(
        &self,
        session: &str,
        thread: &str,
        query: &EventQuery,
    ) -> impl Stream<Item = Result<Event, PlatformError>> + Send + Unpin + use<> {
        items(self, events_call(session, Some(thread), query))
    }

    /// A session's live stream. It carries what happens after it is opened, ends when the connection does,
    /// and can't be resumed; [`Client::follow`] makes up for that.
    ///
    /// # Errors
    /// When it can't be opened.
    pub async fn event_stream(
        &self,
        session: &str,
    ) -> Result<impl Stream<Item = Result<StreamEvent, PlatformError>> + Send + Unpin + use<>, PlatformError>
    {
        let call = stream_call(session);
        let answer = self.stream(&call).await?;
        let start = Live { answer, call, frames: Frames::default(), ready: VecDeque::new() };
        Ok(Box::pin(stream::try_unfold(start, |mut live| async move {
            let next = live.next().await?;
            Ok(next.map(|event| (event, live)))
        })))
    }

    /// Everything that happened in a session and then everything that happens, each event once, until the
    /// session ends. Breaks are mended. The stream ends with an error where that does not help.
    pub fn follow(
        &self,
        session: &str,
    ) -> impl Stream<Item = Result<StreamEvent, PlatformError>> + Send + Unpin + use<> {
        let start = Follow {
            client: self.clone(),
            session: session.to_owned(),
            seen: HashSet::new(),
            hasher: RandomState::new(),
            latest: None,
            live: None,
            history: None,
            breaks: 0,
            ending: false,
            done: false,
        };
        Box::pin(stream::unfold(start, |mut follow| async move {
            let next = follow.next().await?;
            Some((next, follow))
        }))
    }
}

struct Live {
    answer: Answer,
    call: Call,
    frames: Frames,
    ready: VecDeque<Frame>,
}

impl Live {
    async fn next(&mut self) -> Result<Option<StreamEvent>, PlatformError> {
        loop {
            while let Some(frame) = self.ready.pop_front() {
                if frame.event == "error" {
                    return Err(self.refusal(&frame.data));
                }
                match StreamEvent::parse(&frame.data) {
                    Ok(Some(event)) => return Ok(Some(event)),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "a frame could not be read"),
                }
            }
            let lost = |reason| PlatformError::Lost { at: self.call.shown(), reason };
            let Some(bytes) = self.answer.chunk().await.map_err(lost)? else {
                return Ok(None);
            };
            let mut whole = Vec::new();
            if self.frames.push(&bytes, &mut whole).is_err() {
                return Err(lost("a frame has no end".to_owned()));
            }
            self.ready.extend(whole);
        }
    }

    /// The stream was opened with success, so only the type tells what is wrong.
    fn refusal(&self, data: &str) -> PlatformError {
        #[derive(Deserialize)]
        struct Envelope {
            error: Kind,
        }
        #[derive(Deserialize)]
        struct Kind {
            #[serde(rename = "type")]
            kind: String,
        }
        let kind =
            serde_json::from_str::<Envelope>(data).map_or(String::new(), |envelope| envelope.error.kind);
        let status = match kind.as_str() {
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" => 404,
            "rate_limit_error" => 429,
            "timeout_error" => 504,
            "overloaded_error" => 529,
            _ => 500,
        };
        PlatformError::Refused(Box::new(Refusal::read(
            self.call.shown(),
            status,
            data.as_bytes(),
            None,
            None,
        )))
    }
}

struct Follow {
    client: Client,
    session: String,
    seen: HashSet<u64>,
    hasher: RandomState,
    latest: Option<Timestamp>,
    live: Option<Events<StreamEvent>>,
    history: Option<Events<Event>>,
    breaks: u32,
    /// Nothing can happen any more; what the history still has is handed out.
    ending: bool,
    done: bool,
}

impl Follow {
    async fn next(&mut self) -> Option<Result<StreamEvent, PlatformError>> {
        while !self.done {
            // The stream first, the history then: what happens in between is in both.
            if self.live.is_none() && !self.ending {
                if let Err(error) = self.open().await
                    && let Some(error) = self.broke(Some(error)).await
                {
                    return Some(Err(error));
                }
                continue;
            }
            let next = match (&mut self.history, &mut self.live) {
                (Some(history), _) => match history.next().await {
                    Some(next) => Some(next.map(StreamEvent::Event)),
                    None => {
                        self.history = None;
                        continue;
                    }
                },
                (None, Some(live)) => live.next().await,
                (None, None) => return None,
            };
            let problem = match next {
                Some(Ok(StreamEvent::Event(event))) => {
                    if !event.id.is_empty() && !self.seen.insert(self.hasher.hash_one(&event.id)) {
                        continue;
                    }
                    self.breaks = 0;
                    self.latest = self.latest.max(event.processed_at);
                    self.done = event.is_last();
                    return Some(Ok(StreamEvent::Event(event)));
                }
                Some(Ok(preview)) => return Some(Ok(preview)),
                Some(Err(error)) => Some(error),
                None => match self.is_over().await {
                    Ok(true) => {
                        self.live = None;
                        self.history = Some(self.listed());
                        self.ending = true;
                        continue;
                    }
                    Ok(false) => None,
                    Err(error) => Some(error),
                },
            };
            if let Some(error) = self.broke(problem).await {
                return Some(Err(error));
            }
        }
        None
    }

    async fn open(&mut self) -> Result<(), PlatformError> {
        self.live = Some(Box::pin(self.client.event_stream(&self.session).await?));
        self.history = Some(self.listed());
        Ok(())
    }

    fn listed(&self) -> Events<Event> {
        let query = EventQuery { from: self.latest, ..EventQuery::default() };
        Box::pin(self.client.events(&self.session, &query))
    }

    /// Whether the stream ended because the session did.
    async fn is_over(&mut self) -> Result<bool, PlatformError> {
        let session = self.client.session(&self.session).await?;
        Ok(session.archived_at.is_some() || session.status == SessionStatus::Terminated)
    }

    /// After a break: waits before the next attempt, or says that there should be none.
    async fn broke(&mut self, error: Option<PlatformError>) -> Option<PlatformError> {
        self.live = None;
        self.history = None;
        self.ending = false;
        self.breaks += 1;
        let passing = error.as_ref().is_none_or(PlatformError::is_passing);
        if !passing || self.breaks > BREAKS {
            self.done = true;
            let at = stream_call(&self.session).shown();
            let ended = || PlatformError::Lost { at, reason: "the stream keeps ending".to_owned() };
            return Some(error.unwrap_or_else(ended));
        }
        let [first, longest] = PAUSES;
        let first = first.min(self.client.settings().retry.first_pause);
        let pause = first.saturating_mul(1 << (self.breaks - 1).min(8)).min(longest);
        tokio::time::sleep(pause).await;
        None
    }
}
