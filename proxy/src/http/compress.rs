//! Long answers of the API, compressed for who takes that: lists of users and images are much alike. Files of the page
//! are compressed when it is built.

use std::{convert::Infallible, future::ready};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Shorter ones fit into one packet anyway, and are hardly shorter when compressed.
const LONG: u64 = 400;

/// Only what is long goes through the layer: its body is 19 kB by itself, whether or not it compresses, and would be
/// moved about for every answer.
pub(super) async fn long_answers(request: Request, next: Next) -> Response {
    let accepted = request.headers().get_all(header::ACCEPT_ENCODING);
    let accepted: HeaderMap = accepted.iter().map(|value| (header::ACCEPT_ENCODING, value.clone())).collect();
    let response = next.run(request).await;
    let is_short = response.body().size_hint().upper().is_some_and(|length| length < LONG);
    if is_short || accepted.is_empty() {
        return response;
    }
    let mut asked = Request::new(Body::empty());
    *asked.headers_mut() = accepted;
    let mut response = Some(response);
    let answer = service_fn(move |_: Request| ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    // Brotli's own default is its slowest level, meant for files that are compressed once.
    let layer = CompressionLayer::new().quality(CompressionLevel::Precise(4));
    let Ok(compressed) = layer.layer(answer).oneshot(asked).await;
    compressed.into_response()
}
