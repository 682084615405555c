//! `wakeful edit`: the reviewer's own words in place of the proposal.

use std::io::{self, Read, Write};

use super::super::args::Edit;
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::{self, DecidedReport};
use super::super::output::{count, line, short};
use super::super::{select, texts};
use super::decide::record;
use crate::app::data::Failure;
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::guard;
use crate::store::Ask;
use crate::term::editor;

/// Largest text that is taken for a lesson.
const LARGEST: u64 = 1 << 20;

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Edit) -> Result<Exit, CliError> {
    let store = context.store()?;
    let reader = store.reader()?;
    let id = select::lesson(&reader, &args.lesson)?;
    let Some(lesson) = reader.lesson(&id)? else {
        return Err(CliError::usage(format!("there is no lesson {id}")));
    };
    let now = texts::inserted(&reader, &lesson)?;
    let text = if args.reset {
        None
    } else {
        let text = match args.text.as_deref() {
            Some("-") => texts::typed(&reader, &lesson, input()?)?,
            Some(text) => texts::typed(&reader, &lesson, text.to_owned())?,
            None if context.terminal.input && context.terminal.output => {
                let edited = editor::edit(context.config.editor.as_deref(), &now);
                edited.map_err(in_words)?.unwrap_or_else(|| now.clone())
            }
            None => {
                return Err(CliError::usage(
                    "there is no terminal for an editor; give the text with --text, or --text - and the input",
                ));
            }
        };
        if text == now {
            writeln!(context.err, "wakeful: the text is as it was; nothing was changed")?;
            return Ok(Exit::Done);
        }
        Some(ended_like(text, &now))
    };
    let verdict = Verdict::Edit { text: text.clone() };
    let ask = Ask { lesson: id.clone(), verdict, reason: None };
    let decided = match record(context, &store, &reader, &[ask]) {
        Err(error) if args.text.is_none() => {
            return Err(match text.as_deref().and_then(|text| kept(&id, text)) {
                Some(kept) => CliError { message: format!("{}\n{kept}", error.message), ..error },
                None => error,
            });
        }
        decided => decided?,
    };
    // What is kept of it: a secret is masked, and a description says what the text says.
    let text = match text {
        Some(text) => Some(reader.edit_of(&id)?.unwrap_or(text)),
        None => None,
    };
    if let Some(text) = text.as_deref().filter(|_| decided.unchanged.is_empty()) {
        for lost in lost(&now, text) {
            let text = format!("{lost} is lost; `wakeful edit {} --reset` goes back", short(id.as_str()));
            writeln!(context.err, "wakeful: {}", context.again.complete(&text))?;
        }
    }
    if args.output.json {
        json::print(context.out, &DecidedReport::decided(&decided))?;
        return Ok(Exit::Done);
    }
    if texts::say_made(context.out, &id, &decided)? {
        return Ok(Exit::Done);
    }
    let how = match (decided.unchanged.is_empty(), args.reset) {
        (false, _) => "has the proposed text already; nothing was recorded",
        (true, true) => "has its proposed text again",
        (true, false) => "has your text",
    };
    writeln!(context.out, "  {}  {how}", short(id.as_str()))?;
    if let Some(text) = text.filter(|_| decided.unchanged.is_empty()) {
        say_text(context.out, &now, &text)?;
    }
    // What the guards say of the text that would be written now.
    let marks = reader.lesson(&id)?.map(|lesson| lesson.marks).unwrap_or_default();
    for mark in marks.iter().filter(|mark| guard::OF_TEXT.contains(&mark.guard.as_str())) {
        writeln!(context.err, "wakeful: the text now: {} ({})", line(&mark.text), mark.severity.as_str())?;
    }
    Ok(Exit::Done)
}

/// A text from an editor that could not be recorded is kept where only this person reads it; says where and how to
/// go on with it.
fn kept(id: &LessonId, text: &str) -> Option<String> {
    // As every temporary file it is for its owner alone.
    let mut file = tempfile::Builder::new().prefix("lesson-").suffix(".md").tempfile().ok()?;
    file.write_all(text.as_bytes()).and_then(|()| file.flush()).ok()?;
    let (_, path) = file.keep().ok()?;
    let path = path.display().to_string();
    let quoted = shlex::try_quote(&path).map_or_else(|_| path.clone(), std::borrow::Cow::into_owned);
    Some(format!(
        "Your text is in {path}. Change it there, then `wakeful edit {} --text - < {quoted}` goes on with it.",
        short(id.as_str())
    ))
}

/// What would be written from now on, in place of what.
fn say_text(out: &mut dyn Write, before: &str, text: &str) -> io::Result<()> {
    let lines = |text: &str| count(text.lines().count() as u64, "line");
    writeln!(out, "  In place of {} it writes {}:", lines(before), lines(text))?;
    for row in text.lines() {
        writeln!(out, "    {}", line(row))?;
    }
    Ok(())
}

/// What a document needs and the text before had: readers find it by its front matter and heading.
fn lost(before: &str, text: &str) -> Vec<&'static str> {
    let front = |text: &str| text.starts_with("---\n");
    let heading = |text: &str| text.lines().any(|line| line.starts_with("# "));
    let mut lost = Vec::new();
    if front(before) && !front(text) {
        lost.push("the front matter of the document");
    }
    if heading(before) && !heading(text) {
        lost.push("the heading of the document");
    }
    lost
}

fn in_words(failure: Failure) -> CliError {
    CliError::failed(format!("{failure}, or give the text with --text"))
}

fn input() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text).map_err(|error| {
        CliError::failed(format!("the text could not be read from the input ({error}); nothing was changed"))
    })?;
    if text.len() as u64 > LARGEST {
        return Err(CliError::usage("the text is larger than 1 MiB; nothing was changed"));
    }
    Ok(text)
}

/// A text typed on a command line seldom ends with a line break; memory documents do.
fn ended_like(text: String, model: &str) -> String {
    if model.ends_with('\n') && !text.is_empty() && !text.ends_with('\n') { text + "\n" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_without_what_it_is_found_by_is_noticed() {
        let whole = "---\nname: x\n---\n# Title\n\n- a\n";
        assert_eq!(lost(whole, "- b\n").len(), 2);
        assert_eq!(lost(whole, "---\nname: y\n---\n- b\n"), ["the heading of the document"]);
        assert_eq!(lost(whole, whole).len() + lost("- a\n", "- b\n").len(), 0);
    }

    #[test]
    fn a_text_that_was_refused_is_kept_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let said = kept(&LessonId::new("les_0123456789abcdef"), "mine\n").unwrap();
        let path = said.split("is in ").nth(1).and_then(|rest| rest.split(". Change").next()).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "mine\n");
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(said.contains(&format!("--text - < {path}`")), "{said}");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn the_last_line_ends_as_before() {
        assert_eq!(ended_like("a".to_owned(), "b\n"), "a\n");
        assert_eq!(ended_like("a\n".to_owned(), "b\n"), "a\n");
        assert_eq!(ended_like("a".to_owned(), "b"), "a");
        assert_eq!(ended_like(String::new(), "b\n"), "");
    }
}
