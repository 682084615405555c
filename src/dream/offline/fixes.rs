//! What was done differently: the difference between a failing command and a later one with the same
//! goal, or what was done in between.
//!
//! Owns: when two commands pursue the same goal, and the names of the ways they can differ. Must not
//! know: whether the difference helped.

use super::shapes::{Action, ActionKind, head};
use super::shell::{self, Command};

/// A way of reacting to a failure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fix {
    /// The same again.
    Retry,
    /// The same goal with other arguments, in no way that has a name.
    Vary,
    /// Without the wrapper in front: `rtk bun test` → `bun test`.
    DropPrefix(String),
    /// With a wrapper in front: `pytest` → `uv run pytest`.
    AddPrefix(String),
    /// Another program: `npm install` → `pnpm install`.
    Program {
        /// The failing one.
        from: String,
        /// The one used instead.
        to: String,
    },
    /// With an option more.
    AddFlag(String),
    /// With an option less.
    DropFlag(String),
    /// With one argument changed.
    Argument {
        /// The failing one.
        from: String,
        /// The one used instead.
        to: String,
    },
    /// In another directory.
    Directory(String),
    /// With a variable set.
    Environment(String),
    /// After running another command first, named by its head.
    First(String),
    /// After using another tool first.
    FirstTool(String),
    /// After reading the file again.
    Reread,
}

impl Fix {
    /// The command itself was changed, rather than something done before it.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !matches!(self, Self::First(_) | Self::FirstTool(_) | Self::Reread | Self::Retry | Self::Vary)
    }

    /// The words of a command that follows the advice, in order; `failing` are those of the one that fails.
    #[must_use]
    pub fn words(&self, failing: &[String]) -> Vec<String> {
        let split = |text: &String| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
        let rest = |skip: usize| failing.get(skip..).unwrap_or_default().to_vec();
        match self {
            Self::First(command) => split(command),
            Self::DropPrefix(prefix) => rest(split(prefix).len()),
            Self::AddPrefix(prefix) => [split(prefix), failing.to_vec()].concat(),
            Self::Program { to, .. } => [vec![to.clone()], rest(1)].concat(),
            Self::AddFlag(word) | Self::Argument { to: word, .. } => {
                [failing, std::slice::from_ref(word)].concat()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a command that pursues the goal already follows the advice.
    #[must_use]
    pub fn is_in(&self, command: &Command) -> bool {
        let has = |word: &String| command.words.iter().any(|other| flag_name(other) == *word);
        match self {
            Self::AddFlag(flag) => has(flag),
            Self::DropFlag(flag) => !has(flag),
            Self::Argument { from, .. } => !has(from),
            Self::Directory(directory) => command.dir.as_ref() == Some(directory),
            Self::Environment(name) => command.env.contains(name),
            _ => false,
        }
    }

    /// Whether a command that pursues the goal makes the choice that the advice is about. Any use is one of what is
    /// run otherwise; an argument is one only where it, or what replaces it, was given.
    #[must_use]
    pub fn concerns(&self, command: &Command) -> bool {
        match self {
            Self::Argument { from, to } => command.words.iter().any(|word| word == from || word == to),
            _ => true,
        }
    }

    /// It can be told to an agent as advice.
    #[must_use]
    pub fn is_advice(&self) -> bool {
        !matches!(self, Self::Retry | Self::Vary)
    }
}

/// How a later call relates to the failing one: `None` if it pursues another goal.
#[must_use]
pub fn relation(failing: &Action, command: Option<&Command>, later: &Action) -> Option<Fix> {
    if let Some(command) = command {
        // Tools that take the same arguments need not do the same: `cancel_order` and `release_hold`.
        let other_tool = failing.kind == ActionKind::Other && failing.tool != later.tool;
        let same = failing.kind == later.kind && !other_tool;
        return same.then(|| later.commands.iter().find_map(|other| change(command, other)))?;
    }
    let same_tool =
        failing.kind == later.kind && (failing.kind == ActionKind::Edit || failing.tool == later.tool);
    (same_tool && failing.target.is_some() && failing.target == later.target).then_some(Fix::Vary)
}

/// What doing something else first is called; `None` for looking around and for writing text.
#[must_use]
pub fn in_between(failing: &Action, other: &Action) -> Vec<Fix> {
    match other.kind {
        ActionKind::Shell => other
            .commands
            .iter()
            .filter(|command| !shell::is_a_look(&command.words))
            .map(|command| Fix::First(head(command).join(" ")))
            .collect(),
        ActionKind::Read if failing.target.is_some() && failing.target == other.target => vec![Fix::Reread],
        ActionKind::Read | ActionKind::Edit | ActionKind::Search => Vec::new(),
        ActionKind::Other => match &other.target {
            Some(target) if target.len() <= 40 => vec![Fix::FirstTool(format!("{} {target}", other.tool))],
            _ => vec![Fix::FirstTool(other.tool.clone())],
        },
    }
}

/// Of the commands of a failing line, the one that the error speaks of; the last if it names none.
#[must_use]
pub fn failing_command<'a>(action: &'a Action, error: &str) -> Option<&'a Command> {
    let named = |command: &Command| {
        command.words.iter().take(4).filter(|word| word.len() > 1 && mentions(error, word)).count()
    };
    let workers = action.commands.iter().filter(|c| c.words.first().is_some_and(|p| !shell::only_looks(p)));
    workers.max_by_key(|command| named(command)).or(action.commands.last())
}

