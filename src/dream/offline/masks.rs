//! Error lines with everything masked that differs from one occurrence to the next.
//!
//! Owns: which tokens vary (paths, numbers, ids, times) and which name the error and must stay.
//! Must not know: how many sessions show a line; what is kept *if it recurs* is marked as such
//! (`'word'`, `<path:name.ext>`) and decided by `templates`.

/// Masks a line. Tokens are separated by single spaces.
#[must_use]
pub fn mask(line: &str) -> String {
    let plain = strip_ansi(line);
    let mut out: Vec<String> = Vec::new();
    let mut rest = plain.trim();
    while !rest.is_empty() {
        let (token, after) = next_token(rest);
        out.push(mask_token(token, out.last().map_or("", String::as_str)));
        rest = after.trim_start();
    }
    out.dedup_by(|next, previous| next == previous && next.starts_with('<'));
    out.join(" ")
}

/// Drops terminal colours and control characters.
#[must_use]
pub fn strip_ansi(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            if chars.next() == Some('[') {
                for c in chars.by_ref() {
                    if ('\u{40}'..='\u{7e}').contains(&c) {
                        break;
                    }
                }
            }
        } else if c == '\t' {
            out.push(' ');
        } else if !c.is_control() {
            out.push(c);
        }
    }
    out
}

/// The next token: a quoted string with its quotes, or everything up to a space.
pub(super) fn next_token(text: &str) -> (&str, &str) {
    let opening = text.find(['\'', '"', '`']);
    let space = text.find(' ').unwrap_or(text.len());
    if let Some(at) = opening.filter(|at| *at < space)
        && text.get(..at).is_some_and(|head| head.bytes().all(|b| !b.is_ascii_alphanumeric()))
        && let Some(quote) = text.get(at..).and_then(|tail| tail.chars().next())
        && let Some(length) = text.get(at + 1..).and_then(|tail| tail.find(quote))
    {
        let close = at + 1 + length + 1;
        let end = text.get(close..).and_then(|tail| tail.find(' ')).map_or(text.len(), |space| close + space);
        return (text.get(..end).unwrap_or(text), text.get(end..).unwrap_or(""));
    }
    (text.get(..space).unwrap_or(text), text.get(space..).unwrap_or(""))
}

/// Longest quoted string that may name something rather than be data.
const LONGEST_NAME: usize = 24;

fn mask_token(token: &str, before: &str) -> String {
    let is_edge =
        |c: char| matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' | '.' | '!' | '?');
    let core = token.trim_matches(is_edge);
    if core.is_empty() {
        return token.to_owned();
    }
    let start = token.find(core).unwrap_or(0);
    let (head, tail) = (token.get(..start).unwrap_or(""), token.get(start + core.len()..).unwrap_or(""));
    let quoted = core.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'));
    if let Some(quote) = quoted {
        let inner = core.trim_matches(quote);
        let masked = mask_word(inner, "");
        let text = if masked != inner {
            masked
        } else if inner.is_empty() || inner.chars().count() > LONGEST_NAME {
            "<text>".to_owned()
        } else {
            return format!("{head}'{inner}'{tail}");
        };
        return format!("{head}{text}{tail}");
    }
    // `name=value` and `name:value` keep the name.
    for separator in ['=', ':'] {
        if let Some((name, value)) = core.split_once(separator)
            && !name.is_empty()
            && !value.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'-')
            && !value.starts_with("//")
            && !is_code(core)
            && (separator == '=' || value.bytes().all(|b| b.is_ascii_digit()))
        {
            return format!("{head}{name}{separator}{}{tail}", mask_word(value, name));
        }
    }
    let masked = mask_word(core, before);
    // `file.ts(12,5):` loses its position, and with it the closing parenthesis.
    let tail = if core.contains('(') && !masked.contains('(') { tail.trim_start_matches(')') } else { tail };
    format!("{head}{masked}{tail}")
}

