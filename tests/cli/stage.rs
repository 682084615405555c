//! A place for one test: the sample agent with a finished pass, and a way to run the binary on it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// The binary with nothing of this machine in its environment.
pub fn wakeful(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wakeful"));
    command.env_clear().env("HOME", home).env("USER", "reviewer").env("TERM", "xterm-256color");
    command
}

/// What a command answered.
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    /// The output as JSON, after comparing it with its schema.
    pub fn json(&self, schema: &str) -> Value {
        let value: Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\nout: {}\nerr: {}", self.out, self.err));
        assert_eq!(value["schema"], format!("wakeful.{schema}/1"));
        fits(schema, &value);
        value
    }

    /// The answer, which has to have ended so.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }
}

/// Compares a value with the schema that the program prints for it.
pub fn fits(schema: &str, value: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let printed = answer(wakeful(folder.path()).args(["config", "schema", schema])).ended(0);
    let schema: Value = serde_json::from_str(&printed.out).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{}\n{value:#}", faults.join("\n"));
}

pub fn answer(command: &mut Command) -> Answer {
    let output = command.output().unwrap();
    Answer {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The sample agent after its pass.
pub struct Stage {
    pub folder: TempDir,
}

impl Stage {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Self { folder };
        answer(
            wakeful(stage.folder.path())
                .args(["demo", "--no-console", "--keep"])
                .arg(stage.folder.path().join("demo")),
        )
        .ended(0);
        stage
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    pub fn memory(&self, document: &str) -> PathBuf {
        self.root().join("agents/shop-agent/memory").join(document)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = wakeful(self.folder.path());
        command.arg("--config").arg(self.root().join("config.toml"));
        command.arg("--data-dir").arg(self.root().join("cache")).args(args);
        command
    }

    pub fn run(&self, args: &[&str]) -> Answer {
        answer(&mut self.command(args))
    }

    pub fn typed(&self, args: &[&str], input: &str) -> Answer {
        answer(self.command(args).write_stdin(input.to_owned()))
    }

    /// Id of the lesson whose statement holds this.
    pub fn lesson(&self, words: &str) -> String {
        let all = self.run(&["lessons", "--min-support", "0", "--json"]).ended(0).json("lessons");
        let found = all["lessons"]
            .as_array()
            .unwrap()
            .iter()
            .find(|lesson| lesson["statement"].as_str().unwrap().contains(words))
            .unwrap_or_else(|| panic!("no lesson says {words:?}: {all:#}"));
        found["id"].as_str().unwrap().to_owned()
    }

    /// Id of the planted lesson that has no guard's remark beside the budget.
    pub fn planted(&self) -> String {
        self.lesson("make db-create")
    }

    pub fn state(&self, lesson: &str) -> String {
        let shown = self.run(&["show", lesson, "--json"]).ended(0).json("lesson");
        shown["lesson"]["state"].as_str().unwrap().to_owned()
    }
}
