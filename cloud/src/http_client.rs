//! HTTP client for everything that leaves the process: the cloud, the services that give credentials and the sign-in
//! provider. It follows no redirect, which could take secrets to a host that nobody configured, asks for no compression
//! and understands gzip and deflate.
//!
//! hyper-util's client and not reqwest, which parses each address three times per call (half of a call's cost) and says
//! neither which host nor which proxy an error is about.

use std::{io::Read, sync::Arc, time::Duration};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderValue, Request, Response, header, response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use tower::BoxError;

use super::{
    address_rule::AddressRule,
    authorities::Authorities,
    connect::{ConnectError, Connector, cause},
    network_proxy::{NetworkProxies, NetworkProxyError},
    stream::authority,
};

/// The client. Clones share its connections.
#[derive(Clone, Debug)]
pub struct HttpClient(legacy::Client<Connector, Full<Bytes>>);

/// An HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The system has no CA certificates, or cannot read them.
    #[error("the HTTP client cannot start, perhaps for want of the system's CA certificates: {0}")]
    Certificates(#[source] BoxError),
    /// The environment names a proxy that is none.
    #[error(transparent)]
    Proxy(#[from] NetworkProxyError),
}

/// A request that brought no answer. The text names the host, and holds no path, query, user or password.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no connection, so nothing was sent.
    #[error("{0}")]
    NotConnected(String),
    /// The connection broke before the end of the answer. What was sent may have arrived.
    #[error("the connection to {host} broke: {cause}")]
    Broken {
        /// Host and port.
        host: String,
        /// How.
        cause: String,
    },
    /// There is an answer, which cannot be read.
    #[error("the answer of {host} {fault}")]
    Unreadable {
        /// Host and port.
        host: String,
        /// What is wrong with it.
        fault: String,
    },
}

/// For name, connection, proxy and TLS together.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// The same within this machine or its network, where an answer is there at once or never.
const NEAR_CONNECT_DEADLINE: Duration = Duration::from_secs(1);
/// Half of what gateways allow, since a write on a connection that the other side is just closing is a write whose
/// outcome is unknown.
const IDLE_CONNECTION: Duration = Duration::from_secs(5);
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("deskbuy/", env!("CARGO_PKG_VERSION")));

impl HttpClient {
    /// A client. With `is_near`, for plain http within this machine or its network, it uses neither a proxy nor the
    /// system's certificates. The environment's proxies must be in order either way.
    pub fn new(is_near: bool) -> Result<Self, StartError> {
        let proxies = NetworkProxies::from_environment()?;
        Ok(Self::over(if is_near {
            Connector::near(NEAR_CONNECT_DEADLINE)
        } else {
            Connector::far(proxies, CONNECT_DEADLINE).map_err(|error| StartError::Certificates(error.into()))?
        }))
    }

    /// A client that trusts these authorities, if there are some, in place of the system's.
    pub fn trusting(is_near: bool, authorities: Option<&Authorities>) -> Result<Self, StartError> {
        let Some(authorities) = authorities.filter(|_| !is_near) else { return Self::new(is_near) };
        let proxies = NetworkProxies::from_environment()?;
        Ok(Self::over(Connector::trusting(Arc::clone(&authorities.0), proxies, CONNECT_DEADLINE)))
    }

    /// A client that connects only where the rule allows it, and trusts these authorities, if there are some, in place of
    /// the system's. `is_near` is for plain http within this machine.
    pub fn ruled(rule: AddressRule, is_near: bool, authorities: Option<&Authorities>) -> Result<Self, StartError> {
        let proxies = NetworkProxies::from_environment()?;
        let roots = authorities.map(|authorities| Arc::clone(&authorities.0));
        let connector = Connector::ruled(rule, is_near, roots, proxies, CONNECT_DEADLINE);
        Ok(Self::over(connector.map_err(|error| StartError::Certificates(error.into()))?))
    }

