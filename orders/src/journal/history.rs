//! The history: one line for each event of an order, numbered through for the whole journal. A stream of changes can
//! resume after any of these numbers.

use serde::Serialize;
use shared::{
    Code, Problem,
    ids::ClientToken,
    order::{HistoryEntry, HistoryEvent, Order, OrderState},
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    COLUMNS, Journal, JournalError, OrderRow,
    database::Database,
    rows_of_json::{self, Column},
};
use crate::Accounts;

/// The number of a line of the history.
pub type Position = i64;

/// What a line has in its row.
const NEW: &[Column] = &[
    ("id", "BIGINT"),
    ("token", "TEXT"),
    ("at", "BIGINT"),
    ("event", "TEXT"),
    ("state", "TEXT"),
    ("attempt", "BIGINT"),
    ("code", "TEXT"),
    ("upstream_request_id", "TEXT"),
    ("note", "TEXT"),
    ("decided_by", "TEXT"),
];

/// The row as the database reads it, with a member for each of [`NEW`].
#[derive(Serialize)]
struct Written<'a> {
    id: Position,
    token: &'a str,
    at: i64,
    event: &'a str,
    state: &'a str,
    attempt: u32,
    code: Option<&'a str>,
    upstream_request_id: Option<&'a str>,
    note: Option<&'a str>,
    decided_by: Option<&'a str>,
}

/// A line to be inserted.
pub(super) struct HistoryLine<'a> {
    pub(super) token: &'a ClientToken,
    pub(super) at: i64,
    pub(super) event: HistoryEvent,
    pub(super) state: OrderState,
    pub(super) attempt: u32,
    pub(super) code: Option<Code>,
    pub(super) upstream_request_id: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    /// Who decided.
    pub(super) by: Option<&'a str>,
}

impl<'a> HistoryLine<'a> {
    /// A line about an order as it stands. The event is [`HistoryEvent::Accepted`] until the caller sets another.
    pub(super) fn of(order: &'a Order) -> Self {
        Self {
            token: &order.token,
            at: order.updated_at,
            event: HistoryEvent::Accepted,
            state: order.state,
            attempt: order.attempts,
            // An attempt that is about to be made has no code yet: [`Self::insert`] leaves it out.
            code: order.problem.as_ref().map(|problem: &Problem| problem.code),
            upstream_request_id: None,
            note: None,
            by: None,
        }
    }

    /// Inserts new lines, each under its number.
    pub(super) async fn insert_all(
        database: &Database,
        connection: &mut AnyConnection,
        lines: &[(HistoryLine<'_>, Position)],
    ) -> Result<(), JournalError> {
        if lines.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = lines.iter().map(HistoryLine::written).collect();
        let (names, table) = (rows_of_json::names(NEW), database.table_of(NEW));
        let statement = format!("INSERT INTO history ({names}) SELECT {names} FROM {table}");
        sqlx::query(AssertSqlSafe(statement)).bind(rows_of_json::written(&rows)?).execute(connection).await?;
        Ok(())
    }

    fn written((line, id): &(Self, Position)) -> Written<'_> {
        Written {
            id: *id,
            token: line.token.as_str(),
            at: line.at,
            event: line.event.as_str(),
            state: line.state.as_str(),
            attempt: line.attempt,
            code: line.code.filter(|_| line.event != HistoryEvent::Sent).map(Code::as_str),
            upstream_request_id: line.upstream_request_id,
            note: line.note,
            decided_by: line.by,
        }
    }

    pub(super) async fn insert(
        self,
        database: &Database,
        connection: &mut AnyConnection,
        number: Position,
    ) -> Result<(), JournalError> {
        Self::insert_all(database, connection, &[(self, number)]).await
    }
}

/// Reserves the next numbers of the history and returns the last of them. Locks the counter until the transaction ends,
/// so it comes as late in it as possible.
pub(super) async fn take_numbers(connection: &mut AnyConnection, count: i64) -> Result<Position, JournalError> {
    Ok(sqlx::query_scalar("UPDATE journal_head SET last = last + $1 WHERE one = 1 RETURNING last")
        .bind(count)
        .fetch_one(connection)
        .await?)
}

impl Journal {
    /// The events of an order, oldest first.
    pub async fn history(&self, token: &ClientToken) -> Result<Vec<HistoryEntry>, JournalError> {
        #[derive(sqlx::FromRow)]
        struct Written {
            at: i64,
            event: String,
            state: String,
            attempt: i64,
            code: Option<String>,
            upstream_request_id: Option<String>,
            note: Option<String>,
            decided_by: Option<String>,
        }
        let rows: Vec<Written> = sqlx::query_as(
            "SELECT at, event, state, attempt, code, upstream_request_id, note, decided_by FROM history WHERE token = $1 \
             ORDER BY id",
        )
        .bind(token.as_str())
        .fetch_all(self.pool())
        .await?;
        let corrupt = |what| JournalError::Corrupt { token: token.to_string(), what };
        let entry = |row: Written| {
            Ok(HistoryEntry {
                at: row.at,
                event: row.event.parse().map_err(|()| corrupt("an event of its history"))?,
                state: row.state.parse().map_err(|()| corrupt("a state of its history"))?,
                attempt: row.attempt.try_into().map_err(|_| corrupt("an attempt of its history"))?,
                code: row.code.map(|code| code.parse().unwrap_or(Code::Internal)),
                upstream_request_id: row.upstream_request_id,
                note: row.note,
                by: row.decided_by,
            })
        };
        rows.into_iter().map(entry).collect()
    }

    /// The number of the last line.
    pub async fn position(&self) -> Result<Position, JournalError> {
        Ok(sqlx::query_scalar("SELECT last FROM journal_head WHERE one = 1").fetch_one(self.pool()).await?)
    }

    /// Changed orders of the accounts after `position`, each once and as it stands, with the number of its last line
    /// among the first `limit` lines. Also returns the position to continue from, which includes lines about other
    /// accounts.
    pub async fn changes(
        &self,
        position: Position,
        accounts: &Accounts,
        limit: u32,
    ) -> Result<(Vec<(Position, Order)>, Position), JournalError> {
        #[derive(sqlx::FromRow)]
        struct Changed {
            id: i64,
            #[sqlx(flatten)]
            row: OrderRow,
        }
        let statement = format!(
            "SELECT changed.id, {COLUMNS} FROM (SELECT MAX(id) AS id, token AS its FROM \
             (SELECT id, token FROM history WHERE id > $1 ORDER BY id LIMIT $2) AS page GROUP BY token) AS changed \
             JOIN orders ON orders.token = changed.its ORDER BY changed.id"
        );
        let rows: Vec<Changed> = sqlx::query_as(AssertSqlSafe(statement))
            .bind(position)
            .bind(i64::from(limit))
            .fetch_all(self.pool())
            .await?;
        // Before the filters: otherwise a watcher would not get past many changes of other accounts.
        let position = rows.last().map_or(position, |changed| changed.id);
        let read = |Changed { id, row }| Some((id, row.legible()?.order));
        let mut changes: Vec<_> = rows.into_iter().filter_map(read).collect();
        changes.retain(|(_, order)| accounts.holds(order));
        Ok((changes, position))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{rows_of_json::tests::check_members, tests::order};

    #[test]
    fn a_line_has_what_its_row_has() {
        let order = super::super::accept::new_order(&order("t-1", "a"), None, 1);
        check_members(NEW, &HistoryLine::written(&(HistoryLine::of(&order), 1)));
    }
}
