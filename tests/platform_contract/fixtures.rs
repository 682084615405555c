//! Every fixture, read as what the index says it is.

use std::collections::BTreeSet;
use std::path::Path;

use rstest::rstest;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wakeful::source::platform::sse::Frames;
use wakeful::source::platform::wire::{
    self, Actor, DreamInput, DreamOutput, DreamStatus, EventView, MemoryItem, Operation, OutputBehavior,
    Resource, SessionStatus, StreamEvent,
};
use wakeful::source::platform::{Refusal, RefusalKind};

use super::support::{fixture, index};

fn read<T: DeserializeOwned>(file: &str) -> T {
    serde_json::from_str(&fixture(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The items of a page; an object is a page of one.
fn items(file: &str) -> Vec<Value> {
    let value: Value = read(file);
    match value.get("data") {
        Some(data) => data.as_array().unwrap().clone(),
        None => vec![value],
    }
}

/// Reads every item as a type, and that again from text, where numbers and order are as they came.
fn each<T: DeserializeOwned>(file: &str) -> Vec<T> {
    items(file)
        .into_iter()
        .map(|item| serde_json::from_str(&item.to_string()).unwrap_or_else(|error| panic!("{file}: {error}")))
        .collect()
}

#[test]
fn every_fixture_is_read_as_what_it_is() {
    let mut seen = BTreeSet::new();
    for entry in index() {
        let file = entry["file"].as_str().unwrap();
        seen.insert(file.to_owned());
        match entry["type"].as_str().unwrap() {
            "BetaManagedAgentsAgent" => {
                for agent in each::<wire::Agent>(file) {
                    assert!(agent.id.starts_with("agent_") && !agent.name.is_empty() && agent.version == 3);
                    assert!(!agent.model.id.is_empty() && agent.created_at.is_some(), "{file}");
                }
            }
            "BetaManagedAgentsSession" => {
                for session in each::<wire::Session>(file) {
                    assert!(session.id.starts_with("sesn_") && session.agent.id.starts_with("agent_"));
                    assert!(!matches!(session.status, SessionStatus::Other(_)), "{file}");
                    assert_eq!(session.mounts().count(), 1, "{file}");
                }
            }
            "BetaManagedAgentsSessionThread" => {
                let thread: wire::Thread = read(file);
                assert_eq!(thread.parent_thread_id.is_some(), file.contains("child"));
            }
            "BetaDream" => {
                for dream in each::<wire::Dream>(file) {
                    assert!(dream.id.starts_with("drm_") && dream.created_at.is_some(), "{file}");
                    assert!(dream.input_store().is_some() && dream.input_sessions().count() > 0, "{file}");
                    assert!(!dream.model.id.is_empty(), "{file}");
                }
            }
            "BetaManagedAgentsMemoryStore" => {
                for store in each::<wire::Store>(file) {
                    assert!(store.id.starts_with("memstore_") && !store.name.is_empty(), "{file}");
                }
            }
            "BetaManagedAgentsMemory" => {
                let memory: wire::Memory = read(file);
                assert!(memory.path.starts_with('/') && memory.content_sha256.len() == 64, "{file}");
                assert_eq!(memory.content.is_none(), file.contains("basic"), "{file}");
            }
            "BetaManagedAgentsMemoryListItem" => assert!(!each::<MemoryItem>(file).is_empty()),
            "BetaManagedAgentsMemoryVersion" => {
                for version in each::<wire::Version>(file) {
                    assert!(version.id.starts_with("memver_") && version.memory_id.starts_with("mem_"));
                    assert!(!matches!(version.operation, Operation::Other(_)), "{file}");
                }
            }
            "BetaManagedAgentsDeletedMemory" => {
                assert!(read::<wire::DeletedMemory>(file).id.starts_with("mem_"));
            }
            "BetaManagedAgentsDeletedMemoryStore" => {
                assert!(read::<wire::DeletedStore>(file).id.starts_with("memstore_"));
            }
            "BetaManagedAgentsSessionEvent" => {
                for event in each::<wire::Event>(file) {
                    assert!(event.id.starts_with("sevt_") && event.kind.contains('.'), "{file}");
                    let kept: Value = serde_json::from_str(event.raw.get()).unwrap();
                    assert_eq!(kept["id"], event.id.as_str(), "{file}: all of it is kept");
                }
            }
            // Read whole, below.
            "BetaManagedAgentsStreamSessionEvents" if entry["kind"] == "sse" => {}
            "BetaManagedAgentsStreamSessionEvents" => {
                let event = StreamEvent::parse(&fixture(file)).unwrap();
                let is_delta = matches!(&event, Some(StreamEvent::Preview { text, .. }) if !text.is_empty());
                assert_eq!(is_delta, file.contains("delta"), "{event:?}");
            }
            "ErrorResponse" => {}
            // Sessions are never deleted from here.
            "BetaManagedAgentsDeletedSession" => {}
            other => panic!("{file}: no type for {other}"),
        }
    }
    // The index names all that is there.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/api");
    for folder in
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            assert!(seen.contains(&name), "{name} is in no index");
        }
    }
}

#[test]
fn events_say_what_happened() {
    let view = |name: &str| read::<wire::Event>(&format!("events/{name}.json")).view();
    assert!(matches!(view("agent.message"), EventView::Message { text } if !text.is_empty()));
    assert!(matches!(view("agent.message.redacted"), EventView::Message { .. }));
    assert!(matches!(view("user.message.attachments"), EventView::Message { text } if !text.is_empty()));
    assert!(matches!(view("agent.tool_use"), EventView::ToolUse { name, input }
        if name == "bash" && input.contains("pytest")));
    assert!(matches!(view("agent.mcp_tool_use"), EventView::ToolUse { name, .. } if !name.is_empty()));
    assert!(matches!(view("agent.tool_result.error"), EventView::ToolResult { is_error: true, call, .. }
        if call.starts_with("sevt_")));
    assert!(matches!(view("agent.tool_result.bare"), EventView::ToolResult { is_error: false, .. }));
    assert!(matches!(view("agent.mcp_tool_result"), EventView::ToolResult { call, .. } if !call.is_empty()));
    assert!(matches!(view("span.model_request_end"), EventView::ModelUsage { usage, is_error: false }
        if usage.input_tokens > 0 && usage.output_tokens > 0));
    assert!(matches!(view("session.usage"), EventView::SessionUsage(usage)
        if usage.list_cost.as_ref().is_some_and(|cost| cost.amount == "187" && cost.currency == "USD")));
    assert_eq!(view("session.status_running"), EventView::Status("running".to_owned()));
    for reason in ["end_turn", "requires_action", "retries_exhausted", "budget_reached", "refusal"] {
        assert_eq!(
            view(&format!("session.status_idle.{reason}")),
            EventView::Idle { reason: reason.to_owned() }
        );
    }
    for entry in index() {
        let file = entry["file"].as_str().unwrap();
        if let Some(kind) =
            file.strip_prefix("events/session.error.").and_then(|rest| rest.strip_suffix(".json"))
        {
            assert!(
                matches!(view(&format!("session.error.{kind}")), EventView::Failure { kind: said, retry, .. }
                if said == kind && !retry.is_empty())
            );
        }
    }
    assert!(matches!(view("session.thread_created"), EventView::ThreadCreated { thread, agent }
        if thread.starts_with("sthr_") && agent == "helper"));
    assert!(matches!(view("span.outcome_evaluation_end.failed"), EventView::Outcome { result, explanation }
        if result == "failed" && !explanation.is_empty()));
    assert_eq!(view("agent.thinking"), EventView::Other);
    assert!(read::<wire::Event>("events/session.deleted.json").is_last());
    assert!(read::<wire::Event>("events/user.message.queued.json").processed_at.is_none());
}

#[test]
fn dreams_say_where_they_stand() {
    let dream = |name: &str| read::<wire::Dream>(&format!("dreams/dream.{name}.json"));
    for (name, status, is_final, has_output) in [
        ("pending", DreamStatus::Pending, false, false),
        ("running", DreamStatus::Running, false, true),
        ("running_no_output", DreamStatus::Running, false, false),
        ("completed", DreamStatus::Completed, true, true),
        ("failed", DreamStatus::Failed, true, true),
        ("failed_before_output", DreamStatus::Failed, true, false),
        ("canceled", DreamStatus::Canceled, true, true),
    ] {
        let dream = dream(name);
        assert_eq!(dream.status, status, "{name}");
        assert_eq!(dream.status.is_final(), is_final, "{name}");
        assert_eq!(dream.output_store().is_some(), has_output, "{name}");
        assert_eq!(dream.error.is_some(), status == DreamStatus::Failed, "{name}");
    }
    let completed = dream("completed");
    assert_eq!((completed.usage.input_tokens, completed.usage.cache_read_input_tokens), (66_000, 198_000));
    assert_eq!(dream("failed").error.unwrap().kind, "timeout");
    assert!(matches!(dream("update_existing").output_behavior, OutputBehavior::UpdateExisting(_)));
    assert!(dream("archived").archived_at.is_some());
}

#[test]
fn sessions_say_what_they_mount_and_used() {
    let rich: wire::Session = read("sessions/session.rich.json");
    assert_eq!(rich.resources.len(), 3);
    assert!(
        matches!(rich.resources[0], Resource::Memory(_)) && matches!(rich.resources[1], Resource::Other(_))
    );
    assert_eq!(rich.outcome_evaluations[0].result, "satisfied");
    assert_eq!(rich.usage, wire::SessionUsage::default());
    let plain: wire::Session = read("sessions/session.json");
    assert_eq!(plain.usage.cache_creation.ephemeral_5m_input_tokens, 2000);
    assert!(plain.mounts().all(wire::Mount::is_writable));
}

#[test]
fn versions_say_who_wrote() {
    let by = |name: &str| read::<wire::Version>(&format!("memory/version.{name}.json")).created_by;
    assert!(matches!(by("created"), Some(Actor::ApiKey(id)) if id.starts_with("apikey_")));
    assert!(matches!(by("modified"), Some(Actor::Session(id)) if id.starts_with("sesn_")));
    assert!(matches!(by("by_user"), Some(Actor::User(_))));
    assert!(matches!(by("by_service_account"), Some(Actor::ServiceAccount(_))));
    assert!(by("author_unknown").is_none());
    let redacted: wire::Version = read("memory/version.redacted.json");
    assert!(redacted.redacted_at.is_some() && redacted.path.is_none() && redacted.content.is_none());
}

#[test]
fn what_is_unknown_is_kept_and_spoils_nothing() {
    let dream = |name: &str| read::<wire::Dream>(&format!("unknown/dream.{name}.json"));
    assert_eq!(dream("extra_fields").status, DreamStatus::Completed);
    let status = dream("new_status").status;
    assert_eq!((status.as_str(), status.is_final()), ("queued_for_review", false));
    let outputs = dream("new_output_type").outputs;
    assert!(matches!(&outputs[1], DreamOutput::Other(raw) if raw.get().contains("file_09")));
    assert!(matches!(dream("old_shape").output_behavior, OutputBehavior::CreateNew));
    let version: wire::Version = read("unknown/version.new_actor.json");
    assert!(matches!(version.created_by, Some(Actor::Other(raw)) if raw.get().contains("dream_actor")));
    let items = each::<MemoryItem>("unknown/memory_list.new_item.json");
    assert!(matches!(&items[0], MemoryItem::Other(raw) if raw.get().contains("memory_link")));
    assert!(matches!(&items[1], MemoryItem::Memory(_)));
    let event: wire::Event = read("unknown/event.new_type.json");
    assert_eq!((event.kind.as_str(), event.view()), ("agent.future_thing", EventView::Other));
    assert!(event.raw.get().contains("payload"));
    assert!(matches!(
        read::<wire::Event>("unknown/event.new_block.json").view(),
        EventView::ToolResult { .. }
    ));
    // A field of another form than expected costs only itself.
    let odd: wire::Dream = serde_json::from_str(
        r#"{"id":"drm_1","status":7,"inputs":[{"type":"sessions","session_ids":["a"]},5],"usage":"none",
            "created_at":"soon","outputs":null,"model":"claude-opus-5"}"#,
    )
    .unwrap();
    assert_eq!(odd.status.as_str(), "");
    assert!(matches!(odd.inputs[..], [DreamInput::Sessions(_), DreamInput::Other(_)]));
    assert!(odd.created_at.is_none() && odd.outputs.is_empty());
}

