//! Users of an account: those that it created, and those that it has a desktop for. The directory knows no accounts.

use std::collections::HashSet;

use shared::{
    Action,
    actions::{CreateDesktop, CreateUser},
    ids::OwnerId,
};
use sqlx::AssertSqlSafe;

use super::{Journal, JournalError};
use crate::Accounts;

impl Journal {
    /// The names of the accounts' users. `None` where all users are everybody's.
    pub async fn users(&self, accounts: &Accounts) -> Result<Option<HashSet<String>>, JournalError> {
        let Accounts::One(account) = accounts else { return Ok(None) };
        let (of_account, of_another) = conditions(account.as_ref());
        // Only what was carried out gives an account a user: an order for a name that another account created must not, or
        // placing one would open that user to whoever knows the name.
        let (bought, created) = (CreateDesktop::NAME, CreateUser::NAME);
        let statement = format!(
            "SELECT user_name FROM orders WHERE {of_account} AND action = '{bought}' AND state = 'placed' AND user_name IS \
             NOT NULL AND user_name NOT IN (SELECT user_name FROM user_writes WHERE {of_another} AND action = '{created}' \
             AND state = 'done' AND user_name IS NOT NULL) UNION SELECT user_name FROM user_writes WHERE {of_account} AND \
             action = '{created}' AND state = 'done' AND user_name IS NOT NULL"
        );
        let query = sqlx::query_as(AssertSqlSafe(statement)).bind(text(account.as_ref()));
        let turn = self.database.read_turn().await?;
        let rows: Vec<(String,)> = query.fetch_all(self.pool()).await?;
        drop(turn);
        Ok(Some(rows.into_iter().map(|(name,)| name).collect()))
    }

    /// Whether another account created a user of this name, or holds a desktop for one.
    pub(crate) async fn is_user_of_another(&self, name: &str, accounts: &Accounts) -> Result<bool, JournalError> {
        let Accounts::One(account) = accounts else { return Ok(false) };
        let (_, of_another) = conditions(account.as_ref());
        let of_another = if account.is_some() { of_another } else { "(account IS NOT NULL AND $1 IS NULL)" };
        let (bought, created) = (CreateDesktop::NAME, CreateUser::NAME);
        // By the index of users, and not by those of actions and states.
        let statement = format!(
            "SELECT 1 FROM orders WHERE {of_another} AND user_name = $2 AND (action || '') = '{bought}' AND (state || '') = \
             'placed' UNION ALL SELECT 1 FROM user_writes WHERE {of_another} AND user_name = $2 AND action = '{created}' \
             AND state = 'done' LIMIT 1"
        );
        let query = sqlx::query(AssertSqlSafe(statement)).bind(text(account.as_ref())).bind(name.to_owned());
        Ok(query.fetch_optional(self.pool()).await?.is_some())
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
