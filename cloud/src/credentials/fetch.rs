//! Carries out a plan within a bounded time. What each service is asked is in [`super::sts`] and [`super::metadata`].

use std::{pin::Pin, time::Duration};

use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use tokio::time::timeout;

use super::{
    ask::{CredentialEndpoints, Fetched, ask, lasting, request},
    error::CredentialsError,
    metadata,
    plan::Plan,
    sts,
};

/// For one plan with all its requests.
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) async fn fetch(plan: &Plan, stations: &CredentialEndpoints) -> Result<Fetched, CredentialsError> {
    let late = |_| CredentialsError::unavailable("a service that gives credentials", "does not answer in time");
    timeout(DEADLINE, carry_out(plan, stations)).await.map_err(late)?
}

type Carrying<'a> = Pin<Box<dyn Future<Output = Result<Fetched, CredentialsError>> + Send + 'a>>;

/// Boxed, since a role may be assumed with another.
fn carry_out<'a>(plan: &'a Plan, stations: &'a CredentialEndpoints) -> Carrying<'a> {
    Box::pin(async move {
        match plan {
            Plan::Key { credentials, expires } => {
                let lasts = expires.map(|expires| lasting(expires, Timestamp::now()));
                Ok(Fetched { credentials: credentials.clone(), lasts })
            }
            Plan::Assume { with, role } => {
                let with = carry_out(with, stations).await?;
                sts::assume(role, &with.credentials, stations).await
            }
            Plan::Oidc { provider_arn, token_file, role } => {
                sts::assume_with_token(role, provider_arn, token_file, stations).await
            }
            Plan::EcsRole { name, hardened } => metadata::role(name.as_deref(), *hardened, stations).await,
            Plan::Uri(url) => {
                let place = "ALIBABA_CLOUD_CREDENTIALS_URI";
                let reply = ask(place, request(Method::GET, url), Bytes::new(), stations.authorities.as_ref()).await?;
                reply.credentials(place)
            }
        }
    })
}
