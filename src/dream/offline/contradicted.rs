//! Notes that contradict each other.
//!
//! Owns: which of two contradicting notes sessions side with, and the lesson that follows. Must not
//! know: how a contradiction is told (that is `clash`), or documents' layout.
//!
//! The newer side holds if several sessions on several days took it and none took the other for a
//! month. Where each side belongs to a segment of its own, both notes stay and say so. Otherwise the
//! lesson is contested: it takes out the note with less behind it, as a lead that a person has to
//! decide, and names both counts. Only what people asked for and what commands came to counts: an agent
//! that does what a note says proves nothing but that it read it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::clash::{self, Clash, Saying};
use super::drafts::{Draft, Step};
use super::entries::{self, Entry};
use super::facts::CallResult;
use super::place;
use super::pool::Pool;
use super::upkeep::{self, shown};
use super::version_sides::Answers;
use crate::domain::evidence::{Origin, Stance};
use crate::domain::lesson::{Mark, Severity};
use crate::domain::memory::Snapshot;
use crate::dream::Parameters;
use crate::evidence::count::Sighting;
use crate::evidence::stats::LogFactorials;

/// Notes that share a word before the word says nothing any more.
const COMMON: usize = 60;
/// Days on which the newer side must have shown.
const FEWEST_DAYS: usize = 2;
/// Segments differ by more than chance below this.
const SEPARATE: f64 = 0.05;

/// Lessons on notes that contradict each other; `known` are notes that change anyway.
#[must_use]
pub fn find(memory: &Snapshot, known: &[Draft], pool: &Pool<'_>, parameters: &Parameters) -> Vec<Draft> {
    let notes: Vec<Entry> = entries::of_snapshot(memory)
        .into_iter()
        .filter(|note| note.link.is_none())
        .filter(|note| known.iter().all(|draft| draft.step.takes() != Some((&note.path, &note.range))))
        .collect();
    let answers = Answers::of(pool);
    let disputed = |one: &str, other: &str| answers.disputed(one, other).is_some();
    let said: Vec<Vec<Saying>> = notes.iter().map(|note| Saying::all(&note.text)).collect();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut drafts = Vec::new();
    for (one, other) in near(&said) {
        let (Some(a), Some(b)) = (notes.get(one), notes.get(other)) else { continue };
        let sayings = |at: usize| said.get(at).map_or(&[][..], Vec::as_slice);
        let clashing = sayings(one).iter().find_map(|x| {
            let between =
                |y| clash::between((a, x), (b, y)).or_else(|| clash::by_version((a, x), (b, y), disputed));
            let y = sayings(other).iter().find_map(|y| Some((y, between(y)?)))?;
            Some((x, y.0, y.1))
        });
        let Some((x, y, clash)) = clashing.filter(|_| !taken.contains(&one) && !taken.contains(&other))
        else {
            continue;
        };
        taken.extend([one, other]);
        let pair = [Side::of(a, x, y, clash, &answers), Side::of(b, y, x, clash, &answers)];
        drafts.extend(settle(&pair, pool, parameters));
    }
    drafts
}

/// Warns of a revision of a note that recent sessions still side with, or that few sessions ask for; and of a new
/// note that comes beside one that says otherwise.
pub fn weigh(draft: &mut Draft, memory: &Snapshot, pool: &Pool<'_>, parameters: &Parameters) {
    if let Step::Add(_) = &draft.step {
        draft.marks.extend(place::denying(memory, &draft.text).first().map(beside));
    }
    let Step::Revise(path, range) = &draft.step else { return };
    let note = memory.get(path).and_then(|text| text.get(range.clone())).unwrap_or("");
    let of =
        |stance: Stance| draft.sightings.iter().filter(move |sighting| sighting.evidence.stance == stance);
    let at = |sighting: &Sighting| sighting.evidence.place.at;
    let days: BTreeSet<i64> =
        of(Stance::Support).filter_map(at).map(|at| at.as_second().div_euclid(86_400)).collect();
    let against = of(Stance::Contradict).filter_map(at).max();
    let quiet = SignedDuration::from_hours(24 * i64::from(parameters.rules.settled_days));
    let recent = newest(pool).zip(against).is_some_and(|(newest, last)| newest.duration_since(last) <= quiet);
    let units = |stance: Stance| draft.units(stance).len();
    let few = units(Stance::Support) < parameters.least_sessions as usize || days.len() < FEWEST_DAYS;
    if (few && pool.dated) || recent {
        let last = against.map_or(String::new(), |at| format!(", the last on {}", date(at)));
        let text = format!(
            "the note says otherwise, \"{}\": {} sessions for the change, {} against it{last}",
            shown(note),
            units(Stance::Support),
            units(Stance::Contradict),
        );
        draft.marks.push(Mark { guard: "contested".to_owned(), severity: Severity::Warn, text });
    }
}

