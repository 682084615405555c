//! How a dream comes along, step by step.
//!
//! Owns: the life from pending to its end, what it leaves in its session and its store on the way. Must
//! not know: who asks for it.

use serde_json::{Value, json};

use super::dreams::Pace;
use super::events::event_id;
use super::sessions::NewSession;
use super::versions::Actor;
use super::workspace::Workspace;

impl Workspace {
    /// Lets a dream take one step: begin to run, copy its store, write one document, end. Returns
    /// whether it goes on.
    pub fn step_dream(&mut self, id: &str) -> bool {
        let now = self.now();
        let Some(dream) = self.dreams.get_mut(id) else { return false };
        if dream.is_final() {
            return false;
        }
        dream.stepped = now;
        let (store, sessions, in_place) = (dream.store.clone(), dream.sessions.clone(), dream.in_place);
        let edit = dream.script.edits.get(dream.edits_made).cloned();
        let fails = dream.script.failure.clone().filter(|(after, ..)| *after == dream.edits_made);
        match (dream.session.clone(), dream.output.clone()) {
            (None, _) => self.begin(id),
            (Some(session), _) if self.store(&store).is_err() => {
                let kind = "input_memory_store_unavailable";
                self.fail(id, &session, kind, "The input memory store is gone.");
            }
            (Some(session), _) if sessions.iter().any(|input| !self.sessions.contains_key(input)) => {
                self.fail(id, &session, "input_session_unavailable", "An input session is gone.");
            }
            (Some(session), None) => match fails.filter(|(after, ..)| *after == 0) {
                Some((_, kind, message)) => self.fail(id, &session, &kind, &message),
                None => self.open_output(id, &session, &store, in_place),
            },
            (Some(session), Some(output)) => match (fails, edit) {
                (Some((_, kind, message)), _) => self.fail(id, &session, &kind, &message),
                (None, Some((path, content))) => {
                    self.write_one(id, &session, &output, &path, content.as_deref());
                }
                (None, None) => self.complete(id, &session),
            },
        }
        self.dreams.get(id).is_some_and(|dream| !dream.is_final())
    }

    /// Lets a dream run to its end.
    pub fn finish_dream(&mut self, id: &str) {
        while self.step_dream(id) {}
    }

    /// What the passing of time does to dreams.
    pub(super) fn tick(&mut self) {
        let Pace::Every(pause) = self.pace else { return };
        let now = self.now();
        let due = self
            .dreams
            .iter()
            .filter(|(_, dream)| !dream.is_final() && now.duration_since(dream.stepped) >= pause);
        let due: Vec<String> = due.map(|(id, _)| id.clone()).collect();
        for id in due {
            self.step_dream(&id);
        }
    }

    fn begin(&mut self, id: &str) {
        let new = NewSession {
            title: Some("Dream".to_owned()),
            status: "running".to_owned(),
            usage: [0; 4],
            ..NewSession::of("agent_01StandInDreamPipeline", self.now())
        };
        let session = self.add_session(new);
        if let Some(found) = self.sessions.get_mut(&session) {
            found.of_dream = true;
        }
        if let Some(dream) = self.dreams.get_mut(id) {
            dream.status = "running";
            dream.session = Some(session.clone());
        }
        self.add_event(&session, json!({ "type": "session.status_running" }));
    }

    fn open_output(&mut self, id: &str, session: &str, store: &str, in_place: bool) {
        let output = if in_place { store.to_owned() } else { self.copy_store(store) };
        if let Some(dream) = self.dreams.get_mut(id) {
            dream.output = Some(output);
        }
        let inputs = self.dreams.get(id).map(|dream| dream.sessions.clone()).unwrap_or_default();
        for input in inputs.iter().take(3) {
            let read = json!({ "file_path": format!("/mnt/session/transcripts/{input}.jsonl") });
            self.call(session, "read", read, "ok");
        }
    }

    /// A copy of a store; who made its versions is not recorded.
    fn copy_store(&mut self, store: &str) -> String {
        let name = self.stores.get(store).map(|store| store.name.clone()).unwrap_or_default();
        let copy = self.add_store(&format!("{name} (dream)"), "");
        for (path, content) in self.memories(store) {
            // What was allowed there is allowed here.
            let _ = self.create(&copy, &path, &content, Actor::Unknown);
        }
        copy
    }

    fn write_one(&mut self, id: &str, session: &str, output: &str, path: &str, content: Option<&str>) {
        let file_path = format!("/mnt/memory/output{path}");
        let actor = Actor::Session(session.to_owned());
        let done = match content {
            Some(text) => {
                self.call(session, "write", json!({ "file_path": file_path, "content": text }), "written");
                self.put_memory(output, path, text, actor)
            }
            None => {
                self.call(session, "bash", json!({ "command": format!("rm {file_path}") }), "");
                self.remove_memory(output, path, actor)
            }
        };
        if let Err(failure) = done {
            self.fail(id, session, "internal_error", &failure.message);
            return;
        }
        if let Some(dream) = self.dreams.get_mut(id) {
            dream.edits_made += 1;
            let (made, all) = (dream.edits_made as u64, dream.script.edits.len() as u64 + 1);
            dream.usage = dream.script.usage.map(|tokens| tokens * made / all);
        }
    }

    fn call(&mut self, session: &str, tool: &str, input: Value, output: &str) {
        let number = self.event_count(session, None).unwrap_or(0);
        let use_id = event_id(session, number);
        self.add_event(
            session,
            json!({ "type": "agent.tool_use", "id": use_id, "name": tool, "input": input,
                "evaluated_permission": "allow", "session_thread_id": null }),
        );
        let content = json!([{ "type": "text", "text": output }]);
        self.add_event(
            session,
            json!({ "type": "agent.tool_result", "tool_use_id": use_id, "is_error": false, "content": content }),
        );
    }

    fn complete(&mut self, id: &str, session: &str) {
        let said = json!([{ "type": "text", "text": "The memory is reorganized." }]);
        self.add_event(session, json!({ "type": "agent.message", "content": said }));
        self.end(id, session, "completed");
    }

    fn fail(&mut self, id: &str, session: &str, kind: &str, message: &str) {
        if let Some(dream) = self.dreams.get_mut(id) {
            dream.error = Some((kind.to_owned(), message.to_owned()));
        }
        self.end(id, session, "failed");
    }

    fn end(&mut self, id: &str, session: &str, status: &'static str) {
        let now = self.now();
        if let Some(dream) = self.dreams.get_mut(id) {
            dream.status = status;
            dream.ended = Some(now);
            if status == "completed" {
                dream.usage = dream.script.usage;
            }
        }
        let reason = json!({ "type": "end_turn" });
        self.add_event(session, json!({ "type": "session.status_idle", "stop_reason": reason }));
        self.set_status(session, "idle");
        self.archive_session(session);
    }
}
