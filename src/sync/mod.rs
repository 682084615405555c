//! Moves facts between sources and the cache, runs passes, applies decisions.
