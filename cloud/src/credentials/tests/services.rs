//! The metadata service and STS, in good order, busy and half broken.

use super::*;

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let services = Services::start().await;
    let moved = format!("http://{}/moved", services.address);
    let variables = [("ALIBABA_CLOUD_CREDENTIALS_URI", &*moved), ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")];
    let told = found(&home(&[]), &variables, &services).await;
    assert!(told.contains("HTTP 302"), "{told}");
}

#[tokio::test]
async fn the_metadata_service_is_asked_for_a_token_first() {
    let home = home(&[]);
    let services = Services::start().await;
    assert_eq!(found(&home, &[("ALIBABA_CLOUD_ECS_METADATA", "the-role")], &services).await, "by-instance");
    assert_eq!(services.asked(), ["token", "role with Some(\"the-token\")"]);

    let role = [("ALIBABA_CLOUD_ECS_METADATA", "../../user-data")];
    assert!(found(&home, &role, &services).await.contains("names a role that is none"));
}

/// Version 1 of the service knows no tokens, and some instances are between the two.
#[tokio::test]
async fn without_a_token_it_is_asked_without_one() {
    let home = home(&[(".aliyun/config.json", r#"{"current":"a","profiles":[{"name":"a","mode":"EcsRamRole"}]}"#)]);
    for tokens in [400, 403, 404, 405, 500, 503].map(Tokens::Refused).into_iter().chain([Tokens::Page, Tokens::Never]) {
        let services = Services::with(tokens).await;
        let named = ("ALIBABA_CLOUD_ECS_METADATA", "the-role");
        let no_cli = ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true");
        assert_eq!(found(&home, &[named, no_cli], &services).await, "by-instance");
        assert_eq!(services.asked(), ["token", "role with None"]);
        // Where version 1 is forbidden, in every place that names the role.
        let hardened = ("ALIBABA_CLOUD_IMDSV1_DISABLED", "true");
        for variables in [&[named, no_cli, hardened][..], &[hardened]] {
            let told = found(&home, variables, &services).await;
            assert!(told.contains("the metadata service"), "{told}");
        }
        assert_eq!(services.asked().len(), 4, "{:?}", services.asked());
    }
    let services = Services::with(Tokens::NotTaken).await;
    assert_eq!(found(&home, &[], &services).await, "by-instance");
    assert_eq!(services.asked(), ["token", "role with Some(\"the-token\")", "role with None"]);
}

#[tokio::test]
async fn the_metadata_service_may_be_forbidden() {
    let services = Services::start().await;
    let forbidden = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "TRUE");
    let cli = r#"{"current":"a","profiles":[{"name":"a","mode":"RamRoleArnWithRoleName","ram_role_arn":"r"}]}"#;
    let told = found(&home(&[(".aliyun/config.json", cli)]), &[forbidden], &services).await;
    assert!(told.contains("config.json") && told.contains(forbidden.0), "{told}");
    let told = found(&home(&[]), &[forbidden, ("ALIBABA_CLOUD_ECS_METADATA", "the-role")], &services).await;
    assert!(told.contains("ALIBABA_CLOUD_ECS_METADATA: "), "{told}");
    let told = found(&home(&[]), &[("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "perhaps")], &services).await;
    assert!(told.contains("neither true nor false"), "{told}");
    assert_eq!(services.asked(), [""; 0]);
}

/// A proxy that starts while STS is too busy waits a little, and starts in any case.
#[tokio::test]
async fn a_busy_sts_is_asked_again() {
    for code in [
        "Throttling.User",
        "Throttling",
        "ServiceUnavailable",
        "SystemBusy",
        "Rejected.Throttling",
        "FlowControl",
        "Throttling.Api",
    ] {
        for mode in ["RamRoleArn", "OIDC"] {
            let services = Services::start().await;
            let home = home(&[("token", "a-token")]);
            let cli = json!({ "current": "a", "profiles": [{
                "name": "a", "mode": mode, "access_key_id": "k", "access_key_secret": "sesame", "ram_role_arn": format!("busy {code}"),
                "oidc_provider_arn": "p", "oidc_token_file": home.path().join("token"),
            }]});
            write(home.path(), ".aliyun/config.json", &cli.to_string());
            assert_eq!(found(&home, &[], &services).await, "by-role", "{code}");
            assert_eq!(services.asked().len(), 3, "{code}");
        }
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_a_key_or_with_another_role() {
    let services = Services::start().await;
    let cli = r#"{"current":"a","profiles":[
        {"name":"a","mode":"ChainableRamRoleArn","source_profile":"b","ram_role_arn":"outer"},
        {"name":"b","mode":"RamRoleArn","access_key_id":"k","access_key_secret":"sesame","ram_role_arn":"inner"}]}"#;
    assert_eq!(found(&home(&[(".aliyun/config.json", cli)]), &[], &services).await, "by-role");
    assert_eq!(services.asked(), ["AssumeRole of inner by k", "AssumeRole of outer by by-role"]);
}
