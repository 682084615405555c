//! `wakeful review --plain`: one lesson at a time, one letter at a time. For screen readers, dumb
//! terminals, slow lines, and scripts that speak to it.

use std::io;

use super::super::args::{Apply, OfAgent, Output, Review};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json::Names;
use super::super::output::{count, line, minute};
use super::super::texts;
use super::apply;
use super::decide::{after, record};
use super::lessons::choose;
use super::show;
use crate::domain::decision::Verdict;
use crate::domain::ids::LessonId;
use crate::domain::lesson::{Lesson, Severity};
use crate::domain::text::SafeText;
use crate::run::world::threshold;
use crate::store::{Ask, Reader, Store};

/// The letters mean what they mean in the console, as far as there is the same thing to do.
const HELP: &str = "  a accept   x reject   s snooze   e edit   i evidence   n next   N previous\n  \
    p print the change again   u take the last decision back   U make it again\n  \
    P show what was accepted, and write it   q quit   ? this list\n  \
    What follows a, x or s is kept as the reason.";

/// Runs the command.
pub fn run(context: &mut Context<'_>, args: &Review) -> Result<Exit, CliError> {
    let store = context.store()?;
    let reader = store.reader()?;
    context.again.with_agent(args.which.of.wanted());
    let chosen = choose(&reader, &args.which, threshold(&reader, *context.config.threshold)?)?;
    let names = Names::new(reader.agents()?, &[]);
    writeln!(
        context.out,
        "{} to review, {} below {} examples left out. ? lists the letters.",
        count(chosen.lessons.len() as u64, "lesson"),
        chosen.hidden,
        chosen.threshold
    )?;
    let mut review = Loop { context, store: &store, reader: &reader, names: &names, of: &args.which.of };
    let decided = review.through(&chosen.lessons)?;
    let waiting = review.reader.status(chosen.threshold)?.accepted;
    writeln!(context.out, "{} decided.", count(decided, "lesson"))?;
    if waiting > 0 {
        let is = if waiting == 1 { "is" } else { "are" };
        let text = format!(
            "{} {is} accepted and not yet written; `wakeful apply` shows and writes.",
            count(waiting, "lesson")
        );
        writeln!(context.out, "{}", context.again.complete(&text))?;
    }
    Ok(Exit::Done)
}

struct Loop<'a, 'c> {
    context: &'a mut Context<'c>,
    store: &'a Store,
    reader: &'a Reader,
    names: &'a Names,
    of: &'a OfAgent,
}

impl Loop<'_, '_> {
    /// Goes through lessons until the last is decided, the person quits, or the input ends.
    fn through(&mut self, lessons: &[Lesson]) -> Result<u64, CliError> {
        let mut at = 0;
        let mut decided: u64 = 0;
        let mut shown = None;
        while let Some(listed) = lessons.get(at) {
            // As it stands now: an edit changes its text and its marks.
            let found = self.reader.lesson(&listed.id)?;
            let lesson = found.as_ref().unwrap_or(listed);
            if shown != Some(at) {
                self.show(lesson, at + 1, lessons.len())?;
                shown = Some(at);
            }
            write!(self.context.out, "a x s e i p u U P n N q ? ")?;
            self.context.out.flush()?;
            let mut answer = String::new();
            // Not locked for longer: what writes asks by itself.
            if io::stdin().read_line(&mut answer)? == 0 {
                writeln!(self.context.out)?;
                break;
            }
            let (letter, rest) = split(&answer);
            match letter {
                'a' | 'x' | 's' => {
                    if self.decide(lesson, letter, rest)? {
                        decided += 1;
                        at += 1;
                    }
                }
                'i' => self.evidence(lesson)?,
                'p' => shown = None,
                'e' => {
                    if self.edit(lesson)? {
                        shown = None;
                    }
                }
                'u' | 'U' => {
                    if let Some((first, count)) = self.turn_back(letter == 'U', lessons)? {
                        decided = if letter == 'U' { decided + count } else { decided.saturating_sub(count) };
                        if let Some(index) = lessons.iter().position(|lesson| lesson.id == first) {
                            at = index;
                            shown = None;
                        }
                    }
                }
                'P' => self.write_accepted()?,
                'n' | '\n' => at += 1,
                'N' => at = at.saturating_sub(1),
                'q' => break,
                '?' => writeln!(self.context.out, "{HELP}")?,
                unknown => {
                    let known = line(&unknown.to_string());
                    writeln!(
                        self.context.out,
                        "“{known}” is none of the letters; nothing was done.\n{HELP}"
                    )?;
                }
            }
        }
        Ok(decided)
    }

