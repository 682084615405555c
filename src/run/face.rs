//! What the loop needs of a terminal, so that the same loop runs without one.
//!
//! Owns: the trait, and its form for a real terminal. Must not know: the model.

use std::io;
use std::path::PathBuf;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::data::Failure;
use crate::app::words::capitalised;
use crate::term::clipboard::{self, Copied};
use crate::term::editor;
use crate::term::events::{Events, Input};
use crate::term::frame::{self, Screen};
use crate::term::notify;
use crate::term::session::{self, Session};

/// A finished frame.
#[derive(Debug)]
pub struct Frame<'a> {
    /// Its cells.
    pub cells: &'a Buffer,
    /// Where the cursor belongs.
    pub cursor: Option<Position>,
    /// Whether it is one for typing.
    pub typing: bool,
    /// Title for the window.
    pub title: &'a str,
}

/// The reviewer's side of the loop.
pub trait Face {
    /// The next thing from outside; waits for it.
    fn next(&mut self) -> impl Future<Output = Input>;
    /// Something from outside that is there already.
    fn ready(&mut self) -> impl Future<Output = Option<Input>>;
    /// How large a frame is.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn area(&self) -> io::Result<Rect>;
    /// Shows a frame.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn show(&mut self, frame: &Frame<'_>) -> io::Result<()>;
    /// Forgets what is shown, so that the next frame is painted in full.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn forget(&mut self) -> io::Result<()>;
    /// Listens to the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn listen_to_mouse(&mut self, mouse: bool) -> io::Result<()>;
    /// Saves a picture of the screen, and says where.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn save_picture(&mut self, svg: &str) -> io::Result<Result<String, Failure>>;
    /// Tells a reviewer who looks elsewhere.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn notify(&mut self, text: &str) -> io::Result<()>;
    /// Hands the terminal to the shell until it is given back.
    ///
    /// # Errors
    /// When the terminal can't be taken over again.
    fn suspend(&mut self) -> io::Result<()>;
    /// Lets the reviewer edit a text; `None` if nothing was changed.
    ///
    /// # Errors
    /// When the terminal can't be taken over again; what goes wrong with the editor is the answer.
    fn edit(&mut self, text: &str) -> io::Result<Result<Option<String>, Failure>>;
    /// Copies a text, and says in honest words what became of it.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn copy(&mut self, what: &str, text: &str) -> io::Result<Result<String, Failure>>;
}

/// How a terminal is to be used.
#[derive(Debug, Clone)]
pub struct Held {
    /// Listen to the mouse.
    pub mouse: bool,
    /// Hear whether the terminal is looked at.
    pub focus: bool,
    /// The terminal still owes an answer to a question.
    pub unanswered: bool,
    /// The command that edits a text; `None`: the usual one.
    pub editor: Option<String>,
    /// Folder for texts too long to copy.
    pub saved: PathBuf,
    /// tmux stands in between.
    pub in_tmux: bool,
}

/// A real terminal.
pub struct Terminal {
    screen: Screen<io::Stdout>,
    events: Events,
    session: Session,
    editor: Option<String>,
    saved: PathBuf,
    in_tmux: bool,
}

impl Terminal {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When there is no terminal.
    pub fn enter(held: Held) -> io::Result<Self> {
        let Held { mouse, focus, unanswered, editor, saved, in_tmux } = held;
        session::restore_on_panic();
        let events = Events::listen(unanswered)?;
        let session = Session::enter(mouse, focus)?;
        Ok(Self {
            screen: Screen::new(frame::area()?, io::stdout())?,
            events,
            session,
            editor,
            saved,
            in_tmux,
        })
    }

    fn lend<T>(&mut self, during: impl FnOnce() -> T) -> io::Result<T> {
        self.events.pause();
        let result = self.session.lend(during);
        self.events.resume();
        self.screen.forget(frame::area()?)?;
        result
    }
}

impl Face for Terminal {
    async fn next(&mut self) -> Input {
        self.events.next().await
    }

    async fn ready(&mut self) -> Option<Input> {
        self.events.ready().await
    }

    fn area(&self) -> io::Result<Rect> {
        frame::area()
    }

    fn show(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        self.screen.paint(frame::area()?, frame.cells, frame.cursor, frame.typing, frame.title)
    }

    fn forget(&mut self) -> io::Result<()> {
        self.screen.forget(frame::area()?)
    }

    fn listen_to_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.session.listen_to_mouse(mouse)
    }

    fn save_picture(&mut self, svg: &str) -> io::Result<Result<String, Failure>> {
        Ok(match clipboard::save("screen-", ".svg", svg, &self.saved) {
            Ok(path) => Ok(format!("A picture of the screen is in {}", path.display())),
            Err(error) => Err(Failure::plain(format!("The picture could not be saved: {error}"))),
        })
    }

    fn notify(&mut self, text: &str) -> io::Result<()> {
        self.screen.send(&notify::notice(text, self.in_tmux))
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.lend(session::stop)
    }

    fn edit(&mut self, text: &str) -> io::Result<Result<Option<String>, Failure>> {
        let command = self.editor.clone();
        self.lend(|| editor::edit(command.as_deref(), text))
    }

    fn copy(&mut self, what: &str, text: &str) -> io::Result<Result<String, Failure>> {
        match clipboard::copy(what, text, self.in_tmux, &self.saved) {
            Copied::Send(bytes, said) => self.screen.send(&bytes).map(|()| Ok(capitalised(&said))),
            Copied::Done(said) => Ok(Ok(capitalised(&said))),
            Copied::Failed(why) => Ok(Err(Failure::plain(capitalised(&why)))),
        }
    }
}
