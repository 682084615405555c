//! Other people's programs on the same data in the same run: Python packages, through one script.
//!
//! Owns: finding a Python that has them, or making one when asked. Must not know: what is compared.
//!
//! `WAKEFUL_PEERS=install` makes a temporary virtual environment with the versions of `requirements.txt`;
//! `WAKEFUL_PEERS=/path/to/python3` uses that one. Otherwise whatever `python3` has is used.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/benches/peers");

/// A Python to ask.
pub struct Peers {
    python: Option<OsString>,
    /// Holds the environment made for this run.
    _made: Option<TempDir>,
}

impl Peers {
    /// The Python that the environment names, or the one that is there.
    pub fn find() -> Self {
        match std::env::var_os("WAKEFUL_PEERS") {
            Some(asked) if asked == "install" => match install() {
                Some((made, python)) => Self { python: Some(python), _made: Some(made) },
                None => Self { python: None, _made: None },
            },
            Some(python) => Self { python: works(&python).then_some(python), _made: None },
            None => Self { python: works("python3".as_ref()).then(|| "python3".into()), _made: None },
        }
    }

    /// What the script answers; null where there is no Python, and within the answer where a package is missing.
    pub fn ask(&self, question: &Value) -> Value {
        let Some(python) = &self.python else { return Value::Null };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("question.json");
        std::fs::write(&file, question.to_string()).unwrap();
        let done = Command::new(python).arg(Path::new(HERE).join("peers.py")).arg(&file).output().unwrap();
        if !done.status.success() {
            eprintln!("the script with the peers failed:\n{}", String::from_utf8_lossy(&done.stderr));
            return Value::Null;
        }
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

fn works(python: &std::ffi::OsStr) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|done| done.status.success())
}

fn install() -> Option<(TempDir, OsString)> {
    let folder = tempfile::tempdir().unwrap();
    let made = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    let python = folder.path().join("bin/python3");
    let ready = made(Command::new("python3").args(["-m", "venv"]).arg(folder.path()))
        && made(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(Path::new(HERE).join("requirements.txt")),
        );
    if !ready {
        eprintln!("the peers could not be installed; their columns stay empty");
    }
    ready.then(|| (folder, python.into_os_string()))
}
