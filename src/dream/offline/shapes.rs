//! The shape of an action: what was done, without the details that differ every time.
//!
//! Owns: how a tool call's input becomes an [`Action`], and which words of a command name its goal.
//! Must not know: whether the action worked.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::shell::{self, Command};
use crate::guard::secrets;
use crate::transcript::origin;

/// What a call does, by the look of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ActionKind {
    /// Runs a command line.
    Shell,
    /// Writes a file.
    Edit,
    /// Reads a file.
    Read,
    /// Searches.
    Search,
    /// Anything else: named by tool and argument names.
    Other,
}

/// One tool call, reduced.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Action {
    /// Tool name.
    pub tool: String,
    /// What it does.
    pub kind: ActionKind,
    /// Simple commands of a command line; for other tools the tool and its argument names as flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
    /// File or thing it is about, relative to the working directory where it lies inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What it searches for, secrets masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sought: Option<String>,
    /// Its answer is written by strangers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outside: bool,
}

/// Longest search pattern that is kept, in bytes.
const LONGEST_PATTERN: usize = 120;

/// The inputs that matter; everything else is skipped without being built.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Input<'a> {
    #[serde(borrow)]
    command: Option<&'a RawValue>,
    #[serde(borrow)]
    cmd: Option<&'a RawValue>,
    #[serde(borrow, alias = "filePath", alias = "notebook_path", alias = "filename")]
    file_path: Option<Cow<'a, str>>,
    #[serde(borrow)]
    path: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "name")]
    skill: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pattern: Option<&'a RawValue>,
    #[serde(borrow, alias = "new_source", alias = "newString", alias = "edits", alias = "content")]
    new_string: Option<&'a RawValue>,
}

impl Action {
    /// Reads a call's input. `cwd` makes paths inside the working directory relative.
    #[must_use]
    pub fn read(tool: &str, input: &str, cwd: Option<&str>) -> Self {
        let mut action = Self {
            tool: tool.to_owned(),
            kind: ActionKind::Other,
            commands: Vec::new(),
            target: None,
            sought: None,
            outside: origin::is_outside(tool, input),
        };
        // A mistyped field loses the fields, not the call: its name is still known.
        let fields: Input<'_> = serde_json::from_str(input).unwrap_or_default();
        if let Some(line) = fields.command.or(fields.cmd).and_then(command_line) {
            action.kind = ActionKind::Shell;
            // Only what is kept is searched for secrets: most of an input is file contents.
            action.commands = shell::parse(&relative_to(&secrets::redact(&line), cwd));
            return action;
        }
        action.target = fields
            .file_path
            .as_deref()
            .or(fields.path.as_deref())
            .or(fields.skill.as_deref())
            .filter(|target| target.len() <= 300)
            .map(|target| relative_to(&secrets::redact(target), cwd).into_owned());
        action.kind = match (
            fields.file_path.is_some() || fields.path.is_some(),
            &fields.new_string,
            &fields.pattern,
        ) {
            (true, Some(_), _) => ActionKind::Edit,
            (_, _, Some(_)) => ActionKind::Search,
            (true, None, None) => ActionKind::Read,
            _ => ActionKind::Other,
        };
        if action.kind == ActionKind::Search {
            let pattern = fields.pattern.and_then(|raw| serde_json::from_str::<Cow<'_, str>>(raw.get()).ok());
            let short = pattern.filter(|pattern| pattern.len() <= LONGEST_PATTERN);
            action.sought = short.map(|pattern| secrets::redact(&pattern).into_owned());
        }
        if action.kind == ActionKind::Other {
            let mut words = vec![tool.to_owned()];
            words.extend(argument_names(input).into_iter().map(|name| format!("--{name}")));
            action.commands.push(Command { words, ..Command::default() });
        }
        action
    }

    /// Whether a pipe or an `||` keeps the exit code from the client.
    #[must_use]
    pub fn hides_failure(&self) -> bool {
        self.commands.iter().any(|command| command.hidden)
    }
}

/// A command line as a tool is given it: a text, or a list of words, which may be a shell and its script.
fn command_line(raw: &RawValue) -> Option<Cow<'_, str>> {
    let json = raw.get();
    if !json.starts_with('[') {
        return serde_json::from_str(json).ok();
    }
    let words: Vec<Cow<'_, str>> = serde_json::from_str(json).ok()?;
    if let [shell, option, script] = words.as_slice()
        && matches!(shell.rsplit('/').next(), Some("bash" | "sh" | "zsh" | "dash" | "ash"))
        && matches!(option.as_ref(), "-c" | "-lc" | "-ic" | "-ec")
    {
        return Some(script.clone().into_owned().into());
    }
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = words.iter().map(|word| {
        let plain = !word.is_empty() && word.chars().all(is_plain);
        if plain { word.to_string() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    });
    Some(quoted.collect::<Vec<_>>().join(" ").into())
}

/// The argument names of a JSON object, sorted; at most twelve.
fn argument_names(input: &str) -> Vec<String> {
    let object: std::collections::BTreeMap<Cow<'_, str>, &RawValue> =
        serde_json::from_str(input).unwrap_or_default();
    object.into_keys().filter(|name| name.len() <= 40).take(12).map(Cow::into_owned).collect()
}

/// Replaces the working directory by nothing, so that the same file has the same name in every clone.
fn relative_to<'a>(text: &'a str, cwd: Option<&str>) -> Cow<'a, str> {
    match cwd.filter(|cwd| cwd.len() > 1 && text.contains(*cwd)) {
        None => Cow::Borrowed(text),
        Some(cwd) => {
            let inside = text.replace(&format!("{cwd}/"), "").replace(&format!("{cwd}\\"), "");
            Cow::Owned(inside.replace(cwd, "."))
        }
    }
}

