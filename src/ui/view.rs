//! The whole screen: model in, cells out.
//!
//! Owns: which region is drawn where, and what the model hears back about sizes. Drawing changes
//! nothing but the caches of [`Surface`]. Must not know: stores, keys being pressed, terminals.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::overlay::Overlay;
use crate::app::spot::{LETTERS, Spot};
use crate::app::toast::{Toast, Tone};
use crate::app::{Action, Model, Pane as Focus, Screen, Viewport};
use crate::domain::text::SafeText;
use crate::input::Keymap;

use super::layout::{self, Regions};
use super::surface::{PaintJob, Surface};
use super::theme::{Role, Symbols, Theme};
use super::{
    agents, audit, dreams, evidence, header, hints, inbox, lesson, memory, overlay, peek, plain, status,
};

/// Everything a frame is made from.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// What there is to show.
    pub model: &'a Model,
    /// How it looks.
    pub theme: &'a Theme,
    /// Which keys do what, for hints and help.
    pub keymap: &'a Keymap,
    /// Keys of an unfinished sequence, and what may follow.
    pub pending: Option<&'a Pending>,
}

/// Keys of an unfinished sequence, and what may follow: keys and titles.
pub type Pending = (String, Vec<(String, &'static str)>);

/// What came of drawing a frame.
#[derive(Debug, Clone, Default)]
pub struct Drawn {
    /// What the screen can show.
    pub viewport: Viewport,
    /// A diff that is to be painted for the next frame.
    pub wants: Option<PaintJob>,
    /// Where the real cursor belongs, so that screen readers and magnifiers follow it.
    pub cursor: Option<Position>,
    /// Whether the cursor is one for typing, and should be seen.
    pub typing: bool,
    /// What can be clicked, and where; what comes later lies on top.
    pub spots: Vec<(Rect, Spot)>,
}

impl Drawn {
    /// Notes what row `row` of an area stands for.
    pub(super) fn row_is(&mut self, area: Rect, row: usize, spot: Spot) {
        if row < usize::from(area.height) {
            self.spots.push((Rect { y: area.y + row as u16, height: 1, ..area }, spot));
        }
    }
}

impl<'a> Scene<'a> {
    /// The look of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The symbols.
    #[must_use]
    pub fn symbols(&self) -> &'a Symbols {
        self.theme.symbols()
    }

    /// A piece of text in a role.
    #[must_use]
    pub fn span<T: Into<std::borrow::Cow<'a, str>>>(&self, text: T, role: Role) -> Span<'a> {
        Span::styled(text, self.style(role))
    }

    /// A line of one role.
    #[must_use]
    pub fn line<T: Into<std::borrow::Cow<'a, str>>>(&self, text: T, role: Role) -> Line<'a> {
        Line::from(self.span(text, role))
    }

    /// Untrusted text as one safe line.
    #[must_use]
    pub fn safe(text: &str) -> String {
        SafeText::line(text).into_string()
    }

    /// The first key of an action, or its name for the command line where it has none.
    #[must_use]
    pub fn key(&self, action: Action) -> String {
        let ascii = self.symbols().ascii;
        self.keymap.hint(action, ascii).unwrap_or_else(|| format!(":{}", action.id()))
    }

    /// ` · `, or its stand-in.
    #[must_use]
    pub fn dot(&self) -> String {
        self.theme.dot()
    }

    /// The sign and the role of a message.
    #[must_use]
    pub fn tone(&self, tone: Tone) -> (&'static str, Role) {
        match tone {
            Tone::Done => (self.symbols().yes, Role::Good),
            Tone::Info if self.symbols().words => (" ", Role::Info),
            Tone::Info => (self.symbols().dot, Role::Info),
            Tone::Problem => (self.symbols().warn, Role::Warn),
        }
    }

    /// The words of a message: what is said, and the key of what can be done about it.
    #[must_use]
    pub fn said(&self, toast: &Toast) -> String {
        let text = self.spelled(&toast.text);
        let then = toast.then.iter().map(|(action, does)| format!("{} {does}", self.key(*action)));
        let then: Vec<String> = then.collect();
        if then.is_empty() { text.into_owned() } else { format!("{text}. {}", then.join(" ")) }
    }

    /// A sentence, whoever wrote it, with what takes more than one cell where only ASCII is shown.
    #[must_use]
    pub fn spelled<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        if self.symbols().ascii { plain::spelled(text) } else { text.into() }
    }

    /// A short moment in the reviewer's zone.
    #[must_use]
    pub fn moment(&self, at: jiff::Timestamp) -> String {
        super::format::moment(at, self.model.now, &self.model.zone)
    }
}

