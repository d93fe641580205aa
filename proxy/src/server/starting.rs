//! What the listeners answer while the proxy waits for what it needs: that it lives, that it is not ready, and why.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use shared::{Code, Outcome, Problem, problem};

use crate::admin;

/// What is waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<Mutex<Option<String>>>);

impl Waiting {
    /// Says what is waited for, and why.
    pub(super) fn tell(&self, what: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
    }

    fn told(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_else(|| "starting".to_owned())
    }
}

/// Of the admin listener.
pub(super) fn admin(waiting: &Waiting) -> Router {
    let waiting = waiting.clone();
    Router::new()
        .route("/live", get(async || "live\n"))
        .fallback(async move || (StatusCode::SERVICE_UNAVAILABLE, waiting.told() + "\n"))
        .layer(from_fn(admin::check_host))
        .layer(map_response(once))
}

/// Of the page and its API.
pub(super) fn page(waiting: &Waiting) -> Router {
    let waiting = waiting.clone();
    let answer = async move || {
        let problem = Problem::new(Code::JournalUnavailable, Outcome::NotSent);
        let problem = problem.because(format!("The proxy starts: {}.", waiting.told()));
        let headers = [(header::CONTENT_TYPE, problem::MEDIA_TYPE), (header::RETRY_AFTER, "5")];
        (StatusCode::SERVICE_UNAVAILABLE, headers, serde_json::to_vec(&problem).unwrap_or_default())
    };
    Router::new().fallback(answer).layer(map_response(once))
}

/// An answer that no cache keeps. The connection's next request is for the proxy that has started.
async fn once(response: Response) -> Response {
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("close")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, response).into_response()
}
