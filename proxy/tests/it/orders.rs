//! Purchases: exactly one desktop each, or none and a reason.

use serde_json::{Value, json};
use simulator::{Config, ScriptedAnswer};
use sqlx::{Connection, SqliteConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    metrics::metrics,
    site::{Cloud, Site, changed, purchase},
};

#[tokio::test]
async fn one_purchase_is_one_desktop() {
    let site = Site::with(&[]).await;
    let accepted = site.order(&purchase("t-1")).await;
    assert_eq!(accepted["token"], "t-1");
    assert_eq!(accepted["request"]["UserName"], "zhang.san");
    let order = site.settled("t-1").await;
    assert_eq!((&order["state"], &order["attempts"]), (&json!("placed"), &json!(1)));

    let state = site.state();
    assert_eq!(state.desktops.len(), 1);
    assert_eq!(order["desktop_id"], state.desktops[0].id);
    assert_eq!(order["order_id"], state.desktops[0].order_id);
    assert_eq!(state.desktops[0].token, "t-1");
    assert!(order["upstream_request_id"].is_string());
    assert!(order.get("problem").is_none());
    assert_eq!(site.get("/api/orders").await.json()["orders"], json!([order]));
}

#[tokio::test]
async fn a_subscription_says_for_how_long() {
    let site = Site::with(&[]).await;
    site.order(&changed(purchase("t-1"), &json!({ "ChargeType": "PREPAY", "Period": "12" }))).await;
    assert_eq!(site.settled("t-1").await["state"], "placed");
    assert_eq!(site.state().desktops[0].period, Some(12));
}

#[tokio::test]
async fn the_newest_order_is_the_first() {
    let site = Site::with(&[]).await;
    for token in ["t-1", "t-2", "t-3"] {
        site.order(&purchase(token)).await;
        site.settled(token).await;
    }
    let list = site.get("/api/orders").await.json();
    let times: Vec<_> = list["orders"].as_array().unwrap().iter().map(|order| order["created_at"].as_i64()).collect();
    assert_eq!(times.len(), 3);
    assert!(times.is_sorted_by(|newer, older| newer >= older));
}

#[tokio::test]
async fn a_token_buys_once() {
    let site = Site::with(&[]).await;
    let body = json!({ "operations": [purchase("t-1")] });
    let (one, two, three) =
        tokio::join!(site.post("/api/orders", &body), site.post("/api/orders", &body), site.post("/api/orders", &body));
    for reply in [one, two, three] {
        assert_eq!(reply.status, 202, "{reply:?}");
        assert_eq!(reply.json()["orders"][0]["token"], "t-1");
    }
    let settled = site.settled("t-1").await;
    assert_eq!(site.order(&purchase("t-1")).await, settled);
    assert_eq!(site.state().desktops.len(), 1);
    assert_eq!(site.calls("CreateDesktop"), 1);

    let other = changed(purchase("t-1"), &json!({ "UserName": "li.si" }));
    let reply = site.post("/api/orders", &json!({ "operations": [other] })).await;
    assert_eq!(reply.status, 422);
    reply.problem("token_reused");
    assert_eq!(site.state().desktops.len(), 1);
}

async fn rejected(scenarios: &[&str], operation: Value, code: &str, outcome: &str, sent: u64) {
    let site = Site::with(scenarios).await;
    site.order(&operation).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["state"], "rejected", "{scenarios:?}: {order}");
    assert_eq!(order["problem"]["code"], code, "{scenarios:?}");
    assert_eq!(order["problem"]["outcome"], outcome, "{scenarios:?}");
    assert_eq!(site.calls("CreateDesktop"), sent, "{scenarios:?}");
    assert_eq!(site.state().desktops.len(), 0, "{scenarios:?}");
}

#[tokio::test]
async fn what_is_sold_out_is_not_sent() {
    rejected(&["sold-out"], purchase("t-1"), "sold_out", "not_sent", 0).await;
}

