//! Order fields: asked for by the operator, kept with the order, found again, changed with a line in the history, and never
//! sent to the cloud.

use std::fs;

use serde_json::{Value, json};
use shared::csv;

use crate::{
    databases,
    signin::{Desk, person},
    site::{Cloud, Reply, Site, changed, purchase, release, renewal, subscription},
};

const FIELDS: &str = r#"
[[field]]
key = "cost_centre"
label = { zh = "成本中心", en = "Cost centre" }
required = true
pattern = '[A-Z]{2}-\d{4}'
hint = { zh = "例如 CN-4711", en = "Such as CN-4711" }
personal_data = false

[[field]]
key = "department"
label = { zh = "部门", en = "Department" }
choices = ["IT", "研发"]
default_claim = "organisation.department"

[[field]]
key = "ticket"
label = { zh = "工单号", en = "Ticket" }
max_length = 20
"#;

/// The flag for the file with the fields.
pub fn flag(cloud: &Cloud) -> String {
    let file = cloud.folder.path().join("order-fields.toml");
    fs::write(&file, FIELDS).unwrap();
    format!("--order-fields={}", file.display())
}

pub fn with(operation: Value, fields: &Value) -> Value {
    changed(operation, &json!({ "OrderFields": fields }))
}

pub async fn change_at(site: &Site, who: (&str, &str), token: &str, fields: &Value) -> Reply {
    let request = site.request("POST", &format!("/api/orders/{token}/fields"));
    let request = request.header(who.0, who.1).header("content-type", "application/json");
    Reply::of(request.body(json!({ "fields": fields }).to_string())).await
}

async fn change(desk: &Desk, cookie: &str, token: &str, fields: &Value) -> Reply {
    change_at(&desk.site, ("cookie", cookie), token, fields).await
}

