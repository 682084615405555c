//! Frames on their way to the terminal: collected, then written once, as one synchronized update.
//!
//! Owns: that a frame is never torn and never written in pieces. Must not know: what is in it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, SetTitle};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// Collects what a frame writes; flushing does nothing, [`Screen`] decides when a frame is whole.
#[derive(Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Paints frames on the terminal.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Collected>>,
    collected: Collected,
    title: String,
    written: u64,
}

impl Screen {
    /// A screen on which nothing is painted yet.
    ///
    /// # Errors
    /// When the size of the terminal is not known.
    pub fn new() -> io::Result<Self> {
        let collected = Collected::default();
        let terminal = Terminal::new(CrosstermBackend::new(collected.clone()))?;
        Ok(Self { terminal, collected, title: String::new(), written: 0 })
    }

    /// Size of the terminal now.
    ///
    /// # Errors
    /// When it is not known.
    pub fn area(&self) -> io::Result<Rect> {
        Ok(self.terminal.size()?.into())
    }

    /// Forgets what is on the terminal, so that the next frame paints everything.
    ///
    /// # Errors
    /// When the size of the terminal is not known.
    pub fn forget(&mut self) -> io::Result<()> {
        self.terminal = Terminal::new(CrosstermBackend::new(self.collected.clone()))?;
        self.title.clear();
        queue!(self.collected, Clear(ClearType::All))
    }

    /// Paints a frame: only what differs from the last one, in one write.
    ///
    /// # Errors
    /// When the terminal can't be written to.
    pub fn paint(
        &mut self,
        frame: &Buffer,
        cursor: Option<Position>,
        typing: bool,
        title: &str,
    ) -> io::Result<()> {
        queue!(self.collected, BeginSynchronizedUpdate)?;
        if title != self.title {
            // Only our own words and a number ever stand in the title.
            queue!(self.collected, SetTitle(title))?;
            title.clone_into(&mut self.title);
        }
        self.terminal.draw(|target| {
            // The terminal may have changed its size since the frame was composed; what no longer
            // fits is cut, and the next frame has the new size.
            let shared = frame.area.intersection(target.area());
            for y in shared.top()..shared.bottom() {
                for x in shared.left()..shared.right() {
                    if let (Some(from), Some(to)) = (frame.cell((x, y)), target.buffer_mut().cell_mut((x, y)))
                    {
                        *to = from.clone();
                    }
                }
            }
            if let Some(at) = cursor.filter(|at| typing && shared.contains(*at)) {
                target.set_cursor_position(at);
            }
        })?;
        if let Some(at) = cursor.filter(|_| !typing) {
            // Hidden, but there: screen readers and magnifiers follow it.
            queue!(self.collected, MoveTo(at.x, at.y))?;
        }
        queue!(self.collected, EndSynchronizedUpdate)?;
        self.write_out()
    }

    /// Writes bytes that are not part of a frame, such as a clipboard sequence.
    ///
    /// # Errors
    /// When the terminal can't be written to.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.collected.write_all(bytes)?;
        self.write_out()
    }

    /// Bytes written so far.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    fn write_out(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut *self.collected.0.borrow_mut());
        self.written += bytes.len() as u64;
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()
    }
}
