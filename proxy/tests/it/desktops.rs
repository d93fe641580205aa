//! Renewing and releasing desktops, and the list of those that were bought here.

use serde_json::{Value, json};
use shared::calendar::add_months;

use crate::{
    databases,
    site::{Site, purchase, release, renewal, subscription},
};

async fn bought(site: &Site, operation: &Value) -> String {
    let token = site.order(operation).await["token"].as_str().unwrap().to_owned();
    let order = site.settled(&token).await;
    assert_eq!(order["state"], "placed", "{order}");
    order["desktop_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_desktop_from_purchase_to_release() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let paid = bought(&site, &subscription("t-1")).await;
        let hourly = bought(&site, &purchase("t-2")).await;

        site.order(&renewal("t-3", &paid, 3)).await;
        let order = site.settled("t-3").await;
        assert_eq!(order["state"], "placed", "{order}");
        let renewals = &site.state().desktops[0].renewals;
        assert_eq!((renewals.len(), renewals[0].period), (1, 3));
        assert_eq!(order["order_id"], renewals[0].order_id);

        site.order(&release("t-4", &hourly)).await;
        let released = site.settled("t-4").await;
        assert_eq!(released["state"], "placed", "{released}");
        assert!(site.state().desktops[1].released);

        let list = site.get("/api/desktops").await.json();
        assert_eq!(list["desktops"][0]["desktop_id"], hourly);
        assert_eq!(list["desktops"][0]["released_at"], released["updated_at"]);
        let expect = json!({
            "desktop_id": paid, "region": "cn-hangzhou", "user": "zhang.san", "type_item_id": "desktop.n1.small",
            "zone_id": "cn-hangzhou-b", "charge_type": "PREPAY", "period": 1, "token": "t-1",
            "created_at": list["desktops"][1]["created_at"], "renewals": 1, "renewed_months": 3, "last_renewal": 3,
            "valid_until": add_months(list["desktops"][1]["created_at"].as_i64().unwrap(), 4),
            "later_orders": [
                { "token": "t-3", "action": "RenewDesktop", "state": "placed", "months": 3, "at": order["updated_at"] },
            ],
        });
        assert_eq!(list["desktops"][1], expect);
        let found = async |query: &str| {
            let list = site.get(&format!("/api/desktops?{query}")).await.json();
            list["desktops"].as_array().unwrap().iter().map(|desktop| desktop["token"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("released=true").await, ["t-2"]);
        assert_eq!(found("released=false").await, ["t-1"]);
        assert_eq!(found(&format!("q={paid}")).await, ["t-1"]);
        assert_eq!(found("limit=1").await, ["t-2"]);
        assert_eq!(found("region=cn-beijing").await, [Value::Null; 0]);
    }
}

#[tokio::test]
async fn orders_under_way_are_shown() {
    let site = Site::with(&[]).await;
    let desktop = bought(&site, &purchase("t-1")).await;
    site.set_scenarios(&["fail:DeleteDesktop"]);
    site.order(&release("t-2", &desktop)).await;
    assert_eq!(site.get("/api/desktops").await.json()["desktops"][0]["under_way"], "t-2");
    site.set_scenarios(&[]);
    assert_eq!(site.settled("t-2").await["state"], "placed");
    assert!(site.get("/api/desktops").await.json()["desktops"][0].get("under_way").is_none());
}

#[tokio::test]
async fn refusals_are_reported() {
    let site = Site::with(&[]).await;
    let paid = bought(&site, &subscription("t-1")).await;
    let hourly = bought(&site, &purchase("t-2")).await;
    let check = async |operation: Value, code: &str| {
        let token = site.order(&operation).await["token"].as_str().unwrap().to_owned();
        let order = site.settled(&token).await;
        assert_eq!((&order["state"], &order["problem"]["code"]), (&json!("rejected"), &json!(code)), "{order}");
        assert_eq!(order["problem"]["outcome"], "rejected");
    };
    check(renewal("t-3", &hourly, 1), "upstream_rejected").await;
    check(release("t-4", &paid), "upstream_rejected").await;
    check(renewal("t-5", "desk-none", 1), "invalid_parameter").await;
    check(release("t-6", "desk-none"), "invalid_parameter").await;
    let state = site.state();
    assert!(state.desktops.iter().all(|desktop| !desktop.released && desktop.renewals.is_empty()));
}

/// Whatever happens on the way, a renewal is paid for once and a release ends as one.
#[tokio::test]
async fn faults_on_the_way_renew_once_and_release_for_certain() {
    for scenario in
        ["commit-then-drop", "commit-then-503", "commit-then-hang", "nonce-used", "throttled", "clock-skew", "chaos"]
    {
        let site = Site::with_flags(&[], &["--attempt-deadline=1800ms"]).await;
        let paid = bought(&site, &subscription("t-1")).await;
        let hourly = bought(&site, &purchase("t-2")).await;
        site.set_scenarios(&[scenario]);
        site.order(&renewal("t-3", &paid, 2)).await;
        site.order(&release("t-4", &hourly)).await;
        let (renewed, released) = (site.settled("t-3").await, site.settled("t-4").await);
        assert_eq!(renewed["state"], "placed", "{scenario}: {renewed}");
        assert_eq!(released["state"], "placed", "{scenario}: {released}");
        let state = site.state();
        assert_eq!(state.desktops[0].renewals.len(), 1, "{scenario}");
        assert!(state.desktops[1].released, "{scenario}");
    }
}

#[tokio::test]
async fn a_release_whose_answer_is_lost_is_found_out_about_by_a_second_one() {
    let site = Site::with(&[]).await;
    let desktop = bought(&site, &purchase("t-1")).await;
    site.set_scenarios(&["commit-then-drop:DeleteDesktop"]);
    site.order(&release("t-2", &desktop)).await;
    let order = site.settled_with_history("t-2").await;
    assert_eq!((&order["state"], &order["attempts"]), (&json!("placed"), &json!(2)));
    let events: Vec<_> = order["history"].as_array().unwrap().iter().map(|line| line["event"].clone()).collect();
    assert_eq!(events, ["accepted", "sent", "answered", "sent", "confirmed"]);
    assert!(order["history"][4]["note"].as_str().unwrap().contains("no such desktop any more"));
}

#[tokio::test]
async fn a_release_that_stays_unknown_is_for_a_person() {
    let site = Site::with_flags(&[], &["--order-deadline=2s"]).await;
    let desktop = bought(&site, &purchase("t-1")).await;
    site.set_scenarios(&["html:DeleteDesktop"]);
    site.order(&release("t-2", &desktop)).await;
    let order = site.settled("t-2").await;
    assert_eq!((&order["state"], &order["problem"]["outcome"]), (&json!("unresolved"), &json!("unknown")));
    assert_eq!(site.get("/api/desktops").await.json()["desktops"][0]["under_way"], "t-2");
}
