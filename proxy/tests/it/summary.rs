//! The monthly summary: what counts, in which month, by what, and whose it is; in both databases.

use serde_json::{Value, json};
use shared::{calendar::Date, csv};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{
    databases,
    signin::{Desk, person},
    site::{Site, changed, purchase, release, renewal, subscription},
};

const BOOK: &str = r#"
currency = "CNY"

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 199.90

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "POSTPAY"
per_hour = 0.5525
"#;

async fn bought(site: &Site, operation: &Value) -> String {
    let token = site.order(operation).await["token"].as_str().unwrap().to_owned();
    let order = site.settled(&token).await;
    assert_eq!(order["state"], "placed", "{order}");
    order["desktop_id"].as_str().unwrap().to_owned()
}

async fn change(site: &Site, statement: String) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&site.cloud.database_url()).await.unwrap();
    let done = sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
}

/// The names of this month and the one before, and the moment between them.
fn two_months() -> ([String; 2], i64) {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let first = Date { day: 1, ..Date::of(i64::try_from(now).unwrap()) };
    let before = Date::of(first.begin() - 1);
    ([first, before].map(|date| date.to_string()[..7].to_owned()), first.begin())
}

#[tokio::test]
async fn placed_orders_are_added_up_and_the_rest_is_told_apart() {
    for cloud in databases::each(&[]).await {
        let file = cloud.folder.path().join("prices.toml");
        std::fs::write(&file, BOOK).unwrap();
        let file = file.display().to_string();
        let site = cloud.open(&["--prices", &file]).await;
        let large = json!({ "TypeItemId": "desktop.n1.large" });
        let desktop = bought(&site, &subscription("t-1")).await;
        let hourly = bought(&site, &purchase("t-2")).await;
        bought(&site, &purchase("t-3")).await;
        bought(&site, &changed(purchase("t-4"), &large)).await;
        site.order(&renewal("t-5", &desktop, 2)).await;
        site.settled("t-5").await;
        site.order(&release("t-6", &hourly)).await;
        site.settled("t-6").await;
        for token in ["t-7", "t-8", "t-9"] {
            bought(&site, &subscription(token)).await;
        }
        let ([this, before], midnight) = two_months();
        change(&site, "UPDATE orders SET state = 'unresolved' WHERE token = 't-7'".to_owned()).await;
        change(&site, "UPDATE orders SET state = 'rejected' WHERE token = 't-8'".to_owned()).await;
        change(&site, format!("UPDATE orders SET created_at = {} WHERE token = 't-9'", midnight - 1)).await;
        change(&site, format!("UPDATE orders SET created_at = {midnight} WHERE token = 't-1'")).await;
        // Prices change, and the currency with them; what was ordered before does not.
        std::fs::write(&file, BOOK.replace("CNY", "USD").replace("199.90", "30")).unwrap();
        let site = site.close().await.open(&["--prices", &file]).await;
        bought(&site, &subscription("t-10")).await;

        let small = "desktop.n1.small";
        let by_type = json!({
            "months": [this, before],
            "rows": [
                {
                    "month": this, "group": "desktop.n1.large", "bought": 1, "renewed": 0, "unknown": 0,
                },
                {
                    "month": this, "group": small, "currency": "CNY", "bought": 3, "renewed": 1, "amount": "599.7",
                    "amount_per_hour": "1.105", "unknown": 1,
                },
                {
                    "month": this, "group": small, "currency": "USD", "bought": 1, "renewed": 0, "amount": "30",
                    "amount_per_hour": "0", "unknown": 0,
                },
                {
                    "month": before, "group": small, "currency": "CNY", "bought": 1, "renewed": 0, "amount": "199.9",
                    "amount_per_hour": "0", "unknown": 0,
                },
            ],
        });
        assert_eq!(site.get("/api/summary?months=2").await.json(), by_type);
        assert_eq!(site.get("/api/summary?by=type&months=1").await.json()["rows"].as_array().unwrap().len(), 3);
        let by_person = site.get("/api/summary?by=person&months=1").await.json();
        let expect = json!([
            {
                "month": this, "currency": "CNY", "bought": 3, "renewed": 1, "amount": "599.7",
                "amount_per_hour": "1.105", "unknown": 1,
            },
            {
                "month": this, "currency": "USD", "bought": 1, "renewed": 0, "amount": "30",
                "amount_per_hour": "0", "unknown": 0,
            },
            { "month": this, "bought": 1, "renewed": 0, "unknown": 0 },
        ]);
        assert_eq!(by_person["rows"], expect, "who asked is not known without sign-in");

        let reply = site.get("/api/summary.csv?months=2&lang=zh").await;
        assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"summary.csv\""));
        let rows = csv::read(std::str::from_utf8(&reply.body).unwrap());
        assert_eq!(rows[0][1], "桌面规格");
        assert_eq!(rows[1], [&*this, "desktop.n1.large", "", "1", "0", "", "", "0"]);
        assert_eq!(rows[2], [&*this, small, "CNY", "3", "1", "599.70", "1.105", "1"]);
        assert_eq!(rows[4], [&*before, small, "CNY", "1", "0", "199.90", "0.00", "0"]);
        assert_eq!(rows.len(), 5);

        site.get("/api/summary?months=0").await.problem("invalid_parameter");
        site.get("/api/summary?q=x").await.problem("unknown_parameter");
        site.get("/api/summary?lang=zh").await.problem("unknown_parameter");
        site.get("/api/summary.csv?limit=5").await.problem("unknown_parameter");
    }
}

