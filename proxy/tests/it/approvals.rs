//! Approval: what is ordered beyond a bound waits for somebody else's word, and is sent once that is given.

use std::{fmt::Write, fs, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    databases,
    signin::{Desk, person},
    site::{Cloud, Reply, Site, changed, purchase, release, renewal, subscription},
};

const JSON: (&str, &str) = ("content-type", "application/json");
/// Ann buys, and approves too; Bea approves only; Carl buys only.
const PEOPLE: [&str; 2] = ["--buyers=ann@example.com,carl@example.com", "--approvers=ann@example.com,bea@example.com"];

fn flags<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&PEOPLE[..], more].concat()
}

async fn decide_at(site: &Site, who: (&str, &str), decision: &str, tokens: &[&str]) -> Reply {
    let body = json!({ "decision": decision, "tokens": tokens, "note": " for the new office " });
    let request = site.request("POST", "/api/approvals").header(who.0, who.1).header(JSON.0, JSON.1);
    Reply::of(request.body(body.to_string())).await
}

async fn decide(desk: &Desk, cookie: &str, decision: &str, tokens: &[&str]) -> Reply {
    decide_at(&desk.site, ("cookie", cookie), decision, tokens).await
}

async fn state(desk: &Desk, token: &str, cookie: &str) -> String {
    desk.get(&format!("/api/orders/{token}"), cookie).await.json()["state"].as_str().unwrap().to_owned()
}

async fn waiting(desk: &Desk, cookie: &str) -> Value {
    desk.get("/api/approvals", cookie).await.json()["waiting"].clone()
}

fn events(order: &Value) -> Vec<&str> {
    order["history"].as_array().unwrap().iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn nothing_is_sent_before_somebody_else_has_approved_it() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &flags(&["--approval-always"])).await;
        let of = |name: &str| desk.cookie(&person(name), 0);
        let (ann, bea, carl) = (of("ann"), of("bea"), of("carl"));
        let reply = desk.order(&[purchase("a-1")], &ann).await;
        let order = reply.json()["orders"][0].clone();
        assert_eq!((reply.status, &order["state"]), (202, &json!("awaiting_approval")), "{order}");
        assert_eq!(
            order["approve_until"].as_i64().unwrap() - order["created_at"].as_i64().unwrap(),
            72 * 3_600_000,
            "{order}"
        );
        assert_eq!(desk.order(&[purchase("a-1")], &ann).await.json()["orders"][0], order, "the same order once more");
        assert_eq!(desk.order(&[purchase("c-1")], &carl).await.status, 202);
        // Neither bought nor looked for in the stock.
        assert_eq!((desk.site.calls("CreateDesktop"), desk.site.calls("DescribeAvailableResource")), (0, 0));

        assert_eq!((waiting(&desk, &ann).await, waiting(&desk, &bea).await), (json!(1), json!(2)));
        for (cookie, expect) in [(&ann, [true, false]), (&bea, [true, true]), (&carl, [false, false])] {
            let list = desk.get("/api/orders?state=awaiting_approval", cookie).await.json();
            let decidable = list["orders"].as_array().unwrap().iter().map(|order| order["decidable"] == true);
            assert_eq!(decidable.collect::<Vec<_>>(), expect, "{list}");
        }
        assert_eq!(desk.get("/api/orders/a-1", &bea).await.json()["decidable"], true);
        assert_eq!(desk.get("/api/orders/a-1", &ann).await.json()["decidable"], Value::Null);
        assert_eq!(desk.get("/api/session", &bea).await.json()["user"]["approves"], true);
        assert_eq!(desk.get("/api/session", &carl).await.json()["user"]["approves"], Value::Null);
        desk.get("/api/approvals", &carl).await.problem("not_allowed");
        decide(&desk, &carl, "approve", &["a-1"]).await.problem("not_allowed");
        desk.order(&[purchase("b-1")], &bea).await.problem("not_allowed");
        let own = decide(&desk, &ann, "approve", &["c-1", "a-1"]).await;
        assert_eq!((own.status, &own.problem("own_order")["field"]), (403, &json!("tokens[1]")));
        assert_eq!(decide(&desk, &ann, "decline", &["a-1"]).await.problem("own_order")["outcome"], "not_sent");
        assert_eq!(state(&desk, "c-1", &carl).await, "awaiting_approval", "all of a decision or nothing");

        let approved = decide(&desk, &bea, "approve", &["a-1", "c-1"]).await;
        assert_eq!(
            (approved.status, &approved.json()["orders"][0]["state"]),
            (200, &json!("accepted")),
            "{approved:?}"
        );
        let placed = desk.settled("a-1", &ann).await;
        assert_eq!(placed["state"], "placed");
        assert_eq!(events(&placed), ["accepted", "approved", "sent", "confirmed"]);
        let line = &placed["history"][1];
        assert_eq!((&line["by"], &line["note"]), (&json!("bea@example.com"), &json!("for the new office")));
        assert_eq!(desk.settled("c-1", &carl).await["state"], "placed");
        assert_eq!(desk.site.calls("CreateDesktop"), 2);
        assert!(desk.site.calls("DescribeAvailableResource") >= 2, "the stock is looked at after the approval");

        let again = decide(&desk, &bea, "approve", &["a-1"]).await;
        assert_eq!((again.status, &again.json()["orders"][0]["state"]), (200, &json!("placed")), "approved once");
        assert_eq!(
            decide(&desk, &bea, "decline", &["a-1"]).await.problem("not_awaiting_approval")["field"],
            "tokens[0]"
        );
        assert_eq!(events(&desk.settled("a-1", &ann).await).len(), 4);
        assert_eq!(waiting(&desk, &bea).await, 0);
    }
}

