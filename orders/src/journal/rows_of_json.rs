//! Many rows in one statement: they are one value, a JSON text, which both databases read as a table. So a statement is
//! prepared once, however many rows it has.

use serde::Serialize;

use super::{JournalError, database::Database};

/// A column: its name, which is the member of each row, and its type in PostgreSQL.
pub(super) type Column = (&'static str, &'static str);

impl Database {
    /// The rows in the first value of a statement as a table that is called `new`.
    pub(super) fn table_of(&self, columns: &[Column]) -> String {
        if self.is_file() {
            let members: Vec<_> = columns.iter().map(|(name, _)| format!("value ->> '$.{name}' AS {name}")).collect();
            format!("(SELECT {} FROM json_each($1)) AS new", members.join(", "))
        } else {
            let typed: Vec<_> = columns.iter().map(|(name, kind)| format!("{name} {kind}")).collect();
            format!("json_to_recordset(CAST($1 AS json)) AS new ({})", typed.join(", "))
        }
    }
}

/// The names of the columns.
pub(super) fn names(columns: &[Column]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// The rows as the value of a statement.
pub(super) fn written(rows: &[impl Serialize]) -> Result<String, JournalError> {
    Ok(serde_json::to_string(rows).map_err(|error| sqlx::Error::Encode(error.into()))?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Checks that a row has a member for each column and no other: a missing one would be NULL, in silence.
    pub(in super::super) fn check_members(columns: &[Column], row: &impl Serialize) {
        let row = serde_json::to_value(row).unwrap();
        let members: std::collections::BTreeSet<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, columns.iter().map(|(name, _)| *name).collect());
    }
}
