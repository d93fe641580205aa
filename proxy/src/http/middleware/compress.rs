//! Long answers of the API, compressed for who takes that: lists of users and images are much alike. Files of the page
//! are compressed when it is built.

use std::{
    convert::Infallible,
    future::ready,
    task::{Context, Poll},
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures_util::future::{BoxFuture, Either, FutureExt};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Shorter ones fit into one packet anyway, and are hardly shorter when compressed.
const LONG: u64 = 400;

/// Only what is long goes through tower-http's layer: its body is 19 kB by itself, whether or not it compresses, and would
/// be moved about for every answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct CompressLong;

/// See [`CompressLong`].
#[derive(Clone, Debug)]
pub(in crate::http) struct LongCompressed<S>(S);

impl<S> Layer<S> for CompressLong {
    type Service = LongCompressed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LongCompressed(inner)
    }
}

impl<S> Service<Request> for LongCompressed<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let accepted = request.headers().get_all(header::ACCEPT_ENCODING);
        let accepted: HeaderMap = accepted.iter().map(|value| (header::ACCEPT_ENCODING, value.clone())).collect();
        let answering = self.0.call(request);
        if accepted.is_empty() {
            return answering.left_future();
        }
        let compressed = async move {
            let Ok(response) = answering.await;
            let is_short = response.body().size_hint().upper().is_some_and(|length| length < LONG);
            Ok(if is_short { response } else { compress(response, accepted).await })
        };
        compressed.boxed().right_future()
    }
}

/// The answer in the best of the accepted ways.
async fn compress(response: Response, accepted: HeaderMap) -> Response {
    let mut asked = Request::new(Body::empty());
    *asked.headers_mut() = accepted;
    let mut response = Some(response);
    let answer = service_fn(move |_: Request| ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    // Brotli's own default is its slowest level, meant for files that are compressed once.
    let layer = CompressionLayer::new().quality(CompressionLevel::Precise(4));
    let Ok(compressed) = layer.layer(answer).oneshot(asked).await;
    compressed.into_response()
}
