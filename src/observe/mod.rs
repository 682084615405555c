//! What the program writes about itself: a rolling log file and a report after a fault.
//!
//! Owns: where logs go, the latest requests to a platform, that no secret and no control character
//! reaches them, and what a person reads after a panic. Must not know: what is logged. Nothing is ever
//! written to the screen while the console runs. The mask for secrets is handed in, because its rules
//! live with the guards.

mod panic;
mod requests;
mod scrub;

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use self::panic::{install as install_panic_report, report_text};
pub use self::requests::Requests;
use self::requests::{Keeper, only_requests};
use self::scrub::Scrubbed;
use crate::domain::clock::Clock;

/// Replaces secrets in a text; `guard::secrets::redact` in the program.
pub type Redact = fn(&str) -> Cow<'_, str>;

/// Days of logs that are kept.
const DAYS: usize = 7;

/// Logging could not be started. Never a reason to stop: the program works without.
#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    /// The folder or file can't be written.
    #[error("the log in {folder} can't be written ({reason}); wakeful works without it")]
    Folder {
        /// Where the log was to go.
        folder: String,
        /// What the system said.
        reason: String,
    },
    /// The filter has a mistake.
    #[error("WAKEFUL_LOG can't be understood ({0}); write for example `info` or `wakeful::sync=debug`")]
    Filter(String),
    /// Something else already takes the log events.
    #[error("the log was started twice")]
    Twice,
}

/// Keeps the log alive; what is still waiting is written when it is dropped.
#[must_use = "the log stops when this is dropped"]
pub struct Log {
    _worker: WorkerGuard,
    requests: Requests,
}

impl Log {
    /// The latest requests to a platform, whatever the log file is told of them.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }
}

/// Starts the log: one file a day in `folder`, a week of them kept, lines below `filter` left out.
///
/// # Errors
/// Says why there is no log. The program goes on without one.
pub fn start(
    folder: &Path,
    filter: Option<&str>,
    clock: Arc<dyn Clock>,
    redact: Redact,
) -> Result<Log, ObserveError> {
    let filter = EnvFilter::try_new(filter.unwrap_or("warn,wakeful=info"))
        .map_err(|error| ObserveError::Filter(error.to_string()))?;
    let fail = |reason: String| ObserveError::Folder { folder: folder.display().to_string(), reason };
    private_folder(folder).map_err(|error| fail(error.to_string()))?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("wakeful")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .map_err(|error| fail(error.to_string()))?;
    let (writer, worker) = tracing_appender::non_blocking(file);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Scrubbed::new(writer, redact))
        .with_filter(filter);
    let requests = Requests::default();
    let keeper = Keeper { requests: requests.clone(), clock, redact };
    tracing_subscriber::registry()
        .with(lines)
        .with(keeper.with_filter(only_requests()))
        .try_init()
        .map_err(|_| ObserveError::Twice)?;
    Ok(Log { _worker: worker, requests })
}

/// Logs speak of sessions; they are nobody else's business on a shared machine.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
