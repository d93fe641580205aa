//! Taking orders into the journal: all of them or none, and each once however often it is asked for.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use shared::{
    Action,
    actions::CreateDesktop,
    ids::ClientToken,
    order::{NewOrder, Operation, Order, OrderState},
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    COLUMNS, Entry, Journal, JournalError, Row,
    history::{Line, Position, take_numbers},
    list::Conditions,
    millis, row,
};
use crate::{Accounts, Principal};

/// Orders that are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The token of one stands for another order.
    #[error("the token of operation {index} was used for another order")]
    TokenReused {
        /// Which one of those that were asked for, from 0.
        index: usize,
    },
    /// The desktop of one was not bought here for the account of who asks.
    #[error("the desktop of operation {index} is not one of this account")]
    NoSuchDesktop {
        /// Which one of those that were asked for, from 0.
        index: usize,
    },
    /// More desktops than this person may buy in a day.
    #[error("{wanted} more desktops are beyond the {limit} of a day, of which {left} are left")]
    DailyLimit {
        /// How many there are in a day.
        limit: u32,
        /// How many of them are left.
        left: u32,
        /// How many were asked for.
        wanted: u32,
    },
    /// Nothing is on disk.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The connection was lost while the orders were being written for good, and it cannot be told what became of them.
    #[error("whether the orders are on disk is not known: {0}")]
    Unknown(sqlx::Error),
}

/// By how much an order's turn comes later for each one that stands before it among those that were asked for together.
const STEP: i64 = 1_000;
/// The time in which a person's desktops are counted, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

impl Journal {
    /// Writes orders down, all or none, as this proxy's to drive. Each comes back with whether it is new; one that is
    /// not is as it stands.
    pub(crate) async fn accept(
        &self,
        orders: &[NewOrder],
        principal: &Principal,
    ) -> Result<Vec<(Order, bool)>, AcceptError> {
        // Most that come again find all they ask for, and that takes no turn to write.
        let known = self.known(&mut *self.pool().acquire().await.map_err(JournalError::from)?, orders).await?;
        if known.len() == orders.iter().map(|order| &order.token).collect::<HashSet<_>>().len() {
            return orders.iter().enumerate().map(|(index, order)| same(&known, index, order, principal)).collect();
        }

        let now = Timestamp::now().as_millisecond();
        let mut transaction = self.database.begin().await?;
        // The numbers first: whoever has them is the only one who adds orders until it commits. That leaves nothing to
        // wait for crosswise. Numbers that a known order leaves unused are missed by nobody.
        let count = i64::try_from(orders.len()).unwrap_or_default();
        let first = take_numbers(&mut transaction, count).await? - count + 1;
        let mut known = self.known(&mut transaction, orders).await?;
        // Nobody else adds orders now, so what is counted stays true.
        Self::check_limit(&mut transaction, orders, &known, principal, now).await?;
        let mut accepted = Vec::with_capacity(orders.len());
        for (index, new) in orders.iter().enumerate() {
            if known.contains_key(&new.token) {
                accepted.push(same(&known, index, new, principal)?);
                continue;
            }
            Self::check_desktop(&mut transaction, index, new, principal).await?;
            let place = i64::try_from(index).unwrap_or_default();
            let order = shown(new, principal.name.as_deref(), now);
            self.insert(&mut transaction, &order, first + place, now + STEP * place).await?;
            Line::of(&order).insert(&mut transaction, first + place).await?;
            known.insert(new.token.clone(), (new.clone(), order.clone()));
            accepted.push((order, true));
        }
        match transaction.commit().await {
            Ok(()) => Ok(accepted),
            Err(error) => self.after_failed_commit(accepted, error).await,
        }
    }

    /// Whether a person may buy all of these desktops today. What was refused cost nothing and does not count; what is
    /// in doubt does.
    async fn check_limit(
        connection: &mut AnyConnection,
        orders: &[NewOrder],
        known: &Known,
        principal: &Principal,
        now: i64,
    ) -> Result<(), AcceptError> {
        let (Some(limit), Some(name)) = (principal.daily_limit, &principal.name) else { return Ok(()) };
        let new = orders.iter().filter(|order| !known.contains_key(&order.token));
        let tokens: HashSet<_> =
            new.filter(|order| matches!(order.operation, Operation::Create(_))).map(|order| &order.token).collect();
        if tokens.is_empty() {
            return Ok(());
        }
        let bought: (i64,) = sqlx::query_as(
            "SELECT COUNT(*) FROM orders WHERE buyer = $1 AND created_at > $2 AND action = $3 AND state <> 'rejected'",
        )
        .bind(name.as_str())
        .bind(now - DAY)
        .bind(CreateDesktop::NAME)
        .fetch_one(connection)
        .await
        .map_err(JournalError::from)?;
        let left = limit.saturating_sub(u32::try_from(bought.0).unwrap_or(u32::MAX));
        let wanted = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
        if wanted > left { Err(AcceptError::DailyLimit { limit, left, wanted }) } else { Ok(()) }
    }

