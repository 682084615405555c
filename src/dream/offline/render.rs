//! Sentences an agent can act on.
//!
//! Owns: every word the engine writes into memory. Must not know: counts, dates, documents; a lesson
//! must read the same tomorrow. Only association is claimed: a thing "fails with" an error, something
//! is "done first"; nothing "causes" or "fixes" anything.

use std::collections::BTreeMap;

use super::fixes::{Fix, mentions};
use super::shapes;
use super::shell::{self, Command};
use super::wishes::Wish;
use crate::domain::text::is_unsafe;

/// What fails, as far as the failing calls agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// First words of the command; for other tools the tool's name; empty if any command may be meant.
    pub words: Vec<String>,
    /// Commands go on after them.
    pub more: bool,
}

/// Longest error text that is quoted.
const LONGEST_ERROR: usize = 100;

impl Trigger {
    /// What failing commands have in common. If the error names a word of the command, the trigger ends
    /// there: what follows does not matter to it. `None` if the commands differ too much to say which
    /// one the advice changes.
    #[must_use]
    pub fn of(commands: &[&Command], error: &str, fix: &Fix) -> Option<Self> {
        let mut heads: BTreeMap<&[String], usize> = BTreeMap::new();
        for command in commands {
            *heads.entry(shapes::head(command)).or_default() += 1;
        }
        let (head, count) = heads.iter().max_by_key(|(head, count)| (**count, std::cmp::Reverse(**head)))?;
        if count * 5 < commands.len() * 4 && !matches!(fix, Fix::DropPrefix(_)) {
            return (!fix.is_change()).then_some(Self { words: Vec::new(), more: false });
        }
        let wrapper: Vec<&str> =
            if let Fix::DropPrefix(prefix) = fix { prefix.split(' ').collect() } else { Vec::new() };
        let typical: Vec<&[String]> = commands
            .iter()
            .map(|command| command.words.as_slice())
            .filter(|words| words.starts_with(head) || !wrapper.is_empty())
            .filter(|words| words.iter().zip(&wrapper).all(|(word, part)| word == part))
            .collect();
        let first = *typical.first()?;
        let common = typical.iter().fold(first.len(), |length, words| {
            length.min(first.iter().zip(*words).take_while(|(a, b)| a == b).count())
        });
        let shared = first.get(..common.min(4)).unwrap_or_default();
        // Errors often open with the program's own name; that names no part of its command.
        let named = shared.iter().rposition(|word| word.len() > 1 && mentions(error, word));
        // Where the advice is about a word of the command, the head says which command is meant.
        let about_words = matches!(fix, Fix::AddFlag(_) | Fix::DropFlag(_) | Fix::Argument { .. });
        let named = named.filter(|at| *at > 0 && !about_words).map(|at| at + 1);
        let length = match named {
            Some(length) if length > wrapper.len() => length,
            _ if wrapper.is_empty() => head.len(),
            _ => common.min(wrapper.len() + 1),
        };
        let words: Vec<String> =
            first.get(..length)?.iter().take_while(|word| *word != shell::TEXT).cloned().collect();
        let more = commands.iter().any(|command| command.words.len() > words.len());
        (!words.is_empty()).then_some(Self { words, more })
    }

    /// Whether a command is one of those that could have failed.
    #[must_use]
    pub fn covers(&self, command: &Command) -> bool {
        command.words.starts_with(&self.words)
    }

    /// What is about to be done where the advice matters; `None` if that may be any command.
    #[must_use]
    pub fn when(&self) -> Option<String> {
        (!self.words.is_empty()).then(|| self.shown())
    }

    fn shown(&self) -> String {
        if self.words.is_empty() {
            return "a command".to_owned();
        }
        let words = self.words.join(" ");
        code(&if self.more { format!("{words} …") } else { words })
    }
}

