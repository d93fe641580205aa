//! Admission: refuses requests for other hosts, of excessive size, or with an unexpected method.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
};
use shared::{Code, Outcome, Problem};

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
            let refused = guard.refuses_forwarded && is_forwarded(request.headers());
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

/// Whether another server passed the request on.
fn is_forwarded(headers: &HeaderMap) -> bool {
    let marks =
        |name: &str| name == "forwarded" || name == "via" || name == "x-real-ip" || name.starts_with("x-forwarded-");
    headers.keys().any(|name| marks(name.as_str()))
}
