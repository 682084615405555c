//! What the parsers make of every odd thing known to stand in session files, as tables of hand-made
//! records, and properties that hold for any bytes at all.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

use std::io::BufReader;

use proptest::prelude::*;
use rstest::rstest;
use wakeful::domain::session::{EventKind, OwnedEvent};
use wakeful::transcript::{self, Format, Report};

fn read_from(format: Format, bytes: &[u8], from: u64) -> (Vec<OwnedEvent>, Report) {
    let mut events = Vec::new();
    let rest = BufReader::with_capacity(512, &bytes[from as usize..]);
    let report =
        transcript::read(format, rest, "f.jsonl", from, &mut |event| events.push(event.into_owned()))
            .unwrap();
    (events, report)
}

fn read(bytes: &[u8]) -> (Vec<OwnedEvent>, Report) {
    read_from(Format::ClaudeCode, bytes, 0)
}

fn seen(events: &[OwnedEvent]) -> Vec<(EventKind, &str)> {
    events.iter().map(|event| (event.kind, event.text.as_ref())).collect()
}

fn reasons(report: &Report) -> Vec<&str> {
    report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect()
}

/// A record with the usual envelope around `rest`.
fn record(uuid: &str, rest: &str) -> String {
    format!(
        r#"{{"parentUuid":null,"isSidechain":false,"userType":"external","cwd":"/w","sessionId":"s","version":"2.1.50",{rest},"uuid":"{uuid}","timestamp":"2026-02-17T09:12:44.120Z"}}"#
    )
}