#[tokio::test]
async fn orders_are_grouped_by_an_order_field() {
    for cloud in databases::each(&[]).await {
        let file = cloud.folder.path().join("fields.toml");
        std::fs::write(
            &file,
            "[[field]]\nkey = \"cost_centre\"\nlabel = { zh = \"成本中心\", en = \"Cost centre\" }\n",
        )
        .unwrap();
        let site = cloud.open(&["--order-fields", &file.display().to_string()]).await;
        let of = |token: &str, centre: &str| {
            changed(subscription(token), &json!({ "OrderFields": { "cost_centre": centre } }))
        };
        let desktop = bought(&site, &of("t-1", "CN-1")).await;
        bought(&site, &of("t-2", "it's")).await;
        bought(&site, &subscription("t-3")).await;
        site.order(&renewal("t-4", &desktop, 1)).await;
        site.settled("t-4").await;
        let summary = site.get("/api/summary?by=field.cost_centre").await.json();
        let rows = summary["rows"].as_array().unwrap().iter();
        let rows: Vec<_> = rows.map(|row| json!([row["group"], row["bought"], row["renewed"]])).collect();
        assert_eq!(rows, [json!(["CN-1", 1, 1]), json!(["it's", 1, 0]), json!([null, 1, 0])]);
        let text = site.get("/api/summary.csv?by=field.cost_centre&lang=zh").await.body;
        assert_eq!(csv::read(std::str::from_utf8(&text).unwrap())[0][1], "成本中心");
        site.get("/api/summary?by=field.ticket").await.problem("invalid_parameter");
    }
}

#[tokio::test]
async fn each_sees_the_summary_of_the_own_account() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &["--buyers=*", "--owner-claim=account"]).await;
        let of = |name: &str, account: Value| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
        let (ann, bob, vic) = (of("ann", json!("11")), of("bob", json!("22")), of("vic", Value::Null));
        for (token, cookie) in [("a-1", &ann), ("a-2", &ann), ("b-1", &bob)] {
            desk.order(&[subscription(token)], cookie).await;
            desk.settled(token, cookie).await;
        }
        let rows = async |query: &str, cookie: &str| -> Vec<(Value, Value)> {
            let summary = desk.get(&format!("/api/summary?{query}"), cookie).await.json();
            let rows = summary["rows"].as_array().unwrap().iter();
            rows.map(|row| (row["group"].clone(), row["bought"].clone())).collect()
        };
        for (cookie, account, name, bought) in [(&ann, "11", "ann", 2), (&bob, "22", "bob", 1)] {
            assert_eq!(rows("by=account", cookie).await, [(json!(account), json!(bought))]);
            assert_eq!(rows("by=type", cookie).await, [(json!("desktop.n1.small"), json!(bought))]);
            let [(group, _)] = &rows("by=person", cookie).await[..] else { panic!("one person") };
            assert!(group.as_str().unwrap().contains(name), "{group}");
        }
        assert!(rows("by=account", &vic).await.is_empty());
        let mine = desk.get("/api/orders?limit=1", &ann).await.json();
        let desktop = mine["orders"][0]["desktop_id"].as_str().unwrap();
        desk.order(&[renewal("a-3", desktop, 1)], &ann).await;
        desk.settled("a-3", &ann).await;
        assert_eq!(rows("by=type", &ann).await.len(), 1, "the type of what is renewed is known");
        desk.site.get("/api/summary").await.problem("sign_in_required");
        desk.site.get("/api/summary.csv").await.problem("sign_in_required");
    }
}
