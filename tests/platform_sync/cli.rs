//! The commands for the platform, as scripts see them: the real binary against the stand-in.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::support::World;
use wakeful::stand_in::{Fault, Rule, Script};

pub struct Shell<'a> {
    world: &'a World,
    config: std::path::PathBuf,
    key: Option<&'static str>,
}

pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// The output as JSON that fits the schema the program prints for it.
    #[track_caller]
    pub fn json(&self, shell: &Shell<'_>, schema: &str) -> Value {
        let value: Value = serde_json::from_str(&self.out).unwrap();
        assert_eq!(value["schema"], format!("wakeful.{schema}/1"));
        let printed = shell.run(&["config", "schema", schema]).ended(0);
        let schema: Value = serde_json::from_str(&printed.out).unwrap();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&value)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{}\n{value:#}", faults.join("\n"));
        value
    }
}

impl Shell<'_> {
    pub fn new(world: &World) -> Shell<'_> {
        let text = format!(
            "[sources]\nclaude-code = []\n[platform.default]\nbase-url = \"{}\"\nkey-env = \"TEST_KEY\"\n",
            world.server.url()
        );
        let config = world.folder.path().join("config.toml");
        std::fs::write(&config, text).unwrap();
        Shell { world, config, key: Some("sk-very-secret") }
    }

    /// The same reviewer and cache with another profile, or without the key.
    fn with_profile(&self, lines: &str, key: Option<&'static str>) -> Shell<'_> {
        let config = self.world.folder.path().join("other.toml");
        let text =
            format!("[sources]\nclaude-code = []\n[platform.default]\nkey-env = \"TEST_KEY\"\n{lines}");
        std::fs::write(&config, text).unwrap();
        Shell { world: self.world, config, key }
    }

    fn command(&self, args: &[&str]) -> Command {
        let home = self.world.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wakeful"));
        command.env_clear().env("HOME", home).env("USER", "reviewer");
        command.envs(self.key.map(|key| ("TEST_KEY", key)));
        command.arg("--config").arg(&self.config).arg("--data-dir").arg(home.join("cli"));
        command.args(args);
        command
    }

    fn spawn(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn run(&self, args: &[&str]) -> Answer {
        let output = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let answer = Answer {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        };
        assert!(!format!("{}{}", answer.out, answer.err).contains("very-secret"));
        answer
    }
}

#[test]
fn without_a_connection_the_estimate_works_and_a_start_says_what_failed_and_what_to_do() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    shell.run(&["sync"]).ended(0);
    let run = ["dream", "run", "--engine", "platform", "--no-sync"];
    let online = shell.run(&[&run[..], &["--estimate"]].concat()).ended(0).out;
    world.server.faults().add(Rule::on("/v1/**", Fault::ResetBefore).always());
    let offline = shell.run(&[&run[..], &["--estimate"]].concat()).ended(0);
    assert_eq!((offline.out, offline.err), (online, String::new()));
    let refused = shell.run(&[&run[..], &["--yes"]].concat()).ended(4);
    for words in
        ["the dream was not started: ", "Memory and lessons are as they were", "--estimate --no-sync"]
    {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    let nothing = shell.run(&["dream", "run", "--no-sync"]).ended(4);
    assert!(nothing.err.contains("no transcript of support-bot is in the cache"), "{}", nothing.err);
}

#[test]
fn a_dream_from_the_estimate_to_its_lessons() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let synced = shell.run(&["sync", "--json"]).ended(0).json(&shell, "sync");
    assert_eq!((synced["agents"].as_u64(), synced["sessions"].as_u64()), (Some(1), Some(4)));
    assert!(synced["requests"].as_u64().unwrap() >= 5);

    let estimate = ["dream", "run", "--engine", "platform", "--estimate"];
    let plan = shell.run(&[&estimate[..], &["--json"]].concat()).ended(0).json(&shell, "dream-plan");
    assert_eq!(plan["plans"][0]["dreams"][0].as_array().unwrap().len(), 4);
    assert!(plan["plans"][0]["cost"]["high"].as_f64().unwrap() > 0.0);
    let unknown = shell.run(&[&estimate[..], &["--model", "claude-next"]].concat()).ended(0);
    assert!(unknown.out.contains("price unknown"), "{}", unknown.out);
    // Nobody can be asked here, so nothing is started.
    let unasked = shell.run(&["dream", "run", "--engine", "platform"]).ended(2);
    assert!(unasked.err.contains("--yes"), "{}", unasked.err);
    assert!(world.server.workspace().dreams().is_empty());

    let learned = "# Git\n\n- Commit often.\n- Please use just test instead of make. <!-- seen: nobody -->\n";
    world.server.workspace().script_dream(Script::writing(&[("/git.md", Some(learned))]));
    let started = shell.run(&["dream", "run", "--engine", "platform", "--yes", "--json"]).ended(0);
    let started = started.json(&shell, "dreams");
    let id = started["dreams"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.server.workspace().dreams(), [id.as_str()]);
    assert!(started["dreams"][0]["cost"]["estimated"].as_f64().is_some());

    world.server.workspace().finish_dream(&id);
    let watched = shell.run(&["dream", "watch", &id, "--json"]).ended(0).json(&shell, "dream");
    assert_eq!(watched["dream"]["status"], "completed");
    assert_eq!(watched["dream"]["cost"]["real"].as_f64(), Some(0.8815));
    assert_eq!(watched["dream"]["remote"]["started_here"], true);
    assert_eq!(watched["lessons"].as_array().unwrap().len(), 1);
    let listed = shell.run(&["dream", "list"]).ended(0);
    assert!(listed.out.contains("$0.76 to $0.88") && listed.out.contains("4 sessions"), "{}", listed.out);
    let shown = shell.run(&["dream", "show", &id]).ended(0);
    assert!(shown.out.contains("estimated $"), "{}", shown.out);
    // It is over.
    shell.run(&["dream", "cancel", &id]).ended(1);
}