/// The sentence for a mistake and what ended it.
#[must_use]
pub fn mistake(fix: &Fix, trigger: &Trigger, template: &str) -> String {
    let shown = trigger.shown();
    let plain = code(&trigger.words.join(" "));
    let error = error_text(template);
    let after = |skip: usize| trigger.words.get(skip..).unwrap_or_default().join(" ");
    match fix {
        Fix::DropPrefix(prefix) => {
            let rest = after(prefix.split(' ').count());
            let what = if rest.is_empty() { "the command".to_owned() } else { code(&rest) };
            format!("Run {what} directly, not through {}: {shown} fails with \"{error}\".", code(prefix))
        }
        Fix::AddPrefix(prefix) => {
            format!("Run {plain} through {}: {shown} by itself fails with \"{error}\".", code(prefix))
        }
        Fix::Program { to, .. } => {
            let instead = code(format!("{to} {}", after(1)).trim());
            format!("Use {instead} instead of {plain}: {shown} fails with \"{error}\".")
        }
        Fix::AddFlag(flag) => {
            format!("Pass {} to {plain}: without it the command fails with \"{error}\".", code(flag))
        }
        Fix::DropFlag(flag) => {
            format!("Run {plain} without {}: with it the command fails with \"{error}\".", code(flag))
        }
        Fix::Argument { from, to } => {
            format!("With {plain}, use {} instead of {}, which fails with \"{error}\".", code(to), code(from))
        }
        Fix::Directory(directory) => {
            format!("Run {plain} in {}: elsewhere it fails with \"{error}\".", code(directory))
        }
        Fix::Environment(name) => {
            format!("Set {} for {plain}: without it the command fails with \"{error}\".", code(name))
        }
        Fix::First(command) => {
            format!("When {shown} fails with \"{error}\", run {} before trying again.", code(command))
        }
        Fix::FirstTool(tool) => {
            format!("When {shown} fails with \"{error}\", use {} before trying again.", code(tool))
        }
        Fix::Reread => {
            format!("When {shown} fails with \"{error}\", read the file again before the next try.")
        }
        Fix::Retry | Fix::Vary => format!("{shown} fails with \"{error}\"."),
    }
}

/// The sentence for a mistake that nothing ended.
#[must_use]
pub fn unresolved(trigger: &Trigger, template: &str) -> String {
    format!(
        "{} keeps failing with \"{}\", and nothing tried so far reliably ended it; say so and ask instead of trying again.",
        trigger.shown(),
        error_text(template)
    )
}

/// The sentence for what fails whenever it is used.
#[must_use]
pub fn hopeless(trigger: &Trigger, template: &str) -> String {
    format!(
        "{} always fails here with \"{}\"; do without it, or ask before trying.",
        trigger.shown(),
        error_text(template)
    )
}

/// A few words that name the lesson of a mistake: the title of a document of its own.
#[must_use]
pub fn mistake_title(fix: &Fix, trigger: &Trigger) -> String {
    let words =
        if trigger.words.is_empty() { "a command".to_owned() } else { clean(&trigger.words.join(" ")) };
    let after = |skip: usize| trigger.words.get(skip..).unwrap_or_default().join(" ");
    let title = match fix {
        Fix::DropPrefix(prefix) => {
            let rest = after(prefix.split(' ').count());
            if rest.is_empty() { format!("Without {prefix}") } else { format!("Run {rest} without {prefix}") }
        }
        Fix::AddPrefix(prefix) => format!("Run {words} through {prefix}"),
        Fix::Program { to, .. } => format!("{to} {} instead of {words}", after(1)),
        Fix::AddFlag(flag) => format!("{words} needs {flag}"),
        Fix::DropFlag(flag) => format!("{words} without {flag}"),
        Fix::Argument { from, to } => format!("{words} with {to} instead of {from}"),
        Fix::Directory(directory) => format!("{words} runs in {directory}"),
        Fix::Environment(name) => format!("{words} needs {name}"),
        Fix::First(command) => format!("{command} when {words} fails"),
        Fix::FirstTool(tool) => format!("{tool} when {words} fails"),
        Fix::Reread => format!("Read again when {words} fails"),
        Fix::Retry | Fix::Vary => format!("{words} fails"),
    };
    clean(&title)
}

/// How the sentence for steps that are taken in one order begins.
pub const ORDER: &str = "Usual order here: ";

/// The sentence for steps that are taken in one order.
#[must_use]
pub fn workflow(steps: &[&str]) -> String {
    let steps: Vec<String> = steps.iter().map(|step| code(step)).collect();
    format!("{ORDER}{}.", steps.join(", then "))
}

/// A few words that name a workflow: what it leads to.
#[must_use]
pub fn workflow_title(steps: &[&str]) -> String {
    clean(&format!("Steps before {}", steps.last().copied().unwrap_or("the end")))
}

/// A sentence as a title: no code marks, no full stop.
#[must_use]
pub fn as_title(sentence: &str) -> String {
    sentence.replace('`', "").trim_end_matches('.').to_owned()
}

