//! The registry of everything a person can do: id, title, help, scopes.
//!
//! Owns: the one table that feeds the keymap, the hint bar, the help and palette overlay, the
//! command line and the printed documentation. Whether an action is possible right now, and if not
//! why, is in [`super::available`]. Must not know: keys.

/// Where an action can be started from; a key is looked up in the scopes of the focused place,
/// innermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The list of lessons.
    Inbox,
    /// The diff of a lesson.
    Lesson,
    /// The evidence of a lesson.
    Evidence,
    /// The list of passes.
    Dreams,
    /// The list of agents.
    Agents,
    /// Documents and history of a memory.
    Memory,
    /// The audit trail.
    Audit,
    /// A session at the quote.
    Transcript,
    /// What an apply would write.
    Preview,
    /// A question answered by one key.
    Confirm,
    /// A text field.
    Input,
    /// The three sides of a lesson that collides with the memory.
    Fit,
    /// The messages shown so far.
    Messages,
    /// Every screen, unless an overlay lies over it.
    Global,
    /// Every screen and overlay that takes no text.
    Always,
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[
        Self::Inbox,
        Self::Lesson,
        Self::Evidence,
        Self::Dreams,
        Self::Agents,
        Self::Memory,
        Self::Audit,
        Self::Transcript,
        Self::Preview,
        Self::Confirm,
        Self::Input,
        Self::Fit,
        Self::Messages,
        Self::Global,
        Self::Always,
    ];

    /// The name used in documentation and conflict reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Lesson => "lesson",
            Self::Evidence => "evidence",
            Self::Dreams => "dreams",
            Self::Agents => "agents",
            Self::Memory => "memory",
            Self::Audit => "audit",
            Self::Transcript => "transcript",
            Self::Preview => "preview",
            Self::Confirm => "question",
            Self::Input => "text field",
            Self::Fit => "fitting",
            Self::Messages => "messages",
            Self::Global => "screens",
            Self::Always => "everywhere",
        }
    }
}

/// Heading under which an action is listed in the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Decisions on lessons.
    Decide,
    /// Choosing several lessons.
    Choose,
    /// Moving about.
    Move,
    /// Looking closer.
    Look,
    /// Finding and ordering.
    Find,
    /// Writing to memory, and taking back.
    Write,
    /// Passes and syncing.
    Run,
    /// Going somewhere else.
    Go,
    /// Everything else.
    General,
    /// Keys of text fields and questions.
    Answer,
}

impl Group {
    /// Every group, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Decide,
        Self::Choose,
        Self::Move,
        Self::Look,
        Self::Find,
        Self::Write,
        Self::Run,
        Self::Go,
        Self::General,
        Self::Answer,
    ];

    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Decide => "Decide",
            Self::Choose => "Choose several",
            Self::Move => "Move",
            Self::Look => "Look closer",
            Self::Find => "Find and order",
            Self::Write => "Write and undo",
            Self::Run => "Dream and sync",
            Self::Go => "Go to",
            Self::General => "General",
            Self::Answer => "Fields and questions",
        }
    }
}

/// What the registry says about an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    /// Stable name, for the keymap, the command line and the documentation.
    pub id: &'static str,
    /// What it does, in two or three words.
    pub title: &'static str,
    /// What it does, in a sentence.
    pub help: &'static str,
    /// Heading in the help.
    pub group: Group,
    /// Where it can be started from.
    pub scopes: &'static [Scope],
}

use Scope as S;

const LESSONS: &[Scope] = &[S::Inbox, S::Lesson, S::Evidence];
const PANES: &[Scope] = &[
    S::Inbox,
    S::Lesson,
    S::Evidence,
    S::Dreams,
    S::Agents,
    S::Memory,
    S::Audit,
    S::Transcript,
    S::Preview,
    S::Fit,
    S::Messages,
];
const MATCHES: &[Scope] = &[S::Inbox, S::Lesson, S::Evidence, S::Transcript];
const SIDE_BY_SIDE: &[Scope] = &[S::Inbox, S::Lesson, S::Evidence, S::Memory];
const DIFFS: &[Scope] = &[S::Inbox, S::Lesson, S::Evidence];

