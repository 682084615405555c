//! Server-sent events: bytes in, frames out.
//!
//! Owns: the framing, however the bytes are cut. Must not know: what frames carry.

/// Bytes a frame may have before it is given up.
const LARGEST: usize = 32 << 20;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its name; `message` where none was given.
    pub event: String,
    /// Its data, lines joined with `\n`.
    pub data: String,
}

/// A frame that grew beyond all measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Collects bytes until frames are whole.
#[derive(Debug, Default)]
pub struct Frames {
    line: Vec<u8>,
    event: String,
    data: Option<String>,
    after_return: bool,
    after_start: bool,
}

impl Frames {
    /// Takes some bytes and appends the frames they complete.
    ///
    /// # Errors
    /// When a frame is larger than any that is meant.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Frame>) -> Result<(), TooLong> {
        for &byte in bytes {
            let after_return = std::mem::take(&mut self.after_return);
            match byte {
                // The second half of one line end.
                b'\n' if after_return => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    out.extend(self.end_line());
                }
                _ => {
                    self.line.push(byte);
                    if self.line.len() + self.data.as_ref().map_or(0, String::len) > LARGEST {
                        return Err(TooLong);
                    }
                }
            }
        }
        Ok(())
    }

    fn end_line(&mut self) -> Option<Frame> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line);
        let mut text = text.as_ref();
        if !std::mem::replace(&mut self.after_start, true) {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        if text.is_empty() {
            let event = std::mem::take(&mut self.event);
            let data = self.data.take()?;
            let event = if event.is_empty() { "message".to_owned() } else { event };
            return Some(Frame { event, data });
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments have an empty name; ids and pauses are of no use where there is no way to resume.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn frames(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let (mut frames, mut out) = (Frames::default(), Vec::new());
        for piece in pieces {
            frames.push(piece, &mut out).unwrap();
        }
        out.into_iter().map(|frame| (frame.event, frame.data)).collect()
    }

    #[rstest]
    #[case("data: a\n\n", &[("message", "a")])]
    #[case("event: x\ndata: a\ndata: b\n\n", &[("x", "a\nb")])]
    #[case("event: x\r\ndata:a\r\n\r\ndata: b\r\r", &[("x", "a"), ("message", "b")])]
    #[case(": comment\n\nevent: only\n\ndata: a\n\n", &[("message", "a")])]
    #[case("\u{feff}data: a\n\ndata: \u{feff}b\n\n", &[("message", "a"), ("message", "\u{feff}b")])]
    #[case("data\n\n", &[("message", "")])]
    #[case("id: 7\nretry: 5\nother: x\ndata:  two spaces\n\n", &[("message", " two spaces")])]
    #[case("data: ends without a blank line\n", &[])]
    #[case("data: 日本語 🙂\n\n", &[("message", "日本語 🙂")])]
    fn frames_are_the_same_however_they_are_cut(#[case] text: &str, #[case] expected: &[(&str, &str)]) {
        let expected: Vec<(String, String)> =
            expected.iter().map(|(event, data)| ((*event).to_owned(), (*data).to_owned())).collect();
        let bytes = text.as_bytes();
        for cut in 0..=bytes.len() {
            let (one, two) = bytes.split_at(cut);
            assert_eq!(frames(&[one, two]), expected, "cut at {cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(frames(&single), expected);
    }

    #[test]
    fn an_endless_line_ends() {
        let (mut frames, mut out) = (Frames::default(), Vec::new());
        let piece = vec![b'x'; 1 << 20];
        let refused = (0..64).any(|_| frames.push(&piece, &mut out).is_err());
        assert!(refused && out.is_empty());
    }
}
