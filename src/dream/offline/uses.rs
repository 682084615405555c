//! In how many units something that a note names came up.
//!
//! Owns: what a note refers to, and when a session used it. Must not know: what becomes of notes that
//! nobody used.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::pool::Pool;
use super::words::{self, Piece};

/// What a note names, as far as sessions could show it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Referent {
    /// A command with its first arguments.
    Command(Vec<String>),
    /// A file or folder.
    Path(String),
    /// An option.
    Flag(String),
}

/// What a note names: commands, paths and options. Names of other kinds live inside files, which
/// sessions are not searched for, so that not having seen them means nothing.
#[must_use]
pub fn referents(note: &str) -> BTreeSet<Referent> {
    words::pieces(note)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Code(code) => referent(code),
            Piece::Word(_) | Piece::Stop(_) => None,
        })
        .collect()
}

fn referent(code: &str) -> Option<Referent> {
    let code = code.trim_end_matches(['.', ',']);
    let words: Vec<String> = code.split_whitespace().map(str::to_owned).collect();
    let plain = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=@+".contains(&b));
    if words.len() > 1 {
        // A command ends where its placeholders begin: `pytest path::name`, `deploy <name>`, `rtk bun …`.
        let named: Vec<String> = words.into_iter().take_while(|word| plain(word)).take(3).collect();
        let program = named.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
        return (named.len() > 1 && program).then_some(Referent::Command(named));
    }
    if code.contains("://") || !plain(code) || code.len() < 3 {
        return None;
    }
    if code.starts_with('-') {
        return Some(Referent::Flag(code.split('=').next().unwrap_or(code).to_owned()));
    }
    let is_path =
        code.contains('/') && !code.starts_with('@') && code.bytes().any(|b| b.is_ascii_alphabetic());
    is_path.then(|| Referent::Path(code.trim_matches('/').trim_start_matches("./").to_owned()))
}

/// What the sessions of a pool did and spoke of, unit by unit.
#[derive(Debug, Default)]
pub struct Uses<'a> {
    units: BTreeMap<u32, Unit<'a>>,
}

/// What came of a note in some sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Sessions looked at.
    pub sessions: u32,
    /// Sessions in which what the note is about came up.
    pub chances: u32,
    /// Sessions in which something that it names was used.
    pub used: u32,
}

#[derive(Debug, Default)]
struct Unit<'a> {
    started: Option<Timestamp>,
    commands: Vec<&'a [String]>,
    targets: BTreeSet<&'a str>,
    words: BTreeSet<&'a str>,
}

/// So many of a note's words in one session mean that it was about the same.
const SAME_SUBJECT: usize = 3;

impl<'a> Uses<'a> {
    /// Gathers what a pool's sessions did.
    #[must_use]
    pub fn of(pool: &'a Pool<'_>) -> Self {
        let mut units: BTreeMap<u32, Unit<'a>> = BTreeMap::new();
        for member in &pool.members {
            let first = !units.contains_key(&member.unit);
            let unit = units.entry(member.unit).or_default();
            // The first session of a unit speaks for it, dated or not.
            if first {
                unit.started = member.meta.started;
            }
            for call in &member.facts.calls {
                unit.targets.extend(call.action.target.as_deref());
                for command in &call.action.commands {
                    unit.commands.push(&command.words);
                    unit.words.extend(command.words.iter().map(String::as_str));
                }
            }
            unit.words.extend(member.facts.turns.iter().flat_map(|turn| &turn.words).map(String::as_str));
        }
        Self { units }
    }

    /// How many units there are.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.units.len() as u32
    }

    /// When the first and the last dated unit began.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let dated = || self.units.values().filter_map(|unit| unit.started);
        dated().min().zip(dated().max())
    }

    /// What came of a note in units that began after a moment.
    #[must_use]
    pub fn since(&self, note: &str, moment: Timestamp) -> Found {
        let referents = referents(note);
        let terms = words::content(&note.replace('`', " "));
        let mut found = Found::default();
        for unit in self.units.values().filter(|unit| unit.started.is_some_and(|at| at > moment)) {
            let used = referents.iter().any(|referent| unit.used(referent));
            let came_up = used
                || referents.iter().any(|referent| unit.touched(referent))
                || terms.iter().filter(|term| unit.words.contains(term.as_str())).count() >= SAME_SUBJECT;
            found.sessions += 1;
            found.chances += u32::from(came_up);
            found.used += u32::from(used);
        }
        found
    }

    /// Units in which something that a note names was used, or in which its subject came up.
    #[must_use]
    pub fn count(&self, note: &str) -> u32 {
        let referents = referents(note);
        let terms = words::content(&note.replace('`', " "));
        let used = |unit: &&Unit<'_>| {
            referents.iter().any(|referent| unit.used(referent))
                || terms.iter().filter(|term| unit.words.contains(term.as_str())).count() >= SAME_SUBJECT
        };
        self.units.values().filter(used).count() as u32
    }
}