#[tokio::test]
async fn stock_is_asked_afresh_before_each_purchase() {
    let site = Site::with(&["sold-out-before-purchase"]).await;
    let stock = "/api/DescribeAvailableResource?RegionId=cn-hangzhou&TypeItemId=desktop.n1.small&ZoneId=cn-hangzhou-b\
                 &ChargeType=POSTPAY";
    assert_eq!(site.get(stock).await.json()["Available"], true);
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["problem"]["code"], "sold_out");
    assert_eq!(site.calls("CreateDesktop"), 0);
}

#[tokio::test]
async fn refusals_are_reported() {
    let with = |change| changed(purchase("t-1"), &change);
    rejected(&["sold-out-at-purchase"], purchase("t-1"), "sold_out", "rejected", 1).await;
    rejected(&["insufficient-balance"], purchase("t-1"), "insufficient_balance", "rejected", 1).await;
    rejected(&["forbidden"], purchase("t-1"), "forbidden", "rejected", 1).await;
    rejected(&["owner-config"], purchase("t-1"), "owner_not_active", "rejected", 1).await;
    rejected(&[], with(json!({ "UserName": "wang.wu" })), "user_without_email", "rejected", 1).await;
    rejected(&[], with(json!({ "ImageId": "m-none" })), "invalid_parameter", "rejected", 1).await;
}

#[tokio::test]
async fn a_stock_check_that_fails_for_good_ends_the_order_unsent() {
    rejected(&["forbidden:DescribeAvailableResource"], purchase("t-1"), "forbidden", "not_sent", 0).await;
    let site = Site::with_flags(&["fail:DescribeAvailableResource"], &["--order-deadline=1s"]).await;
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    assert_eq!((&order["state"], &order["problem"]["outcome"]), (&json!("rejected"), &json!("not_sent")));
    assert_eq!(order["problem"]["code"], "upstream_unavailable");
    assert_eq!(site.calls("CreateDesktop"), 0);
}

/// Whatever happens on the way, the same token is sent again until the answer is definite.
#[tokio::test]
async fn faults_on_the_way_cost_no_order_and_buy_nothing_twice() {
    let scenarios = [
        "commit-then-drop:CreateDesktop",
        "commit-then-503:CreateDesktop",
        "commit-then-hang:CreateDesktop",
        "nonce-used:CreateDesktop",
        "throttled:CreateDesktop",
        "clock-skew",
        "chaos",
    ];
    for scenario in scenarios {
        let site = Site::with_flags(&[scenario], &["--attempt-deadline=1800ms"]).await;
        site.order(&purchase("t-1")).await;
        let order = site.settled("t-1").await;
        assert_eq!(order["state"], "placed", "{scenario}: {order}");
        assert_eq!(order["desktop_id"], site.state().desktops[0].id, "{scenario}");
        assert_eq!(site.state().desktops.len(), 1, "{scenario}");
    }
}

async fn unresolved(scenario: &str, bought: usize) {
    let site = Site::with_flags(&[scenario], &["--order-deadline=2s"]).await;
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["state"], "unresolved", "{scenario}: {order}");
    assert_eq!(order["problem"]["code"], "outcome_unknown", "{scenario}");
    assert_eq!(order["problem"]["outcome"], "unknown", "{scenario}");
    assert!(order["attempts"].as_u64().unwrap() > 1, "{scenario}");
    assert_eq!(site.state().desktops.len(), bought, "{scenario}");
}

#[tokio::test]
async fn what_stays_unknown_is_for_a_person() {
    tokio::join!(
        unresolved("no-ids", 1),
        unresolved("cut-off:CreateDesktop", 1),
        unresolved("wrong-types:CreateDesktop", 1),
        unresolved("html:CreateDesktop", 0),
    );
}

#[tokio::test]
async fn turned_away_to_the_end_is_not_unknown() {
    let site = Site::with_flags(&["throttled-always:CreateDesktop"], &["--order-deadline=2s"]).await;
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    assert_eq!((&order["state"], &order["problem"]["code"]), (&json!("rejected"), &json!("throttled")));
    assert_eq!(order["problem"]["outcome"], "rejected");
}

