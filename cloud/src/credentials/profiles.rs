//! `~/.alibabacloud/credentials`: profiles as sections, each of a type. How sections are written is [`super::ini`]'s.

use super::{
    error::CredentialsError,
    ini::{self, BadLine},
    plan::{NO_TRUTH, Plan, Role, SWITCHED_OFF, Sts, given, truth},
};

/// What a profile says. `None` if there is none of this name.
pub(super) fn plan(place: &str, text: &str, name: &str) -> Result<Option<Plan>, CredentialsError> {
    let section = ini::section(text, name);
    let section = section.map_err(|BadLine(line)| {
        CredentialsError::broken(place, format!("line {line} is neither a section nor a name with a value"))
    })?;
    let Some(section) = section else { return Ok(None) };
    let broken = |fault: &str| CredentialsError::broken(place, format!("profile {name:?} {fault}"));
    let get = |key: &str| given(section.get(key)?);
    match get("enable").map_or(Some(true), |text| truth(&text)) {
        Some(true) => {}
        Some(false) => return Err(broken(SWITCHED_OFF)),
        None => return Err(broken(NO_TRUTH)),
    }
    let key = |token: Option<String>| {
        let names = ["access_key_id", "access_key_secret", "security_token"];
        let key = Plan::key(names, [get(names[0]), get(names[1]), token]).map_err(|fault| broken(&fault))?;
        key.ok_or_else(|| broken("needs access_key_id and access_key_secret"))
    };
    let seconds = || match get("duration_seconds").map(|text| text.parse::<u64>()).transpose() {
        Ok(seconds) => Ok(seconds.filter(|seconds| *seconds > 0)),
        Err(_) => Err(broken("has duration_seconds that is no number")),
    };
    let within_vpc = || match get("enable_vpc").map_or(Some(false), |text| truth(&text)) {
        Some(within_vpc) => Ok(within_vpc),
        None => Err(broken("has enable_vpc that is neither true nor false")),
    };
    let role = || {
        Ok(Role {
            arn: get("role_arn").ok_or_else(|| broken("names no role_arn"))?,
            session: get("role_session_name").or_else(|| get("session_name")),
            seconds: seconds()?,
            policy: get("policy"),
            external_id: get("external_id"),
            sts: Sts::of(place, get("sts_region"), within_vpc()?)?,
        })
    };
    Ok(Some(match get("type").as_deref() {
        None | Some("access_key") => key(None)?,
        Some("sts") => key(Some(get("security_token").ok_or_else(|| broken("has no security_token"))?))?,
        Some("ram_role_arn") => Plan::Assume { with: Box::new(key(get("security_token"))?), role: role()? },
        Some("ecs_ram_role") => Plan::EcsRole { name: get("role_name"), hardened: false },
        Some("oidc_role_arn") => {
            let (Some(provider_arn), Some(token_file)) = (get("oidc_provider_arn"), get("oidc_token_file_path")) else {
                return Err(broken("needs oidc_provider_arn and oidc_token_file_path"));
            };
            Plan::Oidc { provider_arn, token_file: token_file.into(), role: role()? }
        }
        Some("credentials_uri") => {
            let uri = get("credentials_uri").ok_or_else(|| broken("names no credentials_uri"))?;
            Plan::uri(place, &uri)?
        }
        Some(kind) => return Err(broken(&format!("is of type {kind:?}, which Deskbuy does not support"))),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn types() {
        let check = |lines: &str, expect: &str| {
            let kind = match plan("f", &format!("[default]\n{lines}"), "default") {
                Ok(Some(Plan::Key { credentials, .. })) if credentials.security_token.is_some() => "key with token",
                Ok(Some(Plan::Key { .. })) => "key",
                Ok(Some(Plan::Assume { .. })) => "role",
                Ok(Some(Plan::Oidc { .. })) => "oidc",
                Ok(Some(Plan::EcsRole { .. })) => "instance",
                Ok(Some(Plan::Uri(_))) => "uri",
                Ok(None) => "nothing",
                Err(error) => {
                    let told = error.to_string();
                    assert!(told.contains("f: ") && !told.contains("sesame"), "{told}");
                    "broken"
                }
            };
            assert_eq!(kind, expect, "{lines}");
        };
        let key = "access_key_id=id\naccess_key_secret=sesame\n";
        check(key, "key");
        check(&format!("type=access_key\n{key}"), "key");
        check(&format!("type=sts\n{key}security_token=t"), "key with token");
        check(&format!("enable=true\ntype=access_key\n{key}"), "key");
        for off in ["false", "False", "0", "no", "disabled", "maybe", "n"] {
            check(&format!("enable = {off}\ntype=access_key\n{key}"), "broken");
        }
        check(&format!("type=sts\n{key}"), "broken");
        check("access_key_id=id", "broken");
        check(&format!("type=ram_role_arn\n{key}role_arn=r\nduration_seconds=0"), "role");
        check(&format!("type=ram_role_arn\n{key}role_arn=r\nduration_seconds=sesame"), "broken");
        check("access_key_id = \" id \"\naccess_key_secret = 'sesame\t'\n", "key");
        check(&format!("type=ram_role_arn\n{key}role_arn=r\nrole_session_name=s"), "role");
        check(&format!("type=ram_role_arn\n{key}role_arn=r\nenable_vpc=True"), "role");
        check(&format!("type=ram_role_arn\n{key}role_arn=r\nenable_vpc=sesame"), "broken");
        check("type=ecs_ram_role\nrole_name=r", "instance");
        check("type=oidc_role_arn\nrole_arn=r\noidc_provider_arn=p\noidc_token_file_path=/t", "oidc");
        check("type=credentials_uri\ncredentials_uri=http://127.0.0.1:1/c", "uri");
        check("type=access_key\naccess_key_secret=sesame", "broken");
        check(&format!("type=ram_role_arn\n{key}"), "broken");
        check(&format!("type=rsa_key_pair\n{key}"), "broken");
        check(&format!("{key}sesame"), "broken");
        check("type=credentials_uri\ncredentials_uri=http://a.example/c", "broken");
    }

    #[test]
    fn a_profile_that_is_not_there_is_none() {
        assert_eq!(plan("f", "[other]\ntype=access_key", "default"), Ok(None));
        assert_eq!(plan("f", "", "default"), Ok(None));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(\\[default\\]\n)?([a-z_]{0,12}=?[ -~]{0,12}\n){0,6}") {
            let _ = plan("f", &text, "default");
        }
    }
}
