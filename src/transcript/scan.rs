//! Finds where JSON values end, without building anything.
//!
//! Owns: a strict-enough walk over JSON text that skips strings at memory speed. Records are mostly
//! payload that nobody asks for (file contents, patches, images), so not looking at it is what makes
//! reading fast. Must not know: any transcript format.

use std::borrow::Cow;

use memchr::memchr;

/// Deepest nesting that is followed; the same limit as the JSON library has.
const DEEPEST: u32 = 127;

/// Why no value could be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// The text ends inside the value.
    Truncated,
    /// The text can't be JSON.
    Malformed,
}

/// The fields of one JSON object as they stand in the text, values unparsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Object<'t> {
    /// Key (between its quotes) and raw value.
    pub fields: Vec<(&'t str, &'t str)>,
    /// Where the object ends in the text it was read from.
    pub end: usize,
}

/// Reads the top level of the object that `text` starts with.
pub fn object(text: &str) -> Result<Object<'_>, Bad> {
    let mut fields = Vec::with_capacity(24);
    let end = walk(text, |key, value| fields.push((key, value)))?;
    Ok(Object { fields, end })
}

/// Like [`object`], but gives the fields before the point where the text stops being readable too.
pub fn head(text: &str) -> Vec<(&str, &str)> {
    let mut fields = Vec::new();
    // An end that can't be found is no loss here: the caller has only the head of a file.
    let _ = walk(text, |key, value| fields.push((key, value)));
    fields
}

fn walk<'t>(text: &'t str, mut field: impl FnMut(&'t str, &'t str)) -> Result<usize, Bad> {
    let bytes = text.as_bytes();
    let mut at = match bytes.first() {
        Some(b'{') => space(bytes, 1),
        Some(_) => return Err(Bad::Malformed),
        None => return Err(Bad::Truncated),
    };
    if bytes.get(at) == Some(&b'}') {
        return Ok(at + 1);
    }
    loop {
        let key_start = expect(bytes, at, b'"')?;
        let key_end = string(bytes, key_start)?;
        at = expect(bytes, space(bytes, key_end), b':')?;
        let value_start = space(bytes, at);
        at = value(bytes, value_start)?;
        if let (Some(key), Some(value)) = (text.get(key_start..key_end - 1), text.get(value_start..at)) {
            field(key, value);
        }
        at = space(bytes, at);
        match bytes.get(at) {
            Some(b',') => at = space(bytes, at + 1),
            Some(b'}') => return Ok(at + 1),
            Some(_) => return Err(Bad::Malformed),
            None => return Err(Bad::Truncated),
        }
    }
}

fn expect(bytes: &[u8], at: usize, wanted: u8) -> Result<usize, Bad> {
    match bytes.get(at) {
        Some(&byte) if byte == wanted => Ok(at + 1),
        Some(_) => Err(Bad::Malformed),
        None => Err(Bad::Truncated),
    }
}

fn space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = bytes.get(at) {
        at += 1;
    }
    at
}

/// `at` stands after the opening quote; the answer stands after the closing one.
fn string(bytes: &[u8], start: usize) -> Result<usize, Bad> {
    let mut at = start;
    loop {
        at += memchr(b'"', bytes.get(at..).ok_or(Bad::Truncated)?).ok_or(Bad::Truncated)?;
        // Looking for quotes and then back is twice as fast as stopping at every escaped newline. A
        // quote is escaped by an odd number of backslashes before it.
        let before = bytes.get(start..at).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        at += 1;
        if backslashes % 2 == 0 {
            return Ok(at);
        }
    }
}

fn literal(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Bad> {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.starts_with(word) {
        Ok(at + word.len())
    } else if word.starts_with(rest) {
        Err(Bad::Truncated)
    } else {
        Err(Bad::Malformed)
    }
}

fn number(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') = bytes.get(at) {
        at += 1;
    }
    at
}

#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Comma,
}