fn user(uuid: &str, content: &str) -> String {
    record(uuid, &format!(r#""type":"user","message":{{"role":"user","content":{content}}}"#))
}

fn assistant(uuid: &str, content: &str) -> String {
    record(
        uuid,
        &format!(
            r#""message":{{"model":"claude-x","id":"m","role":"assistant","content":{content},"usage":{{"output_tokens":1}}}},"type":"assistant""#
        ),
    )
}

use EventKind::{Assistant, Injected, Interrupt, Rules, Summary, Thinking, ToolCall, ToolResult, User};

const REFUSED: &str = "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the new_string was NOT written to the file). To tell you how to proceed, the user said:\\nuse bun";

/// Who is speaking: one row per rule.
#[rstest]
#[case::words(user("u", r#""fix it""#), &[(User, "fix it")])]
#[case::words_in_a_list(user("u", r#"[{"type":"text","text":"fix it"}]"#), &[(User, "fix it")])]
#[case::words_as_bare_list(user("u", r#"["fix it"]"#), &[(User, "fix it")])]
#[case::meta(record("u", r#""type":"user","isMeta":true,"message":{"content":"a skill"}"#), &[(Injected, "a skill")])]
#[case::continued(record("u", r#""type":"user","isCompactSummary":true,"message":{"content":"This session …"}"#), &[(Summary, "This session …")])]
#[case::continued_unmarked(
    user("u", r#""This session is being continued from a previous conversation that ran out of context.""#),
    &[(Summary, "This session is being continued from a previous conversation that ran out of context.")]
)]
#[case::result(user("u", r#"[{"type":"tool_result","tool_use_id":"t","content":"ok"}]"#), &[(ToolResult, "ok")])]
#[case::rules_loaded(
    record("u", r#""type":"attachment","attachment":{"type":"nested_memory","path":"/w/.claude/rules/go.md","content":{"path":"/w/.claude/rules/go.md","type":"Project","content":"Never push."}}"#),
    &[(Rules, "Never push.")]
)]
#[case::rules_before_an_edit(
    record("u", r#""type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"updated"}]},"toolUseResult":{"filePath":"/w/CLAUDE.md","oldString":"a","newString":"b","originalFile":"Always \u0061sk."}"#),
    &[(ToolResult, "updated"), (Rules, "Always ask.")]
)]
#[case::other_files_before_an_edit(
    record("u", r#""type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t","content":"updated"}]},"toolUseResult":{"filePath":"/w/a.md","originalFile":"Always ask."}"#),
    &[(ToolResult, "updated")]
)]
#[case::command(user("u", r#""<command-name>/clear</command-name>""#), &[(Injected, "<command-name>/clear</command-name>")])]
#[case::typed_command(user("u", r#""<bash-input>ls</bash-input>""#), &[(Injected, "<bash-input>ls</bash-input>")])]
#[case::notification(user("u", r#""<task-notification>x""#), &[(Injected, "<task-notification>x")])]
#[case::stopped(user("u", r#"[{"type":"text","text":"[Request interrupted by user]"}]"#), &[(Interrupt, "")])]
#[case::stopped_at_tool(user("u", r#""[Request interrupted by user for tool use]""#), &[(Interrupt, "")])]
#[case::human_by_origin(record("u", r#""type":"user","origin":{"kind":"human"},"message":{"content":"hi"}"#), &[(User, "hi")])]
#[case::not_human_by_origin(record("u", r#""type":"user","origin":{"kind":"task-notification"},"message":{"content":"done"}"#), &[(Injected, "done")])]
#[case::human_by_origin_but_a_reminder(
    record("u", r#""type":"user","origin":{"kind":"human"},"message":{"content":"<system-reminder>x"}"#),
    &[(Injected, "<system-reminder>x")]
)]
#[case::accepted_plan(
    record("u", r##""type":"user","message":{"content":"Implement the following plan:\n\n# Plan"},"planContent":"# Plan""##),
    &[(User, "Implement the following plan:"), (Injected, "# Plan")]
)]
#[case::refused(
    user("u", &format!(r#"[{{"type":"tool_result","tool_use_id":"t","is_error":true,"content":"{REFUSED}"}}]"#)),
    &[(ToolResult, REFUSED), (Interrupt, "use bun")]
)]
#[case::picture(
    user("u", r#"[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]"#),
    &[(User, "see"), (Injected, "[image image/png, 0 kB]")]
)]
#[case::typed_meanwhile(
    record("u", r#""attachment":{"type":"queued_command","prompt":"use bun","commandMode":"prompt"},"type":"attachment""#),
    &[(User, "use bun")]
)]
#[case::notified_meanwhile(
    record("u", r#""attachment":{"type":"queued_command","prompt":"x","commandMode":"task-notification"},"type":"attachment""#),
    &[]
)]
#[case::attached(record("u", r#""attachment":{"type":"nested_memory","content":"use bun"},"type":"attachment""#), &[])]
#[case::answer(assistant("u", r#"[{"type":"text","text":"done"}]"#), &[(Assistant, "done")])]
#[case::answer_as_string(assistant("u", r#""done""#), &[(Assistant, "done")])]
#[case::thought(assistant("u", r#"[{"type":"thinking","thinking":"hm","signature":"x"}]"#), &[(Thinking, "hm")])]
#[case::thought_without_words(assistant("u", r#"[{"type":"thinking","thinking":"","signature":"x"}]"#), &[])]
#[case::call(
    assistant("u", r#"[{"type":"tool_use","id":"t","name":"Bash","input":{"command":"ls \"a\"", "n": 1}}]"#),
    &[(ToolCall, r#"{"command":"ls \"a\"", "n": 1}"#)]
)]
#[case::made_up(
    record("u", r#""type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error"}]}"#),
    &[(Injected, "API Error")]
)]
#[case::api_error(
    record("u", r#""type":"assistant","isApiErrorMessage":true,"message":{"model":"m","content":[{"type":"text","text":"x"}]}"#),
    &[(Injected, "x")]
)]
#[case::block_of_a_new_kind(assistant("u", r#"[{"type":"fallback","x":1},{"type":"text","text":"a"}]"#), &[(Assistant, "a")])]
#[case::compaction(record("u", r#""type":"system","subtype":"compact_boundary","content":"Conversation compacted""#), &[(Summary, "Conversation compacted")])]
#[case::system(record("u", r#""type":"system","subtype":"local_command","content":"<local-command-stdout>""#), &[(Injected, "<local-command-stdout>")])]
#[case::silent_system(record("u", r#""type":"system","subtype":"turn_duration","durationMs":1"#), &[])]
#[case::summary(r#"{"type":"summary","summary":"A title","leafUuid":"x"}"#.to_owned(), &[(Summary, "A title")])]
#[case::progress(record("u", r#""type":"progress","data":{"type":"agent_progress","message":{"type":"user"}}"#), &[])]
#[case::queue(r#"{"type":"queue-operation","operation":"enqueue","content":"x","sessionId":"s"}"#.to_owned(), &[])]
#[case::files(r#"{"type":"file-history-snapshot","messageId":"m","snapshot":{}}"#.to_owned(), &[])]
fn events_of_a_record(#[case] record: String, #[case] expected: &[(EventKind, &str)]) {
    let (events, report) = read(format!("{record}\n").as_bytes());
    let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, text.replace("\\n", "\n"))).collect();
    assert_eq!(events.iter().map(|event| (event.kind, event.text.to_string())).collect::<Vec<_>>(), expected);
    assert_eq!(report.skipped, vec![]);
    assert_eq!(report.read_to, record.len() as u64 + 1);
    for event in &events {
        assert_eq!(event.bytes, 0..record.len() as u64);
    }
}

