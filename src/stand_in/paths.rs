//! Rules for memory paths, as the platform documents them.
//!
//! Owns: those rules. Must not know: our own path type, which has rules of its own.

use unicode_normalization::is_nfc;

use super::failure::Failure;

/// Refuses what can't name a memory.
pub fn check(path: &str) -> Result<(), Failure> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err(Failure::invalid("path: must start with /"));
    };
    let segments: Vec<&str> = rest.split('/').collect();
    let wrong = if path.len() > 1024 {
        "longer than 1024 bytes"
    } else if segments.len() > 20 {
        "more than 20 segments"
    } else if segments.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
        "an empty, . or .. segment"
    } else if path.chars().any(|c| c.is_control() || is_format(c)) {
        "a control or format character"
    } else if !is_nfc(path) {
        "not in Unicode NFC"
    } else {
        return Ok(());
    };
    Err(Failure::invalid(format!("path: {wrong}")))
}

/// Unicode category Cf, and the two separators.
fn is_format(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891 | 0x8E2 | 0x180E | 0x200B..=0x200F
        | 0x2028..=0x202E | 0x2060..=0x2064 | 0x2066..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0x110BD | 0x110CD
        | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0001 | 0xE0020..=0xE007F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_name_a_memory() {
        for good in ["/a", "/a/b.md", "/Ünïcode/日本.md", "/a b"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let deep = "/a".repeat(21);
        let long = format!("/{}", "a".repeat(1024));
        for bad in
            ["a", "/", "/a//b", "/a/", "/a/../b", "/./a", "/a\nb", "/a\u{200B}", "/e\u{301}", &deep, &long]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(check(&"/a".repeat(20)), Ok(()));
    }
}
