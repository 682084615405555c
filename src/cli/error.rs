//! How a command ends when it does not succeed: words for people, a number for scripts.
//!
//! Owns: the exit codes and which error gets which. Must not know: commands.

use std::fmt;

use crate::config::NoHome;
use crate::source::{SourceError, WriteError};
use crate::store::StoreError;
use crate::sync::SyncError;

/// The exit codes of `json.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Wrong usage.
    Usage = 2,
    /// Something about the configuration.
    Config = 3,
    /// A place that can't be reached or read.
    NoAccess = 4,
    /// The memory changed meanwhile; nothing was written.
    Conflict = 5,
    /// Only `status`: lessons wait.
    Waiting = 10,
}

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct CliError {
    /// The number for scripts.
    pub exit: Exit,
    /// The words for people: what failed, what is safe, what to do next.
    pub message: String,
}

impl CliError {
    /// An error with its exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// The request itself makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The request made sense and did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Open { .. } | StoreError::ReadOnly { .. } | StoreError::Busy => Exit::NoAccess,
            StoreError::Stale { .. } => Exit::Conflict,
            StoreError::Unknown { .. } => Exit::Usage,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<SourceError> for CliError {
    fn from(error: SourceError) -> Self {
        Self::new(Exit::NoAccess, error.to_string())
    }
}

impl From<WriteError> for CliError {
    fn from(error: WriteError) -> Self {
        let exit = match &error {
            WriteError::Changed { .. } => Exit::Conflict,
            _ => Exit::NoAccess,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<SyncError> for CliError {
    fn from(error: SyncError) -> Self {
        let exit = match error {
            SyncError::Store(error) => return error.into(),
            SyncError::Source(error) => return error.into(),
            SyncError::Stale { .. } | SyncError::UndoConflict { .. } | SyncError::Collides { .. } => {
                Exit::Conflict
            }
            SyncError::NoSource { .. } => Exit::Config,
            SyncError::NotOnPlatform { .. } | SyncError::NoLeftover { .. } | SyncError::EmptyEdit => {
                Exit::Usage
            }
            SyncError::NotCached { .. } | SyncError::NotStarted { .. } => Exit::NoAccess,
            SyncError::Busy { .. } | SyncError::Interrupted { .. } => Exit::NoAccess,
            SyncError::NotApplied { .. } | SyncError::NothingLeft { .. } => Exit::Usage,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<NoHome> for CliError {
    fn from(error: NoHome) -> Self {
        Self::new(Exit::Config, error.to_string())
    }
}

impl From<std::io::Error> for CliError {
    /// Input or output of the command itself: a closed pipe, a full disk behind a redirection.
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // A reader that has seen enough, such as `head`, is no failure and nobody to talk to.
            return Self::new(Exit::Done, "");
        }
        Self::failed(format!("the output could not be written: {error}"))
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(format!("the output could not be written as JSON: {error}"))
    }
}