#[test]
fn the_envelope_comes_with_every_event() {
    let (events, _) = read(
        user("u1", r#"[{"type":"tool_result","tool_use_id":"t","content":"x","is_error":true}]"#).as_bytes(),
    );
    let event = &events[0];
    assert_eq!(event.record, "u1");
    assert_eq!(event.call.as_deref(), Some("t"));
    assert_eq!(event.cwd.as_deref(), Some("/w"));
    assert_eq!(event.at, Some("2026-02-17T09:12:44.120Z".parse().unwrap()));
    assert!(event.is_error && !event.sidechain);
    let aside = record("u", r#""type":"user","message":{"content":"x"},"agentId":"a""#)
        .replace("\"isSidechain\":false", "\"isSidechain\":true");
    assert!(read(aside.as_bytes()).0[0].sidechain);
}

/// What a tool result can look like: (the block's fields, text, is an error).
#[rstest]
#[case::no_flag(r#""content":"ok""#, "ok", false)]
#[case::flag(r#""content":"Exit code 1","is_error":true"#, "Exit code 1", true)]
#[case::flag_first(r#""is_error":true,"content":"x""#, "x", true)]
#[case::flag_null(r#""is_error":null,"content":"x""#, "x", false)]
#[case::flag_of_another_type(r#""is_error":"yes","content":"x""#, "x", false)]
#[case::list(r#""content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#, "a\nb", false)]
#[case::picture(
    r#""content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","data":"AAAA","media_type":"image/jpeg"}}]"#,
    "a\n[image image/jpeg, 0 kB]", false
)]
#[case::reference(r#""content":[{"type":"tool_reference","tool_name":"Grep"}]"#, "[tool Grep]", false)]
#[case::nothing(r#""content":null"#, "", false)]
#[case::object(r#""content":{"a":1}"#, "", false)]
#[case::missing(r#""x":1"#, "", false)]
fn tool_results(#[case] fields: &str, #[case] text: &str, #[case] error: bool) {
    for extra in
        [r#""toolUseResult":"text","#, r#""toolUseResult":[1],"#, r#""toolUseResult":{"stdout":"x"},"#, ""]
    {
        let record = record(
            "u",
            &format!(
                r#"{extra}"type":"user","message":{{"content":[{{"type":"tool_result","tool_use_id":"t",{fields}}}]}}"#
            ),
        );
        let (events, report) = read(record.as_bytes());
        assert_eq!(seen(&events), vec![(ToolResult, text)]);
        assert_eq!(events[0].is_error, error);
        assert_eq!(report.skipped, vec![]);
    }
}

/// Broken and odd lines: (file, texts that survive, reasons reported).
#[rstest]
#[case::two_records_on_a_line(format!("{}{}\n", user("a", r#""one""#), user("b", r#""two""#)), &["one", "two"], &[])]
#[case::blanks_between(format!("\n \t{} {}\r\n\n", user("a", r#""one""#), user("b", r#""two""#)), &["one", "two"], &[])]
#[case::cut_off_in_a_string(
    format!("{}{}\n{}\n", &user("a", r#""one""#)[..170], user("b", r#""two""#), user("c", r#""three""#)),
    &["two", "three"], &["a record that breaks off; the next one follows on the same line"]
)]
#[case::cut_off_behind_a_block(
    format!(
        "{}{}\n",
        assistant("a", r#"[{"type":"text","text":"one"}]"#).split("],\"usage").next().unwrap(),
        user("b", r#""two""#)
    ),
    &["two"], &["a record that breaks off; the next one follows on the same line"]
)]
#[case::cut_off_at_the_end_of_a_line(
    format!("{}\n{}\n", &user("a", r#""one""#)[..100], user("b", r#""two""#)),
    &["two"], &["a record that breaks off"]
)]
#[case::nul_run(format!("{}{}\n", "\0".repeat(400), user("a", r#""one""#)), &["one"], &[])]
#[case::nul_run_between(format!("{}{}{}\n", user("a", r#""one""#), "\0".repeat(9), user("b", r#""two""#)), &["one", "two"], &[])]
#[case::raw_newline_in_a_record(
    user("a", r#""one⏎two""#).replace('⏎', "\n") + "\n" + &user("b", r#""three""#) + "\n",
    &["three"], &["a record that breaks off", "not a JSON record"]
)]
#[case::byte_order_mark(format!("\u{feff}{}\n", user("a", r#""one""#)), &["one"], &[])]
#[case::comment(format!("// Source: a gist\n// more\n{}\n", user("a", r#""one""#)), &["one"], &["not a JSON record"])]
#[case::pretty_printed("{\n  \"sessionId\": \"x\",\n  \"messages\": []\n}\n".to_owned(), &[], &["a record that breaks off", "not a JSON record"])]
#[case::array("[{\"type\":\"user\"}]\n".to_owned(), &[], &["not a JSON record"])]
#[case::lone_surrogate(format!("{}\n", user("a", r#""one \ud83d two""#)), &["one \u{fffd} two"], &[])]
#[case::surrogate_pair(format!("{}\n", user("a", r#""\ud83d\ude00""#)), &["😀"], &[])]
#[case::raw_tab_in_a_string(format!("{}\n", user("a", "\"one\ttwo\"")), &["one two"], &[])]
#[case::no_type(format!("{{\"a\":1}}\n{}\n", user("a", r#""one""#)), &["one"], &["a record without a type"])]
#[case::message_that_is_none(format!("{}\n", record("a", r#""type":"user","message":7"#)), &[], &[])]
#[case::no_message(format!("{}\n", record("a", r#""type":"user""#)), &[], &["a message that can't be understood"])]
#[case::unknown_type(
    format!("{0}\n{0}\n{1}\n", r#"{"type":"hologram","sessionId":"s"}"#, user("a", r#""one""#)),
    &["one"], &["records of type \"hologram\" are not known to this version and were passed over"]
)]
#[case::out_of_order_times(
    format!("{}\n{}\n", user("a", r#""one""#).replace("09:12", "09:59"), user("b", r#""two""#)),
    &["one", "two"], &[]
)]
#[case::unfinished_record(format!("{}\n{}", user("a", r#""one""#), &user("b", r#""two""#)[..150]), &["one"], &[])]
#[case::unfinished_line(format!("{}\n{}", user("a", r#""one""#), user("b", r#""two""#)), &["one", "two"], &[])]
#[case::empty(String::new(), &[], &[])]
fn odd_lines(#[case] file: String, #[case] texts: &[&str], #[case] expected: &[&str]) {
    let (events, report) = read(file.as_bytes());
    assert_eq!(events.iter().map(|event| event.text.as_ref()).collect::<Vec<_>>(), texts);
    assert_eq!(reasons(&report), expected);
    for event in &events {
        let record = &file.as_bytes()[event.bytes.start as usize..event.bytes.end as usize];
        assert!(record.starts_with(b"{") && record.ends_with(b"}"), "{:?}", String::from_utf8_lossy(record));
    }
}

