//! Lines of a file that may be growing, of any length, with the offsets they have on disk.
//!
//! Owns: cutting a stream into lines, the cap on how much of one line is held, and making bytes
//! readable without moving any: NULs become blanks and invalid UTF-8 becomes `?`, so that offsets in
//! the text are offsets in the file. Must not know: JSON.

use std::io::{self, BufRead};

use memchr::memchr;

use super::envelope::Envelope;

/// Longest line that is held as a whole. Longer ones are records with a huge payload, of which only
/// the envelope is looked at, in passing.
pub const LONGEST: usize = 8 << 20;

/// One line without its newline.
#[derive(Debug)]
pub enum Line<'b> {
    /// An ordinary line.
    Text {
        /// Offset of its first byte.
        start: u64,
        /// The line; byte for byte as long as on disk.
        text: &'b str,
        /// It ends in a newline; otherwise it is the end of the file and may still be growing.
        finished: bool,
    },
    /// A finished line over [`LONGEST`].
    Huge {
        /// Offset of its first byte.
        start: u64,
        /// Its length.
        bytes: u64,
        /// What could be learned of the record in passing.
        envelope: Box<Envelope>,
    },
}

/// Reads lines one after another.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    at: u64,
}

impl<R: BufRead> Lines<R> {
    /// Lines of a reader that stands at byte `from` of its file.
    pub fn new(reader: R, from: u64) -> Self {
        Self { reader, buffer: Vec::new(), at: from }
    }

    /// The next line, or `None` at the end. An unfinished huge line counts as the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let start = self.at;
        let mut huge: Option<(Box<Envelope>, u64)> = None;
        let finished = loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break false;
            }
            let newline = memchr(b'\n', chunk);
            let part = chunk.get(..newline.unwrap_or(chunk.len())).unwrap_or_default();
            if let Some((envelope, bytes)) = &mut huge {
                envelope.feed(part);
                *bytes += part.len() as u64;
            } else if self.buffer.len() + part.len() > LONGEST {
                let mut envelope = Box::new(Envelope::default());
                envelope.feed(&self.buffer);
                envelope.feed(part);
                huge = Some((envelope, (self.buffer.len() + part.len()) as u64));
                self.buffer.clear();
            } else {
                self.buffer.extend_from_slice(part);
            }
            let used = part.len() + usize::from(newline.is_some());
            self.at += used as u64;
            self.reader.consume(used);
            if newline.is_some() {
                break true;
            }
        };
        if let Some((envelope, bytes)) = huge {
            return Ok(finished.then_some(Line::Huge { start, bytes, envelope }));
        }
        if self.buffer.is_empty() && !finished {
            return Ok(None);
        }
        let text = readable(&mut self.buffer)?;
        Ok(Some(Line::Text { start, text, finished }))
    }

    /// Offset after the last line handed out, its newline included.
    pub fn position(&self) -> u64 {
        self.at
    }
}

fn readable(buffer: &mut [u8]) -> io::Result<&str> {
    if memchr(0, buffer).is_some() {
        buffer.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
    }
    if std::str::from_utf8(buffer).is_err() {
        let mut invalid = Vec::new();
        let mut at = 0;
        for chunk in buffer.utf8_chunks() {
            at += chunk.valid().len();
            invalid.push(at..at + chunk.invalid().len());
            at += chunk.invalid().len();
        }
        for range in invalid {
            if let Some(bytes) = buffer.get_mut(range) {
                bytes.fill(b'?');
            }
        }
    }
    std::str::from_utf8(buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], capacity: usize) -> Vec<(u64, String, bool)> {
        let mut lines = Lines::new(io::BufReader::with_capacity(capacity, bytes), 0);
        let mut out = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            match line {
                Line::Text { start, text, finished } => out.push((start, text.to_owned(), finished)),
                Line::Huge { start, bytes, .. } => out.push((start, format!("huge {bytes}"), true)),
            }
        }
        out
    }

    #[test]
    fn lines_are_the_same_however_the_bytes_arrive() {
        let file = b"one\n\ntwo\r\nlast";
        let expected = vec![
            (0, "one".to_owned(), true),
            (4, String::new(), true),
            (5, "two\r".to_owned(), true),
            (10, "last".to_owned(), false),
        ];
        for capacity in [1, 2, 3, 5, 64] {
            assert_eq!(all(file, capacity), expected);
        }
    }

    #[test]
    fn unreadable_bytes_are_replaced_without_moving_any() {
        assert_eq!(all(b"\0\0a\xff\xc3(b\n", 64), vec![(0, "  a??(b".to_owned(), true)]);
    }

    #[test]
    fn a_huge_line_is_passed_over_and_the_next_one_read() {
        let mut file = br#"{"type":"user","uuid":"u1","message":""#.to_vec();
        file.resize(LONGEST + 100, b'x');
        file.extend_from_slice(b"\"}\nnext\n");
        let lines = all(&file, 4096);
        assert_eq!(lines[0], (0, format!("huge {}", LONGEST + 102), true));
        assert_eq!(lines[1].1, "next");
    }

    #[test]
    fn an_unfinished_huge_line_is_left_for_the_next_reading() {
        let file = vec![b'x'; LONGEST + 1];
        assert!(all(&file, 4096).is_empty());
    }
}
