//! Counts a person can open: intervals, tests, verification of quotes.
