//! The whole state of the console.
//!
//! Owns: one value that says everything there is to draw. Must not know: terminals, files, SQL.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::domain::agent::Mode;
use crate::domain::ids::AgentId;

use super::action::{Action, Scope};
use super::data::{LeftOut, Progress, Turns};
use super::detail::Detail;
use super::inbox::Inbox;
use super::overlay::Overlay;
use super::screens::{Agents, Audit, Dreams, Memory};
use super::spot::Spot;
use super::toast::{Toasts, Tone};
use super::view_state::ViewState;

/// The screens, under the numbers people press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Screen {
    /// Lessons.
    #[default]
    Inbox,
    /// Passes.
    Dreams,
    /// Agents.
    Agents,
    /// Documents and history of one memory.
    Memory,
    /// Decisions and writes.
    Audit,
}

impl Screen {
    /// Every screen, in the order of the tabs.
    pub const ALL: &'static [Self] = &[Self::Inbox, Self::Dreams, Self::Agents, Self::Memory, Self::Audit];

    /// The title on its tab.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::Dreams => "Dreams",
            Self::Agents => "Agents",
            Self::Memory => "Memory",
            Self::Audit => "Audit",
        }
    }

    /// A short form of the title, where there is little room.
    #[must_use]
    pub fn short_title(self) -> &'static str {
        match self {
            Self::Inbox => "In",
            Self::Dreams => "Dr",
            Self::Agents => "Ag",
            Self::Memory => "Mem",
            Self::Audit => "Aud",
        }
    }

    /// The number it is reached by; 5 is kept for what applied lessons did.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Inbox => 1,
            Self::Dreams => 2,
            Self::Agents => 3,
            Self::Memory => 4,
            Self::Audit => 6,
        }
    }
}

/// Parts of the inbox screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The list.
    #[default]
    List,
    /// The diff.
    Lesson,
    /// The evidence.
    Evidence,
}

/// What the screen can show at its present size; the view reports it back, so that pages and ends
/// of texts are known here without knowing how anything is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// List and detail are beside each other.
    pub beside: bool,
    /// Cells of the list, where they are.
    pub left: u16,
    /// Rows of the list.
    pub list: usize,
    /// Rows of the diff, or of the text of a document.
    pub text: usize,
    /// Lines there are in the text of the document on the memory screen.
    pub text_lines: usize,
    /// Rows of the evidence list.
    pub evidence: usize,
    /// Rows of the overlay.
    pub overlay: usize,
    /// Lines there are in the overlay.
    pub overlay_lines: usize,
    /// Line of the overlay at which the quoted event starts.
    pub overlay_focus: usize,
    /// Lines of the preview at which the documents begin before and after the one at the top.
    pub overlay_stops: (Option<usize>, Option<usize>),
}

/// How far the cache is from its sources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SyncState {
    /// Not tried since the console was opened.
    #[default]
    Idle,
    /// Under way.
    Running(Progress),
    /// The last try failed.
    Failed,
}

/// Everything there is to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// The screen shown.
    pub screen: Screen,
    /// The focused part of the inbox screen.
    pub pane: Pane,
    /// Where the evidence was opened from, and going back leads to.
    pub evidence_from: Pane,
    /// The lesson has the whole width although the list would fit beside it.
    pub zoom: bool,
    /// Where the keyboard was when the lesson was given the whole width, and is again once it gives it back.
    pub(super) zoomed_from: Option<Pane>,
    /// Lessons.
    pub inbox: Inbox,
    /// A filter that came from looking something up, and the one that the reviewer typed before.
    pub looked_up: Option<(String, String)>,
    /// The open lesson.
    pub detail: Detail,
    /// Passes.
    pub dreams: Dreams,
    /// Agents.
    pub agents: Agents,
    /// One memory.
    pub memory: Memory,
    /// Decisions and writes.
    pub audit: Audit,
    /// What lies over the screen, topmost last.
    pub overlays: Vec<Overlay>,
    /// Messages.
    pub toasts: Toasts,
    /// Whether and how sources are being read.
    pub sync: SyncState,
    /// When sources were last read without failure, over all agents.
    pub synced: Option<Timestamp>,
    /// Lessons being written to memory, or being taken out, right now.
    pub writing: bool,
    /// Lessons that a batch on its way to the cache leaves as they were, by the number of the batch.
    pub(super) left_out: BTreeMap<u64, Vec<LeftOut>>,
    /// The cache was read at least once.
    pub loaded: bool,
    /// When the first of the snoozed lessons comes back.
    pub snoozed_until: Option<Timestamp>,
    /// The threshold of the configuration, where there is one.
    pub configured_threshold: Option<u32>,
    /// How long the reviewer usually takes for one decision, where that is known.
    pub pace: Option<SignedDuration>,
    /// Days for which a lesson is snoozed: 1 means until tomorrow.
    pub snooze_days: u32,
    /// Cells the reviewer gave to the list; `None`: as suits the screen.
    pub list_width: Option<u16>,
    /// The border between list and detail is being dragged.
    pub dragging: bool,
    /// The row that was clicked last, and when: a second click opens it.
    pub(super) clicked: Option<(Spot, Timestamp)>,
    /// The mouse is listened to.
    pub mouse: bool,
    /// Nothing may be decided or written.
    pub read_only: bool,
    /// There is a decision to take back, and one to make again, as far as is known.
    pub turns: Turns,
    /// Nothing moves by itself: elapsed seconds and counts of work under way stay off the screen.
    pub calm: bool,
    /// The reviewer wants to hear through the terminal that a dream ended.
    pub notify: bool,
    /// The terminal is looked at, as far as it tells.
    pub focused: bool,
    /// Themes that can be picked, by name.
    pub themes: Vec<Arc<str>>,
    /// The theme that was picked; `None`: the one that suits the terminal.
    pub theme: Option<Arc<str>>,
    /// What the screen can show.
    pub viewport: Viewport,
    /// Where days begin and end.
    pub zone: TimeZone,
    /// The moment of the last message; "today" on screen means the day of this.
    pub now: Timestamp,
    /// The reviewer wants to leave.
    pub leaving: bool,
    /// Something to draw has changed since this was last set to `false`.
    pub dirty: bool,
    pub(super) numbers: u64,
    pub(super) overview_asked: u64,
    pub(super) overview_waiting: bool,
    pub(super) interrupted: Option<Timestamp>,
}

