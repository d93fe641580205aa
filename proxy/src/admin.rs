//! The admin listener: `/live`, `/ready` and `/metrics`. It has a port of its own, so that it need not be reachable
//! from where the page is.

use std::{net::IpAddr, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header, uri::Authority},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use cloud::CredentialsSource;
use orders::{JournalError, Orders};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::metrics::{self, Metrics};

/// Deadline of a readiness check and of the counts for `/metrics`. Probes and scrapes come again in a few seconds.
const READINESS_DEADLINE: Duration = Duration::from_secs(2);

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
        // Liveness: whether to restart the process. Depends on nothing else.
        .route("/live", get(|| async { "live\n" }))
        // Readiness: whether to send requests here. The cloud is not part of it: a proxy that reports the cloud's
        // trouble is more use than none. Without credentials the proxy can do nothing.
        .route("/ready", get(ready))
        // Metrics are served even when the journal fails, since they show that it does.
        .route("/metrics", get(numbers))
        .layer(from_fn(check_host))
        .with_state(Admin { orders, credentials, metrics, stopping })
}

/// Refuses names that a foreign page could have made point here (DNS rebinding). Addresses, and names without a dot as
/// Kubernetes and compose give to services, cannot be a foreign site's.
pub(crate) async fn check_host(request: Request, next: Next) -> Response {
    // Browsers always send one; health checks of HTTP/1.0 do not.
    let names = request.headers().get_all(header::HOST).iter().filter(|host| !host.is_empty());
    let names = names.map(|host| host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()));
    let is_local = |name: &str| {
        let inner = [
            ".svc",
            ".svc.cluster.local",
            ".internal",
            ".local",
            ".localhost",
            ".lan",
            ".corp",
            ".home",
            ".home.arpa",
            ".intranet",
            ".private",
            ".consul",
        ];
        name.parse::<IpAddr>().is_ok() || !name.contains('.') || inner.iter().any(|end| name.ends_with(end))
    };
    // A name may end with the dot of the root, as those of Kubernetes do in some settings.
    let is_ours = |host: Option<Authority>| {
        host.filter(|host| !host.as_str().contains('@')).is_some_and(|host| {
            let name = host.host().trim_matches(['[', ']']).to_ascii_lowercase();
            is_local(name.strip_suffix('.').unwrap_or(&name))
        })
    };
    let is_refused = !names.into_iter().all(is_ours);
    if is_refused {
        return (StatusCode::MISDIRECTED_REQUEST, "this listener does not go by that name\n").into_response();
    }
    next.run(request).await
}

async fn ready(State(admin): State<Admin>) -> (StatusCode, String) {
    let unready = |why: String| (StatusCode::SERVICE_UNAVAILABLE, why + "\n");
    if admin.stopping.is_cancelled() {
        return unready("stopping".to_owned());
    }
    // A write, since a database that can only be read keeps no order.
    match timeout(READINESS_DEADLINE, admin.orders.check()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "the journal cannot be written");
            return unready(format!("the journal cannot be written: {}", error.cause()));
        }
        Err(_) => {
            tracing::warn!("the journal does not answer in time");
            return unready("the journal does not answer in time".to_owned());
        }
    }
    match timeout(READINESS_DEADLINE, admin.credentials.current()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Err(error)) => unready(format!("there are no valid credentials: {error}")),
        Err(_) => unready("there are no valid credentials: their place does not answer in time".to_owned()),
    }
}

async fn numbers(State(admin): State<Admin>) -> impl IntoResponse {
    let orders = in_time(admin.orders.counts()).await;
    admin.metrics.set_orders(orders.as_deref());
    // Not after a deadline that has passed: a scrape waits for one at most.
    let notifications = if orders.is_some() { in_time(admin.orders.notification_counts()).await } else { None };
    admin.metrics.set_notifications(notifications);
    ([(header::CONTENT_TYPE, metrics::MEDIA_TYPE)], admin.metrics.encode())
}

/// The journal's answer, or `None` after an error or the deadline.
async fn in_time<T>(question: impl Future<Output = Result<T, JournalError>>) -> Option<T> {
    match timeout(READINESS_DEADLINE, question).await {
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
