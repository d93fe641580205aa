//! `/api/orders`: accepts orders and shows them. What becomes of them is [`crate::orders`]' business.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use shared::{
    Code, Outcome, Problem,
    ids::ClientToken,
    order::{NewOrder, NewOrders, Operation, Order, Orders},
    parameters::ParameterError,
};

use super::{App, body::JsonBody, failure::Failure, query::Query};

/// The longest that a caller can have its answer put off.
const LONGEST_WAIT: u64 = 25;
/// Rows of the list.
const LIST: u32 = 100;

/// `POST /api/orders`: on disk when this answers, and on its way.
pub(super) async fn create(
    State(app): State<App>,
    JsonBody(NewOrders { operations }): JsonBody<NewOrders>,
) -> Result<Response, Failure> {
    let refuse = |detail| Problem::new(Code::InvalidParameter, Outcome::NotSent).at("operations").because(detail);
    if operations.len() != 1 {
        return Err(refuse("Exactly one operation can be ordered at a time.").into());
    }
    let mut orders = Vec::with_capacity(operations.len());
    for operation in operations {
        // For whom the proxy buys is its operator's affair.
        if operation.contains_key("OwnerId") {
            return Err(ParameterError::new(Code::UnknownParameter, "OwnerId").into());
        }
        let order = NewOrder::from_object(operation)?;
        if !matches!(order.operation, Operation::Create(_)) {
            return Err(refuse("Only CreateDesktop can be ordered.").into());
        }
        app.region(Some(order.region.clone()), true)?;
        orders.push(order);
    }
    // A task of its own: a caller who goes away must not stop an order between disk and driver.
    let (tasks, accept) = (app.tasks.clone(), async move { app.orders.accept(orders).await });
    match tasks.spawn(accept).await {
        Ok(accepted) => Ok((StatusCode::ACCEPTED, Json(Orders { orders: accepted?, next: None })).into_response()),
        Err(_) => Err(Problem::new(Code::Internal, Outcome::Unknown).into()),
    }
}

/// `GET /api/orders`: the newest orders.
pub(super) async fn list(State(app): State<App>, query: Query) -> Result<Json<Orders>, Failure> {
    if let Some((name, _)) = query.0?.first() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    Ok(Json(Orders { orders: app.orders.newest(LIST).await?, next: None }))
}

/// `GET /api/orders/{token}`: one order. With `wait=SECONDS` the answer comes when the order changes, or is settled, or
/// when the time is up.
pub(super) async fn one(
    State(app): State<App>,
    token: Result<Path<ClientToken>, PathRejection>,
    query: Query,
) -> Result<Json<Order>, Failure> {
    let wait = wait(&query.0?)?;
    let not_found = || Problem::new(Code::NotFound, Outcome::NotSent);
    let Path(token) = token.map_err(|_| not_found())?;
    let order = match wait {
        Some(patience) => app.orders.changed_order(&token, patience).await?,
        None => app.orders.order(&token).await?,
    };
    Ok(Json(order.ok_or_else(not_found)?))
}

fn wait(query: &[(String, String)]) -> Result<Option<Duration>, ParameterError> {
    let mut wait = None;
    for (name, text) in query {
        if name != "wait" {
            return Err(ParameterError::new(Code::UnknownParameter, name));
        }
        let Ok(seconds @ 0..=LONGEST_WAIT) = text.parse() else {
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
