//! Profiles in each mode, whole and broken.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn file(profiles: serde_json::Value) -> String {
    json!({ "current": "main", "profiles": profiles, "meta_path": "" }).to_string()
}

fn one(profile: serde_json::Value) -> Result<Found, CredentialsError> {
    let mut profile = profile;
    profile["name"] = "main".into();
    plan("config.json", &file(json!([profile])), None)
}

#[test]
fn modes() {
    let check = |profile: serde_json::Value, expect: &str| {
        let found = one(profile.clone()).unwrap();
        let kind = match found {
            Found::Nothing(_) => "nothing",
            Found::Plan(plan) => match plan {
                Plan::Key { credentials, .. } if credentials.security_token.is_some() => "key with token",
                Plan::Key { .. } => "key",
                Plan::Assume { with, .. } if matches!(*with, Plan::Key { .. }) => "role by key",
                Plan::Assume { .. } => "role by instance",
                Plan::Oidc { .. } => "oidc",
                Plan::EcsRole { .. } => "instance",
                Plan::Uri(_) => "uri",
            },
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
    for mode in ["RamRoleArnWithRoleName", "RamRoleArnWithEcs"] {
        check(json!({ "mode": mode, "ram_role_arn": "acs:ram::1:role/r", "ram_role_name": "r" }), "role by instance");
    }
    let oidc = json!({ "mode": "OIDC", "oidc_provider_arn": "p", "oidc_token_file": "/t", "ram_role_arn": "r" });
    check(oidc, "oidc");
    check(json!({ "mode": "CredentialsURI", "credentials_uri": "https://a.example/c" }), "uri");
    // Without a mode, as the command line takes them.
    check(with(json!({})), "key");
    check(with(json!({ "sts_token": "token" })), "key with token");
    check(with(json!({ "mode": " ", "ram_role_arn": "r" })), "role by key");
    check(json!({ "ram_role_name": "r" }), "instance");
    check(json!({ "oidc_provider_arn": "p", "oidc_token_file": "/t", "ram_role_arn": "r" }), "oidc");
    check(json!({ "credentials_uri": "https://a.example/c" }), "uri");
}

#[test]
fn a_profile_may_take_its_role_from_another_but_not_in_a_ring() {
    let chained = |name: &str, source: &str| json!({ "name": name, "mode": "ChainableRamRoleArn", "source_profile": source, "ram_role_arn": "r" });
    let key = json!({ "name": "key", "mode": "AK", "access_key_id": "id", "access_key_secret": "secret" });
    let found = plan("f", &file(json!([chained("main", "middle"), chained("middle", "key"), key])), None);
    assert!(matches!(found, Ok(Found::Plan(Plan::Assume { with, .. })) if matches!(*with, Plan::Assume { .. })));
    let ring = plan("f", &file(json!([chained("main", "other"), chained("other", "main")])), None);
    assert!(ring.unwrap_err().to_string().contains("too many"));
}

#[test]
fn a_named_profile_comes_before_the_current_one() {
    let key = |name: &str| json!({ "name": name, "access_key_id": name, "access_key_secret": "s" });
    let text = file(json!([key("main"), key("other")]));
    let id = |named| match plan("f", &text, named) {
        Ok(Found::Plan(Plan::Key { credentials, .. })) => Some(credentials.access_key_id.expose().to_owned()),
        _ => None,
    };
    assert_eq!(id(None).as_deref(), Some("main"));
    assert_eq!(id(Some("other")).as_deref(), Some("other"));
    assert_eq!(id(Some("none")), None);
}

#[test]
fn which_profile_is_the_current_one() {
    let key = json!([{ "name": "default", "mode": "AK", "access_key_id": "i", "access_key_secret": "s" }]);
    let check = |text: &str, expect: Result<bool, &str>| {
        let found = plan("f", &text.replace("PROFILES", &key.to_string()), None);
        let found = found.map(|found| matches!(found, Found::Plan(_))).map_err(|error| error.to_string());
        let fits = match (&found, expect) {
            (Err(told), Err(part)) => told.contains(part),
            (found, expect) => found.as_ref().ok() == expect.ok().as_ref(),
        };
        assert!(fits, "{text}: {found:?}");
    };
    check(r#"{"current":"default","profiles":PROFILES}"#, Ok(true));
    check("\u{feff}{\"current\":\" default\\r\",\"profiles\":PROFILES}", Ok(true));
    check(r#"{"current":"","profiles":PROFILES}"#, Ok(true));
    check(r#"{"profiles":PROFILES}"#, Ok(true));
    check(r#"{"current":"prod","profiles":PROFILES}"#, Err("f: has no profile \"prod\""));
    check(r#"{"current":"prod","profiles":[]}"#, Err("f: has no profile \"prod\""));
    check(r#"{"profiles":[{"name":"prod"}]}"#, Err("f: has no profile \"default\""));
    check(r#"{"current":"","profiles":[]}"#, Ok(false));
    check("{}", Ok(false));
    check(" \n", Ok(false));
    check("[]", Ok(false));
}

#[test]
fn seconds_that_say_nothing_are_the_usual_ones() {
    let check = |seconds: serde_json::Value, expect: Option<u64>| {
        let profile = json!({ "mode": "RamRoleArnWithRoleName", "ram_role_arn": "r", "expired_seconds": seconds });
        let Ok(Found::Plan(Plan::Assume { role, .. })) = one(profile) else { panic!("no role") };
        assert_eq!(role.seconds, expect, "{seconds}");
    };
    check(json!(900), Some(900));
    check(json!(0), None);
    check(json!(-1), None);
    check(json!(null), None);
}

#[test]
fn blanks_around_a_value_do_not_belong_to_it() {
    let profile = json!({
        "mode": "StsToken", "access_key_id": " id\r", "access_key_secret": "\u{feff}secret\n", "sts_token": "token \n",
    });
    let Ok(Found::Plan(Plan::Key { credentials, .. })) = one(profile) else { panic!("no key") };
    let token = credentials.security_token.unwrap();
    let parts = [&credentials.access_key_id, &credentials.access_key_secret, &token].map(crate::Secret::expose);
    assert_eq!(parts, ["id", "secret", "token"]);
}

#[test]
fn faults_tell_where_and_not_what() {
    let check = |found: Result<Found, CredentialsError>, part: &str| {
        let told = found.unwrap_err().to_string();
        assert!(told.contains(part) && told.contains("config.json") && !told.contains("sesame"), "{told}");
    };
    for mode in ["OAuth", "CloudSSO", "External", "RsaKeyPair", "Something"] {
        check(one(json!({ "mode": mode, "access_key_id": "id", "access_key_secret": "sesame" })), mode);
    }
    check(one(json!({ "process_command": "acs-sso login" })), "\"External\"");
    check(one(json!({ "mode": "AK", "access_key_id": "id" })), "access_key_id without access_key_secret");
    check(one(json!({ "mode": "AK", "access_key_secret": "sesame" })), "access_key_secret without access_key_id");
    check(one(json!({ "access_key_secret": "sesame" })), "access_key_secret without access_key_id");
    check(
        one(json!({ "mode": "RamRoleArn", "ram_role_arn": "r", "access_key_id": "id" })),
        "without access_key_secret",
    );
    let key = json!({ "mode": "StsToken", "access_key_id": "id", "access_key_secret": "sesame" });
    check(one(key), "has no sts_token");
    check(one(json!({ "mode": "AK", "access_key_id": "id", "access_key_secret": "sesame street" })), "blanks");
    check(one(json!({ "mode": "ChainableRamRoleArn", "source_profile": "no", "ram_role_arn": "r" })), "\"no\" is not");
    check(one(json!({ "mode": "RamRoleArn", "ram_role_arn": "r" })), "nothing to assume");
    check(one(json!({ "mode": "CredentialsURI", "credentials_uri": "http://a.example" })), "https");
    let region = json!({ "mode": "RamRoleArnWithEcs", "ram_role_arn": "r", "sts_region": "a.evil.example" });
    check(one(region), "STS region");
    check(plan("config.json", r#"{"profiles":[{"name":{"sesame":1}}]}"#, None), "has no profile \"default\"");
    let odd = r#"{"profiles":[{"name":"default","expired_seconds":"sesame"}]}"#;
    check(plan("config.json", odd, None), "profile \"default\" has a member that is not what it should be");
    check(plan("config.json", "{\n\"sesame", None), "line 2");
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>(), mode in any::<String>(), name in any::<String>()) {
        let _ = plan("f", &text, Some(&name));
        let _ = one(json!({ "mode": mode, "access_key_id": text, "sts_expiration": i64::MAX }));
    }
}
