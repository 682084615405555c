//! Dreams as the API has them: asking for one, looking at it, stopping it.
//!
//! Owns: the rules of a request, the shape of a dream, and what a test or demo decides beforehand. Must
//! not know: how a dream comes along.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::failure::Failure;
use super::page::{Ask, USUAL};
use super::query::Query;
use super::workspace::Workspace;

/// How dreams come along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Only when [`Workspace::step_dream`] says so.
    #[default]
    ByHand,
    /// One step each time somebody looks at the dream.
    EachLook,
    /// One step each time so much time has passed by the workspace's clock.
    Every(SignedDuration),
}

/// What a dream is going to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// What it writes, one a step: a path and its new text, or none to delete it.
    pub edits: Vec<(String, Option<String>)>,
    /// How it fails, if it does: after so many edits, with this type and message. With none made, it
    /// fails before it has an output store.
    pub failure: Option<(usize, String, String)>,
    /// Input, output, cache read and cache write tokens at the end.
    pub usage: [u64; 4],
}

impl Script {
    /// Writes these, and has the usual cost.
    #[must_use]
    pub fn writing(edits: &[(&str, Option<&str>)]) -> Self {
        let owned = |(path, text): &(&str, Option<&str>)| ((*path).to_owned(), text.map(str::to_owned));
        Self {
            edits: edits.iter().map(owned).collect(),
            failure: None,
            usage: [66_000, 4900, 198_000, 33_000],
        }
    }

    /// Fails after so many of its edits.
    #[must_use]
    pub fn failing(mut self, after: usize, kind: &str, message: &str) -> Self {
        self.failure = Some((after, kind.to_owned(), message.to_owned()));
        self
    }
}

/// A dream.
pub(super) struct Dream {
    pub store: String,
    pub sessions: Vec<String>,
    model: Value,
    instructions: Option<String>,
    pub in_place: bool,
    pub status: &'static str,
    pub output: Option<String>,
    pub session: Option<String>,
    created: Timestamp,
    pub stepped: Timestamp,
    pub ended: Option<Timestamp>,
    archived: Option<Timestamp>,
    pub usage: [u64; 4],
    pub error: Option<(String, String)>,
    pub script: Script,
    pub edits_made: usize,
}

impl Dream {
    /// Whether nothing more happens to it.
    pub fn is_final(&self) -> bool {
        matches!(self.status, "completed" | "failed" | "canceled")
    }

    fn body(&self, id: &str) -> Value {
        let behavior = if self.in_place {
            json!({ "type": "update_existing", "memory_store_id": self.store })
        } else {
            json!({ "type": "create_new" })
        };
        let outputs: Vec<Value> = self
            .output
            .iter()
            .map(|store| json!({ "type": "memory_store", "memory_store_id": store }))
            .collect();
        let [input, output, read, write] = self.usage;
        json!({
            "type": "dream", "id": id, "status": self.status,
            "inputs": [
                { "type": "memory_store", "memory_store_id": self.store },
                { "type": "sessions", "session_ids": self.sessions },
            ],
            "model": self.model, "instructions": self.instructions, "output_behavior": behavior,
            "outputs": outputs, "session_id": self.session, "created_at": self.created.to_string(),
            "ended_at": self.ended.map(|at| at.to_string()),
            "archived_at": self.archived.map(|at| at.to_string()),
            "usage": {
                "input_tokens": input, "output_tokens": output, "cache_read_input_tokens": read,
                "cache_creation_input_tokens": write,
            },
            "error": self.error.as_ref().map(|(kind, message)| json!({ "type": kind, "message": message })),
        })
    }
}

impl Workspace {
    /// Decides what the next dream that is asked for does; without, it only copies its store.
    pub fn script_dream(&mut self, script: Script) {
        self.scripts.push_back(script);
    }

    /// Decides what the next dream does, before any that were decided already.
    pub fn script_dream_first(&mut self, script: Script) {
        self.scripts.push_front(script);
    }

    /// Lets the next dream that is asked for fail in the middle, before any that were decided already.
    pub fn fail_next_dream(&mut self, kind: &str) {
        let edits = [("/half-done.md", Some("# Half done\n\n- Written before the dream failed.\n"))];
        let script = Script::writing(&edits).failing(1, kind, "this failure was asked for");
        self.scripts.push_front(script);
    }

    /// Ids of the dreams that exist, the oldest first.
    #[must_use]
    pub fn dreams(&self) -> Vec<String> {
        self.dreams.keys().cloned().collect()
    }

