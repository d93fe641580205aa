//! The admin listener's interface: whether the proxy lives, and whether it can do its work. On a port of its own, so
//! that it need not be reachable from where the page is.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::orders::Orders;

/// `/live` and `/ready`.
pub(crate) fn router(orders: Orders) -> Router {
    Router::new()
        // Whether to restart it: asks nothing of anybody.
        .route("/live", get(|| async { "live\n" }))
        // Whether to send it requests. The cloud is left out: a proxy that tells of its trouble is of more use than
        // none. Credentials are there, or the proxy would not have started.
        .route("/ready", get(ready))
        .with_state(orders)
}

async fn ready(State(orders): State<Orders>) -> (StatusCode, &'static str) {
    match orders.check().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the journal does not answer\n")
        }
    }
}
