//! `~/.aliyun/config.json`, as the vendor's command line keeps it: profiles, each with a mode.

use serde::Deserialize;

use super::{
    error::CredentialsError,
    plan::{Found, NO_TRUTH, Plan, Role, SWITCHED_OFF, Sts, given, trimmed, truth},
};

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Entry>,
}

/// A profile; or what is not one, which ends no start unless it is the one that is used.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Profile(Box<Profile>),
    Odd(serde_json::Value),
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Profile {
    name: String,
    mode: String,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    sts_token: Option<String>,
    sts_expiration: Option<i64>,
    ram_role_arn: Option<String>,
    ram_session_name: Option<String>,
    expired_seconds: Option<i64>,
    policy: Option<String>,
    external_id: Option<String>,
    sts_region: Option<String>,
    enable_vpc: Option<bool>,
    #[serde(rename = "source_profile")]
    source: Option<String>,
    ram_role_name: Option<String>,
    oidc_token_file: Option<String>,
    oidc_provider_arn: Option<String>,
    credentials_uri: Option<String>,
    process_command: Option<String>,
    /// As in `~/.alibabacloud/credentials`; whoever writes it here means the same.
    enable: Option<serde_json::Value>,
    enabled: Option<serde_json::Value>,
}

/// Profiles that assume each other's roles in a ring would never come to an end.
const LONGEST_CHAIN: usize = 5;

/// What the named profile says, or else the current one. Nothing, if there is no profile of the name that was given, or
/// if the current one was never filled in.
pub(super) fn plan(place: &str, text: &str, named: Option<&str>) -> Result<Found, CredentialsError> {
    let text = trimmed(text);
    // Some tools make the file before there is anything to put into it.
    let configuration = if text.is_empty() { Ok(Configuration::default()) } else { serde_json::from_str(text) };
    let configuration: Configuration = configuration.map_err(|error| {
        // The error's own text may quote the file.
        CredentialsError::broken(place, format!("is not what it should be (line {})", error.line()))
    })?;
    let current = trimmed(&configuration.current);
    let name = match (named, current) {
        (Some(name), _) => name,
        (None, "") => "default",
        (None, current) => current,
    };
    if configuration.is_odd(name) {
        let fault = format!("profile {name:?} has a member that is not what it should be");
        return Err(CredentialsError::broken(place, fault));
    }
    if configuration.find(name).is_none() {
        return match (named, current) {
            (Some(_), _) => Ok(Found::Nothing(format!("{place} has no profile {name:?}"))),
            (None, "") if configuration.profiles.is_empty() => Ok(Found::Nothing(format!("{place} has no profile"))),
            (None, _) => {
                Err(CredentialsError::broken(place, format!("has no profile {name:?}, which is the current one")))
            }
        };
    }
    match configuration.plan(place, name, LONGEST_CHAIN)? {
        Some(plan) => Ok(Found::Plan(plan)),
        None if named.is_some() => Err(CredentialsError::broken(place, format!("profile {name:?} has no key"))),
        None => Ok(Found::Nothing(format!("{place} has no key in its profile {name:?}"))),
    }
}

impl Configuration {
    fn find(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().find_map(|entry| match entry {
            Entry::Profile(profile) => Some(profile.as_ref()).filter(|profile| trimmed(&profile.name) == name),
            Entry::Odd(_) => None,
        })
    }

    /// Whether a profile of this name cannot be read.
    fn is_odd(&self, name: &str) -> bool {
        let is_it = |entry: &Entry| match entry {
            Entry::Profile(_) => false,
            Entry::Odd(value) => value["name"].as_str().is_some_and(|text| trimmed(text) == name),
        };
        self.profiles.iter().any(is_it)
    }