fn beside(note: &Entry) -> Mark {
    let text =
        format!("a note says otherwise and would stay beside it: \"{}\" ({})", shown(&note.text), note.path);
    Mark { guard: "contested".to_owned(), severity: Severity::Warn, text }
}

fn newest(pool: &Pool<'_>) -> Option<Timestamp> {
    pool.members.iter().filter_map(|member| member.meta.ended.or(member.meta.started)).max()
}

fn date(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

/// Pairs of notes that share a word, in order.
fn near(said: &[Vec<Saying>]) -> BTreeSet<(usize, usize)> {
    let mut holders: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, sayings) in said.iter().enumerate() {
        for word in sayings.iter().flat_map(|saying| &saying.words) {
            holders.entry(word).or_default().insert(at);
        }
    }
    let mut pairs = BTreeSet::new();
    for holders in holders.values().filter(|holders| holders.len() <= COMMON) {
        for (rank, one) in holders.iter().enumerate() {
            pairs.extend(holders.iter().skip(rank + 1).map(|other| (*one, *other)));
        }
    }
    pairs
}

/// One of two notes, and the sessions that side with it.
struct Side<'a> {
    note: &'a Entry,
    saying: &'a Saying,
    sightings: Vec<Sighting>,
}

impl<'a> Side<'a> {
    fn of(note: &'a Entry, saying: &'a Saying, other: &Saying, clash: Clash, answers: &Answers<'_>) -> Self {
        let pool = answers.pool;
        let mut sightings = match clash {
            Clash::Value => answers.agreeing(&saying.text, &other.text),
            Clash::Choice | Clash::Sense => Vec::new(),
        };
        for (index, member) in pool.members.iter().enumerate() {
            let wishes =
                member.facts.turns.iter().flat_map(|turn| turn.wishes.iter().map(move |w| (turn, w)));
            for (turn, wish) in wishes {
                if saying.is_asked_by(wish, other, clash) && !other.is_asked_by(wish, saying, clash) {
                    let quote: String = wish.sentence.chars().take(200).collect();
                    sightings.extend(pool.sighting(index, &turn.spot, Stance::Support, Origin::User, &quote));
                }
            }
            for call in member.facts.calls.iter().filter(|call| call.result == CallResult::Done) {
                let worked =
                    call.action.commands.iter().find(|c| !c.hidden && saying.is_done_by(c, other, clash));
                if let Some(command) = worked {
                    let quote = command.words.first().map_or("", String::as_str);
                    sightings.extend(pool.sighting(index, &call.spot, Stance::Support, Origin::Agent, quote));
                }
            }
        }
        Self { note, saying, sightings }
    }

    fn units(&self) -> BTreeSet<u32> {
        self.sightings.iter().map(|sighting| sighting.unit).collect()
    }

    fn last(&self) -> Option<Timestamp> {
        self.sightings.iter().filter_map(|sighting| sighting.evidence.place.at).max()
    }

    fn days(&self) -> usize {
        let day = |at: Timestamp| at.as_second().div_euclid(86_400);
        self.sightings.iter().filter_map(|s| s.evidence.place.at).map(day).collect::<BTreeSet<_>>().len()
    }

    /// It holds against another: several sessions on several days, none of the other's for long.
    fn holds(&self, other: &Self, newest: Option<Timestamp>, parameters: &Parameters) -> bool {
        let quiet = SignedDuration::from_hours(24 * i64::from(parameters.rules.settled_days));
        let silent = match (newest, other.last()) {
            (_, None) => other.sightings.is_empty(),
            (None, _) => false,
            (Some(newest), Some(last)) => newest.duration_since(last) > quiet,
        };
        self.units().len() as u32 >= parameters.least_sessions
            && self.days() >= FEWEST_DAYS
            && self.last() > other.last()
            && silent
    }

