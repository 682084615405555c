//! Sending one request and reading its answer.
//!
//! Owns: headers, turns, attempts, limits on answers, and turning whatever happens into one result. Must
//! not know: which endpoints there are, or what the answers mean.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Response, Url};
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, OnceCell};

use super::auth::Key;
use super::call::Call;
use super::error::{PlatformError, Refusal, RefusalKind, safe_words};
use super::limit::Limiter;
use super::retry::{self, Effect, Failure, Jitter};
use super::settings::Settings;
use super::transport::{LATE, cause, fixed_headers, is_untrusted, transport_of};
use crate::domain::quick;

/// Bytes of an error answer that are read.
const ERROR_BODY: u64 = 64 << 10;

/// A client for one profile. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    /// Made at first need: reading all roots takes a while, and a program that opens should not.
    http: OnceCell<reqwest::Client>,
    base: Url,
    headers: HeaderMap,
    settings: Settings,
    /// Read at first need, because a command may have to ask a person for it.
    key: Mutex<Option<Key>>,
    limiter: Limiter,
    sent: AtomicU64,
    jitter: Jitter,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// An answer that is not an error, with what came before its body.
pub(super) struct Answer {
    response: Response,
    request_id: Option<String>,
    idle: Duration,
}

impl Answer {
    /// The next bytes; `None` at the end. An error says in words how they were lost.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, String> {
        match tokio::time::timeout(self.idle, self.response.chunk()).await {
            Ok(read) => read.map_err(|error| cause(&error)),
            Err(_) => Err(LATE.to_owned()),
        }
    }
}

/// How long to wait for the next bytes, and for all of them.
struct Waits {
    idle: Duration,
    whole: Option<Duration>,
}

/// How one attempt went.
enum Attempt<T> {
    Done(T),
    Failed(PlatformError, Failure),
    /// Not worth another attempt, whatever the policy says.
    Hopeless(PlatformError),
}

impl Client {
    /// A client with these settings. Nothing is sent, and no key is read, before it is needed.
    ///
    /// # Errors
    /// When the settings can't be used.
    pub fn new(settings: Settings) -> Result<Self, PlatformError> {
        settings.check_profile()?;
        let base = settings.url()?;
        let headers = fixed_headers(&settings)?;
        let limiter = Limiter::new(&settings.limits);
        let seed = match settings.retry.seed {
            0 => RandomState::new().hash_one(&settings.profile),
            seed => seed,
        };
        let jitter = Jitter::new(seed);
        let (http, key) = (OnceCell::new(), Mutex::new(None));
        let sent = AtomicU64::new(0);
        let inner = Inner { http, base, headers, settings, key, limiter, sent, jitter };
        Ok(Self { inner: Arc::new(inner) })
    }

    async fn http(&self) -> Result<&reqwest::Client, PlatformError> {
        let inner = &self.inner;
        inner
            .http
            .get_or_try_init(|| async { transport_of(&inner.settings, &inner.base, &inner.headers) })
            .await
    }

    /// Requests sent so far, repeated ones too.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.inner.sent.load(Ordering::Relaxed)
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// A number to vary a pause with.
    pub(super) fn random(&self) -> u64 {
        self.inner.jitter.next()
    }

