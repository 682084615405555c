//! The meanings a theme gives a look to.
//!
//! Owns: the names of the roles and which role stands in for one a theme leaves out. Must not know:
//! colours.

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(or $fallback:ident)?;)+) => {
        /// What a piece of the screen means. Themes turn it into a look.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $variant),+ }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in theme files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The role whose look it takes when a theme says nothing about it.
            #[must_use]
            pub fn fallback(self) -> Option<Self> {
                match self { $(Self::$variant => roles!(@or $($fallback)?)),+ }
            }
        }
    };
    (@or) => { None };
    (@or $fallback:ident) => { Some(Self::$fallback) };
}

roles! {
    /// Ordinary text.
    Text = "text";
    /// Text that may be overlooked: ages, hints, hidden counts.
    Muted = "muted";
    /// Text that stands out without meaning anything special.
    Strong = "strong";
    /// The product's own colour: the current tab, the focused border.
    Accent = "accent" or Strong;
    /// Title of a pane.
    Title = "title" or Strong;
    /// Border of a pane.
    Border = "border" or Muted;
    /// Border of the pane that has the keyboard.
    BorderFocus = "border.focus" or Accent;
    /// The row under the cursor in the pane that has the keyboard. A background for other roles.
    Selection = "selection";
    /// The row under the cursor in another pane. A background for other roles.
    SelectionIdle = "selection.idle";
    /// A marked row's mark.
    Marked = "marked" or Accent;
    /// The header line.
    Header = "header" or Text;
    /// Name of a screen in the header.
    Tab = "tab" or Muted;
    /// Name of the screen that is shown.
    TabActive = "tab.active" or Accent;
    /// A key in a hint.
    Key = "key" or Accent;
    /// What the key does.
    Hint = "hint" or Muted;
    /// What can't be done now.
    Disabled = "disabled" or Muted;
    /// Text being typed.
    Input = "input" or Text;
    /// A message that passes.
    Toast = "toast" or Strong;
    /// Group headings in lists.
    Group = "group" or Strong;

    /// All is well.
    Good = "good";
    /// Something is wrong.
    Bad = "bad";
    /// Look before going on.
    Warn = "warn";
    /// Worth knowing.
    Info = "info" or Accent;

    /// Stands for a character that is unsafe to show.
    Revealed = "revealed" or Warn;

    /// A lesson that adds.
    KindAdd = "kind.add" or Good;
    /// A lesson that revises.
    KindRevise = "kind.revise" or Warn;
    /// A lesson that merges.
    KindMerge = "kind.merge" or Info;
    /// A lesson that moves.
    KindMove = "kind.move" or Info;
    /// A lesson that removes.
    KindRemove = "kind.remove" or Bad;

    /// An accepted lesson.
    Accepted = "state.accepted" or Good;
    /// A rejected lesson.
    Rejected = "state.rejected" or Bad;
    /// A snoozed lesson.
    Snoozed = "state.snoozed" or Muted;
    /// An applied lesson.
    Applied = "state.applied" or Good;
    /// A lesson in conflict with memory.
    Conflict = "state.conflict" or Warn;

    /// Evidence that supports.
    Support = "evidence.support" or Good;
    /// Evidence that contradicts.
    Contradict = "evidence.contradict" or Bad;
    /// Evidence that merely mentions.
    Mention = "evidence.mention" or Muted;
    /// A quote from a session.
    Quote = "quote" or Text;

    /// The filled part of a bar or gauge.
    Bar = "bar" or Accent;
    /// The empty part of a bar or gauge.
    BarEmpty = "bar.empty" or Muted;
    /// The filled part of a gauge over its budget.
    BarOver = "bar.over" or Bad;

    /// A line both texts have.
    DiffSame = "diff.same" or Text;
    /// A line or phrase only the new text has.
    DiffAdded = "diff.added" or Good;
    /// The words of a changed line that only the new text has.
    DiffAddedWord = "diff.added.word" or DiffAdded;
    /// A line or phrase only the old text has.
    DiffRemoved = "diff.removed" or Bad;
    /// The words of a changed line that only the old text has.
    DiffRemovedWord = "diff.removed.word" or DiffRemoved;
    /// A line where it stood before it moved.
    DiffMovedFrom = "diff.moved.from" or Muted;
    /// A line where it stands after it moved.
    DiffMovedTo = "diff.moved.to" or Muted;
    /// Where a moved line came from or went.
    DiffMovedNote = "diff.moved.note" or Info;
    /// The sign before an added line.
    DiffSignAdded = "diff.sign.added" or Good;
    /// The sign before a removed line.
    DiffSignRemoved = "diff.sign.removed" or Bad;
    /// The sign before a changed line.
    DiffSignChanged = "diff.sign.changed" or Warn;
    /// Line numbers.
    DiffNumber = "diff.number" or Muted;
    /// Hidden unchanged lines.
    DiffFold = "diff.fold" or Muted;
    /// Title of a document.
    DiffTitle = "diff.title" or Title;
    /// Remarks in words, such as "only spacing changed".
    DiffNote = "diff.note" or Info;
    /// Marks that are not part of the text: continuation marks, visible tabs and spaces.
    DiffMark = "diff.mark" or Muted;

    /// A search match.
    Hit = "hit";
    /// The search match the reader is at.
    HitCurrent = "hit.current" or Hit;

    /// Markdown headings.
    SyntaxHeading = "syntax.heading" or Strong;
    /// Emphasised text.
    SyntaxEmphasis = "syntax.emphasis" or Text;
    /// Strongly emphasised text.
    SyntaxStrong = "syntax.strong" or Strong;
    /// Inline code and code blocks.
    SyntaxCode = "syntax.code" or Text;
    /// Links and link targets.
    SyntaxLink = "syntax.link" or Text;
    /// List markers, rules, quote marks, fences.
    SyntaxMarker = "syntax.marker" or Muted;
    /// Comments in code, HTML comments, front matter.
    SyntaxComment = "syntax.comment" or Muted;
    /// Strings in code.
    SyntaxString = "syntax.string" or Text;
    /// Keywords in code.
    SyntaxKeyword = "syntax.keyword" or Text;
    /// Numbers and constants in code.
    SyntaxConstant = "syntax.constant" or Text;
    /// Names of functions and types in code.
    SyntaxName = "syntax.name" or Text;
}
