//! The hint bar: what can be done where the keyboard is, greyed and in brackets where it can't be done now.
//!
//! Owns: which actions are worth a hint in which place, and which hints go first when there is
//! little room. Keys come from the live keymap, availability from the model. Must not know: what
//! actions do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::overlay::{Overlay, PromptKind};
use crate::app::spot::Spot;
use crate::app::{Action, Scope, available};

use super::pane::put;
use super::theme::Role;
use super::view::{Drawn, Scene};
use super::wrap;

/// Actions that share a hint, its words, and its rank: the smallest rank stays longest.
struct Hint(&'static [Action], &'static str, u8);

use Action as A;

const INBOX: &[Hint] = &[
    Hint(&[A::Accept], "accept", 0),
    Hint(&[A::Reject], "reject", 0),
    Hint(&[A::Edit], "edit", 3),
    Hint(&[A::Snooze], "snooze", 2),
    Hint(&[A::Undo], "undo", 1),
    Hint(&[A::ThresholdLower, A::ThresholdRaise], "threshold", 4),
    Hint(&[A::Fit], "fit", 1),
    Hint(&[A::Compare], "compare", 2),
    Hint(&[A::Evidence], "evidence", 3),
    Hint(&[A::NextChange], "next change", 7),
    Hint(&[A::Mark], "mark", 6),
    Hint(&[A::Filter], "filter", 5),
    Hint(&[A::Preview], "apply", 2),
    Hint(&[A::Help], "help", 1),
];
const LESSON: &[Hint] = &[
    Hint(&[A::Accept], "accept", 0),
    Hint(&[A::Reject], "reject", 0),
    Hint(&[A::Edit], "edit", 3),
    Hint(&[A::Fit], "fit", 1),
    Hint(&[A::Compare], "compare", 2),
    Hint(&[A::NextChange, A::PreviousChange], "change", 2),
    Hint(&[A::Layout], "layout", 5),
    Hint(&[A::FinalText], "final text", 6),
    Hint(&[A::Folds], "unchanged", 6),
    Hint(&[A::Search], "search", 4),
    Hint(&[A::Evidence], "evidence", 3),
    Hint(&[A::Explain], "explain", 5),
    Hint(&[A::Back], "back", 1),
    Hint(&[A::Help], "help", 1),
];
const EVIDENCE: &[Hint] = &[
    Hint(&[A::OpenTranscript], "open session", 0),
    Hint(&[A::Down, A::Up], "move", 3),
    Hint(&[A::Accept], "accept", 1),
    Hint(&[A::Reject], "reject", 1),
    Hint(&[A::Copy], "copy quote", 4),
    Hint(&[A::Explain], "explain", 4),
    Hint(&[A::Back], "back", 1),
    Hint(&[A::Help], "help", 2),
];
const DREAMS: &[Hint] = &[
    Hint(&[A::DreamRun], "run a dream", 0),
    Hint(&[A::DreamCancel], "stop", 1),
    Hint(&[A::Open], "its lessons", 1),
    Hint(&[A::DreamRetry], "again", 3),
    Hint(&[A::DreamAdopt], "adopt all", 4),
    Hint(&[A::DreamDiscard], "archive store", 4),
    Hint(&[A::Sync], "sync", 3),
    Hint(&[A::Back], "inbox", 2),
    Hint(&[A::Help], "help", 2),
];
const AGENTS: &[Hint] = &[
    Hint(&[A::Open], "its lessons", 0),
    Hint(&[A::ScreenMemory], "its memory", 1),
    Hint(&[A::DreamRun], "run a dream", 1),
    Hint(&[A::Sync], "sync", 3),
    Hint(&[A::Back], "inbox", 2),
    Hint(&[A::Help], "help", 0),
];
const MEMORY: &[Hint] = &[
    Hint(&[A::Open], "open", 1),
    Hint(&[A::FocusNext], "next pane", 0),
    Hint(&[A::TakeBack], "undo applied", 1),
    Hint(&[A::PutBack], "put back", 2),
    Hint(&[A::ChooseAgent], "other agent", 2),
    Hint(&[A::Copy], "copy", 4),
    Hint(&[A::Back], "inbox", 1),
    Hint(&[A::Help], "help", 1),
];
const AUDIT: &[Hint] = &[
    Hint(&[A::Filter], "search", 0),
    Hint(&[A::Open], "open lesson", 1),
    Hint(&[A::ExportAudit], "export", 2),
    Hint(&[A::Copy], "copy", 3),
    Hint(&[A::Back], "inbox", 2),
    Hint(&[A::Help], "help", 2),
];
const TRANSCRIPT: &[Hint] = &[
    Hint(&[A::NextChange, A::PreviousChange], "next quote", 0),
    Hint(&[A::Down, A::Up], "scroll", 2),
    Hint(&[A::Search], "search", 1),
    Hint(&[A::NextUndecided, A::PreviousUndecided], "match", 3),
    Hint(&[A::Copy], "copy quote", 3),
    Hint(&[A::Back], "back", 1),
    Hint(&[A::Help], "help", 1),
];
const PREVIEW: &[Hint] = &[
    Hint(&[A::Apply], "write this", 0),
    Hint(&[A::Decline], "change nothing", 1),
    Hint(&[A::NextChange, A::PreviousChange], "document", 3),
    Hint(&[A::Down, A::Up], "scroll", 2),
    Hint(&[A::Help], "help", 1),
];
const CONFIRM: &[Hint] =
    &[Hint(&[A::Confirm], "yes", 0), Hint(&[A::Decline], "no", 0), Hint(&[A::DreamChange], "change it", 1)];
