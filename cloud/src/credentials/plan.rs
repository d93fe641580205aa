//! What a place says about credentials: they are here, or this is how to get them. Looking at places is
//! [`super::chain`]'s, carrying a plan out is [`super::fetch`]'s.

use std::path::PathBuf;

use jiff::Timestamp;
use shared::ids::RegionId;
use url::Url;

use super::error::CredentialsError;
use crate::access_key::AccessKey;

/// The places of the chain, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// `ALIBABA_CLOUD_ACCESS_KEY_ID` and its companions.
    Environment,
    /// `ALIBABA_CLOUD_ROLE_ARN` and its companions.
    OidcRole,
    /// `~/.aliyun/config.json`.
    CliConfig,
    /// `~/.alibabacloud/credentials`, with or without a suffix.
    CredentialsFile,
    /// The role of the ECS instance.
    EcsRole,
    /// `ALIBABA_CLOUD_CREDENTIALS_URI`.
    Uri,
}

/// How to get credentials. Two plans that are equal get them for the same account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// They are here, perhaps for a time.
    Key { credentials: AccessKey, expires: Option<Timestamp> },
    /// By assuming a role with other credentials.
    Assume { with: Box<Plan>, role: Role },
    /// By assuming a role with a token that a file holds.
    Oidc { provider_arn: String, token_file: PathBuf, role: Role },
    /// From the metadata service.
    EcsRole { name: Option<String>, hardened: bool },
    /// From an address.
    Uri(Url),
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: Option<String>,
    /// For how long, in seconds.
    pub(super) seconds: Option<u64>,
    pub(super) policy: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) sts: Sts,
}

/// Which STS to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sts {
    pub(super) region: Option<RegionId>,
    /// By its address within the cloud's own network.
    pub(super) within_vpc: bool,
}

impl Plan {
    /// A key; none if a part of it is missing, as in a file that was begun and left.
    pub(super) fn key(id: Option<String>, secret: Option<String>, token: Option<String>) -> Option<Self> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let credentials = AccessKey {
            access_key_id: given(id)?.into(),
            access_key_secret: given(secret)?.into(),
            security_token: given(token).map(Into::into),
        };
        Some(Self::Key { credentials, expires: None })
    }

    /// Credentials come without TLS only from this machine.
    pub(super) fn uri(place: &str, text: &str) -> Result<Self, CredentialsError> {
        let broken = |fault| CredentialsError::broken(place, fault);
        let url = Url::parse(text.trim()).map_err(|_| broken("is not an address"))?;
        match url.scheme() {
            _ if url.host().is_none() => Err(broken("is not an address")),
            "https" => Ok(Self::Uri(url)),
            "http" if crate::endpoint::is_loopback(&url) => Ok(Self::Uri(url)),
            "http" => Err(broken("must be https; plain http is for loopback addresses only")),
            _ => Err(broken("is not an address")),
        }
    }
}

impl Sts {
    /// An STS by a region's name. It becomes part of a host name, so it is a name and nothing else.
    pub(super) fn of(place: &str, region: Option<String>, within_vpc: bool) -> Result<Self, CredentialsError> {
        let region = region.map(|text| text.trim().parse::<RegionId>()).transpose();
        let region = region.map_err(|_| CredentialsError::broken(place, "names an STS region that is none"))?;
        Ok(Self { region, within_vpc })
    }

    /// Its address, where the settings name no other.
    pub(super) fn address(&self) -> String {
        let host = if self.within_vpc { "sts-vpc" } else { "sts" };
        match &self.region {
            Some(region) => format!("https://{host}.{region}.aliyuncs.com"),
            // Only regions have an address within their network.
            None => "https://sts.aliyuncs.com".to_owned(),
        }
    }
}
