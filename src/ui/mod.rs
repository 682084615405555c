//! The console's model painted as cells.