const INPUT: &[Hint] = &[
    Hint(&[A::InputSubmit], "done", 0),
    Hint(&[A::InputCancel], "cancel", 0),
    Hint(&[A::InputNext, A::InputPrevious], "choose", 1),
    Hint(&[A::InputComplete], "complete", 1),
];
const WISH: &[Hint] = &[
    Hint(&[A::InputSubmit], "what it would cost", 0),
    Hint(&[A::InputCancel], "leave as it was", 0),
    Hint(&[A::InputNext, A::InputPrevious], "field", 1),
];
const JUMP: &[Hint] = &[Hint(&[A::InputCancel], "stay; a letter goes to its row", 0)];
const FIT: &[Hint] = &[
    Hint(&[A::FitNow], "memory now", 0),
    Hint(&[A::FitLesson], "lesson", 0),
    Hint(&[A::FitBoth], "both", 1),
    Hint(&[A::FitBase], "as it was", 2),
    Hint(&[A::Down, A::Up], "part", 3),
    Hint(&[A::Edit], "edit", 2),
    Hint(&[A::FitUse], "use this text", 0),
    Hint(&[A::Back], "leave", 1),
    Hint(&[A::Help], "help", 2),
];
const MESSAGES: &[Hint] =
    &[Hint(&[A::Down, A::Up], "scroll", 1), Hint(&[A::Back], "back", 0), Hint(&[A::Help], "help", 1)];

fn of(scope: Option<&Scope>) -> &'static [Hint] {
    match scope {
        Some(Scope::Inbox) => INBOX,
        Some(Scope::Lesson) => LESSON,
        Some(Scope::Evidence) => EVIDENCE,
        Some(Scope::Dreams) => DREAMS,
        Some(Scope::Agents) => AGENTS,
        Some(Scope::Memory) => MEMORY,
        Some(Scope::Audit) => AUDIT,
        Some(Scope::Transcript) => TRANSCRIPT,
        Some(Scope::Preview) => PREVIEW,
        Some(Scope::Confirm) => CONFIRM,
        Some(Scope::Input) => INPUT,
        Some(Scope::Fit) => FIT,
        Some(Scope::Messages) => MESSAGES,
        Some(Scope::Global | Scope::Always) | None => &[],
    }
}

/// Whether there is something to choose from in a text field.
fn offers_a_choice(overlay: Option<&Overlay>) -> bool {
    !matches!(overlay, Some(Overlay::Prompt(_)))
}

/// What Enter does in a field, in a word or two: the same field must not say two things.
fn submits(overlay: &Overlay) -> &'static str {
    match overlay {
        Overlay::Palette(_) | Overlay::Command(_) => "run",
        Overlay::Prompt(prompt) => match prompt.ask {
            PromptKind::Reason { .. } => "reject",
            PromptKind::Search { .. } | PromptKind::TranscriptSearch { .. } => "search",
            PromptKind::ExportAudit => "write or copy",
            PromptKind::Filter { .. } | PromptKind::AuditSearch { .. } | PromptKind::Threshold => "done",
        },
        _ => "done",
    }
}

