//! The HTTP client for everything but the calls of the cloud: the provider of sign-in, and whoever gives credentials.

use std::time::Duration;

const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// A client that follows no redirect, which could lead anywhere with a secret of ours. One for addresses on this machine
/// or its own network uses neither an HTTP proxy nor the system's certificates: both have no part in that.
pub(crate) fn client(is_near: bool) -> reqwest::ClientBuilder {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_DEADLINE)
        .user_agent(concat!("deskbuy/", env!("CARGO_PKG_VERSION")));
    if is_near { client.no_proxy().tls_certs_only([]) } else { client }
}
