//! What the journal knows stays known: after kills in mid-call, takeovers, lost connections, clocks that differ, and
//! restored backups, nothing that was carried out is told as rejected, and nothing is carried out twice.

use std::{cell::Cell, path::Path, process::Command, time::Duration};

use serde_json::{Value, json};
use simulator::{Config, ScriptedAnswer};
use sqlx::{AnyConnection, Connection};

use crate::{
    binary::{Running, deskbuy, serve},
    databases,
    operator::deskbuy as orders_command,
    site::{Cloud, Reply, Site, http, purchase},
};

/// A refusal that settles a first attempt, from checks that come before that of the token.
pub(crate) fn refusal() -> ScriptedAnswer {
    let body = r#"{"Code":"OperationDenied.NoStock","Message":"sold out","RequestId":"R-refused"}"#;
    ScriptedAnswer { status: 403, ..ScriptedAnswer::to("CreateDesktop", body) }
}

pub(crate) async fn post(page: &str, token: &str) -> Reply {
    let body = json!({ "operations": [purchase(token)] }).to_string();
    Reply::of(http().post(page).header("content-type", "application/json").body(body)).await
}

pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    while !is_so().await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// What there is to see of an order that a person has to look at, and what its release means.
#[tokio::test]
async fn killed_in_mid_call_and_refused_after_the_restart_is_unresolved() {
    for cloud in databases::each(&["commit-then-hang:CreateDesktop"]).await {
        let flags = ["--attempt-deadline=1s", "--order-lease=2s", "--order-deadline=5s"];
        let killed = Running::serving(&cloud, &flags);
        assert_eq!(post(&killed.page("/api/orders"), "t-1").await.status, 202);
        until(async || !cloud.simulator.state().desktops.is_empty()).await;
        drop(killed);
        cloud.simulator.set_scenarios(Vec::new());
        cloud.simulator.set_answers(vec![refusal()]);
        let site = cloud.open(&flags).await;
        let order = site.settled("t-1").await;
        assert_eq!(
            (&order["state"], &order["problem"]["outcome"]),
            (&json!("unresolved"), &json!("unknown")),
            "{order}"
        );
        let (well, said) = orders_command(&site, &["show", "t-1"]).await;
        assert!(well, "{said}");
        for text in [
            "1. sent ",
            "no answer is written down; it may have been carried out",
            "refused, code sold_out, RequestId R-refused",
            "HTTP 403 OperationDenied.NoStock",
            "a desktop of user zhang.san and type desktop.n1.small in zone cn-hangzhou-b",
            "with the ClientToken t-1",
        ] {
            assert!(said.contains(text), "{text} is not in {said}");
        }
        assert_eq!(site.state().desktops.len(), 1);
    }
}

/// SIGTERM leaves one file that holds everything, and a backup made meanwhile is recognised when it is restored.
#[tokio::test]
async fn one_file_holds_everything_and_a_restored_backup_is_in_doubt() {
    let cloud = Cloud::new(Config::default()).await;
    // Both are accepted, and wait for the look at the stock.
    cloud.simulator.set_scenarios(vec!["hang:DescribeAvailableResource".parse().unwrap()]);
    let running = Running::serving(&cloud, &["--read-deadline=1s"]);
    let page = running.page("/api/orders");
    assert_eq!(post(&page, "t-1").await.status, 202);
    let (database, folder) = (cloud.database_url(), cloud.folder.path().to_owned());
    let backup = |file: &Path| {
        let mut command = deskbuy(&["backup", "--database-url", &database]);
        command.arg(file).output().unwrap()
    };
    let copy = folder.join("backup.sqlite");
    let made = backup(&copy);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(!backup(&copy).status.success(), "a backup overwrites nothing");

    cloud.simulator.set_scenarios(Vec::new());
    until(async || cloud.simulator.state().desktops.len() == 1).await;
    assert!(running.stop().await.well);
    let file = folder.join("journal.sqlite");
    for end in ["-wal", "-shm"] {
        assert!(!folder.join(format!("journal.sqlite{end}")).exists(), "{end} is left");
    }

    // Restored, the journal has not heard of what was sent since; and the cloud refuses what it has done already.
    std::fs::copy(&copy, &file).unwrap();
    cloud.simulator.set_answers(vec![refusal()]);
    let site = cloud.open(&["--order-deadline=3s"]).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["state"], "unresolved", "{order}");
    assert_eq!(site.state().desktops.len(), 1);
}

#[test]
fn an_order_lives_no_longer_than_the_token_is_known() {
    for (deadline, is_refused) in [("24h", true), ("25h", true), ("23h", false)] {
        let output = deskbuy(&["serve", "--order-deadline", deadline]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.contains("--order-deadline"), is_refused, "{deadline}: {said}");
    }
}

async fn on_postgres() -> (Cloud, AnyConnection) {
    let cloud = Cloud::new(Config::default()).await.on_postgres().await;
    sqlx::any::install_default_drivers();
    let connection = AnyConnection::connect(&cloud.database_url()).await.unwrap();
    (cloud, connection)
}

