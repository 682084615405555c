//! The server: connections on loopback, faults, the record of requests.
//!
//! Owns: the way of a request through headers, faults and workspace, and the thread it happens on. Must
//! not know: the rules of any endpoint.

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::beta;
use super::failure::Failure;
use super::faults::{Fault, Faults};
use super::log::{Log, Logged};
use super::query::Query;
use super::route::{self, Reply};
use super::wire::{self, Body, Wire};
use super::workspace::Workspace;

/// A request may be so large.
const LARGEST: usize = 32 * 1024 * 1024;
/// How often time is looked at, for dreams that come along by it.
const TICK: Duration = Duration::from_millis(100);

/// Starts servers.
pub struct StandIn;

impl StandIn {
    /// Serves a workspace on a free port of this machine's loopback interface, on a thread of its own.
    ///
    /// # Errors
    /// When no port or thread can be had.
    pub fn start(workspace: Workspace) -> io::Result<Running> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            workspace: Mutex::new(workspace),
            faults: Mutex::new(Faults::default()),
            log: Mutex::new(Log::default()),
            requests: AtomicU64::new(0),
        });
        let (stop, stopped) = oneshot::channel();
        let mine = Arc::clone(&shared);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("stand-in".to_owned()).spawn(move || {
            runtime.block_on(serve(listener, mine, stopped));
            // Answers that never come must not keep the thread.
            runtime.shutdown_background();
        })?;
        Ok(Running { url, shared, stop: Some(stop), thread: Some(thread) })
    }
}

/// A running server; it ends when this is dropped.
pub struct Running {
    url: String,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Its base address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The workspace, to look at or change as someone else. Requests wait while it is held, and so does
    /// whoever asks for it a second time in the same expression: forever.
    pub fn workspace(&self) -> MutexGuard<'_, Workspace> {
        self.shared.workspace()
    }

    /// What is to go wrong.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.shared.faults)
    }

    /// Everything that was asked so far.
    #[must_use]
    pub fn requests(&self) -> Log {
        lock(&self.shared.log).clone()
    }

    /// Forgets what was asked so far.
    pub fn forget_requests(&self) {
        lock(&self.shared.log).0.clear();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It has ended already if nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the server's thread and its owner both hold.
pub(super) struct Shared {
    workspace: Mutex<Workspace>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
    requests: AtomicU64,
}

impl Shared {
    pub fn workspace(&self) -> MutexGuard<'_, Workspace> {
        lock(&self.workspace)
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            _ = ticks.tick() => shared.workspace().tick(),
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                tokio::spawn(connection(stream, shared));
            }
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, shared: Arc<Shared>) {
    // Small answers go out at once.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let wire = TokioIo::new(Wire::new(stream, Arc::clone(&reset)));
    let service = service_fn(|request| {
        let (shared, reset) = (Arc::clone(&shared), Arc::clone(&reset));
        async move {
            let answered = respond(shared, request).await;
            if answered.is_err() {
                reset.store(true, Ordering::Relaxed);
            }
            answered
        }
    });
    // A connection that breaks is the client's concern.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(wire, service).await;
}

/// A request as received.
struct Asked {
    method: String,
    path: String,
    query: String,
    body: Value,
    has_body: bool,
    id: String,
}

async fn respond(shared: Arc<Shared>, request: Request<Incoming>) -> io::Result<Response<Body>> {
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let (parts, incoming) = request.into_parts();
    let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
    let received = Limited::new(incoming, LARGEST).collect().await;
    let mut refused = beta::check(&parts.headers, &path, &shared.workspace().keys).err();
    let bytes = match received {
        Ok(received) => received.to_bytes(),
        Err(_) => {
            refused = Some(Failure::of_status(413));
            hyper::body::Bytes::new()
        }
    };
    let parsed = serde_json::from_slice(&bytes).ok();
    if refused.is_none() && parsed.is_none() && !bytes.is_empty() {
        refused = Some(Failure::invalid("the body is not JSON"));
    }
    let asked = Asked {
        method: parts.method.as_str().to_owned(),
        path,
        query,
        has_body: parsed.is_some(),
        body: parsed.unwrap_or_default(),
        id: format!("req_01StandIn{number:010}"),
    };
    let fault = lock(&shared.faults).hit(&asked.method, &asked.path);
    match refused {
        Some(failure) => Ok(finished(&shared, &asked, Err(failure), None)),
        None => with_fault(shared, asked, fault).await,
    }
}

