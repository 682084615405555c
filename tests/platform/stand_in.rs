//! The stand-in itself, asked by hand: it answers as the platform's documentation has it.

use std::io::{BufRead, BufReader};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wakeful::domain::clock::{Clock, FixedClock};
use wakeful::stand_in::{
    Actor, Events, Fault, NewSession, NewThread, Pace, Rule, Running, Script, StandIn, Workspace,
};

use crate::raw::{all, beta, get, open, post, send, try_ask};

fn start_of_time() -> Timestamp {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

struct Made {
    server: Running,
    clock: Arc<FixedClock>,
    agent: String,
    store: String,
    sessions: Vec<String>,
}

fn made() -> Made {
    let clock = Arc::new(FixedClock::new(start_of_time()));
    let mut workspace = Workspace::new(Arc::clone(&clock) as Arc<dyn Clock>);
    let agent = workspace.add_agent("code-reviewer", "claude-opus-5-5");
    let store = workspace.add_store("Team Notes", "What the agents have learned.");
    workspace.put_memory(&store, "/conventions/commits.md", "# Commits\n", Actor::someone()).unwrap();
    workspace.put_memory(&store, "/index.md", "# Index\n", Actor::someone()).unwrap();
    let sessions = (0..45)
        .map(|n| {
            let created = start_of_time() + SignedDuration::from_hours(n);
            workspace.add_session(NewSession {
                stores: vec![(store.clone(), true)],
                events: Events::Made { count: 250, bytes: 40 },
                ..NewSession::of(&agent, created)
            })
        })
        .collect();
    let server = StandIn::start(workspace).unwrap();
    Made { server, clock, agent, store, sessions }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

#[test]
fn headers_are_checked_as_documented() {
    let made = made();
    let base = "authorization: Bearer k\r\nanthropic-version: 2026-10-21\r\n";
    let ask = |path: &str, headers: &str| send(&made.server, "GET", path, headers, None).unwrap();
    assert_eq!(ask("/v1/agents", "anthropic-version: 2026-10-21\r\n").refused(401), "authentication_error");
    assert_eq!(ask("/v1/agents", base).refused(400), "invalid_request_error");
    let with = |betas: &str| format!("{base}anthropic-beta: {betas}\r\n");
    ask("/v1/agents", &with("managed-agents-2026-04-01")).good();
    ask(
        "/v1/agents",
        "x-api-key: k\r\nanthropic-version: 2023-06-01\r\nanthropic-beta: managed-agents-2026-04-01\r\n",
    )
    .good();
    ask("/v1/memory_stores", &with("managed-agents-2026-04-01")).good();
    ask("/v1/memory_stores", &with("agent-memory-2026-07-22")).good();
    ask("/v1/memory_stores", &with("agent-memory-2026-07-22,managed-agents-2026-04-01")).refused(400);
    ask("/v1/dreams", &with("managed-agents-2026-04-01")).refused(400);
    ask("/v1/dreams", &with("managed-agents-2026-04-01, dreaming-2026-04-21")).good();
    ask("/v1/dreams", &with("dreaming-2026-04-21,made-up")).refused(400);
    made.server.workspace().keys = vec!["right".to_owned()];
    assert_eq!(ask("/v1/dreams", &with("dreaming-2026-04-21")).refused(401), "authentication_error");
}

#[test]
fn sessions_are_filtered_ordered_and_paged() {
    let made = made();
    let newest_first: Vec<&str> = made.sessions.iter().rev().map(String::as_str).collect();
    assert_eq!(ids(&all(&made.server, "/v1/sessions")), newest_first);
    let some = all(
        &made.server,
        "/v1/sessions?order=asc&limit=7&created_at[gte]=2026-11-20T05:00:00Z&created_at%5Blt%5D=2026-11-20T10:00:00Z",
    );
    assert_eq!(ids(&some), made.sessions[2..7].iter().map(String::as_str).collect::<Vec<_>>());
    let mine = format!("/v1/sessions?agent_id={}&memory_store_id={}&limit=100", made.agent, made.store);
    assert_eq!(all(&made.server, &mine).len(), 45);
    assert_eq!(all(&made.server, "/v1/sessions?agent_id=agent_other").len(), 0);
    made.server.workspace().archive_session(&made.sessions[3]);
    assert_eq!(all(&made.server, "/v1/sessions").len(), 44);
    assert_eq!(all(&made.server, "/v1/sessions?include_archived=true").len(), 45);
    let first = get(&made.server, "/v1/sessions?order=asc").good();
    let next = first["next_page"].as_str().unwrap();
    get(&made.server, &format!("/v1/sessions?order=desc&page={next}")).refused(400);
    made.server.workspace().expire_cursors();
    get(&made.server, &format!("/v1/sessions?order=asc&page={next}")).refused(400);
    let session = get(&made.server, &format!("/v1/sessions/{}", made.sessions[0])).good();
    assert_eq!(session["resources"][0]["memory_store_id"], made.store.as_str());
    assert_eq!(get(&made.server, "/v1/sessions/sesn_none").refused(404), "not_found_error");
}

#[test]
fn events_are_the_same_in_either_order_and_in_any_pages() {
    let made = made();
    let path = format!("/v1/sessions/{}/events", made.sessions[0]);
    let up = all(&made.server, &format!("{path}?limit=60"));
    assert_eq!(up.len(), 250);
    let mut down = all(&made.server, &format!("{path}?order=desc&limit=1000"));
    down.reverse();
    assert_eq!(up, down);
    let calls =
        all(&made.server, &format!("{path}?types[]=agent.tool_use&types[]=agent.tool_result&limit=10"));
    assert_eq!(calls.len(), 124);
    assert_eq!(calls[1]["tool_use_id"], calls[0]["id"]);
}

#[test]
fn what_subagents_did_is_in_their_threads() {
    let made = made();
    let said = json!({ "type": "agent.message", "content": [{ "type": "text", "text": "from below" }] });
    let session = made.server.workspace().add_session(NewSession {
        threads: vec![NewThread { agent: "tester".to_owned(), events: Events::Given(vec![said]) }],
        ..NewSession::of(&made.agent, start_of_time())
    });
    let threads = get(&made.server, &format!("/v1/sessions/{session}/threads")).good();
    let child = &threads["data"][1];
    assert_eq!(child["parent_thread_id"], threads["data"][0]["id"]);
    let path = format!("/v1/sessions/{session}/threads/{}/events", child["id"].as_str().unwrap());
    let events = all(&made.server, &path);
    assert_eq!(events[0]["content"][0]["text"], "from below");
    assert!(events[0]["id"].is_string() && events[0]["processed_at"].is_string());
}

#[test]
fn a_stream_gives_what_happens_after_it_was_opened() {
    let made = made();
    let session = made.server.workspace().add_session(NewSession::of(&made.agent, start_of_time()));
    made.server.workspace().add_event(&session, json!({ "type": "session.status_running" }));
    let path = format!("/v1/sessions/{session}/events/stream");
    let headers = format!(
        "authorization: Bearer k\r\nanthropic-version: 2026-10-21\r\nanthropic-beta: {}\r\n",
        beta(&path)
    );
    let mut lines =
        BufReader::new(open(&made.server, "GET", &path, &headers, None)).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == ": connected"));
    made.server
        .workspace()
        .add_event(&session, json!({ "type": "session.status_idle", "stop_reason": { "type": "end_turn" } }));
    made.server.workspace().archive_session(&session);
    let rest: Vec<String> = lines.collect();
    assert!(rest.iter().any(|line| line == "event: session.status_idle"), "{rest:?}");
    assert!(!rest.iter().any(|line| line.contains("status_running")), "{rest:?}");
}

