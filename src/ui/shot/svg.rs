//! Writes a buffer as SVG: one rectangle per run of one background, one text per run of one look,
//! everything on whole pixels.
//!
//! Owns: the grid, the window around it, and that no text of the screen can be markup of the picture.
//! Must not know: which screens there are.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr;

use super::shapes::shapes;
use crate::ui::theme::pixels::{Pixel, painted};

/// Width of a cell in pixels.
pub const CELL_W: u32 = 9;
/// Height of a cell in pixels.
pub const CELL_H: u32 = 19;
/// Font size at which DejaVu Sans Mono is exactly a cell wide (its letters are 1233/2048 em).
const FONT_SIZE: f32 = 9.0 * 2048.0 / 1233.0;
/// From the top of a cell to the line letters stand on.
const BASELINE: u32 = 14;
/// Around the grid.
const MARGIN: u32 = 10;
/// Height of the window's title bar.
const BAR: u32 = 30;

/// The terminal and the window around it.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Colour of text that names none.
    pub text: Pixel,
    /// Background of cells that name none.
    pub ground: Pixel,
    /// The title bar.
    pub bar: Pixel,
    /// The title and the window's edge.
    pub edge: Pixel,
    /// The terminal's sixteen colours.
    pub sixteen: [Pixel; 16],
}

impl Look {
    /// A dark terminal.
    pub const DARK: Self = Self {
        text: (0xd8, 0xde, 0xe9),
        ground: (0x16, 0x19, 0x1d),
        bar: (0x23, 0x27, 0x2e),
        edge: (0x8b, 0x95, 0xa3),
        sixteen: SIXTEEN,
    };

    /// A light terminal.
    pub const LIGHT: Self = Self {
        text: (0x24, 0x29, 0x2f),
        ground: (0xff, 0xff, 0xff),
        bar: (0xe9, 0xec, 0xef),
        edge: (0x6a, 0x73, 0x7d),
        sixteen: SIXTEEN,
    };
}

const SIXTEEN: [Pixel; 16] = [
    (0x00, 0x00, 0x00),
    (0xcd, 0x00, 0x00),
    (0x00, 0xcd, 0x00),
    (0xcd, 0xcd, 0x00),
    (0x00, 0x00, 0xee),
    (0xcd, 0x00, 0xcd),
    (0x00, 0xcd, 0xcd),
    (0xe5, 0xe5, 0xe5),
    (0x7f, 0x7f, 0x7f),
    (0xff, 0x00, 0x00),
    (0x00, 0xff, 0x00),
    (0xff, 0xff, 0x00),
    (0x5c, 0x5c, 0xff),
    (0xff, 0x00, 0xff),
    (0x00, 0xff, 0xff),
    (0xff, 0xff, 0xff),
];

/// One cell as it is seen.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    symbol: String,
    width: u32,
    ink: Pixel,
    behind: Pixel,
    modifiers: Modifier,
}

/// The picture of a buffer in a window with a title.
#[must_use]
pub fn svg(buffer: &Buffer, title: &str, look: &Look) -> String {
    let (columns, rows) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let width = columns * CELL_W + 2 * MARGIN;
    let height = rows * CELL_H + 2 * MARGIN + BAR;
    let mut out = String::new();
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    );
    frame(&mut out, width, height, title, look);
    let _ = writeln!(
        out,
        r#"<g transform="translate({MARGIN} {})" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT_SIZE}" xml:space="preserve">"#,
        BAR + MARGIN
    );
    for y in 0..rows {
        row(&mut out, &cells(buffer, y as u16, look), y * CELL_H, look);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn frame(out: &mut String, width: u32, height: u32, title: &str, look: &Look) {
    let (ground, bar, edge) = (hex(look.ground), hex(look.bar), hex(look.edge));
    let (right, bottom) = (width - 1, height - 1);
    let _ =
        writeln!(out, r#"<rect x=".5" y=".5" width="{right}" height="{bottom}" rx="8" fill="{ground}"/>"#);
    let _ = writeln!(
        out,
        r#"<path d="M.5 {BAR}V8.5a8 8 0 0 1 8-8H{}a8 8 0 0 1 8 8V{BAR}z" fill="{bar}"/>"#,
        width - 9
    );
    let _ = writeln!(
        out,
        r#"<rect x=".5" y=".5" width="{right}" height="{bottom}" rx="8" fill="none" stroke="{edge}" stroke-opacity=".5"/>"#
    );
    for dot in 0..3 {
        let _ = writeln!(
            out,
            r#"<circle cx="{}" cy="15" r="5" fill="{edge}" fill-opacity=".6"/>"#,
            18 + 17 * dot
        );
    }
    let _ = writeln!(
        out,
        r#"<text x="{}" y="20" fill="{edge}" text-anchor="middle" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13">{}</text>"#,
        width / 2,
        escape(title)
    );
}

fn cells(buffer: &Buffer, y: u16, look: &Look) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut x = 0;
    while let Some(cell) =
        buffer.cell((buffer.area.x + x, buffer.area.y + y)).filter(|_| x < buffer.area.width)
    {
        let width = cell.symbol().width().max(1) as u16;
        let paint = |colour, default| painted(colour, default, &look.sixteen);
        let (mut ink, mut behind) = (paint(cell.fg, look.text), paint(cell.bg, look.ground));
        if cell.modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut ink, &mut behind);
        }
        if cell.modifier.contains(Modifier::DIM) {
            ink = mix(ink, behind);
        }
        let modifiers = cell.modifier - Modifier::REVERSED - Modifier::DIM;
        seen.push(Seen { symbol: cell.symbol().to_owned(), width: u32::from(width), ink, behind, modifiers });
        x += width;
    }
    seen
}

