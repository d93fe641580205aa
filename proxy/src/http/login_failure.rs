//! The page after a failed sign-in: the reason in the reader's language, and the ways on.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use shared::language::{LANGUAGE_COOKIE, Language};
use tracing::{debug, info, warn};

use crate::signin::{CallbackError, ProviderError, cookie_values};

/// The page, of a proxy below `base`. It has no script and no style of its own, and so needs no file of the page.
pub(super) fn page(error: &CallbackError, headers: &HeaderMap, base: &str) -> Response {
    match error {
        CallbackError::NotAllowed { by, why } => info!(target: "audit", by, why, "a person was not let in"),
        // Anybody can ask for this at any rate.
        CallbackError::NotUnderWay => debug!("a callback without a sign-in under way"),
        error => warn!(%error, "a sign-in came to nothing"),
    }
    let (status, zh, en) = reason(error);
    let language = reader(headers);
    // English stands beside Chinese too: who helps at the provider may be elsewhere.
    let beside = |zh: &str, en: &str| match language {
        Language::Chinese => format!("{zh} <span lang=\"en\">{en}</span>"),
        Language::English => en.to_owned(),
    };
    let title = if language == Language::Chinese { "登录" } else { "Sign in" };
    let (text, again) = (beside(zh, en), beside("重新登录", "Sign in again"));
    let home = beside("返回页面", "Back to the page");
    let page = format!(
        "<!doctype html>\n<html lang=\"{tag}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title} · Deskbuy</title>\n<main>\n<h1>{title}</h1>\n\
         <p>{text}</p>\n<p><a href=\"{base}login\">{again}</a></p>\n<p><a href=\"{base}\">{home}</a></p>\n</main>\n",
        tag = language.tag()
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_LANGUAGE, language.tag()),
        (header::VARY, "accept-language, cookie"),
    ];
    (status, headers, page).into_response()
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

/// The reader's language: the one chosen on the page, or else the one that the browser prefers.
fn reader(headers: &HeaderMap) -> Language {
    if let Some(chosen) = cookie_values(headers, LANGUAGE_COOKIE).find_map(Language::of_tag) {
        return chosen;
    }
    let accepted = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let mut tags: Vec<(f32, &str)> = accepted.flat_map(|list| list.split(',')).filter_map(weighted).collect();
    // Stable, so that tags of equal weight stay in the browser's order.
    tags.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    Language::preferred(tags.into_iter().map(|(_, tag)| tag))
}

/// The weight and the tag of an item such as `zh-CN;q=0.8`. `None` if the browser does not want it.
fn weighted(item: &str) -> Option<(f32, &str)> {
    let (tag, weight) = item.split_once(';').unwrap_or((item, ""));
    let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |text| text.trim().parse().ok())?;
    (weight > 0.0).then_some((weight, tag.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_language() {
        let check = |accept: Option<&str>, cookie: Option<&str>, expect: Language| {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            }
            if let Some(cookie) = cookie {
                headers.insert(header::COOKIE, cookie.parse().unwrap());
            }
            assert_eq!(reader(&headers), expect, "{accept:?} {cookie:?}");
        };
        check(None, None, Language::English);
        check(Some("zh-CN,zh;q=0.9,en;q=0.8"), None, Language::Chinese);
        check(Some("en;q=0.8, zh-TW"), None, Language::Chinese);
        check(Some("fr, de;q=0.9, zh;q=0.1, en;q=0.2"), None, Language::English);
        check(Some("zh;q=0, en"), None, Language::English);
        check(Some("zh;q=x, *"), None, Language::English);
        check(Some("en"), Some("deskbuy-language=zh-CN"), Language::Chinese);
    }
}
