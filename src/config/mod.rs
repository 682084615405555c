//! Settings, each with the place it came from.