/// The tokens that a search finds.
async fn found(site: &Site, text: &str) -> Vec<String> {
    let list = site.ask("GET", &format!("/api/orders?q={text}"), &[]).await.json();
    list["orders"].as_array().unwrap().iter().map(|order| order["token"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_order_keeps_its_values_and_is_found_by_them() {
    for cloud in databases::each(&[]).await {
        let flag = flag(&cloud);
        let site = cloud.open(&[&flag]).await;
        let values = json!({ "cost_centre": " CN-4711 ", "department": "研发", "ticket": "" });
        let kept = json!({ "cost_centre": "CN-4711", "department": "研发" });
        let one = with(purchase("t-1"), &values);
        let two = with(purchase("t-2"), &json!({ "cost_centre": "DE-0815", "ticket": "INC-77 Überholt" }));
        let reply = site.order_all(&[one.clone(), two]).await;
        assert_eq!((reply.status, &reply.json()["orders"][0]["fields"]), (202, &kept), "{reply:?}");
        let placed = site.settled("t-1").await;
        assert_eq!((&placed["state"], &placed["fields"]), (&json!("placed"), &kept), "{placed}");
        assert!(placed["request"].get("OrderFields").is_none(), "{placed}");
        site.settled("t-2").await;
        let desktops = site.get("/api/desktops").await.json();
        assert_eq!(desktops["desktops"][1]["fields"], kept, "{desktops}");
        // After the drivers have written about them, too.
        assert_eq!(found(&site, "4711").await, ["t-1"]);
        assert_eq!(found(&site, "inc-77%20%C3%BCber").await, ["t-2"]);
        assert_eq!(found(&site, "%E7%A0%94%E5%8F%91").await, ["t-1"], "two characters");
        assert_eq!(found(&site, "cost_centre").await, [""; 0]);
        let desktop = placed["desktop_id"].as_str().unwrap();
        assert_eq!(found(&site, desktop).await, ["t-1"]);
        let list = site.get("/api/order-fields").await.json();
        let keys = list["fields"].as_array().unwrap().iter().map(|field| &field["key"]).collect::<Vec<_>>();
        assert_eq!(keys, ["cost_centre", "department", "ticket"]);
        assert_eq!(site.get("/api/session").await.json()["order_fields"], true);
    }
}

#[tokio::test]
async fn a_wrong_value_is_named_before_anything_is_written() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let flag = flag(&cloud);
    let site = cloud.open(&[&flag]).await;
    let check = async |fields: Value, code: &str, field: &str| {
        let reply = site.order_all(&[with(purchase("t-1"), &fields)]).await;
        let problem = reply.problem(code);
        assert_eq!((reply.status, &problem["field"], &problem["outcome"]), (400, &json!(field), &json!("not_sent")));
    };
    check(json!({}), "missing_parameter", "OrderFields.cost_centre").await;
    check(json!({ "cost_centre": " " }), "missing_parameter", "OrderFields.cost_centre").await;
    check(json!({ "cost_centre": "CN-47110" }), "invalid_parameter", "OrderFields.cost_centre").await;
    check(json!({ "cost_centre": "CN-4711\n" }), "invalid_parameter", "OrderFields.cost_centre").await;
    check(json!({ "cost_centre": 4711 }), "invalid_parameter", "OrderFields.cost_centre").await;
    check(json!({ "cost_centre": "CN-4711", "department": "it" }), "invalid_parameter", "OrderFields.department").await;
    check(json!({ "cost_centre": "CN-4711", "ticket": "x".repeat(21) }), "invalid_parameter", "OrderFields.ticket")
        .await;
    check(json!({ "cost_centre": "CN-4711", "Ticket": "x" }), "unknown_parameter", "OrderFields.Ticket").await;
    check(json!("CN-4711"), "invalid_parameter", "OrderFields").await;
    // Of a batch nothing is there, and the operation is named.
    let (good, bad) = (with(purchase("t-1"), &json!({ "cost_centre": "CN-4711" })), purchase("t-2"));
    let problem = site.order_all(&[good, bad]).await.problem("missing_parameter");
    assert_eq!(problem["field"], "operations[1].OrderFields.cost_centre");
    site.get("/api/orders/t-1").await.problem("not_found");
    assert!(site.state().calls.is_empty());
    // Without fields there is nothing to say.
    let plain = Site::with(&[]).await;
    let refused = plain.order_all(&[with(purchase("t-1"), &json!({ "cost_centre": "CN-4711" }))]).await;
    assert_eq!(refused.problem("unknown_parameter")["field"], "OrderFields.cost_centre");
    assert_eq!(plain.get("/api/order-fields").await.json(), json!({ "fields": [] }));
    assert_eq!(plain.get("/api/session").await.json()["order_fields"], Value::Null);
    plain.order(&purchase("t-2")).await;
    assert_eq!(plain.get("/api/orders/t-2").await.json()["fields_editable"], Value::Null);
}

#[tokio::test]
async fn a_token_stands_for_its_first_values() {
    for cloud in databases::each(&[]).await {
        let fields = flag(&cloud);
        let site = cloud.open(&[&fields]).await;
        let order = |centre: &str| with(purchase("t-1"), &json!({ "cost_centre": centre }));
        site.order(&order("CN-4711")).await;
        site.settled("t-1").await;
        assert_eq!(site.order(&order("CN-4711")).await["token"], "t-1");
        assert_eq!(site.order_all(&[order("CN-4712")]).await.problem("token_reused")["field"], "ClientToken");
        // The values that it has now are not those that it was requested with.
        assert_eq!(change_at(&site, ("x", "y"), "t-1", &json!({ "cost_centre": "CN-4712" })).await.status, 200);
        assert_eq!(site.order(&order("CN-4711")).await["fields"], json!({ "cost_centre": "CN-4712" }));
        site.order_all(&[order("CN-4712")]).await.problem("token_reused");
        // Nor does it matter what is asked for meanwhile: the order is there.
        let site = site.close().await.open(&[]).await;
        assert_eq!(site.order(&order("CN-4711")).await["state"], "placed");
        site.order_all(&[with(purchase("t-2"), &json!({ "cost_centre": "CN-4711" }))])
            .await
            .problem("unknown_parameter");
    }
}

#[tokio::test]
async fn what_is_done_to_a_desktop_is_for_who_bought_it() {
    for cloud in databases::each(&[]).await {
        let flag = flag(&cloud);
        let site = cloud.open(&[&flag]).await;
        let kept = json!({ "cost_centre": "CN-4711", "ticket": "A" });
        site.order(&with(subscription("t-1"), &kept)).await;
        let desktop = site.settled("t-1").await["desktop_id"].as_str().unwrap().to_owned();
        let renewed = renewal("t-2", &desktop, 1);
        assert_eq!(site.order(&renewed).await["fields"], kept);
        site.settled("t-2").await;
        let other = with(renewal("t-3", &desktop, 1), &json!({ "ticket": "B" }));
        assert_eq!(site.order(&other).await["fields"], json!({ "cost_centre": "CN-4711", "ticket": "B" }));
        site.settled("t-3").await;
        change_at(&site, ("x", "y"), "t-1", &json!({ "ticket": "C" })).await;
        assert_eq!(site.order(&renewed).await["fields"], kept, "the same order, as it was accepted");
        assert_eq!(site.order(&release("t-4", &desktop)).await["fields"]["ticket"], "C");
        let wrong = with(release("t-5", &desktop), &json!({ "cost_centre": "x" }));
        site.order_all(&[wrong]).await.problem("invalid_parameter");
    }
}

#[tokio::test]
async fn values_are_changed_by_who_ordered_and_by_approvers() {
    let flags = ["--buyers=ann@example.com,carl@example.com", "--approvers=bea@example.com"];
    for cloud in databases::each(&[]).await {
        let fields = flag(&cloud);
        let desk = Desk::on(cloud, &[&flags[..], &[&fields]].concat()).await;
        let of = |name: &str| desk.cookie(&person(name), 0);
        let (ann, bea, carl) = (of("ann"), of("bea"), of("carl"));
        desk.order(&[with(purchase("a-1"), &json!({ "cost_centre": "CN-4711", "ticket": "A" }))], &ann).await;
        let placed = desk.settled("a-1", &ann).await;
        let reply = change(&desk, &ann, "a-1", &json!({ "cost_centre": " CN-4712 ", "ticket": "" })).await;
        let order = reply.json();
        assert_eq!((reply.status, &order["fields"]), (200, &json!({ "cost_centre": "CN-4712" })), "{order}");
        let line = order["history"].as_array().unwrap().last().unwrap().clone();
        let expect = json!({
            "at": line["at"], "event": "fields_changed", "state": "placed", "attempt": 1, "by": "ann@example.com",
            "note": "cost_centre ticket",
        });
        assert_eq!(line, expect);
        // When it was carried out is not when somebody corrected it.
        assert_eq!(order["updated_at"], placed["updated_at"]);
        let events = |order: &Value| order["history"].as_array().unwrap().len();
        assert_eq!(change(&desk, &ann, "a-1", &json!({ "cost_centre": "CN-4712" })).await.json(), order, "no change");
        for (cookie, may) in [(&ann, true), (&bea, true), (&carl, false)] {
            let shown = desk.get("/api/orders/a-1", cookie).await.json();
            assert_eq!(shown["fields_editable"] == true, may, "{shown}");
        }
        change(&desk, &carl, "a-1", &json!({ "ticket": "B" })).await.problem("not_allowed");
        let by_approver = change(&desk, &bea, "a-1", &json!({ "ticket": "B" })).await.json();
        assert_eq!((events(&by_approver), &by_approver["fields"]["ticket"]), (events(&order) + 1, &json!("B")));
        let list = desk.get("/api/orders?q=cn-4712", &carl).await.json();
        assert_eq!(list["orders"].as_array().unwrap().len(), 1);
        assert_eq!(desk.get("/api/orders?q=cn-4711", &carl).await.json()["orders"], json!([]));

        let check = async |fields: Value, code: &str, field: &str| {
            assert_eq!(change(&desk, &ann, "a-1", &fields).await.problem(code)["field"], field);
        };
        check(json!({ "cost_centre": "" }), "missing_parameter", "fields.cost_centre").await;
        check(json!({ "cost_centre": "x" }), "invalid_parameter", "fields.cost_centre").await;
        check(json!({ "owner": "x" }), "unknown_parameter", "fields.owner").await;
        change(&desk, &ann, "a-2", &json!({ "ticket": "x" })).await.problem("not_found");
        desk.site.post("/api/orders/a-1/fields", &json!({ "fields": {} })).await.problem("sign_in_required");
        assert_eq!(desk.get("/api/orders/a-1/fields", &ann).await.status, 405);
        assert_eq!(events(&desk.get("/api/orders/a-1", &ann).await.json()), events(&by_approver));
    }
}

#[tokio::test]
async fn orders_of_another_account_have_no_values_to_change() {
    let flags = ["--buyers=*", "--approvers=*", "--owner-claim=account"];
    let cloud = Cloud::new(simulator::Config::default()).await;
    let fields = flag(&cloud);
    let desk = Desk::on(cloud, &[&flags[..], &[&fields]].concat()).await;
    let of = |name: &str, account: &str| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
    let (ann, bea) = (of("ann", "42"), of("bea", "43"));
    desk.order(&[with(purchase("a-1"), &json!({ "cost_centre": "CN-4711" }))], &ann).await;
    change(&desk, &bea, "a-1", &json!({ "ticket": "x" })).await.problem("not_found");
    assert_eq!(desk.get("/api/orders?q=4711", &bea).await.json()["orders"], json!([]));
    assert_eq!(change(&desk, &ann, "a-1", &json!({ "ticket": "x" })).await.status, 200);
}

#[tokio::test]
async fn a_person_begins_with_the_value_of_a_claim() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let fields = flag(&cloud);
    let desk = Desk::on(cloud, &["--buyers=*", &fields]).await;
    let check = async |department: &str, expect: Value| {
        let claims = changed(person("ann"), &json!({ "organisation": { "department": department } }));
        let list = desk.get("/api/order-fields", &desk.cookie(&claims, 0)).await.json();
        let default = list["fields"][1]["default"].clone();
        assert_eq!(default, expect, "{department}");
    };
    check("IT", json!("IT")).await;
    check("no choice", Value::Null).await;
    desk.site.get("/api/order-fields").await.problem("sign_in_required");
    assert_eq!(desk.site.get("/api/session").await.json()["order_fields"], Value::Null, "strangers learn nothing");
}

#[tokio::test]
async fn lists_files_and_totals_are_filtered_by_exact_values() {
    for cloud in databases::each(&[]).await {
        let flag = flag(&cloud);
        let site = cloud.open(&[&flag]).await;
        let orders = [
            ("t-1", json!({ "cost_centre": "CN-4711", "department": "IT", "ticket": "INC-8" })),
            ("t-2", json!({ "cost_centre": "CN-4711", "department": "研发", "ticket": "INC-88" })),
            // The same text, in another field.
            ("t-3", json!({ "cost_centre": "CN-0001", "ticket": "CN-4711" })),
            ("t-4", json!({ "cost_centre": "CN-0001", "department": "研发", "ticket": "inc-8" })),
        ];
        for (token, fields) in &orders {
            site.order(&with(purchase(token), fields)).await;
            site.settled(token).await;
        }
        for (query, expect) in [
            ("field.cost_centre=CN-4711", &["t-2", "t-1"] as &[_]),
            ("field.cost_centre=CN-471", &[]),
            ("field.cost_centre=CN-4711&field.department=IT", &["t-1"]),
            ("field.ticket=INC-8", &["t-1"]),
            ("field.department=IT", &["t-1"]),
            ("field.department=%E7%A0%94%E5%8F%91&q=inc-8", &["t-4", "t-2"]),
            ("field.cost_centre=CN-0001&q=4711", &["t-3"]),
            ("field.cost_centre=CN-0001&limit=1", &["t-4"]),
        ] {
            for (path, name) in [("/api/orders", "orders"), ("/api/desktops", "desktops")] {
                let found = site.get(&format!("{path}?{query}")).await.json();
                let tokens: Vec<_> = found[name].as_array().unwrap().iter().map(|one| one["token"].clone()).collect();
                assert_eq!(tokens, expect, "{path}?{query}");
            }
            if !query.contains("limit") {
                let file = String::from_utf8(site.get(&format!("/api/desktops.csv?{query}")).await.body).unwrap();
                assert_eq!(csv::read(&file).len() - 1, expect.len(), "{query}");
                let totals = site.get(&format!("/api/desktops/totals?{query}")).await.json();
                assert_eq!(totals["desktops"], expect.len(), "{query}");
            }
        }
        change_at(&site, ("x", "y"), "t-3", &json!({ "cost_centre": "CN-0009" })).await;
        let found = site.get("/api/orders?field.cost_centre=CN-0009").await.json();
        assert_eq!(found["orders"][0]["token"], "t-3");
        site.get("/api/orders?field.cost_center=CN-4711").await.problem("unknown_parameter");
    }
}