/// Places each order until it is accepted, by the same token, as the page does.
pub(crate) async fn place_all(site: &Site, count: usize) {
    for number in 0..count {
        until(async || site.order_all(&[purchase(&format!("t-{number}"))]).await.status == 202).await;
    }
}

/// Places orders for as long as something goes on that disturbs it. How many.
pub(crate) async fn place_during(site: &Site, disturbance: impl Future<Output = ()>) -> usize {
    let (is_over, count) = (Cell::new(false), Cell::new(0));
    let placing = async {
        while !is_over.get() {
            let order = purchase(&format!("t-{}", count.get()));
            until(async || site.order_all(std::slice::from_ref(&order)).await.status == 202).await;
            count.set(count.get() + 1);
        }
    };
    let disturbing = async {
        disturbance.await;
        is_over.set(true);
    };
    tokio::join!(placing, disturbing);
    count.get()
}

pub(crate) async fn all_are_placed_once(site: &Site, count: usize) {
    for number in 0..count {
        let order = site.settled(&format!("t-{number}")).await;
        assert_eq!(order["state"], "placed", "{order}");
    }
    assert_eq!(site.state().desktops.len(), count);
}

/// Connections that are cut at any moment, also after COMMIT was sent.
#[tokio::test]
async fn terminated_backends_cost_no_order() {
    let (cloud, mut connection) = on_postgres().await;
    let site = cloud.open(&[]).await;
    let cutting = async {
        for _ in 0..20 {
            let statement = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
            sqlx::query(statement).execute(&mut connection).await.unwrap();
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    };
    let placed = place_during(&site, cutting).await;
    all_are_placed_once(&site, placed).await;
}

/// A proxy that is stopped beyond its lease, and goes on when another one has its orders.
#[tokio::test]
async fn a_proxy_that_sleeps_beyond_its_lease_doubles_and_loses_nothing() {
    let (cloud, _connection) = on_postgres().await;
    cloud.simulator.set_scenarios(vec!["slow:CreateDesktop".parse().unwrap()]);
    let flags = ["--attempt-deadline=2500ms", "--order-lease=5s"];
    let sleeper = Running::serving(&cloud, &flags);
    for number in 0..20 {
        assert_eq!(post(&sleeper.page("/api/orders"), &format!("t-{number}")).await.status, 202);
    }
    until(async || !cloud.simulator.state().desktops.is_empty()).await;
    sleeper.signal("STOP");
    let site = cloud.open(&flags).await;
    site.set_scenarios(&[]);
    // Half of them are the other one's by now.
    until(async || site.state().desktops.len() >= 15).await;
    sleeper.signal("CONT");
    all_are_placed_once(&site, 20).await;
    assert!(sleeper.stop().await.well);
}

/// One clock: the database's. It is ten minutes behind that of the proxy, and nothing is given up for it.
#[tokio::test]
async fn a_proxy_whose_clock_is_ahead_gives_up_nothing() {
    let (cloud, mut connection) = on_postgres().await;
    let behind = "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS \
         $$ SELECT pg_catalog.clock_timestamp() - interval '10 minutes' $$";
    sqlx::query(behind).execute(&mut connection).await.unwrap();
    let (name,): (String,) =
        sqlx::query_as("SELECT CAST(current_database() AS TEXT)").fetch_one(&mut connection).await.unwrap();
    let statement = format!("ALTER DATABASE {name} SET search_path = public, pg_catalog");
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    cloud.simulator.set_scenarios(vec!["fail:CreateDesktop".parse().unwrap()]);
    let site = cloud.open(&["--order-deadline=5m"]).await;
    let accepted: Value = site.order(&purchase("t-1")).await;
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let behind = now.saturating_sub(u128::from(accepted["created_at"].as_u64().unwrap()));
    assert!((590_000..700_000).contains(&behind), "{behind} ms");
    until(async || site.calls("CreateDesktop") > 1).await;
    assert_eq!(site.get("/api/orders/t-1").await.json()["state"], "sending");
    site.set_scenarios(&[]);
    assert_eq!(site.settled("t-1").await["state"], "placed");
}

/// An order whose database has become another one before it was sent: what it was never sent for, or refused, may be wrong.
#[tokio::test]
async fn neither_stock_nor_time_rejects_what_may_have_been_sent() {
    for (deadline, after) in [("30s", &["sold-out"][..]), ("3s", &["fail:DescribeAvailableResource"][..])] {
        let (cloud, mut connection) = on_postgres().await;
        cloud.simulator.set_scenarios(vec!["fail:DescribeAvailableResource".parse().unwrap()]);
        let site = cloud.open(&["--order-lease=1h", "--order-deadline", deadline]).await;
        site.order(&purchase("t-1")).await;
        // As after a failover that no proxy has noticed yet.
        sqlx::query("UPDATE journal_origin SET origin = 'another'").execute(&mut connection).await.unwrap();
        site.set_scenarios(after);
        until(async || site.get("/api/orders/t-1").await.json()["problem"]["outcome"] == "unknown").await;
        assert_eq!(site.get("/api/orders/t-1").await.json()["state"], "sending");
        site.cloud.simulator.set_answers(vec![refusal()]);
        if deadline == "3s" {
            assert_eq!(site.settled("t-1").await["state"], "unresolved");
        }
    }
}

/// All connections wait for a lock. Requests end, with an outcome that is true.
#[tokio::test]
async fn an_exhausted_pool_costs_no_order() {
    let (cloud, mut connection) = on_postgres().await;
    let site = cloud.open(&["--database-connections=2"]).await;
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("LOCK TABLE journal_head").execute(&mut *transaction).await.unwrap();
    let orders: Vec<_> = (0..12).map(|number| purchase(&format!("t-{number}"))).collect();
    let posts = orders.iter().map(|order| site.order_all(std::slice::from_ref(order)));
    for reply in futures_util::future::join_all(posts).await {
        assert_eq!(reply.status, 503, "{reply:?}");
        assert!(["not_sent", "unknown"].contains(&reply.json()["outcome"].as_str().unwrap()), "{reply:?}");
    }
    assert!(site.state().desktops.is_empty());
    transaction.rollback().await.unwrap();
    place_all(&site, 12).await;
    all_are_placed_once(&site, 12).await;
}

/// Two proxies whose clocks are ten minutes apart: neither takes the other's orders, nor gives up any.
#[tokio::test]
async fn clocks_that_are_ten_minutes_apart_cost_no_order() {
    let (cloud, mut connection) = on_postgres().await;
    cloud.simulator.set_scenarios(vec!["fail:CreateDesktop".parse().unwrap()]);
    let flags = ["--order-deadline=5m", "--attempt-deadline=1s", "--order-lease=2s"];
    let ahead = Running::start(clock_ahead(serve(&cloud, &flags), &cloud), &["admin", "page"]);
    let page = Reply::of(http().get(ahead.page("/"))).await;
    let date = jiff::fmt::rfc2822::parse(page.headers["date"].to_str().unwrap()).unwrap().timestamp();
    assert!(date.duration_since(jiff::Timestamp::now()).as_mins() >= 9, "its clock is not ahead: {date}");
    let site = cloud.open(&flags).await;
    for number in 0..4 {
        assert_eq!(post(&ahead.page("/api/orders"), &format!("t-{number}")).await.status, 202);
        site.order(&purchase(&format!("t-{}", number + 4))).await;
    }
    // Longer than the leases, by what each proxy does.
    for number in 0..8 {
        let path = format!("/api/orders/t-{number}");
        until(async || site.get(&path).await.json()["attempts"].as_u64() >= Some(4)).await;
        assert_eq!(site.get(&path).await.json()["state"], "sending");
    }
    let (owners,): (i64,) =
        sqlx::query_as("SELECT COUNT(DISTINCT owner) FROM orders").fetch_one(&mut connection).await.unwrap();
    assert_eq!(owners, 2);
    let (spread,): (i64,) = sqlx::query_as("SELECT MAX(created_at) - MIN(created_at) FROM orders")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(spread < 300_000, "one clock: {spread} ms");
    site.set_scenarios(&[]);
    all_are_placed_once(&site, 8).await;
    drop(ahead);
}

/// The command with a clock that is ten minutes ahead, for it alone.
fn clock_ahead(mut command: Command, cloud: &Cloud) -> Command {
    let library = cloud.folder.path().join("clock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/clock_ahead.c");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).args([source, "-ldl"]).status();
    assert!(compiled.unwrap().success());
    command.env("LD_PRELOAD", library);
    command
}