    /// Takes the last decision back, or makes it again: the first of its lessons, and how many there are.
    fn turn_back(&mut self, again: bool, lessons: &[Lesson]) -> Result<Option<(LessonId, u64)>, CliError> {
        let (writer, by) = (self.store.writer(), &self.context.config.reviewer);
        let turned = if again { writer.redo_decision(by)? } else { writer.undo_decision(by)? };
        let Some(turned) = turned else {
            let what = if again { "make again" } else { "undo" };
            writeln!(self.context.out, "There is no decision to {what}.")?;
            return Ok(None);
        };
        // The same lesson of several agents was shown once, and is counted once.
        let names = |lesson: &&Lesson| turned.changed.iter().any(|changed| changed.lesson == lesson.id);
        let listed = lessons.iter().filter(names).count();
        let count_of = if listed > 0 { listed } else { turned.changed.len() } as u64;
        let done = if again { "Made again" } else { "Undone" };
        writeln!(self.context.out, "{done}: {}.", count(count_of, "decision"))?;
        let first = lessons.iter().find(names).map(|lesson| lesson.id.clone());
        let first = first.or_else(|| turned.changed.into_iter().next().map(|changed| changed.lesson));
        Ok(first.map(|first| (first, count_of)))
    }

    /// Shows what the accepted lessons would write, asks, and writes. A failure is said, and the review goes on.
    fn write_accepted(&mut self) -> Result<(), CliError> {
        let args = Apply {
            of: self.of.clone(),
            dry_run: false,
            yes: false,
            give_up: false,
            output: Output::default(),
        };
        if let Err(error) = apply::run(self.context, &args) {
            writeln!(self.context.out, "{error}")?;
        }
        Ok(())
    }

    fn show(&mut self, lesson: &Lesson, number: usize, of: usize) -> Result<(), CliError> {
        let out = &mut *self.context.out;
        writeln!(out, "\nLesson {number} of {of}: {}", line(&lesson.statement))?;
        show::head(out, lesson, self.names.agent(&lesson.agent))?;
        show::diff(out, &texts::of(self.reader, lesson)?)?;
        Ok(())
    }

    fn evidence(&mut self, lesson: &Lesson) -> Result<(), CliError> {
        let evidence = show::with_folders(self.reader, lesson, self.reader.evidence(&lesson.id)?)?;
        let folder = show::folder_of(self.reader, lesson)?;
        writeln!(self.context.out, "{}", count(evidence.len() as u64, "place"))?;
        for evidence in &evidence {
            show::place(self.context.out, evidence, folder.as_deref())?;
        }
        Ok(())
    }

    /// Decides; whatever follows the letter is the reason.
    fn decide(&mut self, lesson: &Lesson, letter: char, rest: &str) -> Result<bool, CliError> {
        let until = after(self.context.clock.now(), *self.context.config.snooze_days);
        let verdict = match letter {
            'a' => Verdict::Accept,
            'x' => Verdict::Reject,
            _ => Verdict::Snooze { until },
        };
        let reason = (!rest.is_empty()).then(|| rest.to_owned());
        let ask = Ask { lesson: lesson.id.clone(), verdict, reason };
        match record(self.context, self.store, self.reader, &[ask]) {
            Ok(decided) => {
                let state = decided.changed.first().map_or("as it was", |changed| changed.to.as_str());
                write!(self.context.out, "{state}")?;
                if letter == 's' {
                    write!(self.context.out, " until {} UTC", minute(until))?;
                }
                writeln!(self.context.out)?;
                if letter == 'a'
                    && let Some(mark) = lesson.marks.iter().find(|mark| mark.severity == Severity::Block)
                {
                    writeln!(
                        self.context.out,
                        "It can't be written before it is edited: {}",
                        line(&mark.text)
                    )?;
                }
                Ok(true)
            }
            // Decided elsewhere meanwhile: say so and stay.
            Err(error) => {
                writeln!(self.context.out, "{error}")?;
                Ok(false)
            }
        }
    }