async fn with_fault(shared: Arc<Shared>, asked: Asked, fault: Option<Fault>) -> io::Result<Response<Body>> {
    let broken = || Err(io::Error::other("an arranged fault"));
    match fault {
        None => Ok(answered(&shared, &asked)),
        Some(Fault::Status(status, wait)) => {
            let mut response = finished(&shared, &asked, Err(Failure::of_status(status)), None);
            if let Some(seconds) = wait {
                response.headers_mut().insert("retry-after", HeaderValue::from(seconds));
            }
            Ok(response)
        }
        Some(Fault::Coded(status, code)) => {
            Ok(finished(&shared, &asked, Err(Failure::of_status(status).coded(code)), None))
        }
        Some(Fault::Html(status)) => {
            record(&shared, &asked, status);
            let page = b"<html><head><title>Bad gateway</title></head><body>nginx</body></html>".to_vec();
            let mut response = Response::new(wire::whole(page));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
            response.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
            Ok(response)
        }
        Some(Fault::Silence) => {
            record(&shared, &asked, 0);
            std::future::pending().await
        }
        Some(Fault::LostAnswer) => {
            let _ = act(&shared, &asked);
            record(&shared, &asked, 0);
            std::future::pending().await
        }
        Some(Fault::ResetBefore) => {
            record(&shared, &asked, 0);
            broken()
        }
        Some(Fault::ResetAfter) => {
            let _ = act(&shared, &asked);
            record(&shared, &asked, 0);
            broken()
        }
        Some(Fault::Trickle(size, pause)) => {
            let bytes = bytes_of(&shared, &asked);
            Ok(headed(&asked, Response::new(wire::pieces(bytes, size, pause, false))))
        }
        Some(Fault::TruncatedJson) => {
            let mut bytes = bytes_of(&shared, &asked);
            bytes.truncate(bytes.len() / 2);
            Ok(headed(&asked, Response::new(wire::whole(bytes))))
        }
        Some(Fault::CutOff) => {
            let mut bytes = bytes_of(&shared, &asked);
            let length = bytes.len();
            bytes.truncate(length / 2);
            let body = wire::pieces(bytes, length, Duration::from_millis(1), true);
            let mut response = headed(&asked, Response::new(body));
            response.headers_mut().insert("content-length", HeaderValue::from(length));
            Ok(response)
        }
        Some(Fault::DuplicatePage) => {
            let mut reply = act(&shared, &asked);
            let page = Query::parse(&asked.query).get("page").map(str::to_owned);
            if let (Ok(Reply::Body(Value::Object(body))), Some(page)) = (&mut reply, page) {
                body.insert("next_page".to_owned(), page.into());
            }
            Ok(finished(&shared, &asked, reply, None))
        }
        Some(Fault::ExpireCursors) => {
            shared.workspace().expire_cursors();
            Ok(answered(&shared, &asked))
        }
        Some(Fault::Interfere(content)) => {
            let parts: Vec<&str> = asked.path.split('/').collect();
            if let (Some(store), memory) = (parts.get(3), parts.get(5)) {
                shared.workspace().interfere(store, memory.copied(), &asked.body, &content);
            }
            Ok(answered(&shared, &asked))
        }
    }
}

fn act(shared: &Arc<Shared>, asked: &Asked) -> Result<Reply, Failure> {
    let query = Query::parse(&asked.query);
    route::answer(&mut shared.workspace(), &asked.method, &asked.path, &query, &asked.body)
}

fn answered(shared: &Arc<Shared>, asked: &Asked) -> Response<Body> {
    let reply = act(shared, asked);
    finished(shared, asked, reply, Some(shared))
}

/// The right answer as bytes, with its request on record.
fn bytes_of(shared: &Arc<Shared>, asked: &Asked) -> Vec<u8> {
    let reply = act(shared, asked);
    record(shared, asked, 200);
    match reply {
        Ok(Reply::Body(body)) => body.to_string().into_bytes(),
        Ok(Reply::Stream { .. }) => b": connected\n\n".to_vec(),
        Err(failure) => failure.body(&asked.id).to_string().into_bytes(),
    }
}

/// An answer with its request on record. Streams need the server's state to go on.
fn finished(
    shared: &Arc<Shared>,
    asked: &Asked,
    reply: Result<Reply, Failure>,
    streaming: Option<&Arc<Shared>>,
) -> Response<Body> {
    let (status, kind, body) = match (reply, streaming) {
        (Ok(Reply::Body(body)), _) => (200, "application/json", wire::whole(body.to_string().into_bytes())),
        (Ok(Reply::Stream { session, thread, from }), Some(state)) => {
            (200, "text/event-stream", wire::events(Arc::clone(state), session, thread, from))
        }
        (Ok(Reply::Stream { .. }), None) => (200, "text/event-stream", wire::whole(Vec::new())),
        (Err(failure), _) => {
            let body = failure.body(&asked.id).to_string().into_bytes();
            (failure.status, "application/json", wire::whole(body))
        }
    };
    record(shared, asked, status);
    let mut response = headed(asked, Response::new(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert("content-type", HeaderValue::from_static(kind));
    response
}

fn headed(asked: &Asked, mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("anthropic-organization-id", HeaderValue::from_static("org_01StandIn"));
    if let Ok(id) = HeaderValue::from_str(&asked.id) {
        headers.insert("request-id", id);
    }
    response
}

fn record(shared: &Arc<Shared>, asked: &Asked, status: u16) {
    lock(&shared.log).0.push(Logged {
        method: asked.method.clone(),
        path: asked.path.clone(),
        query: asked.query.clone(),
        body: asked.has_body.then(|| asked.body.clone()),
        status,
        request_id: asked.id.clone(),
    });
}
