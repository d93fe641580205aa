//! Accepts orders into the journal: all or none, and each token once, however often it is requested.

use std::{collections::HashSet, time::Duration};

use shared::order::{NewOrder, Operation, Order, OrderState, fields::FieldValues};
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{
    AcceptError, COLUMNS, Entry, Journal, JournalError, OrderRow,
    conditions::Conditions,
    history::{HistoryLine, Position, take_numbers},
    limits::{check_limits, counted, tell_of_limit},
    millis,
    new_row::NewRow,
    request::Request,
    row::Known,
    used::Used,
};
use crate::{Accounts, Principal, units};

/// The distance between the turns of two orders of one batch, in milliseconds: other orders get their turn in between.
const TURN_DISTANCE: i64 = 1_000;

/// An order that was requested, with whether it is new.
#[derive(Clone, Debug)]
pub(crate) struct Accepted {
    /// The order as it stands.
    pub(crate) order: Order,
    /// What its driver needs, if it is new. It is this proxy's to drive, or waits for one.
    pub(crate) new: Option<Entry>,
}

type Answer = Result<Vec<Accepted>, AcceptError>;

/// New orders of one transaction, which are inserted together at its end.
struct Staged {
    rows: Vec<NewRow>,
    /// What is used of limits without them.
    used: Used,
    /// Known orders, new ones included.
    known: Known,
    /// How many of the rows this proxy drives.
    ours: usize,
    /// How many it has room to drive.
    room: usize,
}

impl Journal {
    /// Records orders, all or none, under this proxy's lease. A known order is returned as it stands.
    #[cfg(test)]
    pub(crate) async fn accept(&self, orders: &[NewOrder], principal: &Principal) -> Answer {
        let request = Request {
            orders: orders.to_vec(),
            prices: Vec::new(),
            inherited: Vec::new(),
            types: super::DesktopTypes::new(),
            principal: principal.clone(),
        };
        self.accept_together(&[request], usize::MAX).await.pop().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Records the orders of several requests in one transaction (group commit), each request all or none, and returns
    /// what became of each request. This proxy gets so many of them to drive as it has `room` for; the others wait.
    pub(crate) async fn accept_together(&self, requests: &[Request], room: usize) -> Vec<Answer> {
        match self.accept_all(requests, room).await {
            Ok(answers) => answers,
            // One by one, each request would wait for the database as long again.
            Err(error)
                if requests.len() > 1 && matches!(&error, AcceptError::Journal(error) if error.is_unavailable()) =>
            {
                tracing::warn!(%error, requests = requests.len(), "orders cannot be written");
                requests.iter().map(|_| Err(AcceptError::Journal(sqlx::Error::PoolTimedOut.into()))).collect()
            }
            Err(error) if requests.len() > 1 => {
                tracing::warn!(%error, requests = requests.len(), "orders cannot be written together; trying one by one");
                let mut answers = Vec::with_capacity(requests.len());
                for request in requests {
                    answers.extend(Box::pin(self.accept_together(std::slice::from_ref(request), room)).await);
                }
                answers
            }
            // Nothing is on disk, but what was there before is known.
            Err(error) => match requests {
                [request] => vec![self.only_known(request).await.unwrap_or(Err(error))],
                _ => Vec::new(),
            },
        }
    }

    /// The orders of a request if all of them are known, for which nothing has to be written.
    async fn only_known(&self, Request { orders, principal, .. }: &Request) -> Option<Answer> {
        let mut connection = self.pool().acquire().await.ok()?;
        let known = self.known(&mut connection, orders.iter()).await.ok()?;
        let are_all = orders.iter().all(|order| known.contains_key(&order.token));
        are_all.then(|| orders.iter().enumerate().map(|(index, order)| same(&known, index, order, principal)).collect())
    }

    /// What became of each request, or why nothing of any is on disk.
    async fn accept_all(&self, requests: &[Request], room: usize) -> Result<Vec<Answer>, AcceptError> {
        let now = self.now();
        let mut transaction = self.database.begin().await?;
        // The history numbers first: the row that hands them out is locked until the commit, so no other proxy adds
        // orders meanwhile, and no deadlock is possible. Numbers that known orders leave unused are a harmless gap.
        let orders = || requests.iter().flat_map(|request| &request.orders);
        let count = i64::try_from(orders().count()).unwrap_or_default();
        let mut next = take_numbers(&mut transaction, count).await? - count + 1;
        let known = self.known(&mut transaction, orders()).await?;
        let mut staged = Staged { rows: Vec::new(), used: Used::until(now), known, ours: 0, room };
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let (before, ours) = (staged.rows.len(), staged.ours);
            match self.stage(&mut transaction, request, now, &mut staged, &mut next).await {
                Err(AcceptError::Journal(error)) => return Err(error.into()),
                Err(refused) => {
                    // Of this request nothing is accepted.
                    for row in staged.rows.drain(before..) {
                        staged.known.remove(&row.order.token);
                    }
                    staged.ours = ours;
                    tell_of_limit(&mut transaction, &refused, &request.principal, now).await?;
                    answers.push(Err(refused));
                }
                answer => answers.push(answer),
            }
        }
        self.insert(&mut transaction, &staged.rows).await?;
        let lines: Vec<_> = staged.rows.iter().map(|row| (HistoryLine::of(&row.order), row.number)).collect();
        HistoryLine::insert_all(&self.database, &mut transaction, &lines).await?;
        match transaction.commit().await {
            Ok(()) => Ok(answers),
            Err(error) => self.after_failed_commit(answers, &staged.rows, error).await,
        }
    }

