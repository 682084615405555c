//! Sessions that continue, fork or copy one another.
//!
//! Owns: the name such sessions share, and which records are copies of earlier ones. Must not know:
//! how sessions are stored, or what is counted.
//!
//! Resuming, rewinding or clearing a session can start a new file that carries the old records with
//! their ids. Whatever happened in them happened once.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::domain::ids::content_id;
use crate::domain::session::{Event, SessionMeta};

/// What is kept of a session to tell whether it shares history with others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// A chain that the file itself names.
    pub chain: Option<String>,
    /// Id of the first record of the conversation.
    pub first: Option<String>,
    /// Fingerprints of all record ids of the conversation, sorted; sub-agents left out.
    pub records: Vec<u64>,
}

impl Links {
    /// Notes an event of the session, in file order.
    pub fn note(&mut self, event: &Event<'_>) {
        if event.sidechain || !is_unique(&event.record) {
            return;
        }
        if self.first.is_none() {
            self.first = Some(event.record.clone().into_owned());
        }
        let print = fingerprint(&event.record);
        if let Err(at) = self.records.binary_search(&print) {
            self.records.insert(at, print);
        }
    }

    /// The name of the chain as far as the session alone can tell: forks and resumed sessions start
    /// with the same record. `None` where the format has no unique record ids.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let named = self.chain.as_deref().map(|chain| content_id("chn", &[b"named", chain.as_bytes()]));
        named.or_else(|| self.first.as_deref().map(|first| content_id("chn", &[first.as_bytes()])))
    }
}

/// Gives sessions that share any record, directly or through others, the same chain name: that of the
/// earliest of them. `links` runs parallel to `sessions`; all must belong to one agent.
pub fn assign(sessions: &mut [SessionMeta], links: &[Links]) {
    let mut group: Vec<usize> = (0..sessions.len()).collect();
    let mut owner: FxHashMap<u64, usize> = FxHashMap::default();
    for (index, link) in links.iter().enumerate().take(sessions.len()) {
        for &record in &link.records {
            let first = *owner.entry(record).or_insert(index);
            join(&mut group, first, index);
        }
    }
    let mut order: Vec<usize> = (0..sessions.len()).collect();
    order.sort_by(|&a, &b| key(sessions, a).cmp(&key(sessions, b)));
    let mut names: FxHashMap<usize, Option<String>> = FxHashMap::default();
    for index in order {
        let root = root(&mut group, index);
        let own = links.get(index).and_then(Links::name);
        let name = names.entry(root).or_insert(own).clone();
        if let Some(session) = sessions.get_mut(index) {
            session.chain = name;
        }
    }
}

/// Canonical order: by start, sessions without a time last, then by id.
fn key(sessions: &[SessionMeta], index: usize) -> Option<(bool, Option<jiff::Timestamp>, &str)> {
    sessions.get(index).map(|session| (session.started.is_none(), session.started, session.id.as_str()))
}

fn root(group: &mut [usize], mut index: usize) -> usize {
    while let Some(&parent) = group.get(index) {
        if parent == index {
            break;
        }
        let grandparent = group.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = group.get_mut(index) {
            *slot = grandparent;
        }
        index = grandparent;
    }
    index
}

fn join(group: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(group, a), root(group, b));
    if let Some(slot) = group.get_mut(a.max(b)) {
        *slot = a.min(b);
    }
}

/// Who had a record first. Fed with sessions in canonical order (start, then id), it tells originals
/// from copies.
#[derive(Debug, Default)]
pub struct Ledger {
    first: FxHashMap<u64, usize>,
}

impl Ledger {
    /// Whether the record is original in this session: no earlier one had it. Records without an id
    /// that is unique everywhere are always original.
    pub fn is_original(&mut self, session: usize, record: &str) -> bool {
        !is_unique(record) || *self.first.entry(fingerprint(record)).or_insert(session) == session
    }
}

/// Whether a record id is unique over all files (a UUID or a platform event id), not just in its own.
#[must_use]
pub fn is_unique(record: &str) -> bool {
    let uuid = record.len() == 36
        && record.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    uuid || record.starts_with("sevt_")
}

/// FNV-1a, 64 bits: the same on every machine and in every version, because it is kept in the cache.
pub(super) fn fingerprint(record: &str) -> u64 {
    record.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{AgentId, SessionId};
    use crate::domain::session::EventKind;

    fn uuid(n: u32) -> String {
        format!("00000000-0000-4000-8000-{n:012}")
    }

    fn event(record: String, sidechain: bool) -> Event<'static> {
        Event {
            kind: EventKind::User,
            record: record.into(),
            call: None,
            tool: None,
            at: None,
            bytes: 0..0,
            text: "".into(),
            is_error: false,
            sidechain,
            cwd: None,
        }
    }

    fn links(records: impl IntoIterator<Item = u32>) -> Links {
        let mut links = Links::default();
        records.into_iter().for_each(|n| links.note(&event(uuid(n), false)));
        links
    }

    fn session(id: &str, hour: u8) -> SessionMeta {
        SessionMeta {
            id: SessionId::new(id),
            agent: AgentId::new("a"),
            files: vec![],
            title: String::new(),
            started: format!("2026-01-01T{hour:02}:00:00Z").parse().ok(),
            ended: None,
            events: 0,
            calls: 0,
            errors: 0,
            skipped: vec![],
            user: None,
            segment: None,
            chain: None,
            remote: None,
        }
    }

    #[test]
    fn sessions_that_share_records_share_a_chain_directly_or_not() {
        let mut sessions = [session("c", 3), session("b", 2), session("a", 1), session("alone", 4)];
        let all = [links([4, 5]), links([2, 4]), links([1, 2]), links([9])];
        assign(&mut sessions, &all);
        assert_eq!(sessions[0].chain, sessions[1].chain);
        assert_eq!(sessions[0].chain, sessions[2].chain);
        assert_eq!(sessions[2].chain, all[2].name(), "named after the earliest");
        assert_ne!(sessions[3].chain, sessions[0].chain);
    }

    #[test]
    fn a_fork_is_recognised_by_its_first_record_alone() {
        assert_eq!(links([1, 2, 3]).name(), links([1, 2, 7, 8]).name());
        assert_ne!(links([1, 2]).name(), links([2, 1]).name());
    }

    #[test]
    fn ids_that_are_unique_only_in_their_file_link_nothing() {
        let mut links = Links::default();
        links.note(&event("e1".into(), false));
        links.note(&event(uuid(1), true));
        assert_eq!(links, Links::default());
        let mut ledger = Ledger::default();
        assert!(ledger.is_original(0, "e1") && ledger.is_original(1, "e1"));
    }

    #[test]
    fn a_copied_record_is_original_once() {
        let mut ledger = Ledger::default();
        assert!(ledger.is_original(0, &uuid(1)));
        assert!(ledger.is_original(0, &uuid(1)), "several events may share a record");
        assert!(!ledger.is_original(1, &uuid(1)));
        assert!(ledger.is_original(1, &uuid(2)));
    }
}
