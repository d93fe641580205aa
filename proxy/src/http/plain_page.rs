//! Pages that the proxy makes itself, without script: after a failed sign-in, and those of the demo. They need no file of the
//! page, which may be hosted elsewhere.

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{DOCTYPE, Markup, html};
use shared::language::Language;

/// Their style sheet, below the page's path.
const STYLE: &str = "plain.css";

/// The route of their style sheet.
pub(super) fn router() -> Router {
    let style = || async {
        let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
        (headers, include_str!("plain.css"))
    };
    Router::new().route(&format!("/{STYLE}"), get(style))
}

/// A page in the reader's language, of a proxy below `base`, which has slashes around.
pub(crate) fn plain_page(
    status: StatusCode,
    language: Language,
    base: &str,
    title: &str,
    content: &Markup,
) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(format!("{base}{STYLE}"));
                title { (title) " · Deskbuy" }
            }
            body { main { h1 { (title) } (content) } }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_LANGUAGE, language.tag()),
        (header::VARY, "accept-language, cookie"),
    ];
    (status, headers, page.into_string()).into_response()
}
