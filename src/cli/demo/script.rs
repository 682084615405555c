//! Reads the hand-written scenes of the sample agent and plays them as sessions.
//!
//! Owns: the notation of `assets/demo/scenes.txt` and `sessions.txt`, and the clock of the play. The
//! same day gives the same bytes. Must not know: folders, or what anyone concludes from the sessions.

use std::collections::BTreeMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use serde_json::value::RawValue;

const SCENES: &str = include_str!("../../../assets/demo/scenes.txt");
const SESSIONS: &str = include_str!("../../../assets/demo/sessions.txt");

/// Where the sample agent works, as its sessions say.
const FOLDER: &str = "/srv/shop";

/// One session file: its name and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// File name without ending.
    pub name: String,
    /// JSON, one event per line.
    pub text: String,
    /// The pieces it is made of.
    pub scenes: Vec<&'static str>,
    /// When it begins.
    pub start: Timestamp,
}

/// The hand-written files have a mistake; a test finds it before anyone else does.
#[derive(Debug, thiserror::Error)]
#[error("the sample sessions have a mistake: {0}")]
pub struct ScriptError(String);

/// One event of a scene, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Says(&'static str, String),
    Calls { tool: String, input: String },
    Answers { text: String, failed: bool },
}

type Scenes = BTreeMap<&'static str, Vec<Vec<Act>>>;

/// All sessions as if the last of them were of the day before `now`.
///
/// # Errors
/// When a hand-written file has a mistake.
pub fn sessions(now: Timestamp) -> Result<Vec<Session>, ScriptError> {
    played(now, false)
}

/// The same sessions with the pieces that only the sample of the platform has.
///
/// # Errors
/// When a hand-written file has a mistake.
pub fn longer_sessions(now: Timestamp) -> Result<Vec<Session>, ScriptError> {
    played(now, true)
}

fn played(now: Timestamp, longer: bool) -> Result<Vec<Session>, ScriptError> {
    let scenes = scenes()?;
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let mut sessions = Vec::new();
    for line in SESSIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let wrong = || ScriptError(line.to_owned());
        let mut words = line.split_whitespace();
        let (Some(days), Some(time), Some(person)) = (words.next(), words.next(), words.next()) else {
            return Err(wrong());
        };
        let days: i64 = days.parse().map_err(|_| wrong())?;
        let time: Time = time.parse().map_err(|_| wrong())?;
        let day = now.to_zoned(TimeZone::UTC).date();
        let start = day.checked_sub(days.days()).map_err(|_| wrong())?.to_datetime(time);
        let start = start.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp();
        let number = sessions.len() as u64 + 1;
        let mut play = Play::new(number, start, person);
        let wanted = |word: &'static str| match word.strip_prefix('+') {
            Some(more) => longer.then_some(more),
            None => Some(word),
        };
        let scenes_of: Vec<&'static str> = words.filter_map(wanted).collect();
        for name in scenes_of.iter().copied() {
            let variants = scenes.get(name).ok_or_else(wrong)?;
            let turn = used.entry(name).or_default();
            for act in variants.get(*turn % variants.len().max(1)).ok_or_else(wrong)? {
                play.act(act).map_err(|error| ScriptError(format!("{name}: {error}")))?;
            }
            *turn += 1;
        }
        let name = format!("{}-{number:02}", start.strftime("%Y-%m-%d"));
        sessions.push(Session { name, text: play.text, scenes: scenes_of, start });
    }
    Ok(sessions)
}

fn scenes() -> Result<Scenes, ScriptError> {
    let mut scenes = Scenes::new();
    let mut current: Option<&'static str> = None;
    for line in SCENES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            scenes.entry(name).or_default().push(Vec::new());
            current = Some(name);
            continue;
        }
        let wrong = || ScriptError(line.to_owned());
        let (sign, text) = line.split_once(' ').unwrap_or((line, ""));
        let acts = current
            .and_then(|name| scenes.get_mut(name))
            .and_then(|variants| variants.last_mut())
            .ok_or_else(wrong)?;
        match sign {
            "u" => acts.push(Act::Says("user", text.to_owned())),
            "a" => acts.push(Act::Says("assistant", text.to_owned())),
            "t" => acts.push(Act::Says("thinking", text.to_owned())),
            "i" => acts.push(Act::Says("interrupt", text.to_owned())),
            "s" => acts.push(Act::Says("system", text.to_owned())),
            "$" => {
                let input = serde_json::json!({ "command": text }).to_string();
                acts.push(Act::Calls { tool: "Bash".to_owned(), input });
            }
            "?" => {
                let (tool, input) = text.split_once(' ').ok_or_else(wrong)?;
                acts.push(Act::Calls { tool: tool.to_owned(), input: input.to_owned() });
            }
            ">" | "!" => {
                let failed = sign == "!";
                match acts.last_mut() {
                    Some(Act::Answers { text: earlier, failed: same }) if *same == failed => {
                        earlier.push('\n');
                        earlier.push_str(text);
                    }
                    Some(Act::Calls { .. }) => acts.push(Act::Answers { text: text.to_owned(), failed }),
                    _ => return Err(wrong()),
                }
            }
            _ => return Err(wrong()),
        }
    }
    Ok(scenes)
}

