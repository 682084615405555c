//! Every theme is readable: all text on all backgrounds it can meet, at every colour depth.
//!
//! The measure is the contrast ratio of WCAG 2: at least 4.5 to 1, 7 to 1 for the theme that
//! promises strong contrast. Themes that leave the background to the terminal are judged on the
//! backgrounds their file names; the sixteen-colour theme on the palettes of common terminals.

#![allow(clippy::indexing_slicing, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use ratatui::style::{Color, Modifier, Style};
use wakeful::ui::theme::{Background, Depth, Name, Role, Theme};

/// Roles that are a background for others.
const ROWS: &[Role] = &[Role::DiffAdded, Role::DiffRemoved, Role::DiffMovedFrom, Role::DiffMovedTo];
/// Roles that are painted over lines of a comparison.
const OVER_ROWS: &[Role] = &[
    Role::DiffSignAdded,
    Role::DiffSignRemoved,
    Role::DiffSignChanged,
    Role::DiffMark,
    Role::SyntaxHeading,
    Role::SyntaxEmphasis,
    Role::SyntaxStrong,
    Role::SyntaxCode,
    Role::SyntaxLink,
    Role::SyntaxMarker,
    Role::SyntaxComment,
    Role::SyntaxString,
    Role::SyntaxKeyword,
    Role::SyntaxConstant,
    Role::SyntaxName,
];
/// Roles that bring their own background, over anything.
const MARKS: &[Role] =
    &[Role::DiffAddedWord, Role::DiffRemovedWord, Role::Hit, Role::HitCurrent, Role::Revealed];
/// Roles that are painted over the selected row of a list.
const OVER_SELECTION: &[Role] = &[
    Role::Text,
    Role::Muted,
    Role::Strong,
    Role::Accent,
    Role::Marked,
    Role::Good,
    Role::Bad,
    Role::Warn,
    Role::Info,
    Role::KindAdd,
    Role::KindRevise,
    Role::KindMerge,
    Role::KindMove,
    Role::KindRemove,
    Role::Accepted,
    Role::Rejected,
    Role::Snoozed,
    Role::Applied,
    Role::Conflict,
    Role::Support,
    Role::Contradict,
    Role::Mention,
    Role::Quote,
    Role::Bar,
];

type Rgb = (u8, u8, u8);

fn luminance((r, g, b): Rgb) -> f64 {
    let channel = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// A terminal: its default colours and its sixteen.
struct Terminal {
    name: String,
    text: Rgb,
    ground: Rgb,
    sixteen: Option<[Rgb; 16]>,
}

fn hex(value: u32) -> Rgb {
    ((value >> 16) as u8, (value >> 8) as u8, value as u8)
}

fn resolve(colour: Color, default: Rgb, terminal: &Terminal) -> Rgb {
    let index = match colour {
        Color::Reset => return default,
        Color::Rgb(r, g, b) => return (r, g, b),
        Color::Indexed(index @ 16..232) => {
            let level = |i: u8| [0, 95, 135, 175, 215, 255][usize::from(i)];
            let cube = index - 16;
            return (level(cube / 36), level(cube / 6 % 6), level(cube % 6));
        }
        Color::Indexed(index @ 232..) => {
            return (8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232));
        }
        Color::Indexed(index) => index,
        named => {
            use Color::{
                Black, Blue, Cyan, DarkGray, Gray, Green, LightBlue, LightCyan, LightGreen, LightMagenta,
                LightRed, LightYellow, Magenta, Red, White, Yellow,
            };
            let order = [
                Black,
                Red,
                Green,
                Yellow,
                Blue,
                Magenta,
                Cyan,
                Gray,
                DarkGray,
                LightRed,
                LightGreen,
                LightYellow,
                LightBlue,
                LightMagenta,
                LightCyan,
                White,
            ];
            order.iter().position(|other| *other == named).expect("a named colour") as u8
        }
    };
    let sixteen = terminal
        .sixteen
        .unwrap_or_else(|| panic!("only ansi16 may use the terminal's colours, found {index}"));
    sixteen[usize::from(index)]
}

