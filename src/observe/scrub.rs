//! The writer between the log and its file: takes out secrets and control characters.
//!
//! Owns: that step. Must not know: what is logged or where the file is.

use std::io::{self, Write};

use tracing_subscriber::fmt::MakeWriter;

use super::Redact;
use crate::domain::text::SafeText;

/// Scrubs every line on its way to another writer.
#[derive(Clone)]
pub(super) struct Scrubbed<W> {
    inner: W,
    redact: Redact,
}

impl<W> Scrubbed<W> {
    pub(super) fn new(inner: W, redact: Redact) -> Self {
        Self { inner, redact }
    }
}

impl<'a, W: Write + Clone + 'a> MakeWriter<'a> for Scrubbed<W> {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl<W: Write> Write for Scrubbed<W> {
    /// An event arrives in one piece, so a secret is never split over two calls.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.inner.write_all(clean(&String::from_utf8_lossy(event), self.redact).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Text without secrets, and with every control character made visible except line ends.
pub(super) fn clean(text: &str, redact: Redact) -> String {
    SafeText::block(&redact(text)).into_string()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn redact(text: &str) -> Cow<'_, str> {
        Cow::Owned(text.replace("hunter2", "[masked]"))
    }

    #[test]
    fn secrets_and_escapes_never_reach_the_file() {
        let mut file = Vec::new();
        let written = Scrubbed::new(&mut file, redact).write(b"pw=hunter2 \x1b[2J\n").unwrap();
        assert_eq!(written, 16, "the caller sees its own length");
        assert_eq!(String::from_utf8(file).unwrap(), "pw=[masked] ␛[2J\n");
    }
}
