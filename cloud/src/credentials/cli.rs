//! `~/.aliyun/config.json`, as the vendor's command line keeps it: profiles, each with a mode.

use serde::Deserialize;

use super::{
    error::CredentialsError,
    plan::{Plan, Role, Sts},
};

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    current: String,
    #[serde(default)]
    profiles: Vec<Profile>,
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
    expired_seconds: Option<u64>,
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
}

/// Profiles that assume each other's roles in a ring would never come to an end.
const LONGEST_CHAIN: usize = 5;

/// What the named profile says, or else the current one. `None` if there is no such profile, or nothing in it yet.
pub(super) fn plan(place: &str, text: &str, named: Option<&str>) -> Result<Option<Plan>, CredentialsError> {
    let configuration: Configuration = serde_json::from_str(text).map_err(|error| {
        // The error's own text may quote the file.
        CredentialsError::broken(place, format!("is not what it should be (line {})", error.line()))
    })?;
    let name = named.unwrap_or(&configuration.current);
    configuration.plan(place, name, LONGEST_CHAIN)
}

impl Configuration {
    fn plan(&self, place: &str, name: &str, most: usize) -> Result<Option<Plan>, CredentialsError> {
        let broken = |fault: String| CredentialsError::broken(place, format!("profile {name:?} {fault}"));
        let Some(profile) = self.profiles.iter().find(|profile| profile.name == name).cloned() else { return Ok(None) };
        let most = most.checked_sub(1).ok_or_else(|| broken("takes its role from too many others".to_owned()))?;
        let key = |profile: &Profile, token: Option<String>| {
            Plan::key(profile.access_key_id.clone(), profile.access_key_secret.clone(), token)
        };
        let assume = |with: Option<Plan>| -> Result<Option<Plan>, CredentialsError> {
            let with = Box::new(with.ok_or_else(|| broken("has nothing to assume its role with".to_owned()))?);
            Ok(Some(Plan::Assume { with, role: profile.role(place)? }))
        };
        let ecs_role = || Plan::EcsRole { name: given(profile.ram_role_name.as_ref()), hardened: false };
        match profile.mode.as_str() {
            "" | "AK" => Ok(key(&profile, None)),
            "StsToken" => Ok(key(&profile, profile.sts_token.clone()).map(|plan| until(plan, profile.sts_expiration))),
            "RamRoleArn" => assume(key(&profile, profile.sts_token.clone())),
            "EcsRamRole" => Ok(Some(ecs_role())),
            "RamRoleArnWithEcs" => assume(Some(ecs_role())),
            "ChainableRamRoleArn" => {
                let source = given(profile.source.as_ref());
                let source = source.ok_or_else(|| broken("names no source_profile".to_owned()))?;
                assume(self.plan(place, &source, most)?)
            }
            "OIDC" => {
                let (Some(provider_arn), Some(token_file)) =
                    (given(profile.oidc_provider_arn.as_ref()), given(profile.oidc_token_file.as_ref()))
                else {
                    return Err(broken("needs oidc_provider_arn and oidc_token_file".to_owned()));
                };
                Ok(Some(Plan::Oidc { provider_arn, token_file: token_file.into(), role: profile.role(place)? }))
            }
            "CredentialsURI" => {
                let uri = given(profile.credentials_uri.as_ref());
                let uri = uri.ok_or_else(|| broken("names no credentials_uri".to_owned()))?;
                Plan::uri(place, &uri).map(Some)
            }
            mode => Err(broken(format!(
                "is of mode {mode:?}, which Deskbuy does not know; ALIBABA_CLOUD_PROFILE names another profile, \
                 ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true passes over this file"
            ))),
        }
    }
}

impl Profile {
    fn role(&self, place: &str) -> Result<Role, CredentialsError> {
        let arn = given(self.ram_role_arn.as_ref());
        let arn = arn
            .ok_or_else(|| CredentialsError::broken(place, format!("profile {:?} names no ram_role_arn", self.name)))?;
        Ok(Role {
            arn,
            session: given(self.ram_session_name.as_ref()),
            seconds: self.expired_seconds,
            policy: given(self.policy.as_ref()),
            external_id: given(self.external_id.as_ref()),
            sts: Sts::of(place, given(self.sts_region.as_ref()), self.enable_vpc.unwrap_or_default())?,
        })
    }
}

fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).cloned()
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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn file(profiles: serde_json::Value) -> String {
        json!({ "current": "main", "profiles": profiles, "meta_path": "" }).to_string()
    }

    fn one(profile: serde_json::Value) -> Result<Option<Plan>, CredentialsError> {
        let mut profile = profile;
        profile["name"] = "main".into();
        plan("config.json", &file(json!([profile])), None)
    }

    #[test]
    fn modes() {
        let check = |profile: serde_json::Value, expect: &str| {
            let found = one(profile.clone()).unwrap();
            let kind = match found {
                None => "nothing",
                Some(Plan::Key { credentials, .. }) if credentials.security_token.is_some() => "key with token",
                Some(Plan::Key { .. }) => "key",
                Some(Plan::Assume { with, .. }) if matches!(*with, Plan::Key { .. }) => "role by key",
                Some(Plan::Assume { .. }) => "role by instance",
                Some(Plan::Oidc { .. }) => "oidc",
                Some(Plan::EcsRole { .. }) => "instance",
                Some(Plan::Uri(_)) => "uri",
            };
            assert_eq!(kind, expect, "{profile}");
        };
        let key = json!({ "access_key_id": "id", "access_key_secret": "secret" });
        let with = |more: serde_json::Value| {
            let mut profile = key.clone();
            profile.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            profile
        };
        check(json!({ "mode": "AK", "access_key_id": "", "access_key_secret": "" }), "nothing");
        check(with(json!({ "mode": "AK", "unknown_member": 7 })), "key");
        check(with(json!({ "mode": "StsToken", "sts_token": "token" })), "key with token");
        check(with(json!({ "mode": "RamRoleArn", "ram_role_arn": "acs:ram::1:role/r" })), "role by key");
        check(json!({ "mode": "EcsRamRole", "ram_role_name": "r" }), "instance");
        check(json!({ "mode": "RamRoleArnWithEcs", "ram_role_arn": "acs:ram::1:role/r" }), "role by instance");
        let oidc = json!({ "mode": "OIDC", "oidc_provider_arn": "p", "oidc_token_file": "/t", "ram_role_arn": "r" });
        check(oidc, "oidc");
        check(json!({ "mode": "CredentialsURI", "credentials_uri": "https://a.example/c" }), "uri");
    }

    #[test]
    fn a_profile_may_take_its_role_from_another_but_not_in_a_ring() {
        let chained = |name: &str, source: &str| json!({ "name": name, "mode": "ChainableRamRoleArn", "source_profile": source, "ram_role_arn": "r" });
        let key = json!({ "name": "key", "mode": "AK", "access_key_id": "id", "access_key_secret": "secret" });
        let found = plan("f", &file(json!([chained("main", "middle"), chained("middle", "key"), key])), None);
        assert!(matches!(found, Ok(Some(Plan::Assume { with, .. })) if matches!(*with, Plan::Assume { .. })));
        let ring = plan("f", &file(json!([chained("main", "other"), chained("other", "main")])), None);
        assert!(ring.unwrap_err().to_string().contains("too many"));
    }

    #[test]
    fn a_named_profile_comes_before_the_current_one() {
        let key = |name: &str| json!({ "name": name, "access_key_id": name, "access_key_secret": "s" });
        let text = file(json!([key("main"), key("other")]));
        let id = |named| match plan("f", &text, named) {
            Ok(Some(Plan::Key { credentials, .. })) => Some(credentials.access_key_id.expose().to_owned()),
            _ => None,
        };
        assert_eq!(id(None).as_deref(), Some("main"));
        assert_eq!(id(Some("other")).as_deref(), Some("other"));
        assert_eq!(id(Some("none")), None);
    }

    #[test]
    fn faults_tell_where_and_not_what() {
        let check = |found: Result<Option<Plan>, CredentialsError>, part: &str| {
            let told = found.unwrap_err().to_string();
            assert!(told.contains(part) && told.contains("config.json") && !told.contains("sesame"), "{told}");
        };
        check(one(json!({ "mode": "OAuth" })), "OAuth");
        check(one(json!({ "mode": "RamRoleArn", "ram_role_arn": "r" })), "nothing to assume");
        check(one(json!({ "mode": "CredentialsURI", "credentials_uri": "http://a.example" })), "https");
        let region = json!({ "mode": "RamRoleArnWithEcs", "ram_role_arn": "r", "sts_region": "a.evil.example" });
        check(one(region), "STS region");
        check(plan("config.json", r#"{"profiles":[{"name":{"sesame":1}}]}"#, None), "line 1");
        check(plan("config.json", "{\n\"sesame", None), "line 2");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), mode in any::<String>(), name in any::<String>()) {
            let _ = plan("f", &text, Some(&name));
            let _ = one(json!({ "mode": mode, "access_key_id": text, "sts_expiration": i64::MAX }));
        }
    }
}
