//! Two agents and the memory they share: what both learned is offered once, written once, and taken back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::stage::Stage;

/// The sample agent, and another with three in four of its sessions as its own, but for some about `--region`.
fn two_agents() -> Stage {
    let stage = Stage::new();
    let (one, other) = (stage.root().join("agents/shop-agent"), stage.root().join("agents/wholesale"));
    copy(&one, &other);
    let settings = std::fs::read_to_string(one.join("wakeful.toml")).unwrap();
    std::fs::write(other.join("wakeful.toml"), settings.replace("shop-agent", "wholesale")).unwrap();
    let mut sessions: Vec<_> =
        std::fs::read_dir(other.join("sessions")).unwrap().map(|entry| entry.unwrap().path()).collect();
    sessions.sort();
    let mut about_regions = 0;
    for (at, path) in sessions.iter().enumerate() {
        let is_own = at % 4 != 3;
        about_regions += u32::from(is_own && std::fs::read_to_string(path).unwrap().contains("--region"));
        let too_many = about_regions > 2 && std::fs::read_to_string(path).unwrap().contains("--region");
        if !is_own || too_many {
            std::fs::remove_file(path).unwrap();
        }
    }
    let config = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap().replace("agents/shop-agent\"", "agents\"");
    let shared = stage.root().join("shared");
    std::fs::write(&config, format!("{text}\n[shared]\nmemory = {:?}\n", shared.to_str().unwrap())).unwrap();
    stage
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return all };
    for entry in entries.map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&entry.path()));
        } else {
            all.insert(entry.path().display().to_string(), std::fs::read(entry.path()).unwrap());
        }
    }
    all
}

fn lessons(stage: &Stage, args: &[&str]) -> Vec<Value> {
    let args = [&["lessons", "--min-support", "0", "--evidence", "--json"], args].concat();
    let all = stage.run(&args).ended(0).json("lessons");
    all["lessons"].as_array().unwrap().clone()
}

fn says<'a>(all: &'a [Value], words: &str) -> Vec<&'a Value> {
    all.iter().filter(|lesson| lesson["statement"].as_str().unwrap().contains(words)).collect()
}

fn id(lesson: &Value) -> &str {
    lesson["id"].as_str().unwrap()
}

