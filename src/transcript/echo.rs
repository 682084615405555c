//! Text that may not count because it came from memory in the first place.
//!
//! Owns: recognising memory and rules in what agents say and read. Must not know: lessons or counts.
//!
//! A rule that is loaded into every session is restated in every session. Counted as evidence it
//! would confirm itself for ever.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::scan;

/// Tokens in a shingle.
const SHINGLE: usize = 5;

/// Share of a text's shingles that must stand in memory for the text to be an echo of it.
const CONTAINED: f64 = 0.7;

/// Names of files that hold rules which people write, wherever they lie.
pub const PEOPLE_WRITE: [&str; 5] =
    ["CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "GEMINI.md", "copilot-instructions.md"];

/// Name of the file that holds what the agent itself writes down.
const AGENT_WRITES: &str = "MEMORY.md";

/// Folders that hold rules or memory wherever they lie.
const RULE_FOLDERS: [&str; 5] =
    ["/.claude/rules/", "/.claude/memory/", "/.claude/agent-memory/", "/.learnings/", "/.cursor/rules/"];

/// Fields of a tool's input that name a file.
const PATH_FIELDS: [&str; 6] = ["file_path", "path", "notebook_path", "filePath", "file", "filename"];

/// Programs that show a file. Others that name a rules file (adding it to a commit, say) are not
/// reading memory.
const READERS: [&str; 15] = [
    "cat",
    "head",
    "tail",
    "less",
    "more",
    "bat",
    "sed",
    "awk",
    "grep",
    "rg",
    "nl",
    "type",
    "jq",
    "Get-Content",
    "gc",
];

/// An index of texts that agents are given, and of the files those lie in.
#[derive(Debug, Clone, Default)]
pub struct Echo {
    shingles: FxHashSet<u64>,
    folders: Vec<String>,
    files: Vec<String>,
}

impl Echo {
    /// An empty index: only well-known rules files are recognised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text that the agent is given: a memory document, a rules file, an earlier lesson.
    pub fn add_text(&mut self, text: &str) {
        each_shingle(text, |shingle| {
            self.shingles.insert(shingle);
        });
    }

    /// Adds a file that holds rules.
    pub fn add_file(&mut self, path: &str) {
        self.files.push(normal(path));
    }

    /// Adds a folder in which everything is memory.
    pub fn add_folder(&mut self, path: &str) {
        self.folders.push(format!("{}/", normal(path).trim_end_matches('/')));
    }

    /// How much of a text stands in the index, from 0 to 1; `None` for a text too short to tell.
    #[must_use]
    pub fn containment(&self, text: &str) -> Option<f64> {
        let (mut known, mut all) = (0_u32, 0_u32);
        each_shingle(text, |shingle| {
            all += 1;
            known += u32::from(self.shingles.contains(&shingle));
        });
        (all > 0).then(|| f64::from(known) / f64::from(all))
    }

    /// Whether a text repeats what the agent was given. Ask sentence by sentence: an echo inside a
    /// long text is diluted. What a person says is never an echo; don't ask.
    #[must_use]
    pub fn is_echo(&self, text: &str) -> bool {
        self.containment(text).is_some_and(|share| share >= CONTAINED)
    }

    /// Whether a path is that of a memory or rules file.
    #[must_use]
    pub fn is_memory_path(&self, path: &str) -> bool {
        let path = normal(path);
        let rooted = format!("/{path}");
        let name = path.rsplit('/').next().unwrap_or_default();
        PEOPLE_WRITE.contains(&name)
            || name == AGENT_WRITES
            || RULE_FOLDERS.iter().any(|folder| rooted.contains(folder))
            || rooted.contains("/projects/") && rooted.contains("/memory/") && path.contains(".claude")
            || self.files.contains(&path)
            || self.folders.iter().any(|folder| path.starts_with(folder.as_str()))
    }

    /// Whether a tool call, given its input as JSON, reads or writes memory or rules. What it answers
    /// is then no evidence.
    #[must_use]
    pub fn touches_memory(&self, input: &str) -> bool {
        let fields = scan::head(input);
        let texts = |names: &'static [&str]| {
            fields
                .iter()
                .filter(move |(key, _)| names.contains(key))
                .filter_map(|(_, value)| scan::text(value))
        };
        texts(&PATH_FIELDS).any(|path| self.is_memory_path(&path))
            || texts(&["command", "cmd"]).any(|command| self.shows_memory(&command))
    }

    fn shows_memory(&self, command: &str) -> bool {
        // A heredoc's body is what is written, not what is run.
        let command = command.split("<<").next().unwrap_or_default();
        command.split(['|', ';', '&', '\n']).any(|part| {
            let mut words = part.split([' ', '\t', '"', '\'', '(', ')']).filter(|word| !word.is_empty());
            words.any(|word| READERS.contains(&word)) && words.any(|word| self.is_memory_path(word))
        })
    }
}