#[tokio::test]
async fn a_declined_order_costs_nothing_and_counts_no_more() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &flags(&["--approval-always", "--buyer-daily-limit=1"])).await;
        let (carl, bea) = (desk.cookie(&person("carl"), 0), desk.cookie(&person("bea"), 0));
        desk.order(&[purchase("c-1")], &carl).await;
        desk.order(&[purchase("c-2")], &carl).await.problem("buyer_limit");
        assert_eq!(decide(&desk, &bea, "decline", &["c-1"]).await.status, 200);
        let declined = desk.settled("c-1", &carl).await;
        let problem = &declined["problem"];
        assert_eq!((&declined["state"], &declined["attempts"]), (&json!("rejected"), &json!(0)), "{declined}");
        assert_eq!((&problem["code"], &problem["outcome"]), (&json!("approval_declined"), &json!("not_sent")));
        assert_eq!(events(&declined), ["accepted", "declined"]);
        decide(&desk, &bea, "approve", &["c-1"]).await.problem("not_awaiting_approval");
        assert_eq!(desk.order(&[purchase("c-2")], &carl).await.status, 202);
        assert_eq!(desk.site.calls("CreateDesktop"), 0);
    }
}

#[tokio::test]
async fn the_stock_is_looked_at_when_it_is_approved_and_its_time_counts_from_then() {
    let desk = Desk::with(&flags(&["--approval-always", "--order-deadline=2s"])).await;
    let (carl, bea) = (desk.cookie(&person("carl"), 0), desk.cookie(&person("bea"), 0));
    desk.order(&[purchase("c-1"), purchase("c-2")], &carl).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(decide(&desk, &bea, "approve", &["c-1"]).await.status, 200);
    assert_eq!(desk.settled("c-1", &carl).await["state"], "placed");
    desk.site.set_scenarios(&["sold-out-before-purchase"]);
    assert_eq!(decide(&desk, &bea, "approve", &["c-2"]).await.status, 200);
    let order = desk.settled("c-2", &carl).await;
    assert_eq!((&order["state"], &order["problem"]["code"]), (&json!("rejected"), &json!("sold_out")), "{order}");
}

