//! Users of an account: those that it created, and those that it was the first to have a desktop for. The directory knows no
//! accounts.

use std::collections::HashSet;

use shared::{
    Action,
    actions::{CreateDesktop, CreateUser},
    ids::OwnerId,
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    Journal, JournalError,
    user_writes::{UserWrite, UserWriteRow, legible},
};
use crate::Accounts;

/// Writes of an account that are compared with the directory at a time.
const MOST_UNKNOWN: u32 = 500;

/// A name without regard to case: the directory does not distinguish names by it. Only letters that every database folds alike.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// The users of an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnUsers {
    /// Their names, without regard to case.
    names: HashSet<String>,
    /// Writes of which it is not known whether they have created a user.
    pub(crate) unknown: Vec<UserWrite>,
}

impl OwnUsers {
    /// Whether a user of this name is among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(&folded(name))
    }
}

impl Journal {
    /// The accounts' users. `None` where all users are everybody's.
    pub(crate) async fn users(&self, accounts: &Accounts) -> Result<Option<OwnUsers>, JournalError> {
        let Accounts::One(account) = accounts else { return Ok(None) };
        let (of_account, of_another) = conditions(account.as_ref());
        // Only what was carried out gives an account a user, and only if no other account has that user by then: placing an
        // order for a name that another account created or holds a desktop for must not open that user to whoever knows it.
        let (bought, created) = (CreateDesktop::NAME, CreateUser::NAME);
        let of_others = format!(
            "SELECT lower(user_name) FROM user_writes WHERE {of_another} AND action = '{created}' AND state = 'done' AND \
             user_name IS NOT NULL"
        );
        let placed = format!("action = '{bought}' AND state = 'placed' AND user_name IS NOT NULL");
        let statement = format!(
            "SELECT name FROM (SELECT lower(user_name) AS name, MIN(seq) AS since FROM orders WHERE {of_account} AND {placed} \
             GROUP BY lower(user_name)) AS held WHERE name NOT IN ({of_others}) AND NOT EXISTS (SELECT 1 FROM orders WHERE \
             lower(user_name) = name AND {placed} AND {of_another} AND seq < since) UNION SELECT user_name FROM user_writes \
             WHERE {of_account} AND action = '{created}' AND state = 'done' AND user_name IS NOT NULL"
        );
        let query = sqlx::query_as(AssertSqlSafe(statement)).bind(text(account.as_ref()));
        let turn = self.database.read_turn().await?;
        let rows: Vec<(String,)> = query.fetch_all(self.pool()).await?;
        let statement = format!(
            "SELECT id, action, region, request, created_at FROM user_writes WHERE {of_account} AND state = 'unknown' AND \
             action = '{created}' AND lower(user_name) NOT IN ({of_others}) ORDER BY created_at DESC LIMIT {MOST_UNKNOWN}"
        );
        let unknown: Vec<UserWriteRow> =
            sqlx::query_as(AssertSqlSafe(statement)).bind(text(account.as_ref())).fetch_all(self.pool()).await?;
        drop(turn);
        let names = rows.into_iter().map(|(name,)| folded(&name)).collect();
        Ok(Some(OwnUsers { names, unknown: legible(unknown) }))
    }

    /// Whether a name cannot be created now: somebody is at it, or another account has created it or holds a desktop for it.
    pub(super) async fn is_taken(
        connection: &mut AnyConnection,
        name: &str,
        accounts: &Accounts,
    ) -> Result<bool, JournalError> {
        let created = CreateUser::NAME;
        let at_it = format!(
            "SELECT 1 FROM user_writes WHERE lower(user_name) = lower($1) AND action = '{created}' AND state = 'sending' LIMIT 1"
        );
        let query = sqlx::query(AssertSqlSafe(at_it)).bind(name.to_owned());
        if query.fetch_optional(&mut *connection).await?.is_some() {
            return Ok(true);
        }
        let Accounts::One(account) = accounts else { return Ok(false) };
        let (_, of_another) = conditions(account.as_ref());
        let of_another = if account.is_some() { of_another } else { "(account IS NOT NULL AND $1 IS NULL)" };
        let statement = format!(
            "SELECT 1 FROM user_writes WHERE {of_another} AND lower(user_name) = lower($2) AND action = '{created}' AND state = 'done' \
             LIMIT 1"
        );
        let query = sqlx::query(AssertSqlSafe(statement)).bind(text(account.as_ref())).bind(name.to_owned());
        if query.fetch_optional(&mut *connection).await?.is_some() {
            return Ok(true);
        }
        let statement = format!(
            "SELECT 1 FROM orders WHERE {of_another} AND lower(user_name) = lower($2) AND action = '{}' AND state = 'placed' LIMIT 1",
            CreateDesktop::NAME
        );
        let query = sqlx::query(AssertSqlSafe(statement)).bind(text(account.as_ref())).bind(name.to_owned());
        Ok(query.fetch_optional(&mut *connection).await?.is_some())
    }
}

/// SQL: of this account, and of another one.
fn conditions(account: Option<&OwnerId>) -> (&'static str, &'static str) {
    match account {
        Some(_) => ("account = $1", "(account <> $1 OR account IS NULL)"),
        None => ("account IS NULL AND $1 IS NULL", "account IS NOT NULL"),
    }
}

fn text(account: Option<&OwnerId>) -> Option<String> {
    account.map(|id| id.as_str().to_owned())
}