#[rstest]
#[case("400_invalid_request", RefusalKind::Request, false)]
#[case("400_missing_beta", RefusalKind::Request, false)]
#[case("401_authentication", RefusalKind::Key, false)]
#[case("402_billing", RefusalKind::Billing, false)]
#[case("403_permission", RefusalKind::Permission, false)]
#[case("404_environment_not_found", RefusalKind::NotFound, false)]
#[case("404_not_found", RefusalKind::NotFound, false)]
#[case("409_conflict", RefusalKind::Conflict, false)]
#[case("409_memory_path_conflict", RefusalKind::PathTaken, false)]
#[case("409_memory_path_conflict_bare", RefusalKind::PathTaken, false)]
#[case("409_memory_precondition_failed", RefusalKind::Precondition, false)]
#[case("413_too_large", RefusalKind::TooLarge, false)]
#[case("429_rate_limit", RefusalKind::RateLimited, true)]
#[case("429_spend_limit", RefusalKind::SpendLimit, false)]
#[case("500_api_error", RefusalKind::Server, true)]
#[case("503_service_unavailable", RefusalKind::Overloaded, true)]
#[case("504_timeout", RefusalKind::Timeout, true)]
#[case("529_overloaded", RefusalKind::Overloaded, true)]
fn every_error_says_what_it_is(#[case] name: &str, #[case] kind: RefusalKind, #[case] passing: bool) {
    let file = format!("errors/{name}.json");
    let entry = index().into_iter().find(|entry| entry["file"] == file.as_str()).unwrap();
    let status = entry["status"].as_u64().unwrap() as u16;
    let headers = &entry["headers"];
    let wait =
        headers["retry-after"].as_str().map(|text| std::time::Duration::from_secs(text.parse().unwrap()));
    let id = headers["request-id"].as_str().map(str::to_owned);
    let refusal = Refusal::read("GET /v1/dreams".to_owned(), status, fixture(&file).as_bytes(), id, wait);
    assert_eq!(refusal.kind, kind);
    assert_eq!(refusal.request_id.as_deref(), Some("req_011fixture"));
    assert_eq!(refusal.conflicting_path.is_some(), name == "409_memory_path_conflict");
    let error = wakeful::source::platform::PlatformError::Refused(Box::new(refusal));
    assert_eq!(error.is_passing(), passing);
    let text = error.to_string();
    assert!(text.contains("GET /v1/dreams") && text.contains(&status.to_string()), "{text}");
    assert!(text.contains("req_011fixture"), "{text}");
}