/// Where the value that starts at `at` ends.
fn value(bytes: &[u8], mut at: usize) -> Result<usize, Bad> {
    // One bit per open container, newest last: set for objects.
    let mut objects: u128 = 0;
    let mut depth: u32 = 0;
    let mut expect_next = Expect::Value;
    loop {
        let byte = *bytes.get(at).ok_or(Bad::Truncated)?;
        match (expect_next, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') => {
                at += 1;
                continue;
            }
            (Expect::Value | Expect::ValueOrEnd, b'"') => {
                at = string(bytes, at + 1)?;
                expect_next = Expect::Comma;
            }
            (Expect::Value | Expect::ValueOrEnd, b'{' | b'[') => {
                if depth == DEEPEST {
                    return Err(Bad::Malformed);
                }
                depth += 1;
                objects = objects << 1 | u128::from(byte == b'{');
                expect_next = if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
                at += 1;
            }
            (Expect::Value | Expect::ValueOrEnd, b'-' | b'0'..=b'9') => {
                at = number(bytes, at);
                expect_next = Expect::Comma;
            }
            (Expect::Value | Expect::ValueOrEnd, b't') => {
                at = literal(bytes, at, b"true")?;
                expect_next = Expect::Comma;
            }
            (Expect::Value | Expect::ValueOrEnd, b'f') => {
                at = literal(bytes, at, b"false")?;
                expect_next = Expect::Comma;
            }
            (Expect::Value | Expect::ValueOrEnd, b'n') => {
                at = literal(bytes, at, b"null")?;
                expect_next = Expect::Comma;
            }
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                at = space(bytes, string(bytes, at + 1)?);
                at = expect(bytes, at, b':')?;
                expect_next = Expect::Value;
            }
            (Expect::Comma, b',') if depth > 0 => {
                expect_next = if objects & 1 == 1 { Expect::Key } else { Expect::Value };
                at += 1;
            }
            (Expect::Comma | Expect::KeyOrEnd, b'}') if depth > 0 && objects & 1 == 1 => {
                objects >>= 1;
                depth -= 1;
                expect_next = Expect::Comma;
                at += 1;
            }
            (Expect::Comma | Expect::ValueOrEnd, b']') if depth > 0 && objects & 1 == 0 => {
                objects >>= 1;
                depth -= 1;
                expect_next = Expect::Comma;
                at += 1;
            }
            _ => return Err(Bad::Malformed),
        }
        if depth == 0 && expect_next == Expect::Comma {
            return Ok(at);
        }
    }
}

/// The text of a raw JSON string, decoded; `None` for any other value. Borrows where nothing is escaped.
pub fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    match serde_json::from_str(raw) {
        Ok(text) => Some(Cow::Owned(text)),
        Err(_) => serde_json::from_str(&mend(raw)).ok().map(Cow::Owned),
    }
}

/// What stands between the quotes of a raw string, for values that are compared and never have escapes.
pub fn unquoted(raw: &str) -> &str {
    raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or_default()
}

/// A copy of JSON text in which what strict readers refuse inside strings is replaced by something
/// of the same length: raw control characters by blanks, halves of surrogate pairs by U+FFFD.
pub fn mend(raw: &str) -> String {
    let mut out: Vec<u8> = raw.bytes().map(|byte| if byte < 0x20 { b' ' } else { byte }).collect();
    let mut at = 0;
    while let Some(found) = out.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        at += found;
        match unit(&out, at) {
            Some(0xD800..=0xDBFF) if matches!(unit(&out, at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                if let Some(escape) = out.get_mut(at..at + 6) {
                    escape.copy_from_slice(b"\\ufffd");
                }
                at += 6;
            }
            Some(_) => at += 6,
            None => at += 2,
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The UTF-16 unit of the `\uXXXX` escape at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(text: &str) -> Result<usize, Bad> {
        object(text).map(|object| object.end)
    }

    #[test]
    fn the_end_of_an_object_is_found_past_braces_in_strings() {
        for object in [
            "{}",
            r#"{"a":1}"#,
            r#"{ "a" : [ 1 , {"b":"}\"{"} , [] , {} ] , "c" : null }"#,
            r#"{"a":"\\","b":-1.5e+3,"c":true,"d":false}"#,
        ] {
            assert_eq!(end_of(object), Ok(object.len()), "{object}");
            assert_eq!(end_of(&format!("{object}{object}")), Ok(object.len()), "{object}");
        }
    }

    #[test]
    fn fields_are_handed_out_raw() {
        let object = object(r#"{"a": "x\n", "b":[1, 2]}"#).unwrap();
        assert_eq!(object.fields, vec![("a", r#""x\n""#), ("b", "[1, 2]")]);
    }

    #[test]
    fn every_proper_prefix_is_truncated() {
        let whole = r#"{"a":[{"b":"c\"d"},1,true,null],"e":{"f":[]}}"#;
        for cut in 0..whole.len() {
            assert_eq!(end_of(&whole[..cut]), Err(Bad::Truncated), "{}", &whole[..cut]);
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for bad in [
            r#"{"a":"b{"parentUuid":1}"#,
            r#"{"a" 1}"#,
            r#"{"a":1,}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[1}"#,
            r#"{"a":{"b":1]}"#,
            r#"{"a":tru,}"#,
            "{a:1}",
            "[1]",
        ] {
            assert_eq!(end_of(bad), Err(Bad::Malformed), "{bad}");
        }
        assert_eq!(end_of(&format!("{{\"a\":{}", "[".repeat(500))), Err(Bad::Malformed));
    }

    #[test]
    fn strings_are_decoded_whatever_is_in_them() {
        assert_eq!(text(r#""plain""#), Some(Cow::Borrowed("plain")));
        assert_eq!(text(r#""a\n\u00e9""#).as_deref(), Some("a\né"));
        assert_eq!(text(r#""\ud83d\ude00 \ud83d x""#).as_deref(), Some("😀 \u{fffd} x"));
        assert_eq!(text("\"a\tb\\n\"").as_deref(), Some("a b\n"));
        assert_eq!(text("12"), None);
    }
}
