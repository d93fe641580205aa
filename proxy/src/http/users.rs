//! `POST /api/CreateUser` and `POST /api/ModifyUser`: the writes that have no token. One that may have happened is not
//! sent again; the directory is asked whether it did.

use axum::{extract::State, response::Response};
use serde_json::{Map, Value};
use shared::{
    Action, Code, Outcome, Problem,
    actions::{CreateUser, CreatedUser, DescribeActivityDirectoryUsers, ModifiedUser, ModifyUser, UserInfo},
    ids::RegionId,
    parameters::{ParameterError, REGION_ID, from_object},
};

use super::{App, body::JsonBody, failure::Failure, reads::answer};
use crate::upstream::{Answer, UpstreamError};

/// `CreateUser`.
pub(super) async fn create(
    State(app): State<App>,
    JsonBody(members): JsonBody<Map<String, Value>>,
) -> Result<Response, Failure> {
    write::<CreateUser>(app, members).await
}

/// `ModifyUser`.
pub(super) async fn modify(
    State(app): State<App>,
    JsonBody(members): JsonBody<Map<String, Value>>,
) -> Result<Response, Failure> {
    write::<ModifyUser>(app, members).await
}

/// A write asked for by GET.
pub(super) async fn writes_are_posted() -> Failure {
    Failure::method("POST")
}

/// A write after which the directory holds a user of a known name and address.
trait UserWrite: Action {
    fn wanted(&self) -> UserInfo;
    fn done(user: UserInfo) -> Self::Response;
}

impl UserWrite for CreateUser {
    fn wanted(&self) -> UserInfo {
        UserInfo { name: self.user_name.as_str().to_owned(), email: self.email.as_str().to_owned() }
    }
    fn done(user: UserInfo) -> CreatedUser {
        CreatedUser { user_info: Some(user) }
    }
}

impl UserWrite for ModifyUser {
    fn wanted(&self) -> UserInfo {
        UserInfo { name: self.user_name.as_str().to_owned(), email: self.email.as_str().to_owned() }
    }
    fn done(_: UserInfo) -> ModifiedUser {
        ModifiedUser {}
    }
}

async fn write<A: UserWrite>(app: App, mut members: Map<String, Value>) -> Result<Response, Failure> {
    let named = match members.remove(REGION_ID) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.parse::<RegionId>().map_err(|_| super::unknown_region())?),
        Some(_) => return Err(ParameterError::new(Code::InvalidParameter, REGION_ID).into()),
    };
    let region = app.region(named, A::REGIONAL)?;
    let request: A = from_object(&members)?;

    // A task of its own: once it is sent it is seen through, whether or not the caller stays.
    let tasks = app.tasks.clone();
    let task = tasks.spawn(async move {
        let result = carry_out(&app, &region, &request).await;
        audit::<A>(&region, &result);
        result
    });
    match task.await {
        Ok(result) => Ok(answer(result?)),
        Err(_) => Err(Problem::new(Code::Internal, Outcome::Unknown).into()),
    }
}

async fn carry_out<A: UserWrite>(
    app: &App,
    region: &RegionId,
    request: &A,
) -> Result<Answer<A::Response>, UpstreamError> {
    let error = match app.upstream.call(region, request).await {
        Ok(answer) => return Ok(answer),
        Err(error) if error.outcome() != Outcome::Unknown => return Err(error),
        Err(error) => error,
    };
    // The search is a fuzzy one, so the name is compared here.
    let wanted = request.wanted();
    let search = DescribeActivityDirectoryUsers { user_name: Some(wanted.name.clone()) };
    match app.upstream.call(region, &search).await {
        Ok(Answer { value: found, request_id }) if found.users.contains(&wanted) => {
            Ok(Answer { value: A::done(wanted), request_id })
        }
        // It may still be on its way, so its absence proves nothing.
        _ => Err(UpstreamError { code: Code::OutcomeUnknown, ..error }),
    }
}

/// The line that tells of a write. Who it was about is left out: a name may be an address.
fn audit<A: Action>(region: &RegionId, result: &Result<Answer<A::Response>, UpstreamError>) {
    let (outcome, code, upstream_request_id) = match result {
        Ok(answer) => ("done", None, answer.request_id.as_deref()),
        Err(error) => {
            let outcome = match error.outcome() {
                Outcome::NotSent => "not_sent",
                Outcome::Rejected => "rejected",
                Outcome::Unknown => "unknown",
            };
            (outcome, Some(error.code.as_str()), error.request_id.as_deref())
        }
    };
    tracing::info!(target: "audit", action = A::NAME, %region, outcome, code, upstream_request_id, "a user is written");
}
