//! A session around a quoted place as lines: who says what, the quoted words and the matches of a
//! search marked.
//!
//! Owns: how these lines look and where matches stand in them. Pure, so that it is done on a worker.
//! Must not know: the model, scrolling.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::text::{Line, Span};

use crate::app::data::{Transcript, TranscriptEvent};
use crate::app::detail;
use crate::app::overlay::TranscriptLines;
use crate::diff::find_in;
use crate::domain::session::EventKind;
use crate::domain::text::SafeText;

use super::diff::Painted;
use super::surface::{PaintKey, Painting, Subject};
use super::theme::{Role, Theme};
use super::{format, marked};

/// Lines shown above the quoted words.
const ABOVE: usize = 3;

/// A session and what its lines need beside it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The stretch of it that is shown.
    pub content: Arc<Transcript>,
    /// The quoted words.
    pub quote: String,
    /// Where days begin and end.
    pub zone: TimeZone,
    /// The day that counts as today.
    pub now: Timestamp,
}

/// Makes the lines. A query without capitals ignores case.
#[must_use]
pub fn paint(key: &PaintKey, session: &Session, theme: &Theme) -> Painting {
    let mut page = Page {
        theme,
        width: usize::from(key.width),
        search: key.search.as_deref().unwrap_or_default(),
        lines: Vec::new(),
        hits: Vec::new(),
    };
    let mut focus = 0;
    if session.content.more_before {
        page.aside("the session began earlier: scrolling up reads more of it");
    }
    for (index, event) in session.content.events.iter().enumerate() {
        let quoted = index == session.content.focus;
        let heading = page.lines.len();
        let words = page.event(session, event, quoted);
        if quoted {
            // Who says it stays in view with the words as long as both fit.
            focus = words.map_or(heading, |words| heading.max(words.saturating_sub(ABOVE)));
        }
    }
    if session.content.more_after {
        page.aside("the session goes on: scrolling down reads more of it");
    }
    let asked = match key.subject {
        Subject::Transcript(asked) => asked,
        Subject::Lesson(_) | Subject::Preview(_) | Subject::Document(..) | Subject::Version(_) => 0,
    };
    let heard = TranscriptLines { focus, search: key.search.clone(), hits: page.hits };
    Painting {
        key: key.clone(),
        painted: Painted { lines: page.lines, ..Painted::default() },
        heard: detail::Painted::default(),
        session: Some((asked, heard)),
    }
}

struct Page<'a> {
    theme: &'a Theme,
    width: usize,
    search: &'a str,
    lines: Vec<Line<'static>>,
    hits: Vec<usize>,
}

impl Page<'_> {
    /// A line that is not of the session.
    fn aside(&mut self, text: &str) {
        let text = format!("  {} {text}", self.theme.symbols().fold);
        self.lines.push(Line::from(Span::styled(text, self.theme.style(Role::Muted))));
        self.lines.push(Line::default());
    }

    /// Gives the first line with the quoted words.
    fn event(&mut self, session: &Session, event: &TranscriptEvent, quoted: bool) -> Option<usize> {
        let bar = self.bar(quoted);
        let heading = heading(session, event, quoted, self.theme);
        self.lines.push(Line::from(vec![bar.clone(), heading]));
        let role = match event.kind {
            EventKind::User | EventKind::Assistant | EventKind::Interrupt => Role::Text,
            _ => Role::Muted,
        };
        let longest = if quoted { longest_part(&session.quote) } else { None };
        let mut words = None;
        for line in event.text.trim_end().split('\n') {
            let line = line.trim_end_matches('\r');
            let quotes = if quoted { places(line, &session.quote) } else { Vec::new() };
            let at = longest.filter(|_| words.is_none()).and_then(|part| line.find(part));
            let shown = self.text(&bar, line, &quotes, role, at);
            words = words.or(shown);
        }
        self.lines.push(Line::default());
        words
    }

    fn bar(&self, quoted: bool) -> Span<'static> {
        let sign = if quoted { self.theme.symbols().cursor } else { " " };
        Span::styled(format!("{sign} "), self.theme.style(Role::Accent))
    }

    /// One line of the session, wrapped, its marks painted where they are shown. Gives where the byte at `wanted`
    /// is shown.
    fn text(
        &mut self,
        bar: &Span<'static>,
        raw: &str,
        quotes: &[Range<usize>],
        role: Role,
        wanted: Option<usize>,
    ) -> Option<usize> {
        let mut shown_at = None;
        let room = self.width.saturating_sub(4).max(8);
        let found = find_in(raw, self.search);
        let style = |at: usize| {
            let here = |ranges: &[Range<usize>]| ranges.iter().any(|range| range.contains(&at));
            // A match stands out also inside the quote.
            self.theme.style(match (here(&found), here(quotes)) {
                (true, _) => Role::HitCurrent,
                (false, true) => Role::Hit,
                (false, false) => role,
            })
        };
        for shown in marked::wrap(raw, room, style) {
            // A match belongs to the line it begins on.
            let here = found.iter().filter(|range| shown.raw.contains(&range.start)).count();
            self.hits.extend(std::iter::repeat_n(self.lines.len(), here));
            if wanted.is_some_and(|at| shown.raw.contains(&at)) {
                shown_at = Some(self.lines.len());
            }
            let mut spans = vec![bar.clone(), Span::raw(" ".repeat(2 + shown.indent))];
            spans.extend(shown.spans);
            self.lines.push(Line::from(spans));
        }
        shown_at
    }
}