/// Forward slashes, without the home folder's shorthand or a leading `./`.
fn normal(path: &str) -> String {
    let path = path.replace('\\', "/");
    path.strip_prefix("./").map(str::to_owned).unwrap_or(path)
}

/// Calls back for every run of [`SHINGLE`] words, upper and lower case alike, everything between words
/// ignored.
fn each_shingle(text: &str, mut each: impl FnMut(u64)) {
    let hasher = FxBuildHasher;
    let mut window = [0_u64; SHINGLE];
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    for (count, word) in words.enumerate() {
        window.rotate_left(1);
        if let Some(last) = window.last_mut() {
            *last = hash_of_word(hasher, word);
        }
        if count + 1 >= SHINGLE {
            each(hasher.hash_one(window));
        }
    }
}

fn hash_of_word(hasher: FxBuildHasher, word: &str) -> u64 {
    if word.chars().any(char::is_uppercase) {
        hasher.hash_one(word.to_lowercase())
    } else {
        hasher.hash_one(word)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn echo() -> Echo {
        let mut echo = Echo::new();
        echo.add_text("- **Always** run `bun run test` before you commit a change to the parser.");
        echo.add_folder("/home/x/agents/support/memory");
        echo.add_file("/srv/rules.txt");
        echo
    }

    #[rstest]
    #[case("I will always run bun run test before you commit a change to the parser", true)]
    #[case("ALWAYS run 'bun run test', before you commit", true)]
    #[case("the tests failed because the database was not there at all", false)]
    #[case("run bun run test", false)]
    #[case("", false)]
    fn what_was_given_is_recognised_in_what_is_said(#[case] said: &str, #[case] expected: bool) {
        assert_eq!(echo().is_echo(said), expected);
    }

    #[rstest]
    #[case("/Users/x/app/CLAUDE.md", true)]
    #[case("D:\\app\\CLAUDE.local.md", true)]
    #[case("./AGENTS.md", true)]
    #[case(".claude/rules/git.md", true)]
    #[case("~/.claude/projects/-x/memory/git.md", true)]
    #[case("C:\\Users\\x\\.claude\\projects\\D--x\\memory\\git.md", true)]
    #[case("/home/x/agents/support/memory/notes/a.md", true)]
    #[case("/home/x/agents/support/memory2/a.md", false)]
    #[case("/srv/rules.txt", true)]
    #[case("/home/x/src/memory/mod.rs", false)]
    #[case("README.md", false)]
    fn memory_paths_are_recognised(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(echo().is_memory_path(path), expected);
    }

    #[rstest]
    #[case(r#"{"file_path":"/x/CLAUDE.md","old_string":"a"}"#, true)]
    #[case(r#"{"file_path":"D:\\x\\CLAUDE.md"}"#, true)]
    #[case(r#"{"pattern":"x","path":"/x/.claude/memory/"}"#, true)]
    #[case(r#"{"command":"cat /x/CLAUDE.md | head -5"}"#, true)]
    #[case(r#"{"command":"cd /x && rtk grep -n foo \"AGENTS.md\""}"#, true)]
    #[case(r#"{"command":"git add CLAUDE.md && git commit -m 'x'"}"#, false)]
    #[case(r#"{"command":"cat > notes.txt <<'EOF'\nsee CLAUDE.md\nEOF"}"#, false)]
    #[case(r#"{"file_path":"/x/main.rs","content":"CLAUDE.md"}"#, false)]
    #[case("not json", false)]
    fn calls_that_touch_memory_are_recognised(#[case] input: &str, #[case] expected: bool) {
        assert_eq!(echo().touches_memory(input), expected);
    }
}
