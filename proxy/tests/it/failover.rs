//! PostgreSQL that is restarted, taken over by its standby, or demoted while proxies are connected: with real servers, since
//! nothing else fails as they do. Nothing that was carried out is reported as rejected, and nothing is carried out twice.

use std::{process::Command, time::Duration};

use simulator::Config;
use sqlx::{Connection, PgConnection};

use crate::{
    binary::Running,
    facts::{all_are_placed_once, place_all, place_during, post, refusal, until},
    postgres::{Postgres, Unprivileged, binaries, empty_folder, run_as},
    site::{Cloud, Reply, Site, http, purchase},
};

const MISSING: &str = "/usr/lib/postgresql has a server (Debian: apt install postgresql)";

impl Postgres {
    /// Runs one of PostgreSQL's own programs on the server's data.
    async fn tool(&self, name: &str, arguments: &[&str]) {
        let mut command = Command::new(binaries().expect(MISSING).join(name));
        command.arg("-D").arg(&self.data).args(arguments).current_dir("/");
        // A server that `pg_ctl` starts would keep a pipe open.
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        run_as(&mut command, Unprivileged::here().as_ref());
        let status = tokio::process::Command::from(command).status().await.unwrap();
        assert!(status.success(), "{name} {arguments:?}");
    }

    /// A standby that copies this server from now on.
    fn standby(&self) -> Self {
        let user = Unprivileged::here();
        let (bin, data) = (binaries().expect(MISSING), empty_folder(user.as_ref()));
        let mut copy = Command::new(bin.join("pg_basebackup"));
        copy.args(["-R", "--checkpoint=fast", "--no-sync", "-h", "127.0.0.1", "-U", "deskbuy", "-p"]);
        copy.arg(self.port.to_string()).arg("-D").arg(&data).current_dir("/");
        assert!(run_as(&mut copy, user.as_ref()).status().unwrap().success());
        Self::run(&bin, user.as_ref(), data, false)
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url("desk")).await.unwrap()
    }

    async fn execute(&self, statements: &[&'static str]) {
        let mut connection = self.connect().await;
        for statement in statements {
            sqlx::raw_sql(*statement).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }
}

/// A primary, its standby, and a cloud whose journal is in their database.
async fn replicated() -> (Postgres, Postgres, Cloud) {
    let primary = Postgres::start(false).expect(MISSING);
    primary.create("desk").await;
    let standby = primary.standby();
    let url = format!(
        "postgres://deskbuy@127.0.0.1:{},127.0.0.1:{}/desk?target_session_attrs=read-write",
        primary.port, standby.port
    );
    (primary, standby, Cloud::new(Config::default()).await.in_database(url))
}

/// Waits until the standby has all that the primary has written, and lets it have no more.
async fn cut_replication(primary: &Postgres, standby: &Postgres) {
    let position = "SELECT CAST(pg_current_wal_lsn() - '0/0' AS BIGINT)";
    let written: i64 = sqlx::query_scalar(position).fetch_one(&mut primary.connect().await).await.unwrap();
    let mut connection = standby.connect().await;
    let position = "SELECT CAST(pg_last_wal_replay_lsn() - '0/0' AS BIGINT)";
    until(async || sqlx::query_scalar::<_, i64>(position).fetch_one(&mut connection).await.unwrap() >= written).await;
    standby.execute(&["ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"]).await;
    let receivers = "SELECT COUNT(*) FROM pg_stat_wal_receiver";
    until(async || sqlx::query_scalar::<_, i64>(receivers).fetch_one(&mut connection).await.unwrap() == 0).await;
}

/// An order of which the standby knows that it was accepted, and not that it was sent and carried out.
async fn sent_unknown_to_the_standby(primary: &Postgres, standby: &Postgres, cloud: &Cloud) {
    cut_replication(primary, standby).await;
    cloud.simulator.set_scenarios(vec!["commit-then-hang:CreateDesktop".parse().unwrap()]);
    until(async || !cloud.simulator.state().desktops.is_empty()).await;
}

#[tokio::test]
async fn restarts_of_the_server_cost_no_order() {
    let server = Postgres::start(false).expect(MISSING);
    let url = server.create("desk").await;
    let site = Cloud::new(Config::default()).await.in_database(url).open(&[]).await;
    let restarting = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            server.tool("pg_ctl", &["-m", "immediate", "-w", "restart"]).await;
        }
    };
    let placed = place_during(&site, restarting).await;
    all_are_placed_once(&site, placed).await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_from_one_that_has_no_connection_left() {
    let server = Postgres::start(false).expect(MISSING);
    let url = server.create("desk").await;
    let site = Cloud::new(Config::default()).await.in_database(url).open(&[]).await;
    place_all(&site, 1).await;
    server.tool("pg_ctl", &["-m", "immediate", "-w", "stop"]).await;
    let ready = Reply::of(http().get(format!("http://{}/ready", site.admin))).await;
    let why = "the journal cannot be written: the database cannot be reached\n";
    assert_eq!((ready.status, String::from_utf8_lossy(&ready.body).as_ref()), (503, why));
    let refused = site.order_all(&[purchase("t-2")]).await;
    assert_eq!(refused.problem("journal_unavailable")["detail"], "Cause: the database cannot be reached.");
}

