//! Checks that put marks on lessons, one per file.