/// The sentence for a preference, in the person's words. `is_program` tells names of programs, which
/// are set as code.
#[must_use]
pub fn preference(wish: &Wish, is_program: &dyn Fn(&str) -> bool) -> String {
    let thing = |text: &str| {
        let bare = clean(text);
        let as_code = super::words::looks_like_code(&bare)
            || is_program(&bare)
            || wish.sentence.contains(&format!("`{bare}`"));
        if as_code { code(&bare) } else { bare }
    };
    match (&wish.that, wish.wanted) {
        (Some(that), _) => {
            let (mut this, mut that) = (thing(&wish.this), thing(that));
            // A name opposed to a name: if one is a program, the other is meant as one.
            if this.starts_with('`') != that.starts_with('`') && !this.contains(' ') && !that.contains(' ') {
                this = code(this.trim_matches('`'));
                that = code(that.trim_matches('`'));
            }
            format!("Use {this} instead of {that}.")
        }
        (None, true) => format!("Always {}.", phrase(&wish.this)),
        (None, false) => {
            let what = phrase(&wish.this);
            let doing = what.split(' ').next().is_some_and(|word| word.len() > 5 && word.ends_with("ing"));
            if doing { format!("Avoid {what}.") } else { format!("Don't {what}.") }
        }
    }
}

/// "Use x instead of y." becomes "Use x instead of y for prices."; what stood in front of it stays there.
#[must_use]
pub fn within(sentence: &str, scope: &str) -> String {
    let scope = scope_text(scope);
    let ahead = scope.chars().next().is_some_and(char::is_uppercase) || scope.starts_with("when");
    if !ahead {
        return format!("{} {scope}.", sentence.trim_end_matches('.'));
    }
    let mut letters = scope.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let mut rest = sentence.chars();
    let verb: String = rest.next().map(|c| c.to_lowercase().collect()).unwrap_or_default();
    format!("{first}{}, {verb}{}", letters.as_str(), rest.as_str())
}

/// A scope in the person's words; what is set as code there stays so.
fn scope_text(scope: &str) -> String {
    let parts = scope.split('`').enumerate();
    let shown = parts.map(|(at, part)| if at % 2 == 1 { code(part) } else { clean(part) });
    shown.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A template as it may be quoted: masks become `…`.
#[must_use]
pub fn error_text(template: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    // A secret that was masked varies like everything else that was.
    let template = without_secrets(template);
    let mut rest = template.as_str();
    while !rest.is_empty() {
        let (token, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = behind;
        let next = without_masks(&without_made_quote(token, behind));
        if next != "…" || shown.last().is_none_or(|last| last != "…") {
            shown.push(next);
        }
    }
    let text = clean(&shown.join(" ")).replace('"', "'");
    let text =
        ["error: ", "Error: ", "ERROR: "].iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(&text);
    let text = text.trim_end_matches(['.', ':', ' ']);
    if text.chars().count() <= LONGEST_ERROR {
        return closed(text);
    }
    let cut: String = text.chars().take(LONGEST_ERROR).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(head, _)| head);
    closed(&format!("{} …", cut.trim_end_matches(['…', ' '])))
}

/// A token with `…` in the place of what is masked in it; what stands around that stays.
fn without_masks(token: &str) -> String {
    let mut out = String::new();
    let mut rest = token;
    while let Some((head, masked)) = rest.split_once('<') {
        let Some((mask, tail)) = masked.split_once('>') else {
            // A file name with a blank in it.
            if masked.starts_with("path") {
                return format!("{out}{head}…");
            }
            break;
        };
        // A mark of two signs is not a mask: `<=`, `<<`, `<>`.
        if mask.is_empty() || mask.starts_with(['=', '<', '-']) {
            out.push_str(head);
            out.push('<');
            rest = masked;
            continue;
        }
        // What is left of `./x` once the path is masked is no more than a full stop.
        let is_lead = head.chars().all(|c| c == '.') && out.is_empty();
        out.push_str(if is_lead { "" } else { head });
        if !out.ends_with('…') {
            out.push('…');
        }
        rest = tail;
    }
    // "… at <path>. Is it running?" has its end in the ellipsis.
    if !(rest == "." && out.ends_with('…')) {
        out.push_str(rest);
    }
    out
}

/// A token that begins with a quotation has been given an end of it (`{'error":"missing' api key"}`): where the end
/// follows later, the one that was made up goes.
fn without_made_quote(token: &str, behind: &str) -> String {
    let is_edge = |c: char| !c.is_alphanumeric() && c != '\'';
    let bare = token.trim_end_matches(is_edge);
    let begins = token.trim_start_matches(is_edge).starts_with('\'');
    let inner = bare.strip_suffix('\'').filter(|inner| begins && inner.contains('"'));
    let ends_later = behind.matches('"').count() % 2 == 1;
    match inner.filter(|_| ends_later) {
        Some(inner) => format!("{inner}{}", token.get(bare.len()..).unwrap_or("")),
        None => token.to_owned(),
    }
}

/// A text with an end for each bracket that was opened in it: masks and cuts take some along.
fn closed(text: &str) -> String {
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            c if open.last() == Some(&c) => {
                open.pop();
            }
            _ => {}
        }
    }
    text.chars().chain(open.into_iter().rev()).collect()
}

