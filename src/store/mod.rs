//! The cache: SQLite, the only place with SQL.
