//! The words in which SQLite and PostgreSQL differ.

use sqlx::AssertSqlSafe;

use super::Database;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Database {
    /// A statement in which `{now}` is the database's time in milliseconds, the one clock that all proxies share.
    pub(in super::super) fn timed(&self, statement: &str) -> AssertSqlSafe<String> {
        let now = match self.dialect {
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            Dialect::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        };
        AssertSqlSafe(statement.replace("{now}", now))
    }

    /// A table that is read by this index: SQLite has no numbers by which it could choose.
    pub(in super::super) fn by_index(&self, table: &str, index: &str) -> String {
        if self.is_file() { format!("{table} INDEXED BY {index}") } else { table.to_owned() }
    }

    /// A text member of a column that has an object as JSON.
    pub(in super::super) fn member(&self, column: &str, name: &str) -> String {
        if self.is_file() {
            format!("({column} ->> '{name}')")
        } else {
            format!("(CAST({column} AS json) ->> '{name}')")
        }
    }

    /// The end of a statement that chooses rows to change: what another proxy is at is left out.
    pub(in super::super) fn for_update(&self) -> &'static str {
        if self.is_file() { "" } else { " FOR UPDATE SKIP LOCKED" }
    }
}