fn row(out: &mut String, cells: &[Seen], top: u32, look: &Look) {
    let mut x = 0;
    for run in cells.chunk_by(|a, b| a.behind == b.behind) {
        let width = run.iter().map(|cell| cell.width).sum::<u32>() * CELL_W;
        if let Some(first) = run.first().filter(|first| first.behind != look.ground) {
            rect(out, x, top, width, CELL_H, first.behind);
        }
        x += width;
    }
    x = 0;
    // Letters of one cell run together; a wide letter may come from another font and stands alone.
    let together = |a: &Seen, b: &Seen| {
        a.ink == b.ink && a.modifiers == b.modifiers && a.width == 1 && b.width == 1 && shape(a) == shape(b)
    };
    for run in cells.chunk_by(together) {
        let width = run.iter().map(|cell| cell.width).sum::<u32>() * CELL_W;
        match run.first() {
            Some(first) if shape(first) => draw_shapes(out, run, first.ink, (x, top)),
            Some(first) => write_text(out, run, first, (x, top)),
            None => {}
        }
        x += width;
    }
}

fn shape(cell: &Seen) -> bool {
    cell.symbol.chars().next().is_some_and(|c| shapes(c).is_some())
}

/// Shapes of a run; those that touch sideways become one.
fn draw_shapes(out: &mut String, run: &[Seen], ink: Pixel, (left, top): (u32, u32)) {
    let mut rects: Vec<(u32, u32, u32, u32)> = Vec::new();
    for (index, cell) in run.iter().enumerate() {
        let c = cell.symbol.chars().next().unwrap_or(' ');
        for (x, y, width, height) in shapes(c).unwrap_or_default() {
            let x = left + index as u32 * CELL_W + x;
            let joins = rects.iter_mut().find(|r| r.1 == y && r.3 == height && r.0 + r.2 >= x && r.0 <= x);
            match joins {
                Some(r) => r.2 = (x + width).max(r.0 + r.2) - r.0,
                None => rects.push((x, y, width, height)),
            }
        }
    }
    for (x, y, width, height) in rects {
        rect(out, x, top + y, width, height, ink);
    }
}

fn write_text(out: &mut String, run: &[Seen], first: &Seen, (left, top): (u32, u32)) {
    let text: String = run.iter().map(|cell| cell.symbol.as_str()).collect();
    let lead: u32 = run.iter().take_while(|cell| cell.symbol == " ").map(|cell| cell.width).sum();
    let modifiers = first.modifiers;
    let width = run.iter().map(|cell| cell.width).sum::<u32>() * CELL_W;
    let (ink, line) = (first.ink, modifiers.intersects(Modifier::UNDERLINED | Modifier::CROSSED_OUT));
    if line {
        if modifiers.contains(Modifier::UNDERLINED) {
            rect(out, left, top + BASELINE + 2, width, 1, ink);
        }
        if modifiers.contains(Modifier::CROSSED_OUT) {
            rect(out, left, top + CELL_H / 2, width, 1, ink);
        }
    }
    let letters = text.trim();
    if letters.is_empty() {
        return;
    }
    let cells = letters.width() as u32;
    let weight = if modifiers.contains(Modifier::BOLD) { r#" font-weight="bold""# } else { "" };
    let slant = if modifiers.contains(Modifier::ITALIC) { r#" font-style="italic""# } else { "" };
    let _ = writeln!(
        out,
        r#"<text x="{}" y="{}" textLength="{}" fill="{}"{weight}{slant}>{}</text>"#,
        left + lead * CELL_W,
        top + BASELINE,
        cells * CELL_W,
        hex(ink),
        escape(letters)
    );
}

fn rect(out: &mut String, x: u32, y: u32, width: u32, height: u32, fill: Pixel) {
    let fill = hex(fill);
    let _ = writeln!(
        out,
        r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" shape-rendering="crispEdges"/>"#
    );
}

fn mix(a: Pixel, b: Pixel) -> Pixel {
    let half = |a: u8, b: u8| ((u16::from(a) * 3 + u16::from(b) * 2) / 5) as u8;
    (half(a.0, b.0), half(a.1, b.1), half(a.2, b.2))
}

fn hex((r, g, b): Pixel) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