    /// The plan of a profile; none if there is no part of a key in it.
    fn plan(&self, place: &str, name: &str, most: usize) -> Result<Option<Plan>, CredentialsError> {
        let broken = |fault: String| CredentialsError::broken(place, format!("profile {name:?} {fault}"));
        let without = || if self.is_odd(name) { "has a member that is not what it should be" } else { "is not there" };
        let profile = self.find(name).ok_or_else(|| broken(without().to_owned()))?;
        // Only of the profile that is used: what another one has there ends no start.
        for value in [&profile.enable, &profile.enabled].into_iter().flatten().filter(|value| !value.is_null()) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match truth(&text) {
                Some(true) => {}
                Some(false) => return Err(broken(SWITCHED_OFF.to_owned())),
                None => return Err(broken(NO_TRUTH.to_owned())),
            }
        }
        let most = most.checked_sub(1).ok_or_else(|| broken("takes its role from too many others".to_owned()))?;
        let key = |token: Option<&String>| {
            let parts = [profile.access_key_id.clone(), profile.access_key_secret.clone(), token.cloned()];
            Plan::key(["access_key_id", "access_key_secret", "sts_token"], parts).map_err(broken)
        };
        let assume = |with: Option<Plan>| -> Result<Option<Plan>, CredentialsError> {
            let with = Box::new(with.ok_or_else(|| broken("has nothing to assume its role with".to_owned()))?);
            Ok(Some(Plan::Assume { with, role: profile.role(place)? }))
        };
        let ecs_role = || Plan::EcsRole { name: filled(profile.ram_role_name.as_ref()), hardened: false };
        match profile.mode() {
            "AK" => key(None),
            "StsToken" if filled(profile.sts_token.as_ref()).is_none() => Err(broken("has no sts_token".to_owned())),
            "StsToken" => Ok(key(profile.sts_token.as_ref())?.map(|plan| until(plan, profile.sts_expiration))),
            "RamRoleArn" => assume(key(profile.sts_token.as_ref())?),
            "EcsRamRole" => Ok(Some(ecs_role())),
            // The second is the name in the vendor's sources, the first the one that its command line writes.
            "RamRoleArnWithRoleName" | "RamRoleArnWithEcs" => assume(Some(ecs_role())),
            "ChainableRamRoleArn" => {
                let source = filled(profile.source.as_ref());
                let source = source.ok_or_else(|| broken("names no source_profile".to_owned()))?;
                assume(self.plan(place, &source, most)?)
            }
            "OIDC" => {
                let (Some(provider_arn), Some(token_file)) =
                    (filled(profile.oidc_provider_arn.as_ref()), filled(profile.oidc_token_file.as_ref()))
                else {
                    return Err(broken("needs oidc_provider_arn and oidc_token_file".to_owned()));
                };
                Ok(Some(Plan::Oidc { provider_arn, token_file: token_file.into(), role: profile.role(place)? }))
            }
            "CredentialsURI" => {
                let uri = filled(profile.credentials_uri.as_ref());
                let uri = uri.ok_or_else(|| broken("names no credentials_uri".to_owned()))?;
                Plan::uri(place, &uri).map(Some)
            }
            // Among them those that run a program (External) or want a person at a browser (OAuth, CloudSSO).
            mode => Err(broken(format!(
                "is of mode {mode:?}, which Deskbuy does not support; ALIBABA_CLOUD_PROFILE names another profile, \
                 ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true passes over this file"
            ))),
        }
    }
}

impl Profile {
    /// Its mode. Where it says none, the one that the vendor's command line takes it for.
    fn mode(&self) -> &str {
        let has = |member: &Option<String>| filled(member.as_ref()).is_some();
        match trimmed(&self.mode) {
            "" if has(&self.access_key_id) || has(&self.access_key_secret) => match self {
                _ if has(&self.sts_token) => "StsToken",
                _ if has(&self.ram_role_arn) => "RamRoleArn",
                _ => "AK",
            },
            "" if has(&self.ram_role_name) => "EcsRamRole",
            "" if has(&self.process_command) => "External",
            "" if has(&self.oidc_provider_arn) => "OIDC",
            "" if has(&self.credentials_uri) => "CredentialsURI",
            "" => "AK",
            mode => mode,
        }
    }

    fn role(&self, place: &str) -> Result<Role, CredentialsError> {
        let arn = filled(self.ram_role_arn.as_ref());
        let arn = arn
            .ok_or_else(|| CredentialsError::broken(place, format!("profile {:?} names no ram_role_arn", self.name)))?;
        Ok(Role {
            arn,
            session: filled(self.ram_session_name.as_ref()),
            // Zero is what the command line writes for what was not said.
            seconds: self
                .expired_seconds
                .and_then(|seconds| u64::try_from(seconds).ok())
                .filter(|seconds| *seconds > 0),
            policy: filled(self.policy.as_ref()),
            external_id: filled(self.external_id.as_ref()),
            sts: Sts::of(place, filled(self.sts_region.as_ref()), self.enable_vpc.unwrap_or_default())?,
        })
    }
}

fn filled(text: Option<&String>) -> Option<String> {
    given(text?)
}

fn until(plan: Plan, expiration: Option<i64>) -> Plan {
    let expiration = expiration.filter(|seconds| *seconds > 0);
    let expires = expiration.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    match plan {
        Plan::Key { credentials, .. } => Plan::Key { credentials, expires },
        other => other,
    }
}

#[cfg(test)]
mod tests;
