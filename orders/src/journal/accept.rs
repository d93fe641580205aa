//! Accepts orders into the journal: all or none, and each token once, however often it is requested.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use shared::{
    ids::ClientToken,
    order::{NewOrder, Operation, Order, OrderState},
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    COLUMNS, Entry, Journal, JournalError, OrderRow,
    daily_limits::{check_limits, units},
    history::{HistoryLine, Position, take_numbers},
    list::Conditions,
    millis, row,
};
use crate::{Accounts, Principal};

/// Why orders are not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The token of one order stands for another order.
    #[error("the token of operation {index} was used for another order")]
    TokenReused {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// The desktop of one order was not bought here for the principal's account.
    #[error("the desktop of operation {index} is not one of this account")]
    NoSuchDesktop {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// A daily limit of this principal.
    #[error("{wanted} more {what} are beyond the {limit} of a day, of which {left} are left")]
    DailyLimit {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: u32,
        /// How many are left.
        left: u32,
        /// How many were requested.
        wanted: u32,
    },
    /// The journal failed, and nothing is on disk.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The connection was lost during the commit, so it is unknown whether the orders are on disk.
    #[error("whether the orders are on disk is not known: {0}")]
    Unknown(sqlx::Error),
}

/// The distance between the turns of two orders of one batch, in milliseconds: other orders get their turn in between.
const TURN_DISTANCE: i64 = 1_000;
impl Journal {
    /// Records orders, all or none, under this proxy's lease. Returns each order with whether it is new; a known order
    /// is returned as it stands.
    pub(crate) async fn accept(
        &self,
        orders: &[NewOrder],
        principal: &Principal,
    ) -> Result<Vec<(Order, bool)>, AcceptError> {
        // Most repeated requests contain known orders only. Answering those needs no write transaction.
        let known = self.known(&mut *self.pool().acquire().await.map_err(JournalError::from)?, orders).await?;
        if known.len() == orders.iter().map(|order| &order.token).collect::<HashSet<_>>().len() {
            return orders.iter().enumerate().map(|(index, order)| same(&known, index, order, principal)).collect();
        }

        let now = Timestamp::now().as_millisecond();
        let mut transaction = self.database.begin().await?;
        // The history numbers first: the row that hands them out is locked until the commit, so no other proxy adds
        // orders meanwhile, and no deadlock is possible. Numbers that known orders leave unused are a harmless gap.
        let count = i64::try_from(orders.len()).unwrap_or_default();
        let first = take_numbers(&mut transaction, count).await? - count + 1;
        let mut known = self.known(&mut transaction, orders).await?;
        // No other proxy can add orders now, so the count stays correct.
        check_limits(&mut transaction, orders, &known, principal, now).await?;
        let mut accepted = Vec::with_capacity(orders.len());
        for (index, new) in orders.iter().enumerate() {
            if known.contains_key(&new.token) {
                accepted.push(same(&known, index, new, principal)?);
                continue;
            }
            Self::check_desktop(&mut transaction, index, new, principal).await?;
            let place = i64::try_from(index).unwrap_or_default();
            let order = new_order(new, principal.name.as_deref(), now);
            let units = units(&new.operation);
            self.insert(
                &mut transaction,
                &order,
                principal.id.as_deref(),
                units,
                first + place,
                now + TURN_DISTANCE * place,
            )
            .await?;
            HistoryLine::of(&order).insert(&mut transaction, first + place).await?;
            known.insert(new.token.clone(), (new.clone(), order.clone()));
            accepted.push((order, true));
        }
        match transaction.commit().await {
            Ok(()) => Ok(accepted),
            Err(error) => self.after_failed_commit(accepted, error).await,
        }
    }

    /// With one account per principal, checks that the desktop to renew or release was bought here for the same
    /// account. The cloud cannot check it, because it sees one key for all accounts.
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

    /// A commit that fails may have been carried out all the same. "Not sent" must not be the answer for an order that
    /// some proxy will take over and send.
    async fn after_failed_commit(
        &self,
        accepted: Vec<(Order, bool)>,
        error: sqlx::Error,
    ) -> Result<Vec<(Order, bool)>, AcceptError> {
        let Some((order, _)) = accepted.iter().find(|(_, is_new)| *is_new) else { return Ok(accepted) };
        match self.order(&order.token).await {
            Ok(Some(_)) => Ok(accepted),
            // SQLite: an order that is not there now will not appear. PostgreSQL may still be committing it.
            Ok(None) if self.database.is_file() => Err(JournalError::from(error).into()),
            Ok(None) | Err(_) => Err(AcceptError::Unknown(error)),
        }
    }

    /// Those of the orders that the journal has, by their tokens.
    async fn known(&self, connection: &mut AnyConnection, orders: &[NewOrder]) -> Result<Known, JournalError> {
        let mut conditions = Conditions::default();
        conditions.any_of("token", orders.iter().map(|order| order.token.as_str()));
        let statement = format!("SELECT {COLUMNS} FROM orders WHERE {}", conditions.all());
        let rows: Vec<OrderRow> =
            conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_all(connection).await?;
        let known = |row: OrderRow| {
            let Entry { order, new, .. } = row.into_entry()?;
            Ok((new.token.clone(), (new, order)))
        };
        rows.into_iter().map(known).collect()
    }

    /// Inserts a new order.
    async fn insert(
        &self,
        connection: &mut AnyConnection,
        order: &Order,
        buyer_id: Option<&str>,
        units: u32,
        seq: Position,
        turn: i64,
    ) -> Result<(), JournalError> {
        let request = serde_json::to_string(&order.request);
        let request = request.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let statement = self.database.timed(
            "INSERT INTO orders (token, action, region, request, buyer, state, in_doubt, attempts, created_at, \
             updated_at, seq, turn, user_name, target, search, owner, lease_until, buyer_id, units) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13, $14, $15, {now} + $16, $17, $18)",
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
            .bind(buyer_id.map(str::to_owned))
            .bind(i64::from(units))
            .execute(connection)
            .await?;
        Ok(())
    }
}

fn new_order(new: &NewOrder, requested_by: Option<&str>, now: i64) -> Order {
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

/// Known orders by their tokens: as requested, and as they stand.
pub(super) type Known = HashMap<ClientToken, (NewOrder, Order)>;

/// Returns a known order as it stands if its content is the same. For an order of another account the error says only
/// that the token is used, whatever the content is.
fn same(known: &Known, index: usize, order: &NewOrder, principal: &Principal) -> Result<(Order, bool), AcceptError> {
    match known.get(&order.token) {
        Some((new, shown)) if principal.accounts.holds(shown) && is_same(new, order) => Ok((shown.clone(), false)),
        _ => Err(AcceptError::TokenReused { index }),
    }
}

/// Whether two orders have the same content. The account is not part of it: the proxy sets it, and the setting may have
/// changed since.
fn is_same(known: &NewOrder, order: &NewOrder) -> bool {
    let content = |order: &NewOrder| {
        let mut members = order.to_object();
        members.remove("OwnerId");
        members
    };
    content(known) == content(order)
}
