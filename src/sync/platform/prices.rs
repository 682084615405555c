//! The price table: built in, or the user's own copy.
//!
//! Owns: reading the table and multiplying. Must not know: what is estimated or billed, or where the
//! user's copy comes from.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::domain::cost::{Money, Span, Usage};

/// The table that comes with the program.
pub const BUILT_IN: &str = include_str!("../../../assets/prices.toml");

/// Prices of models, as of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// The day they were looked up.
    pub date: String,
    models: BTreeMap<String, Price>,
}

/// What a million tokens of one model cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    input: Money,
    output: Money,
    cache_write: Span<Money>,
    cache_read: Money,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    date: String,
    #[serde(default, rename = "source")]
    _source: String,
    #[serde(default)]
    models: BTreeMap<String, Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    input: String,
    output: String,
    #[serde(rename = "cache-write-5m")]
    cache_write_5m: String,
    #[serde(rename = "cache-write-1h")]
    cache_write_1h: String,
    cache_read: String,
}

impl Prices {
    /// The user's table if there is one at this path, else the one that comes with the program. A table
    /// that can't be used is said so in the second value; prices are then unknown, because the user's
    /// own may differ from those built in.
    #[must_use]
    pub fn load(own: &Path) -> (Self, Option<String>) {
        let text = match std::fs::read_to_string(own) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Self::built_in(), None),
            Err(error) => return (Self::none(), Some(unusable(own, &error.to_string()))),
        };
        match Self::parse(&text) {
            Ok(prices) => (prices, None),
            Err(reason) => (Self::none(), Some(unusable(own, &reason))),
        }
    }

    /// The table that comes with the program.
    #[must_use]
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).unwrap_or_else(|_| Self::none())
    }

    /// No prices at all.
    #[must_use]
    pub fn none() -> Self {
        Self { date: String::new(), models: BTreeMap::new() }
    }

    /// Reads a table.
    ///
    /// # Errors
    /// With what can't be read, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut models = BTreeMap::new();
        for (model, row) in table.models {
            let amount = |text: &str| {
                Money::parse_dollars(text)
                    .ok_or_else(|| format!("{model}: {text:?} is no amount of dollars such as \"2.50\""))
            };
            let price = Price {
                input: amount(&row.input)?,
                output: amount(&row.output)?,
                cache_write: Span::new(amount(&row.cache_write_5m)?, amount(&row.cache_write_1h)?),
                cache_read: amount(&row.cache_read)?,
            };
            models.insert(model, price);
        }
        Ok(Self { date: table.date, models })
    }

    /// The price of a model. Dated names (`claude-opus-5-20260801`) have the price of the model.
    #[must_use]
    pub fn of(&self, model: &str) -> Option<&Price> {
        self.models.get(model).or_else(|| {
            let (name, date) = model.rsplit_once('-')?;
            let dated = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
            self.models.get(name).filter(|_| dated)
        })
    }
}

impl Price {
    /// What this usage costs: cached tokens at the five-minute price as the lower bound, at the one-hour
    /// price as the upper, because usage does not tell which.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> Span<Money> {
        let with = |write: Money| {
            let parts = [
                (self.input, usage.input),
                (self.output, usage.output),
                (self.cache_read, usage.cache_read),
                (write, usage.cache_write),
            ];
            let sum: u128 =
                parts.iter().map(|(price, tokens)| u128::from(price.as_micros()) * u128::from(*tokens)).sum();
            Money::micros(u64::try_from(sum.div_ceil(1_000_000)).unwrap_or(u64::MAX))
        };
        Span::new(with(self.cache_write.low), with(self.cache_write.high))
    }
}

fn unusable(path: &Path, reason: &str) -> String {
    format!(
        "{} can't be used ({reason}), so no price is known; mend it, or remove it to use the built-in prices",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_reads() {
        let prices = Prices::parse(BUILT_IN).unwrap();
        assert_eq!(prices.date, "2026-11-20");
        assert!(prices.of("claude-opus-5").is_some());
        assert_eq!(prices.of("claude-opus-5-20260801"), prices.of("claude-opus-5"));
        assert!(prices.of("claude-haiku-5-5").is_none(), "a price that depends on the prompt is unknown");
        assert!(prices.of("gpt").is_none());
        assert!(prices.of("claude-opus-5-latest").is_none());
    }

    #[test]
    fn cached_tokens_span_both_lifetimes() {
        let usage = Usage { input: 66_000, output: 4_900, cache_read: 198_000, cache_write: 33_000 };
        let cost = Prices::built_in().of("claude-opus-5").unwrap().cost(&usage);
        // 0.33 + 0.1225 + 0.099 = 0.5515, and 0.20625 or 0.33 for what was cached.
        assert_eq!(cost, Span::new(Money::micros(757_750), Money::micros(881_500)));
    }

    #[test]
    fn an_own_table_wins_and_a_broken_one_prices_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("prices.toml");
        assert!(Prices::load(&own).0.of("claude-opus-5").is_some());
        std::fs::write(&own, "date = \"2027-01-01\"\n").unwrap();
        let (prices, problem) = Prices::load(&own);
        assert_eq!((prices.date.as_str(), problem), ("2027-01-01", None));
        assert!(prices.of("claude-opus-5").is_none());
        std::fs::write(&own, "date = \"2027-01-01\"\n[models.m]\ninput = \"cheap\"\n").unwrap();
        let (prices, problem) = Prices::load(&own);
        assert!(prices.of("claude-opus-5").is_none());
        assert!(problem.unwrap().contains("can't be used"));
    }
}
