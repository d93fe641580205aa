//! The HTTP interface: which addresses there are, and what surrounds all of them. Each address has a file of its own;
//! errors become answers in [`failure`] and [`middleware::access_log`] only.

mod api;
mod app;
mod failure;
mod login;
mod middleware;
mod page;

use std::{path::Path, sync::Arc};

use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
    routing::{any, get, post},
};
use tower::{ServiceBuilder, layer::layer_fn};
use tower_http::{catch_panic::CatchPanicLayer, csrf::ConfigError, validate_request::ValidateRequestHeaderLayer};

use api::{events, orders, prices, reads, stock, users};
pub(crate) use app::App;
pub(crate) use middleware::guard::Guard;
pub use middleware::guard::GuardSettings;
use middleware::{access_log::AccessLog, authorize::Authorize, compress::CompressLong, guard};
pub(crate) use page::missing as missing_page;

/// The page and its API. Fails where the settings name an origin that no browser sends.
pub(crate) fn router(app: App, page: &Path) -> Result<Router, ConfigError> {
    let (guarding, metrics) = (Arc::clone(&app.guard), app.metrics.clone());
    let around_all = ServiceBuilder::new()
        // Outermost, so that it numbers, times, counts and logs every request, and gives every problem its body.
        .layer(layer_fn(move |inner| AccessLog::new(inner, metrics.clone())))
        // On every answer, errors and panics included: a policy with gaps is none.
        .map_response(page::set_security_headers)
        // Within the log, so that a panic is a logged answer like any other.
        .layer(CatchPanicLayer::custom(failure::of_panic))
        // Before anything that reads the request: it may be for another host, or of any size.
        .layer(ValidateRequestHeaderLayer::custom(guard::pass(Arc::clone(&guarding))))
        // Before what refuses, so that a page that is hosted elsewhere can read why; and it answers a browser that only
        // asks what is allowed, which sends no cookies.
        .option_layer(guarding.cors())
        // Before who asks is looked at: the cookie of a person whom a foreign page has sent is worth nothing.
        .layer(guarding.csrf()?);

    Ok(api(app).merge(login::router(guarding)).fallback_service(page::service(page)).layer(around_all))
}

/// Actions by their names, and what the proxy adds to them.
///
/// A router copies whatever it is layered with for each request, and a nested one does so twice. So the addresses are
/// written out, and what surrounds them is one layer.
fn api(app: App) -> Router {
    let guard = Arc::clone(&app.guard);
    let app = Arc::new(app);
    let around_api = ServiceBuilder::new()
        // Answers are about one account at one moment; no cache on the way may keep them.
        .map_response(forbid_storing)
        .layer(CompressLong);

    // All that is not there.
    let nowhere = ["/api", "/api/", "/api/{action}/", "/api/{action}/{*rest}"];
    let nowhere = nowhere.into_iter().fold(Router::new(), |router, path| router.route(path, any(failure::not_found)));
    let for_callers = nowhere
        .route("/api/orders", get(orders::list).post(orders::create))
        // Before any token: a stream is never compressed, and no order is called so.
        .route("/api/orders/events", get(events::stream))
        .route("/api/orders/{token}", get(orders::one))
        .route("/api/desktops", get(orders::desktops))
        .route("/api/stock", get(stock::table))
        .route("/api/prices", get(prices::of_region))
        .route("/api/CreateUser", post(users::create).get(users::writes_are_posted))
        .route("/api/ModifyUser", post(users::modify).get(users::writes_are_posted))
        .merge(reads::routes())
        .route("/api/{action}", get(reads::others).post(reads::others))
        .method_not_allowed_fallback(failure::method_not_allowed)
        // Around all of them, those included that are not there: strangers are not told which are.
        .layer(around_api.clone().layer(layer_fn(move |inner| Authorize::new(inner, Arc::clone(&guard)))))
        .with_state(Arc::clone(&app));
    // The page asks here whether one has to sign in.
    let for_strangers = Router::new()
        .route("/api/session", get(login::session).fallback(failure::method_not_allowed))
        .layer(around_api)
        .with_state(app);
    for_callers.merge(for_strangers)
}

fn forbid_storing<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
