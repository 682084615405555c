//! Review what your AI agents dreamed, before they remember it.
//!
//! Read the modules in this order to see what the product does: [`domain`] says what the words
//! mean, [`lesson`] cuts a proposed memory into single lessons and puts any subset back, [`dream`]
//! finds lessons in [`transcript`]s and [`evidence`] counts them, [`guard`] warns, [`source`] and
//! [`store`] are the edges to the world, [`sync`] moves facts between them and applies what was
//! accepted, and [`app`] with [`ui`] is the console.
//!
//! A module may use those below it in the list of `tests/architecture.rs`, never the reverse.

pub mod app;
pub mod cli;
pub mod config;
pub mod diff;
pub mod domain;
pub mod dream;
pub mod evidence;
pub mod guard;
pub mod input;
pub mod lesson;
pub mod observe;
pub mod run;
pub mod source;
pub mod stand_in;
pub mod store;
pub mod sync;
pub mod term;
pub mod transcript;
pub mod ui;
