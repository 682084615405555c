//! What a dream on the platform is to read, on which model, and what it is told, as fields to be changed.
//!
//! Owns: the fields, and what they say. Must not know: what it would cost.

use super::far::{DreamPlan, DreamWish};
use super::line_edit::LineEdit;
use super::overlay::Confirm;
use crate::domain::dream::Window;
use crate::domain::ids::AgentId;

/// One field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// How many of the last sessions.
    Sessions,
    /// Only those of one segment.
    Segment,
    /// The part of them that one person may have.
    Share,
    /// The model.
    Model,
    /// The reviewer's own words.
    Instructions,
}

impl Field {
    /// Every field, from top to bottom.
    pub const ALL: [Self; 5] = [Self::Sessions, Self::Segment, Self::Share, Self::Model, Self::Instructions];

    /// What stands before it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Sessions => "last sessions",
            Self::Segment => "segment",
            Self::Share => "% a person",
            Self::Model => "model",
            Self::Instructions => "instructions",
        }
    }
}

/// The fields of one dream.
#[derive(Debug, Clone, PartialEq)]
pub struct WishPane {
    /// Whose dream.
    pub agent: AgentId,
    /// Which field the keyboard is in.
    pub selected: usize,
    /// What is wrong, after Enter.
    pub problem: Option<String>,
    /// The question that it came from, and goes back to.
    pub back: Option<Confirm>,
    /// Segments that sessions of the agent have.
    pub segments: Vec<String>,
    before: DreamWish,
    inputs: [LineEdit; 5],
}

impl WishPane {
    /// With what was planned in the fields.
    #[must_use]
    pub fn of(plan: &DreamPlan, back: Option<Confirm>) -> Self {
        let wish = plan.wish.clone();
        let share = wish.share.map(|share| share.to_string()).unwrap_or_default();
        let inputs = [
            LineEdit::offering(&wish.window.last.to_string()),
            LineEdit::offering(wish.window.segment.as_deref().unwrap_or_default()),
            LineEdit::offering(&share),
            LineEdit::offering(&wish.model),
            LineEdit::with(&wish.instructions),
        ];
        Self {
            agent: plan.agent.clone(),
            selected: 0,
            problem: None,
            back,
            segments: plan.segments.clone(),
            before: wish,
            inputs,
        }
    }

    /// The field that keys go to.
    pub fn input(&mut self) -> Option<&mut LineEdit> {
        self.inputs.get_mut(self.selected)
    }

    /// Every field with what is in it.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &LineEdit)> {
        Field::ALL.into_iter().zip(&self.inputs)
    }

    /// Goes so many fields down, and from the last to the first.
    pub fn turn(&mut self, by: isize) {
        self.selected =
            self.selected.checked_add_signed(by).unwrap_or(self.inputs.len() - 1) % self.inputs.len();
    }

    /// What the field under the keyboard is for.
    #[must_use]
    pub fn hint(&self) -> String {
        if self.inputs.get(self.selected).is_some_and(LineEdit::is_full) {
            return "the field is full, the rest was left out; `wakeful dream run --instructions -` takes more".to_owned();
        }
        match Field::ALL.get(self.selected) {
            Some(Field::Sessions) => {
                "the newest so many; a dream reads 100 at most, more are several dreams".to_owned()
            }
            Some(Field::Segment) if self.segments.is_empty() => {
                "the sessions of this agent have none".to_owned()
            }
            Some(Field::Segment) => format!("empty for all, or one of: {}", self.segments.join(", ")),
            Some(Field::Share) => "the part of them one person may have; empty for no limit".to_owned(),
            Some(Field::Model) => "its id, as the platform names it".to_owned(),
            Some(Field::Instructions) | None => {
                "told to the dream beside what wakeful tells it; empty for nothing more".to_owned()
            }
        }
    }

    /// What the fields ask for; `None` if that is what was planned.
    ///
    /// # Errors
    /// What is wrong, with the field.
    pub fn wish(&self) -> Result<Option<DreamWish>, (Field, String)> {
        let [sessions, segment, share, model, instructions] =
            self.inputs.each_ref().map(|input| input.text().trim());
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
        let Some(last) = number(sessions) else {
            return Err((Field::Sessions, "how many sessions? A number from 1 on".to_owned()));
        };
        let share = match share.trim_end_matches('%').trim() {
            "" => None,
            text => match number(text).filter(|share| *share <= 100) {
                Some(share) => Some(share),
                None => return Err((Field::Share, "per cent, from 1 to 100, or nothing".to_owned())),
            },
        };
        if !segment.is_empty() && !self.segments.iter().any(|known| known == segment) {
            return Err((Field::Segment, format!("no session is of the segment {segment}")));
        }
        if model.is_empty() {
            return Err((Field::Model, "a dream needs a model".to_owned()));
        }
        let segment = Some(segment).filter(|segment| !segment.is_empty()).map(str::to_owned);
        let wish = DreamWish {
            window: Window { last, segment, ..self.before.window.clone() },
            share,
            model: model.to_owned(),
            instructions: instructions.to_owned(),
        };
        Ok((wish != self.before).then_some(wish))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pane() -> WishPane {
        let wish = DreamWish {
            window: Window { last: 50, ..Window::default() },
            share: Some(30),
            model: "claude-opus-5".to_owned(),
            instructions: String::new(),
        };
        let plan = DreamPlan {
            agent: AgentId::new("bot"),
            sessions: 3,
            details: Vec::new(),
            over: None,
            wish,
            segments: vec!["enterprise".to_owned()],
        };
        WishPane::of(&plan, None)
    }

    fn with(field: Field, text: &str) -> Result<Option<DreamWish>, (Field, String)> {
        let mut pane = pane();
        while Field::ALL[pane.selected] != field {
            pane.turn(1);
        }
        pane.input().unwrap().set(text);
        pane.wish()
    }

    #[test]
    fn what_is_left_as_it_was_asks_for_nothing_new() {
        assert_eq!(pane().wish(), Ok(None));
        assert_eq!(with(Field::Sessions, " 50 "), Ok(None));
        assert_eq!(with(Field::Share, "30 %"), Ok(None));
    }

    #[test]
    fn each_field_says_what_it_changes_or_what_is_wrong() {
        let changed = |field, text| with(field, text).unwrap().unwrap();
        assert_eq!(changed(Field::Sessions, "120").window.last, 120);
        assert_eq!(changed(Field::Segment, "enterprise").window.segment.as_deref(), Some("enterprise"));
        assert_eq!(changed(Field::Share, "").share, None);
        assert_eq!(changed(Field::Model, "claude-next").model, "claude-next");
        assert_eq!(changed(Field::Instructions, "Keep it short.").instructions, "Keep it short.");
        for (field, text) in [
            (Field::Sessions, "0"),
            (Field::Sessions, "all"),
            (Field::Segment, "retail"),
            (Field::Share, "101"),
            (Field::Model, " "),
        ] {
            assert_eq!(with(field, text).unwrap_err().0, field, "{text}");
        }
    }

    #[test]
    fn the_last_field_leads_to_the_first_and_back() {
        let mut pane = pane();
        pane.turn(-1);
        assert_eq!(Field::ALL[pane.selected], Field::Instructions);
        pane.turn(1);
        assert_eq!(pane.selected, 0);
    }
}
