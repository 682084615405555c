//! Looking into sessions through any source: whole, in summary, or at one place.
//!
//! Owns: which parser reads which file, and what is kept of a session. Must not know: any kind of source.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, BufRead, Read};

use crate::domain::agent::Agent;
use crate::domain::evidence::Place;
use crate::domain::ids::content_id;
use crate::domain::session::{Event, EventKind, OwnedEvent, SessionFile, SessionMeta, Skipped};
use crate::guard::secrets;
use crate::transcript::chain::Links;
use crate::transcript::{self, Report, SNIFF_BYTES};

use super::{FoundSession, Source, SourceError, grown};

/// Longest title, in characters.
const TITLE: usize = 120;

/// A session as read once: what the cache keeps of it, and what it takes to tell copies from originals.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// What the cache keeps.
    pub meta: SessionMeta,
    /// Its record ids, for [`crate::transcript::chain::assign`].
    pub links: Links,
}

/// The events around a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Events in file order.
    pub events: Vec<OwnedEvent>,
    /// Which of them the place is; `None` if it is no longer in the file.
    pub focus: Option<usize>,
    /// Offsets of records on a branch that the person went back from; the conversation went on elsewhere.
    pub abandoned: BTreeSet<u64>,
}

/// Reads the events of one file, as far as `upto` (the whole file if 0).
fn read_file(
    source: &dyn Source,
    agent: &Agent,
    file: &str,
    upto: u64,
    sink: &mut dyn FnMut(Event<'_>),
) -> Result<Report, SourceError> {
    let failed = |error| SourceError::Unreadable { at: file.to_owned(), error };
    let mut reader = source.open(agent, file, 0)?;
    let (format, head) = match sniffed(&mut reader, file).map_err(failed)? {
        Ok(known) => known,
        Err(report) => return Ok(report),
    };
    let upto = if upto == 0 { u64::MAX } else { upto };
    read_from(format, io::Cursor::new(head).chain(reader).take(upto), file, 0, sink)
}

/// Reads the events of a file that stands at byte `from`.
pub(super) fn read_from(
    format: transcript::Format,
    reader: impl Read,
    file: &str,
    from: u64,
    sink: &mut dyn FnMut(Event<'_>),
) -> Result<Report, SourceError> {
    let reader = io::BufReader::with_capacity(256 << 10, reader);
    transcript::read(format, reader, file, from, sink)
        .map_err(|error| SourceError::Unreadable { at: file.to_owned(), error })
}

type Known = (transcript::Format, Vec<u8>);

/// The format of an opened file and the bytes it took to tell; otherwise a report that says why not.
pub(super) fn sniffed(reader: &mut dyn BufRead, file: &str) -> io::Result<Result<Known, Report>> {
    let mut head = Vec::new();
    reader.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    match transcript::sniff(file, &head) {
        Ok(format) => Ok(Ok((format, head))),
        Err(not) => {
            let length = head.len() as u64 + io::copy(reader, &mut io::sink())?;
            let skipped =
                Skipped { file: file.to_owned(), offset: 0, bytes: length, reason: not.reason.to_owned() };
            Ok(Err(Report { read_to: length, skipped: vec![skipped], ..Report::default() }))
        }
    }
}

/// Streams all events of a session, file by file, with the name of the file.
///
/// A file is read as far as it was when it was described, so that the same sessions give the same
/// events even while they grow.
///
/// # Errors
/// When a file can't be opened or read.
pub fn read_session(
    source: &dyn Source,
    agent: &Agent,
    files: &[SessionFile],
    sink: &mut dyn FnMut(&str, Event<'_>),
) -> Result<(), SourceError> {
    for file in files {
        read_file(source, agent, &file.path, file.read_to, &mut |event| sink(&file.path, event))?;
    }
    Ok(())
}

/// Reads a session once and says what the cache keeps of it.
///
/// # Errors
/// When a file can't be opened or read. Whatever is wrong inside a file is in `skipped` instead.
pub fn describe(source: &dyn Source, agent: &Agent, found: &FoundSession) -> Result<Described, SourceError> {
    let mut meta = SessionMeta {
        id: found.id.clone(),
        agent: agent.id.clone(),
        files: found.files.clone(),
        title: String::new(),
        started: None,
        ended: None,
        events: 0,
        calls: 0,
        errors: 0,
        skipped: Vec::new(),
        user: None,
        segment: agent.segment.clone(),
        chain: None,
        remote: None,
    };
    let mut links = Links::default();
    let mut title = Title::default();
    for (index, file) in found.files.iter().enumerate() {
        let report = read_file(source, agent, &file.path, 0, &mut |event| {
            tally(&mut meta, &event);
            if index == 0 {
                title.hear(&event);
            }
            links.note(&event);
        })?;
        if let Some(file) = meta.files.get_mut(index) {
            file.read_to = report.read_to;
            // The file may have grown since it was listed; what counts is what was read.
            file.bytes = file.bytes.max(report.read_to);
            file.seal = grown::seal(source, agent, file)?;
        }
        meta.skipped.extend(report.skipped);
        let about = report.about;
        title.given = title.given.or(about.title);
        meta.user = meta.user.or_else(|| about.user.map(|user| hashed(&user)));
        if index == 0 {
            meta.segment = about.segment.or(meta.segment);
            links.chain = about.chain;
        }
    }
    meta.title = title.text();
    meta.chain = links.name();
    Ok(Described { meta, links })
}

/// People are told apart, not named. However a name is written, it is one person: "Ann", "ANN" and "ann " would
/// otherwise be three who agree with each other.
fn hashed(user: &str) -> String {
    let name: Vec<String> = user.split_whitespace().map(str::to_lowercase).collect();
    content_id("usr", &[name.join(" ").as_bytes()])
}

fn tally(meta: &mut SessionMeta, event: &Event<'_>) {
    meta.events += 1;
    meta.calls += u64::from(event.kind == EventKind::ToolCall);
    meta.errors += u64::from(event.kind == EventKind::ToolResult && event.is_error);
    if let Some(at) = event.at {
        meta.started = Some(meta.started.map_or(at, |started| started.min(at)));
        meta.ended = Some(meta.ended.map_or(at, |ended| ended.max(at)));
    }
}

/// The same as [`describe`], reading only what was appended since the session was `known`. `None` if that can't be
/// told or would not do: several files, a file that was rewritten, or an end that changes what is said of the whole.
///
/// # Errors
/// When the file can't be opened or read.
pub fn describe_grown(
    source: &dyn Source,
    agent: &Agent,
    found: &FoundSession,
    known: Described,
) -> Result<Option<Described>, SourceError> {
    let Described { mut meta, mut links } = known;
    let ([was], [now]) = (meta.files.as_slice(), found.files.as_slice()) else { return Ok(None) };
    if was.path != now.path || now.bytes < was.read_to {
        return Ok(None);
    }
    let (was, mut file) = (was.clone(), now.clone());
    let mut title = Title::default();
    let report = grown::read_on(source, agent, &was, u64::MAX, &mut |event| {
        tally(&mut meta, &event);
        title.hear(&event);
        links.note(&event);
    })?;
    let Some(report) = report else { return Ok(None) };
    let about = report.about;
    let says_otherwise = about.chain.is_some_and(|chain| links.chain.as_ref() != Some(&chain))
        || about.user.is_some_and(|user| meta.user != Some(hashed(&user)))
        || about.segment.is_some_and(|segment| meta.segment.as_ref() != Some(&segment));
    if says_otherwise {
        return Ok(None);
    }
    title.given = about.title;
    if title.given.is_some() || meta.title.is_empty() {
        meta.title = title.text();
    }
    file.read_to = report.read_to;
    file.bytes = file.bytes.max(report.read_to);
    file.seal = grown::seal(source, agent, &file)?;
    meta.files = vec![file];
    // Kinds of records that are not known are told once.
    let told = |skipped: &Skipped| skipped.reason.starts_with("records of type");
    let new = report.skipped.into_iter().filter(|skipped| {
        !told(skipped) || meta.skipped.iter().all(|earlier| earlier.reason != skipped.reason)
    });
    let new: Vec<Skipped> = new.collect();
    meta.skipped.extend(new);
    meta.chain = links.name();
    Ok(Some(Described { meta, links }))
}

/// Makes a title of what the file says or else of the person's first words.
#[derive(Debug, Default)]
struct Title {
    given: Option<String>,
    words: Option<String>,
    /// The person's first words only introduce what follows in the same record, such as a plan.
    introduces: Option<String>,
}

impl Title {
    fn hear(&mut self, event: &Event<'_>) {
        match (&self.words, event.kind) {
            (None, EventKind::User) if !event.text.trim().is_empty() => {
                let line = first_line(&event.text);
                if line.ends_with(':') {
                    self.introduces = Some(event.record.clone().into_owned());
                }
                self.words = Some(line);
            }
            (Some(words), EventKind::Injected)
                if self.introduces.as_deref().is_some_and(|record| record == event.record) =>
            {
                self.words = Some(format!("{words} {}", first_line(&event.text)));
                self.introduces = None;
            }
            _ => {}
        }
    }

    fn text(self) -> String {
        let text = self.given.filter(|title| !title.trim().is_empty()).or(self.words).unwrap_or_default();
        // Before it is cut: what is left of a secret is no longer known as one.
        let line = first_line(&secrets::redact(&text));
        match line.char_indices().nth(TITLE) {
            Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()),
            None => line,
        }
    }
}

/// The first line with anything in it, its blanks made single and heading marks taken off.
fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let words: Vec<&str> = line.trim_start_matches('#').split_whitespace().collect();
    words.join(" ")
}

/// Reads the record at a place again.
///
/// # Errors
/// When the file can't be opened or read. A place that no longer holds a record gives no events.
pub fn open_place(source: &dyn Source, agent: &Agent, place: &Place) -> Result<Vec<OwnedEvent>, SourceError> {
    let failed = |error| SourceError::Unreadable { at: place.file.clone(), error };
    let mut head = source.open(agent, &place.file, 0)?;
    let Ok((format, _)) = sniffed(&mut head, &place.file).map_err(failed)? else { return Ok(Vec::new()) };
    let length = place.bytes.end.saturating_sub(place.bytes.start);
    let record = source.open(agent, &place.file, place.bytes.start)?.take(length);
    let mut events = Vec::new();
    transcript::read(format, record, &place.file, place.bytes.start, &mut |event| {
        events.push(event.into_owned());
    })
    .map_err(failed)?;
    Ok(events)
}

/// The `around` events before a place, those at it, and the `around` events after it.
///
/// # Errors
/// When the file can't be opened or read.
pub fn context(
    source: &dyn Source,
    agent: &Agent,
    place: &Place,
    around: usize,
) -> Result<Context, SourceError> {
    let mut events: VecDeque<OwnedEvent> = VecDeque::new();
    let mut focus = None;
    let mut after = 0;
    let report = read_file(source, agent, &place.file, 0, &mut |event| {
        let here = event.bytes == place.bytes;
        if focus.is_some() && !here {
            after += 1;
        }
        if after > around {
            return;
        }
        if here && focus.is_none() {
            focus = Some(events.len());
        }
        if focus.is_none() && events.len() == around {
            events.pop_front();
        }
        if focus.is_some() || around > 0 {
            events.push_back(event.into_owned());
        }
    })?;
    if let (Some(focus), Some(call)) = (&mut focus, &place.call) {
        // Several results may share a record; the place names one of them.
        let here = events.iter().skip(*focus).take_while(|event| event.bytes == place.bytes);
        *focus += here.into_iter().position(|event| event.call.as_deref() == Some(call)).unwrap_or(0);
    }
    Ok(Context { events: events.into(), focus, abandoned: report.abandoned.into_iter().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_a_name_is_written_it_is_one_person() {
        for name in ["Ann", "ANN", "ann ", "\tann"] {
            assert_eq!(hashed(name), hashed("ann"), "{name:?}");
        }
        assert_ne!(hashed("ann"), hashed("anna"));
        assert_ne!(hashed("ann b"), hashed("annb"));
    }
}
