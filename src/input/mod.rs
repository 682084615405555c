//! Terminal events to actions.
