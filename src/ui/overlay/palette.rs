//! Help and palette in one: all actions with their keys; type to find, Enter runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::overlay::Palette;
use crate::app::{Action, check_from_palette};
use crate::domain::text::SafeText;
use crate::input::keymap::short;
use crate::ui::pane::{Pane, clear, put, rule, tint};
use crate::ui::status::draw_input;
use crate::ui::surface::Surface;
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{layout, wrap};

/// Rows for what the selected action does: a rule and two lines.
const TOLD: u16 = 3;

/// Draws the palette over the body.
pub fn draw(
    buffer: &mut Buffer,
    body: Rect,
    scene: &Scene<'_>,
    palette: &Palette,
    surface: &mut Surface,
    drawn: &mut Drawn,
) {
    let area = layout::centred(body, 96, body.height);
    clear(buffer, area);
    let count = palette.matches.len();
    // What the selected action does is said in full below the list, where there is room.
    let told = if area.height >= 14 { TOLD } else { 0 };
    let list_rows = usize::from(area.height.saturating_sub(4 + told));
    surface.tops.overlay =
        layout::scroll_to_show(surface.tops.overlay, palette.selected, count, list_rows.max(1));
    let frame = Pane {
        title: scene.line("keys and commands", Role::Title),
        right: scene.line(format!("{count}"), Role::Muted),
        bottom: scene.line("type to find, Enter runs, Esc leaves", Role::Muted),
        focused: true,
        scroll: Some((surface.tops.overlay, list_rows, count)),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    draw_input(buffer, inside, scene, "find ", &palette.input, drawn);
    let (_, below) = layout::split_top(inside, 2);
    let (list, tale) = layout::split_top(below, below.height.saturating_sub(told));
    if let Some(&action) = palette.matches.get(palette.selected).filter(|_| told > 0) {
        rule(buffer, area, tale.y, &scene.line(action.id(), Role::Muted), true, scene.theme);
        let text = match check_from_palette(scene.model, action) {
            Ok(()) => action.spec().help.to_owned(),
            Err(reason) => format!("{} Not now: {reason}.", action.spec().help),
        };
        let lines = wrap::wrap(&SafeText::line(&text), usize::from(tale.width).saturating_sub(2).max(8));
        for (row, line) in lines.into_iter().take(usize::from(told) - 1).enumerate() {
            put(buffer, tale, row + 1, &scene.line(format!(" {line}"), Role::Text));
        }
    }
    if count == 0 {
        put(buffer, list, 0, &scene.line("  No command fits.", Role::Muted));
    }
    let shown = palette.matches.iter().enumerate().skip(surface.tops.overlay).take(usize::from(list.height));
    for (row, (index, &action)) in shown.enumerate() {
        let current = index == palette.selected;
        put(buffer, list, row, &line(scene, action, current, usize::from(list.width)));
        if current {
            tint(buffer, list, row, scene.style(Role::Selection));
        }
    }
}

/// Keys, title, what it does; or why it can't be done now.
fn line<'a>(scene: &Scene<'a>, action: Action, current: bool, width: usize) -> Line<'a> {
    let symbols = scene.symbols();
    let keys: Vec<_> = scene.keymap.keys(action).map(|keys| short(keys, symbols.ascii)).collect();
    let keys = wrap::fit(&keys.join(" "), 12, symbols.ellipsis);
    let title = wrap::fit(action.spec().title, 22, symbols.ellipsis);
    let room = width.saturating_sub(2 + 13 + 23);
    let (help, key_role, title_role, help_role) = match check_from_palette(scene.model, action) {
        Ok(()) => (action.spec().help.to_owned(), Role::Key, Role::Text, Role::Muted),
        Err(reason) => (format!("not now: {reason}"), Role::Disabled, Role::Disabled, Role::Disabled),
    };
    Line::from(vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(format!(" {keys} "), key_role),
        scene.span(format!("{title} "), title_role),
        scene.span(wrap::clip(&help, room, symbols.ellipsis).into_owned(), help_role),
    ])
}
