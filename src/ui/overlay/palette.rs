//! Help and palette in one: all actions with their keys; type to find, Enter runs.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::overlay::Palette;
use crate::app::{Action, check_from_palette};
use crate::domain::text::SafeText;
use crate::input::keymap::short;
use crate::ui::pane::{Pane, clear, put, tint};
use crate::ui::status::draw_input;
use crate::ui::surface::Surface;
use crate::ui::theme::Role;
use crate::ui::view::{Drawn, Scene};
use crate::ui::{format, layout, wrap};

/// Narrower than this, what an action does stands below its title instead of beside it.
const BESIDE: usize = 72;

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
    let rows = usize::from(area.height.saturating_sub(4));
    let width = usize::from(area.width.saturating_sub(2));
    drawn.viewport.overlay = rows;
    let mut lines = Vec::new();
    let mut selected = 0..0;
    for (index, &action) in palette.matches.iter().enumerate() {
        let current = index == palette.selected;
        let from = lines.len();
        lines.extend(entry(scene, action, current, width));
        if current {
            selected = from..lines.len();
        }
    }
    // The whole entry is brought into view, its first line above all.
    let end = selected.end.saturating_sub(1);
    let top = layout::scroll_to_show(surface.tops.overlay, end, lines.len(), rows.max(1));
    surface.tops.overlay = layout::scroll_to_show(top, selected.start, lines.len(), rows.max(1));
    let top = surface.tops.overlay;
    let frame = Pane {
        title: scene.line("keys and commands", Role::Title),
        right: scene.line(format::counted(count as u64, "command"), Role::Muted),
        bottom: scene.line("type to find", Role::Muted),
        focused: true,
        scroll: Some((top, rows, lines.len())),
        ..Pane::default()
    };
    let inside = frame.draw(buffer, area, scene.theme);
    draw_input(buffer, inside, scene, "find ", &palette.input, drawn);
    let (_, list) = layout::split_top(inside, 2);
    if count == 0 {
        put(buffer, list, 0, &scene.line("  No command fits.", Role::Muted));
    }
    for (row, line) in lines.iter().skip(top).take(usize::from(list.height)).enumerate() {
        put(buffer, list, row, line);
        if selected.contains(&(top + row)) {
            tint(buffer, list, row, scene.style(Role::Selection));
        }
    }
}

/// Keys, title, and in full what it does; or why it can't be done now.
fn entry<'a>(scene: &Scene<'a>, action: Action, current: bool, width: usize) -> Vec<Line<'a>> {
    let symbols = scene.symbols();
    let keys: Vec<_> = scene.keymap.keys(action).map(|keys| short(keys, symbols.ascii)).collect();
    let keys = wrap::fit(&keys.join(" "), 12, symbols.ellipsis);
    let spec = action.spec();
    let (help, key_role, title_role, help_role) = match check_from_palette(scene.model, action) {
        Ok(()) => (spec.help.to_owned(), Role::Key, Role::Text, Role::Muted),
        Err(reason) => {
            (format!("not now: {reason}. {}", spec.help), Role::Disabled, Role::Disabled, Role::Disabled)
        }
    };
    let beside = width >= BESIDE;
    let indent = if beside { 1 + 14 + 23 } else { 15 };
    let help = wrap::wrap(&SafeText::line(&help), width.saturating_sub(indent + 1).max(8));
    let mut help = help.into_iter();
    let mut first = vec![
        scene.span(if current { symbols.cursor } else { " " }, Role::Accent),
        scene.span(format!(" {keys} "), key_role),
    ];
    if beside {
        first.push(scene.span(format!("{} ", wrap::fit(spec.title, 22, symbols.ellipsis)), title_role));
        first.extend(help.next().map(|text| scene.span(text, help_role)));
    } else {
        first.push(scene.span(spec.title, title_role));
    }
    let mut lines = vec![Line::from(first)];
    lines.extend(help.map(|text| scene.line(format!("{:indent$}{text}", ""), help_role)));
    lines
}
