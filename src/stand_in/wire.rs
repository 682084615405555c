//! A connection that can be broken off hard, and bodies that come as told.
//!
//! Owns: the bytes of an answer on their way out. Must not know: what they say.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::server::Shared;

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// All of it at once.
pub fn whole(bytes: Vec<u8>) -> Body {
    Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync()
}

/// In pieces, with a pause before each; at the end, perhaps, the connection breaks.
pub fn pieces(bytes: Vec<u8>, size: usize, pause: Duration, breaks: bool) -> Body {
    let mut chunks: Vec<Bytes> = bytes.chunks(size.max(1)).map(Bytes::copy_from_slice).collect();
    chunks.reverse();
    let frames = stream::unfold((chunks, breaks), move |(mut chunks, breaks)| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        match chunks.pop() {
            Some(chunk) => Some((Ok(Frame::data(chunk)), (chunks, breaks))),
            None if breaks => Some((Err(io::Error::other("cut off")), (chunks, false))),
            None => None,
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

/// The events of a session as server-sent events, those from a number on, until the session is over.
pub fn events(shared: Arc<Shared>, session: String, thread: Option<String>, from: u64) -> Body {
    struct Following {
        shared: Arc<Shared>,
        session: String,
        thread: Option<String>,
        next: u64,
        news: watch::Receiver<u64>,
        greeted: bool,
        over: bool,
    }
    let news = shared.workspace().changed.subscribe();
    let following = Following { shared, session, thread, next: from, news, greeted: false, over: false };
    let frames = stream::unfold(following, |mut state| async move {
        if !state.greeted {
            state.greeted = true;
            return Some((Ok(Frame::data(Bytes::from_static(b": connected\n\n"))), state));
        }
        while !state.over {
            state.news.mark_unchanged();
            let (new, over) =
                state.shared.workspace().events_from(&state.session, state.thread.as_deref(), state.next);
            state.over = over;
            if !new.is_empty() {
                state.next += new.len() as u64;
                let text: String = new
                    .iter()
                    .map(|event| {
                        let kind = event.get("type").and_then(serde_json::Value::as_str).unwrap_or("message");
                        format!("event: {kind}\ndata: {event}\n\n")
                    })
                    .collect();
                return Some((Ok(Frame::data(Bytes::from(text))), state));
            }
            if !over && state.news.changed().await.is_err() {
                break;
            }
        }
        None
    });
    StreamBody::new(frames).boxed_unsync()
}

/// A connection that resets rather than closes when told so.
pub struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Wire {
    /// Over a connection; it resets if the switch is on when it ends.
    pub fn new(stream: TcpStream, reset: Arc<AtomicBool>) -> Self {
        Self { stream, reset }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Without it the connection closes politely, which is a break as well.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