/// A session while it is played.
struct Play {
    number: u64,
    at: Timestamp,
    events: u64,
    calls: u64,
    text: String,
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    error: bool,
}

impl<'a> Line<'a> {
    fn new(kind: &'a str) -> Self {
        Self {
            kind,
            id: None,
            at: None,
            user: None,
            cwd: None,
            call: None,
            tool: None,
            input: None,
            text: None,
            error: false,
        }
    }
}

impl Play {
    fn new(number: u64, start: Timestamp, person: &str) -> Self {
        let mut play = Self { number, at: start, events: 0, calls: 0, text: String::new() };
        // A header that can't be written would show in the test of the whole play.
        let _ = play.write(&Line { user: Some(person), ..Line::new("session") });
        play
    }

    fn act(&mut self, act: &Act) -> Result<(), serde_json::Error> {
        self.events += 1;
        // People and commands take their time; the same time in the same place of every play.
        let pause = 4 + (self.number * 7 + self.events * 13) % 41;
        self.at = self.at.saturating_add(SignedDuration::from_secs(pause as i64)).unwrap_or(self.at);
        let (id, at) = (Some(format!("e{:02}-{:03}", self.number, self.events)), Some(self.at));
        match act {
            Act::Says(kind, text) => {
                let text = Some(self.filled(text));
                self.write(&Line { id, at, text, ..Line::new(kind) })
            }
            Act::Calls { tool, input } => {
                self.calls += 1;
                let input = RawValue::from_string(self.filled(input))?;
                let call = Some(format!("c{:02}-{:02}", self.number, self.calls));
                let (tool, input) = (Some(tool.as_str()), Some(input.as_ref()));
                self.write(&Line { id, at, call, tool, input, cwd: Some(FOLDER), ..Line::new("tool_call") })
            }
            Act::Answers { text, failed } => {
                let call = Some(format!("c{:02}-{:02}", self.number, self.calls));
                let text = Some(self.filled(text));
                self.write(&Line { id, at, call, text, error: *failed, ..Line::new("tool_result") })
            }
        }
    }

    fn filled(&self, text: &str) -> String {
        let number = (10_042 + self.number * 37).to_string();
        text.replace("{n}", &number).replace("{secret}", &secret(self.number))
    }

    fn write(&mut self, line: &Line<'_>) -> Result<(), serde_json::Error> {
        self.text.push_str(&serde_json::to_string(line)?);
        self.text.push('\n');
        Ok(())
    }
}

/// An invented key that looks like a real one. It is put together here so that no scanner of
/// repositories takes it for a leak.
#[must_use]
pub fn secret(number: u64) -> String {
    let alphabet = b"aZ3kQ9bX7mW2cV5nT8dR4pL6fS1gHj";
    let letters = (0..28_u64).filter_map(|i| {
        let at = (i * 7 + i / 5 + number) % alphabet.len() as u64;
        alphabet.get(at as usize).copied().map(char::from)
    });
    format!("sk_{}_{}", "live", letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::secrets;

    fn play() -> Vec<Session> {
        sessions("2026-03-02T03:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_same_day_gives_the_same_bytes() {
        assert_eq!(play(), play());
        let later = sessions("2026-03-02T23:59:59Z".parse().unwrap()).unwrap();
        assert_eq!(play(), later);
    }

    #[test]
    fn forty_sessions_in_order_before_today() {
        let sessions = play();
        assert_eq!(sessions.len(), 40);
        assert_eq!(sessions[0].name, "2026-02-04-01");
        assert_eq!(sessions[39].name, "2026-03-01-40");
        assert!(sessions.is_sorted_by_key(|session| &session.name));
        let bytes: usize = sessions.iter().map(|session| session.text.len()).sum();
        assert!((50_000..400_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn every_line_is_an_event_and_every_piece_is_used() {
        let longer = longer_sessions("2026-03-02T03:00:00Z".parse().unwrap()).unwrap();
        for session in play().into_iter().chain(longer) {
            for line in session.text.lines() {
                let event: serde_json::Value = serde_json::from_str(line).unwrap();
                assert!(event["type"].is_string(), "{line}");
                assert!(!line.contains("{n}") && !line.contains("{secret}"), "{line}");
            }
        }
        for name in scenes().unwrap().keys() {
            assert!(
                SESSIONS.split_whitespace().any(|word| word.trim_start_matches('+') == *name),
                "{name} is never played"
            );
        }
    }

    #[test]
    fn the_planted_key_looks_real() {
        let found = secrets::find(&secret(18)).into_iter().map(|found| found.kind).collect::<Vec<_>>();
        assert_eq!(found, ["stripe-key"]);
        assert!(play().iter().any(|session| session.text.contains(&secret(18))));
    }
}