    /// Takes this note out, or only the sentence in question where it says more.
    fn give_way(&self, to: &Self, open: bool) -> Draft {
        let (gone, kept) = (shown(&self.saying.text), shown(&to.saying.text));
        let place = to.note.path.as_str();
        let statement = if open {
            format!("Two notes contradict each other; keep \"{kept}\" ({place}) or \"{gone}\"")
        } else {
            format!("Sessions went over to \"{kept}\" ({place}): drop \"{gone}\"")
        };
        let at = (self.note.path.clone(), self.note.range.clone());
        let rest = self.rest();
        let step = if rest.is_some() { Step::Revise(at.0, at.1) } else { Step::Settle(at.0, at.1) };
        let mut draft = upkeep::upkeep(statement, self.note, step);
        draft.key = format!("contradicted {}", draft.key);
        draft.text = rest.unwrap_or(draft.text);
        draft.open = open;
        draft.sightings.clone_from(&to.sightings);
        draft.sightings.extend(against(&self.sightings));
        if open {
            draft.marks.push(contested(to, self));
        }
        draft
    }

    /// The note without the sentence; `None` if it says nothing else.
    fn rest(&self) -> Option<String> {
        let at = self.note.text.find(&self.saying.text)?;
        let head = self.note.text.get(..at)?;
        let tail = self.note.text.get(at + self.saying.text.len()..)?.trim_start_matches(' ');
        let rest = format!("{head}{tail}");
        let rest = rest.trim_end();
        rest.chars().any(char::is_alphanumeric).then(|| rest.to_owned())
    }

    /// The note with where it holds.
    fn scoped(&self, to: &Self, place: &str) -> Draft {
        let body = self.note.text.trim_start_matches(['-', '*', '+', ' ']);
        let marker = self.note.text.get(..self.note.text.len() - body.len()).unwrap_or("");
        let statement = format!(
            "Say where a note holds ({place}), because \"{}\" contradicts it: \"{}\"",
            shown(&to.saying.text),
            shown(&self.saying.text)
        );
        let step = Step::Revise(self.note.path.clone(), self.note.range.clone());
        let mut draft = upkeep::upkeep(statement, self.note, step);
        draft.key = format!("contradicted {}", draft.key);
        draft.text = format!("{marker}{place}: {body}");
        draft.open = true;
        draft.sightings.clone_from(&self.sightings);
        draft.sightings.extend(against(&to.sightings));
        draft.marks.push(contested(self, to));
        draft
    }
}

fn against(sightings: &[Sighting]) -> impl Iterator<Item = Sighting> + '_ {
    sightings.iter().cloned().map(|mut sighting| {
        sighting.evidence.stance = Stance::Contradict;
        sighting
    })
}

fn contested(kept: &Side<'_>, gone: &Side<'_>) -> Mark {
    let side = |side: &Side<'_>| {
        let last = side
            .last()
            .map_or(String::new(), |at| format!(", last on {}", at.to_zoned(jiff::tz::TimeZone::UTC).date()));
        let count = side.units().len();
        let sessions = if count == 1 { "session" } else { "sessions" };
        format!("{count} {sessions}{last}, for \"{}\" ({})", shown(&side.saying.text), side.note.path)
    };
    let text = if kept.sightings.is_empty() && gone.sightings.is_empty() {
        format!(
            "no session of this dream says which holds: \"{}\" ({}) or \"{}\" ({})",
            shown(&kept.saying.text),
            kept.note.path,
            shown(&gone.saying.text),
            gone.note.path
        )
    } else {
        format!("{}; {}", side(kept), side(gone))
    };
    Mark { guard: "contested".to_owned(), severity: Severity::Warn, text }
}

