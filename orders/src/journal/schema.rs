//! The journal's schema: its migrations, and which of them a database has.

use sqlx::{AnyPool, migrate::Migrator};

pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The version of the journal's schema, the number of its last migration: the same for both databases.
#[must_use]
pub fn schema_version() -> i64 {
    SQLITE.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// The schema in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schema {
    Current,
    Older,
    Newer,
    /// None of ours.
    Other,
}

impl Schema {
    pub(super) async fn of(pool: &AnyPool, migrations: &Migrator) -> Self {
        let head = sqlx::query("SELECT last FROM journal_head WHERE one = 1").fetch_optional(pool).await;
        let applied = sqlx::query_as("SELECT version FROM _sqlx_migrations WHERE success ORDER BY version");
        let applied: Result<Vec<(i64,)>, _> = applied.fetch_all(pool).await;
        let (Ok(Some(_)), Ok(applied)) = (head, applied) else { return Self::Other };
        let known: Vec<_> = migrations.iter().map(|migration| migration.version).collect();
        if applied.iter().any(|(version,)| !known.contains(version)) {
            return Self::Newer;
        }
        if known.iter().all(|version| applied.contains(&(*version,))) { Self::Current } else { Self::Older }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_last_migration() {
        let last = |migrations: &Migrator| migrations.iter().map(|migration| migration.version).max();
        assert_eq!(last(&SQLITE), last(&POSTGRES));
    }
}