/// Whether a text holds a word, not just as part of another.
#[must_use]
pub fn mentions(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, found)| {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
        !inside(before) && !inside(after)
    })
}

/// How one command differs from another with the same goal.
fn change(failing: &Command, later: &Command) -> Option<Fix> {
    let (a, b) = (failing.words.as_slice(), later.words.as_slice());
    let (program_a, program_b) = (a.first()?, b.first()?);
    let (head_a, head_b) = (head(failing), head(later));
    if head_a == head_b {
        return Some(same_head(failing, later));
    }
    if shell::only_looks(program_a) || shell::only_looks(program_b) {
        return None;
    }
    // `rtk bun run test` → `bun run test`: what stays starts with the later command's head.
    for cut in 1..=2 {
        if a.len() > cut && a.get(cut..).is_some_and(|rest| rest.starts_with(head_b)) && plain(a.get(..cut)?)
        {
            return Some(Fix::DropPrefix(a.get(..cut)?.join(" ")));
        }
    }
    for cut in 1..=3 {
        if b.len() > cut && b.get(cut..).is_some_and(|rest| rest.starts_with(head_a)) && plain(b.get(..cut)?)
        {
            return Some(Fix::AddPrefix(b.get(..cut)?.join(" ")));
        }
    }
    // `docker-compose up` → `docker compose up`, and back.
    if let Some((from, to)) = joined(a, b).or_else(|| joined(b, a).map(|(from, to)| (to, from))) {
        return Some(Fix::Program { from, to });
    }
    let (rest_a, rest_b) = (a.get(1..)?, b.get(1..)?);
    let same_subcommand = head_a.len() > 1 && head_a.get(1..) == head_b.get(1..);
    let same_rest = !rest_a.is_empty() && rest_a == rest_b;
    (program_a != program_b && (same_subcommand || same_rest))
        .then(|| Fix::Program { from: program_a.clone(), to: program_b.clone() })
}

/// A program whose name is another one's with a subcommand, and that, where both go on alike.
fn joined(a: &[String], b: &[String]) -> Option<(String, String)> {
    let ([one, rest @ ..], [program, subcommand, others @ ..]) = (a, b) else { return None };
    let (before, after) = one.split_once('-')?;
    (before == program && after == subcommand && rest.first() == others.first())
        .then(|| (one.clone(), format!("{program} {subcommand}")))
}

/// A wrapper is one or two names, not data.
fn plain(prefix: &[String]) -> bool {
    prefix.iter().all(|word| !word.starts_with('-') && word != shell::TEXT && !word.contains(['$', '=']))
}

fn same_head(failing: &Command, later: &Command) -> Fix {
    if let Some(name) = later.env.iter().find(|name| !failing.env.contains(name)) {
        return Fix::Environment(name.clone());
    }
    if failing.words == later.words {
        return match &later.dir {
            Some(dir) if failing.dir != later.dir => Fix::Directory(dir.clone()),
            _ => Fix::Retry,
        };
    }
    let flags = |command: &Command| -> Vec<String> {
        command.words.iter().filter(|word| word.starts_with('-')).map(|word| flag_name(word)).collect()
    };
    let (flags_a, flags_b) = (flags(failing), flags(later));
    let added: Vec<&String> = flags_b.iter().filter(|flag| !flags_a.contains(flag)).collect();
    let dropped: Vec<&String> = flags_a.iter().filter(|flag| !flags_b.contains(flag)).collect();
    match (added.as_slice(), dropped.as_slice()) {
        ([flag], []) => return Fix::AddFlag((*flag).clone()),
        ([], [flag]) => return Fix::DropFlag((*flag).clone()),
        ([], []) => {}
        _ => return Fix::Vary,
    }
    if failing.words.len() == later.words.len() {
        let mut differing = failing.words.iter().zip(&later.words).filter(|(a, b)| a != b);
        if let (Some((from, to)), None) = (differing.next(), differing.next())
            && [from, to].iter().all(|word| *word != shell::TEXT && !word.starts_with('-'))
        {
            return Fix::Argument { from: from.clone(), to: to.clone() };
        }
    }
    Fix::Vary
}

