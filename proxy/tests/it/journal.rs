//! The journal under proxies: leases, another version's schema, and databases that cannot be written.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::{
    databases,
    site::{Cloud, Reply, Site, http, purchase},
};

async fn connect(site: &Cloud) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&site.database_url()).await.unwrap()
}

/// A proxy as a process of its own, which can be killed.
struct Process {
    child: Child,
    page: String,
}

impl Process {
    /// Starts it by way of a shell command that ends in `exec "$@"`.
    fn start(cloud: &Cloud, shell: &str, flags: &[&str]) -> Self {
        let endpoint = format!("http://{}", cloud.address);
        let mut command = Command::new("sh");
        command.args(["-c", shell, "sh", env!("CARGO_BIN_EXE_deskbuy"), "serve", "--listen=127.0.0.1:0"]);
        command.args(["--admin-listen=127.0.0.1:0", "--endpoint-vpc", &endpoint, "--endpoint-clouddesktop", &endpoint]);
        command.args(["--database-url", &cloud.database_url()]).args(flags);
        let config = simulator::Config::default();
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", config.access_key_id);
        command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", config.access_key_secret);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let page =
            lines.find_map(|line| Some(line.strip_prefix("deskbuy: page http://")?.split('/').next()?.to_owned()));
        Self { child, page: page.unwrap() }
    }

    async fn post(&self, operation: &Value) -> Reply {
        let http = http();
        let body = json!({ "operations": [operation] }).to_string();
        let request = http.post(format!("http://{}/api/orders", self.page)).header("content-type", "application/json");
        Reply::of(request.body(body)).await
    }

    fn kill(self) {
        drop(self);
    }
}

/// Also when a test fails.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_orders_of_a_killed_proxy_are_taken_over() {
    for cloud in databases::each(&["fail:CreateDesktop"]).await {
        let flags = ["--attempt-deadline=500ms", "--order-lease=1s"];
        let killed = Process::start(&cloud, "exec \"$@\"", &flags);
        let site = cloud.open(&flags).await;
        assert_eq!(killed.post(&purchase("t-1")).await.status, 202);
        while site.calls("CreateDesktop") == 0 {
            site.get("/api/session").await;
        }
        killed.kill();
        site.set_scenarios(&[]);
        let order = site.settled("t-1").await;
        assert_eq!(order["state"], "placed", "{order}");
        assert_eq!(site.state().desktops.len(), 1);
    }
}

#[tokio::test]
async fn side_by_side_each_order_is_driven_by_one() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let other = site.beside(&[]).await;
        let operations: Vec<_> = (0..30).map(|number| purchase(&format!("t-{number}"))).collect();
        let (one, two) = tokio::join!(site.order_all(&operations), other.order_all(&operations));
        assert_eq!((one.status, two.status), (202, 202));
        for number in 0..30 {
            assert_eq!(other.settled(&format!("t-{number}")).await["state"], "placed");
        }
        assert_eq!(site.calls("CreateDesktop"), 30);
        assert_eq!(site.state().desktops.len(), 30);
    }
}

#[tokio::test]
async fn a_proxy_that_stops_leaves_its_orders_to_the_others_at_once() {
    for cloud in databases::each(&["fail:CreateDesktop"]).await {
        let site = cloud.open(&["--order-lease=1h"]).await;
        let other = site.beside(&["--order-lease=1h"]).await;
        site.order(&purchase("t-1")).await;
        while site.calls("CreateDesktop") == 0 {
            site.get("/api/session").await;
        }
        site.close().await;
        other.set_scenarios(&[]);
        assert_eq!(other.settled("t-1").await["state"], "placed");
        assert_eq!(other.state().desktops.len(), 1);
    }
}

#[tokio::test]
async fn the_schema_of_a_newer_version_is_left_alone() {
    for cloud in databases::each(&[]).await {
        let cloud = cloud.open(&[]).await.close().await;
        let mut connection = connect(&cloud).await;
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations LIMIT 1",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbuy"));
        command.args(["orders", "--database-url", &cloud.database_url()]);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("newer version of deskbuy"), "{said}");
    }
}

