//! Output that breaks its lines at words, where a terminal would break them anywhere.
//!
//! Owns: which part of what was written is a line by now. Must not know: what is printed.

use std::io::{self, Write};

use crate::domain::text::SafeText;
use crate::ui::wrap;

/// Narrower than this nothing is gained by breaking at words.
const LEAST: usize = 20;

/// Breaks lines before they reach a width.
pub struct Wrapped<W: Write> {
    out: W,
    width: Option<usize>,
    line: Vec<u8>,
}

impl<W: Write> Wrapped<W> {
    /// With lines of at most this many cells; `None` leaves everything as it is.
    pub fn new(out: W, width: Option<usize>) -> Self {
        Self { out, width: width.filter(|width| *width >= LEAST), line: Vec::new() }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        let (text, end) = match line.strip_suffix(b"\n") {
            Some(text) => (text, "\n"),
            None => (line.as_slice(), ""),
        };
        let (Some(width), Ok(text)) = (self.width, std::str::from_utf8(text)) else {
            return self.out.write_all(&line);
        };
        if wrap::width(text) <= width {
            return self.out.write_all(&line);
        }
        let lines = wrap::wrap(&SafeText::block(text), width);
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        write!(self.out, "{}{end}", lines.join("\n"))
    }
}

impl<W: Write> Write for Wrapped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.width.is_none() {
            return self.out.write(bytes);
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    /// A question without an end of its line is written as it is: what is typed goes on behind it.
    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            let rest = std::mem::take(&mut self.line);
            self.out.write_all(&rest)?;
        }
        self.out.flush()
    }
}

impl<W: Write> Drop for Wrapped<W> {
    fn drop(&mut self) {
        // Where a command failed, what it had said so far is still worth reading; nobody hears of more.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_words_and_questions_stay_whole() {
        let mut out = Vec::new();
        let mut wrapped = Wrapped::new(&mut out, Some(24));
        write!(wrapped, "- one two three four ").unwrap();
        writeln!(wrapped, "five six seven eight").unwrap();
        write!(wrapped, "short\nA question that is longer than a line? ").unwrap();
        drop(wrapped);
        let said = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.last(), Some(&"A question that is longer than a line? "));
        let (broken, rest) = lines.split_at(lines.len() - 2);
        assert_eq!(rest[0], "short");
        assert!(broken.len() > 1 && broken.iter().all(|line| line.len() <= 24), "{broken:?}");
        let words: Vec<&str> = broken.iter().flat_map(|line| line.split_whitespace()).collect();
        assert_eq!(words.join(" "), "- one two three four five six seven eight");
    }

    #[test]
    fn a_pipe_gets_every_line_as_it_is() {
        let mut out = Vec::new();
        let long = "word ".repeat(100);
        writeln!(Wrapped::new(&mut out, None), "{long}").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("{long}\n"));
    }
}
