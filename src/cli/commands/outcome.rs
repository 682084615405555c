//! How an apply, an undo or an adoption ended: all of it, a part, or nothing.
//!
//! Owns: which word and which exit code stands for what happened. Must not know: how it is shown otherwise.

use serde::Serialize;

use super::super::error::Exit;
use crate::sync::apply::{Applied, Plan};

/// How it ended for one agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Only looked at, or not agreed to.
    Planned,
    /// All that was asked is so now.
    Done,
    /// Some of it is so now, and some was left out.
    Part,
    /// Nothing of it was done.
    Nothing,
}

/// What happened to all agents of a command, to end with one exit code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    wrote: bool,
    collided: bool,
    forbidden: bool,
}

impl Tally {
    /// Counts what a plan leaves out, before anything is written. Where only looking was asked for, it ends as
    /// writing would.
    pub fn plan(&mut self, plan: &Plan, dry_run: bool) {
        self.collided |= !plan.conflicts.is_empty();
        self.forbidden |= !plan.blocked.is_empty();
        self.wrote |= dry_run && !plan.writes_nothing();
    }

    /// Counts what was done, and says how it ended: `plan` is what was carried out, if it was made just now.
    pub fn done(&mut self, done: &Applied, plan: Option<&Plan>) -> Outcome {
        let wrote = !done.written.is_empty() || !done.lessons.is_empty();
        let collided = !done.conflicts.is_empty() || !done.left.is_empty();
        let forbidden = plan.is_some_and(|plan| !plan.blocked.is_empty());
        self.wrote |= wrote;
        self.collided |= collided;
        match (wrote, collided || forbidden) {
            (_, false) => Outcome::Done,
            (true, true) => Outcome::Part,
            (false, true) => Outcome::Nothing,
        }
    }

    /// The exit code: five says that nothing was written, so a part that was makes it a plain failure.
    #[must_use]
    pub fn exit(self) -> Exit {
        match (self.collided, self.forbidden) {
            (false, false) => Exit::Done,
            (true, _) if !self.wrote => Exit::Conflict,
            _ => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Tally};

    #[test]
    fn nothing_that_is_left_out_ends_as_if_all_was_done() {
        let exit = |wrote, collided, forbidden| Tally { wrote, collided, forbidden }.exit();
        assert_eq!(exit(true, false, false), Exit::Done);
        assert_eq!(exit(false, false, false), Exit::Done, "there was nothing to do");
        assert_eq!(exit(false, true, false), Exit::Conflict);
        assert_eq!(exit(false, true, true), Exit::Conflict);
        assert_eq!(exit(false, false, true), Exit::Failed);
        for left in [(true, false), (false, true), (true, true)] {
            assert_eq!(exit(true, left.0, left.1), Exit::Failed, "5 would say that nothing was written");
        }
    }
}
