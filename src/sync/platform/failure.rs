//! Why dreams fail on the platform, and what to do about each.
//!
//! Owns: the words for the platform's names of failures. Must not know: how a failure is found.

use crate::domain::text::SafeText;

/// What a failed dream says of itself, and what to do. Names that are newer than this program are kept.
#[must_use]
pub fn words(kind: &str, message: &str) -> String {
    let advice = match kind {
        "timeout" => "It ran too long. Run it again over fewer sessions (--lookback)",
        "internal_error" => {
            "The platform failed. Run it again; if it fails again, ask the provider with the dream's id"
        }
        "memory_store_org_limit_exceeded" => {
            "The organization has as many memory stores as it may have. Archive or delete output stores that are \
             no longer needed, then run it again"
        }
        "input_memory_store_too_large" => {
            "The memory is too large for a dream. Accept lessons that shorten it, or split the store, then run it again"
        }
        "input_memory_store_unavailable" => {
            "The memory store was archived, deleted, or is closed to dreams. Sync, and choose another"
        }
        "input_session_unavailable" => {
            "A session it was given is gone or can't be read. Sync, then run it again without that session"
        }
        _ => {
            "This version does not know that failure. Run it again; if it fails again, ask the provider with the dream's id"
        }
    };
    let kind = SafeText::line(kind);
    let kind = if kind.as_str().is_empty() { "no reason given" } else { kind.as_str() };
    let message = SafeText::line(message);
    let said = if message.as_str().is_empty() { String::new() } else { format!(" ({})", message.as_str()) };
    format!("the platform reports {kind}{said}. {advice}. The memory it read is as it was")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn every_named_failure_says_what_to_do_and_unknown_ones_are_kept() {
        for kind in [
            "timeout",
            "internal_error",
            "memory_store_org_limit_exceeded",
            "input_memory_store_too_large",
            "input_memory_store_unavailable",
            "input_session_unavailable",
        ] {
            let text = words(kind, "");
            assert!(text.contains(kind) && !text.contains("does not know"), "{text}");
        }
        let text = words("brand_new", "odd\u{1b}[31m thing");
        assert!(
            text.contains("brand_new (odd") && text.contains("does not know") && !text.contains('\u{1b}')
        );
        assert!(words("", "").contains("no reason given"));
    }
}
