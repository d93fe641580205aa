//! `GET /api/{Action}`: the reads of the closed list, by their documented names. Anything else is refused before it is
//! signed.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{FromRequestParts, Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use shared::{
    Action, Class, Code, Outcome, Problem,
    actions::{DescribeActivityDirectoryUsers, NAMES, Users},
    parameters::{from_pairs, take_region},
    with_action,
};

use super::query::Query;
use crate::http::{
    app::App,
    failure::Failure,
    middleware::{access_log::UPSTREAM_REQUEST_ID, authorize::Caller},
};
use cloud::{Answer, Freshness, Read};
use orders::Accounts;

/// A route for each read.
pub(in crate::http) fn routes() -> Router<Arc<App>> {
    fn with<A: Action>(router: Router<Arc<App>>) -> Router<Arc<App>> {
        match A::CLASS {
            Class::Read => router.route(&format!("/api/{}", A::NAME), get(read::<A>).post(reads_are_not_posted)),
            Class::WriteWithToken | Class::WriteOnce => router,
        }
    }
    NAMES.iter().fold(Router::new(), |router, name| with_action!(*name, A => with::<A>(router), _ => router))
}

/// A read.
async fn read<A: Action>(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Wanted(freshness): Wanted,
    query: Query,
) -> Result<Response, Failure> {
    let mut parameters = query.0?;
    let region = app.region(take_region(&mut parameters)?, A::REGIONAL)?;
    let request: A = from_pairs(&parameters)?;
    let mut read = app.upstream.read(&region, &request, freshness).await?;
    if A::NAME == DescribeActivityDirectoryUsers::NAME
        && let Some(own) = own_users(&app, &read.answer.body, &caller).await?
    {
        read.answer.body = own;
    }
    Ok(cached(read))
}

/// The users of an answer that are the caller's own; `None` where all are. The directory knows no accounts, so the answer has
/// everybody's.
async fn own_users(app: &App, body: &[u8], caller: &Caller) -> Result<Option<Bytes>, Failure> {
    if caller.accounts == Accounts::All {
        return Ok(None);
    }
    let internal = |_| Failure::from(Problem::new(Code::Internal, Outcome::NotSent));
    let mut found: Users = serde_json::from_slice(body).map_err(internal)?;
    app.orders.retain_own(&mut found.users, &caller.accounts).await?;
    // How many others there are is not the caller's business.
    found.skipped = 0;
    Ok(Some(serde_json::to_vec(&found).map_err(internal)?.into()))
}

async fn reads_are_not_posted() -> Failure {
    Failure::method("GET")
}

/// Names without a route of their own: actions that are ordered elsewhere, and unknown names.
pub(in crate::http) async fn others(action: Result<Path<String>, PathRejection>) -> Failure {
    let is_write = |name: &str| with_action!(name, A => A::CLASS != Class::Read, _ => false);
    let is_ordered = action.is_ok_and(|Path(name)| is_write(&name));
    Failure::unknown_action(if is_ordered { "This action is ordered by POST /api/orders." } else { "" })
}

/// The required freshness: `Cache-Control: no-cache` asks for a new answer, as of any cache (RFC 9111, 5.2.1.4).
pub(in crate::http) struct Wanted(pub(in crate::http) Freshness);

impl<S: Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(freshness(&parts.headers)))
    }
}

fn freshness(headers: &HeaderMap) -> Freshness {
    let values = headers.get_all(header::CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(','));
    let wants_new = directives.any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"));
    if wants_new { Freshness::New } else { Freshness::Declared }
}

/// An answer that is JSON already, with its age if it comes from the cache.
fn cached(Read { answer, age }: Read) -> Response {
    let mut response = answer.body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(age) = age {
        headers.insert(header::AGE, age.as_secs().into());
    }
    name_upstream(headers, answer.request_id.as_deref());
    response
}

fn name_upstream(headers: &mut HeaderMap, request_id: Option<&str>) {
    if let Some(id) = request_id.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(UPSTREAM_REQUEST_ID, id);
    }
}

/// The upstream's answer in the canonical form.
pub(in crate::http) fn answer<T: Serialize>(answer: Answer<T>) -> Response {
    let mut response = Json(answer.value).into_response();
    name_upstream(response.headers_mut(), answer.request_id.as_deref());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_by_cache_control() {
        let check = |values: &[&'static str], expect: Freshness| {
            let headers = values.iter().map(|value| (header::CACHE_CONTROL, HeaderValue::from_static(value)));
            assert_eq!(freshness(&headers.collect()), expect, "{values:?}");
        };
        check(&[], Freshness::Declared);
        check(&["max-age=0"], Freshness::Declared);
        check(&["no-cache"], Freshness::New);
        check(&["max-age=0, No-Cache"], Freshness::New);
        check(&["max-age=0", "no-cache"], Freshness::New);
        check(&["x-no-cache"], Freshness::Declared);
    }
}