/// Two proxies, many approvers, at the same time.
#[tokio::test]
async fn approving_twice_is_approving_once() {
    for cloud in databases::each(&[]).await {
        let flags = flags(&["--approval-always"]);
        let desk = Desk::on(cloud, &flags).await;
        let key = format!("--session-key-file={}", desk.site.cloud.folder.path().join("key").display());
        let url = format!("--public-url=http://{}", desk.site.page);
        let issuer = ["--oidc-issuer=http://127.0.0.1:1", "--oidc-client-id=deskbuy", "--allowed-hosts=127.0.0.1"];
        let second = desk.site.beside(&[&issuer[..], &[&key, &url], &flags[..]].concat()).await;
        let (carl, bea) = (desk.cookie(&person("carl"), 0), desk.cookie(&person("bea"), 0));
        let tokens: Vec<_> = (0..6).map(|n| format!("c-{n}")).collect();
        for token in &tokens {
            desk.order(&[purchase(token)], &carl).await;
        }
        let decisions = tokens.iter().flat_map(|token| {
            let (desk, second, bea) = (&desk, &second, &bea);
            (0..6).map(move |n| {
                let site = if n % 2 == 0 { &desk.site } else { second };
                let decision = if n < 3 { "approve" } else { "decline" };
                async move { decide_at(site, ("cookie", bea), decision, &[token]).await.status }
            })
        });
        let statuses = join_all(decisions).await;
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        let mut approved = 0;
        for (token, statuses) in tokens.iter().zip(statuses.chunks(6)) {
            let order = desk.settled(token, &carl).await;
            let decided: Vec<_> =
                events(&order).into_iter().filter(|event| ["approved", "declined"].contains(event)).collect();
            assert_eq!(decided.len(), 1, "{order}");
            let is_approved = decided == ["approved"];
            assert_eq!(order["state"], if is_approved { "placed" } else { "rejected" }, "{order}");
            assert_eq!(statuses.iter().map(|status| *status == 200).collect::<Vec<_>>()[..3], [is_approved; 3]);
            approved += u64::from(is_approved);
        }
        assert_eq!(desk.site.calls("CreateDesktop"), approved);
    }
}

#[tokio::test]
async fn what_nobody_decides_about_ends() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &flags(&["--approval-always", "--approval-expiry=1s"])).await;
        let (carl, bea) = (desk.cookie(&person("carl"), 0), desk.cookie(&person("bea"), 0));
        desk.order(&[purchase("c-1")], &carl).await;
        let order = desk.settled("c-1", &carl).await;
        let problem = &order["problem"];
        assert_eq!(
            (&problem["code"], &problem["outcome"]),
            (&json!("approval_expired"), &json!("not_sent")),
            "{order}"
        );
        assert_eq!((&order["state"], events(&order)), (&json!("rejected"), vec!["accepted", "expired"]));
        decide(&desk, &bea, "approve", &["c-1"]).await.problem("not_awaiting_approval");
        assert_eq!((desk.site.calls("CreateDesktop"), waiting(&desk, &bea).await), (0, json!(0)));
    }
}

#[tokio::test]
async fn what_waits_goes_on_waiting_after_a_restart() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &flags(&["--approval-always"])).await;
        let carl = desk.cookie(&person("carl"), 0);
        desk.order(&[purchase("c-1")], &carl).await;
        // The bound is gone meanwhile; what waits is not let through by that.
        let desk = Desk::on(desk.site.close().await, &flags(&["--approval-desktops=50"])).await;
        let (carl, bea) = (desk.cookie(&person("carl"), 0), desk.cookie(&person("bea"), 0));
        desk.order(&[purchase("c-2")], &carl).await;
        assert_eq!(desk.settled("c-2", &carl).await["state"], "placed");
        assert_eq!(state(&desk, "c-1", &carl).await, "awaiting_approval");
        assert_eq!(desk.site.calls("CreateDesktop"), 1);
        assert_eq!(decide(&desk, &bea, "approve", &["c-1"]).await.status, 200);
        assert_eq!(desk.settled("c-1", &carl).await["state"], "placed");
    }
}

