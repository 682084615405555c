//! The console without a terminal: its model under random messages, its screens as pictures in text.

mod properties;
mod sample;
mod screens;
