//! Whether what the file says of spending could be read.
//!
//! Owns: finding a line that seems to set a cap and sets none. A cap that is lost to a slip of the hand
//! must not be replaced by a higher one. Must not know: what caps are checked against.

use std::path::Path;

use super::{Config, Origin};
use crate::domain::nearest::nearest;

const CAPS: [&str; 2] = ["max-cost", "max-cost-month"];

/// Why no dream that costs money may start: a line of the file that seems to set a cap and sets none.
/// The text is looked at as it was written, so lines that are no TOML, or stand in a wrong table, count.
pub(super) fn unread(text: &str, config: &Config) -> Option<String> {
    let read =
        |line: usize| [&config.max_cost.origin, &config.max_cost_month.origin].contains(&&Origin::File(line));
    let lost = text.lines().zip(1..).find(|(line, number)| seems_cap(line) && !read(*number))?.1;
    Some(format!("line {lost} of the configuration seems to say what a dream may cost, and can't be used"))
}

/// The same for a file that is there and can't be read at all.
pub(super) fn of_no_file(path: &Path) -> String {
    format!("{} can't be read, and may say what a dream may cost", path.display())
}

fn seems_cap(line: &str) -> bool {
    let code = line.split('#').next().unwrap_or_default();
    code.split(['{', ',']).filter_map(|part| part.split_once('=')).any(|(key, _)| {
        let own = key.rsplit('.').next().unwrap_or(key).trim().trim_matches(['"', '\'']).to_lowercase();
        let names_cost = own.split(['-', '_', ' ']).any(|word| matches!(word, "cost" | "costs"));
        names_cost || nearest(&own, CAPS).is_some()
    })
}
