//! Frames with titles, rows, bars: what every region is drawn with.
//!
//! Owns: drawing that stays inside its rectangle whatever its size. Must not know: the model.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};

use super::theme::{Role, Theme};
use super::wrap;

/// A frame around a region.
#[derive(Debug, Clone, Default)]
pub struct Pane<'a> {
    /// At the top left.
    pub title: Line<'a>,
    /// At the top right; gives way to the title.
    pub right: Line<'a>,
    /// At the bottom left.
    pub bottom: Line<'a>,
    /// At the bottom right; gives way to the bottom left.
    pub bottom_right: Line<'a>,
    /// The keyboard is here.
    pub focused: bool,
    /// First row shown, rows shown, rows in all; draws a thumb on the right border.
    pub scroll: Option<(usize, usize, usize)>,
    /// Its upper border is also the lower one of what is above.
    pub joined: bool,
}

impl Pane<'_> {
    /// Draws the frame, and gives the inside. Where there is no room for a frame there is none.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) -> Rect {
        let area = area.intersection(buffer.area);
        if area.width < 6 || area.height < 3 {
            return area;
        }
        let style = theme.style(if self.focused { Role::BorderFocus } else { Role::Border });
        let set = &theme.symbols().border;
        let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
        for x in left + 1..right {
            put_cell(buffer, x, top, set.horizontal_top, style);
            put_cell(buffer, x, bottom, set.horizontal_bottom, style);
        }
        for y in top + 1..bottom {
            put_cell(buffer, left, y, set.vertical_left, style);
            put_cell(buffer, right, y, set.vertical_right, style);
        }
        put_cell(buffer, left, top, set.top_left, style);
        put_cell(buffer, right, top, set.top_right, style);
        put_cell(buffer, left, bottom, set.bottom_left, style);
        put_cell(buffer, right, bottom, set.bottom_right, style);
        if self.joined {
            let (join_left, join_right) = joins(theme);
            put_cell(buffer, left, top, join_left, style);
            put_cell(buffer, right, top, join_right, style);
        }
        let inside = Rect::new(left + 1, top + 1, area.width - 2, area.height - 2);
        let room = Rect::new(left + 1, top, area.width - 2, 1);
        ends(buffer, room, &self.title, &self.right, theme);
        ends(buffer, Rect { y: bottom, ..room }, &self.bottom, &self.bottom_right, theme);
        if let Some((first, shown, all)) = self.scroll.filter(|(_, shown, all)| all > shown) {
            let height = usize::from(inside.height);
            let length = (height * shown / all).clamp(1, height);
            let from = ((height - length) * first).div_ceil((all - shown).max(1)).min(height - length);
            for y in from..from + length {
                put_cell(buffer, right, inside.y + y as u16, theme.symbols().thumb, style);
            }
        }
        inside
    }
}

/// A rule across a framed region, joined to the frame, with a title.
pub fn rule(buffer: &mut Buffer, frame: Rect, y: u16, title: &Line<'_>, focused: bool, theme: &Theme) {
    if frame.width < 6 || y <= frame.top() || y + 1 >= frame.bottom() {
        return;
    }
    let style = theme.style(if focused { Role::BorderFocus } else { Role::Border });
    let (join_left, join_right) = joins(theme);
    put_cell(buffer, frame.left(), y, join_left, style);
    put_cell(buffer, frame.right() - 1, y, join_right, style);
    for x in frame.left() + 1..frame.right() - 1 {
        put_cell(buffer, x, y, theme.symbols().border.horizontal_top, style);
    }
    let room = Rect::new(frame.x + 1, y, frame.width - 2, 1);
    ends(buffer, room, title, &Line::default(), theme);
}

/// Where a line across a frame meets it, left and right.
fn joins(theme: &Theme) -> (&'static str, &'static str) {
    match theme.symbols() {
        symbols if symbols.words => (" ", " "),
        symbols if symbols.ascii => ("+", "+"),
        _ => ("├", "┤"),
    }
}

/// Writes one line at the left and one at the right, each with a blank on both sides; the right one
/// is left out where both do not fit.
fn ends(buffer: &mut Buffer, room: Rect, left: &Line<'_>, right: &Line<'_>, theme: &Theme) {
    let width = usize::from(room.width);
    let right_width = right.width();
    let left_width = left.width();
    let both = left_width + right_width + 5 <= width;
    if right_width > 0 && (both || (left_width == 0 && right_width + 2 <= width)) {
        let x = room.right() - right_width as u16 - 3;
        put(buffer, Rect { x, width: right_width as u16 + 2, ..room }, 0, &padded(right));
    }
    if left_width > 0 && width >= 4 {
        let room_left = if both && right_width > 0 { width - right_width - 3 } else { width };
        let clipped = clip_line(left, room_left.saturating_sub(2), theme.symbols().ellipsis);
        put(buffer, room, 0, &padded(&clipped));
    }
}

