//! Which sessions a dream reads: the newest, of one segment, balanced over people, in parts that the
//! platform takes.
//!
//! Owns: that choice and its reasons. Must not know: what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::dream::{Excluded, Window};
use crate::domain::remote::RemoteSession;
use crate::domain::session::SessionMeta;
use crate::domain::text::counted;

/// Sessions one dream may read.
pub const MOST: usize = 100;

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chosen {
    /// One part for each dream, each of at most [`MOST`] sessions, the oldest first.
    pub parts: Vec<Vec<SessionMeta>>,
    /// What was left out, and why.
    pub excluded: Vec<Excluded>,
    /// Plain remarks for whoever starts the dream.
    pub remarks: Vec<String>,
}

impl Chosen {
    /// Sessions in all parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }

    /// Whether nothing is left to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Chooses from sessions that are inside the window, the newest first. `share` is the part of all chosen
/// sessions, in per cent, that one person may have at most. `dreamers` are sessions in which dreams run.
#[must_use]
pub fn choose(
    sessions: Vec<SessionMeta>,
    window: &Window,
    share: Option<u32>,
    dreamers: &BTreeSet<String>,
) -> Chosen {
    let mut chosen = Chosen::default();
    let wanted = usize::try_from(window.last).unwrap_or(usize::MAX);
    let reasons: Vec<Option<&'static str>> =
        sessions.iter().map(|session| reason_against(session, dreamers)).collect();
    let fit: Vec<&SessionMeta> = sessions
        .iter()
        .zip(&reasons)
        .filter(|(_, reason)| reason.is_none())
        .map(|(session, _)| session)
        .collect();
    let limit = share.map(|share| Limit::of(&fit, wanted, share));
    let mut room = Room::new(limit.as_ref().map(|limit| limit.each));
    let (mut taken, mut anonymous, mut over) = (Vec::new(), 0, 0_u64);
    for (session, reason) in sessions.into_iter().zip(reasons) {
        if taken.len() == wanted {
            break;
        }
        if let Some(reason) = reason {
            chosen.excluded.push(Excluded { session: session.id, reason: reason.to_owned() });
            continue;
        }
        if let (false, Some(limit)) = (room.takes(&session), &limit) {
            over += 1;
            let reason = format!("its person already has {} of {} sessions", limit.each, limit.of);
            chosen.excluded.push(Excluded { session: session.id, reason });
            continue;
        }
        anonymous += usize::from(session.user.is_none());
        taken.push(session);
    }
    if let Some(limit) = limit {
        if anonymous > 0 {
            chosen.remarks.push(format!(
                "{anonymous} of {} sessions do not say whose they are, so the limit of {} % a person leaves them alone",
                taken.len(),
                limit.share
            ));
        }
        chosen.remarks.extend(limit.remark);
        if over > 0 {
            chosen.remarks.push(format!(
                "{} left out so that no person has more than {} % of those read",
                counted(over, "session"),
                limit.share
            ));
        }
    }
    taken.reverse();
    split(&mut chosen, taken);
    chosen
}

/// How many sessions one person may have.
struct Limit {
    each: usize,
    /// Of so many that are read.
    of: usize,
    /// The part that is, in per cent; more than was asked where there are too few people for that.
    share: u32,
    remark: Option<String>,
}

impl Limit {
    /// A part of what is read, not of what was asked for: with fewer sessions than that, and those of a busy person
    /// left out, what remains is less, and so is a part of it.
    fn of(fit: &[&SessionMeta], wanted: usize, share: u32) -> Self {
        let people: BTreeSet<&str> = fit.iter().filter_map(|session| session.user.as_deref()).collect();
        let all_say = fit.iter().all(|session| session.user.is_some());
        let equal = 100_u32.div_ceil(u32::try_from(people.len()).unwrap_or(u32::MAX).max(1));
        let (share, remark) = if all_say && !people.is_empty() && equal > share {
            let remark = format!(
                "the sessions are of {}, so nobody can have as little as {share} %; the limit is {equal} %",
                if people.len() == 1 { "one person".to_owned() } else { format!("{} people", people.len()) }
            );
            (equal, Some(remark))
        } else {
            (share, None)
        };
        let mut of = fit.len().min(wanted);
        loop {
            let each = of.saturating_mul(share as usize).div_ceil(100).max(1);
            let mut room = Room::new(Some(each));
            let taken = fit.iter().filter(|session| room.takes(session)).take(wanted).count();
            if taken >= of {
                return Self { each, of, share, remark };
            }
            of = taken;
        }
    }
}

/// What people have so far.
struct Room {
    each: Option<usize>,
    had: BTreeMap<String, usize>,
}

impl Room {
    fn new(each: Option<usize>) -> Self {
        Self { each, had: BTreeMap::new() }
    }

    /// Takes a session in, unless its person has enough.
    fn takes(&mut self, session: &SessionMeta) -> bool {
        let (Some(each), Some(user)) = (self.each, &session.user) else { return true };
        let count = self.had.entry(user.clone()).or_default();
        let room = *count < each;
        *count += usize::from(room);
        room
    }
}

fn reason_against(session: &SessionMeta, dreamers: &BTreeSet<String>) -> Option<&'static str> {
    if dreamers.contains(session.id.as_str()) {
        return Some("a dream ran in it");
    }
    let live = session.remote.as_ref().is_some_and(RemoteSession::is_live);
    live.then_some("it is still at work; the next dream can read it")
}

