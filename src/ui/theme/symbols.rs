//! The symbols of the screen, and their plain ASCII stand-ins.
//!
//! Owns: which symbol means what. All are one cell wide unless their doc says otherwise, none is an
//! emoji: terminals disagree about the width of those. Must not know: colours, or who draws them.

use ratatui::symbols::border;

/// One set of symbols.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbols {
    /// Whether only ASCII is used.
    pub ascii: bool,
    /// Whether words stand in place of signs, and nothing is only ornament: for screen readers.
    pub words: bool,
    /// A lesson that adds.
    pub add: &'static str,
    /// A lesson that revises.
    pub revise: &'static str,
    /// A lesson that merges.
    pub merge: &'static str,
    /// A lesson that moves.
    pub move_: &'static str,
    /// A lesson that removes.
    pub remove: &'static str,
    /// Yes: supports, accepted, done.
    pub yes: &'static str,
    /// No: contradicts, rejected, failed.
    pub no: &'static str,
    /// Neither: mentions.
    pub mention: &'static str,
    /// Look before going on.
    pub warn: &'static str,
    /// Came back after a decision, changed.
    pub returned: &'static str,
    /// Snoozed.
    pub snoozed: &'static str,
    /// The row under the cursor.
    pub cursor: &'static str,
    /// A marked row.
    pub marked: &'static str,
    /// Something runs.
    pub running: &'static str,
    /// There is a list to open.
    pub dropdown: &'static str,
    /// Sorted upwards.
    pub up: &'static str,
    /// Sorted downwards.
    pub down: &'static str,
    /// To the right, towards; up to two cells, between blanks.
    pub right: &'static str,
    /// To the left, from; up to two cells.
    pub left: &'static str,
    /// Sign of a line that leaves for another place.
    pub leaves: &'static str,
    /// Sign of a line that came from another place.
    pub arrives: &'static str,
    /// Separates items on one line.
    pub dot: &'static str,
    /// Text goes on; up to three cells.
    pub ellipsis: &'static str,
    /// A hidden run; several cells.
    pub fold: &'static str,
    /// A line goes on here that began above.
    pub continued: &'static str,
    /// A line goes on to the right of the edge.
    pub clipped: &'static str,
    /// A tab made visible.
    pub tab: &'static str,
    /// A space made visible.
    pub space: &'static str,
    /// Between columns.
    pub column: &'static str,
    /// A horizontal rule.
    pub rule: &'static str,
    /// Eight heights, rising.
    pub heights: [&'static str; 8],
    /// The filled part of a gauge.
    pub gauge: &'static str,
    /// The empty part of a gauge.
    pub gauge_empty: &'static str,
    /// Thumb of a scroll bar.
    pub thumb: &'static str,
    /// Borders of panes.
    pub border: border::Set<'static>,
}

/// For terminals and fonts of this century.
pub const UNICODE: Symbols = Symbols {
    ascii: false,
    words: false,
    add: "+",
    revise: "~",
    merge: "⇒",
    move_: "→",
    remove: "-",
    yes: "✓",
    no: "✗",
    mention: "·",
    warn: "!",
    returned: "↺",
    snoozed: "◷",
    cursor: "▌",
    marked: "◆",
    running: "●",
    dropdown: "▾",
    up: "↑",
    down: "↓",
    right: "→",
    left: "←",
    leaves: "→",
    arrives: "←",
    dot: "·",
    ellipsis: "…",
    fold: "⋯",
    continued: "↪",
    clipped: "»",
    tab: "→",
    space: "·",
    column: "│",
    rule: "─",
    heights: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    gauge: "▇",
    gauge_empty: "·",
    thumb: "┃",
    border: border::PLAIN,
};

/// For everything else, and where box drawing is two cells wide.
pub const ASCII: Symbols = Symbols {
    ascii: true,
    words: false,
    add: "+",
    revise: "~",
    merge: "&",
    move_: "=",
    remove: "-",
    yes: "v",
    no: "x",
    mention: ".",
    warn: "!",
    returned: "r",
    snoozed: "z",
    cursor: ">",
    marked: "*",
    running: "*",
    dropdown: "v",
    up: "^",
    down: "v",
    right: "->",
    left: "<-",
    leaves: ">",
    arrives: "<",
    dot: "-",
    ellipsis: "...",
    fold: "...",
    continued: "\\",
    clipped: ">",
    tab: ">",
    space: ".",
    column: "|",
    rule: "-",
    heights: ["_", ".", ":", "-", "=", "+", "*", "#"],
    gauge: "#",
    gauge_empty: ".",
    thumb: "#",
    border: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

/// For screen readers: nothing is drawn that is not worth reading aloud.
pub const WORDS: Symbols = Symbols {
    words: true,
    yes: " ",
    no: " ",
    mention: " ",
    warn: " ",
    running: " ",
    marked: " ",
    right: "to",
    fold: "hidden:",
    continued: " ",
    column: " ",
    rule: " ",
    heights: [" "; 8],
    gauge: " ",
    gauge_empty: " ",
    thumb: " ",
    dot: ",",
    border: border::Set {
        top_left: " ",
        top_right: " ",
        bottom_left: " ",
        bottom_right: " ",
        vertical_left: " ",
        vertical_right: " ",
        horizontal_top: " ",
        horizontal_bottom: " ",
    },
    ..ASCII
};
