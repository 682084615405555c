//! The console without a terminal: its model under random messages, its screens as pictures in text.

mod headless;
mod properties;
mod sample;
mod screens;
