//! Notes that name what is not there any more.
//!
//! Owns: when a failure says that something a note names is missing, and the lesson to retire the note.
//! Must not know: how failures are grouped, or why the thing went.
//!
//! What is missing once may be a slip. A note is stale only if several sessions looked for what it
//! names and did not find it, and none used it with success afterwards.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::ages::Ages;
use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use super::episodes::failure;
use super::facts::{CallFact, CallResult};
use super::fixes::mentions;
use super::pool::Pool;
use super::revise::is_recommended;
use super::spread::Spread;
use super::upkeep::shown;
use super::uses::{self, Referent};
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::Topic;
use crate::domain::memory::Snapshot;
use crate::dream::Parameters;
use crate::evidence::count::Sighting;
use crate::guard::loosening;

/// How tools say that something is not there.
const MISSING: [&str; 18] = [
    "no such file",
    "not found",
    "does not exist",
    "doesn't exist",
    "no rule to make target",
    "unknown command",
    "unknown subcommand",
    "unrecognized subcommand",
    "unknown option",
    "unrecognized option",
    "unexpected argument",
    "unrecognized argument",
    "missing script",
    "is not a command",
    "no such command",
    "has been removed",
    "was removed",
    "deprecated",
];

/// Notes to retire; `known` are notes that change anyway.
#[must_use]
pub fn find(
    memory: &Snapshot,
    ages: &Ages,
    known: &[Draft],
    pool: &Pool<'_>,
    spread: &Spread,
    parameters: &Parameters,
) -> Vec<Draft> {
    let missing = missing(pool);
    if missing.is_empty() {
        return Vec::new();
    }
    entries::of_snapshot(memory)
        .iter()
        .filter(|note| note.link.is_none())
        .filter(|note| known.iter().all(|draft| draft.step.takes() != Some((&note.path, &note.range))))
        .filter_map(|note| {
            let referents = uses::referents(&note.text);
            // A note on several things is not stale because one of them went.
            let [referent] = referents.iter().collect::<Vec<_>>()[..] else { return None };
            // One that warns of it knows that it is not there.
            if !is_recommended(&note.text, &plain(referent)) {
                return None;
            }
            // Whoever wrote a note knew what had happened before.
            let came = ages.came(note);
            let since = missing.iter().filter(|found| came.is_none_or(|came| found.is_after(came, pool)));
            draft(note, referent, &since.collect::<Vec<_>>(), pool)
        })
        .filter(|draft| {
            let units = draft.units(Stance::Support);
            // Losing what keeps from harm takes twice the evidence.
            let twice = if loosening::keeps_safe(&draft.text) { 2 } else { 1 };
            units.len() as u32 >= parameters.least_sessions * twice && spread.suffices(&units, parameters)
        })
        .collect()
}

/// A call that found something missing.
struct Missing<'p> {
    member: usize,
    call: &'p CallFact,
    line: String,
}

impl Missing<'_> {
    fn is_after(&self, moment: Timestamp, pool: &Pool<'_>) -> bool {
        let session = pool.members.get(self.member).and_then(|member| member.meta.started);
        self.call.spot.at.or(session).is_some_and(|at| at > moment)
    }
}

fn missing<'p>(pool: &'p Pool<'_>) -> Vec<Missing<'p>> {
    let mut found = Vec::new();
    for (member, session) in pool.members.iter().enumerate() {
        for call in &session.facts.calls {
            let Some(failure) = failure(call, pool.marks_failures) else { continue };
            let lower = failure.line.to_lowercase();
            if MISSING.iter().any(|words| lower.contains(words)) {
                found.push(Missing { member, call, line: failure.line.clone() });
            }
        }
    }
    found
}

