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

/// What a place of the chain comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has something.
    Plan(Plan),
    /// It has nothing, for this reason.
    Nothing(String),
}

impl Plan {
    /// A key, from identifier, secret and token under the names that the place has for them; none if there is no part of
    /// one. A part alone is a fault: with the other place's key in its stead, another account would pay.
    pub(super) fn key(names: [&str; 3], parts: [Option<String>; 3]) -> Result<Option<Self>, String> {
        let parts = parts.map(|part| part.as_deref().and_then(given));
        for (name, part) in names.iter().zip(&parts) {
            if part.as_ref().is_some_and(|text| !text.bytes().all(|byte| byte.is_ascii_graphic())) {
                return Err(format!("has blanks or other characters in {name} that are in no key"));
            }
        }
        let [id, secret, token] = names;
        let without = |part: &str, missing: &str| Err(format!("has {part} without {missing}"));
        match parts {
            [None, None, None] => Ok(None),
            [None, None, Some(_)] => without(token, &format!("{id} and {secret}")),
            [Some(_), None, _] => without(id, secret),
            [None, Some(_), _] => without(secret, id),
            [Some(id), Some(secret), token] => {
                let credentials = AccessKey {
                    access_key_id: id.into(),
                    access_key_secret: secret.into(),
                    security_token: token.map(Into::into),
                };
                Ok(Some(Self::Key { credentials, expires: None }))
            }
        }
    }

    /// Credentials come without TLS only from this machine.
    pub(super) fn uri(place: &str, text: &str) -> Result<Self, CredentialsError> {
        let broken = |fault| CredentialsError::broken(place, fault);
        let url = Url::parse(trimmed(text)).map_err(|_| broken("is not an address"))?;
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
        let region = region.map(|text| trimmed(&text).parse::<RegionId>()).transpose();
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

/// A text without what editors, shells and secret stores leave around it: blanks, line ends, byte-order marks.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '\0' | '\u{200b}' | '\u{feff}'))
}

/// What is wrong with a profile that is switched off, and with one whose `enable` is no truth value.
pub(super) const SWITCHED_OFF: &str = "is switched off (enable); ALIBABA_CLOUD_PROFILE names another one";
pub(super) const NO_TRUTH: &str = "has enable that is neither true nor false";

/// A truth value, in the words that the vendor's tools take for one.
pub(super) fn truth(text: &str) -> Option<bool> {
    match trimmed(text).to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The same, if there is anything.
pub(super) fn given(text: &str) -> Option<String> {
    Some(trimmed(text)).filter(|text| !text.is_empty()).map(str::to_owned)
}