#[test]
fn no_access_ends_with_four_and_the_cache_still_answers() {
    let world = World::new(2);
    let shell = Shell::new(&world);
    shell.run(&["sync"]).ended(0);
    world.server.faults().add(Rule::on("/v1/**", Fault::Status(401, None)).always());
    let refused = shell.run(&["sync"]).ended(4);
    assert!(refused.err.contains("401"), "{}", refused.err);
    let status = shell.run(&["status", "--json"]).ended(0).json(&shell, "status");
    assert_eq!(status["agents"][0]["sessions"], 2);
    assert!(status["agents"][0]["last_error"]["text"].as_str().unwrap().contains("401"));
    let start = shell.run(&["dream", "run", "--engine", "platform", "--yes", "--no-sync"]).ended(4);
    assert!(start.err.contains("401"), "{}", start.err);
    let doctor = shell.run(&["doctor", "--json"]);
    assert_eq!(doctor.code, 4, "as sync ends");
    let checks = doctor.json(&shell, "doctor");
    let text = checks.to_string();
    assert!(text.contains("environment variable TEST_KEY"), "{text}");
}

#[test]
fn the_doctor_looks_at_a_profile_that_works() {
    let world = World::new(1);
    let shell = Shell::new(&world);
    let checks = shell.run(&["doctor", "--json"]).json(&shell, "doctor");
    let of = |name: &str| {
        let list = checks["checks"].as_array().unwrap();
        list.iter()
            .find(|check| check["name"] == name)
            .unwrap_or_else(|| panic!("no {name}: {checks:#}"))
            .clone()
    };
    assert_eq!(of("platform")["health"], "ok");
    assert_eq!(of("dreams")["health"], "ok");
    assert_eq!(of("prices")["health"], "ok");
    assert_eq!(of("certificates")["health"], "ok");
}

#[test]
fn a_cap_of_the_configuration_holds() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let config = world.folder.path().join("config.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{text}[dream]\nmax-cost = \"0.0001\"\n")).unwrap();
    shell.run(&["sync"]).ended(0);
    let args = ["dream", "run", "--engine", "platform", "--yes", "--no-sync"];
    let refused = shell.run(&args).ended(1);
    assert!(refused.err.contains("--over-cap"), "{}", refused.err);
    assert!(world.server.workspace().dreams().is_empty());
    // One that can't be read is never replaced by the default.
    std::fs::write(&config, format!("{text}[dream]\nmax-cost = \"cheap\"\n")).unwrap();
    let lost = shell.run(&[&args[..], &["--over-cap"]].concat()).ended(3);
    assert!(lost.err.contains("was not started") && lost.err.contains("line "), "{}", lost.err);
    assert!(world.server.workspace().dreams().is_empty());
    std::fs::write(&config, format!("{text}[dream]\nmax-cost = 0.0001\n")).unwrap();
    shell.run(&args).ended(1);
    shell.run(&[&args[..], &["--over-cap"]].concat()).ended(0);
    assert_eq!(world.server.workspace().dreams().len(), 1);
}

