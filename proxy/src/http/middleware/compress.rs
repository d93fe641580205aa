//! Compression of long API answers, on blocking threads: lists of users and images shrink to a tenth, and compressing
//! 50,000 users on a worker thread could delay a lease renewal. The page's files are compressed when it is built.

use std::{
    convert::Infallible,
    future::ready,
    sync::LazyLock,
    task::{Context, Poll},
    thread,
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::future::{BoxFuture, Either, FutureExt};
use http_body_util::BodyExt;
use tokio::{runtime::Handle, sync::Semaphore, task::spawn_blocking, time::timeout};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// The shortest answer to compress, in bytes. A shorter one fits into one packet anyway.
const MIN_LENGTH: u64 = 400;

/// How long an answer waits for its turn. It then goes out as it is: long, and not late.
const COMPRESSION_WAIT: Duration = Duration::from_millis(250);

/// Limits concurrent compressions to the number of cores; others wait.
static AT_ONCE: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));

/// The layer, which runs long answers through tower-http's compression. A size predicate of tower-http would not do:
/// its response body is 19 kB even without compression, and would be moved for every answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct CompressLong;

/// The service of [`CompressLong`].
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
            // A stream has no length, and is never compressed.
            let is_long = response.body().size_hint().exact().is_some_and(|length| length >= MIN_LENGTH);
            Ok(if is_long { compress(response, accepted).await } else { response })
        };
        compressed.boxed().right_future()
    }
}

/// The answer in the best accepted encoding.
pub(in crate::http) async fn compress(response: Response, accepted: HeaderMap) -> Response {
    let Ok(Ok(permit)) = timeout(COMPRESSION_WAIT, AT_ONCE.acquire()).await else { return response };
    let runtime = Handle::current();
    let compressing = spawn_blocking(move || {
        // Until it is done, also where the caller has gone.
        let _permit = permit;
        runtime.block_on(compress_here(response, accepted))
    });
    match compressing.await {
        Ok(response) => response,
        // A panic is answered like one of a handler.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn compress_here(response: Response, accepted: HeaderMap) -> Response {
    let mut asked = Request::new(Body::empty());
    *asked.headers_mut() = accepted;
    let mut response = Some(response);
    let answer = service_fn(move |_: Request| ready(Ok::<_, Infallible>(response.take().unwrap_or_default())));
    // Brotli's own default is its slowest level, meant for files that are compressed once. From the fifth it looks for matches as
    // thoroughly as a page with its style needs: a tenth less than the fourth, for a millisecond.
    let layer = CompressionLayer::new().quality(CompressionLevel::Precise(5));
    let Ok(compressed) = layer.layer(answer).oneshot(asked).await;
    let (parts, body) = compressed.into_parts();
    match body.collect().await {
        Ok(whole) => Response::from_parts(parts, Body::from(whole.to_bytes())),
        // The body is in memory, so collecting it cannot fail; without it a truncated answer would pass for a whole
        // one.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// Tests that the runtime's only thread stays free during compression.
    #[tokio::test]
    async fn a_long_answer_is_compressed_off_the_runtime() {
        let here = thread::current().id();
        let body = Body::from_stream(futures_util::stream::once(async move {
            assert_ne!(thread::current().id(), here, "the body is read where it is compressed");
            Ok::<_, Infallible>("user ".repeat(10_000))
        }));
        let accepted = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("br"))]);
        let response = compress(Response::new(body), accepted).await;
        assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
        let length = response.body().size_hint().exact().unwrap();
        assert!(length < 1_000, "{length}");
    }

    #[tokio::test(start_paused = true)]
    async fn where_too_many_are_compressed_an_answer_goes_out_as_it_is() {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let all = AT_ONCE.acquire_many(u32::try_from(cores).unwrap()).await.unwrap();
        let accepted = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("br"))]);
        let response = compress(Response::new(Body::from("user ".repeat(10_000))), accepted).await;
        drop(all);
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(response.body().size_hint().exact(), Some(50_000));
    }

    #[tokio::test]
    async fn short_answers_and_streams_stay_as_they_are() {
        let check = async |body: fn() -> Body, expect: bool| {
            let service =
                CompressLong.layer(service_fn(move |_: Request| ready(Ok::<_, Infallible>(Response::new(body())))));
            let request = Request::get("/").header(header::ACCEPT_ENCODING, "gzip").body(Body::empty()).unwrap();
            let Ok(response) = service.oneshot(request).await;
            assert_eq!(response.headers().contains_key(header::CONTENT_ENCODING), expect);
        };
        check(|| Body::from("x".repeat(399)), false).await;
        check(|| Body::from("x".repeat(400)), true).await;
        check(|| Body::from_stream(futures_util::stream::pending::<Result<String, Infallible>>()), false).await;
    }
}