/// Killed again and again, at moments that nobody chose.
#[tokio::test]
async fn repeated_kills_double_and_lose_nothing() {
    for cloud in databases::each(&[]).await {
        let flags = ["--attempt-deadline=500ms", "--order-lease=1s"];
        for round in 0..5_u64 {
            let running = Running::serving(&cloud, &flags);
            let page = running.page("/api/orders");
            for number in 0..4 {
                let reply = post(&page, &format!("t-{}", round * 4 + number)).await;
                assert_eq!(reply.status, 202, "{reply:?}");
            }
            tokio::time::sleep(Duration::from_millis(round * 7)).await;
            drop(running);
        }
        let site = cloud.open(&flags).await;
        all_are_placed_once(&site, 20).await;
    }
}

/// The number of orders in each state is kept, and not counted by looking at each.
#[tokio::test]
async fn metrics_do_not_scan_the_orders() {
    let cloud = Cloud::new(Config::default()).await;
    let site = cloud.open(&[]).await;
    site.order(&purchase("t-1")).await;
    site.settled("t-1").await;
    let mut connection = AnyConnection::connect(&site.cloud.database_url()).await.unwrap();
    sqlx::query("UPDATE order_counts SET number = 77 WHERE state = 'placed'").execute(&mut connection).await.unwrap();
    let metrics = Reply::of(http().get(format!("http://{}/metrics", site.admin))).await;
    let text = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(text.contains("deskbuy_orders{state=\"placed\"} 77"), "{text}");
}