fn mask_word(word: &str, before: &str) -> String {
    if is_code(word) || (is_status_of(before) && word.len() <= 3 && digits(word)) {
        return word.to_owned();
    }
    if let Some(url) = url(word) {
        return url;
    }
    if is_hex(word) {
        return "<hex>".to_owned();
    }
    if is_time(word) {
        return "<time>".to_owned();
    }
    if let Some(path) = path(word) {
        return path;
    }
    if is_version(word) {
        return "<version>".to_owned();
    }
    if is_quantity(word) {
        return "<n>".to_owned();
    }
    if is_id(word) {
        return "<id>".to_owned();
    }
    word.to_owned()
}

/// Words that name an error: `E0433`, `TS2345`, `ECONNREFUSED`, `ERR_MODULE_NOT_FOUND`. Masking them is the
/// classic way to take different errors for one.
#[must_use]
pub fn is_code(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = word.get(letters..).unwrap_or("");
    let numbered = (1..=6).contains(&letters) && (2..=6).contains(&rest.len()) && digits(rest);
    let named =
        letters >= 4 && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit());
    numbered || named || word.ends_with("Error") || word.ends_with("Exception")
}

/// Whether the number after this word is part of the error's name.
fn is_status_of(word: &str) -> bool {
    let word = word.trim_end_matches([':', '=']);
    matches!(
        word.to_ascii_lowercase().as_str(),
        "code" | "status" | "http" | "http/1.1" | "sqlstate" | "errno" | "signal"
    )
}

fn digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn url(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    if scheme.is_empty() || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') {
        return None;
    }
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or("");
    let host = host.rsplit('@').next().unwrap_or("");
    let labels: Vec<&str> = host.split('.').collect();
    let registrable = labels.get(labels.len().saturating_sub(2)..).unwrap_or_default().join(".");
    Some(if digits(&host.replace('.', "")) || host == "localhost" {
        format!("<{scheme}:local>")
    } else {
        format!("<{scheme}:{registrable}>")
    })
}

fn is_hex(word: &str) -> bool {
    let body = word.strip_prefix("0x").unwrap_or(word);
    body.len() >= 8
        && body.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        && body.bytes().any(|b| b.is_ascii_digit())
        && body.bytes().any(|b| b.is_ascii_hexdigit())
        && !is_time(word)
}

fn is_time(word: &str) -> bool {
    let parts = word.split(['T', '_']).next().unwrap_or(word);
    let dashed: Vec<&str> = parts.split(['-', '/']).collect();
    let date = dashed.len() == 3 && dashed.iter().all(|p| digits(p)) && dashed.iter().any(|p| p.len() == 4);
    let clock: Vec<&str> = word.trim_end_matches('Z').split(':').collect();
    let time = (2..=3).contains(&clock.len())
        && clock.iter().all(|p| p.len() <= 6 && p.split('.').all(digits))
        && clock.iter().take(2).all(|p| p.len() == 2);
    date || time
}

