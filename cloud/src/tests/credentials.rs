//! Calls with credentials that are out of date, or that are not there.

use futures_util::future::join_all;
use shared::{
    Code, Outcome,
    actions::{CreateUser, DescribeActivityDirectoryUsers, DescribeZones},
};
use simulator::Config;
use tempfile::TempDir;
use tokio::time::{Duration, advance};

use super::{CONCURRENCY, Cloud, hangzhou};
use crate::{CredentialEndpoints, CredentialsSource};

/// A cloud that takes the token `new`, and a home whose file of credentials has this one.
async fn cloud_with(token: &str) -> (Cloud, TempDir) {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".alibabacloud")).unwrap();
    write(&home, token);
    let path = home.path().display().to_string();
    let variable = |name: &str| (name == "HOME").then(|| path.clone());
    let credentials = CredentialsSource::find(variable, CredentialEndpoints::default()).await.unwrap();
    let config = Config { sts_token: Some("new".to_owned()), ..Config::default() };
    (Cloud::new(config, credentials, CONCURRENCY), home)
}

fn write(home: &TempDir, token: &str) {
    let text =
        format!("[default]\ntype=sts\naccess_key_id=demo-id\naccess_key_secret=demo-secret\nsecurity_token={token}\n");
    std::fs::write(home.path().join(".alibabacloud/credentials"), text).unwrap();
}

fn new_user() -> CreateUser {
    CreateUser { user_name: "new.user".parse().unwrap(), email: "new.user@example.com".parse().unwrap() }
}

#[tokio::test(start_paused = true)]
async fn those_that_are_out_of_date_are_renewed_and_the_call_sent_again() {
    let (cloud, home) = cloud_with("old").await;
    write(&home, "new");
    // Nothing has happened when the door stays shut, so a write is sent again too.
    cloud.upstream.call(&hangzhou(), &new_user()).await.unwrap();
    assert_eq!(cloud.calls::<CreateUser>(), 2);
    assert_eq!(cloud.simulator.state().users_created.len(), 1);
    cloud.upstream.call(&hangzhou(), &DescribeZones::default()).await.unwrap();
    assert_eq!(cloud.calls::<DescribeZones>(), 1, "from then on they are used");
}

#[tokio::test(start_paused = true)]
async fn many_calls_at_once_are_each_sent_again_once() {
    let (cloud, home) = cloud_with("old").await;
    write(&home, "new");
    let questions: Vec<_> =
        (0..50).map(|number| DescribeActivityDirectoryUsers { user_name: Some(format!("{number}")) }).collect();
    let hangzhou = hangzhou();
    let answers = join_all(questions.iter().map(|question| cloud.upstream.call(&hangzhou, question))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(cloud.calls::<DescribeActivityDirectoryUsers>(), 100);
}

#[tokio::test(start_paused = true)]
async fn those_that_cannot_be_renewed_are_told_of() {
    let (cloud, _home) = cloud_with("old").await;
    let error = cloud.upstream.call(&hangzhou(), &DescribeZones::default()).await.unwrap_err();
    assert_eq!((error.code, error.outcome()), (Code::CredentialsRefused, Outcome::Rejected));
    assert_eq!(cloud.calls::<DescribeZones>(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_changed_is_noticed_before_the_upstream_has_to_say_so() {
    let (cloud, home) = cloud_with("new").await;
    let zones = DescribeZones::default();
    cloud.upstream.call(&hangzhou(), &zones).await.unwrap();
    write(&home, "other");
    advance(Duration::from_secs(5)).await;
    // This call may still be signed with the old ones; its look at the file is done when the clock goes on.
    let _ = cloud.upstream.call(&hangzhou(), &zones).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let error = cloud.upstream.call(&hangzhou(), &zones).await.unwrap_err();
    assert_eq!(error.code, Code::CredentialsRefused);
}

#[tokio::test(start_paused = true)]
async fn without_credentials_nothing_is_sent() {
    let variables = [
        ("ALIBABA_CLOUD_ROLE_ARN", "r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", "/no/such/token"),
    ];
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let credentials = CredentialsSource::find(variable, CredentialEndpoints::default()).await.unwrap();
    let cloud = Cloud::new(Config::default(), credentials, CONCURRENCY);
    let hangzhou = hangzhou();
    for error in [
        cloud.upstream.call(&hangzhou, &DescribeZones::default()).await.unwrap_err(),
        cloud.upstream.call(&hangzhou, &new_user()).await.unwrap_err(),
    ] {
        assert_eq!((error.code, error.outcome()), (Code::CredentialsUnavailable, Outcome::NotSent));
    }
    assert!(cloud.simulator.state().calls.is_empty());
}