/// What the eye gets of a look on a terminal: letters and what is behind them.
fn seen(style: Style, terminal: &Terminal) -> (Rgb, Rgb) {
    let fg = resolve(style.fg.unwrap_or_default(), terminal.text, terminal);
    let bg = resolve(style.bg.unwrap_or_default(), terminal.ground, terminal);
    if style.add_modifier.contains(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) }
}

/// Every combination of roles the screen can show, with a name.
fn combinations(theme: &Theme) -> Vec<(String, Style)> {
    let mut all: Vec<(String, Style)> =
        Role::ALL.iter().map(|&role| (role.name().to_owned(), theme.style(role))).collect();
    let mut over = |below: &[Role], above: &[Role]| {
        for &bottom in below {
            for &top in above {
                let style = theme.style(bottom).patch(theme.style(top));
                all.push((format!("{} over {}", top.name(), bottom.name()), style));
            }
        }
    };
    over(ROWS, OVER_ROWS);
    over(ROWS, MARKS);
    over(OVER_ROWS, MARKS);
    for &role in OVER_SELECTION {
        for focused in [true, false] {
            let name = format!("{} selected{}", role.name(), if focused { "" } else { ", idle" });
            all.push((name, theme.selected(theme.style(role), focused)));
        }
    }
    all
}

fn ground(theme: &Theme, background: Background) -> Vec<Terminal> {
    let text = if background == Background::Dark { hex(0x00d0_d0d0) } else { hex(0x0020_2020) };
    let bare = Terminal { name: String::new(), text, ground: (0, 0, 0), sixteen: None };
    theme
        .grounds()
        .iter()
        .map(|&colour| Terminal {
            name: format!("{colour}"),
            ground: resolve(colour, (0, 0, 0), &bare),
            text,
            sixteen: None,
        })
        .collect()
}

fn assert_readable(theme: &Theme, terminals: &[Terminal], least: f64) {
    let mut bad = Vec::new();
    for terminal in terminals {
        for (name, style) in combinations(theme) {
            let (fg, bg) = seen(style, terminal);
            let ratio = contrast(fg, bg);
            if ratio < least {
                bad.push(format!("{name} on {}: {ratio:.2} {style:?}", terminal.name));
            }
        }
    }
    assert!(bad.is_empty(), "{:?}:\n{}", theme.name(), bad.join("\n"));
}

#[test]
fn text_is_readable_in_every_coloured_theme() {
    for (name, background, least) in [
        (Name::Dark, Background::Dark, 4.5),
        (Name::Light, Background::Light, 4.5),
        (Name::HighContrast, Background::Dark, 7.0),
        (Name::HighContrast, Background::Light, 7.0),
    ] {
        for depth in [Depth::Rgb, Depth::Indexed] {
            let theme = Theme::load(name, background, depth, false);
            // On 256 colours the ground is still the terminal's own, not an indexed one.
            let grounds = ground(&Theme::load(name, background, Depth::Rgb, false), background);
            assert!(grounds.len() >= 4, "{name:?} names the backgrounds it is made for");
            assert_readable(&theme, &grounds, least);
        }
    }
}

#[test]
fn text_is_readable_in_sixteen_colours_of_common_terminals() {
    let sixteen = |values: [u32; 16]| Some(values.map(hex));
    let xterm = sixteen([
        0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f,
        0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
    ]);
    let vga = sixteen([
        0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa, 0x55_5555,
        0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
    ]);
    let campbell = sixteen([
        0x0c_0c0c, 0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x00_37da, 0x88_1798, 0x3a_96dd, 0xcc_cccc, 0x76_7676,
        0xe7_4856, 0x16_c60c, 0xf9_f1a5, 0x3b_78ff, 0xb4_009e, 0x61_d6d6, 0xf2_f2f2,
    ]);
    let terminal = |name: &str, text, ground, sixteen| Terminal {
        name: name.to_owned(),
        text: hex(text),
        ground: hex(ground),
        sixteen,
    };
    let dark = [
        terminal("xterm", 0xe5_e5e5, 0, xterm),
        terminal("console", 0xaa_aaaa, 0, vga),
        terminal("campbell", 0xcc_cccc, 0x0c_0c0c, campbell),
    ];
    let light = [
        terminal("xterm on white", 0, 0xff_ffff, xterm),
        terminal("console on white", 0, 0xff_ffff, vga),
        terminal("campbell on white", 0x0c_0c0c, 0xff_ffff, campbell),
    ];
    assert_readable(&Theme::load(Name::Ansi16, Background::Dark, Depth::Sixteen, false), &dark, 4.5);
    assert_readable(&Theme::load(Name::Ansi16, Background::Light, Depth::Sixteen, false), &light, 4.5);
}

