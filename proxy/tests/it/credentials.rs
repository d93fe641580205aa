//! The binary with credentials that change or are missing while it runs. Where they are looked for, and in which order,
//! is tested in the crate `cloud`.

use std::{path::Path, time::Duration};

use axum::{Json, Router, routing::post};
use serde_json::json;
use simulator::Config;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::{
    binary::{Running, serve},
    site::{Cloud, Reply, http},
};

const READ: &str = "/api/DescribeZones?RegionId=cn-hangzhou";

/// `deskbuy serve` with no key but those that these variables lead to.
fn start(cloud: &Cloud, home: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Running {
    let mut command = serve(cloud, flags);
    command.env_remove("ALIBABA_CLOUD_ACCESS_KEY_ID").env_remove("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
    command.env("HOME", home).envs(variables.iter().copied());
    Running::start(command, &["admin", "page"])
}

async fn read(running: &Running) -> Reply {
    Reply::of(http().get(running.page(READ))).await
}

async fn is_ready(running: &Running) -> bool {
    Reply::of(http().get(running.admin("/ready"))).await.status == 200
}

fn write_file(home: &TempDir, token: &str) {
    let text = format!(
        "[default]\ntype = sts\naccess_key_id = demo-id\naccess_key_secret = demo-secret\nsecurity_token = {token}\n"
    );
    let folder = home.path().join(".alibabacloud");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("credentials"), text).unwrap();
}

#[tokio::test]
async fn a_file_is_changed_while_it_runs() {
    let cloud = Cloud::new(Config { sts_token: Some("the-new-token".to_owned()), ..Config::default() }).await;
    let home = tempfile::tempdir().unwrap();
    write_file(&home, "the-old-token");
    let running = start(&cloud, home.path(), &[], &[]);
    assert_eq!(read(&running).await.problem("credentials_refused")["outcome"], "rejected");
    write_file(&home, "the-new-token");
    // A key that is still refused is looked up again at most every few seconds.
    while read(&running).await.status != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(is_ready(&running).await);
    let ended = running.stop().await;
    for secret in ["the-old-token", "the-new-token", "demo-secret", "demo-id"] {
        assert!(!ended.log.contains(secret), "{secret} is in {}", ended.log);
    }
}

/// What is wrong at one place ends the start: the next place may be another account's.
#[tokio::test]
async fn half_a_key_ends_the_start() {
    let cloud = Cloud::new(Config::default()).await;
    let home = tempfile::tempdir().unwrap();
    write_file(&home, "a-token");
    let check = async |variables: &[(&str, &str)], place: &str| {
        let mut command = serve(&cloud, &[]);
        command.env_remove("ALIBABA_CLOUD_ACCESS_KEY_ID").env_remove("ALIBABA_CLOUD_ACCESS_KEY_SECRET");
        command.env("HOME", home.path()).envs(variables.iter().copied());
        let ended = Running::start(command, &[]).ended().await;
        assert!(!ended.well && ended.log.contains(place), "{}", ended.log);
        assert!(!ended.log.contains("sesame") && !ended.log.contains("demo-secret"), "{}", ended.log);
    };
    check(&[("ALIBABA_CLOUD_ACCESS_KEY_ID", "an-id")], "ALIBABA_CLOUD_ACCESS_KEY_SECRET").await;
    check(&[("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "sesame")], "ALIBABA_CLOUD_ACCESS_KEY_ID").await;
    check(&[("ALIBABA_CLOUD_CONFIG_FILE", "/no/such/file")], "/no/such/file").await;
    check(&[("ALIBABA_CLOUD_PROFILE", "nobody")], "nobody").await;
    let folder = home.path().join(".aliyun");
    std::fs::create_dir(&folder).unwrap();
    for (text, part) in [
        (r#"{"current":"prod","profiles":[]}"#, "prod"),
        (r#"{"current":"a","profiles":[{"name":"a","mode":"External","process_command":"sesame"}]}"#, "External"),
    ] {
        std::fs::write(folder.join("config.json"), text).unwrap();
        check(&[], "config.json").await;
        check(&[], part).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_is_no_text_is_not_passed_over() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let cloud = Cloud::new(Config::default()).await;
    let mut command = serve(&cloud, &[]);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", OsStr::from_bytes(b"demo-secret\xff"));
    let ended = Running::start(command, &[]).ended().await;
    assert!(!ended.well && ended.log.contains("ALIBABA_CLOUD_ACCESS_KEY_SECRET"), "{}", ended.log);
}

#[tokio::test]
async fn a_role_whose_token_comes_late() {
    let sts = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("--endpoint-sts=http://{}", sts.local_addr().unwrap());
    let credentials = json!({ "Credentials": {
        "AccessKeyId": "demo-id", "AccessKeySecret": "demo-secret", "SecurityToken": "a-token-of-sts",
        "Expiration": "2099-01-01T00:00:00Z",
    }});
    let router = Router::new().route("/", post(async || Json(credentials)));
    tokio::spawn(async move { axum::serve(sts, router).await });

    let cloud = Cloud::new(Config { sts_token: Some("a-token-of-sts".to_owned()), ..Config::default() }).await;
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("token").display().to_string();
    let variables = [
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &*token),
    ];
    let running = start(&cloud, home.path(), &[&endpoint], &variables);
    assert!(!is_ready(&running).await);
    let problem = read(&running).await.problem("credentials_unavailable");
    assert_eq!(problem["outcome"], "not_sent");
    assert!(cloud.simulator.state().calls.is_empty(), "nothing is sent");

    std::fs::write(&token, "a-token-of-oidc").unwrap();
    while !is_ready(&running).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(read(&running).await.status, 200);
    let ended = running.stop().await;
    for secret in ["a-token-of-sts", "a-token-of-oidc", "demo-secret", "demo-id"] {
        assert!(!ended.log.contains(secret), "{secret} is in {}", ended.log);
    }
}
