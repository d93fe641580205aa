//! `POST /api/CreateUser` and `POST /api/ModifyUser`: the writes without a token. The crate [`orders`] records, sends
//! and reconciles them.

use std::sync::Arc;

use axum::{Extension, extract::State, response::Response};
use serde_json::{Map, Value};
use shared::{
    Code, Outcome, Problem,
    actions::{CreateUser, ModifyUser},
    ids::RegionId,
    parameters::{ParameterError, REGION_ID, from_object},
};
use tracing::Instrument;

use super::{body::JsonBody, reads::answer};
use crate::http::{
    app::{App, unknown_region},
    failure::Failure,
    middleware::authorize::Caller,
};
use orders::WritesUser;

/// `CreateUser`.
pub(in crate::http) async fn create(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    JsonBody(members): JsonBody<Map<String, Value>>,
) -> Result<Response, Failure> {
    write::<CreateUser>(app, caller, members).await
}

/// `ModifyUser`.
pub(in crate::http) async fn modify(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    JsonBody(members): JsonBody<Map<String, Value>>,
) -> Result<Response, Failure> {
    write::<ModifyUser>(app, caller, members).await
}

/// Answers 405 to a write requested by GET.
pub(in crate::http) async fn writes_are_posted() -> Failure {
    Failure::method("POST")
}

async fn write<A: WritesUser>(
    app: Arc<App>,
    caller: Caller,
    mut members: Map<String, Value>,
) -> Result<Response, Failure> {
    let named = match members.remove(REGION_ID) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.parse::<RegionId>().map_err(|_| unknown_region())?),
        Some(_) => return Err(ParameterError::new(Code::InvalidParameter, REGION_ID).into()),
    };
    let region = app.region(named, A::REGIONAL)?;
    let request: A = from_object(&members)?;

    // In a task of its own: once sent, a write is followed to its outcome even if the client disconnects.
    let (tasks, principal) = (app.tasks.clone(), caller.principal(&app.guard));
    let write = async move { app.orders.write_user(&region, &request, &principal).await };
    let task = tasks.spawn(write.in_current_span());
    match task.await {
        Ok(result) => Ok(answer(result?)),
        Err(_) => Err(Problem::new(Code::Internal, Outcome::Unknown).into()),
    }
}