const PRICES: &str = r#"
currency = "CNY"
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 100
"#;

#[tokio::test]
async fn bounds_are_of_the_whole_request() {
    let months = |token: &str, months: u8| changed(subscription(token), &json!({ "Period": months }));
    let medium = |token: &str| changed(purchase(token), &json!({ "TypeItemId": "desktop.n1.medium" }));
    let cloud = Cloud::new(simulator::Config::default()).await;
    let file = cloud.folder.path().join("prices.toml");
    fs::write(&file, PRICES).unwrap();
    let prices = format!("--prices={}", file.display());
    let more = [
        "--approval-desktops=2",
        "--approval-period=6",
        "--approval-amount=500",
        "--approval-types=desktop.n1.medium",
        &prices,
    ];
    let desk = Desk::on(cloud, &flags(&more)).await;
    let carl = desk.cookie(&person("carl"), 0);
    let limits = desk.get("/api/limits", &carl).await.json();
    let told = json!({ "desktops": 2, "longest_period": 6, "not_types": ["desktop.n1.medium"], "amount": "500" });
    assert_eq!(limits["approval"], told);
    let mut number = 0;
    let mut check = async |operations: Vec<Value>, waits: bool| {
        number += 1;
        let named =
            |(n, operation): (usize, Value)| changed(operation, &json!({ "ClientToken": format!("t-{number}-{n}") }));
        let operations: Vec<_> = operations.into_iter().enumerate().map(named).collect();
        let reply = desk.order(&operations, &carl).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        for order in reply.json()["orders"].as_array().unwrap() {
            assert_eq!(order["state"] == "awaiting_approval", waits, "{order}");
        }
    };
    check(vec![months("a", 1)], false).await;
    check(vec![months("a", 1), months("b", 1)], false).await;
    check(vec![months("a", 1), months("b", 1), months("c", 1)], true).await;
    check(vec![months("a", 3), months("b", 2)], false).await;
    check(vec![months("a", 3), months("b", 3)], true).await;
    check(vec![months("a", 5)], false).await;
    check(vec![months("a", 7)], true).await;
    // Without a price, whether it is within the bound is not known.
    check(vec![purchase("a")], true).await;
    check(vec![medium("a")], true).await;
    let desktop = desk.settled("t-1-0", &carl).await["desktop_id"].as_str().unwrap().to_owned();
    check(vec![renewal("a", &desktop, 1)], false).await;
    check(vec![renewal("a", &desktop, 7)], true).await;
    check(vec![release("a", &desktop)], false).await;
    // A renewal goes by the type of its desktop; of one that was not bought here it is not known.
    let bea = desk.cookie(&person("bea"), 0);
    assert_eq!(decide(&desk, &bea, "approve", &["t-9-0"]).await.status, 200);
    let medium = desk.settled("t-9-0", &carl).await["desktop_id"].as_str().unwrap().to_owned();
    check(vec![renewal("a", &medium, 1)], true).await;
    check(vec![release("a", &medium)], false).await;
}

#[tokio::test]
async fn approvers_decide_for_their_own_account_only() {
    for cloud in databases::each(&[]).await {
        let flags =
            ["--buyers=carl@example.com", "--approvers=@example.com", "--owner-claim=account", "--approval-always"];
        let desk = Desk::on(cloud, &flags).await;
        let of = |name: &str, account: Value| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
        let (carl, bea, dan) = (of("carl", json!("11")), of("bea", json!("11")), of("dan", json!("22")));
        let vic = of("vic", Value::Null);
        desk.order(&[purchase("c-1")], &carl).await;
        for stranger in [&dan, &vic] {
            assert_eq!(waiting(&desk, stranger).await, 0);
            for decision in ["approve", "decline"] {
                let foreign = decide(&desk, stranger, decision, &["c-1"]).await.problem("not_found");
                let absent = decide(&desk, stranger, decision, &["no-such"]).await.problem("not_found");
                let told = |problem: Value| changed(problem, &json!({ "request_id": null }));
                assert_eq!(told(foreign), told(absent));
            }
        }
        assert_eq!(waiting(&desk, &bea).await, 1);
        assert_eq!(decide(&desk, &bea, "approve", &["c-1"]).await.status, 200);
        assert_eq!(desk.settled("c-1", &carl).await["state"], "placed");
    }
}