    /// Checks a request, and stages those of its orders that are new.
    async fn stage(
        &self,
        connection: &mut AnyConnection,
        request: &Request,
        now: i64,
        staged: &mut Staged,
        next: &mut Position,
    ) -> Answer {
        let Request { orders, prices, inherited, types, principal } = request;
        for (index, new) in orders.iter().enumerate().filter(|(_, new)| !staged.known.contains_key(&new.token)) {
            principal.fields.check(new).map_err(|refused| AcceptError::Field { index, refused })?;
            Self::check_desktop(connection, index, new, principal).await?;
        }
        // No other proxy can add orders now, so the count stays correct.
        check_limits(connection, request, &staged.known, (&mut staged.used, &staged.rows)).await?;
        let awaits = principal.approval.holds_back(orders, prices, types)
            || principal.approval.are_set() && Self::were_held_back(connection, orders).await?;
        let mut accepted = Vec::with_capacity(orders.len());
        for (index, new) in orders.iter().enumerate() {
            if staged.known.contains_key(&new.token) {
                accepted.push(same(&staged.known, index, new, principal)?);
                continue;
            }
            let price = prices.get(index).copied().flatten();
            let fields = fields_of(new, inherited.get(index));
            let order = Order { price, fields, ..new_order(new, principal.name.as_deref(), now) };
            let order = if awaits { awaiting(order, principal.approval.expiry) } else { order };
            let turn = now + TURN_DISTANCE * i64::try_from(index).unwrap_or_default();
            // What awaits approval is nobody's to drive, and takes no room.
            let is_ours = !awaits && staged.ours < staged.room;
            staged.ours += usize::from(is_ours);
            let (buyer_id, units) = (principal.id.clone(), units(&new.operation));
            let entry = Entry {
                order: order.clone(),
                in_doubt: false,
                new: new.clone(),
                turn,
                since: now,
                buyer_id: buyer_id.clone(),
                is_approved: false,
                owner: if is_ours { self.owner.to_string() } else { String::new() },
            };
            let amount = counted(&new.operation, price);
            let requested = new.fields.clone();
            let row = NewRow { order: order.clone(), requested, buyer_id, units, amount, number: *next, turn, is_ours };
            staged.rows.push(row);
            *next += 1;
            staged.known.insert(new.token.clone(), (new.clone(), order.clone()));
            accepted.push(Accepted { order, new: Some(entry) });
        }
        Ok(accepted)
    }

