//! After a fault: a report in a file, and a few calm lines for the person.
//!
//! Owns: what a panic leaves behind. Must not know: the terminal. The hook of the terminal is
//! installed later, restores the screen, and then calls this one.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Redact;
use super::scrub::clean;
use crate::domain::clock::Clock;

/// Makes every later panic write a report into `folder` and say so on the error output. Replaces the
/// standard message, which would print text from transcripts unescaped.
pub fn install(folder: PathBuf, clock: Arc<dyn Clock>, redact: Redact) {
    std::panic::set_hook(Box::new(move |info| {
        let report = report_text(info, &Backtrace::force_capture(), clock.as_ref(), redact);
        let path = folder.join(format!("fault-{}.txt", clock.now().strftime("%Y%m%dT%H%M%SZ")));
        let place = match write_report(&path, &report) {
            Ok(()) => format!("A report is in {}", path.display()),
            Err(error) => format!("The report could not be written ({error}):\n{report}"),
        };
        let message = format!(
            "\nwakeful stopped because of a fault of its own.\n\
             The terminal has been restored. Every decision that was shown as saved is in the cache, and no \
             memory document is half-written; `wakeful` continues where it was.\n{place}\n"
        );
        // If even the error output is closed there is nobody left to tell.
        let _ = std::io::stderr().write_all(message.as_bytes());
    }));
}

fn write_report(path: &Path, report: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        super::private_folder(folder)?;
    }
    std::fs::write(path, report)
}

/// The report: version, system, what went wrong and where. Secrets and control characters taken out.
#[must_use]
pub fn report_text(info: &PanicHookInfo<'_>, trace: &Backtrace, clock: &dyn Clock, redact: Redact) -> String {
    let message = info.payload_as_str().unwrap_or("(no message)");
    let place = info.location().map_or_else(|| "(unknown place)".to_owned(), ToString::to_string);
    let mut text = String::new();
    let _ = writeln!(text, "wakeful {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "system: {} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(text, "time: {}", clock.now());
    let _ = writeln!(text, "thread: {}", std::thread::current().name().unwrap_or("(unnamed)"));
    let _ = writeln!(text, "place: {place}");
    let _ = writeln!(text, "message: {message}\n\n{trace}");
    clean(&text, redact)
}
