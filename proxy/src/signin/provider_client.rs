//! The HTTP client for the provider: TLS only (but for loopback), no redirects, with a deadline and a size limit.
//! [`super::provider`] builds the requests.

use std::{future::Future, pin::Pin, time::Duration};

use cloud::http_client;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::time::timeout;

/// The HTTP client.
#[derive(Clone, Debug)]
pub(super) struct ProviderClient(reqwest::Client);

/// A request to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderClientError {
    /// Without the URL, whose query may hold secrets.
    #[error("{}", kind(.0))]
    Request(#[from] reqwest::Error),
    #[error("it took too long")]
    TooSlow,
    #[error("the answer is too large")]
    TooLarge,
    #[error("the answer is none")]
    Malformed,
}

/// Deadline of one request with its answer.
const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// The largest answer, in bytes. Metadata and keys are a few kilobytes.
const MAX_ANSWER_LENGTH: usize = 1 << 20;

impl ProviderClient {
    /// A client for a provider on loopback, or elsewhere.
    pub(super) fn new(is_local: bool) -> Result<Self, reqwest::Error> {
        Ok(Self(http_client(is_local).build()?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ProviderClientError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            body.extend_from_slice(&part);
            if body.len() > MAX_ANSWER_LENGTH {
                return Err(ProviderClientError::TooLarge);
            }
        }
        let mut response = axum::http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        response.body(body).map_err(|_| ProviderClientError::Malformed)
    }
}

impl<'c> AsyncHttpClient<'c> for ProviderClient {
    type Error = ProviderClientError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderClientError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            timeout(REQUEST_DEADLINE, self.send(request)).await.map_err(|_| ProviderClientError::TooSlow)?
        })
    }
}

fn kind(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "it cannot be reached"
    } else if error.is_timeout() {
        "it took too long"
    } else {
        "the connection broke"
    }
}
