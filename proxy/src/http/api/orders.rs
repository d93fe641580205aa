//! `/api/orders` and `/api/desktops`: accepts orders and returns their states. The crate [`orders`] carries them out;
//! [`super::events`] streams their changes.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    extract::{Path, Request, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};
use shared::{
    Code, Outcome, Problem,
    ids::ClientToken,
    order::{DesktopChoices, DesktopTotals, Desktops, LARGEST_BATCH, NewOrder, NewOrders, Order, Orders},
    parameters::ParameterError,
};
use tracing::Instrument;

use super::{
    body::{batch, is_large},
    events::too_many,
    filter::{desktops_filter, now, orders_filter, sorted_desktops_filter},
    limits::of_an_order,
    query::Query,
};
use crate::http::{
    app::App,
    failure::{Failure, beyond},
    middleware::authorize::Caller,
};
use orders::{AcceptError, Filter};

/// The longest `wait` of a long poll, in seconds.
const MAX_WAIT_SECONDS: u64 = 25;

/// `POST /api/orders`: when this answers, the orders are on disk and being carried out, all of them or none.
pub(in crate::http) async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Failure> {
    // A large batch takes some megabytes until it is on disk, so one person has few of them at a time.
    let held = if is_large(request.headers()) {
        Some(app.guard.large_batches.hold(caller.id.as_deref()).ok_or_else(too_many_batches)?)
    } else {
        None
    };
    let (NewOrders { operations }, body) = batch(request, &app.guard.bodies).await?;
    let count = operations.len();
    if !(1..=LARGEST_BATCH).contains(&count) {
        let problem = Problem::new(Code::InvalidParameter, Outcome::NotSent).at("operations");
        return Err(problem.because(format!("One to {LARGEST_BATCH} operations can be ordered at a time.")).into());
    }
    let most = app.guard.limits.order_units;
    if let Some(most) = most.filter(|most| count > *most as usize) {
        return Err(too_much(most));
    }
    let mut orders = Vec::with_capacity(count);
    for (index, operation) in operations.into_iter().enumerate() {
        orders.push(read(&app, operation).map_err(|failure| failure.of_operation(index, count))?);
    }
    // Months that are renewed cost as much as desktops that are bought.
    let units: u32 = orders.iter().map(|order| orders::units(&order.operation)).fold(0, u32::saturating_add);
    if let Some(most) = most.filter(|most| units > *most) {
        return Err(too_much(most));
    }
    // In a task of its own: a client that disconnects must not stop an order between disk and driver.
    let (tasks, prices, principal) = (app.tasks.clone(), Arc::clone(&app.prices), caller.principal(&app.guard));
    let accept = async move {
        let _held = (held, body);
        app.orders.accept(orders, &principal).await
    };
    match tasks.spawn(accept.in_current_span()).await {
        Ok(Ok(orders)) => Ok((StatusCode::ACCEPTED, Json(Orders { orders, next: None, now: None })).into_response()),
        Ok(Err(error)) => {
            let index = match error {
                AcceptError::TokenReused { index }
                | AcceptError::NoSuchDesktop { index }
                | AcceptError::TypeNotAllowed { index }
                | AcceptError::PriceUnknown { index }
                | AcceptError::Field { index, .. } => Some(index),
                AcceptError::Limit { index, .. } => index,
                AcceptError::OverallLimit | AcceptError::Journal(_) | AcceptError::Unknown(_) => None,
            };
            let failure = Failure::from(error).in_currency(prices.currency());
            Err(match index {
                Some(index) => failure.of_operation(index, count),
                None => failure,
            })
        }
        Err(_) => Err(Problem::new(Code::Internal, Outcome::Unknown).into()),
    }
}

fn too_many_batches() -> Failure {
    let problem = Problem::new(Code::Throttled, Outcome::NotSent).because("Too many large batches at the moment.");
    Problem { retry_after: Some(1), ..problem }.into()
}

fn too_much(limit: u32) -> Failure {
    beyond(Code::BuyerLimit, None, of_an_order(limit))
}

