//! Frames on their way to the terminal: collected, then written once, as one synchronized update.
//!
//! Owns: that a frame is never torn and never written in pieces. Must not know: what is in it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, SetTitle};
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::{Terminal, TerminalOptions, Viewport};

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

/// Paints frames on a terminal, behind whatever bytes are written to.
pub struct Screen<W> {
    terminal: Terminal<CrosstermBackend<Collected>>,
    collected: Collected,
    out: W,
    title: String,
    written: Written,
}

/// What was written so far, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Bytes.
    pub bytes: u64,
    /// Writes: one for each frame.
    pub writes: u64,
}

impl<W: Write> Screen<W> {
    /// A screen of this size on which nothing is painted yet.
    ///
    /// # Errors
    /// Never in practice: nothing is asked of the terminal.
    pub fn new(area: Rect, out: W) -> io::Result<Self> {
        let collected = Collected::default();
        let terminal = terminal(&collected, area)?;
        Ok(Self { terminal, collected, out, title: String::new(), written: Written::default() })
    }

    /// Forgets what is on the terminal, which now has this size, so that the next frame paints everything.
    ///
    /// # Errors
    /// Never in practice: nothing is asked of the terminal.
    pub fn forget(&mut self, area: Rect) -> io::Result<()> {
        self.terminal = terminal(&self.collected, area)?;
        self.title.clear();
        queue!(self.collected, Clear(ClearType::All))
    }

    /// Paints a frame on a terminal that has size `area` now: only what differs from the last one, in
    /// one write.
    ///
    /// # Errors
    /// When the terminal can't be written to.
    pub fn paint(
        &mut self,
        area: Rect,
        frame: &Buffer,
        cursor: Option<Position>,
        typing: bool,
        title: &str,
    ) -> io::Result<()> {
        queue!(self.collected, BeginSynchronizedUpdate)?;
        if self.terminal.get_frame().area() != area {
            self.terminal.resize(area)?;
        }
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

    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> Written {
        self.written
    }

    /// Where the bytes went.
    #[must_use]
    pub fn out(&self) -> &W {
        &self.out
    }

    fn write_out(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut *self.collected.0.borrow_mut());
        self.written.bytes += bytes.len() as u64;
        self.written.writes += 1;
        self.out.write_all(&bytes)?;
        self.out.flush()
    }
}

/// A terminal that is told its size and never asks for it: the loop knows when it changes.
fn terminal(collected: &Collected, area: Rect) -> io::Result<Terminal<CrosstermBackend<Collected>>> {
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    Terminal::with_options(CrosstermBackend::new(collected.clone()), options)
}

/// Size of the terminal of this process now.
///
/// # Errors
/// When it is not known.
pub fn area() -> io::Result<Rect> {
    let (width, height) = crossterm::terminal::size()?;
    Ok(Rect::new(0, 0, width, height))
}
