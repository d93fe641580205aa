//! Limits by period, type and money: what is beyond one is refused before anything is written, and says what is left.

use std::fs;

use serde_json::{Value, json};

use crate::{
    databases,
    signin::{Desk, person},
    site::{Cloud, Site, changed, purchase, renewal, subscription},
};

/// A month of pay as you go costs 720, a month of a subscription 100 and a year of it 1,080.
const PRICES: &str = r#"
currency = "CNY"
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "POSTPAY"
per_hour = 1
[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 100
percent_off = { 12 = 10 }
"#;

fn prices(cloud: &Cloud) -> String {
    let file = cloud.folder.path().join("prices.toml");
    fs::write(&file, PRICES).unwrap();
    format!("--prices={}", file.display())
}

fn months(token: &str, months: u8) -> Value {
    changed(subscription(token), &json!({ "Period": months }))
}

/// A problem's members about a limit.
fn beyond(problem: &Value) -> [&Value; 5] {
    ["field", "limit", "left", "unit", "currency"].map(|name| &problem[name])
}

fn left(limits: &Value, per: &str, unit: &str, whose: &str) -> Value {
    let limits = limits["limits"].as_array().unwrap().iter();
    let mut of = limits.filter(|limit| limit["per"] == per && limit["unit"] == unit && limit["whose"] == whose);
    of.next().unwrap_or_else(|| panic!("no {whose} {unit} {per}"))["left"].clone()
}

#[tokio::test]
async fn periods_and_types_are_bounded() {
    let site =
        Site::with_flags(&[], &["--longest-period=11", "--allowed-types=desktop.n1.small,desktop.n1.large"]).await;
    let order = async |operations: &[Value]| site.order_all(operations).await;
    let reply = order(&[months("t-1", 9), months("t-2", 12)]).await;
    let problem = reply.problem("period_limit");
    assert_eq!(beyond(&problem)[..4], [&json!("operations[1].Period"), &json!(11), &json!(11), &json!("months")]);
    assert_eq!((reply.status, &problem["outcome"]), (403, &json!("not_sent")));
    assert_eq!(order(&[renewal("t-1", "dk-1", 24)]).await.problem("period_limit")["field"], "Period");
    let medium = changed(purchase("t-1"), &json!({ "TypeItemId": "desktop.n1.medium" }));
    assert_eq!(order(&[medium]).await.problem("type_not_allowed")["field"], "TypeItemId");
    assert_eq!(order(&[purchase("t-1"), months("t-2", 9)]).await.status, 202, "nothing was written before");

    let limits = site.get("/api/limits").await.json();
    assert_eq!(limits["longest_period"], 11);
    assert_eq!(limits["types"], json!(["desktop.n1.small", "desktop.n1.large"]));
    assert_eq!(limits["limits"], json!([]), "without sign-in nobody has a limit");
}

#[tokio::test]
async fn money_is_bounded_for_each_person_and_for_all() {
    for cloud in databases::each(&[]).await {
        let flags = ["--buyer-order-amount=1100", "--buyer-daily-amount=1180.00", "--overall-monthly-amount=1500"];
        let prices = prices(&cloud);
        let desk = Desk::on(cloud, &[&flags[..], &["--buyers=*", &prices]].concat()).await;
        let (ann, bob) = (desk.cookie(&person("ann"), 0), desk.cookie(&person("bob"), 0));

        let reply = desk.order(&[months("a-1", 9), months("a-2", 3)], &ann).await;
        let problem = reply.problem("amount_limit");
        let whole = [&json!("operations"), &json!("1100"), &json!("1100"), &json!("amount"), &json!("CNY")];
        assert_eq!(beyond(&problem), whole);
        assert_eq!(problem["per"], "order");

        assert_eq!(desk.order(&[months("a-1", 12)], &ann).await.status, 202);
        let limits = desk.get("/api/limits", &ann).await.json();
        assert_eq!(left(&limits, "day", "amount", "person"), "100");
        assert_eq!(left(&limits, "month", "amount", "everybody"), "420");
        assert_eq!(left(&limits, "order", "amount", "person"), "1100");
        assert_eq!(left(&limits, "day", "desktops", "person"), 99);
        assert_eq!(limits["limits"][0]["currency"], "CNY");
        assert_eq!(desk.order(&[months("a-1", 12)], &ann).await.status, 202, "the same order again is no other one");

        let problem = desk.order(&[purchase("a-2")], &ann).await.problem("amount_limit");
        assert_eq!(
            beyond(&problem),
            [&json!("operations"), &json!("1180"), &json!("100"), &json!("amount"), &json!("CNY")]
        );
        assert_eq!(problem["detail"], "The limit of money in a day is 1180; left: 100.");
        let desktop = desk.settled("a-1", &ann).await["desktop_id"].as_str().unwrap().to_owned();
        desk.order(&[renewal("a-3", &desktop, 2)], &ann).await.problem("amount_limit");
        assert_eq!(desk.order(&[renewal("a-3", &desktop, 1)], &ann).await.status, 202, "a renewal costs its months");

        let problem = desk.order(&[months("b-1", 4)], &bob).await.problem("overall_limit");
        assert_eq!(
            (&problem["left"], &problem["whose"], &problem["per"]),
            (&json!("320"), &json!("everybody"), &json!("month"))
        );
        assert_eq!(desk.order(&[months("b-1", 3)], &bob).await.status, 202);

        // What has no price cannot be counted.
        let medium = changed(purchase("b-2"), &json!({ "TypeItemId": "desktop.n1.medium" }));
        assert_eq!(desk.order(&[medium], &bob).await.problem("price_unknown")["field"], "TypeItemId");
        desk.order(&[renewal("b-3", "dk-elsewhere", 1)], &bob).await.problem("not_found");
        assert_eq!(
            desk.order(&[crate::site::release("b-4", &desktop)], &bob).await.status,
            202,
            "a release costs nothing"
        );
    }
}

#[tokio::test]
async fn two_proxies_do_not_exceed_together_what_all_may() {
    for cloud in databases::each(&[]).await {
        let prices = prices(&cloud);
        let flags = ["--overall-daily-limit=7", "--overall-daily-amount=900", prices.as_str()];
        let first = cloud.open(&flags).await;
        let second = first.beside(&flags).await;
        let orders = (0..24).map(|n| {
            let site = if n % 2 == 0 { &first } else { &second };
            async move { site.order_all(&[months(&format!("t-{n}"), 1 + n % 2)]).await.status }
        });
        let statuses = futures_util::future::join_all(orders).await;
        let accepted = statuses.iter().enumerate().filter(|(_, status)| **status == 202);
        let spent: usize = accepted.clone().map(|(n, _)| 100 * (1 + n % 2)).sum();
        assert!(accepted.count() <= 7 && (700..=900).contains(&spent), "{statuses:?}");
        assert!(statuses.iter().all(|status| [202, 403].contains(status)), "{statuses:?}");
    }
}

#[tokio::test]
async fn what_was_ordered_in_another_currency_is_no_part_of_a_limit() {
    for cloud in databases::each(&[]).await {
        let file = cloud.folder.path().join("dollars.toml");
        fs::write(&file, PRICES.replace("CNY", "USD")).unwrap();
        let (yuan, dollars) = (prices(&cloud), format!("--prices={}", file.display()));
        let flags = ["--overall-daily-amount=350", "--overall-monthly-amount=500"];
        let before = cloud.open(&[&flags[..], &[&yuan]].concat()).await;
        assert_eq!(before.order_all(&[months("t-1", 3)]).await.status, 202);
        let after = before.beside(&[&flags[..], &[&dollars]].concat()).await;
        let left_of = async |site: &Site| {
            let limits = site.get("/api/limits").await.json();
            [left(&limits, "day", "amount", "everybody"), left(&limits, "month", "amount", "everybody")]
        };
        assert_eq!(left_of(&after).await, ["350", "500"]);
        assert_eq!(after.order_all(&[months("t-2", 2)]).await.status, 202);
        let problem = after.order_all(&[months("t-3", 2)]).await.problem("overall_limit");
        assert_eq!((&problem["left"], &problem["currency"]), (&json!("150"), &json!("USD")));
        assert_eq!(left_of(&after).await, ["150", "300"]);
        assert_eq!(left_of(&before).await, ["50", "200"]);
        before.order_all(&[months("t-3", 1)]).await.problem("overall_limit");
    }
}

#[tokio::test]
async fn an_account_is_not_told_what_all_have_spent() {
    for cloud in databases::each(&[]).await {
        let prices = prices(&cloud);
        let flags = ["--buyers=*", "--owner-claim=account", "--overall-daily-limit=2", &prices];
        let desk = Desk::on(cloud, &flags).await;
        let of = |name: &str, account: &str| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
        let (ann, bob) = (of("ann", "11"), of("bob", "22"));
        assert_eq!(desk.order(&[purchase("a-1")], &ann).await.status, 202);
        let limits = desk.get("/api/limits", &bob).await.json();
        assert!(!limits.to_string().contains("everybody"), "{limits}");
        let problem = desk.order(&[purchase("b-1"), purchase("b-2")], &bob).await.problem("overall_limit");
        assert_eq!(beyond(&problem), [&json!("operations"), &Value::Null, &Value::Null, &Value::Null, &Value::Null]);
        assert_eq!(desk.order(&[purchase("b-1")], &bob).await.status, 202);
    }
}