#[test]
fn without_colour_nothing_names_a_colour() {
    for background in [Background::Dark, Background::Light] {
        for theme in [
            Theme::load(Name::Mono, background, Depth::None, false),
            Theme::choose(Some(Name::Dark), background, Depth::None, false),
            Theme::load(Name::Mono, background, Depth::Rgb, false),
        ] {
            for &role in Role::ALL {
                let style = theme.style(role);
                assert_eq!((style.fg, style.bg), (None, None), "{}", role.name());
            }
        }
    }
}

/// Words that differ, matches and selections must be seen, not only readable.
#[test]
fn marks_stand_out_from_what_they_mark() {
    for &name in Name::ALL {
        for background in [Background::Dark, Background::Light] {
            for depth in [Depth::Rgb, Depth::Indexed, Depth::Sixteen] {
                let theme = Theme::choose(Some(name), background, depth, false);
                for (below, above) in [
                    (Role::DiffAdded, Role::DiffAddedWord),
                    (Role::DiffRemoved, Role::DiffRemovedWord),
                    (Role::DiffAdded, Role::Hit),
                    (Role::DiffRemoved, Role::Hit),
                    (Role::Text, Role::Hit),
                    (Role::Hit, Role::HitCurrent),
                    (Role::Text, Role::Selection),
                    (Role::Text, Role::SelectionIdle),
                    (Role::Text, Role::Revealed),
                ] {
                    let (a, b) = (theme.style(below), theme.style(below).patch(theme.style(above)));
                    let shape = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::BOLD;
                    let by_shape = (a.add_modifier & shape) != (b.add_modifier & shape);
                    let (text, ground) = match background {
                        Background::Dark => (hex(0x00d0_d0d0), hex(0x0016_191d)),
                        Background::Light => (hex(0x0020_2020), hex(0x00ff_ffff)),
                    };
                    let bare = Terminal { name: String::new(), text, ground, sixteen: None };
                    let by_colour =
                        a.bg != b.bg && !by_shape && contrast(seen(a, &bare).1, seen(b, &bare).1) >= 1.15;
                    assert!(
                        by_shape || by_colour,
                        "{name:?} {depth:?}: {} against {}",
                        above.name(),
                        below.name()
                    );
                }
                let selection = [Role::Selection, Role::SelectionIdle].map(|role| theme.style(role));
                assert_ne!(selection[0], selection[1], "{name:?} {depth:?}");
            }
        }
    }
}

#[test]
fn every_theme_file_is_sound() {
    for &name in Name::ALL {
        let path = format!("{}/assets/themes/{}.toml", env!("CARGO_MANIFEST_DIR"), name.as_str());
        let text = std::fs::read_to_string(path).expect("a file for every theme");
        Theme::check(&text).unwrap_or_else(|fault| panic!("{name:?}: {fault:?}"));
    }
}

#[test]
fn colour_values_stand_in_theme_files_alone() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            // Reduction and pictures match on colours of any value; they choose none.
            if entry.ends_with("ui/theme/reduce.rs") || entry.ends_with("ui/theme/pixels.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&entry).expect("source text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for bad in ["Color::Rgb(", "Color::from_u32", "Color::Indexed("] {
                assert!(!code.contains(bad), "{} uses {bad}", entry.display());
            }
        }
    }
}
