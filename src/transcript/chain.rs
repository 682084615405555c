//! Sessions that continue, fork or copy one another.
//!
//! Owns: the name such sessions share, and which records are copies of earlier ones. Must not know:
//! how sessions are stored, or what is counted.
//!
//! Resuming, rewinding or clearing a session can start a new file that carries the old records with
//! their ids. Whatever happened in them happened once.