#[test]
fn memories_keep_their_conditions() {
    let made = made();
    let base = format!("/v1/memory_stores/{}/memories", made.store);
    let basic = all(&made.server, &base);
    assert_eq!(ids(&basic).len(), 2);
    assert_eq!(basic[0]["content"], Value::Null);
    let one = format!("{base}/{}", basic[0]["id"].as_str().unwrap());
    let full = get(&made.server, &one).good();
    assert_eq!((&full["content"], &full["path"]), (&json!("# Commits\n"), &json!("/conventions/commits.md")));
    let seen = full["content_sha256"].as_str().unwrap().to_owned();
    let update = |content: &str, sha: &str| {
        let precondition = json!({ "type": "content_sha256", "content_sha256": sha });
        post(&made.server, &one, &json!({ "content": content, "precondition": precondition }))
    };
    update("new\n", &seen).good();
    // Resending is safe; another text on the old condition is refused and changes nothing.
    let versions = made.server.workspace().versions(&made.store).len();
    update("new\n", &seen).good();
    assert_eq!(made.server.workspace().versions(&made.store).len(), versions);
    assert_eq!(update("other\n", &seen).refused(409), "memory_precondition_failed_error");
    assert_eq!(made.server.workspace().memories(&made.store)["/conventions/commits.md"], "new\n");
    // Rename keeps the id; a taken path is refused and named.
    let renamed = post(&made.server, &one, &json!({ "path": "/commits.md" })).good();
    assert_eq!(renamed["id"], full["id"]);
    let taken = post(&made.server, &one, &json!({ "path": "/index.md" }));
    assert_eq!(taken.refused(409), "memory_path_conflict_error");
    assert_eq!(taken.json()["error"]["conflicting_path"], "/index.md");
    assert_eq!(
        post(&made.server, &base, &json!({ "path": "/index.md", "content": "# Index\n" })).status,
        409
    );
    assert_eq!(post(&made.server, &base, &json!({ "path": "/index.md/x", "content": "" })).status, 409);
    post(&made.server, &base, &json!({ "path": "/empty.md", "content": "" })).good();
    post(&made.server, &base, &json!({ "path": "/no.md" })).refused(400);
    post(&made.server, &base, &json!({ "path": "/a/../b", "content": "" })).refused(400);
    post(&made.server, &base, &json!({ "path": "/big.md", "content": "x".repeat(102_401) })).refused(400);
    post(&made.server, &base, &json!({ "path": "/big.md", "content": "x".repeat(102_400) })).good();
    let delete = |sha: &str| {
        try_ask(&made.server, "DELETE", &format!("{one}?expected_content_sha256={sha}"), None).unwrap()
    };
    assert_eq!(delete(&seen).refused(409), "memory_precondition_failed_error");
    assert_eq!(delete(renamed["content_sha256"].as_str().unwrap()).good()["type"], "memory_deleted");
    assert_eq!(get(&made.server, &one).refused(404), "not_found_error");
    made.server.workspace().memory_limit = 3;
    post(&made.server, &base, &json!({ "path": "/one-more.md", "content": "" })).refused(400);
    post(&made.server, &format!("/v1/memory_stores/{}/archive", made.store), &json!({})).good();
    post(&made.server, &base, &json!({ "path": "/x.md", "content": "" })).refused(400);
}

