//! Shell command lines as lists of simple commands.
//!
//! Owns: just enough of the shell's grammar to see which programs a line runs, with which words, in
//! which directory, and whether a pipe hides the exit code. Must not know: what commands mean. A line
//! it can't follow gives fewer commands, never an error.

use serde::{Deserialize, Serialize};

use crate::guard::secrets;

/// How a mask begins, up to its blank.
const MASK: &str = "[masked";

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Command {
    /// Directory a `cd` before it on the same line went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Names of variables set for it on the same line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Program and arguments, without redirections; texts with spaces are `<text>`.
    pub words: Vec<String>,
    /// Its exit code is not the line's: it feeds a pipe, or something runs whatever comes of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// The program at the end of the pipe, whose exit code the line has instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_in: Option<String>,
}

/// Stands for an argument that is prose or program text.
pub const TEXT: &str = "<text>";

const LONGEST_LINE: usize = 8 * 1024;
const MOST_COMMANDS: usize = 12;
const MOST_WORDS: usize = 24;
const LONGEST_WORD: usize = 80;

/// A command that only looks, or only passes on what another one says: at any moment, between any two steps.
pub fn is_a_look(words: &[String]) -> bool {
    let at = |index: usize| words.get(index).map(String::as_str);
    let with_git =
        at(0) == Some("git") && matches!(at(1), Some("blame" | "diff" | "grep" | "log" | "show" | "status"));
    at(0).is_none_or(only_looks) || with_git
}

/// Programs that only look, or only pass on what another command says.
pub fn only_looks(program: &str) -> bool {
    matches!(
        program,
        "ls" | "cat"
            | "head"
            | "tail"
            | "grep"
            | "egrep"
            | "rg"
            | "find"
            | "fd"
            | "pwd"
            | "echo"
            | "printf"
            | "wc"
            | "which"
            | "where"
            | "type"
            | "tree"
            | "stat"
            | "file"
            | "sed"
            | "awk"
            | "less"
            | "more"
            | "diff"
            | "cmp"
            | "sort"
            | "uniq"
            | "cut"
            | "tr"
            | "tee"
            | "xargs"
            | "jq"
            | "yq"
            | "sleep"
            | "true"
            | "false"
            | "date"
            | "env"
            | "ps"
            | "du"
            | "df"
            | "test"
            | "["
            | "pgrep"
            | "column"
            | "nl"
            | "cd"
            | "od"
            | "xxd"
            | "basename"
            | "dirname"
            | "realpath"
            | "whoami"
            | "uname"
            | "command"
    )
}

/// Splits a command line.
#[must_use]
pub fn parse(line: &str) -> Vec<Command> {
    let mut lexer = Lexer { rest: cap(line, LONGEST_LINE).chars().peekable() };
    let mut builder = Builder::default();
    while let Some(token) = lexer.next_token() {
        match token {
            Token::Word(word) => builder.word(word),
            Token::Redirect => builder.skip_next = true,
            Token::Operator(operator) => builder.operator(operator),
        }
        if builder.done.len() >= MOST_COMMANDS {
            break;
        }
    }
    builder.finish()
}

