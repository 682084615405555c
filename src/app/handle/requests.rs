//! The requests made to a platform: looked at, never changed.

use std::sync::Arc;

use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::overlay::{Overlay, RequestsPane};
use crate::domain::request::Request;

/// Shows them.
pub(in crate::app) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    if !matches!(model.overlay(), Some(Overlay::Requests(_))) {
        model.overlays.push(Overlay::Requests(RequestsPane::default()));
    }
    effects.push(Effect::LoadRequests);
}

/// Asks again where they are shown: something happened that may have made some.
pub(in crate::app) fn refresh(model: &Model, effects: &mut Vec<Effect>) {
    if model.overlays.iter().any(|overlay| matches!(overlay, Overlay::Requests(_))) {
        effects.push(Effect::LoadRequests);
    }
}

/// They are there.
pub(in crate::app) fn heard(model: &mut Model, requests: Vec<Request>) {
    let shown = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Requests(pane) => Some(pane),
        _ => None,
    });
    if let Some(pane) = shown {
        pane.list = Some(Arc::from(requests));
    }
}
