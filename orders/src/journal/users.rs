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
        let of_account = if account.is_some() { "account = $1" } else { "account IS NULL AND $1 IS NULL" };
        let of_another = if account.is_some() { "(account <> $1 OR account IS NULL)" } else { "account IS NOT NULL" };
        // Only what was carried out gives an account a user: an order for a name that another account created must not, or
        // placing one would open that user to whoever knows the name.
        let (bought, created) = (CreateDesktop::NAME, CreateUser::NAME);
        let statement = format!(
            "SELECT user_name FROM orders WHERE {of_account} AND action = '{bought}' AND state = 'placed' AND user_name IS \
             NOT NULL AND user_name NOT IN (SELECT user_name FROM user_writes WHERE {of_another} AND action = '{created}' \
             AND state = 'done' AND user_name IS NOT NULL) UNION SELECT user_name FROM user_writes WHERE {of_account} AND \
             action = '{created}' AND state = 'done' AND user_name IS NOT NULL"
        );
        let query =
            sqlx::query_as(AssertSqlSafe(statement)).bind(account.as_ref().map(|id| OwnerId::as_str(id).to_owned()));
        let turn = self.database.read_turn().await?;
        let rows: Vec<(String,)> = query.fetch_all(self.pool()).await?;
        drop(turn);
        Ok(Some(rows.into_iter().map(|(name,)| name).collect()))
    }
}
