//! The configuration file, as the binary reads it: what comes before what, and what ends the start.

use std::{fs, process::Output};

use simulator::Config;

use crate::{
    binary::{Running, deskbuy},
    site::{Cloud, Reply, http},
};

/// What `deskbuy` says with this file, and how it ends.
async fn with_file(text: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deskbuy.toml");
    fs::write(&file, text).unwrap();
    let mut command = deskbuy(arguments);
    command.arg("--config").arg(&file).envs(variables.iter().copied());
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[tokio::test]
async fn flag_variable_file_default() {
    let file = "drain = \"1s\"\nheader-timeout = \"2s\"\nread-deadline = \"3s\"\nregions = [\"cn-beijing\"]";
    let variables = [("DESKBUY_DRAIN", "4s"), ("DESKBUY_HEADER_TIMEOUT", "5s")];
    let (well, said) = with_file(file, &["check", "--print", "--drain=6s"], &variables).await;
    assert!(well, "{said}");
    for line in [
        "drain = 6s (flag)",
        "header-timeout = 5s (variable)",
        "read-deadline = 3s (file)",
        "regions = cn-beijing (file)",
        "attempt-deadline = 10s (default)",
    ] {
        assert!(said.lines().any(|each| each == line), "{line} is not in {said}");
    }
    // An empty variable, as a file of a service has it, is one that is not set.
    let (well, said) = with_file("cache = 5", &["check", "--print"], &[("DESKBUY_CACHE", "")]).await;
    assert!(well && said.lines().any(|each| each == "cache = 5 (file)"), "{said}");
}

#[tokio::test]
async fn what_is_wrong_in_it_ends_the_start_and_repeats_no_secret() {
    let check = async |text: &str, expect: &[&str]| {
        let (well, said) = with_file(text, &["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"], &[]).await;
        assert!(!well, "{text}");
        for part in expect {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        assert!(!said.contains("sesame"), "{said}");
    };
    let both = "owner-clam = \"account\"\nlisten = \"127.0.0.1:0\"\norder-dedline = \"5m\"";
    check(both, &["deskbuy.toml:1: owner-clam is no setting; is owner-claim meant?", "deskbuy.toml:3: order-dedline"])
        .await;
    check("oidc-client-secret = \"sesame\"", &["secrets are in files of their own; oidc-client-secret-file"]).await;
    check("database-url = \"postgres://desk:sesame@db/desk\"", &["database-url has a password in it", "PGPASSFILE"])
        .await;
    check(
        "log-format = \"jsn\"",
        &["deskbuy.toml: invalid value 'jsn' for '--log-format", "[possible values: text, json]"],
    )
    .await;
    check("drain = \"soon\"", &["--drain (DESKBUY_DRAIN) is not a length of time"]).await;
    // For a variable, the error names the variable; exit code 2 is for flags.
    for (name, value) in
        [("DESKBUY_LOG_FORMAT", "jsn"), ("DESKBUY_RATE_LIMIT", "many"), ("DESKBUY_FOREIGN_DESKTOPS", "yes")]
    {
        let wrong = deskbuy(&["check", "--print"]).env(name, value).output().unwrap();
        let said = String::from_utf8_lossy(&wrong.stderr);
        assert!(
            wrong.status.code() == Some(1) && said.contains(&format!("{name}: invalid value '{value}'")),
            "{wrong:?}"
        );
    }
    let wrong = deskbuy(&["check", "--print", "--rate-limit=much"]).env("DESKBUY_RATE_LIMIT", "many").output().unwrap();
    assert!(wrong.status.code() == Some(2) && String::from_utf8_lossy(&wrong.stderr).contains("'much'"), "{wrong:?}");
    let gone = deskbuy(&["serve", "--config=/no/such/file"]).output().unwrap();
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("--config (DESKBUY_CONFIG) /no/such/file"), "{gone:?}");
    // What has no settings needs no file.
    assert!(deskbuy(&["version"]).env("DESKBUY_CONFIG", "/no/such/file").output().unwrap().status.success());
}

#[tokio::test]
async fn one_file_serves_all_commands() {
    let cloud = Cloud::new(Config::default()).await;
    let (page, file) = (cloud.folder.path().join("page"), cloud.folder.path().join("deskbuy.toml"));
    let text = format!(
        "listen = \"127.0.0.1:0\"\nadmin-listen = \"127.0.0.1:0\"\nendpoint-clouddesktop = \"http://{0}\"\nendpoint-vpc = \"http://{0}\"\n\
         database-url = \"{1}\"\npage = \"{2}\"\nregions = [\"cn-beijing\"]\n",
        cloud.address,
        cloud.database_url(),
        page.display()
    );
    fs::write(&file, text).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = deskbuy(arguments);
        command.env("DESKBUY_CONFIG", &file);
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
        command
    };
    let running = Running::start(command(&["serve"]), &["admin", "page"]);
    for (region, status) in [("cn-beijing", 200), ("cn-hangzhou", 400)] {
        let reply = Reply::of(http().get(running.page(&format!("/api/DescribeZones?RegionId={region}")))).await;
        assert_eq!(reply.status, status, "{region}: {reply:?}");
    }
    let mut orders = command(&["orders"]);
    let orders = tokio::task::spawn_blocking(move || orders.output().unwrap()).await.unwrap();
    assert!(orders.status.success(), "{orders:?}");
    assert!(running.stop().await.well);
}
