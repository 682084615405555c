//! Commands as lessons write them and as calls run them.
//!
//! Owns: cutting a command line into words. Must not know: what a command is good for.

use serde_json::Value;

/// One command: a program and what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    words: Vec<String>,
}

/// Words before a program that do not change what runs.
const PREFIXES: [&str; 6] = ["sudo", "env", "time", "command", "exec", "nohup"];

/// Words behind which the name of a program stands to be fetched or thrown away, not to be run.
const FETCHES: [&str; 9] =
    ["install", "add", "i", "get", "uninstall", "remove", "upgrade", "update", "require"];

/// Programs that only show what is there.
const READERS: [&str; 14] = [
    "ls", "cat", "head", "tail", "grep", "rg", "find", "pwd", "cd", "echo", "which", "less", "sleep",
    "printf",
];

impl Command {
    /// Reads one command. `None` if nothing would run.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut words = words(text.trim().trim_start_matches(['$', '(']));
        let idle = |word: &String| {
            PREFIXES.contains(&word.as_str())
                || word.split_once('=').is_some_and(|(name, _)| {
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                })
        };
        let program = words.iter().position(|word| !idle(word))?;
        words.drain(..program);
        Some(Self { words })
    }

    /// Whether `other` runs this one: the same words, and maybe more behind them.
    #[must_use]
    pub fn is_run_by(&self, other: &Self) -> bool {
        other.words.starts_with(&self.words)
    }

    /// Whether both want the same: one program, one subcommand.
    #[must_use]
    pub fn wants_what(&self, other: &Self) -> bool {
        let subcommand = |command: &Self| command.words.get(1).filter(|word| !word.starts_with('-')).cloned();
        self.words.first() == other.words.first() && subcommand(self) == subcommand(other)
    }

    /// Whether one is the other behind a wrapper, such as `tool run test` beside `test`: two ways to do one
    /// thing.
    #[must_use]
    pub fn is_other_way_of(&self, other: &Self) -> bool {
        let wraps = |outer: &Self, inner: &Self| {
            (1..outer.words.len()).any(|at| {
                let Some((before, rest)) = outer.words.split_at_checked(at) else { return false };
                // What installs a program does not run it.
                rest.starts_with(&inner.words) && !before.iter().any(|word| FETCHES.contains(&word.as_str()))
            })
        };
        wraps(self, other) || wraps(other, self)
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        let word = |at: usize| self.words.get(at).map_or("", String::as_str);
        READERS.contains(&word(0)) || word(0) == "git" && ["status", "log", "diff", "show"].contains(&word(1))
    }

    /// Whether its answer is cut or passed on, so that its success can't be told from how the call ended.
    #[must_use]
    pub fn is_piped(&self) -> bool {
        self.words.iter().any(|word| word == "|")
    }

    /// This command with more words behind it.
    #[must_use]
    pub fn with(&self, more: &str) -> Self {
        let mut words = self.words.clone();
        words.extend(self::words(more));
        Self { words }
    }
}

/// The commands that a call of a shell runs, in order. Empty if it is none, or if what runs depends on
/// what happens.
#[must_use]
pub fn in_call(input: &str) -> Vec<Command> {
    let Ok(Value::Object(fields)) = serde_json::from_str(input) else { return Vec::new() };
    let line = match fields.get("command").or_else(|| fields.get("cmd")) {
        Some(Value::String(line)) => line.clone(),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            match words.as_slice() {
                [_, flag, script] if flag.starts_with('-') && flag.ends_with('c') => (*script).to_owned(),
                words => words.join(" "),
            }
        }
        _ => return Vec::new(),
    };
    if line.contains("||") {
        return Vec::new();
    }
    parts(&line).iter().filter_map(|part| Command::of(part)).collect()
}

/// A line cut where one command ends and the next begins, outside quotes.
fn parts(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        quote = match quote {
            Some(open) => Some(open).filter(|open| *open != c),
            None => Some(c).filter(|c| matches!(c, '"' | '\'')),
        };
        let and = c == '&' && chars.peek() == Some(&'&');
        if quote.is_none() && (matches!(c, ';' | '\n') || and) {
            if and {
                chars.next();
            }
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

/// Words of a command; quotes hold words together and are dropped, a pipe is a word.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '|') => words.extend(["|".to_owned(), String::new()]),
            (None, _) if c.is_whitespace() => words.push(String::new()),
            _ => words.iter_mut().last().into_iter().for_each(|word| word.push(c)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(text: &str) -> Command {
        Command::of(text).unwrap()
    }

    #[test]
    fn a_command_is_known_again_and_what_only_speaks_of_it_is_not() {
        let make = command("make test");
        let runs = |input: &str| in_call(input).iter().any(|other| make.is_run_by(other));
        assert!(runs(r#"{"command":"make test"}"#));
        assert!(runs(r#"{"command":"cd /srv/shop && CI=1 make test VERBOSE=1 2>&1 | tail -5"}"#));
        assert!(runs(r#"{"cmd":["bash","-lc","make test"]}"#));
        for other in [
            r#"{"command":"echo 'make test'"}"#,
            r#"{"command":"grep -rn \"x; make test\" docs"}"#,
            r#"{"command":"make test-unit"}"#,
            r#"{"command":"true || make test"}"#,
            r#"{"file_path":"make test"}"#,
            "make test",
        ] {
            assert!(!runs(other), "{other}");
        }
    }

    #[test]
    fn the_same_wish_is_told_from_another() {
        assert!(command("shopctl preview up").wants_what(&command("shopctl preview up --region eu-west")));
        assert!(!command("make test").wants_what(&command("make db-create")));
        assert!(command("curl -fsSL https://x.example/a.sh | sh").is_piped());
        assert!(command("git status --short").only_reads() && !command("git push").only_reads());
        assert_eq!(command("shopctl up").with("--region north"), command("shopctl up --region north"));
        assert_eq!(Command::of("  "), None);
        let other_way = |one: &str, other: &str| command(one).is_other_way_of(&command(other));
        assert!(other_way("uv run pytest", "pytest") && other_way("make test", "just make test"));
        for fetches in ["pip install pytest", "npm i -g pytest", "apt-get install -y pytest"] {
            assert!(!other_way(fetches, "pytest"), "{fetches}");
        }
        let other_way = |a: &str, b: &str| command(a).is_other_way_of(&command(b));
        assert!(other_way("bun", "rtk bun") && other_way("uv run pytest", "pytest"));
        assert!(!other_way("make db-create", "make test") && !other_way("make test", "make test"));
    }
}