    fn edit(&mut self, lesson: &Lesson) -> Result<bool, CliError> {
        let now = texts::inserted(self.reader, lesson)?;
        writeln!(self.context.out, "Its text now:\n{}", SafeText::block(&now))?;
        writeln!(
            self.context.out,
            "Type the new text; a line with only a full stop ends it, at once changes nothing."
        )?;
        self.context.out.flush()?;
        let mut text = String::new();
        loop {
            let mut typed = String::new();
            if io::stdin().read_line(&mut typed)? == 0 {
                // A line that was cut off is no answer.
                writeln!(
                    self.context.out,
                    "The input ended before a line with only a full stop: the text is as it was."
                )?;
                return Ok(false);
            }
            if typed.trim_end() == "." {
                break;
            }
            text.push_str(&typed);
        }
        if text.is_empty() || text == now {
            writeln!(self.context.out, "The text is as it was.")?;
            return Ok(false);
        }
        let text = texts::typed(self.reader, lesson, text)?;
        let ask =
            Ask { lesson: lesson.id.clone(), verdict: Verdict::Edit { text: Some(text) }, reason: None };
        let decided = record(self.context, self.store, self.reader, &[ask])?;
        texts::say_made(self.context.out, &lesson.id, &decided)?;
        Ok(true)
    }
}

/// The letter and what follows it. A capital that means nothing by itself is its small letter.
fn split(answer: &str) -> (char, &str) {
    let trimmed = answer.trim();
    let mut chars = trimmed.chars();
    match chars.next() {
        Some(letter @ ('N' | 'P' | 'U')) => (letter, chars.as_str().trim()),
        Some(letter) => (letter.to_ascii_lowercase(), chars.as_str().trim()),
        None => ('\n', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Action, Scope};
    use crate::input::Key;
    use crate::input::keymap::{Found, Keymap, Overrides};

    /// A letter that does something in both does the same.
    #[test]
    fn letters_mean_what_they_mean_in_the_console() {
        let (keymap, _) = Keymap::load(&Overrides::new());
        let lesson = [Scope::Inbox, Scope::Global, Scope::Always];
        let same = [
            ("a", Action::Accept),
            ("x", Action::Reject),
            ("s", Action::Snooze),
            ("e", Action::Edit),
            ("i", Action::Evidence),
            ("u", Action::Undo),
            ("U", Action::Redo),
            ("P", Action::Preview),
            ("n", Action::NextUndecided),
            ("N", Action::PreviousUndecided),
            ("q", Action::Back),
            ("?", Action::Help),
        ];
        for (letter, action) in same {
            let key = Key::parse(letter).unwrap();
            assert_eq!(keymap.find(&lesson, &[key]), Found::Action(action), "{letter}");
            assert!(HELP.contains(&format!("  {letter} ")), "{letter}");
        }
        assert_eq!(
            keymap.find(&lesson, &[Key::parse("p").unwrap()]),
            Found::Nothing,
            "p is of this list alone"
        );
    }

    #[test]
    fn a_reason_may_follow_the_letter() {
        assert_eq!(split("x only true for the old portal\n"), ('x', "only true for the old portal"));
        assert_eq!(split(" A \n"), ('a', ""));
        assert_eq!((split("P\n"), split("p\n")), (('P', ""), ('p', "")));
        assert_eq!(split("\n"), ('\n', ""));
    }
}