fn draft(note: &Entry, referent: &Referent, missing: &[&Missing<'_>], pool: &Pool<'_>) -> Option<Draft> {
    let mut sightings: Vec<Sighting> = Vec::new();
    for found in missing.iter().filter(|found| speaks_of(found, referent)) {
        let failure = failure(found.call, pool.marks_failures)?;
        sightings.extend(pool.sighting(
            found.member,
            &failure.spot,
            Stance::Support,
            Origin::Tool,
            &failure.line,
        ));
    }
    let first = missing.iter().find(|found| speaks_of(found, referent))?;
    let mut exposed = BTreeSet::new();
    for (at, member) in pool.members.iter().enumerate() {
        for call in member.facts.calls.iter().filter(|call| uses_it(call, referent)) {
            exposed.insert(member.unit);
            // It worked again later, so it is there.
            if call.result == CallResult::Done && !call.action.hides_failure() && at >= first.member {
                return None;
            }
        }
    }
    let text = note.text.clone();
    Some(Draft {
        key: format!("stale {} {:08} {text}", note.path, note.range.start),
        topic: Topic::Fact,
        statement: format!(
            "Retire a note on {}, which is not there any more: \"{}\"",
            named(referent),
            shown(&text)
        ),
        title: String::new(),
        text,
        step: Step::Retire(note.path.clone(), note.range.clone()),
        slip: false,
        open: false,
        sightings,
        exposed,
        swap: None,
        when: None,
        marks: Vec::new(),
    })
}

/// The failure names the thing itself, not just something beside it.
fn speaks_of(found: &Missing<'_>, referent: &Referent) -> bool {
    let last = match referent {
        Referent::Command(words) => words.last().map(String::as_str),
        Referent::Path(path) | Referent::Flag(path) => Some(path.as_str()),
    };
    uses_it(found.call, referent) && last.is_some_and(|last| mentions(&found.line, last))
}

fn uses_it(call: &CallFact, referent: &Referent) -> bool {
    let commands = || call.action.commands.iter().map(|command| &command.words);
    match referent {
        Referent::Command(words) => commands().any(|command| command.starts_with(words)),
        Referent::Flag(flag) => {
            commands().flatten().any(|word| word.split('=').next().is_some_and(|name| name == flag))
        }
        Referent::Path(path) => {
            call.action.target.as_ref().is_some_and(|target| target == path)
                || commands().flatten().any(|word| word.trim_start_matches("./") == path)
        }
    }
}

fn named(referent: &Referent) -> String {
    super::render::code(&plain(referent))
}

fn plain(referent: &Referent) -> String {
    match referent {
        Referent::Command(words) => words.join(" "),
        Referent::Path(name) | Referent::Flag(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::memory::DocPath;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    const NOTE: &str = "- Pictures are made smaller with `make thumbnails` before they are uploaded.\n";

    fn found(note: &str, also: impl Fn(u32, &mut Script)) -> Vec<(String, usize)> {
        found_at(&Ages::default(), note, also)
    }

    fn found_at(ages: &Ages, note: &str, also: impl Fn(u32, &mut Script)) -> Vec<(String, usize)> {
        let mut scripts = Scripts::default();
        for day in 0..8 {
            let name = format!("s{day}");
            let mut script = Script::named(&name, day);
            also(day, &mut script);
            scripts.add(meta(&name, day), script);
        }
        let read = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let memory: Snapshot = [(DocPath::new("/a.md").unwrap(), note.into())].into_iter().collect();
        let drafts = find(&memory, ages, &[], &pool, &Spread::of(&pool), &Parameters::default());
        drafts.iter().map(|draft| (draft.statement.clone(), draft.units(Stance::Support).len())).collect()
    }

    fn gone(script: &mut Script) {
        script.shell("make thumbnails", Err("make: *** No rule to make target 'thumbnails'.  Stop."));
    }

    #[test]
    fn what_several_sessions_did_not_find_is_stale() {
        let found = found(NOTE, |day, script| {
            if day == 0 {
                script.shell("make thumbnails", Ok("done"));
            }
            if day > 3 {
                gone(script);
            }
        });
        assert_eq!(found.len(), 1);
        assert!(found[0].0.starts_with("Retire a note on `make thumbnails`, which is not there any more"));
        assert_eq!(found[0].1, 4);
    }

    #[test]
    fn a_note_that_warns_of_it_or_came_later_is_not() {
        let none: [(String, usize); 0] = [];
        let always = |_, script: &mut Script| gone(script);
        assert_eq!(found(NOTE, always).len(), 1);
        for note in [
            "- Do not run `make thumbnails`: the target is gone.\n",
            "- Make pictures smaller by hand; `make thumbnails` fails with \"no rule to make target\".\n",
        ] {
            assert_eq!(found(note, always), none, "{note}");
        }
        let memory = |text: &str| -> Snapshot {
            [(DocPath::new("/a.md").unwrap(), text.into())].into_iter().collect()
        };
        let seen = |at: &str, text: &str| (at.parse().unwrap(), memory(text));
        let after = [seen("2020-01-01T00:00:00Z", "# A\n"), seen("2040-01-01T00:00:00Z", NOTE)];
        let ages = Ages::of(&memory(NOTE), &after);
        assert_eq!(found_at(&ages, NOTE, always), none, "who wrote it knew what had happened");
        let before = [seen("2019-01-01T00:00:00Z", "# A\n"), seen("2020-01-01T00:00:00Z", NOTE)];
        assert_eq!(found_at(&Ages::of(&memory(NOTE), &before), NOTE, always).len(), 1);
    }

    #[test]
    fn a_slip_a_return_another_failure_and_a_note_on_more_are_not() {
        let none: [(String, usize); 0] = [];
        let slip = |day, script: &mut Script| {
            if day == 2 {
                (0..9).for_each(|_| gone(script));
            }
        };
        assert_eq!(found(NOTE, slip), none, "one session");
        let back = |day, script: &mut Script| {
            if day < 7 {
                gone(script);
            } else {
                script.shell("make thumbnails", Ok("done"));
            }
        };
        assert_eq!(found(NOTE, back), none, "it came back");
        let other = |_, script: &mut Script| {
            script.shell("make thumbnails", Err("error: convert: command not found"));
        };
        assert_eq!(found(NOTE, other), none, "something else is missing");
        let more = "- `make thumbnails` and `make posters` both write to the media folder.\n";
        assert_eq!(found(more, |_, script| gone(script)), none, "the rest may hold");
    }
}
