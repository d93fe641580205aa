//! Stock of every type in every zone: the table's content, and the number of calls.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::site::{Reply, Site, purchase};

const STOCK: &str = "/api/stock?RegionId=cn-hangzhou&ChargeType=POSTPAY";
const ASKED: &str = "DescribeAvailableResource";
const TYPES: usize = 7;
const ZONES: usize = 3;
const CELLS: usize = TYPES * ZONES;

/// The zones in which the stock of a type is like that.
fn zones(table: &Value, kind: &str, stock: &str) -> Vec<String> {
    let cells = table["cells"].as_array().unwrap().iter();
    let like = cells.filter(|cell| cell["type_item_id"] == kind && cell["stock"] == stock);
    like.map(|cell| cell["zone_id"].as_str().unwrap().to_owned()).collect()
}

/// How many pairs are like that.
fn count(table: &Value, stock: &str) -> usize {
    table["cells"].as_array().unwrap().iter().filter(|cell| cell["stock"] == stock).count()
}

/// Sends `Cache-Control: no-cache`.
async fn anew(site: &Site, path: &str) -> Value {
    Reply::of(site.request("GET", path).header("cache-control", "no-cache")).await.json()
}

#[tokio::test]
async fn each_type_in_each_zone_in_the_order_of_the_lists() {
    let site = Site::with(&[]).await;
    let reply = site.get(STOCK).await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    let table = reply.json();
    assert_eq!((&table["region"], &table["charge_type"]), (&json!("cn-hangzhou"), &json!("POSTPAY")));
    let cells = table["cells"].as_array().unwrap();
    let pairs: Vec<_> = cells.iter().map(|cell| [&cell["type_item_id"], &cell["zone_id"]]).collect();
    assert_eq!(pairs.len(), CELLS);
    assert_eq!(pairs[..2], [["desktop.n1.small", "cn-hangzhou-b"], ["desktop.n1.small", "cn-hangzhou-e"]]);
    assert_eq!(pairs[CELLS - 1], ["desktop.ga1.8xlarge", "cn-hangzhou-g"]);
    assert!(cells.iter().all(|cell| cell["age"].is_u64()));
    // The simulator has one pair that is sold out from the start.
    assert_eq!((count(&table, "available"), count(&table, "sold_out")), (CELLS - 1, 1));
    assert_eq!(zones(&table, "desktop.ga1.8xlarge", "sold_out"), ["cn-hangzhou-g"]);
}

#[tokio::test]
async fn any_number_of_readers_is_one_question_for_each_pair() {
    let site = Site::with(&["slow:DescribeZones"]).await;
    let replies = join_all((0..100).map(|_| site.get(STOCK))).await;
    assert!(replies.iter().all(|reply| reply.status == 200 && count(&reply.json(), "unknown") == 0));
    assert_eq!(site.calls(ASKED), CELLS as u64);
    assert_eq!((site.calls("DescribeDesktopTypeItems"), site.calls("DescribeZones")), (1, 1));
    // Later requests are answered from the cache, also those for one pair.
    site.get(STOCK).await;
    site.get(&format!(
        "/api/{ASKED}?RegionId=cn-hangzhou&TypeItemId=desktop.n1.small&ZoneId=cn-hangzhou-b&ChargeType=POSTPAY"
    ))
    .await;
    assert_eq!(site.calls(ASKED), CELLS as u64);
}

#[tokio::test]
async fn readers_share_without_memory_too() {
    let site = Site::with_flags(&["slow:DescribeZones"], &["--cache=0"]).await;
    join_all((0..20).map(|_| site.get(STOCK))).await;
    assert_eq!(site.calls(ASKED), CELLS as u64);
}

#[tokio::test]
async fn regions_and_billing_kinds_are_asked_for_by_themselves() {
    let site = Site::with(&[]).await;
    let paths = ["cn-hangzhou&ChargeType=POSTPAY", "cn-hangzhou&ChargeType=PREPAY", "cn-beijing&ChargeType=PREPAY"];
    for path in paths {
        let table = site.get(&format!("/api/stock?RegionId={path}")).await.json();
        assert!(path.starts_with(table["region"].as_str().unwrap()), "{path}");
        assert!(path.ends_with(table["charge_type"].as_str().unwrap()), "{path}");
    }
    assert_eq!(site.calls(ASKED), (CELLS * paths.len()) as u64);
}

#[tokio::test]
async fn a_zone_that_is_sold_out() {
    let site = Site::with(&["sold-out-zone"]).await;
    let table = site.get(STOCK).await.json();
    assert_eq!(zones(&table, "desktop.n1.small", "available"), ["cn-hangzhou-b", "cn-hangzhou-g"]);
    assert_eq!(zones(&table, "desktop.n1.small", "sold_out"), ["cn-hangzhou-e"]);
    assert_eq!(count(&table, "sold_out"), TYPES + 1);
}

