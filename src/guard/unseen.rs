//! Finds addresses and packages in a lesson that nobody has used with success.
//!
//! Owns: which words of a text are hosts and packages. Must not know: sessions; what was used comes in.

use std::collections::{BTreeMap, BTreeSet};

use super::mark;
use crate::domain::lesson::{Mark, Severity};
use crate::domain::text::SafeText;

/// Sessions that must have used a name.
const LEAST: usize = 2;

/// Hosts and packages, each with the sessions in which it was used with success or named by a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known(BTreeMap<String, BTreeSet<u32>>);

impl Known {
    /// Notes that a session used whatever a text names.
    pub fn add(&mut self, text: &str, session: u32) {
        for name in names(text) {
            self.0.entry(name).or_default().insert(session);
        }
    }
}

/// Marks a text that names a host or package which fewer than two sessions used with success.
#[must_use]
pub fn check(inserted: &str, known: &Known) -> Vec<Mark> {
    let unknown: Vec<String> = names(inserted)
        .into_iter()
        .filter(|name| known.0.get(name).is_none_or(|sessions| sessions.len() < LEAST))
        .map(|name| SafeText::line(&name).to_string())
        .collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    vec![mark("unseen", Severity::Warn, format!("no session used this with success: {}", unknown.join(", ")))]
}

/// Commands that fetch packages: program, subcommand.
const FETCHES: [(&str, &str); 18] = [
    ("npm", "install"),
    ("npm", "i"),
    ("pnpm", "add"),
    ("pnpm", "install"),
    ("yarn", "add"),
    ("bun", "add"),
    ("pip", "install"),
    ("pip3", "install"),
    ("pipx", "install"),
    ("uv", "add"),
    ("cargo", "add"),
    ("cargo", "install"),
    ("go", "get"),
    ("gem", "install"),
    ("brew", "install"),
    ("apt", "install"),
    ("apt-get", "install"),
    ("npx", "--yes"),
];

/// The hosts of addresses, and the packages of installing commands, in a text.
#[must_use]
pub fn names(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = hosts(text).map(str::to_lowercase).collect();
    // Packages are looked for in commands alone: prose has too many words behind "npm install".
    let parts = text.split('`');
    let commands: Vec<&str> =
        if text.contains('`') { parts.skip(1).step_by(2).collect() } else { parts.collect() };
    for command in commands.iter().flat_map(|text| text.split([';', '|', '&', '\n'])) {
        let words: Vec<&str> = command
            .split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','))
            .filter(|w| !w.is_empty())
            .collect();
        let fetches = words
            .windows(2)
            .position(|pair| matches!(pair, [program, sub] if FETCHES.contains(&(program, sub))));
        if let Some(at) = fetches {
            let rest = words.get(at + 2..).unwrap_or_default();
            for word in rest {
                match argument(word) {
                    Argument::Option => {}
                    Argument::Package(name) => {
                        found.insert(name);
                    }
                    Argument::End => break,
                }
            }
        }
    }
    found
}

/// What a word behind an installing command is.
enum Argument {
    Option,
    /// A package, without its version.
    Package(String),
    /// Something else: the list of packages has ended.
    End,
}

fn argument(word: &str) -> Argument {
    if word.starts_with('-') {
        return Argument::Option;
    }
    let bare = word.trim_end_matches(['.', ')']);
    let end = bare.char_indices().skip(1).find(|(_, c)| matches!(c, '@' | '=' | '<' | '>' | '~' | '['));
    let name = end.map_or(bare, |(at, _)| bare.get(..at).unwrap_or(bare));
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./@".contains(&b));
    if is_name { Argument::Package(name.to_lowercase()) } else { Argument::End }
}

fn hosts(text: &str) -> impl Iterator<Item = &str> {
    text.split("://").skip(1).filter_map(|rest| {
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '@' | ':')))
            .unwrap_or(rest.len());
        let host = rest.get(..end)?.rsplit('@').next()?.split(':').next()?.trim_end_matches('.');
        let here = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0");
        (host.contains('.') && !here).then_some(host)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_packages_are_found_in_prose_and_commands() {
        let found = names(
            "Fetch https://user@Get.Example.org:8/x, then `pip install left-pad==1.2 --quiet requests[http]`; `npm install` before tests; see http://localhost:80.",
        );
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["get.example.org", "left-pad", "requests"]);
        assert_eq!(names("`npm install` fails; run `npm test`."), BTreeSet::new());
    }

    #[test]
    fn what_two_sessions_used_is_known() {
        let mut known = Known::default();
        known.add("pnpm add lamp-widgets", 0);
        assert_eq!(check("Run `pnpm add lamp-widgets`.", &known).len(), 1);
        known.add("pnpm add lamp-widgets@2", 1);
        assert_eq!(check("Run `pnpm add lamp-widgets`.", &known), []);
        let marks = check("Run `pnpm add lamp-widgetz` from https://x.example.net/a.", &known);
        assert_eq!(marks[0].text, "no session used this with success: lamp-widgetz, x.example.net");
    }
}
