//! Tells transcript formats apart by the head of a file.
//!
//! Owns: in which order formats are tried, and what else a file may be. Must not know: how any format is read.

use super::{Format, claude_code, plain, platform, scan};

/// How much of a file is enough to tell its format.
pub const SNIFF_BYTES: usize = 64 << 10;

/// Lines looked at before giving up.
const MOST_LINES: usize = 40;

/// Why a file is not read as a transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} is not a session transcript: {reason}. It is left alone; sessions are files with one JSON object per line"
)]
pub struct NotATranscript {
    /// The file.
    pub name: String,
    /// What was found instead.
    pub reason: &'static str,
}

/// The format of a file, from its first bytes (about [`SNIFF_BYTES`] are enough). An empty file is
/// a plain transcript without events.
///
/// # Errors
/// Says what stands there instead.
pub fn sniff(name: &str, head: &[u8]) -> Result<Format, NotATranscript> {
    let fail = |reason| Err(NotATranscript { name: name.to_owned(), reason });
    let head = String::from_utf8_lossy(head);
    let mut lines = head
        .lines()
        .map(|line| line.trim_matches(['\0', ' ', '\t', '\r', '\u{feff}']))
        .filter(|line| !line.is_empty())
        .take(MOST_LINES)
        .peekable();
    match lines.peek() {
        None => return Ok(Format::Plain),
        Some(&"{") => return fail("it is one JSON document over many lines"),
        Some(line) if line.starts_with('[') => return fail("it is a JSON array"),
        Some(_) => {}
    }
    let mut objects = false;
    for line in lines {
        let fields = scan::head(line);
        objects |= !fields.is_empty();
        if claude_code::is_record(&fields) {
            return Ok(Format::ClaudeCode);
        }
        if platform::is_record(&fields) {
            return Ok(Format::Platform);
        }
        if plain::is_record(&fields) {
            return Ok(Format::Plain);
        }
    }
    if objects { fail("its records have none of the known forms") } else { fail("it holds no JSON records") }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Ok(Format::Plain))]
    #[case("\0\0{\"parentUuid\":null,\"isSidechain\":false", Ok(Format::ClaudeCode))]
    #[case(
        "// a note\n{\"type\":\"summary\",\"summary\":\"x\",\"leafUuid\":\"y\"}\n",
        Ok(Format::ClaudeCode)
    )]
    #[case("{\"type\":\"session\",\"title\":\"x\"}\n", Ok(Format::Plain))]
    #[case("{\"type\":\"user\",\"text\":\"x\"}\n", Ok(Format::Plain))]
    #[case("{\"id\":\"sevt_1\",\"type\":\"agent.message\",\"content\":[]}\n", Ok(Format::Platform))]
    #[case("{\n  \"sessionId\": \"x\"\n", Err("it is one JSON document over many lines"))]
    #[case("[{\"role\":\"user\"}]", Err("it is a JSON array"))]
    #[case("hello\nworld\n", Err("it holds no JSON records"))]
    #[case("{\"a\":1}\n{\"b\":2}\n", Err("its records have none of the known forms"))]
    fn formats_are_told_apart(#[case] head: &str, #[case] expected: Result<Format, &'static str>) {
        assert_eq!(sniff("f.jsonl", head.as_bytes()).map_err(|not| not.reason), expected);
    }
}