#[test]
fn invalid_utf8_costs_the_byte_and_nothing_else() {
    let mut file =
        format!("{}\n{}\n", user("a", r#""one⏎""#), user("b", r#""two""#)).replace('⏎', "\u{1}").into_bytes();
    *file.iter_mut().find(|byte| **byte == 1).unwrap() = 0xff;
    let (events, report) = read(&file);
    assert_eq!(seen(&events), vec![(User, "one?"), (User, "two")]);
    assert_eq!(report.skipped, vec![]);
    assert_eq!(events[1].bytes.end, file.len() as u64 - 1);
}

#[test]
fn a_half_written_record_is_read_when_it_is_whole() {
    let whole = format!("{}\n{}\n", user("a", r#""one""#), user("b", r#""two""#));
    let first_line = whole.find('\n').unwrap() + 1;
    let (_, report) = read(&whole.as_bytes()[..whole.len() - 20]);
    assert_eq!(report.read_to, first_line as u64);
    let (events, report) = read_from(Format::ClaudeCode, whole.as_bytes(), report.read_to);
    assert_eq!(seen(&events), vec![(User, "two")]);
    assert_eq!(report.read_to, whole.len() as u64);
}

#[test]
fn of_a_huge_record_the_call_it_answers_is_known() {
    let payload = "x".repeat(9 << 20);
    let huge = user(
        "big",
        &format!(r#"[{{"tool_use_id":"t","type":"tool_result","content":"{payload}","is_error":true}}]"#),
    );
    let file = format!("{}\n{huge}\n{}\n", user("a", r#""one""#), user("b", r#""two""#));
    let (events, report) = read(file.as_bytes());
    assert_eq!(seen(&events), vec![(User, "one"), (ToolResult, "[too large to read]"), (User, "two")]);
    let event = &events[1];
    assert_eq!((event.record.as_ref(), event.call.as_deref(), event.is_error), ("big", Some("t"), true));
    assert_eq!(event.bytes.end - event.bytes.start, huge.len() as u64);
    assert_eq!(
        reasons(&report),
        vec!["a record of 9 MiB, over the 8 MiB that are read: its payload was passed over"]
    );
}

#[test]
fn the_title_given_last_holds() {
    let file = "{\"type\":\"custom-title\",\"customTitle\":\"One\",\"sessionId\":\"s\"}\n{\"type\":\"ai-title\",\"aiTitle\":\"Two\",\"sessionId\":\"s\"}\n";
    assert_eq!(read(file.as_bytes()).1.about.title.as_deref(), Some("Two"));
}

#[test]
fn a_turn_gone_back_from_is_noted() {
    let turn = |uuid: &str, parent: &str, text: &str| {
        user(uuid, &format!("\"{text}\""))
            .replace("\"parentUuid\":null", &format!("\"parentUuid\":\"{parent}\""))
    };
    let first = format!("{}\n", user("a", r#""start""#));
    let file = format!("{first}{}\n{}\n", turn("b", "a", "wrong way"), turn("c", "a", "right way"));
    let (events, report) = read(file.as_bytes());
    assert_eq!(report.abandoned, vec![first.len() as u64]);
    assert_eq!(events[1].bytes.start, first.len() as u64);
}

/// The documented format: one row per type and per mistake in it.
#[rstest]
#[case(r#"{"type":"session","title":"T","user":"x","segment":"s"}"#, &[], None)]
#[case(r#"{"type":"user","text":"hi","id":"1","at":"2026-01-01T00:00:00Z"}"#, &[(User, "hi")], None)]
#[case(r#"{"type":"assistant","text":"yo\n"}"#, &[(Assistant, "yo\n")], None)]
#[case(r#"{"type":"thinking","text":"hm"}"#, &[(Thinking, "hm")], None)]
#[case(r#"{"type":"tool_call","call":"c","tool":"sh","input":{"command":"ls"}}"#, &[(ToolCall, r#"{"command":"ls"}"#)], None)]
#[case(r#"{"type":"tool_call","tool":"sh"}"#, &[(ToolCall, "{}")], None)]
#[case(r#"{"type":"tool_result","call":"c","text":"no","error":true}"#, &[(ToolResult, "no")], None)]
#[case(r#"{"type":"interrupt"}"#, &[(Interrupt, "")], None)]
#[case(r#"{"type":"system","text":"rules"}"#, &[(Injected, "rules")], None)]
#[case(r#"{"type":"summary","text":"before"}"#, &[(Summary, "before")], None)]
#[case(r#"{"type":"outcome","error":true}"#, &[(EventKind::Outcome, "")], None)]
#[case(r#"{"type":"user","text":"hi","something":{"of":"yours"}}"#, &[(User, "hi")], None)]
#[case(r#"{"text":"hi"}"#, &[], Some("an event without `type`"))]
#[case(r#"{"type":"user"}"#, &[], Some("an event without `text`"))]
#[case(r#"{"type":"tool_call","call":"c"}"#, &[], Some("a tool call without `tool`"))]
#[case(r#"{"type":"tool_result","text":"x"}"#, &[], Some("a tool result without `call`"))]
#[case(r#"{"type":"dance"}"#, &[], Some("records of type \"dance\" are not known to this version and were passed over"))]
fn plain_events(#[case] line: &str, #[case] expected: &[(EventKind, &str)], #[case] reason: Option<&str>) {
    let (events, report) = read_from(Format::Plain, format!("{line}\n").as_bytes(), 0);
    assert_eq!(seen(&events), expected);
    assert_eq!(reasons(&report), reason.into_iter().collect::<Vec<_>>());
    assert_eq!(events.iter().any(|event| event.is_error), line.contains("\"error\":true"));
    assert_eq!(report.about.title.is_some(), line.contains("title"));
}

/// Managed Agents events: one row per type that says something.
#[rstest]
#[case(r#""type":"user.message","content":[{"type":"text","text":"hi"},{"type":"redacted"}]"#, &[(User, "hi")])]
#[case(r#""type":"agent.message","content":[{"type":"text","text":"yo"}]"#, &[(Assistant, "yo")])]
#[case(r#""type":"agent.tool_use","name":"bash","input":{"command":"ls"}"#, &[(ToolCall, r#"{"command":"ls"}"#)])]
#[case(r#""type":"agent.mcp_tool_use","name":"find","mcp_server_name":"m","input":{}"#, &[(ToolCall, "{}")])]
#[case(r#""type":"agent.tool_result","tool_use_id":"sevt_0","is_error":true,"content":[{"type":"text","text":"no"}]"#, &[(ToolResult, "no")])]
#[case(r#""type":"user.custom_tool_result","custom_tool_use_id":"sevt_0""#, &[(ToolResult, "")])]
#[case(r#""type":"user.interrupt""#, &[(Interrupt, "")])]
#[case(r#""type":"user.tool_confirmation","result":"deny","tool_use_id":"sevt_0","deny_message":"use bun""#, &[(Interrupt, "use bun")])]
#[case(r#""type":"user.tool_confirmation","result":"allow","tool_use_id":"sevt_0""#, &[])]
#[case(r#""type":"system.message","content":"rules""#, &[(Injected, "rules")])]
#[case(r#""type":"span.outcome_evaluation_end","result":"satisfied""#, &[(EventKind::Outcome, "satisfied")])]
#[case(r#""type":"session.status_idle","stop_reason":{"type":"end_turn"}"#, &[])]
#[case(r#""type":"agent.something_new","x":1"#, &[])]
fn platform_events(#[case] fields: &str, #[case] expected: &[(EventKind, &str)]) {
    let line = format!(r#"{{"id":"sevt_1",{fields},"processed_at":"2026-05-01T10:00:00Z"}}"#);
    assert_eq!(transcript::sniff("f", line.as_bytes()), Ok(Format::Platform));
    let (events, report) = read_from(Format::Platform, line.as_bytes(), 0);
    assert_eq!(seen(&events), expected);
    assert_eq!(report.skipped, vec![]);
    for event in &events {
        let call = if event.kind == ToolCall { "sevt_1" } else { "sevt_0" };
        assert!(event.call.is_none() || event.call.as_deref() == Some(call));
        assert_eq!((event.record.as_ref(), event.at.is_some()), ("sevt_1", true));
        assert_eq!(event.is_error, line.contains("\"is_error\":true"));
    }
}

/// The example in the reference, the schema and the parser say the same.
#[test]
fn the_documented_example_is_valid_and_read_whole() {
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let schema = std::fs::read_to_string(assets.join("schema/session.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let reference = std::fs::read_to_string(assets.join("session-format.md")).unwrap();
    let example: Vec<&str> = reference
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with('{'))
        .collect();
    assert_eq!(example.len(), 6);
    for line in &example {
        let value = serde_json::from_str(line).unwrap();
        assert!(validator.is_valid(&value), "{line}");
    }
    let (events, report) = read_from(Format::Plain, example.join("\n").as_bytes(), 0);
    assert_eq!(report.skipped, vec![]);
    assert_eq!(events.len(), 5, "all but the session line");
    assert_eq!(report.about.segment.as_deref(), Some("enterprise"));
    for bad in
        [r#"{"type":"user"}"#, r#"{"type":"tool_call"}"#, r#"{"type":"tool_result"}"#, r#"{"text":"x"}"#]
    {
        assert!(!validator.is_valid(&serde_json::from_str(bad).unwrap()), "{bad}");
        assert_eq!(read_from(Format::Plain, bad.as_bytes(), 0).0, vec![], "{bad}");
    }
}

/// Files built from good, broken and odd pieces, so that generated ones exercise every path.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let good = prop_oneof![
        "[a-z\\\\n \"é]{0,12}".prop_map(|text| user("a", &serde_json::to_string(&text).unwrap())),
        "[a-z ]{0,12}".prop_map(|text| assistant("b", &format!(r#"[{{"type":"text","text":"{text}"}}]"#))),
        Just(assistant("c", r#"[{"type":"tool_use","id":"t","name":"Bash","input":{"a":[1,{}]}}]"#)),
        Just(user("d", r#"[{"type":"tool_result","tool_use_id":"t","content":"x","is_error":true}]"#)),
        Just(r#"{"type":"summary","summary":"s","leafUuid":"x"}"#.to_owned()),
        Just(r#"{"type":"user","text":"plain"}"#.to_owned()),
        Just(r#"{"type":"user.message","id":"sevt_1","content":"platform"}"#.to_owned()),
        Just(r#"{"type":"hologram"}"#.to_owned()),
    ];
    let piece = prop_oneof![
        6 => good.clone().prop_map(String::into_bytes),
        2 => (good, any::<prop::sample::Index>()).prop_map(|(text, at)| {
            let bytes = text.into_bytes();
            bytes[..at.index(bytes.len())].to_vec()
        }),
        5 => Just(b"\n".to_vec()),
        1 => Just(b"\0\0\0".to_vec()),
        1 => Just(b"\xff\xc3".to_vec()),
        1 => Just("\u{feff}// {\"type\"".as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn formats() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::ClaudeCode), Just(Format::Plain), Just(Format::Platform)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn nothing_in_the_bytes_is_an_error_and_offsets_stay_inside(
        bytes in prop_oneof![pieces(), prop::collection::vec(any::<u8>(), 0..300)],
        format in formats(),
    ) {
        let _ = transcript::sniff("f", &bytes);
        let _ = transcript::claude_code::head(&bytes);
        let (events, report) = read_from(format, &bytes, 0);
        let length = bytes.len() as u64;
        prop_assert!(report.read_to <= length);
        prop_assert_eq!(report.events, events.len() as u64);
        for event in &events {
            prop_assert!(event.bytes.start < event.bytes.end && event.bytes.end <= report.read_to);
        }
        for skipped in &report.skipped {
            prop_assert!(skipped.bytes > 0 && skipped.offset + skipped.bytes <= report.read_to);
        }
    }

    #[test]
    fn a_file_read_as_it_grows_gives_the_same_events(
        bytes in pieces(),
        cut in any::<prop::sample::Index>(),
        format in formats(),
    ) {
        let cut = cut.index(bytes.len() + 1);
        let (mut parts, first) = read_from(format, &bytes[..cut], 0);
        prop_assert!(first.read_to <= cut as u64);
        let (rest, second) = read_from(format, &bytes, first.read_to);
        parts.extend(rest);
        let (whole, once) = read_from(format, &bytes, 0);
        prop_assert_eq!(parts, whole);
        prop_assert_eq!(second.read_to, once.read_to);
    }

    #[test]
    fn the_bytes_of_an_event_read_again_give_the_event(bytes in pieces(), format in formats()) {
        let (events, _) = read_from(format, &bytes, 0);
        for event in &events {
            let record = &bytes[..event.bytes.end as usize];
            let (again, report) = read_from(format, record, event.bytes.start);
            prop_assert!(again.contains(event));
            prop_assert!(again.iter().all(|other| other.bytes == event.bytes));
            prop_assert_eq!(report.read_to, event.bytes.end);
        }
    }
}
