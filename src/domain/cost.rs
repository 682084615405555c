//! What work costs: tokens counted by kind, money, and spans from low to high.
//!
//! Owns: the shapes and their arithmetic. Must not know: prices, or whose money it is.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Tokens that were used, by the four kinds that are priced differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Read without the cache.
    pub input: u64,
    /// Written by the model.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache, whatever its lifetime.
    pub cache_write: u64,
}

impl Usage {
    /// All tokens together.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.output, self.cache_read, self.cache_write]
            .iter()
            .fold(self.input, |sum, n| sum.saturating_add(*n))
    }

    /// The two together, kind by kind.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
        }
    }
}

/// Money in millionths of a US dollar. Prints as dollars and cents: `$1.87`, `<$0.01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(u64);

impl Money {
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// This many millionths of a dollar.
    #[must_use]
    pub fn micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Millionths of a dollar.
    #[must_use]
    pub fn as_micros(self) -> u64 {
        self.0
    }

    /// The two together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Reads an amount of dollars as people write it: `5`, `2.50`, `0.000125`. Finer than a millionth
    /// of a dollar, negative, or anything else is `None`.
    #[must_use]
    pub fn parse_dollars(text: &str) -> Option<Self> {
        Self::parse_decimal(text, 6)
    }

    /// Reads an amount of cents, as the platform writes what a session cost: `187` or `187.25`. What is
    /// finer than a millionth of a dollar is rounded up.
    #[must_use]
    pub fn parse_cents(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let kept = fraction.get(..fraction.len().min(4))?;
        let cut = fraction.get(kept.len()..)?;
        if !cut.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let amount = Self::parse_decimal(&format!("{whole}.{kept}0"), 5)?;
        let Self(tenths) = amount;
        Some(Self((tenths / 10).saturating_add(u64::from(cut.bytes().any(|byte| byte != b'0')))))
    }

    fn parse_decimal(text: &str, digits: usize) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) || fraction.len() > digits {
            return None;
        }
        let unit = 10_u64.checked_pow(u32::try_from(digits).ok()?)?;
        let padded = format!("{fraction:0<digits$}");
        let small: u64 = if digits == 0 { 0 } else { padded.parse().ok()? };
        whole.parse::<u64>().ok()?.checked_mul(unit)?.checked_add(small).map(Self)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cents = self.0.saturating_add(5_000) / 10_000;
        if cents == 0 && self.0 > 0 {
            return f.write_str("<$0.01");
        }
        write!(f, "${}.{:02}", cents / 100, cents % 100)
    }
}

/// From low to high, both included. Known exactly where the two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Span<T> {
    /// The least it can be.
    pub low: T,
    /// The most it is expected to be.
    pub high: T,
}

impl<T: Copy + PartialEq> Span<T> {
    /// A span from low to high.
    #[must_use]
    pub fn new(low: T, high: T) -> Self {
        Self { low, high }
    }

    /// Whether low and high are the same.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.low == self.high
    }
}

impl fmt::Display for Span<Money> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = (self.low.to_string(), self.high.to_string());
        if low == high { f.write_str(&low) } else { write!(f, "{low} to {high}") }
    }
}

/// What dreams cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Money, from low to high.
    pub cost: Span<Money>,
    /// Some of it is what was expected and not what was used: a dream that is still at work, or one of which
    /// nobody says what it used.
    pub expected: bool,
}

impl Spent {
    /// The two together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (one, two) = (self.cost, other.cost);
        Self {
            cost: Span::new(one.low.plus(two.low), one.high.plus(two.high)),
            expected: self.expected || other.expected,
        }
    }

    /// Whether nothing was spent.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self.cost.high == Money::NONE
    }
}

/// Reads as the span, with a `~` before it where some of it is only expected.
impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = if self.expected { "~" } else { "" };
        write!(f, "{about}{}", self.cost)
    }
}

/// What was spent at the moments that `inside` admits. Wherever a month's cost is told or held against a cap,
/// it is this sum.
pub fn spent_in(
    spent: impl IntoIterator<Item = (Timestamp, Spent)>,
    inside: &dyn Fn(Timestamp) -> bool,
) -> Spent {
    let inside = spent.into_iter().filter(|(at, _)| inside(*at));
    inside.fold(Spent::default(), |sum, (_, one)| sum.plus(one))
}

/// What a pass will probably take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Tokens of all kinds together.
    pub tokens: Span<u64>,
    /// Money; `None` where the price of the model is not known. Never a guess.
    pub money: Option<Span<Money>>,
    /// The day of the price table used, as it is written there.
    pub prices: Option<String>,
    /// Sessions whose size is not known; they are not in the numbers.
    pub unknown: u32,
}

/// Tells whether a moment is in the month that the cap per month counts, which is that of `now` in UTC.
pub fn in_month_of(now: Timestamp) -> impl Fn(Timestamp) -> bool {
    let month = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        (date.year(), date.month())
    };
    let this = month(now);
    move |at| month(at) == this
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_and_cents_read_exactly() {
        assert_eq!(Money::parse_dollars("2.50"), Some(Money::micros(2_500_000)));
        assert_eq!(Money::parse_dollars("0.000125"), Some(Money::micros(125)));
        assert_eq!(Money::parse_dollars("12"), Some(Money::micros(12_000_000)));
        for bad in ["", "-1", "1e3", ".5", "0.0000001", "5 $", "1,5"] {
            assert_eq!(Money::parse_dollars(bad), None, "{bad:?}");
        }
        assert_eq!(Money::parse_cents("187"), Some(Money::micros(1_870_000)));
        assert_eq!(Money::parse_cents("0.25"), Some(Money::micros(2_500)));
        assert_eq!(Money::parse_cents("0.00001"), Some(Money::micros(1)));
        assert_eq!(Money::parse_cents("x"), None);
    }

    #[test]
    fn money_prints_as_people_read_it() {
        for (micros, text) in [(0, "$0.00"), (900, "<$0.01"), (1_870_000, "$1.87"), (12_005_000, "$12.01")] {
            assert_eq!(Money::micros(micros).to_string(), text);
        }
        let span = Span::new(Money::micros(100_000), Money::micros(1_250_000));
        assert_eq!(span.to_string(), "$0.10 to $1.25");
        assert_eq!(Span::new(Money::NONE, Money::NONE).to_string(), "$0.00");
    }

    #[test]
    fn usage_adds_up() {
        let one = Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 };
        assert_eq!(one.plus(&one).total(), 20);
    }
}
