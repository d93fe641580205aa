//! Bodies that nobody has read to their end: those of requests that are refused before. They are read here, since what is
//! left of one would stand where the next request of the connection should, and a connection that is closed on it takes
//! the answer along.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
    routing::future::RouteFuture,
};
use futures_util::future::{BoxFuture, Either, FutureExt};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    time::timeout,
};
use tower::Service;

/// A router whose answers wait until the other side has sent its body, if that comes soon and is not beyond measure.
/// Otherwise the connection ends with the answer.
#[derive(Clone, Debug)]
pub(super) struct ReadToTheEnd(pub(super) Router);

/// Many times what anything that is taken may have.
const MOST: usize = 2 << 20;
const PATIENCE: Duration = Duration::from_secs(5);

impl Service<Request<Incoming>> for ReadToTheEnd {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<RouteFuture<Infallible>, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        if request.body().is_end_stream() {
            return self.0.call(request).left_future();
        }
        // Who waits for leave to send it has not sent it, and must not be given leave by reading on.
        let is_coming = !request.headers().contains_key(header::EXPECT);
        let (back, rest) = oneshot::channel();
        let answering = self.0.call(request.map(|body| Lent { body: Some(body), back: Some(back) }));
        let answered = async move {
            let Ok(mut response) = answering.await;
            if !is_read(rest, is_coming).await {
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        };
        answered.boxed().right_future()
    }
}

/// Whether the body has come to its end.
async fn is_read(mut rest: oneshot::Receiver<Incoming>, is_coming: bool) -> bool {
    match rest.try_recv() {
        Ok(body) => is_coming && timeout(PATIENCE, read(body)).await.unwrap_or(false),
        // It was dropped at its end.
        Err(TryRecvError::Closed) => true,
        // Somebody still has it.
        Err(TryRecvError::Empty) => false,
    }
}

async fn read(mut body: Incoming) -> bool {
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        size += frame.data_ref().map_or(0, Bytes::len);
        if size > MOST {
            return false;
        }
    }
    true
}

/// A body that comes back when it is dropped before its end.
struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if frame.is_none() {
            this.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Incoming::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take().filter(|body| !body.is_end_stream()), self.back.take()) {
            // Where the connection is gone there is nobody to take it.
            let _ = back.send(body);
        }
    }
}
