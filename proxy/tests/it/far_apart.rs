//! Filters that each leave many orders and hardly meet: pages may be short, and together have all that fits, on both databases.

use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{
    databases,
    site::{Site, changed, purchase},
};

/// Purchases of each of two people: more than are read one by one.
const EACH: i64 = 20_100;
/// Those of the first one that are in the region of the other's.
const MET: [i64; 5] = [3, 40, 7_000, 12_345, 20_001];

/// The user, the region and the end of the purchase with this number.
fn facts(seq: i64) -> (&'static str, &'static str, Option<i64>) {
    let is_first = seq <= EACH;
    let region = if is_first && !MET.contains(&seq) { "cn-hangzhou" } else { "cn-shanghai" };
    let end = (seq % 3 != 0).then(|| 1_900_000_000_000 + seq * 7_919 % 104_729 * 1_000);
    (if is_first { "first" } else { "second" }, region, end)
}

/// The tokens of all pages, and how many rows each page has.
async fn pages(site: &Site, list: &str, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut tokens, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = site.get(&format!("/api/{list}?limit=2&{query}{cursor}")).await.json();
        let rows = page[list].as_array().unwrap_or_else(|| panic!("{query}: {page}"));
        sizes.push(rows.len());
        tokens.extend(rows.iter().map(|row| row["token"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { return (tokens, sizes) };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn together_their_pages_have_all_that_fits() {
    for cloud in databases::each(&[]).await {
        let url = cloud.database_url();
        let cloud = cloud.open(&[]).await.close().await;
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        for first in (1..=2 * EACH).step_by(300) {
            let row = |seq: i64| {
                let (user, region, end) = facts(seq);
                let mut request = changed(purchase("x"), &json!({ "UserName": user }));
                for name in ["Action", "RegionId", "ClientToken"] {
                    request.as_object_mut().unwrap().remove(name);
                }
                let end = end.map_or_else(|| "NULL".to_owned(), |end| end.to_string());
                format!(
                    "('m-{seq}', 'CreateDesktop', '{region}', '{request}', '{user}', 'placed', FALSE, 1, {seq}, {seq}, {seq}, {seq}, \
                     {end}, 'd-{seq}', '{user}-m-{seq}', '', 0)"
                )
            };
            let rows: Vec<_> = (first..first + 300).filter(|seq| *seq <= 2 * EACH).map(row).collect();
            let statement = format!(
                "INSERT INTO orders (token, action, region, request, user_name, state, in_doubt, attempts, created_at, \
                 updated_at, seq, turn, valid_until, desktop_id, search, owner, lease_until) VALUES {}",
                rows.join(", ")
            );
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        let site = cloud.open(&[]).await;
        let tokens = |numbers: &[i64]| numbers.iter().map(|number| format!("m-{number}")).collect::<Vec<_>>();
        let mut newest = MET.to_vec();
        newest.reverse();
        for query in [
            "region=cn-shanghai&user=first",
            "region=cn-shanghai&q=first-",
            "region=cn-shanghai&q=FI",
            "user=first&q=m-&region=cn-shanghai&until=99999999",
        ] {
            for list in ["orders", "desktops"] {
                let (found, sizes) = pages(&site, list, query).await;
                assert_eq!(found, tokens(&newest), "{list} {query}");
                assert!(sizes.iter().all(|size| *size <= 2), "{list} {query}: {sizes:?}");
            }
            let none = pages(&site, "orders", &format!("{query}&action=DeleteDesktop")).await;
            assert_eq!(none, (Vec::new(), vec![0]), "{query}");
        }
        let end = |number: &i64| facts(*number).2;
        let mut by_end = MET.to_vec();
        by_end.sort_by_key(|number| (end(number).is_none(), end(number)));
        let mut last_end_first = newest.clone();
        last_end_first.sort_by_key(|number| (end(number).is_none(), end(number).map(|end| -end)));
        for (sort, expect) in
            [("valid_until", &by_end), ("-valid_until", &last_end_first), ("bought", &MET.to_vec()), ("-user", &newest)]
        {
            for filter in ["user=first", "q=first-m"] {
                let query = format!("region=cn-shanghai&{filter}&sort={sort}");
                assert_eq!(pages(&site, "desktops", &query).await.0, tokens(expect), "{query}");
            }
        }
        // As a file all of them are together.
        let file = site.get("/api/orders.csv?region=cn-shanghai&user=first").await;
        let file = String::from_utf8(file.body).unwrap();
        assert_eq!(file.matches(",m-").count().max(file.matches("\nm-").count()), MET.len(), "{file}");
    }
}
