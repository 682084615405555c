//! What each mark and each number of a lesson means, in plain words.
//!
//! Owns: which of them a lesson has, and the words for numbers; those for marks are the guards'. Must not
//! know: how they are laid out.

use crate::domain::checks::{Checks, Confirmation};
use crate::domain::evidence::{Basis, Support, Tier};
use crate::domain::lesson::{Lesson, Severity};
use crate::guard;

/// One thing that a lesson shows, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// As it is shown. May hold untrusted text.
    pub says: String,
    /// In a few sentences.
    pub means: String,
    /// It warns of something.
    pub warns: bool,
}

fn item(says: impl Into<String>, means: impl Into<String>) -> Item {
    Item { says: says.into(), means: means.into(), warns: false }
}

/// Everything a lesson shows: its marks first, then its numbers in the order of the screen.
#[must_use]
pub fn lesson(lesson: &Lesson) -> Vec<Item> {
    let mut items: Vec<Item> = lesson
        .marks
        .iter()
        .map(|mark| Item {
            says: format!("{}: {}", mark.guard, mark.text),
            means: guard::explain(&mark.guard).to_owned(),
            warns: mark.severity != Severity::Info,
        })
        .collect();
    items.extend(count(&lesson.support));
    items.extend(beside(&lesson.support));
    items.extend(repeats(&lesson.support.checks));
    // How firm a lesson is, sessions tell; one that rests on the memory has no such word on the screen.
    if !rests_on_memory(&lesson.support) {
        items.push(item(lesson.tier.as_str(), tier(lesson.tier)));
    }
    items
}

fn rests_on_memory(support: &Support) -> bool {
    support.basis == Basis::Memory || support.sessions.is_none()
}

fn count(support: &Support) -> Vec<Item> {
    let Some(sessions) = support.sessions.filter(|_| !rests_on_memory(support)) else {
        return vec![item(
            "rests on the memory itself",
            "Nothing in sessions is needed to see it: two notes say the same, or a limit is passed. So there \
             is no example count, and the threshold does not hide it.",
        )];
    };
    let (of, read) = match (support.exposed, support.checks.read) {
        (Some(exposed), _) => (format!(" of {exposed}"), ""),
        (None, Some(read)) => (format!(" of {read}"), " read"),
        (None, None) => (String::new(), ""),
    };
    let second = match (support.exposed, support.checks.read) {
        (Some(_), _) => " The second number are the sessions in which it could have shown at all.",
        (None, Some(_)) => {
            " The second number says how many sessions were read. In how many of them it could have shown is not \
             known, as words do not tell that: so this is no share, and a low number says nothing against it."
        }
        (None, None) => "",
    };
    let mut items = vec![match support.basis {
        Basis::Estimated => item(
            format!("about {sessions}{of} sessions{read}, estimated"),
            format!(
                "A search for the words of the lesson found so many sessions. It finds words and not meanings, so \
                 some may be beside the point and others missing. Look at a few of the places and say which are \
                 right: then the estimate becomes a span.{second}"
            ),
        ),
        _ => item(
            format!("{sessions}{of} sessions{read}, verified"),
            format!(
                "So many different sessions show it, and each can be opened at the words that do. Sessions that \
                 continue or copy one another count once, and repeats inside a session count once.{second}"
            ),
        ),
    }];
    if support.days > 0 {
        items.push(item(
            format!("{} days", support.days),
            "On so many different days. Many sessions of one day may be one incident.",
        ));
    }
    if let Some(worth) = support.checks.effective_users {
        items.push(item(
            format!("{} people, like {worth:.1}", support.users),
            "So many people ran the supporting sessions. The second number says how many it would be if all \
             had the same share: 10 sessions of one person and 1 each of two others are like 1.4 people.",
        ));
    }
    if let Some(bound) = support.lower_bound {
        items.push(item(
            format!("at least {:.0} %", (bound * 100.0).floor()),
            "If these sessions are a fair sample, the true share is higher than this with 90 % confidence (the \
             lower end of the 80 % Wilson interval). Few sessions give a low bound however good they look: 3 \
             of 3 is at least 64 %. The list is ordered by the count itself, unless you order it otherwise.",
        ));
    }
    items
}

fn beside(support: &Support) -> Vec<Item> {
    if support.sessions.is_none() {
        return Vec::new();
    }
    let neutral = support.exposed.map_or(String::new(), |_| format!(", neutral {}", support.neutral()));
    let mut items = vec![item(
        format!("against {}{neutral}, mention {}", support.contradict, support.mention),
        if support.exposed.is_some() {
            "Against: sessions that show the opposite; they stand first in the evidence. Neutral: sessions in \
             which it could have shown and that say nothing either way. Mention: sessions that speak of it without \
             showing it, such as the agent's own words; they never count."
        } else {
            "Against: sessions that show the opposite; they stand first in the evidence. Mention: sessions that \
             speak of it without showing it, such as the agent's own words; they never count."
        },
    )];
    let Checks { not_found, echoes, noise, .. } = &support.checks;
    if *not_found > 0 {
        items.push(item(
            format!("cited but not found {not_found}"),
            "In so many sessions the dream cites words that are not there. They are shown, and do not count.",
        ));
    }
    if *echoes > 0 {
        items.push(item(
            format!("echoes ignored {echoes}"),
            "So often the lesson's words come from the memory itself, a summary or a prompt. What the agent \
             was told it repeats; that proves nothing, and does not count.",
        ));
    }
    if let Some(noise) = noise {
        items.push(item(
            format!("luck gives {:.2} lessons ({} shuffled copies)", noise.lessons, noise.copies),
            "The same search ran over copies of these sessions in which what belongs together was dealt out \
             anew. What it finds there is luck. The number is the mean over all copies, for all lessons of the \
             dream together.",
        ));
    }
    items
}

