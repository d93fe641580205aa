//! Renewing and releasing desktops, and the list of those that were bought here.

use serde_json::{Value, json};
use shared::calendar::add_months;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{
    databases,
    signin::{Desk, person},
    site::{Site, changed, purchase, release, renewal, subscription},
};

const DAY: i64 = 24 * 3_600_000;

async fn bought(site: &Site, operation: &Value) -> String {
    let token = site.order(operation).await["token"].as_str().unwrap().to_owned();
    let order = site.settled(&token).await;
    assert_eq!(order["state"], "placed", "{order}");
    order["desktop_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_desktop_from_purchase_to_release() {
    for cloud in databases::each(&[]).await {
        let cloud_url = cloud.database_url();
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
            "valid_until": add_months(first_sent(&cloud_url, "t-1").await, 4),
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

#[tokio::test]
async fn what_ends_soon_is_found_and_counted() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let month = bought(&site, &subscription("t-1")).await;
        let small = changed(subscription("t-2"), &json!({ "TypeItemId": "desktop.n1.large", "Period": 3 }));
        bought(&site, &small).await;
        let hourly = bought(&site, &purchase("t-3")).await;
        let found = async |query: &str| {
            let list = site.get(&format!("/api/desktops?{query}")).await.json();
            list["desktops"].as_array().unwrap().iter().map(|desktop| desktop["token"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(found("valid_within=7").await, [Value::Null; 0]);
        assert_eq!(found("valid_within=32").await, ["t-1"]);
        assert_eq!(found("valid_within=200").await, ["t-2", "t-1"]);
        assert_eq!(found("type=desktop.n1.large").await, ["t-2"]);
        assert_eq!(found("account=42").await, [Value::Null; 0]);
        let totals = async |query: &str| site.get(&format!("/api/desktops/totals?{query}")).await.json();
        let expect = json!({
            "desktops": 3, "in_use": 3, "subscriptions": 2, "expired": 0, "within_7_days": 0,
            "within_30_days": 0, "within_60_days": 1,
        });
        // A month has up to 31 days.
        let counted = changed(totals("").await, &json!({ "within_30_days": 0 }));
        assert_eq!(counted, expect);

        site.order(&renewal("t-4", &month, 6)).await;
        assert_eq!(site.settled("t-4").await["state"], "placed");
        site.order(&release("t-5", &hourly)).await;
        assert_eq!(site.settled("t-5").await["state"], "placed");
        assert_eq!(found("valid_within=60").await, [Value::Null; 0], "it was renewed");
        assert_eq!(found("valid_since=0").await, ["t-2", "t-1"]);
        let after = json!({ "desktops": 3, "in_use": 2, "subscriptions": 2, "within_60_days": 0 });
        assert_eq!(changed(totals("").await, &after), totals("").await);
        assert_eq!(totals("released=true").await["desktops"], 1);
        site.get("/api/desktops?valid_within=x").await.problem("invalid_parameter");
        site.get("/api/orders?valid_within=7").await.problem("unknown_parameter");
    }
}

#[tokio::test]
async fn what_desktops_can_be_filtered_by_is_told_to_whom_they_belong() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &["--buyers=*", "--owner-claim=account"]).await;
        let of = |name: &str, account: Value| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
        let (ann, bob, vic) = (of("ann", json!("11")), of("bob", json!("22")), of("vic", Value::Null));
        let large = |token: &str| changed(subscription(token), &json!({ "TypeItemId": "desktop.n1.large" }));
        for (order, cookie) in [(purchase("a-1"), &ann), (large("a-2"), &ann), (purchase("b-1"), &bob)] {
            desk.order(std::slice::from_ref(&order), cookie).await;
            desk.settled(order["ClientToken"].as_str().unwrap(), cookie).await;
        }
        let choices = async |cookie: &str| desk.get("/api/desktops/choices", cookie).await.json();
        let small = "desktop.n1.small";
        assert_eq!(choices(&ann).await, json!({ "types": ["desktop.n1.large", small], "accounts": ["11"] }));
        assert_eq!(choices(&bob).await, json!({ "types": [small], "accounts": ["22"] }));
        assert_eq!(choices(&vic).await, json!({ "types": [], "accounts": [] }));
        desk.get("/api/desktops/choices?q=x", &ann).await.problem("unknown_parameter");
        desk.site.get("/api/desktops/choices").await.problem("sign_in_required");
    }
}

/// When an order was first sent, as the journal has it.
pub async fn first_sent(url: &str, token: &str) -> i64 {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await.unwrap();
    let query = sqlx::query_scalar("SELECT MIN(sent_at) FROM attempts WHERE token = $1").bind(token);
    query.fetch_one(&mut connection).await.unwrap()
}

/// An order straight into the journal: not placed yet.
fn row(seq: usize, action: &str, request: &Value, created_at: i64, updated_at: i64, ids: (&str, &str)) -> String {
    let (desktop, target) = ids;
    format!(
        "('m-{seq}', '{action}', 'cn-hangzhou', '{request}', 'accepted', FALSE, 1, {created_at}, {updated_at}, {seq}, {seq}, \
         '', '', 0, NULLIF('{desktop}', ''), NULLIF('{target}', ''))"
    )
}

async fn insert(connection: &mut AnyConnection, rows: &[String]) {
    let statement = format!(
        "INSERT INTO orders (token, action, region, request, state, in_doubt, attempts, created_at, updated_at, seq, turn, \
         search, owner, lease_until, desktop_id, target) VALUES {}",
        rows.join(", ")
    );
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}

/// The database counts months as the calendar of the crate `shared` does: over ends of months and leap days; from when the
/// purchase was first sent, or accepted where that is not recorded, and not from when it was settled.
#[tokio::test]
async fn months_are_those_of_the_calendar() {
    for cloud in databases::each(&[]).await {
        let url = cloud.database_url();
        let _cloud = cloud.open(&[]).await.close().await;
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        // Every day and hour of some years, a bit off the hour, and the months on sale.
        let start = 1_700_000_123_456_i64;
        let moments: Vec<_> = (0..1_600).map(|step| start + step * 23 * 3_600_000).collect();
        let months = |index: usize| [1, 2, 3, 6, 12, 24, 36][index % 7];
        for (chunk, moments) in moments.chunks(200).enumerate() {
            let seq = |place: usize| chunk * 200 + place + 1;
            let purchase = |(place, moment): (usize, &i64)| {
                let seq = seq(place);
                let request = json!({ "Period": months(seq), "TypeItemId": "t" });
                let accepted = if seq.is_multiple_of(2) { *moment } else { moment - 3 * DAY };
                row(seq, "CreateDesktop", &request, accepted, moment + 9 * DAY, (&format!("desk-{seq}"), ""))
            };
            let purchases: Vec<_> = moments.iter().enumerate().map(purchase).collect();
            insert(&mut connection, &purchases).await;
            let attempt = |(place, moment): (usize, &i64)| {
                let seq = seq(place);
                (!seq.is_multiple_of(2)).then(|| format!("('m-{seq}', 1, {moment}), ('m-{seq}', 2, {})", moment + DAY))
            };
            let attempts: Vec<_> = moments.iter().enumerate().filter_map(attempt).collect();
            let statement = format!("INSERT INTO attempts (token, attempt, sent_at) VALUES {}", attempts.join(", "));
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        sqlx::query("UPDATE orders SET state = 'placed'").execute(&mut connection).await.unwrap();
        let rows: Vec<(i64,)> =
            sqlx::query_as("SELECT valid_until FROM orders ORDER BY seq").fetch_all(&mut connection).await.unwrap();
        assert_eq!(rows.len(), moments.len());
        for (index, ((until,), moment)) in rows.into_iter().zip(moments).enumerate() {
            assert_eq!(until, add_months(moment, months(index + 1)), "{moment} and {} months", months(index + 1));
        }
    }
}

/// What was ordered after the end was not a renewal of these months, and what is released does not end any more.
#[tokio::test]
async fn an_end_that_is_not_known_is_not_told() {
    for cloud in databases::each(&[]).await {
        let url = cloud.database_url();
        let _cloud = cloud.open(&[]).await.close().await;
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let start = 1_700_000_123_456_i64;
        let month = json!({ "Period": 1 });
        let at = |day: i64| start + day * DAY;
        let rows = [
            row(1, "CreateDesktop", &month, start, at(40), ("desk-1", "")),
            row(2, "RenewDesktop", &month, at(20), at(90), ("", "desk-1")),
            row(3, "RenewDesktop", &month, at(50), at(50), ("", "desk-1")),
            row(4, "RenewDesktop", &month, at(100), at(100), ("", "desk-1")),
            row(5, "CreateDesktop", &month, start, start, ("desk-2", "")),
            row(6, "DeleteDesktop", &json!({}), at(1), at(1), ("", "desk-2")),
            row(7, "CreateDesktop", &month, start, start, ("", "")),
            row(8, "RenewDesktop", &month, at(2), at(2), ("", "desk-3")),
        ];
        insert(&mut connection, &rows).await;
        let mut place = async |seq: i64, purchase: i64| -> Option<i64> {
            let placed = sqlx::query("UPDATE orders SET state = 'placed' WHERE seq = $1").bind(seq);
            placed.execute(&mut connection).await.unwrap();
            let end = sqlx::query_scalar("SELECT valid_until FROM orders WHERE seq = $1").bind(purchase);
            end.fetch_one(&mut connection).await.unwrap()
        };
        assert_eq!(place(1, 1).await, Some(add_months(start, 1)));
        assert_eq!(place(2, 1).await, Some(add_months(start, 2)), "settled after the end, and ordered before it");
        assert_eq!(place(3, 1).await, Some(add_months(start, 3)));
        assert_eq!(place(4, 1).await, None, "ordered after the end");
        assert_eq!(place(5, 5).await, Some(add_months(start, 1)));
        assert_eq!(place(6, 5).await, None, "released");
        assert_eq!(place(7, 7).await, Some(add_months(start, 1)));
        assert_eq!(place(8, 7).await, Some(add_months(start, 1)), "of a desktop that is not known yet");
        let known = "UPDATE orders SET desktop_id = 'desk-3' WHERE seq = 7";
        sqlx::query(known).execute(&mut connection).await.unwrap();
        let end = sqlx::query_scalar("SELECT valid_until FROM orders WHERE seq = 7").fetch_one(&mut connection);
        assert_eq!(end.await.ok(), Some(add_months(start, 2)));
    }
}