/// Draws a frame.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, surface: &mut Surface) -> Drawn {
    let mut drawn = Drawn::default();
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return drawn;
    }
    let regions = layout::regions(area);
    // Read aloud, two panes beside each other are one muddle.
    drawn.viewport.beside = layout::beside(area) && !scene.symbols().words;
    header::draw(buffer, regions.header, scene, &mut drawn);
    match scene.model.screen {
        Screen::Inbox => draw_inbox(buffer, regions.body, scene, surface, &mut drawn),
        Screen::Dreams => dreams::draw(buffer, regions.body, scene, surface, &mut drawn),
        Screen::Agents => agents::draw(buffer, regions.body, scene, surface, &mut drawn),
        Screen::Memory => memory::draw(buffer, regions.body, scene, surface, &mut drawn),
        Screen::Audit => audit::draw(buffer, regions.body, scene, surface, &mut drawn),
    }
    draw_overlays(buffer, &regions, scene, surface, &mut drawn);
    hints::draw(buffer, regions.hints, scene, &mut drawn);
    status::draw(buffer, &regions, scene, &mut drawn);
    if scene.symbols().ascii {
        plain::simplify(buffer);
    }
    // A reader reads the line of the cursor, and many only where it can be seen.
    drawn.typing |= scene.symbols().words && drawn.cursor.is_some();
    drawn
}

fn draw_inbox(buffer: &mut Buffer, body: Rect, scene: &Scene<'_>, surface: &mut Surface, drawn: &mut Drawn) {
    let model = scene.model;
    if drawn.viewport.beside && !model.zoom {
        let (left, right) = layout::columns(body, model.list_width);
        drawn.viewport.left = left.width;
        inbox::draw(buffer, left, scene, surface, drawn, None);
        lesson::draw(buffer, right, scene, surface, drawn, true);
        drawn.spots.push((layout::divider(left), Spot::Divider));
    } else if model.pane == Focus::List {
        let (list, below) = inbox::shared(scene, body);
        inbox::draw(buffer, list, scene, surface, drawn, below);
        if let Some(below) = below {
            peek::draw(buffer, below, scene, surface, drawn);
        }
    } else if drawn.viewport.beside || model.pane == Focus::Lesson {
        // At full width the evidence fits below the text; on a narrow screen it has its own page.
        lesson::draw(buffer, body, scene, surface, drawn, drawn.viewport.beside);
    } else {
        evidence::draw_page(buffer, body, scene, surface, drawn);
    }
}

fn draw_overlays(
    buffer: &mut Buffer,
    regions: &Regions,
    scene: &Scene<'_>,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    for over in &scene.model.overlays {
        match over {
            Overlay::Palette(palette) => {
                overlay::palette::draw(buffer, regions.body, scene, palette, surface, drawn);
            }
            Overlay::Agents(picker) => {
                overlay::picker::draw(buffer, regions.body, scene, picker, surface, drawn);
            }
            Overlay::Wish(pane) => overlay::wish::draw(buffer, regions.body, scene, pane, drawn),
            Overlay::Themes(picker) => overlay::themes::draw(buffer, regions.body, scene, *picker),
            Overlay::Confirm(confirm) => overlay::confirm::draw(buffer, regions.body, scene, confirm),
            Overlay::Preview(pane) => {
                overlay::preview::draw(buffer, regions.body, scene, pane, surface, drawn);
            }
            Overlay::Transcript(pane) => {
                overlay::transcript::draw(buffer, regions.body, scene, pane, surface, drawn);
            }
            Overlay::Spot(pane) => overlay::spot::draw(buffer, regions.body, scene, pane),
            Overlay::Explain { scroll } => {
                overlay::explain::draw(buffer, regions.body, scene, *scroll, drawn);
            }
            Overlay::Fit(pane) => overlay::fit::draw(buffer, regions.body, scene, pane, drawn),
            Overlay::Requests(pane) => overlay::requests::draw(buffer, regions.body, scene, pane, drawn),
            Overlay::Messages { scroll } => {
                overlay::messages::draw(buffer, regions.body, scene, *scroll, drawn);
            }
            Overlay::Jump => label_rows(buffer, scene, drawn),
            // Drawn in the status line.
            Overlay::Command(_) | Overlay::Prompt(_) => {}
        }
    }
}

/// Puts a letter at every row that has one.
fn label_rows(buffer: &mut Buffer, scene: &Scene<'_>, drawn: &Drawn) {
    let rows = drawn.spots.iter().filter(|(_, spot)| spot.is_row());
    for ((area, _), letter) in rows.zip(LETTERS.chars()) {
        if let Some(cell) = buffer.cell_mut((area.x, area.y)) {
            cell.set_char(letter).set_style(scene.style(Role::Key).add_modifier(Modifier::REVERSED));
        }
    }
}
