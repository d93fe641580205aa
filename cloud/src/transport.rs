//! How a signed call gets to the cloud and its answer back: one exchange, with nothing decided about it. In unit tests
//! the simulator is called in its place, without a socket, so that time can be a virtual one.

use bytes::Bytes;
use http::{
    HeaderValue, Request, Uri, header,
    uri::{Authority, PathAndQuery},
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use jiff::Timestamp;
use shared::Code;

use super::{
    answer::RawAnswer,
    connect::{self, Connector},
    endpoint::Endpoints,
    errors::Effect,
    http_client::StartError,
    signer::Method,
};

/// The way out.
#[derive(Debug)]
pub(super) enum Transport {
    Http(Client),
    #[cfg(test)]
    Simulated(simulator::Simulator),
}

/// Follows no redirect: one would take signed parameters to a host that nobody configured.
///
/// hyper-util's client and not reqwest, which parses each address three times per call: half of a call's cost.
type Client = legacy::Client<Connector, Full<Bytes>>;

/// An exchange that brought no answer.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) effect: Effect,
    pub(super) note: String,
}

/// An answer beyond this is not one of ours: 50,000 users are about 5 MB.
const LARGEST_ANSWER: usize = 32 << 20;
/// Well below what gateways allow, since a write on a connection that the other side is just closing is a write whose
/// outcome is unknown.
const IDLE_CONNECTION: std::time::Duration = std::time::Duration::from_secs(10);
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("deskbuy/", env!("CARGO_PKG_VERSION")));

impl Transport {
    pub(super) fn to(endpoints: &Endpoints) -> Result<Self, StartError> {
        let connector = if endpoints.are_plain() {
            connect::in_the_open()
        } else {
            connect::with_certificates().map_err(StartError::of)?
        };
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_CONNECTION)
            // As the server's side: a call is a head, or a short body behind one.
            .http1_writev(false)
            .build(connector);
        Ok(Self::Http(client))
    }

    /// Sends signed parameters, and reads the answer to its end.
    pub(super) async fn exchange(&self, method: Method, to: &Uri, signed: String) -> Result<RawAnswer, Fault> {
        match self {
            Self::Http(client) => over_http(client, method, to, signed).await,
            #[cfg(test)]
            Self::Simulated(simulator) => simulated(simulator, method, signed).await,
        }
    }
}

async fn over_http(client: &Client, method: Method, to: &Uri, signed: String) -> Result<RawAnswer, Fault> {
    let request = request(method, to, signed).map_err(|error| Fault::unsendable(&error))?;
    let (parts, body) = client.request(request).await.map_err(|error| Fault::of(&error))?.into_parts();
    let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| Fault::of_body(&*error))?.to_bytes();
    Ok(RawAnswer::new(parts.status.as_u16(), &parts.headers, body, Timestamp::now()))
}

/// The parameters in the query of a GET, or in the body of a POST.
fn request(method: Method, to: &Uri, signed: String) -> Result<Request<Full<Bytes>>, http::Error> {
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
    request.header(header::HOST, host).header(header::USER_AGENT, USER_AGENT).body(body.into())
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
    Ok(RawAnswer::new(parts.status.as_u16(), &parts.headers, body, Timestamp::now()))
}

impl Fault {
    fn of(error: &legacy::Error) -> Self {
        let effect = if error.is_connect() { Effect::NotSent } else { Effect::Unknown };
        Self { code: Code::UpstreamUnavailable, effect, note: told(error) }
    }

    fn of_body(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Self {
        if error.is::<LengthLimitError>() {
            return Self::too_large();
        }
        Self { code: Code::UpstreamUnavailable, effect: Effect::Unknown, note: told(error) }
    }

    /// Longer than any address may be, which the gate does not let come to this.
    fn unsendable(error: &http::Error) -> Self {
        Self { code: Code::Internal, effect: Effect::NotSent, note: told(error) }
    }

    fn too_large() -> Self {
        Self {
            code: Code::UpstreamUnintelligible,
            effect: Effect::Unknown,
            note: format!("an answer of more than {LARGEST_ANSWER} bytes"),
        }
    }
}

/// The error and what is at the bottom of it. Neither holds an address, which would hold the signed parameters of a read.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let cause = std::iter::successors(error.source(), |error| error.source()).last();
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