/// `<path:name.ext>` for anything that names a file: a slash, a backslash, or a known line suffix.
fn path(word: &str) -> Option<String> {
    let bare =
        word.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':' || c == ',' || c == '(' || c == ')');
    let located = bare.len() < word.len() && word.get(bare.len()..).is_some_and(|s| s.contains([':', '(']));
    let bare = if located { bare } else { word };
    let slash = bare.contains('/') || bare.contains('\\');
    let package = bare.starts_with('@') && bare.matches('/').count() == 1 && !bare.contains('\\');
    if package {
        return None;
    }
    let name = bare.rsplit(['/', '\\']).next().unwrap_or("");
    let extension =
        name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    let known = extension.is_some_and(|e| {
        (1..=5).contains(&e.len())
            && e.starts_with(|c: char| c.is_ascii_lowercase())
            && e.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if !(slash && bare.bytes().any(|b| b.is_ascii_alphabetic()) && bare.len() > 2 || located && known) {
        return None;
    }
    if !slash && !known {
        return None;
    }
    let name: String = name.chars().take(40).collect();
    Some(if name.is_empty() { "<path>".to_owned() } else { format!("<path:{name}>") })
}

fn is_version(word: &str) -> bool {
    let body = word.strip_prefix(['v', '^', '~', '@']).unwrap_or(word);
    let core = body.split(['-', '+']).next().unwrap_or("");
    let parts: Vec<&str> = core.split('.').collect();
    parts.len() >= 3 && parts.iter().all(|p| digits(p))
}

fn is_quantity(word: &str) -> bool {
    let body = word.trim_start_matches(['+', '-', '#', '~', '<', '>', '=', '$']);
    let number = body
        .bytes()
        .take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'_' | b':' | b'/' | b'x'))
        .count();
    number > 0
        && body.starts_with(|c: char| c.is_ascii_digit())
        && body
            .get(number..)
            .is_some_and(|unit| unit.len() <= 4 && unit.bytes().all(|b| b.is_ascii_alphabetic() || b == b'%'))
}

/// Letters and digits mixed, long enough not to be a word: `req_8fK2n9`, `HAT114`, `#W5918442`.
fn is_id(word: &str) -> bool {
    let body = word.trim_start_matches('#');
    let count = body.bytes().filter(u8::is_ascii_digit).count();
    body.len() >= 6
        && count >= 2
        && body.bytes().any(|b| b.is_ascii_alphabetic())
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("error: unrecognized subcommand 'bun'", "error: unrecognized subcommand 'bun'")]
    #[case("\u{1b}[31merror[E0433]\u{1b}[0m: failed to resolve", "error[E0433]: failed to resolve")]
    #[case("src/app.ts(12,5): error TS2345: Argument", "<path:app.ts>: error TS2345: Argument")]
    #[case("src/x/y.rs:12:5: warning", "<path:y.rs>: warning")]
    #[case("main.py:7: oops", "<path:main.py>: oops")]
    #[case("Error: connect ECONNREFUSED 127.0.0.1:5432", "Error: connect ECONNREFUSED <n>")]
    #[case(
        "GET https://api.shop.example.com/v1/x?y=1 failed with status 404",
        "GET <https:example.com> failed with status 404"
    )]
    #[case("process exited with code 137 after 12.5s", "process exited with code 137 after <n>")]
    #[case("at 2026-02-17T09:12:44Z [12:30:01.123] went", "at <time> [<time>] went")]
    #[case("commit 8fa31c9de0 not found", "commit <hex> not found")]
    #[case("id 5b2c1f0e-1111-4222-8333-444455556666 gone", "id <hex> gone")]
    #[case("needs node >= 18.12.1, found v16.0.0", "needs node >= <version>, found <version>")]
    #[case("Cannot find module '@testing-library/react'", "Cannot find module '@testing-library/react'")]
    #[case("'/home/x/very/long/file.ts' is ignored", "<path:file.ts> is ignored")]
    #[case("Unknown skill: commit", "Unknown skill: commit")]
    #[case("error: script \"lint\" exited with code 1", "error: script 'lint' exited with code 1")]
    #[case("reservation HAT114XY not found", "reservation <id> not found")]
    #[case("timeout=3000 retries=2", "timeout=<n> retries=<n>")]
    #[case("don't panic", "don't panic")]
    #[case("ERR_MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND")]
    #[case("", "")]
    fn lines_keep_what_names_the_error(#[case] line: &str, #[case] masked: &str) {
        assert_eq!(mask(line), masked);
    }

    #[test]
    fn odd_text_is_survived() {
        for line in ["'", "''", "\u{1b}[", "é'ü", "a'b'c", "((((", "://", "=:=", "🦀 '🦀🦀' 1🦀"] {
            let _ = mask(line);
        }
    }
}