/// That each session that counts is one of an agent's, and says what is quoted where it is said to.
fn can_be_opened(stage: &Stage, lesson: &Value) {
    let mut sessions = BTreeSet::new();
    for place in lesson["evidence"].as_array().unwrap() {
        let (_, agent) = place["session"].as_str().unwrap().rsplit_once(" @ folder:").unwrap();
        let file =
            stage.root().join("agents").join(agent).join("sessions").join(place["file"].as_str().unwrap());
        let bytes = std::fs::read(&file).unwrap();
        let [first, end] = [0, 1].map(|at| place["bytes"][at].as_u64().unwrap() as usize);
        let record: Value = serde_json::from_slice(&bytes[first..end]).unwrap();
        let quote = place["quote"].as_str().unwrap();
        assert!(holds(&record, quote), "{quote} is not in {record}");
        let counts =
            place["stance"] == "support" && ["verified", "near"].contains(&place["status"].as_str().unwrap());
        if counts {
            sessions.insert(place["session"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(lesson["support"]["sessions"], sessions.len());
}

fn holds(value: &Value, words: &str) -> bool {
    match value {
        Value::String(text) => text.contains(words),
        Value::Array(items) => items.iter().any(|item| holds(item, words)),
        Value::Object(fields) => fields.values().any(|field| holds(field, words)),
        _ => false,
    }
}

const BOTH: &str = "make db-create";

#[test]
fn what_two_agents_learned_goes_into_the_memory_they_share_and_comes_back_out() {
    let stage = two_agents();
    let own = files(&stage.root().join("agents"));
    stage.run(&["dream", "run"]).ended(0);
    let all = lessons(&stage, &[]);
    let both = says(&all, BOTH);
    assert_eq!(both.len(), 1, "one row for it all: {both:#?}");
    let shared = both[0];
    assert_eq!(shared["agent"], "shared memory");
    assert_eq!(shared["also_for"], serde_json::json!(["shop-agent", "wholesale"]));
    let of = |agent: &str| {
        let all = lessons(&stage, &["--agent", agent]);
        let found = says(&all, BOTH);
        (id(found[0]).to_owned(), found[0]["support"]["sessions"].as_u64().unwrap())
    };
    let (shop, wholesale) = (of("shop-agent"), of("wholesale"));
    assert_eq!(shared["support"]["sessions"], shop.1 + wholesale.1, "their sessions are distinct");
    can_be_opened(&stage, shared);
    let only_one = says(&all, "--region");
    assert_eq!((only_one.len(), &only_one[0]["agent"]), (1, &Value::from("shop-agent")), "{only_one:#?}");
    let waiting = |stage: &Stage| stage.run(&["status", "--json"]).json("status")["pending"].clone();
    let before = waiting(&stage);
    assert_eq!(
        before,
        all.iter().filter(|lesson| lesson["support"]["sessions"].as_u64().is_none_or(|n| n >= 10)).count()
    );

    // Accepting it settles what waits for the single agents; one undo takes all of it back.
    let id = id(shared);
    stage.run(&["accept", id]).ended(0);
    let states = |stage: &Stage| [id, &shop.0, &wholesale.0].map(|lesson| stage.state(lesson));
    assert_eq!(states(&stage), ["accepted", "rejected", "rejected"]);
    let why = stage.run(&["show", &shop.0]).ended(0);
    assert!(why.out.contains("goes into shared memory"), "{}", why.out);
    stage.run(&["undo"]).ended(0);
    assert_eq!(states(&stage), ["pending", "pending", "pending"]);
    assert_eq!(waiting(&stage), before);
    stage.run(&["accept", id]).ended(0);

    // Written to the shared memory alone, byte for byte.
    let written = stage.run(&["apply", "--yes", "--json"]).ended(0);
    let statement = shared["statement"].as_str().unwrap();
    let document = stage.root().join("shared/lessons.md");
    let text = format!("# Lessons of several agents\n\n- {statement}\n");
    assert_eq!(std::fs::read_to_string(&document).unwrap(), text);
    assert_eq!(files(&stage.root().join("agents")), own, "nothing else was written");
    let blame = stage.run(&["memory", "blame", "/lessons.md", "--agent", "shared"]).ended(0);
    assert!(blame.out.contains(&id[..12]), "{}", blame.out);

    // Known by now: a sync offers nothing anew, and another pass neither.
    let passes = |stage: &Stage| {
        let all = stage.run(&["dream", "list", "--json"]).ended(0).json("dreams");
        let of = |dream: &&Value| dream["agent"] == "shared memory";
        all["dreams"].as_array().unwrap().iter().filter(of).count()
    };
    assert_eq!(passes(&stage), 1);
    stage.run(&["sync"]).ended(0);
    stage.run(&["dream", "run"]).ended(0);
    assert_eq!(says(&lessons(&stage, &[]), BOTH), Vec::<&Value>::new());

    // A second one joins the list; each is taken back by itself.
    let second = says(&lessons(&stage, &[]), "Decimal")[0].clone();
    assert_eq!(second["agent"], "shared memory");
    stage.run(&["accept", self::id(&second)]).ended(0);
    stage.run(&["apply", "--yes"]).ended(0);
    let other = format!("{text}- {}\n", second["statement"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(&document).unwrap(), other);
    let applies = |answer: &str| {
        let at = answer.find("apl_").unwrap();
        answer[at..at + 24].to_owned()
    };
    let first = applies(&written.out);
    stage.run(&["undo", &first, "--yes"]).ended(0);
    let left = format!("# Lessons of several agents\n\n- {}\n", second["statement"].as_str().unwrap());
    assert_eq!(std::fs::read_to_string(&document).unwrap(), left);
    stage.run(&["sync"]).ended(0);
    let again = lessons(&stage, &[]);
    assert_eq!((says(&again, BOTH).len(), says(&again, BOTH)[0]["id"].as_str()), (1, Some(id)));
    assert_eq!(files(&stage.root().join("agents")), own);
    stage.run(&["audit", "verify"]).ended(0);
}

#[test]
fn what_is_turned_down_for_shared_memory_waits_for_each_agent_and_is_not_offered_again() {
    let stage = two_agents();
    stage.run(&["dream", "run"]).ended(0);
    let shared = says(&lessons(&stage, &[]), BOTH)[0].clone();
    stage.run(&["reject", id(&shared)]).ended(0);
    for _ in 0..2 {
        let all = lessons(&stage, &[]);
        let both = says(&all, BOTH);
        assert_eq!(both.len(), 1, "{both:#?}");
        assert_eq!(
            (&both[0]["agent"], &both[0]["also_for"][0]),
            (&Value::from("shop-agent"), &Value::from("wholesale"))
        );
        stage.run(&["dream", "run"]).ended(0);
        stage.run(&["dream", "run", "--agent", "shared"]).ended(0);
    }
    assert_eq!(stage.state(id(&shared)), "rejected");
    // What was already taken in by the agents is offered all the same, and stays with them.
    let second = says(&lessons(&stage, &["--agent", "wholesale"]), "Decimal")[0].clone();
    stage.run(&["accept", id(&second)]).ended(0);
    stage.run(&["apply", "--yes"]).ended(0);
    let own = files(&stage.root().join("agents"));
    stage.run(&["sync"]).ended(0);
    let offered = says(&lessons(&stage, &[]), "Decimal")[0].clone();
    assert_eq!(offered["agent"], "shared memory");
    stage.run(&["accept", id(&offered)]).ended(0);
    stage.run(&["apply", "--yes"]).ended(0);
    assert_eq!(files(&stage.root().join("agents")), own, "the copies stay");
    assert_eq!(stage.state(id(&second)), "applied");
}

#[test]
fn what_came_from_a_session_in_quarantine_leaves_the_shared_memory_too() {
    let stage = two_agents();
    stage.run(&["dream", "run"]).ended(0);
    let shared = says(&lessons(&stage, &[]), BOTH)[0].clone();
    stage.run(&["accept", id(&shared)]).ended(0);
    stage.run(&["apply", "--yes"]).ended(0);
    let place = &shared["evidence"][0];
    let (session, agent) = place["session"].as_str().unwrap().rsplit_once(" @ ").unwrap();
    let one =
        |more: &[&str]| stage.run(&[&["quarantine", session, "--agent", agent, "--json"], more].concat());
    // One of many takes nothing with it, and counts no more.
    let before = shared["support"]["sessions"].as_u64().unwrap();
    let said = one(&["--yes"]).ended(0).json("quarantine");
    let row =
        said["lessons"].as_array().unwrap().iter().find(|row| row["lesson"] == id(&shared)).unwrap().clone();
    assert_eq!((&row["falls"], &row["documents"][0]), (&Value::from(false), &Value::from("/lessons.md")));
    let shown = stage.run(&["show", id(&shared), "--json"]).ended(0).json("lesson");
    assert_eq!(shown["lesson"]["support"]["sessions"], before - 1);
    one(&["--lift"]).ended(0);
    // All of it, if a person says so.
    one(&["--all", "--yes"]).ended(0);
    assert_eq!(stage.state(id(&shared)), "rejected");
    assert!(!stage.root().join("shared/lessons.md").exists());
    one(&["--lift"]).ended(0);
    assert_eq!(stage.state(id(&shared)), "pending");
}

#[test]
fn doctor_says_where_the_shared_memory_is_and_who_reads_it() {
    let stage = two_agents();
    let said = stage.run(&["doctor"]);
    assert!(said.out.contains("shared memory: ") && said.out.contains("is not there yet"), "{}", said.out);
    let config = stage.root().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::create_dir(stage.root().join("shared")).unwrap();
    assert!(stage.run(&["doctor"]).out.contains("read by 2 agents"));
    std::fs::write(&config, format!("{text}agents = [\"shop-agent\", \"nobody\"]\n")).unwrap();
    let said = stage.run(&["doctor"]);
    assert!(
        said.out.contains("no agent is called nobody") && said.out.contains("read by 1 agent"),
        "{}",
        said.out
    );
    std::fs::remove_dir(stage.root().join("shared")).unwrap();
    std::fs::write(stage.root().join("shared"), "a file").unwrap();
    let said = stage.run(&["doctor"]).ended(1);
    assert!(said.out.contains("it is not a folder"), "{}", said.out);
}