/// The proxy that sent an order is gone with the primary, and the standby has not heard that it was sent. The cloud
/// refuses what it has carried out already.
#[tokio::test]
async fn what_a_failover_lost_with_its_proxy_is_in_doubt() {
    let (primary, standby, cloud) = replicated().await;
    cloud.simulator.set_scenarios(vec!["fail:DescribeAvailableResource".parse().unwrap()]);
    let flags = ["--attempt-deadline=1s", "--order-lease=2s", "--order-deadline=20s"];
    let sender = Running::serving(&cloud, &flags);
    assert_eq!(post(&sender.page("/api/orders"), "t-1").await.status, 202);
    sent_unknown_to_the_standby(&primary, &standby, &cloud).await;
    drop(sender);
    drop(primary);
    standby.tool("pg_ctl", &["-w", "promote"]).await;
    cloud.simulator.set_scenarios(vec!["sold-out".parse().unwrap()]);
    cloud.simulator.set_answers(vec![refusal()]);
    let site = cloud.open(&["--order-deadline=21s"]).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["state"], "unresolved", "{order}");
    assert_eq!(site.state().desktops.len(), 1);
}

/// The same with a proxy that goes on: it knows what it sent, and finds the new primary by itself.
#[tokio::test]
async fn a_proxy_that_lives_through_a_failover_forgets_nothing() {
    let (primary, standby, cloud) = replicated().await;
    cloud.simulator.set_scenarios(vec!["fail:DescribeAvailableResource".parse().unwrap()]);
    let site = cloud.open(&["--attempt-deadline=1s", "--order-lease=3s", "--order-deadline=40s"]).await;
    site.order(&purchase("t-1")).await;
    sent_unknown_to_the_standby(&primary, &standby, &site.cloud).await;
    drop(primary);
    site.cloud.simulator.set_answers(vec![refusal()]);
    standby.tool("pg_ctl", &["-w", "promote"]).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["state"], "unresolved", "{order}");
    site.cloud.simulator.set_answers(Vec::new());
    site.set_scenarios(&[]);
    until(async || site.order_all(&[purchase("t-2")]).await.status == 202).await;
    assert_eq!(site.settled("t-2").await["state"], "placed");
    assert_eq!(site.state().desktops.len(), 2);
}

/// A primary that can be read only, as one that was demoted, cuts no connection. The proxy leaves it all the same.
#[tokio::test]
async fn a_primary_that_was_demoted_is_left() {
    let (primary, standby, cloud) = replicated().await;
    let site: Site = cloud.open(&[]).await;
    site.order(&purchase("t-1")).await;
    site.settled("t-1").await;
    primary.execute(&["ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"]).await;
    // Each connection comes to know it in its own time. What is written until then is copied.
    let mut early = 0;
    while site.order_all(&[purchase(&format!("early-{early}"))]).await.status == 202 {
        early += 1;
    }
    cut_replication(&primary, &standby).await;
    standby.tool("pg_ctl", &["-w", "promote"]).await;
    until(async || site.order_all(&[purchase("t-2")]).await.status == 202).await;
    assert_eq!(site.settled("t-2").await["state"], "placed");
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders WHERE token = 't-2'")
        .fetch_one(&mut standby.connect().await)
        .await
        .unwrap();
    assert_eq!(found, 1);
}