fn settle(pair: &[Side<'_>; 2], pool: &Pool<'_>, parameters: &Parameters) -> Vec<Draft> {
    let [a, b] = pair;
    let newest = newest(pool);
    if a.holds(b, newest, parameters) {
        return vec![b.give_way(a, false)];
    }
    if b.holds(a, newest, parameters) {
        return vec![a.give_way(b, false)];
    }
    if let Some((of_a, of_b)) = apart(a, b, pool) {
        return vec![a.scoped(b, &of_a), b.scoped(a, &of_b)];
    }
    // The note with more behind it stays; of equals the one that showed last, then the first.
    let weight = |side: &Side<'_>| (side.units().len(), side.last());
    let (kept, gone) = if weight(b) > weight(a) { (b, a) } else { (a, b) };
    vec![gone.give_way(kept, true)]
}

/// Where each side holds, if a segment keeps them apart by more than chance.
fn apart(a: &Side<'_>, b: &Side<'_>, pool: &Pool<'_>) -> Option<(String, String)> {
    let mut segment: BTreeMap<u32, &str> = BTreeMap::new();
    for member in &pool.members {
        if let Some(name) = member.meta.segment.as_deref() {
            segment.entry(member.unit).or_insert(name);
        }
    }
    let names: BTreeSet<&str> = segment.values().copied().collect();
    let (ours, theirs) = (a.units(), b.units());
    let within = |units: &BTreeSet<u32>, name: &str| {
        units.iter().filter(|unit| segment.get(unit) == Some(&name)).count() as u32
    };
    let (all_a, all_b) = (ours.len() as u32, theirs.len() as u32);
    let ln = LogFactorials::up_to(all_a + all_b);
    let best = names
        .iter()
        .map(|name| {
            let (in_a, in_b) = (within(&ours, name), within(&theirs, name));
            // Both directions, and every segment is a try of its own.
            let tail = |hits, of| ln.hypergeometric_tail(hits, in_a + in_b, of, all_a + all_b);
            let p = tail(in_a, all_a).min(tail(in_b, all_b)) * 2.0 * names.len() as f64;
            (p, *name, tail(in_a, all_a) < tail(in_b, all_b))
        })
        .min_by(|x, y| (x.0, x.1).partial_cmp(&(y.0, y.1)).unwrap_or(std::cmp::Ordering::Equal))
        .filter(|(p, ..)| *p < SEPARATE)?;
    let (_, name, is_a) = best;
    let inside = format!("For {}", super::render::code(name));
    let others: Vec<&&str> = names.iter().filter(|other| **other != name).collect();
    let outside = match others[..] {
        [other] => format!("For {}", super::render::code(other)),
        _ => format!("Outside {}", super::render::code(name)),
    };
    Some(if is_a { (inside, outside) } else { (outside, inside) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::memory::DocPath;
    use crate::dream::offline::extract::extract;
    use crate::dream::offline::test_corpus::{Script, Scripts, meta};

    const PNPM: &str = "- Use pnpm instead of npm.\n";
    const NPM: &str = "- Use npm instead of pnpm.\n";

    /// Sixty days, one session each third day, in two segments.
    fn found(documents: &[(&str, &str)], also: impl Fn(u32, &mut Script)) -> Vec<Draft> {
        let mut scripts = Scripts::default();
        for day in (0..60).step_by(3) {
            let name = format!("s{day:02}");
            let mut script = Script::named(&name, day);
            script.user("please go on with the shop");
            script.assistant("done");
            also(day, &mut script);
            let mut meta = meta(&name, day);
            meta.segment = Some(if day % 2 == 0 { "retail" } else { "trade" }.to_owned());
            scripts.add(meta, script);
        }
        let read = scripts.metas.iter().map(|m| (m, extract(m, &scripts).unwrap())).collect();
        let pool = Pool::new(read);
        let memory: Snapshot =
            documents.iter().map(|(path, text)| (DocPath::new(path).unwrap(), (*text).into())).collect();
        find(&memory, &[], &pool, &Parameters::default())
    }

    fn counts(draft: &Draft) -> (usize, usize) {
        (draft.units(Stance::Support).len(), draft.units(Stance::Contradict).len())
    }

    #[test]
    fn the_newer_side_holds_when_the_other_was_not_asked_for_for_a_month() {
        let drafts = found(&[("/a.md", NPM), ("/b.md", PNPM)], |day, script| match day {
            0..=9 => script.user("No, use npm instead of pnpm."),
            42.. => script.user("No, use pnpm instead of npm."),
            _ => {}
        });
        let [draft] = &drafts[..] else { panic!("{drafts:?}") };
        assert_eq!(draft.step.takes().unwrap().0.as_str(), "/a.md");
        assert!(matches!(draft.step, Step::Settle(..)) && !draft.open && draft.marks.is_empty());
        assert_eq!(counts(draft), (6, 4));
        assert_eq!(
            draft.statement,
            "Sessions went over to \"Use pnpm instead of npm.\" (/b.md): drop \"Use npm instead of pnpm.\""
        );
    }

    #[test]
    fn one_word_for_the_old_side_of_late_leaves_it_contested() {
        let drafts = found(&[("/a.md", NPM), ("/b.md", PNPM)], |day, script| match day {
            0..=9 | 39 => script.user("No, use npm instead of pnpm."),
            42.. => script.user("No, use pnpm instead of npm."),
            _ => {}
        });
        let [draft] = &drafts[..] else { panic!("{drafts:?}") };
        assert!(draft.open && draft.step.takes().unwrap().0.as_str() == "/a.md");
        let mark = &draft.marks[0];
        assert_eq!((mark.guard.as_str(), mark.severity), ("contested", Severity::Warn));
        assert!(mark.text.contains("6 sessions, last on 2026-04-27, for \"Use pnpm"), "{}", mark.text);
        assert!(mark.text.contains("5 sessions, last on 2026-04-09, for \"Use npm"), "{}", mark.text);
    }

    #[test]
    fn without_sessions_a_person_is_asked_and_both_notes_are_quoted() {
        let (old, new) =
            ("The refund window for shoes is 14 days.", "The refund window for shoes is 30 days.");
        let elsewhere = [("/worker.md", format!("- {old}\n")), ("/server.md", format!("- {new}\n"))];
        let elsewhere = elsewhere.each_ref().map(|(path, text)| (*path, text.as_str()));
        assert_eq!(found(&elsewhere, |_, _| {}), [], "two documents, two subjects");
        let drafts = found(&[("/refunds.md", &format!("- {old}\n- {new}\n"))], |_, _| {});
        let [draft] = &drafts[..] else { panic!("{drafts:?}") };
        assert!(draft.open && draft.sightings.is_empty());
        assert!(draft.statement.contains(old) && draft.statement.contains(new));
        assert!(draft.marks[0].text.starts_with("no session"), "{}", draft.marks[0].text);
    }

    #[test]
    fn answers_with_a_version_side_with_the_note_that_says_it() {
        let (old, new) = ("The shop service runs on Node v18.", "The shop service runs on Node v20.");
        let notes = [("/a.md", format!("- {old}\n")), ("/b.md", format!("- {new}\n"))];
        let notes = notes.each_ref().map(|(path, text)| (*path, text.as_str()));
        let drafts = found(&notes, |day, script| {
            if day > 30 {
                script.shell("node --version", Ok("v20.11.1"));
            }
        });
        let [draft] = &drafts[..] else { panic!("{drafts:?}") };
        assert_eq!(draft.step.takes().unwrap().0.as_str(), "/a.md", "what sessions confirm stays");
        assert!(!draft.open && draft.marks.is_empty());
        assert_eq!(counts(draft), (9, 0));
        assert!(draft.sightings.iter().all(|sighting| sighting.evidence.quote == "v20.11.1"));
    }

    #[test]
    fn short_notes_with_versions_contradict_each_other_where_sessions_asked() {
        let notes = [("/a.md", "- Node is version v18.19.0.\n"), ("/b.md", "- Node is version v20.11.1.\n")];
        let drafts = found(&notes, |day, script| {
            script.shell("node --version", Ok(if day % 2 == 0 { "v18.19.0" } else { "v20.11.1" }));
        });
        assert!(drafts.len() == 2 && drafts.iter().all(|draft| counts(draft) == (10, 10)), "{drafts:?}");
        let drafts = found(&notes, |day, script| match day {
            0..30 => script.shell("node --version", Ok("v18.19.0")),
            39.. => script.shell("node --version", Ok("v20.11.1")),
            _ => {}
        });
        let [draft] = &drafts[..] else { panic!("{drafts:?}") };
        assert!(draft.open && draft.marks[0].text.contains("10 sessions"), "{:?}", draft.marks);
        assert_eq!(found(&notes, |_, _| {}), [], "nobody says that they are versions");
        let both = [("/a.md", "- Node is version v20.\n"), ("/b.md", "- Node is version v20.11.1.\n")];
        let asked = |_, script: &mut Script| script.shell("node --version", Ok("v20.11.1"));
        assert_eq!(found(&both, asked), [], "one is only more exact");
    }

    #[test]
    fn only_the_sentence_goes_where_a_note_says_more() {
        let one = "- Export with `shop export --batch 500`. It takes an hour.\n";
        let text = format!("{one}- Export with `shop export --batch 200`.\n");
        let drafts = found(&[("/notes.md", &text)], |day, script| {
            if day > 40 {
                script.shell("shop export --batch 200", Ok("exported"));
            }
        });
        let [draft] = &drafts[..] else { panic!("{drafts:?}") };
        assert_eq!(draft.text, "- It takes an hour.");
        assert!(matches!(draft.step, Step::Revise(..)) && !draft.open);
        assert_eq!(counts(draft), (6, 0));
    }

    #[test]
    fn segments_that_differ_get_a_note_each() {
        let drafts = found(&[("/a.md", NPM), ("/b.md", PNPM)], |day, script| {
            let wish =
                if day % 2 == 0 { "No, use npm instead of pnpm." } else { "No, use pnpm instead of npm." };
            script.user(wish);
        });
        let texts: Vec<&str> = drafts.iter().map(|draft| draft.text.as_str()).collect();
        assert_eq!(
            texts,
            ["- For `retail`: Use npm instead of pnpm.", "- For `trade`: Use pnpm instead of npm."]
        );
        assert!(drafts.iter().all(|draft| counts(draft) == (10, 10) && draft.marks.len() == 1));
    }
}
