//! The events of a session or a thread.
//!
//! Owns: keeping them, making long transcripts up piece by piece, and listing them. Must not know: what
//! follows from them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::failure::Failure;
use super::page::{Ask, Limits};
use super::query::Query;
use super::workspace::Workspace;

/// Not documented; these are the stand-in's own.
const LIMITS: Limits = Limits { usual: 100, most: 1000 };

/// A transcript.
#[derive(Debug, Clone, PartialEq)]
pub enum Events {
    /// These. What lacks an id or a time is given one.
    Given(Vec<Value>),
    /// So many, made up when they are asked for, each with about so many bytes of text.
    Made {
        /// How many.
        count: u64,
        /// Bytes of text in each.
        bytes: usize,
    },
}

impl Default for Events {
    fn default() -> Self {
        Self::Given(Vec::new())
    }
}

impl Events {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Given(events) => events.len() as u64,
            Self::Made { count, .. } => *count,
        }
    }

    /// One of them, whole: `session` and `start` give what it lacks.
    pub(super) fn at(&self, number: u64, session: &str, start: Timestamp) -> Option<Value> {
        match self {
            Self::Given(events) => {
                let mut event = events.get(usize::try_from(number).ok()?)?.clone();
                let fields = event.as_object_mut()?;
                fields.entry("id").or_insert_with(|| event_id(session, number).into());
                fields.entry("processed_at").or_insert_with(|| moment(start, number).into());
                Some(event)
            }
            Self::Made { count, bytes } if number < *count => Some(made(session, start, number, *bytes)),
            Self::Made { .. } => None,
        }
    }
}

/// The id of an event that was not given one.
pub(super) fn event_id(session: &str, number: u64) -> String {
    let of = session.rsplit("StandIn").next().unwrap_or(session).trim_start_matches('0');
    format!("sevt_01{of}e{number:07}")
}

fn moment(start: Timestamp, number: u64) -> String {
    start.saturating_add(SignedDuration::from_secs(number as i64 + 1)).unwrap_or(start).to_string()
}

fn made(session: &str, start: Timestamp, number: u64, bytes: usize) -> Value {
    let words = ["refund", "window", "order", "deploy", "ticket", "branch", "stock", "parcel"];
    let mut text = format!("Step {number}.");
    let mut next = number;
    while text.len() < bytes {
        next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(' ');
        text.push_str(words.get((next >> 33) as usize % words.len()).copied().unwrap_or_default());
    }
    let (id, at) = (event_id(session, number), moment(start, number));
    match number % 4 {
        0 => json!({ "id": id, "type": "user.message", "processed_at": at,
            "content": [{ "type": "text", "text": text }] }),
        1 => json!({ "id": id, "type": "agent.message", "processed_at": at,
            "content": [{ "type": "text", "text": text }] }),
        2 => json!({ "id": id, "type": "agent.tool_use", "processed_at": at, "name": "bash",
            "input": { "command": text }, "evaluated_permission": "allow", "session_thread_id": null }),
        _ => json!({ "id": id, "type": "agent.tool_result", "processed_at": at,
            "tool_use_id": event_id(session, number - 1), "is_error": false,
            "content": [{ "type": "text", "text": text }] }),
    }
}

impl Workspace {
    /// The events of a session, or of one of its threads.
    fn events_of(&self, session: &str, thread: Option<&str>) -> Result<(&Events, Timestamp), Failure> {
        let found = self.session(session)?;
        let start = found.new.created;
        match thread {
            None => Ok((&found.new.events, start)),
            Some(id) if found.primary_thread() == id => Ok((&found.new.events, start)),
            Some(id) => {
                let thread = found.threads.iter().find(|(known, _)| known == id);
                Ok((&thread.ok_or_else(|| Failure::missing("Session thread"))?.1.events, start))
            }
        }
    }

    pub(super) fn list_events(
        &self,
        id: &str,
        thread: Option<&str>,
        query: &Query,
    ) -> Result<Value, Failure> {
        query.only(&[
            "types[]",
            "types",
            "created_at[gt]",
            "created_at[gte]",
            "created_at[lt]",
            "created_at[lte]",
            "order",
            "limit",
            "page",
        ])?;
        let (events, start) = self.events_of(id, thread)?;
        let descending = match query.get("order") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(Failure::invalid("order: must be asc or desc")),
        };
        let list = format!("{id}/{}/events", thread.unwrap_or_default());
        let ask = Ask::read(&list, query, LIMITS, self.cursors)?;
        let types = query.all("types");
        let after: Option<u64> = ask.after.as_deref().and_then(|after| after.parse().ok());
        let count = events.count();
        let mut numbers: Box<dyn Iterator<Item = u64>> = if descending {
            Box::new((0..after.unwrap_or(count)).rev())
        } else {
            Box::new(after.map_or(0, |after| after + 1)..count)
        };
        let (mut data, mut last, mut more) = (Vec::new(), None, false);
        for number in &mut numbers {
            let Some(event) = events.at(number, thread.unwrap_or(id), start) else { continue };
            let field = |name: &str| event.get(name).and_then(Value::as_str);
            let at: Timestamp = field("processed_at").and_then(|at| at.parse().ok()).unwrap_or(start);
            if !(types.is_empty() || types.contains(&field("type").unwrap_or_default()))
                || !query.admits(at)?
            {
                continue;
            }
            if data.len() == ask.limit {
                more = true;
                break;
            }
            last = Some(number);
            data.push(event);
        }
        Ok(ask.body(data, last.filter(|_| more).map(|number| number.to_string())))
    }

    /// How many events there are at this moment, for those who want the later ones.
    pub(super) fn event_count(&self, session: &str, thread: Option<&str>) -> Result<u64, Failure> {
        Ok(self.events_of(session, thread)?.0.count())
    }

    /// The events from a number on, and whether no more will come.
    pub(super) fn events_from(&self, session: &str, thread: Option<&str>, from: u64) -> (Vec<Value>, bool) {
        let Ok((events, start)) = self.events_of(session, thread) else { return (Vec::new(), true) };
        let new =
            (from..events.count()).filter_map(|number| events.at(number, thread.unwrap_or(session), start));
        (new.collect(), self.sessions.get(session).is_none_or(|session| session.archived.is_some()))
    }

    /// Adds an event to a session as it happens. What it lacks of id and time is given to it.
    pub fn add_event(&mut self, session: &str, mut event: Value) {
        let now = self.now();
        if let Some(found) = self.sessions.get_mut(session)
            && let Events::Given(events) = &mut found.new.events
        {
            if let Some(fields) = event.as_object_mut() {
                fields.entry("processed_at").or_insert_with(|| now.to_string().into());
            }
            events.push(event);
            found.updated = now;
        }
        self.announce();
    }
}
