//! The way to the platform: certificates and proxies, with real handshakes on loopback.
//!
//! The program runs as a child, so that its environment is its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use wakeful::domain::clock::FixedClock;
use wakeful::stand_in::{Running, StandIn};

use crate::desk::workspace;

/// A root of this test's own, and a certificate it signed.
struct Authority {
    root: String,
    config: Arc<rustls::ServerConfig>,
}

impl Authority {
    fn new(names: &[&str]) -> Self {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().unwrap();
        let root_pem = root.self_signed(&root_key).unwrap().pem();
        let issuer = Issuer::new(root, root_key);
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .unwrap();
        Self { root: root_pem, config: Arc::new(config) }
    }
}

fn port_of(server: &Running) -> u16 {
    server.url().rsplit(':').next().unwrap().trim_end_matches('/').parse().unwrap()
}

/// Ends TLS in front of a server; gives its port.
fn tls_before(server: &Running, authority: &Authority) -> u16 {
    let (listener, to) = (TcpListener::bind("127.0.0.1:0").unwrap(), port_of(server));
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::clone(&authority.config));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust the certificate breaks off here.
                    let Ok(mut client) = acceptor.accept(client).await else { return };
                    let Ok(mut server) = tokio::net::TcpStream::connect(("127.0.0.1", to)).await else {
                        return;
                    };
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
    });
    port
}

/// A proxy that leads everything to one port, and notes the first line of each connection.
struct Proxy {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn to(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || lead(client, upstream, &noted));
            }
        });
        Self { port, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn lead(mut client: TcpStream, upstream: u16, noted: &Mutex<Vec<String>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let line = String::from_utf8_lossy(&head).lines().next()?.to_owned();
    noted.lock().unwrap().push(line.clone());
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).ok()?;
    if line.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").ok()?;
    } else {
        server.write_all(&head).ok()?;
    }
    let (mut from_client, mut to_server) = (client.try_clone().ok()?, server.try_clone().ok()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Write);
    });
    std::io::copy(&mut server, &mut client).ok()?;
    client.shutdown(std::net::Shutdown::Write).ok()
}

struct Machine {
    folder: tempfile::TempDir,
    server: Running,
}

