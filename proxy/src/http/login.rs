//! `/login`, `/login/callback`, `POST /logout` and `GET /api/session`. The protocol is in [`crate::signin`].

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use shared::session::Session;
use tracing::{info, warn};

use super::{
    api::query::Query,
    app::App,
    failure,
    middleware::{
        authorize::{now, person},
        guard::Guard,
    },
};
use crate::signin::{CALLBACK, CallbackError, ProviderError, SignIn};

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
    let session = Session { demo: app.demo, sign_in: app.guard.sign_in.is_some(), user };
    with_cookies(Json(session).into_response(), cookie.flatten())
}

/// `GET /login?return=…`: redirects to the provider.
async fn login(State(guard): State<Arc<Guard>>, headers: HeaderMap, query: Query) -> Response {
    let Some(sign_in) = &guard.sign_in else { return failure::not_found().await.into_response() };
    if let Err(failure) = guard.rate_limits.sign_in() {
        return failure.into_response();
    }
    let asked = query.0.unwrap_or_default().into_iter().find_map(|(name, text)| (name == "return").then_some(text));
    match sign_in.begin(&headers, guard.return_address(asked.as_deref()), now()).await {
        Ok((to, cookies)) => with_cookies(redirect(to.as_str()), cookies),
        Err(error) => failure_page(&error),
    }
}

/// `GET /login/callback`: completes the sign-in, and redirects to where the person was.
async fn callback(State(guard): State<Arc<Guard>>, headers: HeaderMap, query: Query) -> Response {
    let Some(sign_in) = &guard.sign_in else { return failure::not_found().await.into_response() };
    if let Err(failure) = guard.rate_limits.sign_in() {
        return failure.into_response();
    }
    let query = query.0.unwrap_or_default();
    let one = |wanted: &str| query.iter().find_map(|(name, text)| (name == wanted).then_some(text.as_str()));
    let state = one("state").unwrap_or_default();
    // Each callback is single-use, whatever its outcome.
    let cleared = SignIn::clear_pending(state);
    let answer = one("code").map(str::to_owned).ok_or_else(|| provider_error(one("error").unwrap_or_default()));
    match sign_in.complete(&headers, state, answer, now()).await {
        Ok(signed_in) => {
            info!(target: "audit", by = signed_in.by, "a person has signed in");
            with_cookies(redirect(&signed_in.back), cleared.into_iter().chain([signed_in.cookie]))
        }
        Err(error) => with_cookies(failure_page(&error), cleared),
    }
}

/// `POST /logout`: ends the session here. The session at the provider stays.
async fn logout(State(guard): State<Arc<Guard>>, headers: HeaderMap) -> Response {
    if let Some(session) = guard.sign_in.as_ref().and_then(|sign_in| sign_in.session(&headers, now())) {
        info!(target: "audit", by = session.identity.journal_name(), "a person has signed out");
    }
    with_cookies(StatusCode::NO_CONTENT.into_response(), crate::signin::Session::end())
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

/// The page shown after a failed sign-in: the reason, and a link to try again.
fn failure_page(error: &CallbackError) -> Response {
    if let CallbackError::NotAllowed { by } = error {
        info!(target: "audit", by, "a person was not let in");
    } else {
        warn!(%error, "a sign-in came to nothing");
    }
    let (status, zh, en) = match error {
        CallbackError::NotAllowed { .. } => (
            StatusCode::FORBIDDEN,
            "你已登录，但没有使用此页面的权限，请联系管理员。",
            "You have signed in, but you may not use this page. Ask your administrator.",
        ),
        CallbackError::NotUnderWay => (
            StatusCode::BAD_REQUEST,
            "此登录已失效或已使用过，请重新登录。",
            "This sign-in has expired or was used already. Please sign in again.",
        ),
        CallbackError::Provider(ProviderError::Unavailable(_)) => (
            StatusCode::BAD_GATEWAY,
            "登录服务暂时不可用，请稍后重试。",
            "The sign-in service is not available at the moment. Try again shortly.",
        ),
        CallbackError::Provider(_) | CallbackError::Claims(_) | CallbackError::NoSession => (
            StatusCode::FORBIDDEN,
            "登录未成功，请重试或联系管理员。",
            "Signing in failed. Try again, or ask your administrator.",
        ),
    };
    let page = format!(
        "<!doctype html>\n<html lang=\"zh-CN\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>登录 · Sign in · Deskbuy</title>\n<main>\n\
         <h1>登录 · <span lang=\"en\">Sign in</span></h1>\n<p>{zh}</p>\n<p lang=\"en\">{en}</p>\n\
         <p><a href=\"/login\">重新登录 · <span lang=\"en\">Sign in again</span></a></p>\n</main>\n"
    );
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, page).into_response()
}