/// Programs whose first argument is data, not a subcommand.
fn takes_data(program: &str) -> bool {
    shell::only_looks(program)
        || matches!(
            program,
            "python"
                | "python3"
                | "node"
                | "ruby"
                | "perl"
                | "php"
                | "bash"
                | "sh"
                | "zsh"
                | "mkdir"
                | "rm"
                | "cp"
                | "mv"
                | "touch"
                | "chmod"
                | "chown"
                | "ln"
                | "kill"
                | "pkill"
                | "killall"
                | "curl"
                | "wget"
                | "tar"
                | "unzip"
                | "zip"
                | "ssh"
                | "scp"
                | "rsync"
                | "psql"
                | "sqlite3"
                | "open"
                | "code"
                | "vim"
                | "timeout"
        )
}

/// Subcommands that take the real subcommand as their argument.
fn passes_on(word: &str) -> bool {
    let runs = matches!(
        word,
        "run" | "exec" | "compose" | "x" | "dlx" | "task" | "tool" | "run-script" | "-m" | "-p" | "-w"
    );
    // To look at a thing is not to change it: `kubectl rollout status` and `restart` differ.
    let groups = matches!(
        word,
        "rollout"
            | "pr"
            | "issue"
            | "stash"
            | "remote"
            | "worktree"
            | "submodule"
            | "container"
            | "image"
            | "volume"
    );
    runs || groups
}

/// The words of a command that name its goal: the program, its subcommand, and what a runner runs.
#[must_use]
pub fn head(command: &Command) -> &[String] {
    let words = command.words.as_slice();
    let Some(program) = words.first() else { return words };
    let at = |index: usize| words.get(index).map(String::as_str);
    let mut length = 1;
    // What an interpreter runs is what is done: `python manage.py migrate`.
    if is_interpreter(program) && at(1).is_some_and(is_script) {
        return words.get(..2 + usize::from(at(2).is_some_and(is_name))).unwrap_or(words);
    }
    let module = matches!(program.as_str(), "python" | "python3") && at(1) == Some("-m");
    if module || (!takes_data(program) && at(1).is_some_and(is_name)) {
        length = 2;
        if at(1).is_some_and(passes_on) && at(2).is_some_and(is_name) {
            length = 3;
        }
    }
    words.get(..length).unwrap_or(words)
}

/// Programs that run the script they are given.
#[must_use]
pub fn is_interpreter(program: &str) -> bool {
    matches!(program, "python" | "python3" | "node" | "ruby" | "perl" | "php" | "bash" | "sh" | "zsh")
}

/// A script that belongs to a project: named by its place within it, and by its ending.
fn is_script(word: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["py", "js", "cjs", "mjs", "ts", "rb", "pl", "php", "sh", "bash", "zsh", "lua"];
    let ending = word.rsplit_once('.').map(|(_, ending)| ending);
    word.len() <= 60
        && !word.starts_with(['/', '~', '-', '$', '.'])
        && ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

/// A bare word: a subcommand or script name rather than a flag, path, number or text.
fn is_name(word: &str) -> bool {
    word.len() <= 40
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of(line: &str) -> String {
        shell::parse(line).first().map(|c| head(c).join(" ")).unwrap_or_default()
    }

    #[test]
    fn heads_name_the_goal() {
        for (line, expected) in [
            ("bun run lint:fix 2>&1", "bun run lint:fix"),
            ("rtk bun run test", "rtk bun"),
            ("git commit -m x", "git commit"),
            ("cargo test --lib", "cargo test"),
            ("docker compose up -d", "docker compose up"),
            ("kubectl rollout restart deployment/web", "kubectl rollout restart"),
            ("python -m pytest -q", "python -m pytest"),
            ("python x.py", "python x.py"),
            ("python manage.py makemigrations shop", "python manage.py makemigrations"),
            ("python /tmp/x.py", "python"),
            ("node scripts/build.mjs --fast", "node scripts/build.mjs"),
            ("python -c 'x'", "python"),
            ("npx prettier --check .", "npx prettier"),
            ("cat notes", "cat"),
            ("make", "make"),
            ("ls -la", "ls"),
        ] {
            assert_eq!(head_of(line), expected, "{line}");
        }
    }

    #[test]
    fn inputs_become_actions() {
        let cwd = Some("/home/x/app");
        let shell = Action::read(
            "Bash",
            r#"{"command":"cd /home/x/app/web && npm test | tail -3","timeout":5}"#,
            cwd,
        );
        assert_eq!(shell.kind, ActionKind::Shell);
        assert_eq!(shell.commands[0].dir.as_deref(), Some("web"));
        assert!(shell.hides_failure());
        let edit = Action::read(
            "Edit",
            r#"{"file_path":"/home/x/app/a.rs","old_string":"x","new_string":"y"}"#,
            cwd,
        );
        assert_eq!((edit.kind, edit.target.as_deref()), (ActionKind::Edit, Some("a.rs")));
        let read = Action::read("Read", r#"{"file_path":"/home/x/app","limit":3}"#, cwd);
        assert_eq!((read.kind, read.target.as_deref()), (ActionKind::Read, Some(".")));
        assert_eq!(Action::read("Grep", r#"{"pattern":"x","path":"/"}"#, cwd).kind, ActionKind::Search);
        let skill = Action::read("Skill", r#"{"skill":"commit"}"#, cwd);
        assert_eq!((skill.kind, skill.target.as_deref()), (ActionKind::Other, Some("commit")));
        let custom = Action::read("get_user", r#"{"user_id":"a","deep":{"x":1}}"#, None);
        assert_eq!(custom.commands[0].words, ["get_user", "--deep", "--user_id"]);
        assert_eq!(Action::read("Odd", "[1]", None).kind, ActionKind::Other);
    }
}
