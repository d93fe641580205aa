//! `GET /api/{Action}`: the reads of the closed list, by their documented names. Anything else is refused before it is
//! signed.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    Action, Class,
    parameters::{from_pairs, take_region},
    with_action,
};

use super::{App, failure::Failure, observe::UPSTREAM_REQUEST_ID, query::Query};
use crate::upstream::Answer;

const NO_SUCH_ACTION: &str = "";
const ORDERED: &str = "This action is ordered by POST /api/orders.";

/// A read.
pub(super) async fn read(
    State(app): State<App>,
    action: Result<Path<String>, PathRejection>,
    query: Query,
) -> Result<Response, Failure> {
    let Ok(Path(action)) = action else { return Err(Failure::unknown_action(NO_SUCH_ACTION)) };
    with_action!(
        action.as_str(),
        A => call::<A>(&app, query).await,
        _ => Err(Failure::unknown_action(NO_SUCH_ACTION))
    )
}

/// Reads are not posted, orders go to their own address, and what else there is to post has a route of its own.
pub(super) async fn post(action: Result<Path<String>, PathRejection>) -> Failure {
    fn refusal<A: Action>() -> Failure {
        match A::CLASS {
            Class::Read => Failure::method("GET"),
            Class::WriteWithToken | Class::WriteOnce => Failure::unknown_action(ORDERED),
        }
    }
    let Ok(Path(action)) = action else { return Failure::unknown_action(NO_SUCH_ACTION) };
    with_action!(action.as_str(), A => refusal::<A>(), _ => Failure::unknown_action(NO_SUCH_ACTION))
}

async fn call<A: Action>(app: &App, query: Query) -> Result<Response, Failure> {
    if A::CLASS != Class::Read {
        return Err(Failure::unknown_action(ORDERED));
    }
    let mut parameters = query.0?;
    let region = app.region(take_region(&mut parameters)?, A::REGIONAL)?;
    let request: A = from_pairs(&parameters)?;
    Ok(answer(app.upstream.call(&region, &request).await?))
}

/// The upstream's answer in the canonical form.
pub(super) fn answer<T: Serialize>(answer: Answer<T>) -> Response {
    let mut response = Json(answer.value).into_response();
    if let Some(id) = answer.request_id.and_then(|id| HeaderValue::from_str(&id).ok()) {
        response.headers_mut().insert(UPSTREAM_REQUEST_ID, id);
    }
    response
}
