//! `deskbuy health`: asks a running proxy whether it is ready, for images without a shell and for scripts.

use std::{net::SocketAddr, time::Duration};

use crate::settings::HealthArgs;

/// For the whole request. The proxy answers within its own readiness deadline.
const DEADLINE: Duration = Duration::from_secs(5);

/// The proxy is not ready, or does not answer.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// It answers and is not ready.
    #[error("{address} is not ready: {cause}")]
    NotReady {
        /// The admin listener.
        address: SocketAddr,
        /// What it says.
        cause: String,
    },
    /// There is no answer.
    #[error("no answer from {address} (--admin-listen, DESKBUY_ADMIN_LISTEN): {error}")]
    NoAnswer {
        /// The admin listener.
        address: SocketAddr,
        /// Why.
        error: reqwest::Error,
    },
    /// The address is none.
    #[error(transparent)]
    Config(#[from] crate::settings::ConfigErrors),
}

/// Asks `/ready` of the admin listener; what it says when it is.
pub async fn run(args: &HealthArgs) -> Result<String, HealthError> {
    let address = args.validate()?;
    let no_answer = |error: reqwest::Error| HealthError::NoAnswer { address, error: error.without_url() };
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Plain http within the machine: neither a proxy nor certificates have a part in it.
    let client =
        reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(DEADLINE).build().map_err(no_answer)?;
    let response = client.get(format!("http://{address}/ready")).send().await.map_err(no_answer)?;
    let is_success = response.status().is_success();
    let text = response.text().await.map_err(no_answer)?;
    let cause = match (is_success, text.trim()) {
        (true, "ready") => return Ok(text),
        (true, _) => "what answers is no admin listener of deskbuy".to_owned(),
        (false, why) => why.to_owned(),
    };
    Err(HealthError::NotReady { address, cause })
}
