//! Planted corpora as session files, as many and as large as wanted.
//!
//! Owns: writing block after block of fifty sessions, so that no more than one is held. Must not know: what is done
//! with them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use serde_json::json;
use wakeful::domain::session::{Event, EventKind};
use wakeful::evidence::noise::Dice;

use super::corpus::{Corpus, SESSIONS};
use super::plants::{self, Wording};

/// Bytes of output that answers are filled up from.
const OUTPUT: usize = 1 << 20;

/// Writes sessions of one Claude Code project, each of about so many bytes.
pub struct Disk {
    project: PathBuf,
    bytes_each: usize,
    /// Made-up build output, ready to stand in a JSON string.
    output: String,
    written: usize,
}

impl Disk {
    /// A project below a configuration folder.
    pub fn new(root: &Path, bytes_each: usize) -> Self {
        let project = root.join("projects/-work-billing");
        std::fs::create_dir_all(&project).unwrap();
        let mut dice = Dice::new("dreambench", "output", 0);
        let mut output = String::with_capacity(OUTPUT + 100);
        while output.len() < OUTPUT {
            let (module, took) = (dice.below(900), dice.below(5_000));
            output.push_str(&format!("built module{module} in {took} ms\\n"));
        }
        Self { project, bytes_each, output, written: 0 }
    }

    /// Writes more sessions until there are so many; gives the bytes written.
    pub fn grow_to(&mut self, sessions: usize) -> u64 {
        let mut bytes = 0;
        while self.written < sessions {
            let block = self.written / SESSIONS;
            let mut corpus = Corpus::new("scale", block as u32);
            plants::mistakes(&mut corpus);
            plants::preferences(&mut corpus, Wording::Reworded);
            let end = sessions.min((block + 1) * SESSIONS);
            for number in self.written..end {
                bytes += self.write(number, corpus.events(number % SESSIONS)).unwrap();
            }
            self.written = end;
        }
        bytes
    }

    /// Where a session lies.
    pub fn file(&self, number: usize) -> PathBuf {
        self.project.join(format!("{}.jsonl", uuid(number, 0)))
    }

    fn write(&self, number: usize, events: &[Event<'static>]) -> io::Result<u64> {
        let path = self.file(number);
        let mut out = BufWriter::with_capacity(1 << 18, File::create(&path)?);
        let answers = events.iter().filter(|event| event.kind == EventKind::ToolResult).count();
        // What a record takes besides its text.
        let fill = (self.bytes_each.saturating_sub(events.len() * 400)) / answers.max(1);
        for (at, event) in events.iter().enumerate() {
            self.record(&mut out, number, at, event, fill)?;
        }
        out.flush()?;
        Ok(path.metadata()?.len())
    }

    fn record(
        &self,
        out: &mut impl Write,
        number: usize,
        at: usize,
        event: &Event<'static>,
        fill: usize,
    ) -> io::Result<()> {
        // Blocks go on side by side, each two sessions a day.
        let moment = event.at.unwrap() + SignedDuration::from_mins((number / SESSIONS) as i64);
        let common = format!(
            r#""uuid":"{}","sessionId":"{}","cwd":"/srv/billing","version":"2.1.60","timestamp":"{moment:.3}""#,
            uuid(number, at + 1),
            uuid(number, 0)
        );
        let call = event.call.as_deref().map(|call| format!("b{}-{call}", number / SESSIONS));
        let text = json!(event.text);
        match event.kind {
            EventKind::ToolCall => {
                let (tool, input) = (event.tool.as_deref().unwrap_or("Bash"), &event.text);
                writeln!(
                    out,
                    r#"{{"type":"assistant",{common},"message":{{"id":"m{at}","role":"assistant","content":[{{"type":"tool_use","id":{},"name":"{tool}","input":{input}}}]}}}}"#,
                    json!(call)
                )
            }
            EventKind::ToolResult => {
                let said = text.to_string();
                let from = (number * 7_919 + at * 104_729) % (OUTPUT / 2);
                let from = from - from % 2;
                let filled = self.output.get(from..(from + fill).min(OUTPUT)).unwrap_or_default();
                // An escape must not be cut in half at either end.
                let filled = filled.trim_start_matches('n').trim_end_matches('\\');
                writeln!(
                    out,
                    r#"{{"type":"user",{common},"message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":{},"is_error":{},"content":{}\n{filled}"}}]}}}}"#,
                    json!(call),
                    event.is_error,
                    said.trim_end_matches('"')
                )
            }
            EventKind::Assistant => writeln!(
                out,
                r#"{{"type":"assistant",{common},"message":{{"id":"m{at}","role":"assistant","content":[{{"type":"text","text":{text}}}]}}}}"#
            ),
            _ => writeln!(out, r#"{{"type":"user",{common},"message":{{"role":"user","content":{text}}}}}"#),
        }
    }
}

fn uuid(session: usize, record: usize) -> String {
    format!("{session:08x}-0000-4000-8000-{record:012x}")
}