    /// Where a dream stands: `pending`, `running`, `completed`, `failed` or `canceled`.
    #[must_use]
    pub fn dream_status(&self, dream: &str) -> Option<&'static str> {
        self.dreams.get(dream).map(|dream| dream.status)
    }

    /// The store into which a dream writes, once it has one.
    #[must_use]
    pub fn dream_output(&self, dream: &str) -> Option<String> {
        self.dreams.get(dream).and_then(|dream| dream.output.clone())
    }

    /// The session in which a dream runs, once it does.
    #[must_use]
    pub fn dream_session(&self, dream: &str) -> Option<String> {
        self.dreams.get(dream).and_then(|dream| dream.session.clone())
    }

    /// Asks for a dream as someone else would; the body is that of the request.
    ///
    /// # Errors
    /// When the platform would refuse it.
    pub fn create_dream(&mut self, body: &Value) -> Result<Value, Failure> {
        let inputs = body.get("inputs").and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |kind: &str| -> Vec<&Value> {
            inputs.iter().filter(|input| input.get("type").and_then(Value::as_str) == Some(kind)).collect()
        };
        let (stores, lists) = (of("memory_store"), of("sessions"));
        let ([store], [sessions]) = (stores.as_slice(), lists.as_slice()) else {
            return Err(Failure::invalid("inputs: exactly one memory_store and exactly one sessions entry"));
        };
        let store = store.get("memory_store_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let ids = sessions.get("session_ids").and_then(Value::as_array).cloned().unwrap_or_default();
        let sorted: BTreeSet<String> = ids.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if inputs.len() != 2 || !(1..=100).contains(&ids.len()) || sorted.len() != ids.len() {
            return Err(Failure::invalid("inputs: 1 to 100 session_ids, no duplicates"));
        }
        if self.store(&store)?.archived.is_some() {
            return Err(Failure::invalid("inputs: the memory store is archived"));
        }
        for id in &sorted {
            self.session(id)?;
        }
        let model = match body.get("model") {
            Some(Value::String(id)) => json!({ "id": id, "speed": "standard" }),
            Some(model @ Value::Object(_)) => model.clone(),
            _ => return Err(Failure::invalid("model: field required")),
        };
        let named = model.get("id").and_then(Value::as_str).unwrap_or_default();
        if !(1..=256).contains(&named.len()) || named.contains("haiku") {
            return Err(Failure::invalid(format!("model: {named} is not supported")));
        }
        let instructions = body.get("instructions").and_then(Value::as_str).map(str::to_owned);
        if instructions.as_ref().is_some_and(|text| !(1..=4096).contains(&text.chars().count())) {
            return Err(Failure::invalid("instructions: 1 to 4096 characters"));
        }
        let behavior = |name: &str| body.pointer(&format!("/output_behavior/{name}")).and_then(Value::as_str);
        let in_place = match behavior("type") {
            None | Some("create_new") => false,
            Some("update_existing") if behavior("memory_store_id") == Some(&store) => true,
            Some(_) => return Err(Failure::invalid("output_behavior: not one of this store")),
        };
        let busy = |dream: &Dream| dream.in_place && dream.store == store && !dream.is_final();
        if in_place && self.dreams.values().any(busy) {
            return Err(Failure::conflict("another update_existing dream holds this memory store"));
        }
        let (id, now) = (self.id("drm"), self.now());
        let mut script = self.scripts.pop_front().unwrap_or_default();
        if script.usage == [0; 4] {
            script.usage = self.usual_usage(&sorted);
        }
        let dream = Dream {
            store,
            sessions: sorted.into_iter().collect(),
            model,
            instructions,
            in_place,
            status: "pending",
            output: None,
            session: None,
            created: now,
            stepped: now,
            ended: None,
            archived: None,
            usage: [0; 4],
            error: None,
            script,
            edits_made: 0,
        };
        let body = dream.body(&id);
        self.dreams.insert(id, dream);
        Ok(body)
    }

    /// What a dream over these sessions takes: it reads each once, and twice more from the cache.
    fn usual_usage(&self, sessions: &BTreeSet<String>) -> [u64; 4] {
        let entered = |id: &String| {
            let [input, output, ..] = self.sessions.get(id)?.new.usage;
            Some(input + output)
        };
        let read: u64 = sessions.iter().filter_map(entered).sum();
        [read, read / 20, read * 2, read / 2]
    }

    pub(super) fn look_at_dream(&mut self, id: &str) -> Result<Value, Failure> {
        self.dreams.get(id).ok_or_else(|| Failure::missing("Dream"))?;
        if self.pace == Pace::EachLook {
            self.step_dream(id);
        }
        self.dream_body(id)
    }

    fn dream_body(&self, id: &str) -> Result<Value, Failure> {
        Ok(self.dreams.get(id).ok_or_else(|| Failure::missing("Dream"))?.body(id))
    }

    pub(super) fn list_dreams(&self, query: &Query) -> Result<Value, Failure> {
        query.only(&[
            "created_at[gt]",
            "created_at[lt]",
            "include_archived",
            "limit",
            "page",
            "statuses[]",
            "statuses",
        ])?;
        let ask = Ask::read("dreams", query, USUAL, self.cursors)?;
        let statuses = query.all("statuses");
        let mut found = Vec::new();
        for (id, dream) in self.dreams.iter().rev() {
            let wanted = (statuses.is_empty() || statuses.contains(&dream.status))
                && (dream.archived.is_none() || query.on("include_archived"));
            if wanted && query.admits(dream.created)? {
                found.push((id.clone(), dream.body(id)));
            }
        }
        let (data, last) = ask.take(found.into_iter(), true);
        Ok(ask.body(data, last))
    }

    pub(super) fn cancel_dream(&mut self, id: &str) -> Result<Value, Failure> {
        let now = self.now();
        let dream = self.dreams.get_mut(id).ok_or_else(|| Failure::missing("Dream"))?;
        match dream.status {
            "canceled" => return self.dream_body(id),
            "pending" | "running" => {
                dream.status = "canceled";
                dream.ended = Some(now);
            }
            _ => return Err(Failure::invalid("a dream that ended can't be canceled")),
        }
        if let Some(session) = dream.session.clone() {
            self.set_status(&session, "terminated");
            self.add_event(&session, json!({ "type": "session.status_terminated" }));
            self.archive_session(&session);
        }
        self.dream_body(id)
    }

    pub(super) fn archive_dream(&mut self, id: &str) -> Result<Value, Failure> {
        let now = self.now();
        let dream = self.dreams.get_mut(id).ok_or_else(|| Failure::missing("Dream"))?;
        if !dream.is_final() {
            return Err(Failure::invalid("only a dream that ended can be archived"));
        }
        dream.archived.get_or_insert(now);
        self.dream_body(id)
    }
}