impl Model {
    /// Gives the evidence the keyboard.
    pub fn open_evidence(&mut self) {
        if self.pane != Pane::Evidence {
            self.evidence_from = self.pane;
        }
        self.pane = Pane::Evidence;
    }

    /// An empty console that has read nothing yet.
    #[must_use]
    pub fn new(zone: TimeZone, now: Timestamp, view: &ViewState) -> Self {
        let mut model = Self {
            screen: Screen::default(),
            pane: Pane::default(),
            evidence_from: Pane::default(),
            zoom: false,
            zoomed_from: None,
            inbox: Inbox::default(),
            looked_up: None,
            detail: Detail::default(),
            dreams: Dreams::default(),
            agents: Agents::default(),
            memory: Memory::default(),
            audit: Audit::default(),
            overlays: Vec::new(),
            toasts: Toasts::default(),
            sync: SyncState::default(),
            synced: None,
            writing: false,
            left_out: BTreeMap::new(),
            loaded: false,
            snoozed_until: None,
            configured_threshold: None,
            pace: None,
            snooze_days: 1,
            list_width: None,
            dragging: false,
            clicked: None,
            mouse: false,
            read_only: false,
            turns: Turns::default(),
            calm: false,
            notify: false,
            focused: true,
            themes: Vec::new(),
            theme: None,
            viewport: Viewport::default(),
            zone,
            now,
            leaving: false,
            dirty: true,
            numbers: 0,
            overview_asked: 0,
            overview_waiting: false,
            interrupted: None,
        };
        view.restore(&mut model);
        model
    }