fn cap(text: &str, limit: usize) -> &str {
    if text.len() <= limit { text } else { text.get(..text.floor_char_boundary(limit)).unwrap_or(text) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
    Then,
    Pipe,
}

enum Token {
    Word(String),
    Redirect,
    Operator(Operator),
}

struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

impl Lexer<'_> {
    fn next_token(&mut self) -> Option<Token> {
        loop {
            let c = *self.rest.peek()?;
            match c {
                ' ' | '\t' | '\r' => {
                    self.rest.next();
                }
                '#' => while self.rest.next_if(|c| *c != '\n').is_some() {},
                '\n' | ';' | '(' | ')' => {
                    self.rest.next();
                    return Some(Token::Operator(Operator::Then));
                }
                '|' => {
                    self.rest.next();
                    let or = self.rest.next_if_eq(&'|').is_some();
                    self.rest.next_if_eq(&'&');
                    return Some(Token::Operator(if or { Operator::Or } else { Operator::Pipe }));
                }
                '&' => {
                    self.rest.next();
                    if self.rest.next_if_eq(&'&').is_some() {
                        return Some(Token::Operator(Operator::And));
                    }
                    if self.rest.next_if_eq(&'>').is_some() {
                        self.rest.next_if_eq(&'>');
                        return Some(Token::Redirect);
                    }
                    return Some(Token::Operator(Operator::Then));
                }
                '<' | '>' => return self.redirect(),
                _ => return self.word(),
            }
        }
    }

    fn redirect(&mut self) -> Option<Token> {
        let first = self.rest.next()?;
        if first == '<' && self.rest.next_if_eq(&'<').is_some() {
            if self.rest.next_if_eq(&'<').is_none() {
                self.skip_heredoc();
                return Some(Token::Operator(Operator::Then));
            }
            return Some(Token::Redirect);
        }
        self.rest.next_if_eq(&'>');
        // `>&1` names a descriptor, not a file.
        if self.rest.next_if_eq(&'&').is_some() {
            while self.rest.next_if(|c| c.is_ascii_digit() || *c == '-').is_some() {}
            return self.next_token();
        }
        Some(Token::Redirect)
    }

    /// After `<<`: reads the delimiter and drops everything up to the line that repeats it.
    fn skip_heredoc(&mut self) {
        self.rest.next_if_eq(&'-');
        while self.rest.next_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        let mut delimiter = String::new();
        while let Some(c) =
            self.rest.next_if(|c| !c.is_whitespace() && !matches!(c, ')' | ';' | '|' | '&' | '>'))
        {
            if !matches!(c, '\'' | '"' | '\\') {
                delimiter.push(c);
            }
        }
        // What follows on the same line still belongs to the command; it is rare and dropped here.
        while self.rest.next_if(|c| *c != '\n').is_some() {}
        self.rest.next();
        let mut line = String::new();
        loop {
            let c = self.rest.next();
            match c {
                Some('\n') | None => {
                    if line.trim() == delimiter || c.is_none() {
                        return;
                    }
                    line.clear();
                }
                Some(c) => line.push(c),
            }
        }
    }

    fn word(&mut self) -> Option<Token> {
        let mut word = String::new();
        while let Some(&c) = self.rest.peek() {
            match c {
                '\'' => {
                    self.rest.next();
                    while let Some(c) = self.rest.next_if(|c| *c != '\'') {
                        word.push(c);
                    }
                    self.rest.next();
                }
                '"' => {
                    self.rest.next();
                    self.double_quoted(&mut word);
                }
                '`' => {
                    self.rest.next();
                    word.push('$');
                    while self.rest.next_if(|c| *c != '`').is_some() {}
                    self.rest.next();
                }
                '\\' => {
                    self.rest.next();
                    if let Some(c) = self.rest.next().filter(|c| *c != '\n') {
                        word.push(c);
                    }
                }
                '$' => {
                    self.rest.next();
                    word.push('$');
                    if self.rest.next_if_eq(&'(').is_some() {
                        self.substitution();
                    }
                }
                '>' | '<' if word.bytes().all(|b| b.is_ascii_digit()) => {
                    // `2>` redirects a descriptor.
                    return self.redirect();
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')' => break,
                _ => {
                    self.rest.next();
                    word.push(c);
                }
            }
            // A mask stands in the place of one word, or of a part of one, and has a blank of its own.
            if word.ends_with(MASK) && self.rest.next_if_eq(&' ').is_some() {
                word.push(' ');
                while let Some(c) = self.rest.next_if(|c| *c != ']') {
                    word.push(c);
                }
            }
        }
        Some(Token::Word(word))
    }

    fn double_quoted(&mut self, word: &mut String) {
        while let Some(c) = self.rest.next() {
            match c {
                '"' => return,
                '\\' => word.extend(self.rest.next()),
                '$' => {
                    word.push('$');
                    if self.rest.next_if_eq(&'(').is_some() {
                        self.substitution();
                    }
                }
                c => word.push(c),
            }
        }
    }

    /// After `$(`: drops everything up to the matching parenthesis, heredocs included.
    fn substitution(&mut self) {
        let mut depth = 1;
        while let Some(c) = self.rest.next() {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                '\'' => {
                    while self.rest.next_if(|c| *c != '\'').is_some() {}
                    self.rest.next();
                }
                '<' if self.rest.next_if_eq(&'<').is_some() => self.skip_heredoc(),
                _ => {}
            }
        }
    }
}

#[derive(Default)]
struct Builder {
    done: Vec<Command>,
    words: Vec<String>,
    env: Vec<String>,
    dir: Option<String>,
    /// Members of the pipeline being read, before the current one.
    pipeline: Vec<Vec<String>>,
    skip_next: bool,
}

impl Builder {
    fn word(&mut self, word: String) {
        if std::mem::take(&mut self.skip_next) || word.is_empty() {
            return;
        }
        if self.words.is_empty() {
            if matches!(word.as_str(), "do" | "then" | "else" | "{" | "}" | "!" | "time" | "nohup") {
                return;
            }
            if let Some((name, _)) = word.split_once('=')
                && !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            {
                self.env.push(name.to_owned());
                return;
            }
        }
        if self.words.len() < MOST_WORDS {
            let prose = word.contains(char::is_whitespace) && !secrets::is_masked(&word);
            let text = prose || word.chars().count() > LONGEST_WORD;
            self.words.push(if text { TEXT.to_owned() } else { word });
        }
    }

