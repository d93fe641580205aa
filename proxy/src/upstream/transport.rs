//! How a signed call gets to the cloud and its answer back: one exchange, with nothing decided about it. In unit tests
//! the simulator is called in its place, without a socket, so that time can be a virtual one.

use jiff::Timestamp;
use reqwest::{Url, header::CONTENT_TYPE};
use shared::Code;

use super::{answer::RawAnswer, endpoint::Endpoints, errors::Effect, signer::Method};

/// The way out.
#[derive(Debug)]
pub(super) enum Transport {
    Http(reqwest::Client),
    #[cfg(test)]
    Simulated(simulator::Simulator),
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot start, perhaps for want of the system's CA certificates")]
pub struct StartError(#[from] reqwest::Error);

/// An exchange that brought no answer.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: Code,
    pub(super) effect: Effect,
    pub(super) note: String,
}

/// An answer beyond this is not one of ours: 50,000 users are about 5 MB.
const LARGEST_ANSWER: usize = 32 << 20;
const CONNECT_DEADLINE: std::time::Duration = std::time::Duration::from_secs(5);
/// Well below what gateways allow, since a write on a connection that the other side is just closing is a write whose
/// outcome is unknown.
const IDLE_CONNECTION: std::time::Duration = std::time::Duration::from_secs(10);
const FORM: &str = "application/x-www-form-urlencoded";

/// A client that follows no redirect, as far as all clients here are alike.
pub(super) fn client() -> reqwest::ClientBuilder {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        // A redirect would take signed parameters to a host that nobody configured.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_DEADLINE)
        .pool_idle_timeout(IDLE_CONNECTION)
        .user_agent(concat!("deskbuy/", env!("CARGO_PKG_VERSION")))
}

impl Transport {
    pub(super) fn to(endpoints: &Endpoints) -> Result<Self, StartError> {
        let client = client();
        let client = if endpoints.are_local() {
            // Neither an HTTP proxy nor the system's certificates have a part in talking to oneself.
            client.no_proxy().tls_certs_only([])
        } else {
            client
        };
        Ok(Self::Http(client.build()?))
    }

    /// Sends signed parameters, and reads the answer to its end.
    pub(super) async fn exchange(&self, method: Method, url: Url, signed: String) -> Result<RawAnswer, Fault> {
        match self {
            Self::Http(client) => over_http(client, method, url, signed).await,
            #[cfg(test)]
            Self::Simulated(simulator) => simulated(simulator, method, signed).await,
        }
    }
}

async fn over_http(client: &reqwest::Client, method: Method, mut url: Url, signed: String) -> Result<RawAnswer, Fault> {
    let request = match method {
        Method::Get => {
            url.set_query(Some(&signed));
            client.get(url)
        }
        Method::Post => client.post(url).header(CONTENT_TYPE, FORM).body(signed),
    };
    let mut response = request.send().await.map_err(Fault::of)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Fault::of)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Fault::too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(RawAnswer::new(response.status().as_u16(), response.headers(), &body, Timestamp::now()))
}

#[cfg(test)]
async fn simulated(simulator: &simulator::Simulator, method: Method, signed: String) -> Result<RawAnswer, Fault> {
    use axum::{body::Body, http::Request};
    use tower::ServiceExt;

    let request = match method {
        Method::Get => Request::get(format!("/?{signed}")).body(Body::empty()),
        Method::Post => Request::post("/").header(CONTENT_TYPE, FORM).body(Body::from(signed)),
    };
    let broken =
        |_| Fault { code: Code::UpstreamUnavailable, effect: Effect::Unknown, note: "the connection broke".to_owned() };
    let Ok(response) = simulator.router().oneshot(request.unwrap()).await;
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, LARGEST_ANSWER).await.map_err(broken)?;
    Ok(RawAnswer::new(parts.status.as_u16(), &parts.headers, &body, Timestamp::now()))
}

impl Fault {
    fn of(error: reqwest::Error) -> Self {
        let (code, effect) = if error.is_builder() {
            (Code::Internal, Effect::NotSent)
        } else if error.is_connect() {
            (Code::UpstreamUnavailable, Effect::NotSent)
        } else {
            (Code::UpstreamUnavailable, Effect::Unknown)
        };
        // The address of a read holds its signed parameters.
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self { code, effect, note: format!("{error}: {cause}") }
    }

    fn too_large() -> Self {
        Self {
            code: Code::UpstreamUnintelligible,
            effect: Effect::Unknown,
            note: format!("an answer of more than {LARGEST_ANSWER} bytes"),
        }
    }
}