    fn over(connector: Connector) -> Self {
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_CONNECTION)
            // A request is a head, or a short body behind one.
            .http1_writev(false)
            .build(connector);
        Self(client)
    }

    /// Sends a request and reads the answer, whatever its status. `largest` bounds its body, before and after
    /// decompression. The time is the caller's to bound.
    pub async fn send(&self, request: Request<Bytes>, largest: usize) -> Result<Response<Bytes>, RequestError> {
        self.send_into(request, largest, &mut Begun::default()).await
    }

    /// The same. What has come of the answer is in `begun`, also when its end does not come, or this future is dropped.
    pub(super) async fn send_into(
        &self,
        mut request: Request<Bytes>,
        largest: usize,
        begun: &mut Begun,
    ) -> Result<Response<Bytes>, RequestError> {
        let to = request.uri().clone();
        let host = || authority(&to);
        request.headers_mut().entry(header::USER_AGENT).or_insert(USER_AGENT);
        let response =
            self.0.request(request.map(Full::new)).await.map_err(|error| RequestError::of(host(), &error))?;
        let (mut parts, body) = response.into_parts();
        begun.parts = Some(parts.clone());
        let mut body = Limited::new(body, largest);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    RequestError::too_large(host(), largest)
                } else {
                    RequestError::Broken { host: host(), cause: cause(&*error) }
                }
            })?;
            begun.data.extend(frame.into_data());
        }
        let encoding = parts.headers.remove(header::CONTENT_ENCODING);
        let body = decompress(encoding.as_ref(), begun.body(), largest, host)?;
        Ok(Response::from_parts(parts, body))
    }
}

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Begun {
    parts: Option<response::Parts>,
    data: Vec<Bytes>,
}

impl Begun {
    /// The answer, with the part of its body that can be read; none if not even its head has come.
    pub(super) fn into_response(self) -> Option<Response<Bytes>> {
        let body = self.body();
        let plain = if body.starts_with(GZIP) { beginning(&body).into() } else { body };
        Some(Response::from_parts(self.parts?, plain))
    }

    fn body(&self) -> Bytes {
        match &self.data[..] {
            [one] => one.clone(),
            several => several.concat().into(),
        }
    }
}

/// What can be unpacked of the beginning of a compressed body.
fn beginning(body: &[u8]) -> Vec<u8> {
    /// Longer than any answer of which a part is of use.
    const LONGEST: u64 = 1 << 20;
    let mut plain = Vec::new();
    // What comes before its fault is there.
    let _ = MultiGzDecoder::new(body).take(LONGEST).read_to_end(&mut plain);
    plain
}

/// What compressed bodies begin with: the format's mark, and its only method.
const GZIP: &[u8] = &[0x1f, 0x8b, 8];

fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    body.starts_with(b"{") || body.starts_with(b"[")
}

/// Some gateways compress without being asked, and some take the header off, or leave it on what they have unpacked: what
/// the body is counts before what is said of it.
fn decompress(
    encoding: Option<&HeaderValue>,
    body: Bytes,
    largest: usize,
    host: impl Fn() -> String,
) -> Result<Bytes, RequestError> {
    let unreadable = |fault: &str| RequestError::Unreadable { host: host(), fault: fault.to_owned() };
    let encoding =
        encoding.map(|name| name.to_str().unwrap_or_default().trim().to_ascii_lowercase()).unwrap_or_default();
    if body.is_empty() || looks_like_json(&body) {
        return Ok(body);
    }
    let limit = u64::try_from(largest).unwrap_or(u64::MAX).saturating_add(1);
    let read = |decoder: &mut dyn Read| {
        let mut plain = Vec::new();
        decoder.take(limit).read_to_end(&mut plain).is_ok().then_some(plain)
    };
    let plain = match encoding.as_str() {
        _ if body.starts_with(GZIP) => read(&mut MultiGzDecoder::new(&*body)),
        "" | "identity" => return Ok(body),
        "gzip" | "x-gzip" => None,
        // With the header that the standard wants, or without, as some write it.
        "deflate" => read(&mut ZlibDecoder::new(&*body)).or_else(|| read(&mut DeflateDecoder::new(&*body))),
        _ => return Err(unreadable("has a Content-Encoding that is neither gzip nor deflate")),
    };
    match plain {
        Some(plain) if plain.len() > largest => Err(RequestError::too_large(host(), largest)),
        Some(plain) => Ok(plain.into()),
        None => Err(unreadable("says that it is compressed and is not")),
    }
}

impl RequestError {
    fn of(host: String, error: &legacy::Error) -> Self {
        let source = std::error::Error::source(error);
        match source.and_then(|source| source.downcast_ref::<ConnectError>()) {
            Some(error) => Self::NotConnected(error.to_string()),
            None if error.is_connect() => Self::NotConnected(format!("cannot connect to {host}: {}", cause(error))),
            None => Self::Broken { host, cause: cause(error) },
        }
    }

    fn too_large(host: String, largest: usize) -> Self {
        Self::Unreadable { host, fault: format!("has more than {largest} bytes") }
    }
}

#[cfg(test)]
mod tests;