impl Machine {
    fn new() -> Self {
        let clock = Arc::new(FixedClock::new("2026-11-20T03:00:00Z".parse().unwrap()));
        let (workspace, _) = workspace(clock, &[("/git.md", "# Git\n\n- Commit often.\n")]);
        Self { folder: tempfile::tempdir().unwrap(), server: StandIn::start(workspace).unwrap() }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// Syncs with a profile of these lines and these variables.
    fn sync(&self, profile: &str, variables: &[(&str, &str)]) -> Output {
        let config = self.file(
            "config.toml",
            &format!("[sources]\nclaude-code = []\nfolders = []\n[platform.default]\n{profile}"),
        );
        Command::new(env!("CARGO_BIN_EXE_wakeful"))
            .env_clear()
            .env("HOME", self.folder.path())
            .env("ANTHROPIC_API_KEY", "sk-very-secret")
            .envs(variables.iter().copied())
            .args(["--config", &config, "--data-dir"])
            .arg(self.folder.path().join("data"))
            .arg("sync")
            .output()
            .unwrap()
    }
}

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', " ");
    format!("{} {}", text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn done(output: &Output) {
    assert!(output.status.success(), "{}", told(output));
}

#[test]
fn a_gateway_with_a_root_of_its_own_is_trusted_only_where_that_is_said() {
    let machine = Machine::new();
    let (authority, other) = (Authority::new(&["127.0.0.1"]), Authority::new(&["127.0.0.1"]));
    let port = tls_before(&machine.server, &authority);
    let at = format!("base-url = \"https://127.0.0.1:{port}\"\n");
    let with = |file: &str| format!("{at}ca-file = \"{file}\"\n");

    let unknown = machine.sync(&at, &[]);
    assert_eq!(unknown.status.code(), Some(4), "{}", told(&unknown));
    for words in ["certificate of the server is not trusted", "ca-file", "Nothing was sent"] {
        assert!(told(&unknown).contains(words), "{words:?} in {}", told(&unknown));
    }
    let wrong = machine.sync(&with(&machine.file("other.pem", &other.root)), &[]);
    assert_eq!(wrong.status.code(), Some(4), "{}", told(&wrong));
    assert!(told(&wrong).contains("not trusted"), "{}", told(&wrong));
    assert!(machine.server.requests().is_empty(), "no request came through");
    assert!(!told(&wrong).contains("very-secret"));

    for (name, text) in [("empty.pem", ""), ("odd.pem", "no certificate\n")] {
        let unusable = machine.sync(&with(&machine.file(name, text)), &[]);
        assert!(!unusable.status.success());
        assert!(told(&unusable).contains("holds no certificates in PEM form"), "{}", told(&unusable));
    }
    let missing = machine.sync(&with("/no/such/file.pem"), &[]);
    assert!(told(&missing).contains("can't be read"), "{}", told(&missing));

    // Several roots in one file, the right one among them.
    let both = machine.file("both.pem", &format!("{}{}", other.root, authority.root));
    done(&machine.sync(&with(&both), &[]));
    assert!(machine.server.requests().count("GET", "/v1/agents") > 0);
}

#[test]
fn a_certificate_for_another_name_is_not_trusted() {
    let machine = Machine::new();
    let authority = Authority::new(&["elsewhere.test"]);
    let port = tls_before(&machine.server, &authority);
    let root = machine.file("root.pem", &authority.root);
    let output =
        machine.sync(&format!("base-url = \"https://127.0.0.1:{port}\"\nca-file = \"{root}\"\n"), &[]);
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    assert!(told(&output).contains("not trusted"), "{}", told(&output));
    assert!(machine.server.requests().is_empty());
}

#[test]
fn an_encrypted_connection_goes_through_the_proxy_as_a_tunnel() {
    let machine = Machine::new();
    // A name that only the proxy can lead anywhere.
    let authority = Authority::new(&["platform.test"]);
    let proxy = Proxy::to(tls_before(&machine.server, &authority));
    let root = machine.file("root.pem", &authority.root);
    let profile = format!("base-url = \"https://platform.test\"\nca-file = \"{root}\"\n");
    let address = format!("http://127.0.0.1:{}", proxy.port);
    done(&machine.sync(&profile, &[("HTTPS_PROXY", &address)]));
    assert!(machine.server.requests().count("GET", "/v1/agents") > 0);
    let seen = proxy.seen();
    assert!(
        !seen.is_empty() && seen.iter().all(|line| line == "CONNECT platform.test:443 HTTP/1.1"),
        "{seen:?}"
    );
}

#[test]
fn http_proxy_is_used_and_no_proxy_goes_around_it() {
    let machine = Machine::new();
    let port = port_of(&machine.server);
    let proxy = Proxy::to(port);
    // This machine's own address by a name that is not known as such: for those no proxy is ever asked.
    let profile = format!("base-url = \"http://0.0.0.0:{port}\"\nallow-http = true\n");
    let address = format!("http://127.0.0.1:{}", proxy.port);
    done(&machine.sync(&profile, &[("HTTP_PROXY", &address)]));
    let seen = proxy.seen();
    let expected = format!("GET http://0.0.0.0:{port}/v1/agents");
    assert!(seen.iter().any(|line| line.starts_with(&expected)), "{seen:?}");

    let (asked, through) = (machine.server.requests().len(), seen.len());
    done(&machine.sync(&profile, &[("HTTP_PROXY", &address), ("NO_PROXY", "0.0.0.0")]));
    assert!(machine.server.requests().len() > asked);
    assert_eq!(proxy.seen().len(), through, "{:?}", proxy.seen());

    // The stand-in's own address is this machine's: the proxy is not asked either.
    let own = format!("base-url = \"{}\"\n", machine.server.url());
    done(&machine.sync(&own, &[("HTTP_PROXY", &address), ("HTTPS_PROXY", &address)]));
    assert_eq!(proxy.seen().len(), through);
}

#[test]
fn a_proxy_that_is_not_there_is_named() {
    let machine = Machine::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("http://127.0.0.1:{free}");
    let output = machine.sync("base-url = \"https://platform.test\"\n", &[("HTTPS_PROXY", &address)]);
    assert_eq!(output.status.code(), Some(4), "{}", told(&output));
    assert!(told(&output).contains("HTTPS_PROXY"), "{}", told(&output));
}
