//! Copying reaches the clipboard of the terminal in front of the person, and says no more than is known.

use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;

use crate::terminal::{Term, surround};

/// Reads what an OSC 52 sequence carries, the last one written.
fn carried(raw: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let (_, rest) = text.rsplit_once("\u{1b}]52;")?;
    let (_, encoded) = rest.split_once(';')?;
    let end = encoded.find(['\u{7}', '\u{1b}'])?;
    Some(decoded(&encoded[..end]))
}

/// Base64, read back.
fn decoded(encoded: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = encoded
        .bytes()
        .filter(|&byte| byte != b'=')
        .map(|byte| LETTERS.iter().position(|&letter| letter == byte).expect("a letter of base64") as u32);
    let (mut bytes, mut held, mut count) = (Vec::new(), 0_u32, 0);
    for six in bits {
        held = held << 6 | six;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn without_tmux_the_terminal_is_handed_the_text() {
    let mut term = Term::demo((100, 30), "true");
    term.press("y");
    term.until("it does not claim what it can't know", |screen| {
        let said = screen.replace('\n', " ");
        said.contains("sent to the terminal (OSC 52)") && said.contains("can't be known")
    });
    let text = carried(&term.raw()).unwrap();
    assert!(text.contains("make test"), "{text}");
    term.press("q");
    assert_eq!(term.ended(), 0);
}

#[test]
fn inside_tmux_its_buffer_has_the_text_and_the_terminal_outside_too() {
    let tmux = |words: &[&str]| {
        let mut command = Command::new("tmux");
        command.args(["-L", "wakeful-test", "-f", "/dev/null"]).args(words).stdin(Stdio::null());
        command
    };
    if tmux(&["-V"]).output().is_err() {
        eprintln!("skipped: there is no tmux on this machine");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let place = home.path().to_owned();
    let mut command = CommandBuilder::new("tmux");
    command.args([
        "-L",
        "wakeful-test",
        "-f",
        "/dev/null",
        "new-session",
        env!("CARGO_BIN_EXE_wakeful"),
        "demo",
    ]);
    surround(&mut command, &place, &[("TMUX_TMPDIR", place.to_str().unwrap())]);
    let mut term = Term::start((100, 30), command, home);
    term.until_proposed();
    term.press("y");
    term.until("it says where the text is", |screen| screen.contains("tmux's buffer"));
    let buffer = tmux(&["show-buffer"]).env("TMUX_TMPDIR", &place).output().unwrap();
    let text = String::from_utf8(buffer.stdout).unwrap();
    assert!(text.contains("make test"), "{text}");
    // tmux hands it on with a sequence of its own.
    term.until_bytes("the terminal outside is told", |raw| carried(raw).is_some());
    assert_eq!(carried(&term.raw()).as_deref(), Some(text.as_str()));
    term.press("q");
    // tmux leaves the terminal in order itself; what counts is that it ends with the console.
    term.until_raw("the session is over", b"[exited]");
}
