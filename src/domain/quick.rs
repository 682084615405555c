//! The promise that drawing and taking in keys never wait: no storage, no network, no highlighting.
//!
//! Owns: a mark on the thread that draws, and the check that what may take long is not done under it.
//! In released programs both are nothing. Must not know: who draws, or what takes long.

#[cfg(debug_assertions)]
use std::cell::Cell;

#[cfg(debug_assertions)]
thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// As long as this lives, its thread does nothing that may take long.
#[derive(Debug)]
#[must_use = "the promise holds as long as this lives"]
pub struct Quick {
    /// Stays on the thread that promised.
    _here: std::marker::PhantomData<*const ()>,
}

/// Promises to be quick on this thread.
pub fn promise() -> Quick {
    #[cfg(debug_assertions)]
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    Quick { _here: std::marker::PhantomData }
}

impl Drop for Quick {
    fn drop(&mut self) {
        #[cfg(debug_assertions)]
        DEPTH.with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

/// Whether somebody promised to be quick on this thread; in released programs nobody does.
#[must_use]
pub fn is_promised() -> bool {
    #[cfg(debug_assertions)]
    return DEPTH.with(|depth| depth.get() > 0);
    #[cfg(not(debug_assertions))]
    false
}

/// Says that what comes now may take long; `what` names it. In builds with debug assertions, doing so
/// where somebody promised to be quick is a fault, so that every test of the console proves the promise.
#[inline]
pub fn may_take_long(what: &'static str) {
    assert!(!is_promised(), "{what} on the path of drawing and input");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "storage on the path of drawing and input")]
    fn a_broken_promise_is_a_fault() {
        let _quick = promise();
        may_take_long("storage");
    }

    #[test]
    fn it_holds_on_its_own_thread_and_for_its_own_time() {
        let quick = promise();
        std::thread::spawn(|| may_take_long("storage")).join().unwrap();
        drop(quick);
        may_take_long("storage");
    }
}