/// As in [`crate::orders`], with the other database.
#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    let cloud = Cloud::new(simulator::Config::default()).await.on_postgres().await;
    let site = cloud.open(&[]).await;
    let mut other = connect(&site.cloud).await;
    let mut transaction = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE orders, user_writes").execute(&mut *transaction).await.unwrap();
    let reply = site.order_all(&[purchase("t-1")]).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.problem("journal_unavailable")["outcome"], "not_sent");
    let user = json!({ "RegionId": "cn-hangzhou", "UserName": "new.user", "Email": "new.user@example.com" });
    assert_eq!(site.post("/api/CreateUser", &user).await.problem("journal_unavailable")["outcome"], "not_sent");
    assert!(site.state().calls.is_empty(), "{:?}", site.state().calls);

    transaction.rollback().await.unwrap();
    site.order(&purchase("t-1")).await;
    assert_eq!(site.settled("t-1").await["state"], "placed");
}

/// A file that may grow no further is as good as a full disk. What was sent before is not misreported, and when there
/// is room again everything goes on.
#[tokio::test]
async fn a_full_disk_refuses_orders_and_loses_none() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    // A write beyond the limit fails, once its signal is ignored. The limit is a soft one, so it can be taken away.
    let process = Process::start(&cloud, "trap '' XFSZ; ulimit -S -f 2400; exec \"$@\"", &[]);
    let mut accepted = Vec::new();
    let refused = loop {
        assert!(accepted.len() < 5_000, "the limit has no effect");
        let token = format!("t-{}", accepted.len());
        let reply = process.post(&purchase(&token)).await;
        if reply.status != 202 {
            break reply;
        }
        accepted.push(token);
    };
    assert_eq!(refused.status, 503);
    assert_eq!(refused.problem("journal_unavailable")["outcome"], "not_sent");
    assert!(!accepted.is_empty());

    let pid = process.child.id().to_string();
    assert!(Command::new("prlimit").args(["--fsize=unlimited", "--pid", &pid]).status().unwrap().success());
    let site = cloud.open(&[]).await;
    for token in &accepted {
        let order = site.settled(token).await;
        let is_bought = site.state().desktops.iter().any(|desktop| desktop.token == *token);
        assert_eq!(order["state"] == "placed", is_bought, "{order}");
        assert!(["placed", "rejected"].contains(&order["state"].as_str().unwrap()), "{order}");
    }
    let refused = format!("t-{}", accepted.len());
    assert_eq!(site.get(&format!("/api/orders/{refused}")).await.status, 404);
    assert!(site.state().desktops.iter().all(|desktop| desktop.token != refused));
    assert_eq!(process.post(&purchase(&refused)).await.status, 202);
    process.kill();
}

/// Writes about users are recorded with their principal and outcome. One that was cut short is reconciled, and never
/// sent again.
#[tokio::test]
async fn writes_about_users_are_noted_and_looked_into_after_a_crash() {
    async fn states(site: &Site) -> Vec<(String, String)> {
        let mut connection = connect(&site.cloud).await;
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT action, state FROM user_writes ORDER BY created_at")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        rows
    }
    for cloud in databases::each(&["hang:CreateUser"]).await {
        let flags = ["--attempt-deadline=1s", "--order-lease=2s"];
        let killed = Process::start(&cloud, "exec \"$@\"", &flags);
        let site = cloud.open(&flags).await;
        let user = json!({ "RegionId": "cn-hangzhou", "UserName": "new.user", "Email": "new.user@example.com" });
        let http = http();
        let request = http.post(format!("http://{}/api/CreateUser", killed.page));
        let call = tokio::spawn(request.header("content-type", "application/json").body(user.to_string()).send());
        while site.calls("CreateUser") == 0 {
            site.get("/api/session").await;
        }
        assert_eq!(states(&site).await, [("CreateUser".to_owned(), "sending".to_owned())]);
        killed.kill();
        assert!(call.await.unwrap().is_err());
        site.set_scenarios(&[]);
        while states(&site).await[0].1 == "sending" {
            site.get("/api/session").await;
        }
        assert_eq!(states(&site).await[0].1, "unknown");
        assert_eq!(site.calls("CreateUser"), 1);

        assert_eq!(site.post("/api/CreateUser", &user).await.status, 200);
        while states(&site).await[1].1 == "sending" {
            site.get("/api/session").await;
        }
        assert_eq!(states(&site).await[1], ("CreateUser".to_owned(), "done".to_owned()));
    }
}
