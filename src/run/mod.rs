//! Wiring: the event loop and the effects it carries out.
