//! A small curve in one line of text: one cell for each day.
//!
//! Owns: how high a cell is. Must not know: what is shown.

use crate::app::activity::Days;

use super::theme::Symbols;

/// The curve, its highest day as high as cells get here: the full block would join with the row above. A day
/// without a number is not the same as a day with zero. Nothing at all where no day has one, and where signs are
/// read aloud.
#[must_use]
pub fn curve(days: &Days, symbols: &Symbols) -> Option<String> {
    let highest = days
        .iter()
        .flatten()
        .copied()
        .fold(None, |most: Option<f64>, value| Some(most.map_or(value, |most| most.max(value))))?;
    if symbols.words {
        return None;
    }
    // In ASCII the lowest height is as good as nothing.
    let (nothing, least) =
        if symbols.ascii { (symbols.heights.first(), 1) } else { (Some(&symbols.gauge_empty), 0) };
    let steps = symbols.heights.len() - 1;
    let cell = |day: &Option<f64>| match day {
        None => nothing.copied().unwrap_or(" "),
        Some(value) => {
            let share = if highest > 0.0 { (value / highest).clamp(0.0, 1.0) } else { 0.0 };
            let step = least + (share * (steps - 1 - least) as f64).round() as usize;
            symbols.heights.get(step).copied().unwrap_or(" ")
        }
    };
    Some(days.iter().map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{ASCII, UNICODE, WORDS};

    #[test]
    fn nothing_zero_and_much_look_different() {
        let mut days: Days = [None; 14];
        (days[1], days[2], days[13]) = (Some(0.0), Some(5.0), Some(10.0));
        assert_eq!(curve(&days, &UNICODE).as_deref(), Some("·▁▄··········▇"));
        assert_eq!(curve(&days, &ASCII).as_deref(), Some("_.=__________*"));
        assert_eq!(curve(&days, &WORDS), None);
        assert_eq!(curve(&[None; 14], &UNICODE), None);
    }
}
