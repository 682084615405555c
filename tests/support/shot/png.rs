//! Turns SVG into PNG with fonts that come with the program's tests, none of the system's.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    use dejavu::sans_mono::{bold, bold_oblique, oblique, regular};
    let mut fonts = fontdb::Database::new();
    for font in [regular(), bold(), oblique(), bold_oblique()] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_monospace_family("DejaVu Sans Mono");
    Arc::new(fonts)
});

/// The picture as PNG, one pixel per unit.
pub fn png(svg: &str) -> Pixmap {
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(svg, &options).expect("our own SVG can be read");
    let size = tree.size().to_int_size();
    let mut pixels = Pixmap::new(size.width(), size.height()).expect("a picture has a size");
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    pixels
}

/// Whether the font has a letter for a character. Reads the font's own table, since a missing
/// letter is drawn as a box without any complaint.
pub fn covers(font: &[u8], c: char) -> bool {
    glyph(font, u32::from(c)).is_some_and(|glyph| glyph != 0)
}

fn u16_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?)))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// Looks a character up in the segmented (12) part of the `cmap` table.
fn glyph(font: &[u8], c: u32) -> Option<u32> {
    let tables = u16_at(font, 4)? as usize;
    let cmap = (0..tables).map(|i| 12 + 16 * i).find(|&at| font.get(at..at + 4) == Some(b"cmap"))?;
    let cmap = u32_at(font, cmap + 8)? as usize;
    let parts = u16_at(font, cmap + 2)? as usize;
    let part = (0..parts)
        .filter_map(|i| Some(cmap + u32_at(font, cmap + 4 + 8 * i + 4)? as usize))
        .find(|&at| u16_at(font, at) == Some(12))?;
    let groups = u32_at(font, part + 12)? as usize;
    (0..groups).find_map(|i| {
        let at = part + 16 + 12 * i;
        let (first, last) = (u32_at(font, at)?, u32_at(font, at + 4)?);
        (first..=last).contains(&c).then(|| Some(u32_at(font, at + 8)? + c - first)).flatten()
    })
}
