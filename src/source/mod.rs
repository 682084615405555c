//! Where agents, sessions and memory come from.