    fn operator(&mut self, operator: Operator) {
        self.skip_next = false;
        if operator == Operator::Pipe {
            self.pipeline.push(std::mem::take(&mut self.words));
            return;
        }
        self.close(operator);
    }

    fn close(&mut self, operator: Operator) {
        let piped = !self.pipeline.is_empty();
        let mut members = std::mem::take(&mut self.pipeline);
        members.push(std::mem::take(&mut self.words));
        members.retain(|words| !words.is_empty());
        let env = std::mem::take(&mut self.env);
        let worker =
            members.iter().position(|words| words.first().is_some_and(|p| !only_looks(p))).unwrap_or(0);
        if worker >= members.len() {
            return;
        }
        let ends_in = members.last().filter(|_| piped).and_then(|words| words.first()).cloned();
        let words = members.swap_remove(worker);
        match words.first().map(String::as_str) {
            Some("cd" | "pushd") => {
                self.dir = words.get(1).cloned();
                return;
            }
            Some("export") => {
                let names =
                    words.iter().skip(1).filter_map(|w| w.split_once('=')).map(|(name, _)| name.to_owned());
                self.env = names.collect();
                return;
            }
            Some(
                "for" | "while" | "until" | "if" | "case" | "done" | "fi" | "esac" | "set" | "source"
                | "function",
            )
            | None => {
                return;
            }
            Some(_) => {}
        }
        let hidden = piped || operator == Operator::Or;
        self.done.push(Command { dir: self.dir.clone(), env, words, hidden, ends_in });
    }

    fn finish(mut self) -> Vec<Command> {
        self.close(Operator::And);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        parse(line).iter().map(|c| c.words.join(" ")).collect()
    }

    #[test]
    fn chains_pipes_and_redirections() {
        assert_eq!(
            words("cd src && cargo test --lib 2>&1 | tail -20; git status > /tmp/x"),
            ["cargo test --lib", "git status"]
        );
        let commands = parse("cd src && cargo test 2>&1 | tail -20 && FOO=1 make -j4");
        assert!(commands[0].hidden && !commands[1].hidden);
        assert_eq!(commands[0].dir.as_deref(), Some("src"));
        assert_eq!(commands[1].env, ["FOO"]);
        assert_eq!(words("echo y | npm init"), ["npm init"]);
        assert_eq!(words("cat a | grep b"), ["cat a"]);
        assert!(parse("make || true")[0].hidden);
        assert_eq!(words("a &> log; b 2>/dev/null >> x c"), ["a", "b c"]);
    }

    #[test]
    fn prose_is_not_kept() {
        let commit = "git add x && git commit -m \"$(cat <<'EOF'\nFix (a thing\n\nit's done)\nEOF\n)\" --no-verify && git push";
        assert_eq!(words(commit), ["git add x", "git commit -m $ --no-verify", "git push"]);
        assert_eq!(words("git commit -m 'two words'"), ["git commit -m <text>"]);
        assert_eq!(words("cat <<EOF > f\ntext && more\nEOF\nls"), ["cat", "ls"]);
    }

    #[test]
    fn a_mask_is_a_part_of_the_word_it_stands_in() {
        let masked = parse("PGPASSWORD=[masked command-line-password] psql -h db.lan app");
        assert_eq!(
            (masked[0].env.as_slice(), masked[0].words.join(" ").as_str()),
            (&["PGPASSWORD".to_owned()][..], "psql -h db.lan app")
        );
        let url = parse("DATABASE_URL=postgres://app:[masked url-password]@db.lan/app ./migrate --now");
        assert_eq!(
            (url[0].env.as_slice(), url[0].words[0].as_str()),
            (&["DATABASE_URL".to_owned()][..], "./migrate")
        );
        assert_eq!(
            parse("deploy --token=[masked secret-value] now")[0].words,
            ["deploy", "--token=[masked secret-value]", "now"]
        );
        assert_eq!(words("echo [masked"), ["echo [masked"]);
    }

    #[test]
    fn control_words_and_broken_lines() {
        assert_eq!(words("for f in a b; do cargo fmt; done"), ["cargo fmt"]);
        assert_eq!(words("if test -f x; then make; fi"), ["make"]);
        assert_eq!(words("echo 'open"), ["echo open"]);
        assert_eq!(words(""), Vec::<String>::new());
        assert_eq!(words("# comment\n(cd a; make)"), ["make"]);
        assert_eq!(words("a \\\n  b"), ["a b"]);
        assert_eq!(parse("export TOKEN=x; deploy")[0].env, ["TOKEN"]);
        assert!(parse("$( ( ' \" << <<'").len() <= 1);
    }
}
