//! The example count and everything beside it, in words: the same on every screen and in every pipe.
//!
//! Owns: the wording. Must not know: colours, widths, what stands around it. Never a percentage without
//! the counts it comes from, and never the two signs of exact and estimated counts mixed.

use super::checks::{Checks, Share};
use super::evidence::{Basis, Support, Tier};
use super::phrase::Phrase;

/// What is said first: the count, over what, how firm. One phrase each, what decides first: where there is
/// little room, the last go. `sign` stands before what was verified; none where signs are read aloud.
#[must_use]
pub fn counted(support: &Support, tier: Tier, sign: &str) -> Vec<Phrase> {
    let Some(sessions) = support.sessions.filter(|_| support.basis != Basis::Memory) else {
        return vec!["rests on the memory itself".to_owned().into()];
    };
    let estimated = support.basis == Basis::Estimated;
    let about = if estimated { "about " } else { "" };
    let of = match (support.exposed, support.checks.read) {
        (Some(exposed), _) => format!("{about}{sessions} of {}", number(exposed, "session")),
        (None, Some(read)) => format!("{about}{sessions} of {} read", number(read, "session")),
        (None, None) => format!("{about}{}", number(sessions, "session")),
    };
    // What was only estimated says so however little room there is.
    let (checked, short) = match (estimated, sign) {
        (true, _) => ("estimated".to_owned(), "estimated"),
        (false, "") => ("verified".to_owned(), "verified"),
        (false, sign) => (format!("{sign} verified"), "verified"),
    };
    let briefly = of.replace(" sessions", "");
    let mut parts = vec![Phrase::new(format!("{of} {checked}"), format!("{briefly} {short}"))];
    let bound = support.lower_bound.map(|bound| format!("at least {:.0} %", (bound * 100.0).floor()));
    parts.extend(bound.map(Phrase::from));
    parts.push(tier.as_str().to_owned().into());
    let window = support.checks.reach.as_ref().map(|reach| reach.window.in_words()).unwrap_or_default();
    parts.extend((!window.is_empty()).then(|| format!("only {window}").into()));
    parts.extend((support.days > 0).then(|| number(support.days, "day").into()));
    parts.extend(people(support));
    let segments = support.checks.segments.iter().filter(|segment| segment.share.support > 0).count() as u32;
    parts.extend((segments > 0).then(|| number(segments, "segment").into()));
    parts
}

/// `4 people (like 3.1)`.
fn people(support: &Support) -> Option<Phrase> {
    let worth = support.checks.effective_users.filter(|_| support.users > 1);
    let worth = worth.map(|worth| format!(" (like {worth:.1})")).unwrap_or_default();
    match support.users {
        0 => None,
        1 => Some("1 person".to_owned().into()),
        users => Some(Phrase::new(format!("{users} people{worth}"), format!("{users} people"))),
    }
}

/// What speaks against the count, and what was not counted.
#[must_use]
pub fn against(support: &Support) -> Vec<Phrase> {
    if support.sessions.is_none() {
        return Vec::new();
    }
    let Checks { not_found, echoes, noise, .. } = &support.checks;
    let mut parts = vec![format!("against {}", support.contradict).into()];
    parts.extend(support.exposed.map(|_| format!("neutral {}", support.neutral()).into()));
    parts.extend((support.mention > 0).then(|| format!("mention {}", support.mention).into()));
    parts.extend((*not_found > 0).then(|| format!("cited but not found {not_found}").into()));
    parts.extend((*echoes > 0).then(|| format!("echoes ignored {echoes}").into()));
    parts.extend(noise.map(|noise| {
        let copies = count(noise.copies, "shuffled copy", "shuffled copies");
        let short = format!("luck gives {:.2} lessons", noise.lessons);
        Phrase::new(format!("{short} ({copies})"), short)
    }));
    parts
}

