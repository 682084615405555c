//! Box drawing and block characters as rectangles on the pixel grid.
//!
//! As letters they leave seams between rows wherever a font's line height is not the cell's.

use super::svg::{CELL_H, CELL_W};

/// A rectangle within a cell: x, y, width, height.
pub type Rect = (u32, u32, u32, u32);

/// The rectangles a character is made of, or nothing for letters.
pub fn shapes(c: char) -> Option<Vec<Rect>> {
    const THIN: u32 = 1;
    let (mid_x, mid_y) = (CELL_W / 2, CELL_H / 2);
    let left = |thick| (0, mid_y - thick / 2, mid_x + 1, thick);
    let right = |thick| (mid_x, mid_y - thick / 2, CELL_W - mid_x, thick);
    let up = |thick| (mid_x - thick / 2, 0, thick, mid_y + 1);
    let down = |thick| (mid_x - thick / 2, mid_y, thick, CELL_H - mid_y);
    Some(match c {
        '─' => vec![(0, mid_y, CELL_W, THIN)],
        '━' => vec![(0, mid_y - 1, CELL_W, 3)],
        '│' => vec![(mid_x, 0, THIN, CELL_H)],
        '┃' => vec![(mid_x - 1, 0, 3, CELL_H)],
        '┌' | '╭' => vec![right(THIN), down(THIN)],
        '┐' | '╮' => vec![left(THIN), down(THIN)],
        '└' | '╰' => vec![right(THIN), up(THIN)],
        '┘' | '╯' => vec![left(THIN), up(THIN)],
        '├' => vec![right(THIN), up(THIN), down(THIN)],
        '┤' => vec![left(THIN), up(THIN), down(THIN)],
        '┬' => vec![left(THIN), right(THIN), down(THIN)],
        '┴' => vec![left(THIN), right(THIN), up(THIN)],
        '┼' => vec![left(THIN), right(THIN), up(THIN), down(THIN)],
        '▁'..='█' => {
            let eighths = u32::from(c) - u32::from('▁') + 1;
            let height = (CELL_H * eighths + 4) / 8;
            vec![(0, CELL_H - height, CELL_W, height)]
        }
        '▉'..='▏' => {
            let eighths = 8 - (u32::from(c) - u32::from('█'));
            vec![(0, 0, (CELL_W * eighths + 4) / 8, CELL_H)]
        }
        '▐' => vec![(mid_x, 0, CELL_W - mid_x, CELL_H)],
        '▀' => vec![(0, 0, CELL_W, CELL_H / 2)],
        _ => return None,
    })
}
