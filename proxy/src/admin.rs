//! The admin listener's interface: whether the proxy lives, whether it can do its work, and its numbers. On a port of its
//! own, so that it need not be reachable from where the page is.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use cloud::CredentialsSource;
use orders::{JournalError, Orders};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::metrics::{self, Metrics};

/// How long the journal may take to answer: whoever asks here asks again in a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Admin {
    orders: Orders,
    credentials: CredentialsSource,
    metrics: Metrics,
    stopping: CancellationToken,
}

/// `/live`, `/ready` and `/metrics`.
pub(crate) fn router(
    orders: Orders,
    credentials: CredentialsSource,
    metrics: Metrics,
    stopping: CancellationToken,
) -> Router {
    Router::new()
        // Whether to restart it: asks nothing of anybody.
        .route("/live", get(|| async { "live\n" }))
        // Whether to send it requests. The cloud is left out: a proxy that tells of its trouble is of more use than
        // none. Without credentials it can do nothing at all.
        .route("/ready", get(ready))
        // The numbers are there whatever the journal does, or nobody would see why it does not.
        .route("/metrics", get(numbers))
        .with_state(Admin { orders, credentials, metrics, stopping })
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, &'static str) {
    if admin.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    if in_time(admin.orders.check()).await.is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the journal does not answer\n");
    }
    match timeout(PATIENCE, admin.credentials.current()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        // Why not, the keeper of the credentials has logged.
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "there are no valid credentials\n"),
    }
}

async fn numbers(State(admin): State<Admin>) -> impl IntoResponse {
    let orders = in_time(admin.orders.counts()).await;
    admin.metrics.set_orders(orders.as_deref());
    ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], admin.metrics.encode())
}

/// What the journal answers, if it does so soon.
async fn in_time<T>(question: impl Future<Output = Result<T, JournalError>>) -> Option<T> {
    match timeout(PATIENCE, question).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the journal does not answer");
            None
        }
        Err(_) => {
            tracing::warn!("the journal does not answer in time");
            None
        }
    }
}