#[test]
fn a_sync_that_is_killed_anywhere_is_whole_after_the_next() {
    let world = World::new(320);
    let shell = Shell::new(&world);
    // Agents, stores, dreams, four pages of sessions, the history, two readings of documents.
    for requests in 1..=10 {
        world.server.forget_requests();
        let mut child = shell.spawn(&["sync"]);
        while child.try_wait().unwrap().is_none() && world.server.requests().len() < requests {
            std::thread::yield_now();
        }
        // Killed while that request, or the writing after it, is under way.
        child.kill().unwrap();
        child.wait().unwrap();
        let synced = shell.run(&["sync", "--json"]).ended(0).json(&shell, "sync");
        assert_eq!(synced["problems"].as_array().unwrap().len(), 0, "after {requests}: {synced:#}");
        assert_eq!((synced["agents"].as_u64(), synced["sessions"].as_u64()), (Some(1), Some(320)));
        assert_eq!(synced["gone"].as_u64(), Some(0), "after {requests}");
        let memory = shell.run(&["memory", "list", "--json"]).ended(0).json(&shell, "memory");
        assert_eq!(memory["agents"][0]["documents"].as_array().unwrap().len(), 2, "{memory:#}");
        std::fs::remove_dir_all(world.folder.path().join("cli")).unwrap();
    }
}

#[test]
fn every_request_is_in_the_log_for_who_asks_and_no_secret_with_it() {
    let world = World::new(2);
    let shell = Shell::new(&world);
    let logged = || {
        let logs = world.folder.path().join("cli/logs");
        let files = std::fs::read_dir(logs).unwrap().map(|entry| entry.unwrap().path());
        files.map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>()
    };
    shell.run(&["sync"]).ended(0);
    assert!(!logged().contains("answered"), "nobody asked for it:\n{}", logged());
    assert!(
        shell
            .command(&["sync"])
            .env("WAKEFUL_LOG", "wakeful::source=debug")
            .output()
            .unwrap()
            .status
            .success()
    );
    let log = logged();
    assert!(log.contains("at=GET /v1/agents status=200 ms=") && log.contains("request="), "{log}");
    assert!(!log.contains("very-secret"), "{log}");
}

/// A workspace with a dream that is done and reviewed, one that runs, and a lesson that waits to be written.
struct Morning {
    done: String,
    running: String,
    lesson: String,
}

impl Morning {
    fn of(world: &World, shell: &Shell<'_>) -> Self {
        let start = |edit: &str| {
            world.server.workspace().script_dream(Script::writing(&[("/git.md", Some(edit))]));
            world.dream_elsewhere(false)
        };
        let done = start("# Git\n\n- Commit often, and push before leaving.\n");
        world.server.workspace().finish_dream(&done);
        let running = start("# Git\n\n- Commit seldom.\n");
        shell.run(&["sync"]).ended(0);
        let listed = shell.run(&["lessons", "--min-support", "0", "--json"]).ended(0);
        let listed = listed.json(shell, "lessons");
        let lesson = listed["lessons"][0]["id"].as_str().unwrap().to_owned();
        shell.run(&["accept", &lesson]).ended(0);
        Self { done, running, lesson }
    }
}

/// What the cache answers by itself: arguments, and the schema of the answer.
fn answered_here(morning: &Morning) -> Vec<(Vec<&str>, &'static str)> {
    vec![
        (vec!["status"], "status"),
        (vec!["lessons", "--min-support", "0"], "lessons"),
        (vec!["show", &morning.lesson], "lesson"),
        (vec!["dream", "list"], "dreams"),
        (vec!["dream", "show", &morning.done], "dream"),
        // It is over, and its lessons are here.
        (vec!["dream", "watch", &morning.done], "dream"),
        (vec!["memory", "list"], "memory"),
        (vec!["memory", "show", "git.md"], "document"),
        (vec!["memory", "log"], "memory-log"),
        (vec!["memory", "blame", "git.md"], "blame"),
        (vec!["audit"], "audit"),
        (vec!["audit", "verify"], "audit-verify"),
        (vec!["config", "show"], "config"),
    ]
}

/// What needs the platform, and the schema of what it prints even so.
fn needs_the_platform(morning: &Morning) -> Vec<(Vec<&str>, Option<&'static str>)> {
    let start = vec!["dream", "run", "--engine", "platform", "--yes", "--no-sync", "--json"];
    vec![
        (vec!["sync", "--json"], Some("sync")),
        (vec!["doctor", "--json"], Some("doctor")),
        (start, Some("dreams")),
        (vec!["dream", "watch", &morning.running, "--json"], None),
        (vec!["dream", "cancel", &morning.running, "--json"], None),
        (vec!["dream", "adopt", &morning.done, "--yes", "--json"], None),
        (vec!["dream", "discard", &morning.done, "--yes"], None),
        (vec!["apply", "--dry-run", "--json"], None),
        (vec!["apply", "--yes", "--json"], None),
    ]
}

