//! Daily limits of a principal: desktops bought and months renewed, releases, and writes about users. They are checked
//! in the transaction that adds what they count, so that many requests at once are not more than one after the other.

use std::collections::HashSet;

use shared::{
    Action,
    actions::{CreateDesktop, DeleteDesktop},
    order::{NewOrder, Operation},
};
use sqlx::AnyConnection;

use super::{AcceptError, JournalError, row::Known};
use crate::Principal;

/// The period of the daily limits, in milliseconds.
const PERIOD: i64 = 24 * 3_600_000;

/// What an operation counts: a desktop bought is one, and so is each month of a renewal.
#[must_use]
pub fn units(operation: &Operation) -> u32 {
    match operation {
        Operation::Create(_) => 1,
        Operation::Renew(request) => request.period.months().into(),
        Operation::Delete(_) => 0,
    }
}

/// Checks the limits of orders. Rejected orders do not count, since they cost nothing. Orders in doubt do.
pub(super) async fn check_limits(
    connection: &mut AnyConnection,
    orders: &[NewOrder],
    known: &Known,
    principal: &Principal,
    now: i64,
) -> Result<(), AcceptError> {
    let Some(id) = &principal.id else { return Ok(()) };
    let mut tokens = HashSet::new();
    let new = orders.iter().filter(|order| !known.contains_key(&order.token) && tokens.insert(&order.token));
    let (mut desktops, mut wanted, mut releases) = (0_u32, 0_u32, 0_u32);
    for order in new {
        wanted = wanted.saturating_add(units(&order.operation));
        desktops += u32::from(matches!(order.operation, Operation::Create(_)));
        releases += u32::from(matches!(order.operation, Operation::Delete(_)));
    }
    if let Some(limit) = principal.limits.desktops.filter(|_| desktops > 0) {
        let used = count(&mut *connection, CreateDesktop::NAME, id, principal, now).await?;
        within("desktops", limit, used, desktops)?;
    }
    if let Some(limit) = principal.limits.units.filter(|_| wanted > 0) {
        // Rows of earlier versions have neither an identifier nor units.
        let used: (i64,) = sqlx::query_as(
            "SELECT CAST(COALESCE(SUM(COALESCE(units, CASE WHEN action = 'CreateDesktop' THEN 1 ELSE 0 END)), 0) AS \
             BIGINT) FROM orders WHERE (buyer_id = $1 OR (buyer_id IS NULL AND buyer = $2)) AND created_at > $3 AND \
             state <> 'rejected'",
        )
        .bind(id.as_str())
        .bind(principal.name.clone())
        .bind(now - PERIOD)
        .fetch_one(&mut *connection)
        .await
        .map_err(JournalError::from)?;
        within("desktops and months of renewals", limit, used.0, wanted)?;
    }
    if let Some(limit) = principal.limits.releases.filter(|_| releases > 0) {
        let used = count(&mut *connection, DeleteDesktop::NAME, id, principal, now).await?;
        within("releases", limit, used, releases)?;
    }
    Ok(())
}

/// How many orders of an action this principal has placed in the period.
async fn count(
    connection: &mut AnyConnection,
    action: &'static str,
    id: &str,
    principal: &Principal,
    now: i64,
) -> Result<i64, JournalError> {
    // Rows of earlier versions have no identifier.
    let statement = "SELECT COUNT(*) FROM orders WHERE (buyer_id = $1 OR (buyer_id IS NULL AND buyer = $2)) AND \
                     created_at > $3 AND action = $4 AND state <> 'rejected'";
    let query = sqlx::query_as(statement).bind(id.to_owned()).bind(principal.name.clone());
    let (found,): (i64,) = query.bind(now - PERIOD).bind(action).fetch_one(connection).await?;
    Ok(found)
}

/// Checks the limit of writes about users. Rejected ones count, since they were sent.
pub(super) async fn check_user_writes(
    connection: &mut AnyConnection,
    principal: &Principal,
    now: i64,
) -> Result<(), AcceptError> {
    let (Some(id), Some(limit)) = (&principal.id, principal.limits.user_writes) else { return Ok(()) };
    let used: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM user_writes WHERE buyer_id = $1 AND created_at > $2")
        .bind(id.as_str())
        .bind(now - PERIOD)
        .fetch_one(connection)
        .await
        .map_err(JournalError::from)?;
    within("changes of users", limit, used.0, 1)
}

fn within(what: &'static str, limit: u32, used: i64, wanted: u32) -> Result<(), AcceptError> {
    let left = limit.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX));
    if wanted > left { Err(AcceptError::DailyLimit { what, limit, left, wanted }) } else { Ok(()) }
}