/// Whether it holds where it was not found.
#[must_use]
pub fn confirmed(support: &Support) -> Vec<Phrase> {
    let Checks { held_out, history, segments, only_for, spot, reach, narrower, .. } = &support.checks;
    let mut parts: Vec<String> = Vec::new();
    parts.extend(spot.as_ref().map(|spot| {
        let checked = spot.right + spot.wrong;
        format!(
            "{} found, you confirmed {} of {checked}: about {}-{} real",
            spot.found, spot.right, spot.low, spot.high
        )
    }));
    parts.extend(held_out.map(|held| {
        let Share { support: k, exposed: n, .. } = held.confirmed_in;
        let alone = if held.found_without { "" } else { ", not found without them" };
        format!("found in {}, held out {k} of {n}: {}{alone}", held.found_in.support, held.verdict.in_words())
    }));
    parts.extend(history.map(|history| {
        let Share { support: k, exposed: n, .. } = history.share;
        format!("before {k} of {n}: {}", history.verdict.in_words())
    }));
    if let (Some(counted), Some(narrower)) = (reach, narrower) {
        let Share { support: k, exposed: n, .. } = narrower.share;
        parts.push(format!(
            "counted over {}; a later pass, {}: {k} of {n}",
            counted.in_words(),
            narrower.reach.in_words()
        ));
    }
    if let Some((pooled, alike)) =
        support.checks.rates().filter(|(pooled, alike)| (pooled - alike).abs() > APART)
    {
        parts.push(format!(
            "{:.0} % together, {:.0} % if each of {} segments weighs the same",
            pooled * 100.0,
            alike * 100.0,
            segments.iter().filter(|segment| segment.share.exposed > 0).count()
        ));
    }
    if let (Some(only), Some(top)) = (only_for, segments.first()) {
        parts.push(format!("only for {only} ({} of {})", top.share.support, top.share.exposed));
    }
    parts.into_iter().map(Phrase::from).collect()
}

/// Rates that differ by more than this are not the same in all segments.
const APART: f64 = 0.15;

/// `1 day`, `2 days`.
fn number(count_: u32, what: &str) -> String {
    count(count_, what, &format!("{what}s"))
}

fn count(count: u32, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::super::phrase::in_full;
    use super::*;
    use crate::domain::checks::{Confirmation, HeldOut, History, Noise, SegmentShare};

    #[test]
    fn every_number_stands_with_what_it_is_a_number_of() {
        let share = |support, contradict, exposed| Share { support, contradict, exposed };
        let support = Support {
            basis: Basis::Verified,
            sessions: Some(12),
            exposed: Some(31),
            contradict: 2,
            days: 9,
            users: 4,
            lower_bound: Some(0.287),
            checks: Checks {
                effective_users: Some(3.12),
                not_found: 1,
                echoes: 14,
                held_out: Some(HeldOut {
                    found_in: share(9, 1, 22),
                    confirmed_in: share(3, 1, 9),
                    found_without: true,
                    verdict: Confirmation::Replicated,
                }),
                history: Some(History { share: share(7, 0, 40), verdict: Confirmation::Thin }),
                noise: Some(Noise { copies: 20, lessons: 0.05 }),
                ..Checks::default()
            },
            ..Support::memory()
        };
        assert_eq!(
            in_full(counted(&support, Tier::Established, "✓")).join(" · "),
            "12 of 31 sessions ✓ verified · at least 28 % · established · 9 days · 4 people (like 3.1)"
        );
        assert_eq!(
            in_full(against(&support)).join(" · "),
            "against 2 · neutral 17 · cited but not found 1 · echoes ignored 14 · \
             luck gives 0.05 lessons (20 shuffled copies)"
        );
        assert_eq!(
            in_full(confirmed(&support)).join(" · "),
            "found in 9, held out 3 of 9: replicated · before 7 of 40: too few to say"
        );
        let of = |name: &str, support, exposed| SegmentShare {
            name: name.to_owned(),
            share: share(support, 0, exposed),
        };
        let mut uneven = Support::memory();
        uneven.checks.segments = vec![of("shop", 18, 20), of("billing", 0, 5), of("trade", 0, 0)];
        assert_eq!(
            in_full(confirmed(&uneven)),
            ["72 % together, 45 % if each of 2 segments weighs the same"],
            "25 sessions, most of them of one segment"
        );
        uneven.checks.segments = vec![of("shop", 18, 20), of("billing", 4, 5)];
        assert_eq!(confirmed(&uneven), []);
        let estimated =
            Support { basis: Basis::Estimated, sessions: Some(14), exposed: Some(43), ..Support::memory() };
        assert_eq!(
            in_full(counted(&estimated, Tier::Lead, "+")).join(", "),
            "about 14 of 43 sessions estimated, lead"
        );
        let checks = Checks { read: Some(43), ..Checks::default() };
        let looked_up = Support { exposed: None, checks, ..estimated };
        assert_eq!(
            in_full(counted(&looked_up, Tier::Lead, "+")).join(", "),
            "about 14 of 43 sessions read estimated, lead"
        );
        assert_eq!(in_full(against(&looked_up)), ["against 0"], "nobody knows which sessions are neutral");
        assert_eq!(against(&Support::memory()), []);
    }
}
