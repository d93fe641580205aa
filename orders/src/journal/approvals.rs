//! Decisions about orders that await approval. Each order is decided once, however many approvers decide, by however many
//! proxies: the row that hands out the numbers of the history is locked meanwhile, and the update is conditional.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use shared::{
    Code, Outcome, Problem,
    ids::ClientToken,
    order::{HistoryEvent, NewOrder, Order, OrderEvent, OrderState},
};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    COLUMNS, Entry, Journal, JournalError, OrderRow,
    conditions::Conditions,
    history::{HistoryLine, Position, take_numbers},
    origin, rows_of_json,
};
use crate::{Principal, account::Accounts};

/// The distance between the turns of two orders that are approved together, in milliseconds.
const TURN_DISTANCE: i64 = 1_000;
/// Orders that expire in one transaction.
const EXPIRED_BATCH: u32 = 200;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// One order is not there, or of another account.
    #[error("there is no order {index} of the request")]
    NotFound {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// One order is the approver's own.
    #[error("order {index} is the approver's own")]
    OwnOrder {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// One order does not await approval, or does not any more.
    #[error("order {index} does not await approval")]
    NotAwaiting {
        /// Its index in the request, from 0.
        index: usize,
    },
    /// The journal failed, and nothing is decided.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The connection was lost during the commit, so it is unknown whether it is decided.
    #[error("whether it is decided is not known: {0}")]
    Unknown(sqlx::Error),
}

impl From<sqlx::Error> for DecideError {
    fn from(error: sqlx::Error) -> Self {
        Self::Journal(error.into())
    }
}

/// An order after a decision.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) order: Order,
    /// Whether this decision counted, and not an earlier one.
    pub(crate) is_new: bool,
}

/// A decision, as it is written down.
struct Decision<'a> {
    event: OrderEvent,
    by: Option<&'a str>,
    note: Option<&'a str>,
}

impl Decision<'_> {
    /// The problem of an order that is not carried out.
    fn problem(&self) -> Option<Problem> {
        let code = match self.event {
            OrderEvent::Declined => Code::ApprovalDeclined,
            OrderEvent::Expired => Code::ApprovalExpired,
            _ => return None,
        };
        Some(Problem::new(code, Outcome::NotSent))
    }

    /// Whether an order was decided in the same way before.
    fn is_that_of(&self, entry: &Entry) -> bool {
        match self.event {
            OrderEvent::Approved => entry.is_approved,
            _ => entry.order.problem.as_ref().map(|problem| problem.code) == self.problem().map(|problem| problem.code),
        }
    }
}

impl Entry {
    /// The order as it is shown to somebody: an approver learns whether it may be decided.
    pub(crate) fn shown_to(self, approver: Option<&str>) -> Order {
        let is_others = |id: &str| self.buyer_id.as_deref() != Some(id);
        let decidable = self.order.state == OrderState::AwaitingApproval && approver.is_some_and(is_others);
        Order { decidable, ..self.order }
    }
}

