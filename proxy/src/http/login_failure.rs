//! The page after a failed sign-in: the reason in the reader's language, and the ways on.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::html;
use shared::language::Language;
use tracing::{debug, info, warn};

use super::{plain_page::plain_page, reader_language::reader_language};
use crate::signin::{CallbackError, ProviderError};

/// The page, of a proxy below `base`.
pub(super) fn page(error: &CallbackError, headers: &HeaderMap, base: &str) -> Response {
    match error {
        CallbackError::NotAllowed { by, why } => info!(target: "audit", by, why, "a person was not let in"),
        // Anybody can ask for this at any rate.
        CallbackError::NotUnderWay => debug!("a callback without a sign-in under way"),
        error => warn!(%error, "a sign-in came to nothing"),
    }
    let (status, zh, en) = reason(error);
    let language = reader_language(headers);
    // English stands beside Chinese too: who helps at the provider may be elsewhere.
    let beside = |zh: &str, en: &str| match language {
        Language::Chinese => html! { (zh) " " span lang="en" { (en) } },
        Language::English => html! { (en) },
    };
    let title = if language == Language::Chinese { "登录" } else { "Sign in" };
    let content = html! {
        p { (beside(zh, en)) }
        p { a href=(format!("{base}login")) { (beside("重新登录", "Sign in again")) } }
        p { a href=(base) { (beside("返回页面", "Back to the page")) } }
    };
    plain_page(status, language, base, title, &content)
}

fn reason(error: &CallbackError) -> (StatusCode, &'static str, &'static str) {
    match error {
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
        CallbackError::Busy => (
            StatusCode::SERVICE_UNAVAILABLE,
            "当前登录人数过多，请稍后重试。",
            "Too many people are signing in at the moment. Try again shortly.",
        ),
        CallbackError::Provider(_)
        | CallbackError::Claims(_)
        | CallbackError::NoSession
        | CallbackError::NoRandomness(_) => (
            StatusCode::FORBIDDEN,
            "登录未成功，请重试或联系管理员。",
            "Signing in failed. Try again, or ask your administrator.",
        ),
    }
}
