//! The JSON body extractor: checks the media type, limits size and time, and parses. Handlers give the type.

use std::time::Duration;

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use shared::{Code, Outcome, Problem};
use tokio::time::timeout;

use crate::http::failure::Failure;

/// Deadline of a body. At most 768 kB arrive within it; a client that sends single bytes only occupies a connection.
const BODY_DEADLINE: Duration = Duration::from_secs(20);
/// The largest body: five hundred orders are about 200 kB, three times that with the longest names.
const MAX_BODY_LENGTH: usize = 768 << 10;

/// A JSON body. Other media types are refused, which also refuses cross-site form posts.
pub(in crate::http) struct JsonBody<T>(pub(in crate::http) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let refuse = |code| Problem::new(code, Outcome::NotSent);
        if !is_json(request.headers()) {
            return Err(refuse(Code::UnsupportedMediaType).into());
        }
        let body = timeout(BODY_DEADLINE, Limited::new(request.into_body(), MAX_BODY_LENGTH).collect()).await;
        let body = body.map_err(|_| refuse(Code::BodyTooSlow))?.map_err(|error| {
            refuse(if error.is::<LengthLimitError>() { Code::BodyTooLarge } else { Code::MalformedBody })
        })?;
        // The position helps the client's author. The content is not repeated.
        let place = |error: serde_json::Error| format!("line {}, column {}", error.line(), error.column());
        match serde_json::from_slice(&body.to_bytes()) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(refuse(Code::MalformedBody).because(place(error)).into()),
        }
    }
}

/// Whether a body is larger than that of a hundred orders, or may be.
pub(super) fn is_large(headers: &HeaderMap) -> bool {
    const LARGE: usize = 128 << 10;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.is_none_or(|length: usize| length > LARGE)
}

fn is_json(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = declared.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::StatusCode, response::IntoResponse};
    use futures_util::stream;

    use super::*;

    #[test]
    fn examples_of_servers_in_front_take_the_same_body() {
        let size = format!("{}k", MAX_BODY_LENGTH >> 10);
        for (text, name) in [
            (include_str!("../../../../deploy/nginx.conf"), "client_max_body_size "),
            (include_str!("../../../../deploy/nginx-two-origins.conf"), "client_max_body_size "),
            (include_str!("../../../../deploy/kubernetes.yaml"), "proxy-body-size: "),
        ] {
            assert!(text.contains(&format!("{name}{size}")), "{name}{size}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let first = stream::once(async { Ok::<_, std::convert::Infallible>("{") });
        let body = Body::from_stream(futures_util::StreamExt::chain(first, stream::pending()));
        let request = Request::post("/").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
        let refused = JsonBody::<serde_json::Value>::from_request(request, &()).await.err().unwrap().into_response();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[test]
    fn a_body_of_no_declared_length_may_be_large() {
        let check = |length: Option<&str>, expect: bool| {
            let headers = length.map(|length| (header::CONTENT_LENGTH, length.parse().unwrap()));
            assert_eq!(is_large(&headers.into_iter().collect()), expect, "{length:?}");
        };
        check(Some("2"), false);
        check(Some("131072"), false);
        check(Some("131073"), true);
        check(Some("-1"), true);
        check(None, true);
    }

    #[test]
    fn media_types() {
        let check = |text: &str, expect: bool| {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, text.parse().unwrap())]);
            assert_eq!(is_json(&headers), expect, "{text}");
        };
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("text/plain", false);
        check("application/json-seq", false);
        check("application/x-www-form-urlencoded", false);
        check("", false);
        assert!(!is_json(&HeaderMap::new()));
    }
}