/// Parts of about the same size, none above what one dream takes.
fn split(chosen: &mut Chosen, taken: Vec<SessionMeta>) {
    let count = taken.len();
    if count == 0 {
        return;
    }
    let parts = count.div_ceil(MOST);
    if parts > 1 {
        chosen.remarks.push(format!(
            "{count} sessions are more than the {MOST} one dream takes: {parts} dreams read them, each a part, the oldest first"
        ));
    }
    let size = count.div_ceil(parts);
    let mut rest = taken.into_iter();
    loop {
        let part: Vec<SessionMeta> = rest.by_ref().take(size).collect();
        if part.is_empty() {
            break;
        }
        chosen.parts.push(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AgentId, SessionId};

    fn session(n: usize, user: Option<&str>, status: &str) -> SessionMeta {
        SessionMeta {
            id: SessionId::new(format!("sesn_{n:03}")),
            agent: AgentId::new("bot"),
            files: Vec::new(),
            title: String::new(),
            started: None,
            ended: None,
            events: 0,
            calls: 0,
            errors: 0,
            skipped: Vec::new(),
            user: user.map(str::to_owned),
            segment: None,
            chain: None,
            remote: Some(RemoteSession {
                status: status.to_owned(),
                updated: "2026-11-20T03:00:00Z".parse().unwrap(),
                usage: None,
                cost: None,
                outcome: None,
                model: None,
                fetched: None,
            }),
        }
    }

    fn window(last: u32) -> Window {
        Window { last, ..Window::default() }
    }

    #[test]
    fn more_than_a_dream_takes_is_split_evenly_and_said_so() {
        let sessions = (0..205).rev().map(|n| session(n, None, "idle")).collect();
        let chosen = choose(sessions, &window(205), None, &BTreeSet::new());
        let sizes: Vec<usize> = chosen.parts.iter().map(Vec::len).collect();
        assert_eq!(sizes, [69, 69, 67]);
        assert_eq!(chosen.parts[0][0].id.as_str(), "sesn_000", "the oldest first");
        assert!(chosen.remarks[0].contains("3 dreams"), "{:?}", chosen.remarks);
    }

    #[test]
    fn one_person_has_no_more_than_their_share() {
        let sessions =
            (0..20).map(|n| session(n, Some(if n % 4 == 3 { "rare" } else { "frequent" }), "idle")).collect();
        let chosen = choose(sessions, &window(10), Some(50), &BTreeSet::new());
        let mine = |name: &str| {
            chosen.parts.iter().flatten().filter(|session| session.user.as_deref() == Some(name)).count()
        };
        assert_eq!((mine("frequent"), mine("rare")), (5, 5));
        assert!(chosen.excluded[0].reason.contains("already has 5 of 10"));
    }

    #[test]
    fn a_share_is_of_what_is_read_and_not_of_what_was_asked_for() {
        // Ten of one person, and one each of ten others, where fifty are asked for.
        let person = |n: usize| if n < 10 { "busy".to_owned() } else { format!("p{n}") };
        let sessions: Vec<SessionMeta> = (0..20).map(|n| session(n, Some(&person(n)), "idle")).collect();
        let chosen = choose(sessions, &window(50), Some(30), &BTreeSet::new());
        let busy =
            chosen.parts.iter().flatten().filter(|session| session.user.as_deref() == Some("busy")).count();
        assert_eq!((busy, chosen.len()), (5, 15), "4 of 14 would be less than may be, 15 of 50 all of them");
        assert!(busy * 100 <= 34 * chosen.len(), "rounded up by less than one session");
        assert!(chosen.excluded[0].reason.contains("already has 5 of 15"), "{}", chosen.excluded[0].reason);
    }

    #[test]
    fn too_few_people_for_a_share_is_said_and_does_not_leave_next_to_nothing() {
        let sessions = |people: usize| -> Vec<SessionMeta> {
            (0..12).map(|n| session(n, Some(&format!("p{}", n % people)), "idle")).collect()
        };
        let alone = choose(sessions(1), &window(50), Some(30), &BTreeSet::new());
        assert_eq!(alone.len(), 12);
        assert!(
            alone.remarks[0].contains("of one person") && alone.remarks[0].contains("100 %"),
            "{:?}",
            alone.remarks
        );
        let two = choose(sessions(2), &window(50), Some(30), &BTreeSet::new());
        assert_eq!(two.len(), 12);
        assert!(two.remarks[0].contains("2 people") && two.remarks[0].contains("50 %"), "{:?}", two.remarks);
    }

    #[test]
    fn running_sessions_and_those_of_dreams_are_left_out() {
        let sessions =
            vec![session(0, None, "running"), session(1, None, "idle"), session(2, None, "terminated")];
        let dreamers = BTreeSet::from(["sesn_001".to_owned()]);
        let chosen = choose(sessions, &window(50), None, &dreamers);
        let left: Vec<&str> = chosen.parts[0].iter().map(|session| session.id.as_str()).collect();
        assert_eq!(left, ["sesn_002"]);
        assert_eq!(chosen.excluded.len(), 2);
        assert!(choose(Vec::new(), &window(50), None, &dreamers).is_empty());
    }
}
