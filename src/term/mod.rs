//! The only code that writes escape sequences.
