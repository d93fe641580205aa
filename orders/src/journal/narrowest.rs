//! Which filter of a list leaves the fewest rows. SQLite has no numbers that tell how often a value is there, and those of
//! PostgreSQL are old; an index of a value that nearly all rows have is read in vain. So each is counted in its own index, no
//! further than the fewest so far.

use shared::{Action, actions::CreateDesktop, order::OrderState};
use sqlx::AssertSqlSafe;

use super::{
    Journal, JournalError,
    conditions::{Conditions, FEW},
    filter::{BOUGHT, Filter},
};
use crate::Accounts;

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Orders,
    Desktops,
}

/// How the rows of a list are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Narrowest {
    /// By a filter, which leaves few.
    Few,
    /// Each of the filters leaves many, so that rows which fit are soon met in any order.
    Many,
    /// There are none.
    Nothing,
}

impl Journal {
    /// Has the rows be found by the filter that leaves the fewest, if there is one that leaves few. What the others leave of
    /// those is looked at row by row, and so is a search.
    pub(super) async fn by_narrowest(
        &self,
        conditions: &mut Conditions,
        filter: &Filter,
        of: Of,
    ) -> Result<Narrowest, JournalError> {
        let is_sqlite = self.database.is_file();
        let _turn = self.database.read_turn().await?;
        let mut fewest = FEW + 1;
        let mut by = None;
        if of == Of::Orders && !filter.states.is_empty() {
            let number = number_of(&self.counts().await?, &filter.states);
            if number < fewest {
                (fewest, by) = (number, Some("orders_state"));
            }
        }
        for (index, counted) in indexed(filter, of) {
            let number = self.counted(&self.database.by_index("orders", index), counted, fewest).await?;
            if number < fewest {
                (fewest, by) = (number, Some(index));
            }
        }
        if is_sqlite && !conditions.find_search(&self.database).await? {
            return Ok(Narrowest::Nothing);
        }
        let Some(index) = by else {
            for (place, search) in conditions.searches(&filter.searched(), is_sqlite).into_iter().enumerate() {
                let mut is_few = true;
                for (table, counted, most) in search {
                    is_few = is_few && self.counted(&table, counted, most).await? < most;
                }
                if is_few {
                    // The indexes of searches find them.
                    conditions.find_by_search(place);
                    return Ok(Narrowest::Few);
                }
            }
            return Ok(Narrowest::Many);
        };
        if is_sqlite {
            conditions.few_by(Some(index));
        } else {
            // PostgreSQL has indexes of its own choice, of which that of the list's order is a bad one.
            conditions.sorted_by(index);
            conditions.search_row_by_row();
        }
        Ok(Narrowest::Few)
    }

    /// How many rows there are, counted up to a number.
    async fn counted(&self, table: &str, conditions: Conditions, most: i64) -> Result<i64, JournalError> {
        let statement =
            format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {} LIMIT {most}) AS found", conditions.all());
        let (number,): (i64,) =
            conditions.bind_planned(sqlx::query_as(AssertSqlSafe(statement))).fetch_one(self.pool()).await?;
        Ok(number)
    }
}

/// How many orders are in these states.
fn number_of(counts: &[(OrderState, i64)], states: &[OrderState]) -> i64 {
    counts.iter().filter(|(state, _)| states.contains(state)).map(|(_, number)| number).sum()
}

/// The filters that have an index, each with it.
fn indexed(filter: &Filter, of: Of) -> Vec<(&'static str, Conditions)> {
    let mut found = Vec::new();
    let mut add = |index, set: &dyn Fn(&mut Conditions)| {
        let mut conditions = Conditions::default();
        set(&mut conditions);
        found.push((index, conditions));
    };
    if filter.accounts != Accounts::All {
        add("orders_account", &|conditions| conditions.accounts(&filter.accounts));
    }
    if let Some(account) = &filter.account {
        add("orders_account", &|conditions| conditions.text("account = ?", account.as_str()));
    }
    if let Some(user) = &filter.user {
        add("orders_user", &|conditions| conditions.text("user_name = ?", user.as_str()));
    }
    if let Some(region) = &filter.region {
        add("orders_region", &|conditions| conditions.text("region = ?", region.as_str()));
    }
    if let Some(action) = filter.action.as_deref().filter(|action| *action != CreateDesktop::NAME) {
        add("orders_action", &|conditions| conditions.text("action = ?", action));
    }
    let bounds = |conditions: &mut Conditions, column: &str, since: Option<i64>, before: Option<i64>| {
        for (beyond, bound) in [(">=", since), ("<", before)] {
            if let Some(bound) = bound {
                conditions.number(&format!("{column} {beyond} ?"), bound);
            }
        }
    };
    if filter.since.is_some() || filter.until.is_some() {
        add("orders_created", &|conditions| bounds(conditions, "created_at", filter.since, filter.until));
    }
    if of == Of::Orders {
        return found;
    }
    if let Some(type_item) = &filter.type_item {
        add("orders_types", &|conditions| {
            conditions.plain(BOUGHT);
            conditions.text("type_item = ?", type_item.as_str());
        });
    }
    if filter.valid_since.is_some() || filter.valid_before.is_some() {
        add("orders_ends", &|conditions| {
            conditions.plain(BOUGHT);
            conditions.plain("released = FALSE");
            bounds(conditions, "valid_until", filter.valid_since, filter.valid_before);
        });
    }
    if filter.of_released() == Some(true) {
        add("orders_desktops", &|conditions| {
            conditions.plain(BOUGHT);
            conditions.plain("released = TRUE");
        });
    }
    found
}