macro_rules! registry {
    ($($variant:ident $id:literal $group:ident $scopes:expr, $title:literal, $help:literal;)+) => {
        /// Something a person can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $(#[doc = $help] $variant,)+
        }

        impl Action {
            /// Every action, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// What the registry says about it.
            #[must_use]
            pub const fn spec(self) -> &'static Spec {
                match self {
                    $(Self::$variant => &Spec {
                        id: $id, title: $title, help: $help, group: Group::$group, scopes: $scopes,
                    },)+
                }
            }
        }
    };
}

registry! {
    Accept "accept" Decide LESSONS, "accept", "Accept the marked lessons, or this one, and go to the next undecided.";
    Reject "reject" Decide LESSONS, "reject", "Reject the marked lessons, or this one, and go to the next undecided.";
    RejectBecause "reject-because" Decide LESSONS, "reject, say why", "Reject with a reason, which is kept with the decision.";
    Snooze "snooze" Decide LESSONS, "snooze", "Snooze until another day, tomorrow unless configured otherwise.";
    Edit "edit" Decide &[S::Inbox, S::Lesson, S::Evidence, S::Fit], "edit", "Change the text it would write, in $VISUAL or $EDITOR.";
    Fit "fit" Decide LESSONS, "fit to the memory", "Choose sides part by part where the memory changed underneath the lesson.";
    Reopen "reopen" Decide LESSONS, "reopen", "Back to undecided, whatever was decided.";
    Undo "undo" Decide &[S::Global], "undo", "Undo the last decision, also after a restart.";
    Redo "redo" Decide &[S::Global], "redo", "Make the decision again that was undone.";
    RejectBelow "reject-below" Decide &[S::Inbox], "reject below threshold", "Reject every undecided lesson whose example count is below the threshold.";

    Mark "mark" Choose &[S::Inbox], "mark", "Mark this lesson and move down; decisions then act on all marked ones.";
    Range "range" Choose &[S::Inbox], "range", "Start a range; moving extends it, the same key ends it.";
    MarkAll "mark-all" Choose &[S::Inbox], "mark all", "Mark every lesson in view that waits for a decision, or none if all are marked.";
    ClearMarks "clear-marks" Choose &[S::Inbox], "clear marks", "Take all marks off.";

    Down "down" Move PANES, "down", "One down.";
    Up "up" Move PANES, "up", "One up.";
    PageDown "page-down" Move PANES, "page down", "Half a page down.";
    PageUp "page-up" Move PANES, "page up", "Half a page up.";
    Top "top" Move PANES, "top", "To the start.";
    Bottom "bottom" Move PANES, "bottom", "To the end.";
    NextUndecided "next" Move MATCHES, "next", "Next search match in the diff or the session, otherwise the next undecided lesson.";
    PreviousUndecided "previous" Move MATCHES, "previous", "Previous search match in the diff or the session, otherwise the previous undecided lesson.";
    DetailDown "detail-down" Move &[S::Inbox, S::Memory, S::Dreams, S::Agents], "scroll detail down", "Scroll the other pane down without leaving the list.";
    DetailUp "detail-up" Move &[S::Inbox, S::Memory, S::Dreams, S::Agents], "scroll detail up", "Scroll the other pane up without leaving the list.";
    FocusNext "focus-next" Move SIDE_BY_SIDE, "next pane", "Go to the next pane.";
    FocusPrevious "focus-previous" Move SIDE_BY_SIDE, "previous pane", "Go to the pane before.";
    Jump "jump" Move &[S::Inbox, S::Lesson, S::Evidence, S::Dreams, S::Agents, S::Memory, S::Audit], "jump", "Show a letter at every row in view; pressing it goes there.";
    Open "open" Move &[S::Inbox, S::Lesson, S::Evidence, S::Dreams, S::Agents, S::Memory, S::Audit], "open", "Look closer: a lesson in full, the lessons of a dream or an agent, a document.";

    Evidence "evidence" Look LESSONS, "evidence", "Go through the places in sessions that support or contradict the lesson.";
    Explain "explain" Look LESSONS, "explain", "Say in plain words what each mark and each number of the lesson means.";
    SpotCheck "spot-check" Look LESSONS, "spot check", "Look at some of the places an estimate rests on and say which are right; the estimate becomes a span.";
    OpenTranscript "transcript" Look LESSONS, "transcript", "Open the session at the quote.";
    NextChange "next-change" Look &[S::Inbox, S::Lesson, S::Evidence, S::Transcript, S::Preview, S::Fit], "next change", "Next change in the diff, then the next lesson; in a transcript the next quote, in a preview the next document.";
    PreviousChange "previous-change" Look &[S::Inbox, S::Lesson, S::Evidence, S::Transcript, S::Preview, S::Fit], "previous change", "Previous change in the diff; in a transcript the previous quote, in a preview the previous document.";
    Layout "layout" Look DIFFS, "diff layout", "Side by side, unified, or whichever fits.";
    FinalText "final-text" Look DIFFS, "final text", "Show how the memory will read, with changes marked in the margin.";
    Wrap "wrap" Look DIFFS, "wrap lines", "Wrap long lines, or cut them.";
    Folds "folds" Look DIFFS, "unchanged text", "Show or fold unchanged text.";
    ContextMore "context-more" Look DIFFS, "more context", "Show more unchanged lines around each change.";
    ContextLess "context-less" Look DIFFS, "less context", "Show fewer unchanged lines around each change.";
    Compare "compare" Look LESSONS, "compare", "Compare other texts: the proposal with your edit, the memory with the proposal, what was decided before with what came back.";
    Zoom "zoom" Look LESSONS, "full width", "Give the lesson the whole width, or put the list back beside it.";
    ListWider "list-wider" Look &[S::Inbox, S::Lesson, S::Evidence, S::Memory], "wider list", "Give the list beside the text more room.";
    ListNarrower "list-narrower" Look &[S::Inbox, S::Lesson, S::Evidence, S::Memory], "narrower list", "Give the text beside the list more room.";
    Copy "copy" Look &[S::Inbox, S::Lesson, S::Evidence, S::Transcript, S::Memory, S::Audit], "copy", "Copy what is selected through the terminal.";

    ExportAudit "export" Look &[S::Audit], "export", "Write the entries found as JSON lines to a file, or copy them.";

    Filter "filter" Find &[S::Inbox, S::Audit], "filter", "Filter the list: words, agent:, topic:, kind:, support:>=10, flag:, state:, path:; -word for the opposite.";
    Search "search" Find &[S::Lesson, S::Evidence, S::Transcript], "search", "Search in the diff, or in the session.";
    ClearFilter "clear-filter" Find &[S::Inbox, S::Audit], "clear filter", "Show everything again.";
    ThresholdLower "threshold-lower" Find &[S::Inbox], "fewer examples", "Show lessons with fewer examples too.";
    ThresholdRaise "threshold-raise" Find &[S::Inbox], "more examples", "Show only lessons with more examples.";
    ThresholdSet "threshold" Find &[S::Inbox], "threshold", "Set the smallest example count that is shown.";
    SortNext "sort" Find &[S::Inbox], "sort", "Order by the next field: support, tokens, risk, path, topic, dream.";
    SortReverse "sort-reverse" Find &[S::Inbox], "turn order around", "Turn the order around.";

    FitNow "fit-now" Decide &[S::Fit], "take the memory now", "Write this part as the memory has it now.";
    FitLesson "fit-lesson" Decide &[S::Fit], "take the lesson", "Write this part as the lesson has it.";
    FitBoth "fit-both" Decide &[S::Fit], "take both", "Write what the memory has now, and the lesson below it.";
    FitBase "fit-base" Decide &[S::Fit], "take it as it was", "Write this part as it was when it was dreamed over.";
    FitUse "fit-use" Decide &[S::Fit], "use this text", "Take the text put together here as your own, and accept it.";

    Preview "preview" Write &[S::Global], "preview and apply", "Show what the accepted lessons would write; another key confirms.";
    Apply "apply" Write &[S::Preview], "write", "Write what the preview shows.";
    TakeBack "take-back" Write &[S::Inbox, S::Lesson, S::Memory], "undo applied", "Undo an applied lesson, or a whole apply: take it out of the memory again; shown first, another key confirms.";

    Quarantine "quarantine" Write &[S::Evidence, S::Transcript], "quarantine session", "List everything that came from this session, and after a question reject it, take it out of the memory, and never count the session again.";
    PutBack "put-back" Write &[S::Memory], "put back", "Put the selected document back to the selected version; shown first, another key confirms.";

    DreamRun "dream-run" Run &[S::Inbox, S::Dreams, S::Agents], "run a dream", "Read the last sessions of an agent and propose lessons; nothing is written to memory.";
    DreamRetry "dream-retry" Run &[S::Dreams], "run it again", "Run the selected dream again, as it was asked for.";
    DreamCancel "dream-cancel" Run &[S::Dreams], "stop the dream", "Stop the dream that is running.";
    DreamAdopt "dream-adopt" Write &[S::Dreams], "adopt all of it", "Show what writing every lesson of the selected dream would do, also of those that were not accepted; another key writes.";
    DreamDiscard "dream-discard" Write &[S::Dreams], "archive its store", "Archive the store that the selected dream left on the platform, after a question; once archived, delete it.";
    Sync "sync" Run &[S::Global], "sync", "Read new sessions and the memory again.";

    ScreenInbox "inbox" Go &[S::Global], "inbox", "Lessons that wait for a decision.";
    ScreenDreams "dreams" Go &[S::Global], "dreams", "Dreams: running, done, failed.";
    ScreenAgents "agents" Go &[S::Global], "agents", "Agents with their memory and what waits.";
    ScreenMemory "memory" Go &[S::Global], "memory", "Documents, where each line came from, and what was applied; a mark stands at documents with lines from lessons.";
    ScreenEffects "effects" Go &[S::Global], "effects", "What applied lessons did afterwards; it is not measured yet.";
    ScreenAudit "audit" Go &[S::Global], "audit", "Every decision and every write.";
    ChooseAgent "choose-agent" Go &[S::Memory], "other agent", "Show the memory of another agent.";
    Messages "messages" Go &[S::Always], "messages", "Everything that was said at the bottom of the screen.";

    Requests "requests" Go &[S::Always], "requests", "Requests made to a platform: when, what, status, how long, request id.";

    Help "help" General &[S::Always], "help", "All keys and commands; type to find, Enter runs.";
    Command "command" General &[S::Always], "command line", "Type a command by its name; Tab completes.";
    Escape "escape" General &[S::Always], "leave", "Leave what is transient: an overlay, a range, marks, a search, a filter.";
    Back "back" General &[S::Always], "back or quit", "Back to where you came from; from the inbox, quit. Nothing is lost.";
    Quit "quit" General &[S::Always], "quit", "Quit from anywhere. Nothing is lost.";
    Interrupt "interrupt" General &[S::Always, S::Input], "quit (twice)", "Leave what is transient; twice within two seconds quits.";
    Theme "theme" General &[S::Global], "theme", "Pick a theme; the one under the cursor is shown at once.";
    Mouse "mouse" General &[S::Always], "mouse", "Listen to the mouse (click, wheel, border), or leave it to the terminal for selecting text. While it is listened to, Shift selects (Option in iTerm2, Fn in macOS Terminal).";
    Picture "picture" General &[S::Always], "picture", "Save a picture of the screen as SVG; it shows what the screen shows, also what should stay here.";
    Suspend "suspend" General &[S::Always, S::Input], "suspend", "Hand the terminal back to the shell; `fg` returns.";
    Redraw "redraw" General &[S::Always, S::Input], "redraw", "Paint the whole screen again.";

    Confirm "confirm" Answer &[S::Confirm], "yes", "Yes, do it.";
    DreamChange "dream-change" Answer &[S::Confirm], "change", "Change what the dream reads, on which model, and what it is told; the estimate is made anew.";
    Decline "decline" Answer &[S::Confirm, S::Preview], "no", "No, change nothing.";
    InputSubmit "input-submit" Answer &[S::Input], "done", "Take the answer.";
    InputCancel "input-cancel" Answer &[S::Input], "cancel", "Leave the field; nothing changes.";
    InputNext "input-next" Answer &[S::Input], "next entry", "Next entry of the list below the field.";
    InputPrevious "input-previous" Answer &[S::Input], "previous entry", "Previous entry of the list below the field.";
    InputComplete "input-complete" Answer &[S::Input], "complete", "Complete the word, or try the next completion.";
}

impl Action {
    /// Stable name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.spec().id
    }

    /// Finds an action by its id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.id() == id)
    }

    /// Whether it makes sense from the palette and the command line, where no field or question is open.
    #[must_use]
    pub fn is_command(self) -> bool {
        !matches!(self.spec().group, Group::Answer) && self != Self::Apply && self != Self::Interrupt
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_speakable() {
        let ids: BTreeSet<_> = Action::ALL.iter().map(|action| action.id()).collect();
        assert_eq!(ids.len(), Action::ALL.len());
        for &action in Action::ALL {
            assert!(action.id().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", action.id());
            assert!(action.spec().help.ends_with('.'), "{}", action.id());
            assert!(!action.spec().scopes.is_empty());
            assert_eq!(Action::parse(action.id()), Some(action));
        }
    }
}
