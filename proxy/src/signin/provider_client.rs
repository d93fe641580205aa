//! The HTTP client for the provider: TLS only (but for loopback), no redirects, with a deadline and a size limit.
//! [`super::provider`] and [`super::discovery`] say what to ask.

use std::time::Duration;

use axum::{
    body::Bytes,
    http::{HeaderValue, Request, Response, header},
};
use cloud::{Authorities, HttpClient, RequestError, StartError};
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::Url;

/// The HTTP client.
#[derive(Clone, Debug)]
pub(super) struct ProviderClient(HttpClient);

/// A request to the provider failed. The texts name hosts and causes, and hold no query and no secret.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderClientError {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("no answer from {0} within {time} s", time = REQUEST_DEADLINE.as_secs())]
    TooSlow(String),
    #[error("a request for {0} cannot be made")]
    Address(String),
}

/// Deadline of one request with its answer, and of discovery as a whole.
pub(super) const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// The largest answer, in bytes. Metadata and keys are a few kilobytes.
const MAX_ANSWER_LENGTH: usize = 1 << 20;

impl ProviderClient {
    /// A client for a provider on loopback, or elsewhere, where these authorities vouch for it or else the system's.
    pub(super) fn new(is_local: bool, authorities: Option<&Authorities>) -> Result<Self, StartError> {
        Ok(Self(HttpClient::trusting(is_local, authorities)?))
    }

    /// The answer to a GET, with an access token if there is one.
    pub(super) async fn get(&self, url: &Url, token: Option<&str>) -> Result<Response<Bytes>, ProviderClientError> {
        let credentials = token.map(|token| format!("Bearer {token}"));
        self.send(url, credentials.as_deref(), None).await
    }

    /// The answer to a POST of a form, with credentials for the header `Authorization` if there are some.
    pub(super) async fn post(
        &self,
        url: &Url,
        credentials: Option<&str>,
        form: String,
    ) -> Result<Response<Bytes>, ProviderClientError> {
        self.send(url, credentials, Some(form)).await
    }

    async fn send(
        &self,
        url: &Url,
        credentials: Option<&str>,
        form: Option<String>,
    ) -> Result<Response<Bytes>, ProviderClientError> {
        let host = || url.host_str().unwrap_or_default().to_owned();
        let mut request = Request::builder().uri(url.as_str()).header(header::ACCEPT, "application/json");
        if let Some(credentials) = credentials {
            let mut value = HeaderValue::from_str(credentials).map_err(|_| ProviderClientError::Address(host()))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        let request = match form {
            Some(form) => request
                .method("POST")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Bytes::from(form)),
            None => request.body(Bytes::new()),
        };
        let request = request.map_err(|_| ProviderClientError::Address(host()))?;
        match timeout(REQUEST_DEADLINE, self.0.send(request, MAX_ANSWER_LENGTH)).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(ProviderClientError::TooSlow(host())),
        }
    }
}

/// The members of an answer. `None` if it is not a JSON object, as the HTML of a gateway. Some begin with a byte order mark.
pub(super) fn members(answer: &Response<Bytes>) -> Option<Map<String, Value>> {
    let text = answer.body();
    serde_json::from_slice(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)).ok()
}
