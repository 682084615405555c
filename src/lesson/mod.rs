//! Two memory snapshots to lessons and back. See `cut`, `combine`, `rebase`, `undo`.
