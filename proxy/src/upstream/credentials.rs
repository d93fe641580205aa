//! The access key that calls are signed with, and where it comes from: Alibaba Cloud's conventional chain. Signing itself
//! is in [`super::signer`].
//!
//! [`chain`] says in which order places are looked at, and makes a [`plan`] of what the first one says; [`fetch`] carries
//! it out; [`keeper`] holds what came of it, and renews it in time.

mod chain;
mod cli;
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

use crate::secret::Secret;
use chain::{Chain, Variables};
pub use fetch::Stations;
use keeper::Keeper;

/// An access key, with a security token where it is a temporary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// `AccessKeyId`. Not a secret by itself, but of no use in a log either.
    pub access_key_id: Secret,
    /// The key that signs.
    pub access_key_secret: Secret,
    /// `SecurityToken`, which goes with temporary keys.
    pub security_token: Option<Secret>,
}

/// Where credentials come from. The client asks before every attempt, so a source may change its mind. Clones are the
/// same one.
#[derive(Clone, Debug)]
pub enum CredentialsSource {
    /// Given once, at the start.
    Fixed(Credentials),
    /// Found where the conventions say, and kept up to date.
    Found(Found),
}

/// Credentials of the conventional chain.
#[derive(Clone, Debug)]
pub struct Found(Arc<Keeper<Chain>>);

/// There are no valid credentials. Says where and why, and nothing of what was found there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// No place has any.
    #[error(
        "no credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or use another place of \
         Alibaba Cloud's conventions: an OIDC role, ~/.aliyun/config.json, ~/.alibabacloud/credentials, the role of an \
         ECS instance, ALIBABA_CLOUD_CREDENTIALS_URI (to look around without an account, run `deskbuy demo`)"
    )]
    Nowhere,
    /// A place that should have some is wrong in a way that only a person can mend.
    #[error("the credentials cannot be used: {place}: {fault}")]
    Broken {
        /// The variable, file or address.
        place: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A place does not give any at the moment.
    #[error("the credentials cannot be had at the moment: {place}: {fault}")]
    Unavailable {
        /// The file or address.
        place: String,
        /// What went wrong.
        fault: String,
    },
}

impl CredentialsError {
    fn broken(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Broken { place: place.into(), fault: fault.into() }
    }

    fn unavailable(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Unavailable { place: place.into(), fault: fault.into() }
    }
}

impl CredentialsSource {
    /// Looks for credentials where the conventions say. A place that has them but does not give them at the moment is
    /// found all the same: it will, later.
    pub async fn find(variable: impl Fn(&str) -> Option<String>, stations: Stations) -> Result<Self, CredentialsError> {
        let keeper = Arc::new(Keeper::of(Chain::new(Variables::read(variable), stations)));
        match keeper.current().await {
            Ok(_) | Err(CredentialsError::Unavailable { .. }) => Ok(Self::Found(Found(keeper))),
            Err(error) => Err(error),
        }
    }

    /// The credentials to sign with now.
    pub async fn current(&self) -> Result<Arc<Credentials>, CredentialsError> {
        match self {
            Self::Fixed(credentials) => Ok(Arc::new(credentials.clone())),
            Self::Found(Found(keeper)) => keeper.current().await,
        }
    }

    /// Gets new credentials, since the upstream does not take these. Whether there are others now.
    pub async fn renew(&self, used: &Credentials) -> bool {
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