fn repeats(checks: &Checks) -> Vec<Item> {
    let mut items = Vec::new();
    if let Some(spot) = &checks.spot {
        items.push(item(
            format!(
                "{} found, {} of {} confirmed: about {}-{} real",
                spot.found,
                spot.right,
                spot.right + spot.wrong,
                spot.low,
                spot.high
            ),
            "You looked at some of the places. With 80 % probability so many of the sessions found are real.",
        ));
    }
    if let Some(held) = &checks.held_out {
        let mut means =
            "Three tenths of the sessions, whole families of tasks together, are put aside. A lesson \
                         found in the others is then looked up in them. "
                .to_owned();
        means.push_str(verdict(held.verdict));
        if !held.found_without {
            means.push_str(
                " It was found only with the help of the sessions held out, so they can't confirm it.",
            );
        }
        let confirmed = held.confirmed_in;
        let says = format!(
            "found in {}, held out {} of {}",
            held.found_in.support, confirmed.support, confirmed.exposed
        );
        items.push(item(says, means));
    }
    if let Some(history) = &checks.history {
        let mut means = "Sessions older than those of this dream that were read before. ".to_owned();
        means.push_str(verdict(history.verdict));
        items.push(item(format!("before {} of {}", history.share.support, history.share.exposed), means));
    }
    if !checks.segments.is_empty() {
        let of =
            checks.segments.iter().map(|s| format!("{} {} of {}", s.name, s.share.support, s.share.exposed));
        let chance = checks
            .skew
            .map_or(String::new(), |p| format!(" Chance spreads it so unevenly with probability {p:.3}."));
        items.push(item(
            format!("segments: {}", of.collect::<Vec<_>>().join(", ")),
            format!(
                "Supporting sessions of each group among those in which it could have shown.{chance} A lesson that \
                 one group carries is proposed for that group only."
            ),
        ));
    }
    items
}

fn verdict(verdict: Confirmation) -> &'static str {
    match verdict {
        Confirmation::Replicated => "It shows again there, about as often as expected.",
        Confirmation::Thin => "There are too few chances to say; that is nothing against it.",
        Confirmation::NotSeen => "It never shows there, though at its rate it should have.",
        Confirmation::Contradicted => "There the opposite shows more often.",
    }
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Established => {
            "At least ten sessions of several people or on several days, without the person with most of them too, \
             stands out from chance, and shows again in sessions it was not found in."
        }
        Tier::Supported => "At least five sessions, and stands out from chance.",
        Tier::Emerging => "Three or four sessions, and stands out from chance. Worth waiting for more.",
        Tier::Lead => "A hint that nothing confirms yet. It is never accepted together with others.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::count_line;
    use crate::domain::ids::{AgentId, DreamId, LessonId};
    use crate::domain::lesson::{Kind, Topic};
    use crate::domain::lifecycle::State;
    use crate::domain::phrase::in_full;

    #[test]
    fn what_rests_on_the_memory_is_said_to_need_no_sessions_and_nothing_else() {
        let upkeep = Lesson {
            id: LessonId::new("les_1"),
            agent: AgentId::new("folder:bot"),
            dream: DreamId::new("drm_1"),
            kind: Kind::Merge,
            topic: Topic::Upkeep,
            statement: "Keep one of two equal notes".to_owned(),
            proposed: None,
            state: State::Pending,
            edited: false,
            tier: Tier::Supported,
            support: Support::memory(),
            marks: Vec::new(),
            documents: Vec::new(),
            tokens: -9,
            cosmetic: false,
            position: 0,
        };
        let said: Vec<String> = lesson(&upkeep).into_iter().map(|item| item.says).collect();
        assert_eq!(said, ["rests on the memory itself"]);
    }

    #[test]
    fn a_lower_bound_is_what_the_text_says_it_is() {
        // 3 of 3 at z = 1.2816: n / (n + z²).
        let bound = 3.0 / (3.0 + 1.281_551_565_545_f64.powi(2));
        assert!((0.64..0.65).contains(&bound));
    }

    #[test]
    fn every_number_on_the_screen_is_explained() {
        let support = Support {
            basis: Basis::Verified,
            sessions: Some(4),
            exposed: Some(9),
            days: 3,
            users: 2,
            lower_bound: Some(0.2),
            checks: Checks { effective_users: Some(1.6), echoes: 2, not_found: 1, ..Checks::default() },
            ..Support::memory()
        };
        let said: Vec<String> =
            count(&support).into_iter().chain(beside(&support)).map(|item| item.says).collect();
        let shown =
            [count_line::counted(&support, Tier::Emerging, "+"), count_line::against(&support)].concat();
        for part in in_full(shown).into_iter().filter(|part| part != "emerging") {
            let number = part.chars().find(char::is_ascii_digit).unwrap();
            assert!(said.iter().any(|says| says.contains(number)), "{part}: {said:?}");
        }
    }
}
