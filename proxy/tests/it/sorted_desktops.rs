//! Desktops in another order than newest first: page after page, whether they are few and sorted or many and read by an index.

use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{
    databases,
    site::{Cloud, Site, changed, purchase, release, renewal, subscription},
};

/// The tokens of all pages, from this cursor on.
async fn tokens(site: &Site, query: &str, cursor: Option<String>) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), cursor);
    loop {
        let at = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = site.get(&format!("/api/desktops?{query}{at}")).await.json();
        let desktops = page["desktops"].as_array().unwrap_or_else(|| panic!("{query}: {page}"));
        found.extend(desktops.iter().map(|desktop| desktop["token"].as_str().unwrap().to_owned()));
        cursor = page["next"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return found;
        }
    }
}

/// Six desktops of three people: three with pay as you go, of which one was released.
async fn some(cloud: Cloud) -> Site {
    let site = cloud.open(&[]).await;
    let of = |token: &str, user: &str, months: Option<u8>| {
        let order = months.map_or_else(|| purchase(token), |_| subscription(token));
        changed(
            order,
            &months.map_or(json!({ "UserName": user }), |period| json!({ "UserName": user, "Period": period })),
        )
    };
    let orders = [
        of("t-1", "li.si", Some(1)),
        of("t-2", "张伟", None),
        of("t-3", "alice", Some(12)),
        of("t-4", "li.si", Some(3)),
        of("t-5", "alice", None),
        of("t-6", "li.si", None),
    ];
    let mut last = Value::Null;
    for order in &orders {
        site.order(order).await;
        last = site.settled(order["ClientToken"].as_str().unwrap()).await;
        assert_eq!(last["state"], "placed", "{last}");
    }
    site.order(&release("r-6", last["desktop_id"].as_str().unwrap())).await;
    assert_eq!(site.settled("r-6").await["state"], "placed");
    site
}

#[tokio::test]
async fn sorted_pages_follow_each_other_without_gap_or_repetition() {
    for cloud in databases::each(&[]).await {
        let site = some(cloud).await;
        for (sort, expect) in [
            ("valid_until", ["t-1", "t-4", "t-3", "t-2", "t-5", "t-6"]),
            ("-valid_until", ["t-3", "t-4", "t-1", "t-6", "t-5", "t-2"]),
            ("bought", ["t-1", "t-2", "t-3", "t-4", "t-5", "t-6"]),
            ("-bought", ["t-6", "t-5", "t-4", "t-3", "t-2", "t-1"]),
            ("user", ["t-3", "t-5", "t-1", "t-4", "t-6", "t-2"]),
            ("-user", ["t-2", "t-6", "t-4", "t-1", "t-5", "t-3"]),
        ] {
            for limit in [1, 2, 50] {
                assert_eq!(tokens(&site, &format!("sort={sort}&limit={limit}"), None).await, expect, "{sort}");
            }
            let in_use: Vec<_> = expect.into_iter().filter(|token| *token != "t-6").collect();
            let filtered = format!("sort={sort}&limit=1&released=false");
            assert_eq!(tokens(&site, &filtered, None).await, in_use, "{sort}");
            let of_li: Vec<_> = in_use.iter().filter(|token| ["t-1", "t-4"].contains(token)).collect();
            for filter in ["user=li.si", "q=LI.S", "valid_since=0&user=li.si"] {
                let filtered = format!("sort={sort}&limit=1&released=false&{filter}");
                assert_eq!(tokens(&site, &filtered, None).await.iter().collect::<Vec<_>>(), of_li, "{filtered}");
            }
        }
        assert_eq!(tokens(&site, "sort=-valid_until&limit=1&valid_since=0", None).await, ["t-3", "t-4", "t-1"]);
        site.get("/api/desktops?sort=token").await.problem("invalid_parameter");
        for other in ["/api/orders?sort=bought", "/api/desktops.csv?sort=bought", "/api/desktops/totals?sort=user"] {
            site.get(other).await.problem("unknown_parameter");
        }
    }
}