impl Journal {
    /// Approves or declines orders, all of them or none. Those that were decided in the same way before are returned as they
    /// stand.
    pub(crate) async fn decide(
        &self,
        tokens: &[ClientToken],
        event: OrderEvent,
        approver: &Principal,
        note: Option<&str>,
    ) -> Result<Vec<Decided>, DecideError> {
        let decision = Decision { event, by: approver.name.as_deref(), note };
        let mut transaction = self.database.begin().await?;
        let count = i64::try_from(tokens.len()).unwrap_or_default();
        let first = take_numbers(&mut transaction, count).await? - count + 1;
        let found = entries(&mut transaction, tokens).await?;
        let now = self.now();
        let mut decided = Vec::with_capacity(tokens.len());
        let (mut open, mut seen) = (Vec::new(), HashSet::new());
        for (index, token) in tokens.iter().enumerate() {
            let entry = found.get(token).filter(|entry| approver.accounts.holds(&entry.order));
            let entry = entry.ok_or(DecideError::NotFound { index })?;
            if approver.id.is_none() || entry.buyer_id == approver.id {
                return Err(DecideError::OwnOrder { index });
            }
            let is_open = entry.order.state == OrderState::AwaitingApproval
                && entry.order.approve_until.is_none_or(|until| until > now);
            // An order that is there twice is one.
            let is_new = is_open && seen.insert(token);
            if is_new {
                open.push(entry.clone());
            } else if !is_open && !decision.is_that_of(entry) {
                return Err(DecideError::NotAwaiting { index });
            }
            decided.push(Decided { order: entry.order.clone(), is_new });
        }
        let changed = self.change(&mut transaction, open, &decision, now, first).await?;
        if changed.is_empty() {
            return Ok(decided);
        }
        // In a database that is behind, they may have been approved and sent before.
        if !origin::is_same(&self.database, &mut transaction).await? {
            drop(transaction);
            self.check_origin().await?;
            let token = tokens.first().cloned().ok_or(DecideError::NotFound { index: 0 })?;
            return Err(JournalError::Overtaken { token, expected: OrderState::AwaitingApproval }.into());
        }
        transaction.commit().await.map_err(DecideError::Unknown)?;
        for one in &mut decided {
            if let Some(order) = changed.get(&one.order.token) {
                one.order = order.clone();
            }
        }
        Ok(decided)
    }

    /// Ends orders about which nobody has decided in time. Returns them.
    pub(crate) async fn expire(&self) -> Result<Vec<Order>, JournalError> {
        let orders = self.database.by_index("orders", "orders_awaiting");
        let statement = format!(
            "SELECT token FROM {orders} WHERE state = 'awaiting_approval' AND approve_until <= {{now}} \
             ORDER BY approve_until LIMIT {EXPIRED_BATCH}"
        );
        let tokens: Vec<String> = sqlx::query_scalar(self.database.timed(&statement)).fetch_all(self.pool()).await?;
        let tokens: Vec<ClientToken> = tokens.into_iter().filter_map(|token| token.parse().ok()).collect();
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.database.begin().await?;
        let count = i64::try_from(tokens.len()).unwrap_or_default();
        let first = take_numbers(&mut transaction, count).await? - count + 1;
        let mut found = entries(&mut transaction, &tokens).await?;
        // Another proxy may have been faster.
        found.retain(|_, entry| entry.order.state == OrderState::AwaitingApproval);
        let decision = Decision { event: OrderEvent::Expired, by: None, note: None };
        let expired: Vec<_> = tokens.iter().filter_map(|token| found.remove(token)).collect();
        let changed = self.change(&mut transaction, expired, &decision, self.now(), first).await?;
        if !origin::is_same(&self.database, &mut transaction).await? {
            drop(transaction);
            self.check_origin().await?;
            return Ok(Vec::new());
        }
        transaction.commit().await?;
        Ok(changed.into_values().collect())
    }

    /// Whether an earlier try of one of these orders was not approved: another try does not get around that.
    pub(super) async fn were_held_back(
        connection: &mut AnyConnection,
        orders: &[NewOrder],
    ) -> Result<bool, JournalError> {
        let earlier: Vec<_> = orders.iter().flat_map(|order| order.token.earlier_tries()).collect();
        if earlier.is_empty() {
            return Ok(false);
        }
        let mut conditions = Conditions::default();
        conditions.any_of("token", earlier.iter().map(ClientToken::as_str));
        conditions.plain("approve_until IS NOT NULL AND approved_at IS NULL");
        let statement = format!("SELECT COUNT(*) FROM orders WHERE {}", conditions.all());
        let (held,): (i64,) = conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_one(connection).await?;
        Ok(held > 0)
    }