fn padded<'a>(line: &Line<'a>) -> Line<'a> {
    let mut spans = vec![Span::raw(" ")];
    spans.extend(line.spans.iter().cloned());
    spans.push(Span::raw(" "));
    Line { spans, ..line.clone() }
}

/// The line, cut to `cells` with a mark at the end if it does not fit.
#[must_use]
pub fn clip_line<'a>(line: &Line<'a>, cells: usize, mark: &str) -> Line<'a> {
    if line.width() <= cells {
        return line.clone();
    }
    let mut left = cells;
    let mut spans: Vec<Span<'a>> = Vec::new();
    for span in &line.spans {
        let width = span.width();
        // The mark must fit behind whatever is the last piece that is kept.
        if width + wrap::width(mark) <= left {
            spans.push(span.clone());
            left -= width;
        } else {
            let room = left.saturating_sub(wrap::width(mark));
            let kept = wrap::clip(&span.content, room, "").into_owned();
            spans.push(Span::styled(format!("{kept}{}", wrap::clip(mark, left, "")), span.style));
            break;
        }
    }
    Line { spans, ..line.clone() }
}

/// Writes a line into row `row` of an area, cut at its edge. Outside the area nothing is drawn.
pub fn put(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let area = area.intersection(buffer.area);
    if row < usize::from(area.height) && area.width > 0 {
        buffer.set_line(area.x, area.y + row as u16, line, area.width);
    }
}

/// Writes a line at the right end of row `row`.
pub fn put_right(buffer: &mut Buffer, area: Rect, row: usize, line: &Line<'_>) {
    let width = (line.width() as u16).min(area.width);
    put(buffer, Rect { x: area.right() - width, width, ..area }, row, line);
}

/// Lays a style over row `row` of an area. Letters that have a colour of their own keep it.
pub fn tint(buffer: &mut Buffer, area: Rect, row: usize, style: Style) {
    let area = area.intersection(buffer.area);
    if row >= usize::from(area.height) {
        return;
    }
    for x in area.left()..area.right() {
        if let Some(cell) = buffer.cell_mut((x, area.y + row as u16)) {
            let own = cell.fg;
            cell.set_style(style);
            if own != Color::Reset {
                cell.fg = own;
            }
        }
    }
}

/// Empties an area, for what is laid over others.
pub fn clear(buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
    // A wide character cut in half by the left edge would push the row about.
    if let Some(before) = area.left().checked_sub(1) {
        for y in area.top()..area.bottom() {
            if let Some(cell) = buffer.cell_mut((before, y)).filter(|cell| wrap::width(cell.symbol()) > 1) {
                cell.set_symbol(" ");
            }
        }
    }
}

fn put_cell(buffer: &mut Buffer, x: u16, y: u16, symbol: &str, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}

/// A gauge: filled part, empty part. Over its maximum it is full, and its style says so.
#[must_use]
pub fn gauge(value: u64, maximum: u64, cells: usize, theme: &Theme) -> Vec<Span<'static>> {
    let symbols = theme.symbols();
    let share = if maximum == 0 { 0.0 } else { value as f64 / maximum as f64 };
    let mut filled = ((share * cells as f64).round() as usize).min(cells);
    if value > 0 {
        filled = filled.max(1).min(cells);
    }
    let role = if value > maximum { Role::BarOver } else { Role::Bar };
    vec![
        Span::styled(symbols.gauge.repeat(filled), theme.style(role)),
        Span::styled(symbols.gauge_empty.repeat(cells - filled), theme.style(Role::BarEmpty)),
    ]
}

/// One cell that shows a share between 0 and 1 by its height.
#[must_use]
pub fn height(share: Option<f64>, theme: &Theme) -> Span<'static> {
    let Some(share) = share else { return Span::raw(" ") };
    // The full block would join with the one in the row above.
    let step = (share * 7.0).ceil().clamp(1.0, 7.0) as usize - 1;
    let symbol = theme.symbols().heights.get(step).copied().unwrap_or(" ");
    Span::styled(symbol, theme.style(Role::Bar))
}
