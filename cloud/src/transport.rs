//! Sends one signed call and reads its answer; nothing is decided about it here. In unit tests the simulator is called in
//! its place, without a socket, so that time can be virtual.

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, Uri, header,
    uri::{Authority, PathAndQuery},
};
use jiff::Timestamp;
use shared::Code;

use super::{
    answer::RawAnswer,
    endpoint::Endpoints,
    errors::Effect,
    http_client::{Begun, HttpClient, RequestError, StartError},
    signer::Method,
};

/// How calls leave.
#[derive(Debug)]
pub(super) enum Transport {
    Http(Box<HttpClient>),
    #[cfg(test)]
    Simulated(simulator::Simulator),
}

/// An exchange that brought no answer.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) effect: Effect,
    pub(super) note: String,
}

/// An answer beyond this is not one of ours: 50,000 users are about 5 MB.
const LARGEST_ANSWER: usize = 32 << 20;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Transport {
    pub(super) fn to(endpoints: &Endpoints) -> Result<Self, StartError> {
        Ok(Self::Http(Box::new(HttpClient::trusting(endpoints.are_plain(), endpoints.authorities.as_ref())?)))
    }

    /// Sends signed parameters, and reads the answer to its end. `begun` has what came of one without an end.
    pub(super) async fn exchange(
        &self,
        method: Method,
        to: &Uri,
        signed: String,
        begun: &mut Begun,
    ) -> Result<RawAnswer, Fault> {
        match self {
            Self::Http(client) => over_http(client, method, to, signed, begun).await,
            #[cfg(test)]
            Self::Simulated(simulator) => simulated(simulator, method, signed).await,
        }
    }
}

async fn over_http(
    client: &HttpClient,
    method: Method,
    to: &Uri,
    signed: String,
    begun: &mut Begun,
) -> Result<RawAnswer, Fault> {
    let request = request(method, to, signed).map_err(|error| Fault::unsendable(&error))?;
    Ok(raw(client.send_into(request, LARGEST_ANSWER, begun).await?))
}

fn raw(response: Response<Bytes>) -> RawAnswer {
    let (parts, body) = response.into_parts();
    RawAnswer::new(parts.status.as_u16(), &parts.headers, body, Timestamp::now())
}

/// What came of an answer without an end.
pub(super) fn cut(begun: Begun) -> Option<RawAnswer> {
    Some(raw(begun.into_response()?).cut())
}

/// The parameters in the query of a GET, or in the body of a POST.
fn request(method: Method, to: &Uri, signed: String) -> Result<Request<Bytes>, http::Error> {
    let (request, body) = match method {
        Method::Get => {
            let mut parts = to.clone().into_parts();
            parts.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(["/?", &signed].concat()))?);
            (Request::get(Uri::from_parts(parts)?), Bytes::new())
        }
        Method::Post => (Request::post(to).header(header::CONTENT_TYPE, FORM), signed.into()),
    };
    // The client would put the host together from its parts.
    let host = to.authority().map(Authority::as_str).unwrap_or_default();
    request.header(header::HOST, host).body(body)
}

#[cfg(test)]
async fn simulated(simulator: &simulator::Simulator, method: Method, signed: String) -> Result<RawAnswer, Fault> {
    use axum::body::Body;
    use tower::ServiceExt;

    let request = match method {
        Method::Get => Request::get(format!("/?{signed}")).body(Body::empty()),
        Method::Post => Request::post("/").header(header::CONTENT_TYPE, FORM).body(Body::from(signed)),
    };
    let broken =
        |_| Fault { code: Code::UpstreamUnavailable, effect: Effect::Unknown, note: "the connection broke".to_owned() };
    let Ok(response) = simulator.router().oneshot(request.unwrap()).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_ANSWER).await.map_err(broken)?;
    Ok(raw(Response::from_parts(parts, body)))
}

impl Fault {
    /// Longer than any address may be, which the guard does not let come to this.
    fn unsendable(error: &http::Error) -> Self {
        Self { code: Code::Internal, effect: Effect::NotSent, note: error.to_string() }
    }
}

impl From<RequestError> for Fault {
    fn from(error: RequestError) -> Self {
        let (code, effect) = match &error {
            RequestError::NotConnected(_) => (Code::UpstreamUnavailable, Effect::NotSent),
            RequestError::Broken { .. } => (Code::UpstreamUnavailable, Effect::Unknown),
            RequestError::Unreadable { .. } => (Code::UpstreamUnintelligible, Effect::Unknown),
        };
        Self { code, effect, note: error.to_string() }
    }
}
