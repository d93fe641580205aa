//! The access log: gives each request an identifier, a log line, its metrics, and the body of its problem if it has
//! one.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::future::{BoxFuture, FutureExt};
use shared::{Code, Problem, problem};
use tower::Service;
use tracing::{Instrument, error, info, info_span};
use uuid::Uuid;

use super::client_address::{self, Network};
use crate::metrics::{CALLER_GONE, InFlight, Metrics};

/// The proxy's own identifier of the request, to find it in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The upstream's `RequestId`, to give to the vendor's support.
pub(in crate::http) const UPSTREAM_REQUEST_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");

/// The longest method in the log, longer than any that there is.
const MAX_METHOD_LENGTH: usize = 20;

/// Identifies, times, counts and logs each request. An identifier sent by the client is ignored, so that clients cannot
/// forge log entries.
#[derive(Clone, Debug)]
pub(in crate::http) struct AccessLog<S> {
    inner: S,
    metrics: Metrics,
    /// Proxies that are believed about their clients.
    trusted: Arc<[Network]>,
}

impl<S> AccessLog<S> {
    pub(in crate::http) fn new(inner: S, metrics: Metrics, trusted: Arc<[Network]>) -> Self {
        Self { inner, metrics, trusted }
    }
}

impl<S> Service<Request> for AccessLog<S>
where
    S: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = Uuid::new_v4();
        // With the target `audit`, so that audit lines carry the request's identifier at any log level.
        let span = info_span!(target: "audit", "request", request_id = %id);
        let entry = LogEntry::begin(self.metrics.clone(), id, &request, client_address::of(&request, &self.trusted));
        let answering = span.in_scope(|| self.inner.call(request));
        let finished = async move {
            let Ok(response) = answering.instrument(span).await;
            Ok(entry.finished(response.into_response()))
        };
        finished.boxed()
    }
}

/// The log line and the metrics of one request. Written on drop, and so also when the client disconnects.
struct LogEntry {
    metrics: Metrics,
    id: Uuid,
    /// The method, shortened: a caller can make it up.
    method: String,
    /// The path, shortened. Without the query, which may hold a person's name.
    path: String,
    route: Option<MatchedPath>,
    client: Option<IpAddr>,
    began: Instant,
    end: Option<End>,
    _in_flight: InFlight,
}

struct End {
    status: u16,
    code: Option<Code>,
    upstream_request_id: Option<String>,
}

impl LogEntry {
    fn begin(metrics: Metrics, id: Uuid, request: &Request, client: Option<IpAddr>) -> Self {
        let path = request.uri().path();
        Self {
            id,
            client,
            method: request.method().as_str().chars().take(MAX_METHOD_LENGTH).collect(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            path: path[..path.floor_char_boundary(200)].to_owned(),
            began: Instant::now(),
            end: None,
            _in_flight: metrics.request(),
            metrics,
        }
    }

    /// Completes the entry with the answer, and writes the answer's problem body.
    fn finished(mut self, mut response: Response) -> Response {
        let problem = response.extensions_mut().remove::<Problem>();
        let code = problem.as_ref().map(|problem| problem.code);
        if let Some(problem) = problem {
            write(&mut response, Problem { request_id: Some(self.id.to_string()), ..problem });
        }
        if let Ok(value) = HeaderValue::from_str(self.id.hyphenated().encode_lower(&mut Uuid::encode_buffer())) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let upstream_request_id = response.headers().get(UPSTREAM_REQUEST_ID).and_then(|id| id.to_str().ok());
        let upstream_request_id = upstream_request_id.map(str::to_owned);
        self.end = Some(End { status: response.status().as_u16(), code, upstream_request_id });
        response
    }
}

impl Drop for LogEntry {
    fn drop(&mut self) {
        let Self { metrics, id: request_id, method, path, route, began, .. } = self;
        let client = self.client.map(|address| address.to_string());
        let gone = || End { status: CALLER_GONE, code: None, upstream_request_id: None };
        let End { status, code, upstream_request_id } = self.end.take().unwrap_or_else(gone);
        let took = began.elapsed();
        metrics.answered(label(route.as_ref()), method_label(method), status, took);
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let shown_code = code.map(Code::as_str);
        if code == Some(Code::Internal) {
            error!(method, path, status, duration_ms, %request_id, upstream_request_id, code = shown_code, client, "request");
        } else {
            info!(method, path, status, duration_ms, %request_id, upstream_request_id, code = shown_code, client, "request");
        }
    }
}

/// The route as a metrics label, in the router's notation. Files and unknown paths share one label.
fn label(matched: Option<&MatchedPath>) -> &str {
    matched.map_or("other", MatchedPath::as_str)
}

/// The method as a metrics label. Unknown methods share one label, since a caller can make them up.
fn method_label(method: &str) -> &'static str {
    const METHODS: [&str; 8] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "CONNECT"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}

fn write(response: &mut Response, problem: Problem) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(value) = problem.upstream_request_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(UPSTREAM_REQUEST_ID, value);
    }
    // A problem consists of texts and numbers, so it always serialises.
    *response.body_mut() = Body::from(serde_json::to_vec(&problem).unwrap_or_default());
}