    /// A number no question had before.
    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Says something at the bottom of the screen.
    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.toasts.say(tone, text, self.now);
    }

    /// Says something, and what can be done about it: the keys of the actions are said with it.
    pub(super) fn say_then(
        &mut self,
        tone: Tone,
        text: impl Into<String>,
        then: &'static [(Action, &'static str)],
    ) {
        self.toasts.say_then(tone, text, then, self.now);
    }

    /// The theme to draw with: the one under the cursor while one is picked, else the one picked.
    #[must_use]
    pub fn shown_theme(&self) -> Option<Arc<str>> {
        let picking = self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Themes(picker) => Some(self.themes.get(picker.selected).cloned()),
            _ => None,
        });
        picking.unwrap_or_else(|| self.theme.clone())
    }

    /// The topmost overlay.
    #[must_use]
    pub fn overlay(&self) -> Option<&Overlay> {
        self.overlays.last()
    }

    /// Where keys are looked up, innermost first.
    #[must_use]
    pub fn scopes(&self) -> &'static [Scope] {
        self.scopes_under(self.overlays.last())
    }

    /// Where keys would be looked up without the topmost overlay.
    #[must_use]
    pub fn scopes_below(&self) -> &'static [Scope] {
        let below = self.overlays.len().checked_sub(2).and_then(|index| self.overlays.get(index));
        self.scopes_under(below)
    }

    fn scopes_under(&self, overlay: Option<&Overlay>) -> &'static [Scope] {
        use Scope as S;
        match overlay {
            Some(
                Overlay::Palette(_)
                | Overlay::Command(_)
                | Overlay::Prompt(_)
                | Overlay::Agents(_)
                | Overlay::Wish(_)
                | Overlay::Themes(_)
                | Overlay::Jump,
            ) => &[S::Input],
            Some(Overlay::Confirm(_) | Overlay::Spot(_)) => &[S::Confirm, S::Always],
            Some(Overlay::Preview(_)) => &[S::Preview, S::Always],
            Some(Overlay::Transcript(_)) => &[S::Transcript, S::Always],
            Some(Overlay::Fit(_)) => &[S::Fit, S::Always],
            Some(Overlay::Explain { .. } | Overlay::Messages { .. } | Overlay::Requests(_)) => {
                &[S::Messages, S::Always]
            }
            None => match (self.screen, self.pane) {
                (Screen::Inbox, Pane::List) => &[S::Inbox, S::Global, S::Always],
                (Screen::Inbox, Pane::Lesson) => &[S::Lesson, S::Global, S::Always],
                (Screen::Inbox, Pane::Evidence) => &[S::Evidence, S::Global, S::Always],
                (Screen::Dreams, _) => &[S::Dreams, S::Global, S::Always],
                (Screen::Agents, _) => &[S::Agents, S::Global, S::Always],
                (Screen::Memory, _) => &[S::Memory, S::Global, S::Always],
                (Screen::Audit, _) => &[S::Audit, S::Global, S::Always],
            },
        }
    }

    /// Whether keys are text.
    #[must_use]
    pub fn takes_text(&self) -> bool {
        self.scopes().first() == Some(&Scope::Input)
    }

    /// Whether there is a list to choose from and no field to type in.
    #[must_use]
    pub fn only_chooses(&self) -> bool {
        matches!(self.overlay(), Some(Overlay::Themes(_)))
    }

    /// Whether something was typed into the field over a list that is paged through; `None` where there is no such
    /// list.
    #[must_use]
    pub fn pages(&self) -> Option<bool> {
        match self.overlay() {
            Some(Overlay::Palette(palette)) => Some(!palette.input.text().is_empty()),
            _ => None,
        }
    }

    /// The agent most actions mean: of the lesson, pass, agent or memory under the cursor, or the
    /// only one there is.
    #[must_use]
    pub fn current_agent(&self) -> Option<AgentId> {
        let here = match self.screen {
            Screen::Inbox | Screen::Audit => self.inbox.current().map(|entry| entry.lesson.agent.clone()),
            Screen::Dreams => self.dreams.current().map(|summary| summary.dream.agent.clone()),
            Screen::Agents => self.agents.current().map(|summary| summary.agent.id.clone()),
            Screen::Memory => self.memory.agent.clone(),
        };
        here.or_else(|| match self.agents.list.as_slice() {
            [only] => Some(only.agent.id.clone()),
            _ => None,
        })
    }

    /// When the next dream is due, and of which agent, by its name; what is past is due now. `None` where no
    /// agent dreams on a schedule.
    #[must_use]
    pub fn next_dream(&self) -> Option<(Timestamp, &str)> {
        let scheduled = self.agents.list.iter().filter(|summary| {
            summary.agent.mode != Mode::Off && summary.every_hours > 0 && summary.sessions > 0
        });
        let due = scheduled.map(|summary| {
            let own = self.dreams.list.iter().filter(|listed| listed.dream.agent == summary.agent.id);
            // As `dream run --due` has it: also one that failed was the last.
            let last = own.map(|listed| listed.dream.started).max();
            let every = SignedDuration::from_hours(i64::from(summary.every_hours));
            let due = last.map_or(self.now, |last| last.checked_add(every).unwrap_or(Timestamp::MAX));
            (due, summary.agent.name.as_str())
        });
        due.min_by_key(|(at, _)| *at)
    }

    /// Title for the terminal's window.
    #[must_use]
    pub fn window_title(&self) -> String {
        match self.inbox.counts().to_review {
            0 => "wakeful".to_owned(),
            count => format!("wakeful: {count} to review"),
        }
    }

    /// When something on screen changes without anything happening: a message goes, or elapsed
    /// seconds of visible work move on. `None`: draw nothing until something happens.
    #[must_use]
    pub fn next_tick(&self) -> Option<Timestamp> {
        let second = self.now.checked_add(SignedDuration::from_secs(1)).ok();
        let running = self.counts_seconds().then_some(second).flatten();
        [self.toasts.until(), running].into_iter().flatten().min()
    }

    /// Whether the time of a pass or dream that runs is on the screen and counts up there.
    pub(super) fn counts_seconds(&self) -> bool {
        let runs = self.dreams.running.is_some() || super::handle::dreams::far_on_screen(self);
        runs && !self.calm
    }

    /// Whether leaving now would cut work short.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.dreams.running.is_some() || self.writing
    }
}
