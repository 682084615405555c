//! The evidence threshold.

use crate::app::action::Action;
use crate::app::line_edit::LineEdit;
use crate::app::model::Model;
use crate::app::overlay::{Overlay, Prompt, PromptKind};
use crate::app::toast::Tone;
use crate::app::words::counted;

/// Largest threshold that makes sense: passes read fewer sessions than this.
const LARGEST: u32 = 9_999;

pub(in crate::app) fn act(model: &mut Model, action: Action) {
    let now = model.inbox.threshold();
    match action {
        Action::ThresholdLower => set(model, now.saturating_sub(1)),
        Action::ThresholdRaise => set(model, now.saturating_add(1)),
        _ => model.overlays.push(Overlay::Prompt(Prompt {
            ask: PromptKind::Threshold,
            input: LineEdit::offering(&now.to_string()),
            problem: None,
        })),
    }
}

pub(in crate::app) fn set(model: &mut Model, threshold: u32) {
    model.inbox.set_threshold(threshold.min(LARGEST));
    let counts = model.inbox.counts();
    let threshold = model.inbox.threshold();
    model.say(
        Tone::Info,
        format!(
            "At least {}: {} to review, {} hidden",
            counted(u64::from(threshold), "example"),
            counts.to_review,
            counts.below
        ),
    );
}

/// Reads a typed threshold.
pub(in crate::app) fn parse(text: &str) -> Result<u32, String> {
    text.trim().parse().map_err(|_| format!("“{}” is not a number", text.trim()))
}
