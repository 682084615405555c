//! HTTP by hand, so that the stand-in is not judged by the client that is tested against it.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use wakeful::stand_in::Running;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// The answer, which must be a success.
    pub fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The type of the error, which it must be.
    pub fn refused(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(self.headers.contains("request-id: req_"), "{}", self.headers);
        self.json()["error"]["type"].as_str().unwrap().to_owned()
    }
}

/// The beta value that an endpoint wants.
pub fn beta(path: &str) -> &'static str {
    match path.split(['/', '?']).nth(2).unwrap() {
        "memory_stores" => "agent-memory-2026-07-22",
        "dreams" => "dreaming-2026-04-21",
        _ => "managed-agents-2026-04-01",
    }
}

/// Sends a request with the usual headers; no answer at all is `None`.
pub fn try_ask(server: &Running, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
    let headers = format!(
        "authorization: Bearer sk-test\r\nanthropic-version: 2026-10-21\r\nanthropic-beta: {}\r\n",
        beta(path)
    );
    send(server, method, path, &headers, body)
}

/// Sends a request with these headers.
pub fn send(
    server: &Running,
    method: &str,
    path: &str,
    headers: &str,
    body: Option<&Value>,
) -> Option<Answer> {
    let mut stream = open(server, method, path, headers, body);
    let mut bytes = Vec::new();
    let ended = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let chunked = head.contains("transfer-encoding: chunked");
    if ended.is_err() {
        return None;
    }
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        headers: head.to_owned(),
        text: if chunked { unchunked(body)? } else { body.to_owned() },
    })
}

/// Sends a request and leaves the answer to be read.
pub fn open(server: &Running, method: &str, path: &str, headers: &str, body: Option<&Value>) -> TcpStream {
    let host = server.url().trim_start_matches("http://");
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn unchunked(mut text: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (size, rest) = text.split_once("\r\n")?;
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.push_str(rest.get(..size)?);
        text = rest.get(size + 2..)?;
    }
}

/// Reads something.
pub fn get(server: &Running, path: &str) -> Answer {
    try_ask(server, "GET", path, None).unwrap()
}

/// Writes something.
pub fn post(server: &Running, path: &str, body: &Value) -> Answer {
    try_ask(server, "POST", path, Some(body)).unwrap()
}

/// Everything of a list, page by page.
pub fn all(server: &Running, path: &str) -> Vec<Value> {
    let join = if path.contains('?') { '&' } else { '?' };
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let page = next.map(|next| format!("{join}page={next}")).unwrap_or_default();
        let body = get(server, &format!("{path}{page}")).good();
        found.extend(body["data"].as_array().unwrap().iter().cloned());
        next = body["next_page"].as_str().map(str::to_owned);
        if next.is_none() {
            return found;
        }
    }
}
