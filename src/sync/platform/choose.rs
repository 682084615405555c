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
    let each = share.map(|share| wanted.saturating_mul(share as usize).div_ceil(100).max(1));
    let mut had: BTreeMap<String, usize> = BTreeMap::new();
    let (mut taken, mut anonymous, mut over) = (Vec::new(), 0, 0_u64);
    for session in sessions {
        if taken.len() == wanted {
            break;
        }
        let reason = reason_against(&session, dreamers);
        if let Some(reason) = reason {
            chosen.excluded.push(Excluded { session: session.id, reason: reason.to_owned() });
            continue;
        }
        if let (Some(each), Some(user)) = (each, &session.user) {
            let count = had.entry(user.clone()).or_default();
            if *count == each {
                over += 1;
                let reason = format!("its person already has {each} of at most {wanted} sessions");
                chosen.excluded.push(Excluded { session: session.id, reason });
                continue;
            }
            *count += 1;
        }
        anonymous += usize::from(session.user.is_none());
        taken.push(session);
    }
    if let Some(share) = share {
        if anonymous > 0 {
            chosen.remarks.push(format!(
                "{anonymous} of {} sessions do not say whose they are, so the limit of {share} % a person leaves them alone",
                taken.len()
            ));
        }
        if over > 0 {
            chosen.remarks.push(format!(
                "{} left out so that no person has more than {share} %",
                counted(over, "session")
            ));
        }
    }
    taken.reverse();
    split(&mut chosen, taken);
    chosen
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
        assert!(chosen.excluded[0].reason.contains("already has 5 of at most 10"));
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