#[test]
fn lists_of_memories_know_folders() {
    let made = made();
    {
        let mut workspace = made.server.workspace();
        for path in ["/conventions/deep/a.md", "/conventions/deep/b.md", "/conventions-old.md"] {
            workspace.put_memory(&made.store, path, "x", Actor::someone()).unwrap();
        }
    }
    let base = format!("/v1/memory_stores/{}/memories", made.store);
    let shown = |query: &str| -> Vec<String> {
        all(&made.server, &format!("{base}?{query}"))
            .iter()
            .map(|item| item["path"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(shown("depth=1&limit=1"), ["/conventions-old.md", "/conventions/", "/index.md"]);
    assert_eq!(shown("depth=1&path_prefix=/conventions/"), ["/conventions/commits.md", "/conventions/deep/"]);
    assert_eq!(shown("path_prefix=/conventions/").len(), 3);
    get(&made.server, &format!("{base}?path_prefix=/conv")).refused(400);
    get(&made.server, &format!("{base}?depth=2")).refused(400);
    get(&made.server, &format!("{base}?view=full&limit=21")).refused(400);
    assert_eq!(all(&made.server, &format!("{base}?view=full"))[0]["content"], "x");
}

#[test]
fn versions_say_who_wrote() {
    let made = made();
    {
        let mut workspace = made.server.workspace();
        let by = Actor::Session("sesn_x".to_owned());
        workspace.put_memory(&made.store, "/index.md", "changed\n", by).unwrap();
        workspace.remove_memory(&made.store, "/conventions/commits.md", Actor::Unknown).unwrap();
    }
    let base = format!("/v1/memory_stores/{}/memory_versions", made.store);
    let found = all(&made.server, &format!("{base}?limit=1"));
    let operations: Vec<&str> = found.iter().map(|version| version["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["deleted", "modified", "created", "created"]);
    assert_eq!((&found[0]["created_by"], &found[0]["content_sha256"]), (&Value::Null, &Value::Null));
    let by_session = all(&made.server, &format!("{base}?session_id=sesn_x&view=full"));
    assert_eq!((by_session.len(), &by_session[0]["content"]), (1, &json!("changed\n")));
    let one = get(&made.server, &format!("{base}/{}", by_session[0]["id"].as_str().unwrap())).good();
    assert_eq!(one["created_by"], json!({ "type": "session_actor", "session_id": "sesn_x" }));
}

fn ask_for_dream(made: &Made) -> Value {
    json!({
        "inputs": [
            { "type": "memory_store", "memory_store_id": made.store },
            { "type": "sessions", "session_ids": [made.sessions[1], made.sessions[0]] },
        ],
        "model": "claude-opus-5",
    })
}

#[test]
fn a_dream_lives_from_pending_to_completed() {
    let made = made();
    let edits = [("/index.md", Some("# Index\n\n- new\n")), ("/conventions/commits.md", None)];
    made.server.workspace().script_dream(Script::writing(&edits));
    let dream = post(&made.server, "/v1/dreams", &ask_for_dream(&made)).good();
    assert_eq!((&dream["status"], &dream["outputs"]), (&json!("pending"), &json!([])));
    assert_eq!(dream["inputs"][1]["session_ids"], json!(made.sessions[..2]));
    assert_eq!(dream["model"], json!({ "id": "claude-opus-5", "speed": "standard" }));
    let id = dream["id"].as_str().unwrap();
    let look = || get(&made.server, &format!("/v1/dreams/{id}")).good();
    post(&made.server, &format!("/v1/dreams/{id}/archive"), &json!({})).refused(400);
    made.server.workspace().step_dream(id);
    let running = look();
    assert_eq!((&running["status"], &running["outputs"]), (&json!("running"), &json!([])));
    made.server.workspace().step_dream(id);
    let output = look()["outputs"][0]["memory_store_id"].as_str().unwrap().to_owned();
    let before = made.server.workspace().memories(&made.store);
    assert_eq!(made.server.workspace().memories(&output), before);
    made.server.workspace().finish_dream(id);
    let done = look();
    assert_eq!((&done["status"], &done["usage"]["output_tokens"]), (&json!("completed"), &json!(4900)));
    let after = made.server.workspace().memories(&output);
    assert_eq!(
        after.into_iter().collect::<Vec<_>>(),
        [("/index.md".to_owned(), "# Index\n\n- new\n".to_owned())]
    );
    let session = done["session_id"].as_str().unwrap();
    let path = format!("/v1/memory_stores/{output}/memory_versions?session_id={session}");
    assert_eq!(all(&made.server, &path).len(), 2);
    let steps = all(&made.server, &format!("/v1/sessions/{session}/events?types[]=agent.tool_use"));
    assert!(steps.iter().any(|step| step["name"] == "write"), "{steps:?}");
    post(&made.server, &format!("/v1/dreams/{id}/cancel"), &json!({})).refused(400);
    post(&made.server, &format!("/v1/dreams/{id}/archive"), &json!({})).good();
    assert_eq!(all(&made.server, "/v1/dreams").len(), 0);
    assert_eq!(all(&made.server, "/v1/dreams?include_archived=true&statuses[]=completed").len(), 1);
}

#[test]
fn a_dream_fails_is_canceled_or_writes_in_place() {
    let made = made();
    let fails = Script::writing(&[("/a.md", Some("a")), ("/b.md", Some("b"))]).failing(
        1,
        "timeout",
        "It ran out of time.",
    );
    let early = Script::default().failing(0, "input_memory_store_too_large", "Too large.");
    for (script, outputs, kind) in [(fails, 1, "timeout"), (early, 0, "input_memory_store_too_large")] {
        made.server.workspace().script_dream(script);
        let id =
            post(&made.server, "/v1/dreams", &ask_for_dream(&made)).good()["id"].as_str().unwrap().to_owned();
        made.server.workspace().finish_dream(&id);
        let failed = get(&made.server, &format!("/v1/dreams/{id}")).good();
        assert_eq!((&failed["status"], &failed["error"]["type"]), (&json!("failed"), &json!(kind)));
        assert_eq!(failed["outputs"].as_array().unwrap().len(), outputs);
    }
    let mut in_place = ask_for_dream(&made);
    in_place["output_behavior"] = json!({ "type": "update_existing", "memory_store_id": made.store });
    made.server.workspace().script_dream(Script::writing(&[("/a.md", Some("a"))]));
    let id = post(&made.server, "/v1/dreams", &in_place).good()["id"].as_str().unwrap().to_owned();
    assert_eq!(post(&made.server, "/v1/dreams", &in_place).refused(409), "conflict_error");
    made.server.workspace().finish_dream(&id);
    assert_eq!(made.server.workspace().memories(&made.store)["/a.md"], "a");
    let id =
        post(&made.server, "/v1/dreams", &ask_for_dream(&made)).good()["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let canceled = post(&made.server, &format!("/v1/dreams/{id}/cancel"), &json!({})).good();
        assert_eq!(canceled["status"], "canceled");
    }
    let mut wrong = ask_for_dream(&made);
    wrong["inputs"][1]["session_ids"] = json!([made.sessions[0], made.sessions[0]]);
    post(&made.server, "/v1/dreams", &wrong).refused(400);
    wrong["inputs"][1]["session_ids"] = json!(["sesn_gone"]);
    post(&made.server, "/v1/dreams", &wrong).refused(404);
}

#[test]
fn dreams_come_along_by_looks_or_by_time() {
    let made = made();
    made.server.workspace().pace = Pace::EachLook;
    let id =
        post(&made.server, "/v1/dreams", &ask_for_dream(&made)).good()["id"].as_str().unwrap().to_owned();
    let looks = (0..3).map(|_| get(&made.server, &format!("/v1/dreams/{id}")).good()["status"].clone());
    assert_eq!(looks.collect::<Vec<_>>(), ["running", "running", "completed"]);
    made.server.workspace().pace = Pace::Every(SignedDuration::from_secs(5));
    let id =
        post(&made.server, "/v1/dreams", &ask_for_dream(&made)).good()["id"].as_str().unwrap().to_owned();
    while made.server.workspace().dream_status(&id) != Some("completed") {
        made.clock.advance(SignedDuration::from_secs(5));
    }
}

#[test]
fn faults_break_what_they_are_meant_to() {
    let made = made();
    let base = format!("/v1/memory_stores/{}/memories", made.store);
    let fault = |fault: Fault| made.server.faults().add(Rule::on(&base, fault));
    let new =
        |path: &str| try_ask(&made.server, "POST", &base, Some(&json!({ "path": path, "content": "x" })));
    let there = |path: &str| made.server.workspace().memories(&made.store).contains_key(path);
    fault(Fault::Status(429, Some(7)));
    let limited = new("/1.md").unwrap();
    assert!(limited.headers.contains("retry-after: 7"));
    assert_eq!((limited.refused(429), there("/1.md")), ("rate_limit_error".to_owned(), false));
    fault(Fault::ResetBefore);
    assert!(new("/2.md").is_none() && !there("/2.md"));
    fault(Fault::ResetAfter);
    assert!(new("/3.md").is_none() && there("/3.md"));
    fault(Fault::TruncatedJson);
    assert!(serde_json::from_str::<Value>(&new("/4.md").unwrap().text).is_err() && there("/4.md"));
    fault(Fault::CutOff);
    let cut = new("/5.md");
    assert!(cut.is_none_or(|cut| serde_json::from_str::<Value>(&cut.text).is_err()) && there("/5.md"));
    fault(Fault::Html(502));
    assert_eq!(new("/6.md").unwrap().status, 502);
    fault(Fault::Coded(403, "organization_not_enrolled_in_beta"));
    assert_eq!(
        new("/6.md").unwrap().json()["error"]["details"]["error_code"],
        "organization_not_enrolled_in_beta"
    );
    fault(Fault::Trickle(5, std::time::Duration::from_millis(1)));
    assert_eq!(new("/7.md").unwrap().json()["path"], "/7.md");
    fault(Fault::Interfere("theirs".to_owned()));
    assert_eq!(new("/8.md").unwrap().refused(409), "memory_path_conflict_error");
    assert!(made.server.faults().is_spent());
    let first =
        get(&made.server, &format!("{base}?limit=2")).good()["next_page"].as_str().unwrap().to_owned();
    fault(Fault::DuplicatePage);
    let second = get(&made.server, &format!("{base}?limit=2&page={first}")).good();
    assert_eq!(second["next_page"], first.as_str());
    fault(Fault::ExpireCursors);
    get(&made.server, &format!("{base}?limit=2&page={first}")).refused(400);
    assert_eq!(made.server.requests().count("POST", "/v1/memory_stores/*/memories"), 9);
    assert_eq!(made.server.requests().0.iter().filter(|request| request.status == 0).count(), 2);
}
