//! The console's state and its one update function.