#[tokio::test]
async fn a_zone_that_fails_or_hangs_is_unknown_and_the_others_are_not() {
    for scenario in ["fail-first-zone", "hang-first-zone"] {
        let site = Site::with_flags(&[scenario], &["--stock-deadline=4s", "--stock-concurrency=32"]).await;
        let reply = site.get(STOCK).await;
        assert_eq!(reply.status, 200, "{scenario}");
        let table = reply.json();
        assert_eq!((count(&table, "unknown"), count(&table, "sold_out")), (TYPES, 1), "{scenario}");
        assert_eq!(zones(&table, "desktop.n1.small", "unknown"), ["cn-hangzhou-b"], "{scenario}");
        assert_eq!(zones(&table, "desktop.n1.small", "available"), ["cn-hangzhou-e", "cn-hangzhou-g"], "{scenario}");
        let cells = table["cells"].as_array().unwrap();
        assert!(cells.iter().all(|cell| cell["age"].is_u64() == (cell["stock"] != "unknown")), "{scenario}");
    }
}

#[tokio::test]
async fn what_fails_is_not_asked_again_for_each_reader() {
    let site = Site::with(&["fail:DescribeAvailableResource"]).await;
    assert_eq!(count(&site.get(STOCK).await.json(), "unknown"), CELLS);
    let calls = site.calls(ASKED);
    join_all((0..50).map(|_| site.get(STOCK))).await;
    assert_eq!(site.calls(ASKED), calls);
}

#[tokio::test]
async fn no_more_questions_at_once_than_the_settings_say() {
    let flags = ["--stock-deadline=2s", "--stock-concurrency=4"];
    let site = Site::with_flags(&["hang:DescribeAvailableResource"], &flags).await;
    let replies = join_all((0..20).map(|_| site.get(STOCK))).await;
    assert!(replies.iter().all(|reply| count(&reply.json(), "unknown") == CELLS));
    // None of them was ever answered, so no fifth had its turn.
    assert_eq!(site.calls(ASKED), 4);
}

#[tokio::test]
async fn without_the_lists_there_is_no_table() {
    for action in ["DescribeDesktopTypeItems", "DescribeZones"] {
        let site = Site::with(&[&format!("forbidden:{action}")]).await;
        site.get(STOCK).await.problem("forbidden");
        assert_eq!(site.calls(ASKED), 0, "{action}");
        // An error is reported, and not cached.
        site.set_scenarios(&[]);
        assert_eq!(site.get(STOCK).await.status, 200, "{action}");
    }
    let site = Site::with_flags(&["hang:DescribeZones"], &["--stock-deadline=300ms"]).await;
    site.get(STOCK).await.problem("upstream_timeout");
}

#[tokio::test]
async fn no_cache_gets_new_answers() {
    let site = Site::with(&[]).await;
    assert_eq!(count(&site.get(STOCK).await.json(), "sold_out"), 1);
    site.set_scenarios(&["sold-out"]);
    assert_eq!(count(&site.get(STOCK).await.json(), "sold_out"), 1, "remembered");
    // What was just answered counts as new for a moment.
    let news = async { while count(&anew(&site, STOCK).await, "sold_out") < CELLS {} };
    tokio::time::timeout(Duration::from_mins(1), news).await.expect("new answers");
}

#[tokio::test]
async fn a_purchase_makes_the_table_new() {
    let site = Site::with(&[]).await;
    site.get(STOCK).await;
    site.order(&purchase("t-1")).await;
    assert_eq!(site.settled("t-1").await["state"], "placed");
    site.set_scenarios(&["sold-out"]);
    assert_eq!(count(&site.get(STOCK).await.json(), "sold_out"), CELLS);
}

#[tokio::test]
async fn what_it_takes() {
    let site = Site::with(&[]).await;
    let check = async |query: &str, code: &str, field: Option<&str>| {
        let problem = site.get(&format!("/api/stock?{query}")).await.problem(code);
        assert_eq!(problem["field"].as_str(), field, "{query}");
    };
    check("ChargeType=POSTPAY", "missing_parameter", Some("RegionId")).await;
    check("RegionId=cn-hangzhou", "missing_parameter", Some("ChargeType")).await;
    check("RegionId=cn-hangzhou&ChargeType=postpay", "invalid_parameter", Some("ChargeType")).await;
    check("RegionId=mars&ChargeType=POSTPAY", "unknown_region", Some("RegionId")).await;
    check("RegionId=cn-hangzhou&ChargeType=POSTPAY&ZoneId=x", "unknown_parameter", Some("ZoneId")).await;
    let posted = site.post("/api/stock", &json!({})).await;
    posted.problem("method_not_allowed");
    assert_eq!(posted.header("allow"), Some("GET,HEAD"));
}
