//! The list of orders: pages and filters, in both databases.

use serde_json::{Value, json};

use crate::{
    databases,
    site::{Site, changed, purchase, release},
};

async fn tokens(site: &Site, query: &str) -> (Vec<String>, Option<String>) {
    let list = site.get(&format!("/api/orders?{query}")).await.json();
    let tokens = list["orders"].as_array().unwrap().iter().map(|order| order["token"].as_str().unwrap().to_owned());
    (tokens.collect(), list["next"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let all: Vec<_> = (0..25).map(|number| format!("t-{number}")).collect();
        let operations: Vec<_> = all.iter().map(|token| purchase(token)).collect();
        site.order_all(&operations[..20]).await;
        site.order_all(&operations[20..]).await;

        let (mut found, mut cursor) = tokens(&site, "limit=10").await;
        // What comes in between moves nothing.
        site.order(&purchase("later")).await;
        while let Some(next) = cursor {
            let (page, after) = tokens(&site, &format!("limit=10&cursor={next}")).await;
            found.extend(page);
            cursor = after;
        }
        let newest_first: Vec<_> = all.iter().rev().cloned().collect();
        assert_eq!(found, newest_first);
        assert_eq!(tokens(&site, "limit=26").await.1, None, "the last page says that it is the last");
    }
}

#[tokio::test]
async fn filters() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let with = |token: &str, change: Value| changed(purchase(token), &change);
        site.order(&purchase("T-one")).await;
        site.settled("T-one").await;
        site.order(&with("t-2", json!({ "UserName": "张伟" }))).await;
        let second = site.settled("t-2").await;
        site.order(&with("t-3", json!({ "ImageId": "m-none", "UserName": "li.si" }))).await;
        site.settled("t-3").await;
        site.order(&release("t-4", second["desktop_id"].as_str().unwrap())).await;
        site.settled("t-4").await;

        let check = async |query: &str, expect: &[&str]| assert_eq!(tokens(&site, query).await.0, expect, "{query}");
        check("", &["t-4", "t-3", "t-2", "T-one"]).await;
        check("state=placed", &["t-4", "t-2", "T-one"]).await;
        check("state=rejected,unresolved", &["t-3"]).await;
        check("action=DeleteDesktop", &["t-4"]).await;
        check("region=cn-hangzhou&limit=1", &["t-4"]).await;
        check("region=cn-beijing", &[]).await;
        check("user=%E5%BC%A0%E4%BC%9F", &["t-2"]).await;
        check("user=li", &[]).await;
        check("q=t-ONE", &["T-one"]).await;
        check("q=%E5%BC%A0", &["t-2"]).await;
        check("q=LI.S", &["t-3"]).await;
        check("q=n1.small", &["t-3", "t-2", "T-one"]).await;
        check(&format!("q={}", second["order_id"].as_str().unwrap()), &["t-2"]).await;
        check(&format!("q={}", second["desktop_id"].as_str().unwrap()), &["t-4", "t-2"]).await;
        check("q=%25", &[]).await;
        check("q=_", &[]).await;
        let at = second["created_at"].as_i64().unwrap();
        check(&format!("since={at}&until={}", at + 1), &["t-2"]).await;
        check(&format!("state=placed&user=zhang.san&since=0&until={at}&q=t"), &["T-one"]).await;
    }
}

#[tokio::test]
async fn an_order_tells_its_history_and_a_list_does_not() {
    let site = Site::with(&["commit-then-503:CreateDesktop"]).await;
    site.order(&purchase("t-1")).await;
    let order = site.settled_with_history("t-1").await;
    let history = order["history"].as_array().unwrap();
    let told: Vec<_> = history.iter().map(|line| (&line["event"], &line["state"], &line["attempt"])).collect();
    let expect = [
        ("accepted", "accepted", 0),
        ("sent", "sending", 1),
        ("answered", "sending", 1),
        ("sent", "sending", 2),
        ("confirmed", "placed", 2),
    ];
    let expect = expect.map(|(event, state, attempt)| (json!(event), json!(state), json!(attempt)));
    assert_eq!(told, expect.iter().map(|(event, state, attempt)| (event, state, attempt)).collect::<Vec<_>>());
    assert_eq!(history[2]["code"], "upstream_unavailable");
    assert!(history[4]["upstream_request_id"].is_string());
    assert!(history[1].get("code").is_none());
    assert!(site.get("/api/orders").await.json()["orders"][0].get("history").is_none());
}
