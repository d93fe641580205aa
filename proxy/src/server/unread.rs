//! Drains request bodies that no handler has read, such as those of refused requests. The rest of a body would stand
//! where the next request begins, and closing a connection with unread data may destroy the answer on its way.

use std::{
    convert::Infallible,
    net::SocketAddr,
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

use crate::http::PeerAddress;

/// A router whose answers wait until the client has sent its whole body, within limits of time and size. Beyond them,
/// the connection closes after the answer.
#[derive(Clone, Debug)]
pub(super) struct DrainBodies {
    pub(super) router: Router,
    /// The address at the other end, which each request is given.
    pub(super) peer: Option<SocketAddr>,
}

/// The most bytes to drain: many times the largest body that a handler accepts.
const MAX_UNREAD_LENGTH: usize = 2 << 20;
const UNREAD_BODY_DEADLINE: Duration = Duration::from_secs(5);

impl Service<Request<Incoming>> for DrainBodies {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<RouteFuture<Infallible>, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Incoming>) -> Self::Future {
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(PeerAddress(peer));
        }
        if request.body().is_end_stream() {
            return self.router.call(request).left_future();
        }
        // A client that sent `Expect: 100-continue` has not sent its body, and reading would ask for it.
        let is_coming = !request.headers().contains_key(header::EXPECT);
        let (back, rest) = oneshot::channel();
        let answering = self.router.call(request.map(|body| ReturnedBody { body: Some(body), back: Some(back) }));
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

/// Whether the body has been read to its end.
async fn is_read(mut rest: oneshot::Receiver<Incoming>, is_coming: bool) -> bool {
    match rest.try_recv() {
        Ok(body) => is_coming && timeout(UNREAD_BODY_DEADLINE, read(body)).await.unwrap_or(false),
        // The body was dropped after its end.
        Err(TryRecvError::Closed) => true,
        // A handler still holds the body.
        Err(TryRecvError::Empty) => false,
    }
}

async fn read(mut body: Incoming) -> bool {
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        size += frame.data_ref().map_or(0, Bytes::len);
        if size > MAX_UNREAD_LENGTH {
            return false;
        }
    }
    true
}

/// A body that goes back to the connection if it is dropped before its end.
struct ReturnedBody {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

impl HttpBody for ReturnedBody {
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

impl Drop for ReturnedBody {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take().filter(|body| !body.is_end_stream()), self.back.take()) {
            // The receiver is gone if the connection is.
            let _ = back.send(body);
        }
    }
}