    /// Makes a request and reads its answer as JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, call: &Call) -> Result<T, PlatformError> {
        let body = self.bytes(call).await?;
        serde_json::from_slice(&body.bytes).map_err(|error| unexpected(call, &error, body.request_id))
    }

    /// Makes a request and reads its answer whole.
    pub(super) async fn bytes(&self, call: &Call) -> Result<Body, PlatformError> {
        let timeouts = &self.inner.settings.timeouts;
        let waits = Waits { idle: timeouts.idle, whole: Some(timeouts.whole) };
        self.attempts(call, || async {
            match self.send(call, &waits).await {
                Attempt::Done(answer) => self.body(call, answer).await,
                Attempt::Failed(error, failure) => Attempt::Failed(error, failure),
                Attempt::Hopeless(error) => Attempt::Hopeless(error),
            }
        })
        .await
    }

    /// Makes a request whose answer is a live stream.
    pub(super) async fn stream(&self, call: &Call) -> Result<Answer, PlatformError> {
        let waits = Waits { idle: self.inner.settings.timeouts.stream_idle, whole: None };
        self.attempts(call, || self.send(call, &waits)).await
    }

    async fn attempts<T, F: Future<Output = Attempt<T>>>(
        &self,
        call: &Call,
        once: impl Fn() -> F,
    ) -> Result<T, PlatformError> {
        let mut attempt = 1;
        loop {
            let turn = self.inner.limiter.turn(call.effect != Effect::Reads).await;
            let outcome = once().await;
            drop(turn);
            let (error, failure) = match outcome {
                Attempt::Done(done) => return Ok(done),
                Attempt::Hopeless(error) => return Err(error),
                Attempt::Failed(error, failure) => (error, failure),
            };
            let policy = &self.inner.settings.retry;
            let Some(pause) = policy.pause(call.effect, attempt, failure, self.random()) else {
                return Err(error);
            };
            tracing::debug!(at = %call.shown(), attempt, pause = ?pause, %error, "asking again");
            if matches!(failure, Failure::Refused { retry_after: Some(_), .. }) {
                // It counts requests of everyone, so everyone waits.
                self.inner.limiter.keep_quiet(pause);
            } else {
                tokio::time::sleep(pause).await;
            }
            attempt += 1;
        }
    }

    async fn send(&self, call: &Call, waits: &Waits) -> Attempt<Answer> {
        quick::may_take_long("network");
        let (key, request) = match self.request(call, waits).await {
            Ok(ready) => ready,
            Err(error) => return Attempt::Hopeless(error),
        };
        self.inner.sent.fetch_add(1, Ordering::Relaxed);
        let asked = Instant::now();
        let response = match tokio::time::timeout(waits.idle, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return unanswered(call, asked, transport(call, &error)),
            Err(_) => return unanswered(call, asked, lost(call, LATE.to_owned())),
        };
        let answer = |response, request_id| Answer { response, request_id, idle: waits.idle };
        let request_id = header(response.headers(), "request-id").map(str::to_owned);
        // Method and path only: queries and bodies may speak of people.
        tracing::debug!(
            at = %call.shown(),
            status = response.status().as_u16(),
            ms = asked.elapsed().as_millis() as u64,
            request = request_id.as_deref().unwrap_or("none"),
            "answered"
        );
        if response.status().is_success() {
            return Attempt::Done(answer(response, request_id));
        }
        self.refused(call, &key, answer(response, request_id)).await
    }

    async fn request(
        &self,
        call: &Call,
        waits: &Waits,
    ) -> Result<(Key, reqwest::RequestBuilder), PlatformError> {
        let settings = &self.inner.settings;
        let key = self.key().await?;
        let (name, value) = settings.auth.header(&key)?;
        let mut url = self.inner.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(&call.segments);
        }
        let mut request = self.http().await?.request(call.method.clone(), url).header(name, value);
        if let Some(whole) = waits.whole {
            request = request.timeout(whole);
        }
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        let beta = settings.betas.of(call.family);
        if !beta.is_empty() {
            request = request.header("anthropic-beta", beta);
        }
        if call.method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        Ok((key, request))
    }

    async fn key(&self) -> Result<Key, PlatformError> {
        let mut known = self.inner.key.lock().await;
        if let Some(key) = &*known {
            return Ok(key.clone());
        }
        let key = self.inner.settings.key.read().await?;
        *known = Some(key.clone());
        Ok(key)
    }

    async fn refused<T>(&self, call: &Call, key: &Key, mut answer: Answer) -> Attempt<T> {
        let response = &answer.response;
        let status = response.status().as_u16();
        let headers = response.headers();
        let should_retry = match header(headers, "x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        let retry_after = retry::retry_after(
            header(headers, "retry-after-ms"),
            header(headers, "retry-after"),
            header(headers, "date"),
        );
        let mut body = Vec::new();
        // An error whose words are lost is still the same error.
        while let Ok(Some(chunk)) = answer.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() as u64 > ERROR_BODY {
                break;
            }
        }
        let body = key.masked_in(&String::from_utf8_lossy(&body));
        let refusal = Refusal::read(call.shown(), status, body.as_bytes(), answer.request_id, retry_after);
        let kind = refusal.kind;
        if kind == RefusalKind::Key {
            // It may have been renewed: the next request reads it again.
            *self.inner.key.lock().await = None;
        }
        let failure = Failure::Refused { status, kind, should_retry, retry_after };
        Attempt::Failed(PlatformError::Refused(Box::new(refusal)), failure)
    }

    async fn body(&self, call: &Call, mut answer: Answer) -> Attempt<Body> {
        let request_id = answer.request_id.clone();
        let most = self.inner.settings.limits.body;
        let too_large = || PlatformError::Unexpected {
            at: call.shown(),
            reason: format!("it is larger than {} MB", most >> 20),
            request_id: request_id.clone(),
        };
        let announced = answer.response.content_length().unwrap_or(0);
        if announced > most {
            return Attempt::Hopeless(too_large());
        }
        let date = header(answer.response.headers(), "date").and_then(retry::moment);
        let mut bytes = Vec::with_capacity(announced as usize);
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    bytes.extend_from_slice(&chunk);
                    if bytes.len() as u64 > most {
                        return Attempt::Hopeless(too_large());
                    }
                }
                Ok(None) => break,
                Err(reason) => return lost(call, reason),
            }
        }
        // A body that was cut without the connection saying so. Asking again helps; guessing does not.
        if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes)
            && error.is_eof()
        {
            return lost(call, format!("it ends in the middle, after {} bytes", bytes.len()));
        }
        Attempt::Done(Body { bytes, request_id, date })
    }
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    pub(super) request_id: Option<String>,
    /// The server's clock.
    pub(super) date: Option<jiff::Timestamp>,
}

/// The error for an answer that is not the JSON it should be.
pub(super) fn unexpected(
    call: &Call,
    error: &serde_json::Error,
    request_id: Option<String>,
) -> PlatformError {
    PlatformError::Unexpected { at: call.shown(), reason: safe_words(&error.to_string()), request_id }
}

/// Notes a request that no answer came for.
fn unanswered(call: &Call, asked: Instant, attempt: Attempt<Answer>) -> Attempt<Answer> {
    if let Attempt::Failed(error, _) | Attempt::Hopeless(error) = &attempt {
        let ms = asked.elapsed().as_millis() as u64;
        tracing::debug!(at = %call.shown(), ms, %error, "no answer");
    }
    attempt
}

fn lost<T>(call: &Call, reason: String) -> Attempt<T> {
    Attempt::Failed(PlatformError::Lost { at: call.shown(), reason }, Failure::Lost)
}

fn transport<T>(call: &Call, error: &reqwest::Error) -> Attempt<T> {
    let reason = cause(error);
    if error.is_builder() {
        return Attempt::Hopeless(PlatformError::Settings { reason });
    }
    if is_untrusted(error) {
        return Attempt::Hopeless(PlatformError::Untrusted { at: call.shown(), reason });
    }
    if error.is_connect() {
        let error = PlatformError::Unreachable { at: call.shown(), reason };
        return Attempt::Failed(error, Failure::NotSent);
    }
    lost(call, reason)
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}
