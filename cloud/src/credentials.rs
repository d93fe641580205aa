//! Where the access key comes from: Alibaba Cloud's default credential chain.
//!
//! [`chain`] looks at the sources in order and makes a [`plan`] of what the first one says; [`fetch`] carries the plan out
//! with the requests of [`ask`]; [`keeper`] holds the result and renews it before it expires.

mod ask;
mod chain;
mod cli;
mod error;
mod fetch;
mod ini;
mod keeper;
mod metadata;
mod plan;
mod profiles;
mod sts;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::access_key::AccessKey;
pub use ask::CredentialEndpoints;
use chain::{Chain, Variables};
pub use error::CredentialsError;
use keeper::Keeper;

/// Where credentials come from. The client asks before every attempt, so a source may change its mind. Clones are the
/// same one.
#[derive(Clone, Debug)]
pub enum CredentialsSource {
    /// Given once, at the start.
    Fixed(AccessKey),
    /// Found where the conventions say, and kept up to date.
    Found(Found),
}

/// Credentials of the default chain.
#[derive(Clone, Debug)]
pub struct Found(Arc<Keeper<Chain>>);

impl CredentialsSource {
    /// Looks for credentials where the conventions say. A place that has them but does not give them at the moment is
    /// found all the same: it will, later.
    pub async fn find(
        variable: impl Fn(&str) -> Option<String>,
        stations: CredentialEndpoints,
    ) -> Result<Self, CredentialsError> {
        let keeper = Arc::new(Keeper::of(Chain::new(Variables::read(variable), stations)));
        match keeper.current().await {
            Ok(_) | Err(CredentialsError::Unavailable { .. }) => Ok(Self::Found(Found(keeper))),
            Err(error) => Err(error),
        }
    }

    /// The credentials to sign with now.
    pub async fn current(&self) -> Result<Arc<AccessKey>, CredentialsError> {
        match self {
            Self::Fixed(credentials) => Ok(Arc::new(credentials.clone())),
            Self::Found(Found(keeper)) => keeper.current().await,
        }
    }

    /// Gets new credentials, since the upstream does not take these. Whether there are others now.
    pub async fn renew(&self, used: &AccessKey) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Found(Found(keeper)) => keeper.renew(used).await,
        }
    }

    /// Changes when the credentials may have become those of another account.
    #[must_use]
    pub fn account(&self) -> u64 {
        match self {
            Self::Fixed(_) => 0,
            Self::Found(Found(keeper)) => keeper.account(),
        }
    }
}