impl Unit<'_> {
    /// The program of a command was run, with the subcommand that a note names, or something in the folder of a path
    /// was touched. Where the note is about one subcommand, another was no occasion for it.
    fn touched(&self, referent: &Referent) -> bool {
        match referent {
            Referent::Command(words) => {
                let subcommand = words.get(1).filter(|word| is_subcommand(word));
                self.commands.iter().any(|command| {
                    !command.is_empty()
                        && command.first() == words.first()
                        && subcommand.is_none_or(|word| command.contains(word))
                })
            }
            Referent::Path(path) => path.rsplit_once('/').is_some_and(|(folder, _)| {
                self.targets.iter().chain(&self.words).any(|target| is_same_or_below(target, folder))
            }),
            Referent::Flag(_) => false,
        }
    }

    fn used(&self, referent: &Referent) -> bool {
        match referent {
            Referent::Command(words) => self.commands.iter().any(|command| {
                command.len() >= words.len() && command.windows(words.len()).any(|part| part == words)
            }),
            Referent::Flag(flag) => {
                self.words.iter().any(|word| word.split('=').next().is_some_and(|name| name == flag))
            }
            Referent::Path(path) => {
                self.targets.iter().chain(&self.words).any(|target| is_same_or_below(target, path))
            }
        }
    }
}

/// Whether the word behind a program says what it is to do: no option, value, file or address.
fn is_subcommand(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// The same path, one below it, or the same with more folders before it.
fn is_same_or_below(target: &str, path: &str) -> bool {
    target.match_indices(path).any(|(at, _)| {
        let before = target.get(..at).is_some_and(|head| head.is_empty() || head.ends_with(['/', '=', ':']));
        let after =
            target.get(at + path.len()..).is_some_and(|tail| !tail.starts_with(char::is_alphanumeric));
        before && after
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, meta};

    #[test]
    fn notes_refer_to_commands_paths_and_options() {
        let found = referents(
            "Run `make db-create` or `deploy push <name>`; see src/a.ts and `--region=eu`, not `Decimal` or `uv`.",
        );
        let command = |words: [&str; 2]| Referent::Command(words.map(str::to_owned).to_vec());
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [
                command(["deploy", "push"]),
                command(["make", "db-create"]),
                Referent::Path("src/a.ts".into()),
                Referent::Flag("--region".into()),
            ]
        );
    }

    #[test]
    fn another_subcommand_is_no_chance_for_a_note() {
        let mut script = Script::new();
        script.shell("shipit web", Ok("ok"));
        script.shell("pgdump-all orders", Ok("ok"));
        let metas = [meta("s", 1)];
        let pool = Pool::new(vec![(&metas[0], extract(&metas[0], &script).unwrap())]);
        let uses = Uses::of(&pool);
        let chances = |note: &str| uses.since(note, Timestamp::UNIX_EPOCH).chances;
        assert_eq!(chances("Rollbacks use `shipit rollback web`."), 0);
        assert_eq!(chances("Dump with `pgdump-all --fast`."), 1, "an option is no subcommand");
        assert_eq!(chances("Deploy with `shipit web --slow`."), 1);
    }

    #[test]
    fn a_note_is_used_where_what_it_names_was() {
        let mut script = Script::new();
        script.user("the morning report lacks the warehouse");
        script.shell("cd x && make db-create", Ok("ok"));
        script.call("r", "Read", r#"{"file_path":"/srv/app/src/a.ts"}"#);
        script.result("r", "text");
        let metas = [meta("s", 0)];
        let pool = Pool::new(vec![(&metas[0], extract(&metas[0], &script).unwrap())]);
        let uses = Uses::of(&pool);
        for note in [
            "`make db-create` first",
            "read src/a.ts",
            "all of `src/`",
            "The morning report lists what the warehouse lacks",
        ] {
            assert_eq!(uses.count(note), 1, "{note}");
        }
        for note in ["`make db`", "read a/src", "src/a.tsx", "`make` things", "the report"] {
            assert_eq!(uses.count(note), 0, "{note}");
        }
    }
}