/// Draws the hint bar.
pub fn draw(buffer: &mut Buffer, area: Rect, scene: &Scene<'_>, drawn: &mut Drawn) {
    if area.height == 0 {
        return;
    }
    let listed = match scene.model.overlay() {
        Some(Overlay::Jump) => JUMP,
        Some(Overlay::Wish(_)) => WISH,
        _ => of(scene.model.scopes().first()),
    };
    let hints: Vec<Shown> = listed.iter().filter_map(|hint| shown(scene, hint)).collect();
    let mut room = usize::from(area.width);
    let mut by_rank: Vec<usize> = (0..hints.len()).collect();
    by_rank.sort_by_key(|&index| hints.get(index).map(|hint| hint.rank));
    let mut kept = vec![false; hints.len()];
    for index in by_rank {
        let Some(hint) = hints.get(index) else { continue };
        if hint.width() <= room {
            room -= hint.width();
            if let Some(keep) = kept.get_mut(index) {
                *keep = true;
            }
        }
    }
    let mut spans = Vec::new();
    let mut x = area.x;
    for (hint, _) in hints.into_iter().zip(kept).filter(|(_, kept)| *kept) {
        for (text, role, action) in hint.pieces() {
            let width = wrap::width(&text) as u16;
            drawn.spots.push((Rect { x, width, height: 1, ..area }, Spot::Action(action)));
            x += width;
            spans.push(scene.span(text, role));
        }
    }
    put(buffer, area, 0, &Line::from(spans));
}

/// A hint as it stands in the bar.
struct Shown {
    /// The keys, each with its action.
    keys: Vec<(String, Action)>,
    words: String,
    possible: bool,
    rank: u8,
}

impl Shown {
    /// Its cells, with a blank around the keys and two behind the words.
    fn width(&self) -> usize {
        self.pieces().iter().map(|(text, ..)| wrap::width(text)).sum()
    }

    /// Its texts from left to right. A click on a key means its action, one on the words the first.
    fn pieces(&self) -> Vec<(String, Role, Action)> {
        let (key_role, role) =
            if self.possible { (Role::Key, Role::Hint) } else { (Role::Disabled, Role::Disabled) };
        // Told apart without colour too.
        let (open, close) = if self.possible { (" ", " ") } else { ("(", ")") };
        let last = self.keys.len().saturating_sub(1);
        let mut pieces: Vec<(String, Role, Action)> = Vec::new();
        for (at, (key, action)) in self.keys.iter().enumerate() {
            let before = if at == 0 { open } else { "" };
            let after = if at == last { close } else { " " };
            pieces.push((format!("{before}{key}{after}"), key_role, *action));
        }
        pieces.extend(self.keys.first().map(|(_, action)| (format!("{}  ", self.words), role, *action)));
        pieces
    }
}

/// The hint as it is now; `None` where it says nothing.
fn shown(scene: &Scene<'_>, Hint(actions, words, rank): &Hint) -> Option<Shown> {
    let first = *actions.first()?;
    let ascii = scene.symbols().ascii;
    let with_key = |&action: &Action| scene.keymap.hint(action, ascii).map(|key| (key, action));
    let keys: Vec<_> = actions.iter().filter_map(with_key).collect();
    let possible = available::check(scene.model, first).is_ok();
    // Where these are not possible they say nothing: no room is kept for them.
    let silent = matches!(
        first,
        A::Fit
            | A::Compare
            | A::Apply
            | A::NextChange
            | A::InputComplete
            | A::DreamChange
            | A::DreamDiscard
            | A::TakeBack
            | A::PutBack
            | A::ChooseAgent
    );
    if (!possible && silent) || (first == A::InputNext && !offers_a_choice(scene.model.overlay())) {
        return None;
    }
    let mut words = (*words).to_owned();
    let accepted = scene.model.inbox.counts().accepted;
    if first == A::Preview && accepted > 0 {
        words = format!("{words} {accepted}");
    }
    match (first, scene.model.overlay()) {
        (A::InputSubmit, Some(overlay)) => submits(overlay).clone_into(&mut words),
        (A::InputCancel, Some(Overlay::Palette(_) | Overlay::Command(_))) => "leave".clone_into(&mut words),
        _ => {}
    }
    if first == A::Apply
        && let Some(settles) = super::overlay::preview::settling(scene.model)
    {
        settles.clone_into(&mut words);
    }
    // What was accepted waits for this key alone, so it is there however little room there is.
    let rank = if first == A::Preview && accepted > 0 { 0 } else { *rank };
    (!keys.is_empty()).then_some(Shown { keys, words, possible, rank })
}
