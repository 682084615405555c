//! What must never get out or in: keys, other origins, answers without end.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use wakeful::source::platform::{
    AuthStyle, KeySource, Limits, Platform, PlatformError, RefusalKind, RetryPolicy, Settings,
};

use super::support::{clock, settings};

/// Answers each connection with what `answer` makes of its request; remembers requests.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
                head.push(byte[0]);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            seen.lock().unwrap().push(head.clone());
            answer(&head, &mut stream);
        }
    });
    Server { url, requests }
}

fn plain(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn platform(settings: Settings) -> (Platform, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Platform::new(settings, folder.path().to_owned(), clock()).unwrap(), folder)
}

fn ask(settings: Settings) -> Result<(), PlatformError> {
    let (platform, _folder) = platform(settings);
    platform.block_on(platform.client().agent("agent_1")).map(drop)
}

#[test]
fn headers_are_as_the_endpoint_wants_them() {
    let server = serve(|_, stream| {
        stream.write_all(plain("200 OK", "", r#"{"id":"agent_1","data":[]}"#).as_bytes()).unwrap();
    });
    let wanted = |settings: Settings, present: &[&str], absent: &[&str]| {
        let (platform, _folder) = platform(settings);
        platform.block_on(platform.client().agent("agent_1")).unwrap();
        let _ = platform.block_on(platform.client().store("memstore_1"));
        let _ = platform.block_on(platform.client().dream("drm_1"));
        let all = server.requests.lock().unwrap().split_off(0).join("").to_lowercase();
        for header in present {
            assert!(all.contains(header), "{header} in {all}");
        }
        for header in absent {
            assert!(!all.contains(header), "{header} in {all}");
        }
    };
    wanted(
        settings(&server.url),
        &[
            "authorization: bearer sk-test-0123456789abcdef\r\n",
            "anthropic-version: 2026-10-21\r\n",
            "anthropic-beta: managed-agents-2026-04-01\r\n",
            "anthropic-beta: agent-memory-2026-07-22\r\n",
            "anthropic-beta: managed-agents-2026-04-01,dreaming-2026-04-21\r\n",
            "accept: application/json\r\n",
            "user-agent: wakeful/",
        ],
        &["x-api-key", "anthropic-workspace-id"],
    );
    let mut other = Settings {
        auth: AuthStyle::XApiKey,
        workspace: Some("wrkspc_1".to_owned()),
        ..settings(&format!("{}/gateway/", server.url))
    };
    other.betas.dreams = "dreaming-2027-01-01".to_owned();
    wanted(
        other,
        &[
            "get /gateway/v1/agents/agent_1 ",
            "x-api-key: sk-test-0123456789abcdef\r\n",
            "anthropic-workspace-id: wrkspc_1\r\n",
            "anthropic-beta: dreaming-2027-01-01\r\n",
        ],
        &["authorization:"],
    );
}

#[test]
fn a_redirect_is_followed_only_to_the_same_place() {
    let thief = serve(|_, stream| {
        stream.write_all(plain("200 OK", "", r#"{"id":"agent_1"}"#).as_bytes()).unwrap();
    });
    let elsewhere = thief.url.clone();
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let to = elsewhere.clone();
        let server = serve(move |_, stream| {
            let headers = format!("location: {to}/v1/agents/agent_1\r\n");
            stream.write_all(plain(status, &headers, "").as_bytes()).unwrap();
        });
        let error = ask(settings(&server.url)).unwrap_err();
        assert_eq!(error.kind(), Some(RefusalKind::Redirected), "{status}: {error}");
    }
    assert!(thief.requests.lock().unwrap().is_empty(), "the key went nowhere");
    let server = serve(|head, stream| {
        let answer = if head.starts_with("GET /moved") {
            plain("200 OK", "", r#"{"id":"agent_1"}"#)
        } else {
            plain("307 Temporary", "location: /moved\r\n", "")
        };
        stream.write_all(answer.as_bytes()).unwrap();
    });
    ask(settings(&server.url)).unwrap();
    let circle = serve(|_, stream| {
        stream.write_all(plain("307 Temporary", "location: /again\r\n", "").as_bytes()).unwrap();
    });
    assert_eq!(ask(settings(&circle.url)).unwrap_err().kind(), Some(RefusalKind::Redirected));
}

#[test]
fn an_answer_without_end_ends() {
    let limits = Limits { body: 100_000, ..Limits::default() };
    for announced in [true, false] {
        let server = serve(move |_, stream| {
            let head = if announced { "content-length: 900000000000\r\n" } else { "" };
            let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes());
            while stream.write_all(&[b' '; 4096]).is_ok() {}
        });
        let error = ask(Settings { limits, ..settings(&server.url) }).unwrap_err();
        assert!(matches!(error, PlatformError::Unexpected { .. }), "{error:?}");
        assert_eq!(server.requests.lock().unwrap().len(), 1);
    }
}

#[test]
fn a_key_that_was_renewed_is_read_again() {
    let server = serve(|head, stream| {
        let answer = if head.contains("new-key") {
            plain("200 OK", "", r#"{"id":"agent_1"}"#)
        } else {
            plain(
                "401 Unauthorized",
                "",
                r#"{"type":"error","error":{"type":"authentication_error","message":"m"}}"#,
            )
        };
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
    };
    write("old-key");
    let settings = Settings { key: KeySource::File(file.clone()), ..settings(&server.url) };
    let (platform, _folder) = platform(settings);
    let ask = || platform.block_on(platform.client().agent("agent_1"));
    assert_eq!(ask().unwrap_err().kind(), Some(RefusalKind::Key));
    write("new-key");
    ask().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a server answers, and even if it repeats the key, nothing that can be shown has it.
    #[test]
    fn no_key_is_ever_shown(
        key in "[A-Za-z0-9_.-]{12,60}",
        status in prop::sample::select(vec![200_u16, 301, 400, 401, 403, 404, 409, 429, 500, 529]),
        shape in 0..4_u8,
    ) {
        let said = match shape {
            0 => format!(r#"{{"type":"error","error":{{"type":"x","message":"no key {key} here"}}}}"#),
            1 => format!("<html>{key}</html>"),
            2 => format!(r#"{{"error":"{key}","detail":"{key}"}}"#),
            _ => format!(r#"{{"id":7,"{key}":["{key}"]}}"#),
        };
        let server = serve(move |_, stream| {
            let _ = stream.write_all(plain(&format!("{status} Whatever"), "", &said).as_bytes());
        });
        let settings = Settings {
            key: KeySource::given(&key),
            retry: RetryPolicy::never(),
            ..settings(&server.url)
        };
        let mut shown = format!("{settings:?}");
        let (platform, _folder) = platform(settings);
        shown.push_str(&format!("{platform:?} {:?}", platform.client()));
        if let Err(error) = platform.block_on(platform.client().agent("agent_1")) {
            shown.push_str(&format!("{error} {error:?}"));
            let wrapped = wakeful::source::SourceError::from(error);
            shown.push_str(&format!("{wrapped} {wrapped:?}"));
        }
        prop_assert!(!shown.contains(&key), "{shown}");
    }
}

#[test]
fn a_client_can_be_made_where_the_machine_has_no_roots_of_its_own() {
    // Where nobody listens, on this machine: what is missing is a connection, not a root.
    let nobody = Settings::new("default", KeySource::given("k")).at("https://127.0.0.1:1");
    let error = ask(Settings { retry: RetryPolicy::never(), ..nobody }).unwrap_err();
    assert!(matches!(error, PlatformError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_platform_may_be_let_go_from_anywhere() {
    drop(platform(settings("http://127.0.0.1:9")));
}