    /// Checks that the desktop to renew or release was bought here for one of the principal's accounts. The cloud cannot
    /// check it, because it sees one key for all.
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
        let is_known = (principal.accounts == Accounts::All && !principal.own_desktops_only)
            || Self::has_desktop(connection, &order.region, desktop, &principal.accounts).await?;
        is_known.then_some(()).ok_or(AcceptError::NoSuchDesktop { index })
    }

    /// A commit that fails may have been carried out all the same. "Not sent" must not be the answer for an order that
    /// some proxy will take over and send.
    async fn after_failed_commit(
        &self,
        mut answers: Vec<Answer>,
        rows: &[NewRow],
        error: sqlx::Error,
    ) -> Result<Vec<Answer>, AcceptError> {
        let Some(first) = rows.first() else { return Ok(answers) };
        // All or none of them are there.
        match self.order(&first.order.token).await {
            Ok(Some(_)) => Ok(answers),
            // SQLite: an order that is not there now will not appear. PostgreSQL may still be committing it.
            Ok(None) if self.database.is_file() => Err(JournalError::from(error).into()),
            Ok(None) | Err(_) => {
                let text = error.to_string();
                let new: HashSet<_> = rows.iter().map(|row| &row.order.token).collect();
                for answer in &mut answers {
                    let is_new = |orders: &Vec<Accepted>| orders.iter().any(|one| new.contains(&one.order.token));
                    if answer.as_ref().is_ok_and(is_new) {
                        *answer = Err(AcceptError::Unknown(sqlx::Error::Protocol(text.clone())));
                    }
                }
                Ok(answers)
            }
        }
    }

    /// Those of the orders that the journal has, by their tokens.
    async fn known<'a>(
        &self,
        connection: &mut AnyConnection,
        orders: impl Iterator<Item = &'a NewOrder>,
    ) -> Result<Known, JournalError> {
        let mut conditions = Conditions::default();
        conditions.any_of("token", padded(orders.map(|order| order.token.as_str()).collect()));
        let statement = format!("SELECT {COLUMNS} FROM orders WHERE {}", conditions.all());
        let rows: Vec<OrderRow> =
            conditions.bind(sqlx::query_as(AssertSqlSafe(statement))).fetch_all(connection).await?;
        let known = |row: OrderRow| {
            let Entry { order, new, .. } = row.into_entry()?;
            Ok((new.token.clone(), (new, order)))
        };
        rows.into_iter().map(known).collect()
    }
}

/// The tokens, repeated up to a power of two: a statement is prepared for each number of values.
fn padded(mut tokens: Vec<&str>) -> Vec<&str> {
    let last = tokens.last().copied();
    let wanted = tokens.len().next_power_of_two();
    tokens.extend(std::iter::repeat_n(last, wanted - tokens.len()).flatten());
    tokens
}

pub(super) fn new_order(new: &NewOrder, requested_by: Option<&str>, now: i64) -> Order {
    Order {
        token: new.token.clone(),
        action: new.operation.action().to_owned(),
        region: new.region.clone(),
        state: OrderState::Accepted,
        request: new.operation.parameters(),
        fields: FieldValues::new(),
        requested_by: requested_by.map(str::to_owned),
        order_id: None,
        desktop_id: None,
        upstream_request_id: None,
        price: None,
        problem: None,
        attempts: 0,
        created_at: now,
        updated_at: now,
        approve_until: None,
        decidable: false,
        fields_editable: false,
        history: Vec::new(),
    }
}

/// The values of a new order: its own, and where it has none those that it takes from a purchase.
fn fields_of(new: &NewOrder, inherited: Option<&FieldValues>) -> FieldValues {
    let mut fields = inherited.cloned().unwrap_or_default();
    fields.extend(new.fields.clone());
    fields
}

/// The order as one that is not sent before an approver has approved it.
fn awaiting(order: Order, expiry: Duration) -> Order {
    let approve_until = Some(order.created_at.saturating_add(millis(expiry)));
    Order { state: OrderState::AwaitingApproval, approve_until, ..order }
}

/// Returns a known order as it stands if its content is the same. For an order of another account the error says only
/// that the token is used, whatever the content is.
fn same(known: &Known, index: usize, order: &NewOrder, principal: &Principal) -> Result<Accepted, AcceptError> {
    match known.get(&order.token) {
        Some((new, shown)) if principal.accounts.holds(shown) && is_same(new, order) => {
            Ok(Accepted { order: shown.clone(), new: None })
        }
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
