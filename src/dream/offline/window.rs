//! Which sessions a pass reads.
//!
//! Owns: order and selection. Must not know: what sessions hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::dream::{Excluded, Window};
use crate::domain::session::SessionMeta;

/// The sessions of a window, oldest first, and the ones left out for a reason worth telling. Sessions
/// that are merely older than the last `window.last` are only counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<'a> {
    /// To be read, oldest first.
    pub chosen: Vec<&'a SessionMeta>,
    /// Left out, with reasons.
    pub excluded: Vec<Excluded>,
    /// Older than the newest `window.last`, or than those read instead of sessions left out for balance.
    pub older: usize,
    /// Left out so that no person and no segment has more than its share.
    pub over: usize,
    /// Everything before the first one to be read, oldest first: of the same segment, if one was asked for.
    pub before: Vec<&'a SessionMeta>,
}

/// Selects and orders: by start, sessions without a time first, then by id.
#[must_use]
pub fn select<'a>(sessions: &'a [SessionMeta], window: &Window, most_of_one: Option<u32>) -> Selection<'a> {
    let mut order: Vec<&SessionMeta> = sessions.iter().collect();
    order.sort_by(|a, b| (a.started, a.id.as_str()).cmp(&(b.started, b.id.as_str())));
    order.dedup_by(|a, b| a.id == b.id);
    let mut selection =
        Selection { chosen: Vec::new(), excluded: Vec::new(), older: 0, before: Vec::new(), over: 0 };
    for &session in &order {
        match outside(session, window) {
            Some(reason) => {
                selection.excluded.push(Excluded { session: session.id.clone(), reason: reason.to_owned() });
            }
            None => selection.chosen.push(session),
        }
    }
    if let Some(share) = most_of_one {
        balance(&mut selection, window.last as usize, share);
    }
    selection.older = selection.chosen.len().saturating_sub(window.last as usize);
    selection.chosen.drain(..selection.older);
    if let Some(first) = selection.chosen.first() {
        let before = order.iter().take_while(|session| session.id != first.id);
        let of_segment =
            |session: &&&SessionMeta| window.segment.is_none() || session.segment == window.segment;
        selection.before = before.filter(of_segment).copied().collect();
    }
    selection
}

/// Passes over sessions whose person or segment, where there are several, has its share of the `wanted` already:
/// older ones of others are read in their place.
fn balance(selection: &mut Selection<'_>, wanted: usize, share: u32) {
    let each = wanted.saturating_mul(share as usize).div_ceil(100).max(1);
    let several = |of: fn(&SessionMeta) -> Option<&str>| {
        selection.chosen.iter().filter_map(|session| of(session)).collect::<BTreeSet<_>>().len() > 1
    };
    let of_users = several(|session| session.user.as_deref());
    let of_segments = several(|session| session.segment.as_deref());
    let mut had: BTreeMap<(bool, String), usize> = BTreeMap::new();
    let mut taken = 0;
    let mut kept = Vec::new();
    for session in std::mem::take(&mut selection.chosen).into_iter().rev() {
        let user = session.user.as_ref().filter(|_| of_users).map(|user| (false, user.clone()));
        let segment = session.segment.as_ref().filter(|_| of_segments).map(|name| (true, name.clone()));
        let shares: Vec<(bool, String)> = user.into_iter().chain(segment).collect();
        let full = shares.iter().any(|key| had.get(key).is_some_and(|count| *count >= each));
        if taken < wanted && full {
            selection.over += 1;
            let reason = format!("its person or segment has {each} of {wanted} sessions already");
            selection.excluded.push(Excluded { session: session.id.clone(), reason });
            continue;
        }
        taken += 1;
        for key in shares {
            *had.entry(key).or_default() += 1;
        }
        kept.push(session);
    }
    kept.reverse();
    selection.chosen = kept;
}

fn outside(session: &SessionMeta, window: &Window) -> Option<&'static str> {
    if window.segment.is_some() && session.segment != window.segment {
        return Some("belongs to another segment");
    }
    if window.since.is_some_and(|since| session.started.is_none_or(|started| started < since)) {
        return Some("started before the window");
    }
    if window.until.is_some_and(|until| session.started.is_none_or(|started| started > until)) {
        return Some("started after the window");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dream::offline::test_corpus::meta;

    #[test]
    fn the_newest_are_taken_in_order_whatever_the_input_order() {
        let sessions = [meta("c", 3), meta("a", 1), meta("b", 2), meta("b", 2)];
        let window = Window { last: 2, ..Window::default() };
        let selection = select(&sessions, &window, None);
        let ids: Vec<&str> = selection.chosen.iter().map(|s| s.id.as_str()).collect();
        assert_eq!((ids.as_slice(), selection.older), (&["b", "c"][..], 1));
        assert_eq!(selection.before.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn dates_and_segments_exclude_with_a_reason() {
        let mut other = meta("other", 2);
        other.segment = Some("x".to_owned());
        let early = meta("early", 1);
        let late = meta("late", 9);
        let window = Window {
            since: meta("", 2).started,
            until: meta("", 5).started,
            segment: Some("x".to_owned()),
            ..Window::default()
        };
        let sessions = [other, early, late];
        let selection = select(&sessions, &window, None);
        assert_eq!(selection.chosen.len(), 1);
        assert_eq!(selection.excluded.len(), 2);
        let dated = Window { segment: None, ..window };
        let reasons: Vec<String> =
            select(&sessions, &dated, None).excluded.into_iter().map(|e| e.reason).collect();
        assert_eq!(reasons, ["started before the window", "started after the window"]);
    }

    #[test]
    fn nobody_has_more_than_a_share_and_older_sessions_take_the_place() {
        let sessions: Vec<SessionMeta> = (0..20)
            .map(|n| {
                let mut session = meta(&format!("s{n:02}"), n);
                // The newest ten are one person's, of one segment.
                session.user = Some(if n >= 10 { "busy".to_owned() } else { format!("u{}", n % 3) });
                session.segment =
                    Some(if n >= 10 { "shop" } else { ["billing", "trade"][n as usize % 2] }.to_owned());
                session
            })
            .collect();
        let window = Window { last: 10, ..Window::default() };
        let count = |share| {
            let selection = select(&sessions, &window, share);
            let busy = selection.chosen.iter().filter(|s| s.user.as_deref() == Some("busy")).count();
            (selection.chosen.len(), busy, selection.over)
        };
        assert_eq!(count(None), (10, 10, 0));
        let (all, busy, over) = count(Some(30));
        assert_eq!((busy, over >= 7), (3, true));
        assert!(all >= 9, "{all} read");
        assert_eq!(select(&sessions, &window, Some(100)).chosen.len(), 10);
    }
}