#[tokio::test]
async fn a_program_approves_with_a_token_that_may() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let file = cloud.folder.path().join("tokens.json");
    let entry = |name: &str, rights: &str| {
        let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
        let hash = digest.as_ref().iter().fold(String::new(), |mut hash, byte| {
            write!(hash, "{byte:02x}").unwrap();
            hash
        });
        json!({ "name": name, "sha256": hash, "rights": rights, "expires": "2099-01-01T00:00:00Z" })
    };
    let entries = json!([entry("buys", "buy"), entry("looks", "look"), entry("approves", "approve")]);
    fs::write(&file, entries.to_string()).unwrap();
    let tokens = format!("--api-tokens-file={}", file.display());
    let desk = Desk::on(cloud, &["--buyers=*", "--approval-always", &tokens]).await;
    let order = async |token: &str, name: &str| {
        let request = desk.site.request("POST", "/api/orders").header("authorization", format!("Bearer {token}"));
        let body = json!({ "operations": [purchase(name)] }).to_string();
        Reply::of(request.header(JSON.0, JSON.1).body(body)).await
    };
    let decide = async |token: &str, name: &str| {
        decide_at(&desk.site, ("authorization", &format!("Bearer {token}")), "approve", &[name]).await
    };
    assert_eq!(order("buys", "t-1").await.status, 202);
    order("approves", "t-2").await.problem("not_allowed");
    decide("buys", "t-1").await.problem("not_allowed");
    decide("looks", "t-1").await.problem("not_allowed");
    assert_eq!(decide("approves", "t-1").await.status, 200);
    let placed = desk.settled("t-1", &desk.cookie(&person("ann"), 0)).await;
    assert_eq!((&placed["state"], &placed["history"][1]["by"]), (&json!("placed"), &json!("token:approves")));
}

#[tokio::test]
async fn what_is_no_decision_is_refused() {
    let desk = Desk::with(&flags(&["--approval-always"])).await;
    let (carl, bea) = (desk.cookie(&person("carl"), 0), desk.cookie(&person("bea"), 0));
    desk.order(&[purchase("c-1")], &carl).await;
    let post = async |body: Value| {
        let request = desk.site.request("POST", "/api/approvals").header("cookie", &bea).header(JSON.0, JSON.1);
        Reply::of(request.body(body.to_string())).await
    };
    let check = async |body: Value, code: &str, field: Value| {
        let reply = post(body.clone()).await;
        assert_eq!(reply.problem(code)["field"], field, "{body}");
    };
    let with = |tokens: Value, note: &str| json!({ "decision": "approve", "tokens": tokens, "note": note });
    check(with(json!([]), ""), "invalid_parameter", json!("tokens")).await;
    check(with(json!(["c-1"]), &"字".repeat(501)), "invalid_parameter", json!("note")).await;
    check(with(json!(["c-1"]), "a\0b"), "invalid_parameter", json!("note")).await;
    check(json!({ "decision": "maybe", "tokens": ["c-1"] }), "malformed_body", Value::Null).await;
    check(json!({ "decision": "approve", "tokens": ["c-1"], "by": "ann" }), "malformed_body", Value::Null).await;
    assert_eq!(state(&desk, "c-1", &carl).await, "awaiting_approval");
    assert_eq!(post(with(json!(["c-1"]), &"字".repeat(500))).await.status, 200);

    // Without sign-in nobody could be told from who ordered.
    let site = Site::with(&[]).await;
    site.get("/api/approvals").await.problem("not_allowed");
    let body = json!({ "decision": "approve", "tokens": ["c-1"] });
    site.post("/api/approvals", &body).await.problem("not_allowed");
}