    /// How many orders wait for an approver of this identifier, who decides about no order of its own.
    pub(crate) async fn waiting(&self, accounts: &Accounts, approver: &str) -> Result<i64, JournalError> {
        let mut conditions = Conditions::default();
        conditions.plain("state = 'awaiting_approval'");
        conditions.of_accounts(accounts);
        conditions.text("(buyer_id IS NULL OR (buyer_id || '') <> ?)", approver);
        let orders = self.database.by_index("orders", "orders_awaiting");
        let statement = format!("SELECT COUNT(*) FROM {orders} WHERE {} AND approve_until > {{now}}", conditions.all());
        let (waiting,): (i64,) =
            conditions.bind(sqlx::query_as(self.database.timed(&statement))).fetch_one(self.pool()).await?;
        Ok(waiting)
    }

    /// Writes a decision down. Returns the orders as they stand then.
    async fn change(
        &self,
        connection: &mut AnyConnection,
        entries: Vec<Entry>,
        decision: &Decision<'_>,
        now: i64,
        first: Position,
    ) -> Result<HashMap<ClientToken, Order>, JournalError> {
        let problem = decision.problem();
        let text = problem.as_ref().map(serde_json::to_string).transpose();
        let text = text.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let approved_at = (decision.event == OrderEvent::Approved).then_some(now);
        // By the database's clock: that of this process may stand still while its machine sleeps.
        let in_time = if decision.event == OrderEvent::Expired { "<=" } else { ">" };
        let mut orders = Vec::with_capacity(entries.len());
        for (entry, number) in entries.into_iter().zip(first..) {
            let state = entry.order.state.after(decision.event).ok_or_else(|| super::overtaken(&entry))?;
            let order = Order { state, problem: problem.clone(), updated_at: now, approve_until: None, ..entry.order };
            orders.push((order, number));
        }
        let Some((one, _)) = orders.first() else { return Ok(HashMap::new()) };
        let turns = orders.iter().map(|(order, number)| Turn {
            its: order.token.as_str(),
            its_turn: now + TURN_DISTANCE * (number - first),
        });
        let turns: Vec<_> = turns.collect();
        let table = self.database.table_of(&[("its", "TEXT"), ("its_turn", "BIGINT")]);
        let statement = format!(
            "UPDATE orders SET state = $2, problem = $3, updated_at = $4, approved_at = $5, turn = its_turn FROM {table} \
             WHERE token = its AND state = 'awaiting_approval' AND approve_until {in_time} {{now}}"
        );
        let updated = sqlx::query(self.database.timed(&statement))
            .bind(rows_of_json::written(&turns)?)
            .bind(one.state.as_str())
            .bind(text)
            .bind(now)
            .bind(approved_at)
            .execute(&mut *connection)
            .await?
            .rows_affected();
        if usize::try_from(updated).ok() != Some(orders.len()) {
            let (token, expected) = (one.token.clone(), OrderState::AwaitingApproval);
            return Err(JournalError::Overtaken { token, expected });
        }
        let event = HistoryEvent::from(Some(decision.event));
        let line = |order| HistoryLine { event, note: decision.note, by: decision.by, ..HistoryLine::of(order) };
        let lines: Vec<_> = orders.iter().map(|(order, number)| (line(order), *number)).collect();
        HistoryLine::insert_all(&self.database, connection, &lines).await?;
        drop(lines);
        Ok(orders.into_iter().map(|(order, _)| (order.token.clone(), order)).collect())
    }
}

/// When an order is driven that was decided about.
#[derive(Serialize)]
struct Turn<'a> {
    its: &'a str,
    its_turn: i64,
}

/// The orders of these tokens, as they are now.
async fn entries(
    connection: &mut AnyConnection,
    tokens: &[ClientToken],
) -> Result<HashMap<ClientToken, Entry>, JournalError> {
    let distinct: HashSet<_> = tokens.iter().map(ClientToken::as_str).collect();
    let mut conditions = Conditions::default();
    conditions.any_of("token", distinct);
    let statement = format!("SELECT {COLUMNS} FROM orders WHERE {}", conditions.all());
    let rows: Vec<OrderRow> = conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_all(connection).await?;
    // One that cannot be read is not decided about, and keeps nothing from the others.
    let entry = |entry: Entry| (entry.order.token.clone(), entry);
    Ok(rows.into_iter().filter_map(OrderRow::legible).map(entry).collect())
}
