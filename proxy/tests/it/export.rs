//! Exports of orders and desktops: what is in the files, in both databases, and whose they are.

use serde_json::{Value, json};
use shared::csv;
use sqlx::{AnyConnection, Connection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    binary::Running,
    databases,
    desktops::first_sent,
    signin::{Desk, person},
    site::{Cloud, Reply, Site, changed, http, purchase, release, renewal, subscription},
};

const BOOK: &str = r#"
currency = "CNY"

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 199.90
percent_off = { 12 = 15 }

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "POSTPAY"
per_hour = 0.5525
"#;

/// The rows of a file, each by the names of its columns.
async fn rows(site: &Site, path: &str) -> Vec<Value> {
    let reply = site.get(path).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.header("content-type").unwrap().starts_with("text/csv; charset=utf-8"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    named(&reply.body)
}

fn named(body: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(body).unwrap();
    assert!(text.starts_with(csv::BYTE_ORDER_MARK));
    let mut rows = csv::read(text).into_iter();
    let names = rows.next().unwrap();
    let row = |cells: Vec<String>| {
        assert_eq!(cells.len(), names.len());
        names.iter().cloned().zip(cells.into_iter().map(Value::from)).collect()
    };
    rows.map(row).collect()
}

fn column(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

async fn bought(site: &Site, operation: &Value) -> String {
    let token = site.order(operation).await["token"].as_str().unwrap().to_owned();
    site.settled(&token).await["desktop_id"].as_str().unwrap().to_owned()
}

async fn with_prices(cloud: Cloud) -> (Site, String) {
    let file = cloud.folder.path().join("prices.toml");
    std::fs::write(&file, BOOK).unwrap();
    let file = file.display().to_string();
    (cloud.open(&["--prices", &file]).await, file)
}

#[tokio::test]
async fn amounts_are_those_of_the_day_of_the_order() {
    for cloud in databases::each(&[]).await {
        let url = cloud.database_url();
        let (site, file) = with_prices(cloud).await;
        let year = changed(subscription("t-1"), &json!({ "Period": 12 }));
        let desktop = bought(&site, &year).await;
        let hourly = bought(&site, &purchase("t-2")).await;
        site.order(&renewal("t-3", &desktop, 2)).await;
        let renewed = site.settled("t-3").await;
        assert_eq!(renewed["price"], json!({ "currency": "CNY", "amount": "399.8" }));
        site.order(&changed(purchase("t-4"), &json!({ "TypeItemId": "desktop.n1.large" }))).await;
        site.settled("t-4").await;
        site.order(&release("t-5", &hourly)).await;
        site.settled("t-5").await;

        // Prices change, what was ordered before does not.
        std::fs::write(&file, BOOK.replace("199.90", "1").replace("0.5525", "2")).unwrap();
        let site = site.close().await.open(&["--prices", &file]).await;
        assert_eq!(site.order(&renewal("t-3", &desktop, 2)).await, renewed, "the same order");
        let orders = rows(&site, "/api/orders.csv").await;
        assert_eq!(column(&orders, "Client token"), ["t-5", "t-4", "t-3", "t-2", "t-1"]);
        assert_eq!(column(&orders, "Amount"), ["", "", "399.80", "0.5525", "2038.98"]);
        assert_eq!(column(&orders, "Currency"), ["", "", "CNY", "CNY", "CNY"]);
        assert_eq!(column(&orders, "Amount is for"), ["", "", "period", "hour", "period"]);
        assert_eq!(column(&orders, "Months"), ["", "", "2", "", "12"]);
        let (small, large) = ("desktop.n1.small", "desktop.n1.large");
        assert_eq!(column(&orders, "Desktop type"), [small, large, small, small, small], "of their desktops");
        assert_eq!(column(&orders, "State"), ["placed"; 5]);
        assert_eq!(orders[4]["Desktop ID"], desktop);
        assert_eq!(orders[2]["Desktop ID"], desktop);
        assert_eq!(orders[2]["Order ID"], renewed["order_id"]);

        let desktops = rows(&site, "/api/desktops.csv").await;
        assert_eq!(column(&desktops, "State"), ["in_use", "released", "in_use"]);
        assert_eq!(column(&desktops, "Amount of the purchase"), ["", "0.5525", "2038.98"]);
        assert_eq!(column(&desktops, "Amount of the purchase is for"), ["", "hour", "period"]);
        assert_eq!(column(&desktops, "Amount of the renewals"), ["", "", "399.80"]);
        assert_eq!(column(&desktops, "Months renewed"), ["0", "0", "2"]);
        let list = site.get("/api/desktops?q=t-1").await.json();
        let until = list["desktops"][0]["valid_until"].as_i64().unwrap();
        assert_eq!(until, shared::calendar::add_months(first_sent(&url, "t-1").await, 14));
        let day = shared::calendar::Date::of(until).to_string();
        assert_eq!(column(&desktops, "Valid until, by our records (UTC+8)"), ["", "", &day]);
    }
}

#[tokio::test]
async fn each_amount_has_its_own_currency() {
    for cloud in databases::each(&[]).await {
        let (site, file) = with_prices(cloud).await;
        let desktop = bought(&site, &subscription("t-1")).await;
        std::fs::write(&file, BOOK.replace("CNY", "USD").replace("199.90", "100000000")).unwrap();
        let site = site.close().await.open(&["--prices", &file]).await;
        site.order(&renewal("t-2", &desktop, 36)).await;
        site.settled("t-2").await;
        let desktops = rows(&site, "/api/desktops.csv").await;
        assert_eq!(column(&desktops, "Currency of the purchase"), ["CNY"]);
        assert_eq!(column(&desktops, "Amount of the renewals"), ["3600000000.00"]);
        assert_eq!(column(&desktops, "Currency of the renewals"), ["USD"]);
        let list: shared::order::Orders = serde_json::from_value(site.get("/api/orders").await.json()).unwrap();
        assert_eq!(list.orders.len(), 2, "the page reads what is above the highest price of a month");
    }
}

#[tokio::test]
async fn what_is_not_paid_has_no_amount() {
    for cloud in databases::each(&["sold-out-at-purchase"]).await {
        let (site, _) = with_prices(cloud).await;
        site.order(&subscription("t-1")).await;
        assert_eq!(site.settled("t-1").await["state"], "rejected");
        let orders = rows(&site, "/api/orders.csv").await;
        for name in ["Amount", "Currency", "Amount is for"] {
            assert_eq!(column(&orders, name), [""]);
        }
        let cloud = site.close().await;
        let file = cloud.folder.path().join("prices.toml");
        std::fs::write(&file, format!("example = true\n{BOOK}")).unwrap();
        let site = cloud.open(&["--prices", &file.display().to_string()]).await;
        assert_eq!(site.order(&subscription("t-2")).await["price"], Value::Null, "a price of an example");
    }
}

#[tokio::test]
async fn the_filter_holds_and_every_row_comes_once() {
    for cloud in databases::each(&["sold-out-before-purchase"]).await {
        let site = cloud.open(&[]).await;
        // Three pages of the journal, and a bit.
        let all: Vec<_> = (0..1_550).map(|number| format!("t-{number:04}")).collect();
        for tokens in all.chunks(100) {
            let with = |token: &String| changed(purchase(token), &json!({ "UserName": format!("={token}") }));
            assert_eq!(site.order_all(&tokens.iter().map(with).collect::<Vec<_>>()).await.status, 202);
        }
        let newest_first: Vec<_> = all.iter().rev().cloned().collect();
        let exported = rows(&site, "/api/orders.csv").await;
        assert_eq!(column(&exported, "Client token"), newest_first);
        let text = site.get("/api/orders.csv?q=t-0007&lang=zh").await;
        assert_eq!(text.header("content-disposition"), Some("attachment; filename=\"orders.csv\""));
        let text = String::from_utf8(text.body).unwrap();
        assert!(text.starts_with("\u{feff}幂等令牌,操作,"), "{text}");
        assert!(text.contains(",'=t-0007,"), "no cell is a formula: {text}");
        assert_eq!(text.matches("\r\n").count(), 2);
        assert_eq!(column(&rows(&site, "/api/orders.csv?user=%3Dt-0042").await, "User"), ["=t-0042"]);
        assert!(rows(&site, "/api/desktops.csv").await.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_asked_for() {
    let site = Site::with(&[]).await;
    site.get("/api/orders.csv?limit=5").await.problem("unknown_parameter");
    site.get("/api/orders.csv?released=true").await.problem("unknown_parameter");
    site.get("/api/desktops.csv?lang=fr").await.problem("invalid_parameter");
    assert_eq!(site.post("/api/orders.csv", &json!({})).await.status, 405);
}

/// A client of HTTP/1.0 takes an answer that breaks off for a whole one.
#[tokio::test]
async fn none_by_a_version_that_cannot_tell_the_end() {
    let site = Site::with(&[]).await;
    for (path, status) in [("/api/orders.csv", "505"), ("/api/desktops.csv", "505"), ("/api/orders", "200")] {
        let mut connection = TcpStream::connect(site.page).await.unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", site.page);
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{answer}");
        assert_eq!(answer.contains("http_version_too_old"), status == "505", "{answer}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_in_the_file() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let desktop = bought(&site, &subscription("t-1")).await;
        bought(&site, &subscription("t-2")).await;
        site.order(&renewal("t-3", &desktop, 1)).await;
        site.settled("t-3").await;
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&site.cloud.database_url()).await.unwrap();
        let statement = "UPDATE orders SET attempts = -1 WHERE token IN ('t-2', 't-3')";
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        let orders = rows(&site, "/api/orders.csv").await;
        assert_eq!(column(&orders, "Client token"), ["t-1", "t-3", "t-2"]);
        assert_eq!(column(&orders, "State"), ["placed", "could not be read", "could not be read"]);
        let desktops = rows(&site, "/api/desktops.csv?lang=zh").await;
        assert_eq!(column(&desktops, "购买的幂等令牌"), ["t-1", "t-2", "t-3"]);
        assert_eq!(column(&desktops, "状态"), ["in_use", "无法读取", "无法读取"]);
    }
}

#[tokio::test]
async fn each_exports_the_own_account_only() {
    for cloud in databases::each(&[]).await {
        let desk = Desk::on(cloud, &["--buyers=*", "--owner-claim=account"]).await;
        let of = |name: &str, account: Value| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
        let (ann, bob) = (of("ann", json!("11")), of("bob", json!("22")));
        desk.order(&[purchase("a-1")], &ann).await;
        desk.order(&[purchase("b-1")], &bob).await;
        for (cookie, token) in [(&ann, "a-1"), (&bob, "b-1")] {
            desk.settled(token, cookie).await;
            let orders = named(&desk.get("/api/orders.csv", cookie).await.body);
            assert_eq!(column(&orders, "Client token"), [token]);
            let desktops = named(&desk.get("/api/desktops.csv", cookie).await.body);
            assert_eq!(column(&desktops, "Client token of the purchase"), [token]);
        }
        desk.site.get("/api/orders.csv").await.problem("sign_in_required");
    }
}

#[tokio::test]
async fn an_export_is_in_the_audit_log() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let running = Running::serving(&cloud, &["--log=error"]);
    let url = running.page("/api/desktops.csv?user=zhang.san");
    let head = Reply::of(http().head(url.clone())).await;
    assert_eq!((head.status, head.header("content-length")), (200, None));
    assert_eq!(head.header("content-disposition"), Some("attachment; filename=\"desktops.csv\""));
    let reply = Reply::of(http().get(url)).await;
    assert_eq!(reply.status, 200);
    let ended = running.stop().await;
    for message in ["an export begins", "an export is complete"] {
        let lines = ended.saying(message);
        assert_eq!(lines.len(), 1, "{}", ended.log);
        assert_eq!((&lines[0]["target"], &lines[0]["file"]), (&json!("audit"), &json!("desktops.csv")));
        let request = &lines[0]["span"]["request_id"];
        assert_eq!(request, reply.header("x-request-id").unwrap(), "{}", ended.log);
    }
    assert!(!ended.log.contains("zhang.san"), "whose desktops is nobody's business: {}", ended.log);
}
