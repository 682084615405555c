//! What the screen keeps between two frames: painted diffs, wrapped texts, how far lists are scrolled.
//!
//! Owns: caches that can be thrown away at any time, and the painting that is done on a worker.
//! Nothing here decides anything; the model does. Must not know: stores or keys.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::Msg;
use crate::app::data::{
    Compare, DocumentText, LessonDetail, MemoryDocument, MemoryView, Preview, VersionTexts,
};
use crate::app::detail::{self, DiffStyle};
use crate::app::overlay::TranscriptLines;
use crate::diff::{self, FoldId, Folding, Options, Pair, Row, RowKind, Rows};
use crate::domain::lesson::Change;
use crate::domain::memory::DocPath;
use crate::domain::quick;
use crate::domain::text::SafeText;

use super::diff::{Layout, Paint, Painted, render};
use super::highlight::Highlighter;
use super::theme::Theme;
use super::transcript_text::{self, Session};

/// Names what a diff was painted from and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaintKey {
    /// Which texts.
    pub subject: Subject,
    /// Cells of the inside.
    pub width: u16,
    /// How it is shown.
    pub style: DiffStyle,
    /// What is searched for.
    pub search: Option<String>,
    /// Folds the reader opened.
    pub open_folds: BTreeSet<FoldId>,
}

/// Texts that are painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The open lesson, by its revision.
    Lesson(u64),
    /// The plan of an apply, by its number.
    Preview(u64),
    /// A document as it is: the number of the memory it belongs to, and its place there.
    Document(u64, usize),
    /// What a version changed, by the number of the question.
    Version(u64),
    /// A session, by the number of the question.
    Transcript(u64),
}

/// A painting to be made on a worker.
#[derive(Debug, Clone)]
pub struct PaintJob {
    /// What and how.
    pub key: PaintKey,
    /// The texts.
    pub texts: Texts,
}

/// Texts, shared with the model.
#[derive(Debug, Clone)]
pub enum Texts {
    /// Of a lesson, and which of them.
    Lesson(Arc<LessonDetail>, Compare),
    /// Of a plan.
    Preview(Arc<Preview>),
    /// Of a memory, and which of its documents.
    Document(Arc<MemoryView>, usize),
    /// Of a version.
    Version(Arc<VersionTexts>),
    /// Of a session.
    Transcript(Session),
}

/// A finished painting.
#[derive(Debug, Clone)]
pub struct Painting {
    /// What and how.
    pub key: PaintKey,
    /// The lines.
    pub painted: Painted,
    /// How its lines stand to the texts.
    pub heard: detail::Painted,
    /// Of a session: the number of the question, and where the quote and the matches are.
    pub session: Option<(u64, TranscriptLines)>,
}

impl Painting {
    /// What the model hears of it.
    #[must_use]
    pub fn msg(&self) -> Msg {
        match &self.session {
            Some((asked, lines)) => Msg::TranscriptPainted(*asked, lines.clone()),
            None => Msg::Painted(self.heard.clone()),
        }
    }
}

/// Comparing is dearer than painting, so the worker keeps the rows of the texts painted last.
#[derive(Debug, Default)]
pub struct Painter {
    rows: Option<(Subject, Rows)>,
    highlighter: Highlighter,
}

impl Painter {
    /// Makes a painting. Milliseconds for ordinary memories; never call it while drawing.
    pub fn paint(&mut self, job: &PaintJob, theme: &Theme) -> Painting {
        quick::may_take_long("comparing");
        let whole = match &job.texts {
            Texts::Transcript(session) => return transcript_text::paint(&job.key, session, theme),
            Texts::Document(view, index) => view.documents.get(*index).map(as_it_is),
            Texts::Lesson(..) | Texts::Preview(_) | Texts::Version(_) => None,
        };
        let documents: Vec<&DocumentText> = match &job.texts {
            Texts::Lesson(detail, compare) => detail.compared(*compare).iter().collect(),
            Texts::Preview(preview) => preview.plans.iter().flat_map(|plan| &plan.documents).collect(),
            Texts::Version(version) => version.documents.iter().collect(),
            Texts::Document(..) | Texts::Transcript(_) => whole.iter().collect(),
        };
        let subject = job.key.subject;
        if self.rows.as_ref().is_none_or(|(of, _)| *of != subject) {
            for document in documents.iter().filter(|document| document.path.is_markdown()) {
                self.highlighter.prepare(&document.before);
                self.highlighter.prepare(&document.after);
            }
            self.rows = Some((
                subject,
                compare(&documents, matches!(subject, Subject::Lesson(_) | Subject::Document(..))),
            ));
        }
        let empty = Rows::default();
        let all = self.rows.as_ref().map_or(&empty, |(_, rows)| rows);
        // What is searched for may stand in hidden text, so a search opens everything.
        let search = job.key.search.as_deref().unwrap_or_default();
        let folding = if job.key.style.unfolded || !search.is_empty() {
            Folding::none()
        } else {
            let context = Some(u32::from(job.key.style.context));
            Folding { open: job.key.open_folds.clone(), context }
        };
        let rows = all.folded(&folding);
        let hits = diff::find(&rows, search);
        let layout = match (job.key.style.final_text, job.key.style.layout) {
            (true, _) => Layout::FinalText,
            (false, detail::Layout::Auto) => Layout::Auto,
            (false, detail::Layout::Split) => Layout::Split,
            (false, detail::Layout::Unified) => Layout::Unified,
        };
        let painted = render(
            &rows,
            &Paint {
                layout,
                wrap: job.key.style.wrap,
                highlighter: Some(&self.highlighter),
                hits: &hits,
                ..Paint::new(job.key.width, theme)
            },
        );
        let heard = heard(&painted, &rows, subject);
        Painting { key: job.key.clone(), painted, heard, session: None }
    }
}