fn read(app: &App, operation: Map<String, Value>) -> Result<NewOrder, Failure> {
    // The operator decides for which account the proxy buys.
    if operation.contains_key("OwnerId") {
        return Err(ParameterError::new(Code::UnknownParameter, "OwnerId").into());
    }
    let order = NewOrder::from_object(operation)?;
    app.region(Some(order.region.clone()), true)?;
    Ok(order)
}

/// `GET /api/orders`: a page of orders, newest first.
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<Orders>, Failure> {
    let query = query.0?;
    let approver = caller.approver().map(str::to_owned);
    let filter = Filter { approver, ..orders_filter(&query, caller.accounts, &app.guard.limits.fields)? };
    let page = app.orders.list(&filter).await?;
    let now = query.iter().any(|(name, _)| name == "within").then(now);
    Ok(Json(Orders { orders: page.rows, next: page.next.map(|place| place.to_string()), now }))
}

/// `GET /api/desktops`: a page of the desktops that were bought here, newest first or sorted.
pub(in crate::http) async fn desktops(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<Desktops>, Failure> {
    let filter = sorted_desktops_filter(&query.0?, caller.accounts, &app.guard.limits.fields)?;
    let page = app.orders.desktops(&filter).await?;
    Ok(Json(Desktops { desktops: page.rows, next: page.next.map(|place| place.to_string()) }))
}

/// `GET /api/desktops/choices`: the types and accounts that there are desktops of.
pub(in crate::http) async fn desktop_choices(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<DesktopChoices>, Failure> {
    if let Some((name, _)) = query.0?.into_iter().next() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    Ok(Json(app.orders.desktop_choices(&caller.accounts).await?))
}

/// `GET /api/desktops/totals`: how many there are by a filter.
pub(in crate::http) async fn desktop_totals(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<DesktopTotals>, Failure> {
    Ok(Json(app.orders.desktop_totals(&desktops_filter(&query.0?, caller.accounts, &app.guard.limits.fields)?).await?))
}

/// `GET /api/orders/{token}`: one order with its history. With `wait=SECONDS` (long poll) the answer comes when the
/// order changes or is settled, or when the time is up.
pub(in crate::http) async fn one(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    token: Result<Path<ClientToken>, PathRejection>,
    query: Query,
) -> Result<Json<Order>, Failure> {
    let wait = wait(&query.0?)?;
    let not_found = || Problem::new(Code::NotFound, Outcome::NotSent);
    let Path(token) = token.map_err(|_| not_found())?;
    let order = match wait {
        Some(limit) => {
            let Some(_held) = app.guard.waiting.hold(caller.id.as_deref()) else { return Err(too_many()) };
            app.orders.changed_order(&token, &caller.accounts, caller.viewer(), limit).await?
        }
        None => app.orders.order(&token, &caller.accounts, caller.viewer()).await?,
    };
    let mut order = order.ok_or_else(not_found)?;
    order.fields_editable &= !app.guard.limits.fields.is_empty();
    Ok(Json(order))
}

fn wait(query: &[(String, String)]) -> Result<Option<Duration>, ParameterError> {
    let mut wait = None;
    for (name, text) in query {
        if name != "wait" {
            return Err(ParameterError::new(Code::UnknownParameter, name));
        }
        let Ok(seconds @ 0..=MAX_WAIT_SECONDS) = text.parse() else {
            return Err(ParameterError::new(Code::InvalidParameter, name));
        };
        if wait.replace(Duration::from_secs(seconds)).is_some() {
            return Err(ParameterError::new(Code::DuplicateParameter, name));
        }
    }
    Ok(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait() {
        let check = |query: &str, expect: Result<Option<u64>, Code>| {
            let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let found = wait(&pairs).map(|wait| wait.map(|wait| wait.as_secs())).map_err(|error| error.code);
            assert_eq!(found, expect, "{query}");
        };
        check("", Ok(None));
        check("wait=0", Ok(Some(0)));
        check("wait=25", Ok(Some(25)));
        check("wait=26", Err(Code::InvalidParameter));
        check("wait=", Err(Code::InvalidParameter));
        check("wait=-1", Err(Code::InvalidParameter));
        check("wait=1&wait=2", Err(Code::DuplicateParameter));
        check("since=1", Err(Code::UnknownParameter));
        check("wait=1&since=1", Err(Code::UnknownParameter));
    }
}