/// A renewal moves a desktop, and not the cursor that was behind it.
#[tokio::test]
async fn what_is_renewed_between_two_pages_leaves_nothing_out() {
    for cloud in databases::each(&[]).await {
        let site = some(cloud).await;
        let query = "sort=valid_until&limit=1&released=false";
        let first = site.get(&format!("/api/desktops?{query}")).await.json();
        let desktop = &first["desktops"][0];
        assert_eq!(desktop["token"], "t-1");
        site.order(&renewal("n-1", desktop["desktop_id"].as_str().unwrap(), 36)).await;
        assert_eq!(site.settled("n-1").await["state"], "placed");
        let rest = tokens(&site, query, first["next"].as_str().map(str::to_owned)).await;
        assert_eq!(rest, ["t-4", "t-3", "t-1", "t-2", "t-5"]);
    }
}

/// As many as are not sorted any more, straight into the journal.
const MANY: i64 = 20_200;

/// The user, the time of the purchase, the end and whether it was released, of the purchase with this number.
fn facts(seq: i64) -> (String, i64, Option<i64>, bool) {
    let is_released = seq % 11 == 0;
    let end = (seq % 5 != 0 && !is_released).then(|| 1_900_000_000_000 + seq * 7_919 % 10_007 * 1_000);
    (format!("User-{:05}", seq * 7_919 % 10_007), 1_700_000_000_000 + seq * 31 % 10_007, end, is_released)
}

#[tokio::test]
async fn many_are_read_in_the_order_of_an_index() {
    for cloud in databases::each(&[]).await {
        let url = cloud.database_url();
        let cloud = cloud.open(&[]).await.close().await;
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        for first in (1..=MANY).step_by(200) {
            let row = |seq: i64| {
                let (user, bought, end, is_released) = facts(seq);
                let mut request = changed(purchase("x"), &json!({ "UserName": user }));
                for name in ["Action", "RegionId", "ClientToken"] {
                    request.as_object_mut().unwrap().remove(name);
                }
                let end = end.map_or_else(|| "NULL".to_owned(), |end| end.to_string());
                format!(
                    "('m-{seq}', 'CreateDesktop', 'cn-hangzhou', '{request}', '{user}', 'placed', FALSE, 1, {bought}, {bought}, \
                     {seq}, {seq}, {end}, {is_released}, 'd-{seq}', '', '', 0)"
                )
            };
            let rows: Vec<_> = (first..first + 200).filter(|seq| *seq <= MANY).map(row).collect();
            let statement = format!(
                "INSERT INTO orders (token, action, region, request, user_name, state, in_doubt, attempts, created_at, \
                 updated_at, seq, turn, valid_until, released, desktop_id, search, owner, lease_until) VALUES {}",
                rows.join(", ")
            );
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        let site = cloud.open(&[]).await;
        for key in ["valid_until", "bought", "user"] {
            for descending in [false, true] {
                let mut expect: Vec<_> = (1..=MANY).collect();
                expect.sort_by_cached_key(|seq| {
                    let (user, bought, end, _) = facts(*seq);
                    let sign = if descending { -1 } else { 1 };
                    let value = match key {
                        "valid_until" => end.unwrap_or_default(),
                        "bought" => bought,
                        _ => user.trim_start_matches("User-").parse().unwrap(),
                    };
                    (key == "valid_until" && end.is_none(), sign * value, sign * seq)
                });
                let name = |seq: &i64| format!("m-{seq}");
                let sort = format!("sort={}{key}", if descending { "-" } else { "" });
                let (mut found, mut cursor) = (Vec::new(), String::new());
                // The first pages; of one order all of them.
                while found.len() < 600 || key == "valid_until" && !descending {
                    let page = site.get(&format!("/api/desktops?{sort}&limit=200{cursor}")).await.json();
                    let desktops = page["desktops"].as_array().unwrap_or_else(|| panic!("{sort}: {page}"));
                    found.extend(desktops.iter().map(|desktop| desktop["token"].as_str().unwrap().to_owned()));
                    let Some(next) = page["next"].as_str() else { break };
                    cursor = format!("&cursor={next}");
                }
                let expect: Vec<_> = expect.iter().take(found.len()).map(name).collect();
                assert!(found.len() >= 600 && found == expect, "{sort}: {:?}", &found[..9]);
                // By what nobody has counted it is looked for and sorted, which has to come to the same.
                let searched = site.get(&format!("/api/desktops?{sort}&limit=200&since=0")).await.json();
                assert_eq!(searched["desktops"][0]["token"], found[0], "{sort}");
                assert_eq!(searched["desktops"][199]["token"], found[199], "{sort}");
            }
        }
    }
}
