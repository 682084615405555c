//! Ctrl-C during long work: sets a flag that the work looks at, so that it ends cleanly.
//!
//! Owns: listening for the signal. Must not know: what is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that Ctrl-C sets. If the system has no such signal to offer, Ctrl-C ends the program as
/// ever, which loses nothing either.
#[must_use]
pub fn on_ctrl_c() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let listen = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            set.store(true, Ordering::Relaxed);
        }
    };
    // The thread ends with the program.
    drop(std::thread::Builder::new().name("ctrl-c".to_owned()).spawn(listen));
    flag
}