/// An option without its value, unless the value turns it round: `--verify=false` is no `--verify`.
#[must_use]
pub fn flag_name(word: &str) -> String {
    const OFF: [&str; 7] = ["false", "0", "no", "off", "never", "none", "disabled"];
    match word.split_once('=') {
        Some((_, value)) if OFF.contains(&value.to_ascii_lowercase().as_str()) => word.to_owned(),
        Some((name, _)) => name.to_owned(),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn changed(a: &str, b: &str) -> Option<Fix> {
        change(shell::parse(a).first()?, shell::parse(b).first()?)
    }

    #[test]
    fn a_value_that_turns_an_option_off_stays_with_it() {
        let found = changed("tool send x", "tool send --verify=false x");
        assert_eq!(found, Some(Fix::AddFlag("--verify=false".to_owned())));
        let found = changed("tool send x", "tool send --batch=20 x");
        assert_eq!(found, Some(Fix::AddFlag("--batch".to_owned())));
    }

    fn text(s: &str) -> String {
        s.to_owned()
    }

    #[rstest]
    #[case("rtk bun run test 2>&1", "bun run test | tail -3", Fix::DropPrefix(text("rtk")))]
    #[case("rtk test bun run test", "bun run test", Fix::DropPrefix(text("rtk test")))]
    #[case("pytest -q", "uv run pytest -q", Fix::AddPrefix(text("uv run")))]
    #[case("npm install lodash", "pnpm install lodash", Fix::Program { from: text("npm"), to: text("pnpm") })]
    #[case("docker-compose up -d", "docker compose up -d", Fix::Program { from: text("docker-compose"), to: text("docker compose") })]
    #[case("docker compose up", "docker-compose up", Fix::Program { from: text("docker compose"), to: text("docker-compose") })]
    #[case("python x.py", "python3 x.py", Fix::Program { from: text("python"), to: text("python3") })]
    #[case("npm install", "npm install --legacy-peer-deps", Fix::AddFlag(text("--legacy-peer-deps")))]
    #[case("go test -race ./...", "go test ./...", Fix::DropFlag(text("-race")))]
    #[case("cargo test", "cd src && cargo test", Fix::Directory(text("src")))]
    #[case("make build", "CI=1 make build", Fix::Environment(text("CI")))]
    #[case("git push origin master", "git push origin main", Fix::Argument { from: text("master"), to: text("main") })]
    #[case("make", "make", Fix::Retry)]
    #[case("cargo test a b", "cargo test c d", Fix::Vary)]
    fn changes_have_names(#[case] failing: &str, #[case] later: &str, #[case] fix: Fix) {
        assert_eq!(changed(failing, later), Some(fix));
    }

    #[rstest]
    #[case("bun run lint", "bun run lint:fix")]
    #[case("bun run lint", "bun run test")]
    #[case("git status", "git diff")]
    #[case("npm test", "ls test")]
    #[case("cat a", "head a")]
    fn other_goals_are_told_apart(#[case] failing: &str, #[case] later: &str) {
        assert_eq!(changed(failing, later), None);
    }

    #[test]
    fn tools_with_the_same_arguments_have_goals_of_their_own() {
        let action = |tool: &str| Action::read(tool, r#"{"order":"A1"}"#, None);
        let (cancel, release) = (action("cancel_order"), action("release_hold"));
        let command = cancel.commands.first();
        assert_eq!(relation(&cancel, command, &release), None);
        assert_eq!(relation(&cancel, command, &cancel), Some(Fix::Retry));
        assert_eq!(in_between(&cancel, &release), [Fix::FirstTool(text("release_hold"))]);
    }

    #[test]
    fn the_error_names_the_command_that_failed() {
        let action = Action::read("Bash", r#"{"command":"npm run build && rtk bun test && git push"}"#, None);
        let named = failing_command(&action, "error: unrecognized subcommand 'bun'").unwrap();
        assert_eq!(named.words[0], "rtk");
        assert_eq!(failing_command(&action, "something else").unwrap().words[0], "git");
        assert!(mentions("no 'bun' here", "bun") && !mentions("bundle", "bun"));
    }

    #[test]
    fn looking_around_is_nothing_in_between() {
        let failing = Action::read("Edit", r#"{"file_path":"a.rs","new_string":"x"}"#, None);
        let shell =
            |line: &str| Action::read("Bash", &serde_json::json!({ "command": line }).to_string(), None);
        assert_eq!(in_between(&failing, &shell("ls -la | head")), []);
        assert_eq!(in_between(&failing, &shell("git diff --stat")), []);
        assert_eq!(
            in_between(&failing, &shell("bun run lint:fix | tail -3")),
            [Fix::First(text("bun run lint:fix"))]
        );
        assert_eq!(
            in_between(&failing, &Action::read("Read", r#"{"file_path":"a.rs"}"#, None)),
            [Fix::Reread]
        );
        assert_eq!(in_between(&failing, &Action::read("Read", r#"{"file_path":"b.rs"}"#, None)), []);
    }
}