/// Once an attempt may have been carried out, a closed door proves nothing about it.
#[tokio::test]
async fn a_refusal_at_the_door_does_not_settle_what_is_in_doubt() {
    let site = Site::with_flags(&[], &["--order-deadline=2s"]).await;
    let refused = ScriptedAnswer { status: 403, ..ScriptedAnswer::to("CreateDesktop", r#"{"Code":"Forbidden.RAM"}"#) };
    let lost = ScriptedAnswer { carried_out: true, body: None, times: Some(1), ..refused.clone() };
    site.cloud.simulator.set_answers(vec![lost, refused]);
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    assert_eq!((&order["state"], &order["problem"]["outcome"]), (&json!("unresolved"), &json!("unknown")), "{order}");
    assert!(order["attempts"].as_u64().unwrap() > 1, "{order}");
    assert_eq!(site.state().desktops.len(), 1);
}

#[tokio::test]
async fn an_order_goes_on_after_a_restart() {
    for scenario in ["fail:CreateDesktop", "fail:DescribeAvailableResource", "commit-then-drop:CreateDesktop"] {
        let site = Site::with(&[scenario]).await;
        site.order(&purchase("t-1")).await;
        let cloud = site.close().await;
        cloud.simulator.set_scenarios(Vec::new());
        let site = cloud.open(&[]).await;
        let order = site.settled("t-1").await;
        assert_eq!(order["state"], "placed", "{scenario}: {order}");
        assert_eq!(site.state().desktops.len(), 1, "{scenario}");
    }
}

#[tokio::test]
async fn an_order_goes_on_when_its_caller_has_gone() {
    let site = Site::with(&["slow:DescribeAvailableResource"]).await;
    let body = json!({ "operations": [purchase("t-1")] }).to_string();
    let request = site.request("POST", "/api/orders").header("content-type", "application/json").body(body);
    let call = tokio::spawn(request.send());
    while site.calls("DescribeAvailableResource") == 0 {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert_eq!(site.settled("t-1").await["state"], "placed");
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_sent() {
    let site = Site::with(&[]).await;
    let mut other = SqliteConnection::connect(&site.cloud.database_url()).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    let reply = site.post("/api/orders", &json!({ "operations": [purchase("t-1")] })).await;
    assert_eq!(reply.status, 503);
    assert_eq!(reply.problem("journal_unavailable")["outcome"], "not_sent");
    assert!(site.state().calls.is_empty(), "{:?}", site.state().calls);

    // Reading does not need the lock, and once it is free everything goes on.
    assert_eq!(site.get("/api/orders").await.status, 200);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    site.order(&purchase("t-1")).await;
    assert_eq!(site.settled("t-1").await["state"], "placed");
}

#[tokio::test]
async fn the_owner_comes_from_the_settings() {
    let site = Cloud::new(Config::default()).await.open(&["--owner-id=1234567890"]).await;
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    assert_eq!(order["state"], "placed", "{order}");
    assert_eq!(order["request"]["OwnerId"], "1234567890");
    // The page knows nothing of it and asks for the same again.
    assert_eq!(site.order(&purchase("t-1")).await, order);
}

/// A hanging order is left as it is when the drain time is over, and its waiting clients get an answer at once.
#[tokio::test]
async fn waiting_for_an_order_ends_with_the_proxy() {
    let site = Site::with_flags(&["hang:DescribeAvailableResource"], &["--drain=100ms"]).await;
    site.order(&purchase("t-1")).await;
    // By hand, since the request has to be with the proxy, all of it, before the proxy is told to stop.
    let mut waiting = TcpStream::connect(site.page).await.unwrap();
    waiting.write_all(b"GET /api/orders/t-1?wait=25 HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    // Sent is not read: only what the proxy counts is under way.
    while !metrics(&site).await.contains("deskbuy_http_requests_in_flight 1\n")
        || site.calls("DescribeAvailableResource") == 0
    {
        tokio::task::yield_now().await;
    }
    let cloud = site.close().await;
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"state\":\"accepted\""), "{answer}");

    cloud.simulator.set_scenarios(Vec::new());
    let site = cloud.open(&[]).await;
    assert_eq!(site.settled("t-1").await["state"], "placed");
    assert_eq!(site.state().desktops.len(), 1);
}
