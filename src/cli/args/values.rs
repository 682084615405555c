//! Values that several options take, and how wrong ones are refused.
//!
//! Owns: reading them. Must not know: which options there are.

use jiff::Timestamp;

use crate::domain::lifecycle::State;

/// Names of a closed set, so that wrong ones are refused with the list and completions know them.
pub fn named<T: Copy + 'static>(
    all: &'static [T],
    name: impl Fn(T) -> &'static str,
) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(all.iter().map(|&value| name(value)).collect::<Vec<_>>())
}

/// Stands for every state.
pub const ALL_STATES: &str = "all";

/// Names of states, and the one for all of them.
pub fn state_names() -> clap::builder::PossibleValuesParser {
    let names = State::ALL.iter().map(|state| state.as_str());
    clap::builder::PossibleValuesParser::new(names.chain([ALL_STATES]).collect::<Vec<_>>())
}

/// A moment: RFC 3339, or a date alone, which means its first moment in UTC.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>()
        .or_else(|_| {
            let day: jiff::civil::Date = text.parse()?;
            Ok(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
        })
        .map_err(|_: jiff::Error| {
            "write a date like 2026-03-01 or a moment like 2026-03-01T09:00:00Z".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_may_be_dates() {
        assert_eq!(moment("2026-03-01").unwrap().to_string(), "2026-03-01T00:00:00Z");
        assert_eq!(moment("2026-03-01T09:00:00+01:00").unwrap().to_string(), "2026-03-01T08:00:00Z");
        assert!(moment("tomorrow").is_err());
    }
}