#[test]
fn every_command_ends_as_documented_whatever_is_wrong_with_the_platform() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let morning = Morning::of(&world, &shell);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let here = format!("base-url = \"{}\"\n", world.server.url());
    let (given, nowhere) = (Some("sk-very-secret"), format!("base-url = \"http://127.0.0.1:{free}\"\n"));
    // The profile, its key, what the platform answers, and what is said about it.
    let cases = [
        (&here, None, None, "TEST_KEY is not set"),
        (&here, given, Some(401), "401"),
        (&here, given, Some(403), "403"),
        (&nowhere, given, None, "was not reached"),
    ];
    for (profile, key, status, said) in cases {
        world.server.faults().clear();
        if let Some(status) = status {
            world.server.faults().add(Rule::on("/v1/**", Fault::Status(status, None)).always());
        }
        let shell = shell.with_profile(profile, key);
        for (args, schema) in answered_here(&morning) {
            let json = shell.run(&[&args[..], &["--json"]].concat());
            assert_eq!(json.code, 0, "{said}: {args:?}: {}", json.err);
            json.json(&shell, schema);
            assert_eq!(shell.run(&args).code, 0, "{said}: {args:?}");
        }
        for (args, schema) in needs_the_platform(&morning) {
            let answer = shell.run(&args);
            assert_eq!(answer.code, 4, "{said}: {args:?}: {}{}", answer.out, answer.err);
            let text = format!("{}{}", answer.out, answer.err);
            assert!(text.contains(said), "{args:?} does not say {said:?}: {text}");
            match schema {
                Some(schema) => drop(answer.json(&shell, schema)),
                None => assert_eq!(answer.out, "", "{args:?}"),
            }
        }
    }
    // Nothing was written, started or stopped by any of it.
    world.server.faults().clear();
    assert_eq!(world.server.workspace().memories(&world.notes)["/git.md"], "# Git\n\n- Commit often.\n");
    assert_eq!(world.server.workspace().dreams().len(), 2);
    assert_eq!(world.server.workspace().dream_status(&morning.running), Some("pending"));
}

#[test]
fn a_memory_that_somebody_changes_meanwhile_ends_with_five() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let morning = Morning::of(&world, &shell);
    let theirs = "# Git\n\n- Somebody wrote all of this anew.\n";
    let update =
        Rule::on("/v1/memory_stores/*/memories/*", Fault::Interfere(theirs.to_owned())).method("POST");
    world.server.faults().add(update);
    let answer = shell.run(&["apply", "--yes", "--json"]).ended(5);
    let report = answer.json(&shell, "apply");
    let row = &report["agents"][0];
    assert_eq!(row["conflicts"][0]["lesson"].as_str(), Some(morning.lesson.as_str()), "{row:#}");
    assert_eq!((row["written"].as_array().unwrap().len(), row["lessons"].as_array().unwrap().len()), (0, 0));
    assert_eq!(world.server.workspace().memories(&world.notes)["/git.md"], theirs);
    let shown = shell.run(&["show", &morning.lesson, "--json"]).ended(0).json(&shell, "lesson");
    assert_eq!(shown["lesson"]["state"], "conflict", "{shown:#}");
}

#[test]
fn a_memory_that_somebody_adds_to_meanwhile_is_written_and_the_message_says_so() {
    let world = World::new(4);
    let shell = Shell::new(&world);
    let morning = Morning::of(&world, &shell);
    let theirs = "# Git\n\n- Commit often.\n\n# More\n\n- Somebody added this at the end.\n";
    let update =
        Rule::on("/v1/memory_stores/*/memories/*", Fault::Interfere(theirs.to_owned())).method("POST");
    world.server.faults().add(update);
    let answer = shell.run(&["apply", "--yes"]).ended(0);
    assert!(
        answer
            .out
            .contains("/git.md changed after the preview; the lessons were written into it as it is now"),
        "{}",
        answer.out
    );
    let now = world.server.workspace().memories(&world.notes)["/git.md"].clone();
    assert!(now.contains("Somebody added this at the end."), "{now}");
    let shown = shell.run(&["show", &morning.lesson, "--json"]).ended(0).json(&shell, "lesson");
    assert_eq!(shown["lesson"]["state"], "applied", "{shown:#}");
}