    /// Where people buy for different accounts, one renews and releases what was bought here for one's own. The cloud
    /// sees one key for all of them, so that nobody else would say no.
    async fn check_desktop(
        connection: &mut AnyConnection,
        index: usize,
        order: &NewOrder,
        principal: &Principal,
    ) -> Result<(), AcceptError> {
        let desktop = match &order.operation {
            Operation::Create(_) => return Ok(()),
            Operation::Renew(request) => &request.desktop_id,
            Operation::Delete(request) => &request.desktop_id,
        };
        let is_known = principal.accounts == Accounts::All
            || Self::has_desktop(connection, &order.region, desktop, &principal.accounts).await?;
        is_known.then_some(()).ok_or(AcceptError::NoSuchDesktop { index })
    }

    /// A commit that fails may have been carried out all the same. Nobody must hear "not sent" of an order that some
    /// proxy will take up and send.
    async fn after_failed_commit(
        &self,
        accepted: Vec<(Order, bool)>,
        error: sqlx::Error,
    ) -> Result<Vec<(Order, bool)>, AcceptError> {
        let Some((order, _)) = accepted.iter().find(|(_, is_new)| *is_new) else { return Ok(accepted) };
        match self.order(&order.token).await {
            Ok(Some(_)) => Ok(accepted),
            // With a file, what is not there now will not appear. A server may still be at it.
            Ok(None) if self.database.is_file() => Err(JournalError::from(error).into()),
            Ok(None) | Err(_) => Err(AcceptError::Unknown(error)),
        }
    }

    /// Those of the orders that are there, by their tokens.
    async fn known(&self, connection: &mut AnyConnection, orders: &[NewOrder]) -> Result<Known, JournalError> {
        let mut conditions = Conditions::default();
        conditions.any_of("token", orders.iter().map(|order| order.token.as_str()));
        let statement = format!("SELECT {COLUMNS} FROM orders WHERE {}", conditions.all());
        let rows: Vec<Row> = conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_all(connection).await?;
        let known = |row: Row| {
            let Entry { order, new, .. } = row.into_entry()?;
            Ok((new.token.clone(), (new, order)))
        };
        rows.into_iter().map(known).collect()
    }

    /// Writes a new order.
    async fn insert(
        &self,
        connection: &mut AnyConnection,
        order: &Order,
        seq: Position,
        turn: i64,
    ) -> Result<(), JournalError> {
        let request = serde_json::to_string(&order.request);
        let request = request.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let statement = self.database.timed(
            "INSERT INTO orders (token, action, region, request, buyer, state, in_doubt, attempts, created_at, \
             updated_at, seq, turn, user_name, target, search, owner, lease_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, $15, {now} + $16)",
        );
        sqlx::query(statement)
            .bind(order.token.as_str())
            .bind(order.action.as_str())
            .bind(order.region.as_str())
            .bind(request)
            .bind(order.requested_by.clone())
            .bind(order.state.as_str())
            .bind(false)
            .bind(0_i64)
            .bind(order.created_at)
            .bind(seq)
            .bind(turn)
            .bind(row::parameter(order, "UserName").map(str::to_owned))
            .bind(row::parameter(order, "DesktopId").map(str::to_owned))
            .bind(row::search(order))
            .bind(&*self.owner)
            .bind(millis(self.lease))
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn shown(new: &NewOrder, requested_by: Option<&str>, now: i64) -> Order {
    Order {
        token: new.token.clone(),
        action: new.operation.action().to_owned(),
        region: new.region.clone(),
        state: OrderState::Accepted,
        request: new.operation.parameters(),
        requested_by: requested_by.map(str::to_owned),
        order_id: None,
        desktop_id: None,
        upstream_request_id: None,
        problem: None,
        attempts: 0,
        created_at: now,
        updated_at: now,
        history: Vec::new(),
    }
}

/// Orders that are there, by their tokens: as they were asked for, and as they stand.
type Known = HashMap<ClientToken, (NewOrder, Order)>;

/// A known order as it stands, if it asks for the same. Of one that is another account's nobody learns more than that
/// the token is taken, whatever it is asked to stand for.
fn same(known: &Known, index: usize, order: &NewOrder, principal: &Principal) -> Result<(Order, bool), AcceptError> {
    match known.get(&order.token) {
        Some((new, shown)) if principal.accounts.holds(shown) && is_same(new, order) => Ok((shown.clone(), false)),
        _ => Err(AcceptError::TokenReused { index }),
    }
}

/// Whether two orders ask for the same. The account bought for is the proxy's affair and may have changed since.
fn is_same(known: &NewOrder, order: &NewOrder) -> bool {
    let content = |order: &NewOrder| {
        let mut members = order.to_object();
        members.remove("OwnerId");
        members
    };
    content(known) == content(order)
}
