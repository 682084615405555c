//! The mouse: a click selects what a cursor would, a second one opens it, one on a hint does what it says; the
//! wheel scrolls what is under the pointer, the border between list and detail can be dragged. Everything has a
//! key as well.

use jiff::SignedDuration;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::model::{Model, Pane};
use crate::app::overlay::Overlay;
use crate::app::spot::Spot;
use crate::app::toast::Tone;
use crate::app::update::act;

/// Two clicks on a row that are not further apart than this open it.
const DOUBLE: SignedDuration = SignedDuration::from_millis(500);

/// Hears a click. A hint does what its key does, a row that was clicked right before opens; both only while the
/// mouse is listened to.
pub(in crate::app) fn click(model: &mut Model, spot: Option<Spot>, effects: &mut Vec<Effect>) {
    let before = model.clicked.take();
    if let (Some(Spot::Action(action)), true) = (spot, model.mouse) {
        model.toasts.dismiss();
        return act(model, action, effects);
    }
    let row = spot.filter(|spot| spot.is_row() && model.mouse && model.overlay().is_none());
    let again =
        before.as_ref().is_some_and(|(was, at)| Some(*was) == row && model.now.duration_since(*at) <= DOUBLE);
    model.clicked = row.filter(|_| !again).map(|row| (row, model.now));
    select(model, spot);
    if again {
        act(model, Action::Open, effects);
    }
}

/// Puts the cursor, or the keyboard, where a click was.
fn select(model: &mut Model, spot: Option<Spot>) {
    model.dragging = false;
    // What lies over the screen is answered by keys: a click beside it must not change what is below.
    if model.overlay().is_some() {
        return;
    }
    let Some(spot) = spot else { return };
    match spot {
        Spot::Tab(screen) => model.screen = screen,
        Spot::Lesson(index) => {
            model.pane = Pane::List;
            if let Some(id) = model.inbox.entries().get(index).map(|entry| entry.lesson.id.clone()) {
                model.inbox.go_to_lesson(id);
            }
        }
        Spot::Pane(pane) => model.pane = pane,
        Spot::Fold(fold) => {
            model.pane = Pane::Lesson;
            model.detail.open_folds.insert(fold);
        }
        Spot::Evidence(index) => {
            model.open_evidence();
            let last = model.detail.content().map_or(0, |content| content.evidence.len()).saturating_sub(1);
            model.detail.evidence = index.min(last);
        }
        Spot::Dream(index) => {
            let ids = model.dreams.ids();
            model.dreams.selection.select_index(&ids, index);
            model.dreams.scroll = 0;
        }
        Spot::Agent(index) => {
            let ids = model.agents.ids();
            model.agents.selection.select_index(&ids, index);
            model.agents.scroll = 0;
        }
        Spot::Facts => {}
        Spot::MemoryPane(pane) => model.memory.pane = pane,
        Spot::Document(index) => {
            let paths = model.memory.paths();
            model.memory.pane = crate::app::screens::MemoryPane::Documents;
            model.memory.document.select_index(&paths, index);
            model.memory.line = 0;
        }
        Spot::Line(line) => {
            model.memory.pane = crate::app::screens::MemoryPane::Text;
            model.memory.line = line;
            model.memory.keep_line();
        }
        Spot::Version(index) => {
            let items = model.memory.history_items();
            model.memory.pane = crate::app::screens::MemoryPane::History;
            model.memory.history.select_index(&items, index);
        }
        Spot::Entry(index) => {
            let ids = model.audit.ids();
            model.audit.selection.select_index(&ids, index);
        }
        Spot::Divider => model.dragging = true,
        // Heard above; where the mouse is not listened to, the terminal's own.
        Spot::Action(_) => {}
    }
}

/// Goes to the row whose letter was pressed.
pub(in crate::app) fn jump(model: &mut Model, spot: Option<Spot>) {
    if matches!(model.overlay(), Some(Overlay::Jump)) {
        model.overlays.pop();
    }
    match spot {
        Some(_) => select(model, spot),
        None => model.say(Tone::Info, "No row has that letter"),
    }
}

/// Hears that the pointer was dragged to a column.
pub(in crate::app) fn drag(model: &mut Model, column: u16) {
    if model.dragging {
        model.list_width = Some(column.saturating_add(1));
    }
}

/// Makes the list wider or narrower by keys.
pub(in crate::app) fn resize_list(model: &mut Model, by: i16) {
    if !model.viewport.beside {
        model.say(Tone::Info, "The list stands alone here; a wider screen puts the lesson beside it");
        return;
    }
    let now = model.list_width.unwrap_or(model.viewport.left);
    model.list_width = Some(now.saturating_add_signed(by).clamp(1, 1_000));
}

/// Gives the mouse back to the terminal, or listens to it.
pub(in crate::app) fn toggle(model: &mut Model, effects: &mut Vec<Effect>) {
    model.mouse = !model.mouse;
    effects.push(Effect::Mouse(model.mouse));
    let text = if model.mouse {
        "The mouse clicks and scrolls here; with Shift it selects (iTerm2: Option, macOS Terminal: Fn)"
    } else {
        "The mouse is the terminal's again: select text as usual"
    };
    model.say(Tone::Info, text);
}
