//! Where things go at a given size: one pure function per screen shape.
//!
//! Owns: width classes and the cutting of the screen into regions. Must not know: contents, colours.
//! Works at every size, down to one cell.

use ratatui::layout::Rect;

use crate::app::detail::{DiffStyle, Layout};

/// From this width on, list and detail stand beside each other.
pub const BESIDE: u16 = 110;

/// Neither list nor detail gets less than this beside the other.
const LEAST_BESIDE: u16 = 36;

/// Screens narrower than this compare texts in one column unless told otherwise, even where one
/// pane has the whole width: the reader of a narrow screen has no room to spare for empty halves.
const SIDE_BY_SIDE: u16 = 100;

/// How a comparison is shown on a screen of this width. Read aloud, two texts beside each other are one
/// muddle, whatever was asked for.
#[must_use]
pub fn diff_style(wanted: DiffStyle, screen: u16, aloud: bool) -> DiffStyle {
    match wanted.layout {
        _ if aloud => DiffStyle { layout: Layout::Unified, ..wanted },
        Layout::Auto if screen < SIDE_BY_SIDE => DiffStyle { layout: Layout::Unified, ..wanted },
        _ => wanted,
    }
}

/// The regions of every screen. Regions that do not fit are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Regions {
    /// Tabs, agent, sync state.
    pub header: Rect,
    /// Everything between.
    pub body: Rect,
    /// Messages, marks, work under way, text fields.
    pub status: Rect,
    /// Keys.
    pub hints: Rect,
}

/// Cuts the screen into its regions: the body first, then what there is room for.
#[must_use]
pub fn regions(area: Rect) -> Regions {
    let header = u16::from(area.height >= 3);
    let status = u16::from(area.height >= 5);
    let hints = u16::from(area.height >= 10);
    let body = area.height - header - status - hints;
    let row = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    Regions {
        header: row(0, header),
        body: row(header, body),
        status: row(header + body, status),
        hints: row(header + body + status, hints),
    }
}

/// Whether list and detail stand beside each other.
#[must_use]
pub fn beside(area: Rect) -> bool {
    area.width >= BESIDE
}

/// List at the left, detail at the right, as the reviewer set the border. Else the detail gets what is left over: that is where texts
/// are compared.
#[must_use]
pub fn columns(body: Rect, wanted: Option<u16>) -> (Rect, Rect) {
    let usual = (body.width * 2 / 5).clamp(44, 64);
    let most = body.width.saturating_sub(LEAST_BESIDE).max(LEAST_BESIDE);
    let left = wanted.unwrap_or(usual).clamp(LEAST_BESIDE, most).min(body.width);
    split_left(body, left)
}

/// The list above, and below it what is known of the thing under its cursor; the two share a row for the border
/// between them. The list keeps the rows that it has something for (`wanted`, with its frame), as far as the
/// other gets its share; where rows are scarce there is only the list.
#[must_use]
pub fn peek(body: Rect, wanted: Option<usize>) -> (Rect, Option<Rect>) {
    /// What is left of a screen of 20 rows.
    const LEAST_BODY: u16 = 17;
    const LEAST: u16 = 7;
    if body.height < LEAST_BODY {
        return (body, None);
    }
    let share = (body.height * 2 / 5).max(LEAST);
    let free = wanted.map_or(0, |wanted| usize::from(body.height).saturating_sub(wanted) as u16 + 1);
    let height = share.max(free).min(body.height - 2);
    let below = Rect { y: body.bottom() - height, height, ..body };
    (Rect { height: body.height - height + 1, ..body }, Some(below))
}

/// The cells of the border between list and detail: the right edge of the one, the left of the other.
#[must_use]
pub fn divider(left: Rect) -> Rect {
    Rect { x: left.right().saturating_sub(1), width: 2, ..left }
}

/// A column of `width` at the left, the rest at the right.
#[must_use]
pub fn split_left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let left = Rect { width, ..area };
    let right = Rect { x: area.x + width, width: area.width - width, ..area };
    (left, right)
}

/// The upper rows, and the rest.
#[must_use]
pub fn split_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let top = Rect { height, ..area };
    let bottom = Rect { y: area.y + height, height: area.height - height, ..area };
    (top, bottom)
}

/// A box in the middle, at most as large as the area.
#[must_use]
pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height }
}

/// First row to show so that the row `selected` is in view, moving as little as possible from
/// `top`, with a row of context where there is one.
#[must_use]
pub fn scroll_to_show(top: usize, selected: usize, rows: usize, height: usize) -> usize {
    let context = usize::from(height >= 5);
    let lowest = selected.saturating_sub(context);
    let highest = (selected + context + 1).saturating_sub(height.max(1));
    let last = rows.saturating_sub(height);
    top.min(lowest).max(highest.min(selected)).min(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_tile_the_screen_at_every_size() {
        for width in 0..4 {
            for height in 0..60 {
                let area = Rect::new(0, 0, width, height);
                let regions = regions(area);
                let rows = [regions.header, regions.body, regions.status, regions.hints];
                assert_eq!(rows.iter().map(|r| r.height).sum::<u16>(), height);
                assert!(rows.iter().all(|r| r.bottom() <= height));
                assert!(height == 0 || regions.body.height > 0);
            }
        }
    }

    #[test]
    fn a_list_gives_what_is_below_it_a_share_and_every_row_it_does_not_need() {
        let heights = |height: u16, wanted: Option<usize>| {
            let body = Rect::new(3, 1, 60, height);
            let (list, below) = peek(body, wanted);
            let below = below.unwrap_or_default();
            if below.height > 0 {
                // One row of border for both.
                assert_eq!((list.y, list.bottom() - 1, below.bottom()), (1, below.y, body.bottom()));
            }
            (list.height, below.height)
        };
        assert_eq!(heights(16, Some(4)), (16, 0));
        assert_eq!(heights(17, Some(40)), (11, 7));
        assert_eq!(heights(17, None), (11, 7));
        assert_eq!(heights(27, Some(40)), (18, 10));
        assert_eq!(heights(27, Some(12)), (12, 16));
        for height in 0..80 {
            for wanted in 0..90 {
                let (list, _) = heights(height, Some(wanted));
                assert!(usize::from(list) >= wanted.min(usize::from(height) * 3 / 5), "{height} {wanted}");
            }
        }
    }

    #[test]
    fn the_selected_row_is_always_in_view() {
        for rows in 1..30 {
            for height in 1..12 {
                for selected in 0..rows {
                    for top in 0..rows {
                        let new = scroll_to_show(top, selected, rows, height);
                        assert!(
                            new <= selected && selected < new + height,
                            "{rows} {height} {selected} {top}"
                        );
                    }
                }
            }
        }
    }
}
