//! `/login`, `/login/callback`, `POST /logout` and `GET /api/session`. The protocol is in [`crate::signin`], the page
//! after a failure in [`super::login_failure`].

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use shared::session::Session;
use tokio::time::timeout;
use tracing::info;

use super::{
    api::query::Query,
    app::App,
    failure, login_failure,
    middleware::{
        authorize::{now, person},
        guard::Guard,
    },
};
use crate::signin::{CALLBACK, CallbackError};

/// The routes of sign-in. None without sign-in.
pub(super) fn router(guard: Arc<Guard>) -> Router {
    if guard.sign_in.is_none() {
        return Router::new();
    }
    Router::new()
        .route("/login", get(login))
        .route(CALLBACK, get(callback))
        .route("/logout", post(logout))
        .method_not_allowed_fallback(failure::method_not_allowed)
        .with_state(guard)
}

/// `GET /api/session`: open to anonymous callers, since the page learns from it whether sign-in is required.
pub(super) async fn session(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let (user, cookie) = person(&app.guard, &headers).unzip();
    let sign_in = app.guard.sign_in.is_some();
    // Strangers learn nothing of it.
    let order_fields = (user.is_some() || !sign_in) && !app.guard.limits.fields.is_empty();
    let session = Session { demo: app.demo, sign_in, order_fields, user };
    with_cookies(Json(session).into_response(), cookie.flatten())
}

/// `GET /login?return=…`: redirects to the provider. It asks the provider nothing that is known already, so anonymous
/// requests cost little, and no limit could be used up for others.
async fn login(State(guard): State<Arc<Guard>>, headers: HeaderMap, query: Query) -> Response {
    let Some(sign_in) = &guard.sign_in else { return failure::not_found().await.into_response() };
    let failed = |error: &CallbackError| login_failure::page(error, &headers, guard.base());
    let asked = query.0.unwrap_or_default().into_iter().find_map(|(name, text)| (name == "return").then_some(text));
    match sign_in.begin(&headers, guard.return_address(asked.as_deref()), now()).await {
        Ok((to, cookies)) => with_cookies(redirect(to.as_str()), cookies),
        Err(error) => failed(&error),
    }
}

/// `GET /login/callback`: completes the sign-in, and redirects to where the person was.
async fn callback(State(guard): State<Arc<Guard>>, headers: HeaderMap, query: Query) -> Response {
    let Some(sign_in) = &guard.sign_in else { return failure::not_found().await.into_response() };
    let failed = |error: &CallbackError| login_failure::page(error, &headers, guard.base());
    let query = query.0.unwrap_or_default();
    let one = |wanted: &str| query.iter().find_map(|(name, text)| (name == wanted).then_some(text.as_str()));
    let state = one("state").unwrap_or_default();
    // Each callback is single-use, whatever its outcome.
    let cleared = sign_in.clear_pending(state);
    // Before the wait, in which only browsers have a part that began a sign-in.
    if !sign_in.is_under_way(&headers, state, now()) {
        return with_cookies(failed(&CallbackError::NotUnderWay), cleared);
    }
    let answer = one("code").map(str::to_owned).ok_or_else(|| provider_error(one("error").unwrap_or_default()));
    let Ok(Ok(_permit)) = timeout(LONGEST_WAIT, guard.code_exchanges.acquire()).await else {
        return failed(&CallbackError::Busy);
    };
    match sign_in.complete(&headers, state, answer, now()).await {
        Ok(signed_in) => {
            info!(target: "audit", by = signed_in.by, "a person has signed in");
            with_cookies(redirect(&signed_in.back), cleared.into_iter().chain([signed_in.cookie]))
        }
        Err(error) => with_cookies(failed(&error), cleared),
    }
}

/// How long a callback waits for its turn to ask the provider.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(10);

/// `POST /logout`: ends the session here, and says where the person can sign out at the provider too, if it offers that.
async fn logout(State(guard): State<Arc<Guard>>, headers: HeaderMap) -> Response {
    let Some(sign_in) = &guard.sign_in else { return failure::not_found().await.into_response() };
    let session = guard.session(&headers, now());
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(session) = session {
        info!(target: "audit", by = &*session.identity.journal_name(), "a person has signed out");
        guard.end_session(&session).await;
        if let Some(to) = sign_in.end_session_at_provider().await {
            response = Json(json!({ "provider": to.as_str() })).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    with_cookies(response, sign_in.clear_session())
}

/// A redirect that the browser follows with GET (303).
fn redirect(address: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(address) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn with_cookies(mut response: Response, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    response.headers_mut().extend(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)));
    response
}

/// The provider's error code, if it is a known one. Other texts may come from anybody, and are not logged.
fn provider_error(error: &str) -> &'static str {
    const ERROR_CODES: [&str; 8] = [
        "access_denied",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
    ];
    ERROR_CODES.into_iter().find(|known| *known == error).unwrap_or("no code")
}