/// A document compared with itself: nothing but its text.
fn as_it_is(document: &MemoryDocument) -> DocumentText {
    DocumentText {
        path: document.path.clone(),
        change: Change::Modified,
        before: document.text.clone(),
        after: document.text.clone(),
    }
}

fn compare(documents: &[&DocumentText], alone: bool) -> Rows {
    let pairs: Vec<_> = documents
        .iter()
        .map(|document| Pair {
            path: Some(document.path.clone()),
            change: document.change.clone(),
            before: &document.before,
            after: &document.after,
        })
        .collect();
    let mut rows = diff::documents(&pairs, &Options { folding: Folding::none(), ..Options::default() });
    if alone && documents.len() == 1 {
        // The frame of the pane carries the path already.
        rows.rows.retain(|row| row.kind != RowKind::Title);
    }
    rows
}

/// Rows are named by their place among the unfolded ones, so that the reader's place survives
/// folding and unfolding.
fn heard(painted: &Painted, rows: &Rows, subject: Subject) -> detail::Painted {
    let mut place = 0;
    let places: Vec<u32> = rows
        .rows
        .iter()
        .map(|row| {
            let at = place;
            place += if let RowKind::Fold(fold) = &row.kind { fold.count } else { 1 };
            at
        })
        .collect();
    let revision = match subject {
        Subject::Lesson(revision) => revision,
        // The model does not follow the lines of these; it only scrolls them.
        Subject::Preview(_) | Subject::Document(..) | Subject::Version(_) | Subject::Transcript(_) => 0,
    };
    // A heading that goes is none that what comes after it stands under.
    let stands =
        |row: &&Row| row.kind == RowKind::Title || row.new.is_some() || matches!(row.kind, RowKind::Fold(_));
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut before = None;
    for (line, &index) in painted.rows.iter().enumerate() {
        if before.replace(index) == Some(index) {
            continue;
        }
        let Some(row) = rows.rows.get(index as usize).filter(stands) else { continue };
        let path = || rows.document(row).and_then(|document| document.path.as_ref()).map(DocPath::as_str);
        let text = if row.kind == RowKind::Title { path() } else { row.heading() };
        headings.extend(text.map(|text| (line, SafeText::line(text.trim()).into_string())));
    }
    let lines = |lines: &[u32]| lines.iter().map(|&line| line as usize).collect::<Vec<_>>();
    let mut matches = lines(&painted.hits);
    matches.dedup();
    detail::Painted {
        revision,
        rows: painted.rows.iter().map(|&row| places.get(row as usize).copied().unwrap_or(row)).collect(),
        changes: lines(&painted.changes),
        headings,
        matches,
        folds: painted.folds.iter().map(|&(line, fold)| (line as usize, fold)).collect(),
    }
}

/// What the screen keeps between two frames.
#[derive(Debug, Default)]
pub struct Surface {
    /// First row of each list shown, by region.
    pub tops: Tops,
    /// Cells of the widest example count, and which lessons it was looked for among.
    pub widest_count: (u64, usize),
    /// Cells of the widest moment of the audit trail, and of which answer and day that is.
    pub widest_moment: ((u64, usize, Option<jiff::civil::Date>), usize),
    /// Painting of the open lesson.
    pub lesson: Option<Painting>,
    /// Painting of the preview.
    pub preview: Option<Painting>,
    /// The document on the memory screen.
    pub document: Option<Painting>,
    /// The version on the memory screen.
    pub version: Option<Painting>,
    /// The session of the transcript.
    pub transcript: Option<Painting>,
}

/// First rows shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tops {
    /// The list of lessons.
    pub inbox: usize,
    /// The evidence of a lesson.
    pub evidence: usize,
    /// Dreams.
    pub dreams: usize,
    /// Agents.
    pub agents: usize,
    /// Documents.
    pub documents: usize,
    /// The text of a document.
    pub text: usize,
    /// History of a memory.
    pub history: usize,
    /// Audit trail.
    pub audit: usize,
    /// Help and palette, and other overlays with a list.
    pub overlay: usize,
}

impl Surface {
    /// Throws away what was painted, as when the theme changes.
    pub fn forget_paintings(&mut self) {
        (self.lesson, self.preview, self.document, self.version) = (None, None, None, None);
        self.transcript = None;
    }

    /// Takes in a finished painting.
    pub fn keep(&mut self, painting: Painting) {
        match painting.key.subject {
            Subject::Lesson(_) => self.lesson = Some(painting),
            Subject::Preview(_) => self.preview = Some(painting),
            Subject::Document(..) => self.document = Some(painting),
            Subject::Version(_) => self.version = Some(painting),
            Subject::Transcript(_) => self.transcript = Some(painting),
        }
    }
}