fn heading(session: &Session, event: &TranscriptEvent, quoted: bool, theme: &Theme) -> Span<'static> {
    let who = match event.kind {
        EventKind::User => "person".to_owned(),
        EventKind::Interrupt => "person interrupts".to_owned(),
        EventKind::Assistant => "agent".to_owned(),
        EventKind::Thinking => "agent thinks".to_owned(),
        EventKind::ToolCall => {
            let tool = SafeText::line(event.tool.as_deref().unwrap_or("a tool"));
            format!("agent calls {}", tool.as_str())
        }
        EventKind::ToolResult if event.is_error => "tool fails".to_owned(),
        EventKind::ToolResult => "tool answers".to_owned(),
        EventKind::Injected => "client puts in".to_owned(),
        EventKind::Rules => {
            format!("rules file {}", SafeText::line(event.tool.as_deref().unwrap_or_default()).as_str())
        }
        EventKind::Summary => "summary".to_owned(),
        EventKind::Outcome => "outcome".to_owned(),
    };
    let dot = theme.dot();
    let when = event.at.map_or_else(String::new, |at| {
        format!("{dot}{}", format::to_the_minute(at, session.now, &session.zone))
    });
    let here = if quoted { format!("{dot}quoted") } else { String::new() };
    let role = if quoted { Role::Strong } else { Role::Group };
    Span::styled(format!("{who}{when}{here}"), theme.style(role))
}

fn parts(quote: &str) -> impl Iterator<Item = &str> {
    quote.split(['\n', '…']).map(str::trim).filter(|part| part.chars().count() >= 4)
}

/// What tells the quote best from the rest of a long record.
fn longest_part(quote: &str) -> Option<&str> {
    parts(quote).max_by_key(|part| part.len())
}

/// Where the quote stands in a line; quotes may be shortened at their ends and across blanks, so
/// each of their longer lines is looked for by itself.
fn places(line: &str, quote: &str) -> Vec<Range<usize>> {
    parts(quote)
        .flat_map(|part| line.match_indices(part).map(|(at, found)| at..at + found.len()).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::detail::DiffStyle;
    use crate::domain::ids::SessionId;
    use crate::ui::theme::{Background, Depth, Name};

    fn painting(events: &[&str], search: &str, width: u16) -> (Vec<String>, TranscriptLines, Painting) {
        let event = |text: &&str| TranscriptEvent {
            kind: EventKind::User,
            tool: None,
            at: None,
            text: (*text).to_owned(),
            is_error: false,
        };
        let content = Transcript {
            session: SessionId::new("s1"),
            title: String::new(),
            file: String::new(),
            events: events.iter().map(event).collect(),
            focus: 0,
            more_before: false,
            more_after: false,
        };
        let session = Session {
            content: Arc::new(content),
            quote: "the region".to_owned(),
            zone: TimeZone::UTC,
            now: Timestamp::UNIX_EPOCH,
        };
        let key = PaintKey {
            subject: Subject::Transcript(7),
            width,
            style: DiffStyle::default(),
            search: Some(search.to_owned()).filter(|search| !search.is_empty()),
            open_folds: std::collections::BTreeSet::new(),
        };
        let theme = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
        let painting = paint(&key, &session, &theme);
        let Some((7, heard)) = painting.session.clone() else { panic!("not heard") };
        let lines = painting.painted.lines.iter().map(ToString::to_string).collect();
        (lines, heard, painting)
    }

    #[test]
    fn every_match_is_counted_on_the_line_it_begins_on() {
        let (lines, heard, _) = painting(&["north, North and\nsouth", "nowhere", "go north"], "north", 60);
        let found: Vec<&str> = heard.hits.iter().map(|&line| lines[line].trim()).collect();
        assert_eq!(found, ["▌   north, North and", "▌   north, North and", "go north"]);
        let (_, exact, _) = painting(&["north, North and"], "North", 60);
        assert_eq!(exact.hits.len(), 1);
    }

    #[test]
    fn a_match_across_a_wrapped_line_is_one_match_and_painted_on_both() {
        let (lines, heard, painting) = painting(&["one two three four"], "two three", 16);
        assert_eq!(heard.hits.len(), 1, "{lines:?}");
        let theme = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
        let marked: Vec<&str> = painting
            .painted
            .lines
            .iter()
            .flat_map(|line| &line.spans)
            .filter(|span| span.style == theme.style(Role::HitCurrent))
            .map(|span| span.content.as_ref())
            .collect();
        assert_eq!(marked, ["two", "three"], "{lines:?}");
    }

    #[test]
    fn what_is_unsafe_is_shown_for_what_it_is_and_found_as_it_is() {
        let (lines, heard, _) = painting(&["a\u{202e}b needle"], "needle", 60);
        assert!(lines[1].contains("⟨U+202E⟩"), "{}", lines[1]);
        assert_eq!(heard.hits, [1]);
    }

    #[test]
    fn a_quote_deep_in_a_long_record_is_what_is_opened() {
        let long =
            format!("{}you need the region, north\n{}", "other words\n".repeat(300), "more\n".repeat(50));
        let (lines, heard, _) = painting(&[&long], "", 60);
        let at = lines.iter().position(|line| line.contains("the region")).unwrap();
        assert_eq!(heard.focus + ABOVE, at);
        let (_, heard, _) = painting(&["you need the region, north"], "", 60);
        assert_eq!(heard.focus, 0, "who says it is in view");
    }

    #[test]
    fn the_quoted_words_are_marked_and_no_others() {
        let (_, _, painting) = painting(&["you need the region, north"], "", 60);
        let theme = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
        let spans = &painting.painted.lines[1].spans;
        let marked: Vec<&str> =
            spans.iter().filter(|s| s.style == theme.style(Role::Hit)).map(|s| s.content.as_ref()).collect();
        assert_eq!(marked, ["the region"]);
    }
}
