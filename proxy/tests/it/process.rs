//! The binary `deskbuy` as a process: config errors, help, output, and the stop.

use std::process::Output;

use simulator::Config;

use crate::{
    binary::{Running, deskbuy},
    site::Cloud,
};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn no_start_without_credentials() {
    let output = deskbuy(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("ALIBABA_CLOUD_ACCESS_KEY_ID"), "{output:?}");
}

#[test]
fn a_variable_that_no_setting_has_ends_the_start() {
    let refused = |variables: &[(&str, &str)]| {
        let output = deskbuy(&["serve", "--listen=0.0.0.0:0"]).envs(variables.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        stderr(&output)
    };
    let said = refused(&[("DESKBUY_OWNER_CLAM", "account"), ("DESKBUY_ORDER_DEDLINE", "5m")]);
    for meant in ["is DESKBUY_OWNER_CLAIM meant?", "is DESKBUY_ORDER_DEADLINE meant?"] {
        assert!(said.contains(meant), "{said}");
    }
    // What Kubernetes sets is no setting, and what is empty is not set.
    let said = refused(&[
        ("DESKBUY_SERVICE_HOST", "10.0.0.1"),
        ("DESKBUY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("DESKBUY_RATE_LIMIT", ""),
        ("DESKBUY_LOG_FORMAT", " "),
        ("DESKBUY_ORDER_DEADLINE", ""),
        ("DESKBUY_NO_SUCH", ""),
    ]);
    let is_start = said.contains("DESKBUY_LISTEN") && !said.contains("is no setting");
    assert!(is_start && !said.contains("RATE_LIMIT"), "{said}");
}

#[test]
fn a_level_that_is_none_ends_the_start() {
    for level in ["verbose", "info,loud", "sqlx=loud"] {
        let output = deskbuy(&["serve", "--log", level]).output().unwrap();
        assert!(!output.status.success() && stderr(&output).contains("DESKBUY_LOG"), "{level}: {output:?}");
    }
}

#[test]
fn no_start_for_all_the_world() {
    let mut command = deskbuy(&["serve", "--listen=0.0.0.0:0"]);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "an-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    for setting in ["DESKBUY_LISTEN", "DESKBUY_OIDC_ISSUER", "DESKBUY_PUBLIC_URL"] {
        assert!(stderr(&output).contains(setting), "{output:?}");
    }
    assert!(!stderr(&output).contains("a-secret"));
}

#[test]
fn help_explains_each_setting() {
    let output = deskbuy(&["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for setting in
        ["DESKBUY_LISTEN", "DESKBUY_ENDPOINT_CLOUDDESKTOP", "DESKBUY_DATABASE_URL", "ALIBABA_CLOUD_ACCESS_KEY_ID"]
    {
        assert!(help.contains(setting), "{setting} is not in {help}");
    }
    // Every flag has a sentence of its own.
    for block in help.split("\n\n").filter(|block| block.trim_start().starts_with("--")) {
        assert!(block.trim().lines().count() > 1, "{block}");
    }
}

#[tokio::test]
async fn serves_prints_addresses_and_stops_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("journal.sqlite").display());
    let page = folder.path().display().to_string();
    let flags =
        ["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--database-url", &database, "--page", &page];
    let mut command = deskbuy(&flags);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "an-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret");
    let running = Running::start(command, &["admin", "page"]);
    assert!(
        running.addresses[1]
            .ends_with("/?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}#/buy"),
        "{:?}",
        running.addresses
    );
    assert!(running.stop().await.well);
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn the_demo_needs_nothing() {
    let flags = ["demo", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"];
    let running =
        Running::start(deskbuy(&[&flags[..], &["--page", "no-such-folder"]].concat()), &["simulator", "admin", "page"]);
    let http = crate::site::http();
    let get = async |path: &str| crate::site::Reply::of(http.get(running.page(path))).await;
    assert_eq!(get("/api/session").await.json()["demo"], true);
    assert_eq!(get("/api/DescribeZones?RegionId=cn-hangzhou").await.status, 200);
    assert!(running.stop().await.well);
}

#[tokio::test]
async fn health_says_whether_the_proxy_is_ready() {
    let running = Running::serving(&Cloud::new(Config::default()).await, &[]);
    let admin = running.addresses[0].trim_start_matches("http://").to_owned();
    let output = deskbuy(&["health", "--admin-listen", &admin]).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).trim()), (Some(0), "ready"));
    drop(running);
    let output = deskbuy(&["health", "--admin-listen", &admin]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("DESKBUY_ADMIN_LISTEN"), "{output:?}");
}
