//! The access key that calls are signed with, and where it comes from. Signing itself is in [`super::signer`].

use std::sync::Arc;

use crate::secret::Secret;

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

/// Where credentials come from. The client asks before every attempt, so a source may change its mind.
#[derive(Clone, Debug)]
pub enum CredentialsSource {
    /// Given once, at the start.
    Fixed(Credentials),
}

impl CredentialsSource {
    /// The environment, by Alibaba Cloud's conventions: `ALIBABA_CLOUD_ACCESS_KEY_ID`, `…_SECRET` and
    /// `ALIBABA_CLOUD_SECURITY_TOKEN`. `None` unless both parts of the key are there; empty ones count as absent.
    #[must_use]
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let read = |name| variable(name).filter(|text| !text.trim().is_empty()).map(Secret::from);
        Some(Self::Fixed(Credentials {
            access_key_id: read("ALIBABA_CLOUD_ACCESS_KEY_ID")?,
            access_key_secret: read("ALIBABA_CLOUD_ACCESS_KEY_SECRET")?,
            security_token: read("ALIBABA_CLOUD_SECURITY_TOKEN"),
        }))
    }

    /// The credentials to sign with now.
    #[expect(clippy::unused_async, reason = "other sources than a fixed one have to ask")]
    pub async fn current(&self) -> Result<Arc<Credentials>, CredentialsError> {
        match self {
            Self::Fixed(credentials) => Ok(Arc::new(credentials.clone())),
        }
    }

    /// Gets new credentials, since the upstream does not take these. Whether there are others now.
    #[expect(clippy::unused_async, reason = "other sources than a fixed one have to ask")]
    pub async fn renew(&self, _used: &Credentials) -> bool {
        match self {
            Self::Fixed(_) => false,
        }
    }

    /// Changes whenever the credentials become those of somebody else, perhaps.
    #[must_use]
    pub fn account(&self) -> u64 {
        match self {
            Self::Fixed(_) => 0,
        }
    }
}

/// There are no valid credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("none")]
pub struct CredentialsError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_of_the_key_are_needed() {
        let check = |variables: &[(&str, &str)], expect: bool| {
            let source = CredentialsSource::from_environment(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            });
            assert_eq!(source.is_some(), expect, "{variables:?}");
        };
        check(&[], false);
        check(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id")], false);
        check(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", " ")], false);
        check(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "id"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret")], true);
    }

    #[test]
    fn debug_shows_nothing() {
        let credentials = Credentials {
            access_key_id: "LTAI-id".into(),
            access_key_secret: "sesame".into(),
            security_token: Some("CAIS".into()),
        };
        let text = format!("{:?}", CredentialsSource::Fixed(credentials));
        for secret in ["LTAI-id", "sesame", "CAIS"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
