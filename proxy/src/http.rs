//! The HTTP interface: the routes and the middleware around them. Each route has a file of its own. Errors become
//! answers in [`failure`] and [`middleware::access_log`] only.

mod api;
mod app;
mod base;
mod document;
mod failure;
mod login;
mod login_failure;
mod middleware;
mod page;
mod plain_page;
mod reader_language;
mod security_headers;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::Response,
    routing::{any, get, post},
};
use tower::{ServiceBuilder, layer::layer_fn};
use tower_http::{catch_panic::CatchPanicLayer, csrf::ConfigError, validate_request::ValidateRequestHeaderLayer};

pub(crate) use api::running_exports::Exports;
use api::{approvals, events, export, limits, openapi, order_fields, orders, prices, reads, stock, summary, users};
pub(crate) use app::App;
pub(crate) use middleware::client_address::PeerAddress;
pub(crate) use middleware::guard::Guard;
use middleware::{
    access_log::AccessLog,
    authorize::{APPROVALS, Authorize},
    compress::CompressLong,
    guard,
};
pub use middleware::{
    client_address::Network,
    guard::{GuardSettings, LimitSettings},
};
pub use page::PageSource;
#[cfg(feature = "demo")]
pub(crate) use {plain_page::plain_page, reader_language::reader_language};

/// The router of the page and its API, and of further routes that anybody may use. Fails if the settings name an origin
/// that no browser sends.
pub(crate) fn router(app: App, page: PageSource, further: Router) -> Result<Router, ConfigError> {
    let (guarding, metrics) = (Arc::clone(&app.guard), app.metrics.clone());
    let trusted: Arc<[Network]> = guarding.trusted_proxies.clone().into();
    let around_all = ServiceBuilder::new()
        // Outermost, so that it identifies, times, counts and logs every request, and writes the body of every problem.
        .layer(layer_fn(move |inner| AccessLog::new(inner, metrics.clone(), Arc::clone(&trusted))))
        // On every answer, errors and panics included: a policy with gaps protects nothing.
        .map_response(security_headers::set_security_headers)
        // Inside the access log, so that a panic is a logged answer like any other.
        .layer(CatchPanicLayer::custom(failure::of_panic))
        // Before anything that reads the request, which may be for another host or of any size.
        .layer(ValidateRequestHeaderLayer::custom(guard::pass(Arc::clone(&guarding))))
        // Before the refusals, so that a page hosted elsewhere can read them. It also answers preflight requests, which
        // carry no cookies.
        .option_layer(guarding.cors())
        // Before authorization: the session cookie of a cross-site request proves nothing about the person's intention.
        .layer(guarding.csrf()?);

    let app = Arc::new(app);
    let files = page::service(page, Arc::clone(&app));
    let path = guarding.base().to_owned();
    let all = api(app)
        .merge(login::router(guarding))
        .merge(plain_page::router())
        .merge(further)
        .fallback_service(files)
        .layer(around_all);
    Ok(base::below(&path, all))
}

/// The routes of the API, with what is the same around all of them.
///
/// A router clones its layers for each request, and a nested router clones them twice. So the paths are written out,
/// and one layer surrounds them.
fn api(app: Arc<App>) -> Router {
    let guard = Arc::clone(&app.guard);
    let around_api = ServiceBuilder::new()
        // Answers belong to one account and one moment, so no cache on the way may store them.
        .map_response(forbid_storing)
        .layer(CompressLong);

    // Unknown paths.
    let nowhere = ["/api", "/api/", "/api/{action}/", "/api/{action}/{*rest}"];
    let nowhere = nowhere.into_iter().fold(Router::new(), |router, path| router.route(path, any(failure::not_found)));
    let for_callers = nowhere
        .route("/api/orders", get(orders::list).post(orders::create))
        // Before `{token}`. A stream is never compressed, and no order has the token `events`.
        .route("/api/orders/events", get(events::stream))
        .route("/api/orders/{token}", get(orders::one))
        .route("/api/orders/{token}/fields", post(order_fields::change))
        .route("/api/order-fields", get(order_fields::list))
        .route(APPROVALS, get(approvals::waiting).post(approvals::decide))
        .route("/api/orders.csv", get(export::orders))
        .route("/api/desktops", get(orders::desktops))
        .route("/api/desktops/totals", get(orders::desktop_totals))
        .route("/api/desktops/choices", get(orders::desktop_choices))
        .route("/api/desktops.csv", get(export::desktops))
        .route("/api/summary", get(summary::months))
        .route("/api/summary.csv", get(summary::file))
        .route("/api/stock", get(stock::table))
        .route("/api/prices", get(prices::of_region))
        .route("/api/limits", get(limits::of_caller))
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/CreateUser", post(users::create).get(users::writes_are_posted))
        .route("/api/ModifyUser", post(users::modify).get(users::writes_are_posted))
        .merge(reads::routes())
        .route("/api/{action}", get(reads::others).post(reads::others))
        .method_not_allowed_fallback(failure::method_not_allowed)
        // Around unknown paths too, so that anonymous callers cannot find out which paths exist.
        .layer(around_api.clone().layer(layer_fn(move |inner| Authorize::new(inner, Arc::clone(&guard)))))
        .with_state(Arc::clone(&app));
    // Open to anonymous callers: from it the page learns whether sign-in is required.
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
