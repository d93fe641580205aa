//! HTTP answers, whole and broken ones. [`crate::script`] decides which of them a call gets.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use http_body::Frame;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock;

/// What all answers of a call share.
pub(crate) struct Answers {
    /// The server's time, for the `Date` header. It may be wrong on purpose.
    pub(crate) now: Timestamp,
}

impl Answers {
    /// A JSON answer.
    pub(crate) fn json(&self, status: StatusCode, body: &Value) -> Response {
        self.answer(status, "application/json;charset=utf-8", Body::from(body.to_string()))
    }

    /// The HTML page of a load balancer in front of a gateway that is down.
    pub(crate) fn html(&self) -> Response {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<h1>502 Bad Gateway</h1>\r\n\
                    </body>\r\n</html>\r\n";
        self.answer(StatusCode::BAD_GATEWAY, "text/html", Body::from(page))
    }

    /// Half of a JSON answer with the `Content-Length` of the whole; then the connection ends.
    pub(crate) fn cut_off(&self, body: &Value) -> Response {
        let whole = body.to_string();
        let half = Bytes::copy_from_slice(&whole.as_bytes()[..whole.len() / 2]);
        let body = Body::new(BrokenBody { part: Some(half), waited: false });
        let mut answer = self.answer(StatusCode::OK, "application/json;charset=utf-8", body);
        answer.headers_mut().insert(header::CONTENT_LENGTH, whole.len().into());
        answer
    }

    /// The connection ends without any byte of an answer: the body fails before the server has sent the headers.
    pub(crate) fn dropped(&self) -> Response {
        let body = Body::new(BrokenBody { part: None, waited: true });
        self.answer(StatusCode::OK, "application/json;charset=utf-8", body)
    }

    fn answer(&self, status: StatusCode, content_type: &'static str, body: Body) -> Response {
        let mut answer = Response::new(body);
        *answer.status_mut() = status;
        let headers: &mut HeaderMap = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Ok(date) = HeaderValue::from_str(&clock::http_date(self.now)) {
            headers.insert(header::DATE, date);
        }
        answer
    }
}

/// A body that yields a part and then fails, so that the server closes the connection.
struct BrokenBody {
    part: Option<Bytes>,
    /// Whether the server has had a chance to send the part.
    waited: bool,
}

impl HttpBody for BrokenBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if !self.waited {
            self.waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("broken off by a scenario"))))
    }
}
