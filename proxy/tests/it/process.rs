//! The binary `deskbuy` as a process: what it refuses, what it prints, and how it stops.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

fn deskbuy(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbuy"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

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
fn no_start_for_all_the_world() {
    let mut command = deskbuy(&["serve", "--listen=0.0.0.0:0"]);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "an-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("there is no sign-in yet"), "{output:?}");
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

/// A process that has said where it listens.
struct Running {
    child: Child,
    addresses: Vec<String>,
}

impl Running {
    /// Reads one line for each of these names.
    fn start(mut command: Command, names: &[&str]) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = |name: &&str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(&format!("deskbuy: {name} http://")).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let addresses = names.iter().map(address).collect();
        Self { child, addresses }
    }

    /// Asks it to stop; whether it did so of its own accord.
    fn stop(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

#[tokio::test]
async fn serves_says_where_and_stops_when_told() {
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
    assert!(running.stop());
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn the_demo_needs_nothing() {
    let flags = ["demo", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"];
    let running =
        Running::start(deskbuy(&[&flags[..], &["--page", "no-such-folder"]].concat()), &["simulator", "admin", "page"]);
    let page = running.addresses[2].split('/').next().unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let get = async |path: &str| crate::site::Reply::of(http.get(format!("http://{page}{path}"))).await;
    assert_eq!(get("/api/session").await.json()["demo"], true);
    assert_eq!(get("/api/DescribeZones?RegionId=cn-hangzhou").await.status, 200);
    assert!(running.stop());
}
