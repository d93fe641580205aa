//! Admission: refuses requests for other hosts, of excessive size, or with an unexpected method.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Uri, Version, header},
    response::{IntoResponse, Response},
};
use shared::{Code, Outcome, Problem};
use url::Url;

use super::Guard;
use crate::http::failure::Failure;

/// The longest path and query, in bytes: eight times what the page needs.
const MAX_ADDRESS_LENGTH: usize = 8 << 10;
/// The largest headers without cookies, in bytes.
const MAX_HEADERS_LENGTH: usize = 32 << 10;

/// Refuses requests for other hosts, of excessive size, or with an unexpected method.
#[expect(clippy::result_large_err, reason = "the layer wants it so, and refusals are rare")]
pub(in crate::http) fn pass(guard: Arc<Guard>) -> impl FnMut(&mut Request) -> Result<(), Response> + Clone {
    move |request| {
        let checked = check(&guard, request.method(), request.uri(), request.headers());
        let checked = checked.map_err(|code| Problem::new(code, Outcome::NotSent)).and_then(|()| {
            let refused = guard.refuses_forwarded && is_forwarded(&guard, request);
            let problem = || Problem::new(Code::UnknownHost, Outcome::NotSent);
            let why = "Nobody has to sign in here, so requests that another server passed on are refused.";
            if refused { Err(problem().because(why)) } else { Ok(()) }
        });
        checked.map_err(|problem| Failure::from(problem).into_response())
    }
}

fn check(guard: &Guard, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Code> {
    if uri.path_and_query().map_or(0, |whole| whole.as_str().len()) > MAX_ADDRESS_LENGTH {
        return Err(Code::AddressTooLong);
    }
    // Other sites of the company set cookies too, and what they set is not for us to refuse. The server bounds all together.
    let counted = headers.iter().filter(|(name, _)| *name != header::COOKIE);
    let size: usize = counted.map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADERS_LENGTH {
        return Err(Code::HeadersTooLarge);
    }
    if !guard.hosts.know(uri, headers) {
        return Err(Code::UnknownHost);
    }
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::OPTIONS => Ok(()),
        _ => Err(Code::MethodNotAllowed),
    }
}

/// Whether another server passed the request on: by its own mark, or by those of one that leaves none.
fn is_forwarded(guard: &Guard, request: &Request) -> bool {
    let headers = request.headers();
    let is_marked = headers.keys().any(|name| is_mark(name.as_str()));
    // nginx as it comes talks HTTP/1.0, names this listener as the host, and adds nothing.
    let is_old = request.version() < Version::HTTP_11 && *request.method() == Method::POST;
    is_marked || is_old || is_of_a_page_elsewhere(guard, headers)
}

/// Headers that servers in front add, and no browser or program does by itself.
fn is_mark(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "via",
        "cdn-loop",
        "cf-ray",
        "eagleid",
        "max-forwards",
        "x-amzn-trace-id",
        "x-arr-ssl",
        "x-envoy-external-address",
        "x-original-host",
        "x-original-url",
        "x-rewrite-url",
        "x-request-start",
    ];
    const PARTS: [&str; 6] = ["forwarded", "real-ip", "client-ip", "clientip", "connecting-ip", "proxyuser-ip"];
    NAMES.contains(&name) || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a page at another address asks, and takes this proxy for its own origin: a server between them calls it so.
fn is_of_a_page_elsewhere(guard: &Guard, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(HeaderValue::to_str).and_then(Result::ok);
    if text("sec-fetch-site") != Some("same-origin") {
        return false;
    }
    let is_ours = |address: &str| {
        let url = Url::parse(address).ok();
        url.is_some_and(|url| guard.hosts.has(&url) || guard.pages.contains(&url.origin().ascii_serialization()))
    };
    [header::ORIGIN, header::REFERER].iter().filter_map(|name| text(name.as_str())).any(|address| !is_ours(address))
}
