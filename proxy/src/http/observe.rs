//! What surrounds every request: its identifier, its line in the log, and the body of its problem if it has one.

use std::time::Instant;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use shared::{Code, Problem, problem};
use tracing::{Instrument, error, info, info_span};
use uuid::Uuid;

/// The proxy's own identifier of the request, to find it in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The upstream's `RequestId`, to give to the vendor's support.
pub(super) const UPSTREAM_REQUEST_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");

/// Numbers the request, times it and logs it in one line. An identifier that comes with the request is not taken: the
/// log is ours.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let method = request.method().clone();
    // Without the query, which may hold a person's name; and not at any length.
    let path: String = request.uri().path().chars().take(200).collect();
    let started = Instant::now();

    let mut response = next.run(request).instrument(info_span!("request", id)).await;
    let problem = response.extensions_mut().remove::<Problem>();
    let code = problem.as_ref().map(|problem| problem.code);
    if let Some(problem) = problem {
        write(&mut response, Problem { request_id: Some(id.clone()), ..problem });
    }

    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let upstream_request_id = response.headers().get(UPSTREAM_REQUEST_ID).and_then(|id| id.to_str().ok());
    let shown_code = code.map(Code::as_str);
    if code == Some(Code::Internal) {
        error!(%method, path, status, duration_ms, request_id = id, upstream_request_id, code = shown_code, "request");
    } else {
        info!(%method, path, status, duration_ms, request_id = id, upstream_request_id, code = shown_code, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn write(response: &mut Response, problem: Problem) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(value) = problem.upstream_request_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(UPSTREAM_REQUEST_ID, value);
    }
    // A problem is a struct of texts and numbers, which always serialises.
    *response.body_mut() = Body::from(serde_json::to_vec(&problem).unwrap_or_default());
}
