//! The HTTP client for everything but the calls of the cloud: the sign-in provider and the services that give credentials.

use std::time::Duration;

use tower::BoxError;

const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// An HTTP client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot start, perhaps for want of the system's CA certificates")]
pub struct StartError(#[source] BoxError);

impl StartError {
    pub(crate) fn of(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }
}

/// A client that follows no redirect, which could send our secrets anywhere. With `is_near`, for addresses on this machine
/// or its own network, it uses neither an HTTP proxy nor the system's certificates.
pub fn http_client(is_near: bool) -> reqwest::ClientBuilder {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_DEADLINE)
        .user_agent(concat!("deskbuy/", env!("CARGO_PKG_VERSION")));
    if is_near { client.no_proxy().tls_certs_only([]) } else { client }
}