#[rstest]
#[case(403, r#"{"error":{"type":"permission_error","message":"m","details":{"error_code":"organization_not_enrolled_in_beta"}}}"#, RefusalKind::NotEnrolled)]
#[case(403, r#"{"error":{"type":"permission_error","message":"m","details":{"error_code":"sandbox_egress_restricted"}}}"#, RefusalKind::Egress)]
#[case(418, "{}", RefusalKind::Other)]
#[case(502, "<html>\u{1b}[2J nginx</html>", RefusalKind::Server)]
#[case(500, "", RefusalKind::Server)]
#[case(302, "moved", RefusalKind::Redirected)]
#[case(400, "[1,2", RefusalKind::Request)]
fn other_answers_are_errors_too(#[case] status: u16, #[case] body: &str, #[case] kind: RefusalKind) {
    let refusal = Refusal::read("GET /v1/x".to_owned(), status, body.as_bytes(), None, None);
    assert_eq!(refusal.kind, kind);
    assert!(!refusal.to_string().contains('\u{1b}'));
}

#[test]
fn unknown_errors_keep_their_words() {
    let read = |name: &str, status| {
        Refusal::read("GET /v1/x".to_owned(), status, fixture(name).as_bytes(), None, None)
    };
    let new = read("unknown/error.new_type.json", 400);
    assert_eq!((new.error_type.as_str(), new.message.as_str()), ("brand_new_error", "m"));
    let word = read("unknown/error.string.json", 409);
    assert_eq!((word.kind, word.message.as_str()), (RefusalKind::Precondition, "x"));
}

#[test]
fn a_whole_stream_is_read_wherever_it_is_cut() {
    let bytes = fixture("events/stream.sse").into_bytes();
    let read = |cuts: &[usize]| {
        let (mut frames, mut out, mut from) = (Frames::default(), Vec::new(), 0);
        for &cut in cuts.iter().chain([&bytes.len()]) {
            frames.push(&bytes[from..cut], &mut out).unwrap();
            from = cut;
        }
        out
    };
    let whole = read(&[]);
    let kinds: Vec<String> = whole
        .iter()
        .filter_map(|frame| StreamEvent::parse(&frame.data).unwrap())
        .map(|event| match event {
            StreamEvent::Event(event) => event.kind,
            StreamEvent::Preview { text, .. } => format!("preview {text}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "user.message",
            "session.status_running",
            "span.model_request_start",
            "preview I will ",
            "preview run the tests.",
            "agent.message",
            "agent.tool_use"
        ]
    );
    for cut in 0..=bytes.len() {
        assert_eq!(read(&[cut]), whole, "cut at {cut}");
    }
    assert_eq!(read(&(0..bytes.len()).collect::<Vec<_>>()), whole);
}
