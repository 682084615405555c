//! `wakeful init --runs`: runs of tau-bench as the sessions of a plain folder.
//!
//! Owns: which file each run becomes, in the documented format. Must not know: how runs are read.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::error::{CliError, Exit};
use super::super::output::{count, line};
use crate::domain::session::{EventKind, OwnedEvent};
use crate::transcript::tau::{self, Run};

/// Writes each run of some files as `sessions/task-N-trial-M.jsonl` below a folder, which is made with an empty
/// memory where there is none. Files that are there are left alone. Gives how many were written.
///
/// # Errors
/// When a file holds no runs; then nothing was written. When the folder can't be written; then the sessions written
/// before stay, each whole.
pub fn write(files: &[PathBuf], folder: &Path) -> Result<usize, CliError> {
    let mut runs = Vec::new();
    for file in files {
        let name = line(&file.display().to_string());
        let json = std::fs::read_to_string(file).map_err(|error| {
            CliError::new(Exit::NoAccess, format!("{name} can't be read: {error}. Nothing was written"))
        })?;
        runs.extend(tau::runs(&json).map_err(|error| {
            CliError::usage(format!("{name} holds no runs of tau-bench: {error}. Nothing was written"))
        })?);
    }
    let sessions = folder.join("sessions");
    let mut written = 0;
    let fail = |path: &Path, error: io::Error, written: usize| {
        let (name, before) = (line(&path.display().to_string()), count(written as u64, "session"));
        let text =
            format!("{name} can't be written: {error}. {before} before it stay; run the same again to go on");
        CliError::new(Exit::NoAccess, text)
    };
    for part in [&sessions, &folder.join("memory")] {
        std::fs::create_dir_all(part).map_err(|error| fail(part, error, 0))?;
    }
    for run in &runs {
        let path = sessions.join(format!("task-{:03}-trial-{}.jsonl", run.task, run.trial));
        match std::fs::File::create_new(&path).and_then(|mut out| out.write_all(lines(run).as_bytes())) {
            Ok(()) => written += 1,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                // A part of a session would be taken for the whole the next time. If even that fails, so does all.
                let _ = std::fs::remove_file(&path);
                return Err(fail(&path, error, written));
            }
        }
    }
    Ok(written)
}

/// A run in the format of `assets/session-format.md`; runs of one task are one segment.
fn lines(run: &Run) -> String {
    let head = json!({ "type": "session", "segment": format!("task {}", run.task) });
    let mut text = format!("{head}\n");
    for event in &run.events {
        text.push_str(&format!("{}\n", record(event)));
    }
    text
}

fn record(event: &OwnedEvent) -> serde_json::Value {
    let words = event.text.as_ref();
    match event.kind {
        EventKind::ToolCall => {
            let input = serde_json::from_str(words).unwrap_or_else(|_| json!(words));
            json!({ "type": "tool_call", "call": event.call, "tool": event.tool, "input": input })
        }
        EventKind::ToolResult => {
            json!({ "type": "tool_result", "call": event.call, "text": words, "error": event.is_error })
        }
        EventKind::Outcome => json!({ "type": "outcome", "text": words, "error": event.is_error }),
        EventKind::User => json!({ "type": "user", "text": words }),
        EventKind::Assistant => json!({ "type": "assistant", "text": words }),
        _ => json!({ "type": "system", "text": words }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::source::folder::Folder;

    #[test]
    fn runs_become_sessions_with_their_rewards() {
        let place = tempfile::tempdir().unwrap();
        let (file, folder) = (place.path().join("runs.json"), place.path().join("airline"));
        let run = |trial: u32, reward: f64| {
            json!({ "task_id": 3, "trial": trial, "reward": reward, "traj": [
                { "role": "system", "content": "policy" },
                { "role": "user", "content": "Cancel my flight" },
                { "role": "assistant", "content": null, "tool_calls": [
                    { "id": "c1", "function": { "name": "cancel", "arguments": "{\"id\":\"R1\"}" } } ] },
                { "role": "tool", "tool_call_id": "c1", "content": "Error: not found" } ] })
        };
        std::fs::write(&file, json!([run(0, 1.0), run(1, 0.0)]).to_string()).unwrap();
        let files = [file];
        assert_eq!((write(&files, &folder).unwrap(), write(&files, &folder).unwrap()), (2, 0));
        let text = std::fs::read_to_string(folder.join("sessions/task-003-trial-1.jsonl")).unwrap();
        assert_eq!(
            text,
            "{\"segment\":\"task 3\",\"type\":\"session\"}\n\
             {\"text\":\"policy\",\"type\":\"system\"}\n\
             {\"text\":\"Cancel my flight\",\"type\":\"user\"}\n\
             {\"call\":\"c1\",\"input\":{\"id\":\"R1\"},\"tool\":\"cancel\",\"type\":\"tool_call\"}\n\
             {\"call\":\"c1\",\"error\":true,\"text\":\"Error: not found\",\"type\":\"tool_result\"}\n\
             {\"error\":true,\"text\":\"reward 0\",\"type\":\"outcome\"}\n"
        );
        let source = Folder::new(folder.clone());
        let agent = source.agents().unwrap().remove(0);
        assert_eq!(source.sessions(&agent).unwrap().len(), 2);
        let other = place.path().join("other");
        assert!(write(&[folder.join("sessions/task-003-trial-1.jsonl")], &other).is_err());
        assert!(!other.exists(), "nothing is made for a file without runs");
    }
}
