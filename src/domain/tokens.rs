//! An estimate of how many model tokens a text costs, for budgets and gauges.
//!
//! Owns: the estimate. It is never exact and every place that shows it says "about": the vocabulary
//! of the models that read memory is not public. Must not know: prices.

/// Bytes of English Markdown per token, times ten: a rule of thumb, not a calibration.
const BYTES_PER_TEN_TOKENS: usize = 38;

/// About how many tokens a text costs; 0 only for the empty text.
#[must_use]
pub fn estimate(text: &str) -> u64 {
    (text.len() * 10).div_ceil(BYTES_PER_TEN_TOKENS) as u64
}

/// About how many tokens so many bytes of text cost.
#[must_use]
pub fn of_bytes(bytes: u64) -> u64 {
    bytes.saturating_mul(10).div_ceil(BYTES_PER_TEN_TOKENS as u64)
}
