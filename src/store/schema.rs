//! The schema as a list of migrations, one file each; a released file is never edited.
//!
//! Owns: the list and its length. Must not know: when or where migrations are run.

use rusqlite_migration::{M, Migrations};

/// Every migration in order; the schema version is how many of them were run.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../assets/migrations/0001_sources.sql"),
    include_str!("../../assets/migrations/0002_memory.sql"),
    include_str!("../../assets/migrations/0003_lessons.sql"),
    include_str!("../../assets/migrations/0004_decisions.sql"),
    include_str!("../../assets/migrations/0005_applies.sql"),
    include_str!("../../assets/migrations/0006_audit.sql"),
    include_str!("../../assets/migrations/0007_view_state.sql"),
    include_str!("../../assets/migrations/0008_trust.sql"),
    include_str!("../../assets/migrations/0009_platform.sql"),
    include_str!("../../assets/migrations/0010_remade.sql"),
    include_str!("../../assets/migrations/0011_support_then.sql"),
    include_str!("../../assets/migrations/0012_made_memory.sql"),
    include_str!("../../assets/migrations/0013_proposed.sql"),
    include_str!("../../assets/migrations/0014_twins.sql"),
    include_str!("../../assets/migrations/0015_taken_out.sql"),
    include_str!("../../assets/migrations/0016_checks.sql"),
    include_str!("../../assets/migrations/0017_spot_checks.sql"),
    include_str!("../../assets/migrations/0018_quarantine.sql"),
    include_str!("../../assets/migrations/0019_outcomes.sql"),
];

/// Marks the file as ours; the first migration sets it.
pub(super) const APPLICATION: i64 = 0x7761_6b65;

/// The newest schema version this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// The list in the form the migration runner takes.
pub(super) fn migrations() -> Migrations<'static> {
    Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_migration_runs_in_order() {
        super::migrations().validate().unwrap();
    }
}