fn without_secrets(text: &str) -> String {
    let mut parts = text.split("[masked ");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |text, part| {
        let rest = part.split_once(']').map_or("", |(_, rest)| rest);
        format!("{text}<secret>{rest}")
    })
}

/// A text as code; what transcripts hold can't end the code span. Characters that hide or reorder stay in it: without
/// them it would be another command than the one that ran, and nobody could tell. A guard blocks what has them.
#[must_use]
pub fn code(text: &str) -> String {
    let shown = text.replace('`', "'");
    format!("`{}`", shown.split_ascii_whitespace().collect::<Vec<_>>().join(" "))
}

/// Without backticks, line ends and characters that can't be seen: a quotation says what could be read.
fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c == '`' { '\'' } else { c })
        .filter(|c| c.is_ascii_whitespace() || !is_unsafe(*c))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A person's phrase: code spans stay, words of politeness at the end go.
fn phrase(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_unsafe(*c)).collect();
    let mut words: Vec<&str> = visible.split_whitespace().collect();
    while let Some(last) = words.last() {
        let last = last.trim_end_matches(',').to_lowercase();
        if matches!(last.as_str(), "please" | "thanks" | "again" | "ok" | "okay" | "and" | "now") {
            words.pop();
        } else {
            break;
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(lines: &[&str], error: &str, fix: &Fix) -> Trigger {
        let commands: Vec<Command> = lines.iter().flat_map(|line| shell::parse(line)).collect();
        Trigger::of(&commands.iter().collect::<Vec<_>>(), error, fix).unwrap()
    }

    #[test]
    fn the_headline() {
        let fix = Fix::DropPrefix("rtk".into());
        let template = "error: unrecognized subcommand 'bun'";
        let trigger = trigger(&["rtk bun run test 2>&1", "rtk bun run lint"], template, &fix);
        assert_eq!(
            mistake(&fix, &trigger, template),
            "Run `bun` directly, not through `rtk`: `rtk bun …` fails with \"unrecognized subcommand 'bun'\"."
        );
        assert!(trigger.covers(&shell::parse("rtk bun install")[0]));
        assert!(!trigger.covers(&shell::parse("bun install")[0]));
    }

    #[test]
    fn every_fix_has_a_sentence() {
        let say = |fix: Fix, line: &str, error: &str| mistake(&fix, &trigger(&[line], error, &fix), error);
        let program = Fix::Program { from: "npm".into(), to: "pnpm".into() };
        assert_eq!(
            say(program, "npm install", "npm error code EUNSUPPORTED"),
            "Use `pnpm install` instead of `npm install`: `npm install` fails with \"npm error code EUNSUPPORTED\"."
        );
        assert_eq!(
            say(Fix::AddPrefix("uv run".into()), "pytest -q", "pytest: command not found"),
            "Run `pytest` through `uv run`: `pytest …` by itself fails with \"pytest: command not found\"."
        );
        assert_eq!(
            say(
                Fix::First("bun run lint:fix".into()),
                "bun run lint",
                "error: script 'lint' exited with code 1"
            ),
            "When `bun run lint` fails with \"script 'lint' exited with code 1\", run `bun run lint:fix` before trying again."
        );
        assert_eq!(
            say(Fix::Directory("src".into()), "go build ./...", "go: cannot find main module"),
            "Run `go build` in `src`: elsewhere it fails with \"go: cannot find main module\"."
        );
        assert_eq!(
            say(Fix::DropFlag("-race".into()), "go test -race", "go: -race is not supported"),
            "Run `go test` without `-race`: with it the command fails with \"go: -race is not supported\"."
        );
    }

    #[test]
    fn commands_that_differ_are_not_named() {
        let error = "error: no space left on device";
        let first = Fix::First("disk clean".into());
        let any = trigger(&["make docs", "npm install", "cargo build"], error, &first);
        assert_eq!(
            mistake(&first, &any, error),
            "When a command fails with \"no space left on device\", run `disk clean` before trying again."
        );
        let commands: Vec<Command> =
            ["make docs", "npm install"].iter().flat_map(|line| shell::parse(line)).collect();
        let commands: Vec<&Command> = commands.iter().collect();
        assert_eq!(Trigger::of(&commands, error, &Fix::AddFlag("-q".into())), None);
    }

    #[test]
    fn masks_become_ellipses_and_hidden_characters_go() {
        assert_eq!(error_text("File does not exist: <path.ts>."), "File does not exist: …");
        assert_eq!(error_text("error: a <n> <*> \u{202e}`b`"), "a … 'b'");
        assert_eq!(error_text("error: needs the key [masked github-token], not x"), "needs the key …, not x");
        assert!(error_text(&"word ".repeat(80)).chars().count() <= LONGEST_ERROR + 2);
        assert_eq!(code("a`b\nc"), "`a'b c`");
        assert_eq!(code("a\u{200b}b \u{202e}c"), "`a\u{200b}b \u{202e}c`", "not another command");
    }

    #[rstest::rstest]
    #[case("carrier API unavailable (<n>)", "carrier API unavailable (…)")]
    #[case(
        "curl: (<n>) Operation timed out after <n> milliseconds",
        "curl: (…) Operation timed out after … milliseconds"
    )]
    #[case("bash: .<path:run.sh>: No such file or directory", "bash: …: No such file or directory")]
    #[case("cannot find <path:a>, <path:b> <path:c>", "cannot find …, …")]
    #[case("id=<id>,<id>; x", "id=…,…; x")]
    #[case("nothing at <path:a>. Is it there?", "nothing at … Is it there?")]
    #[case("bad pnpm (wanted a <= b", "bad pnpm (wanted a <= b)")]
    #[case("{'error\":\"missing' api key\"}", "{'error':'missing api key'}")]
    #[case("{'error\":\"missing'}", "{'error':'missing'}")]
    #[case("can't find 'x'", "can't find 'x'")]
    fn what_stands_around_a_mask_stays(#[case] template: &str, #[case] expected: &str) {
        assert_eq!(error_text(template), expected);
    }

    #[test]
    fn a_cut_leaves_no_bracket_open() {
        let text = error_text(&format!("failed ({}", "word ".repeat(40)));
        assert!(text.ends_with("word …)"), "{text}");
    }

    #[test]
    fn a_scope_stands_where_it_was_said() {
        let sentence = "Use `Decimal` instead of `float`.";
        assert_eq!(within(sentence, "for prices"), "Use `Decimal` instead of `float` for prices.");
        assert_eq!(within(sentence, "in `src/money`"), "Use `Decimal` instead of `float` in `src/money`.");
        assert_eq!(within(sentence, "For prices"), "For prices, use `Decimal` instead of `float`.");
        assert_eq!(within(sentence, "when you add"), "When you add, use `Decimal` instead of `float`.");
        assert_eq!(within(sentence, "for a\u{202e}b\n"), "Use `Decimal` instead of `float` for ab.");
    }

    #[test]
    fn preferences_keep_the_persons_words() {
        let wish = |this: &str, that: Option<&str>, wanted| Wish {
            sentence: String::new(),
            score: 0,
            wanted,
            this: this.into(),
            that: that.map(Into::into),
            scope: None,
        };
        let program = |word: &str| word.ends_with("npm");
        assert_eq!(preference(&wish("pnpm", Some("npm"), true), &program), "Use `pnpm` instead of `npm`.");
        assert_eq!(preference(&wish("tabs", Some("spaces"), true), &program), "Use tabs instead of spaces.");
        assert_eq!(
            preference(&wish("run `make fmt` before you commit please", None, true), &program),
            "Always run `make fmt` before you commit."
        );
        assert_eq!(preference(&wish("push to main", None, false), &program), "Don't push to main.");
        assert_eq!(preference(&wish("adding comments", None, false), &program), "Avoid adding comments.");
    }
}
