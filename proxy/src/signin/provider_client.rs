//! The HTTP client for the provider: TLS only (but for loopback), no redirects, with a deadline and a size limit.
//! [`super::provider`] builds the requests.

use std::{future::Future, pin::Pin, time::Duration};

use cloud::{HttpClient, RequestError, StartError};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::time::timeout;

/// The HTTP client.
#[derive(Clone, Debug)]
pub(super) struct ProviderClient(HttpClient);

/// A request to the provider failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProviderClientError {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("it took too long")]
    TooSlow,
}

/// Deadline of one request with its answer.
const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// The largest answer, in bytes. Metadata and keys are a few kilobytes.
const MAX_ANSWER_LENGTH: usize = 1 << 20;

impl ProviderClient {
    /// A client for a provider on loopback, or elsewhere.
    pub(super) fn new(is_local: bool) -> Result<Self, StartError> {
        Ok(Self(HttpClient::new(is_local)?))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ProviderClientError> {
        Ok(self.0.send(request.map(Into::into), MAX_ANSWER_LENGTH).await?.map(Into::into))
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
