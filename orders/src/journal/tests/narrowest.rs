//! Lists are found by the filter that leaves the fewest rows, and in another order by its index where each leaves many.

use shared::order::{Sort, SortKey};

use super::{
    super::{
        conditions::FEW,
        desktops::conditions,
        narrowest::{Narrowest, Of},
    },
    *,
};

/// So many purchases for one account and user, and three of another's, which are the oldest.
async fn many(journal: &Journal) {
    let number = FEW + 10;
    let statement = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {number}) \
         INSERT INTO orders (token, action, region, request, state, in_doubt, attempts, created_at, updated_at, seq, turn, \
         user_name, search, desktop_id) SELECT 't-' || n, 'CreateDesktop', 'cn-hangzhou', json_object('TypeItemId', \
         'desktop.n1.small', 'ChargeType', 'POSTPAY', 'VpcId', 'vpc-1', 'ZoneId', 'cn-hangzhou-b', 'VSwitchId', 'vsw-1', \
         'ImageId', 'm-1', 'UserName', CASE WHEN n > 3 THEN 'many' ELSE 'rare' END, 'UserGroup', 'Users', 'ClientToken', \
         't-' || n, 'OwnerId', CASE WHEN n > 3 THEN '42' ELSE '7' END), 'placed', FALSE, 1, n, n, n, n, \
         CASE WHEN n > 3 THEN 'many' ELSE 'rare' END, 't-' || n || char(10) || 'desk-' || n, 'desk-' || n FROM numbers"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(journal.pool()).await.unwrap();
}

#[tokio::test]
async fn the_filter_that_leaves_the_fewest_finds_the_rows() {
    let (journal, _folder, _) = journal().await;
    many(&journal).await;
    let text = |text: &str| Some(text.to_owned());
    let account = |number: &str| Accounts::One(number.parse().ok());
    let search = |search: &str| Filter { search: text(search), limit: 50, ..Filter::default() };
    let check = async |filter: Filter, expect: Narrowest, index: Option<&str>| {
        let mut conditions = conditions(&filter);
        let found = journal.by_narrowest(&mut conditions, &filter, Of::Desktops).await.unwrap();
        assert_eq!((found, conditions.index), (expect, index), "{filter:?}");
        (conditions.is_search(), filter)
    };
    // What nearly everything has finds nothing soon, and what is rare does.
    check(search("desk-"), Narrowest::Many, None).await;
    check(search("t-20001\n"), Narrowest::Few, None).await;
    check(search("~~"), Narrowest::Nothing, None).await;
    for (filter, index) in [
        (Filter { accounts: account("7"), ..search("desk-") }, "orders_account"),
        (Filter { account: "7".parse().ok(), ..search("d") }, "orders_account"),
        (Filter { user: text("rare"), ..search("desk-") }, "orders_user"),
        (Filter { user: text("many"), accounts: account("7"), ..Filter::default() }, "orders_account"),
        (Filter { region: "cn-beijing".parse().ok(), accounts: account("42"), ..Filter::default() }, "orders_region"),
        (Filter { type_item: "desktop.g1".parse().ok(), ..search("desk-") }, "orders_types"),
        (Filter { until: Some(4), ..search("desk-") }, "orders_created"),
        (Filter { released: Some(true), ..search("desk-") }, "orders_desktops"),
        (Filter { valid_since: Some(1), ..search("desk-") }, "orders_ends"),
    ] {
        let (is_search, filter) = check(filter, Narrowest::Few, Some(index)).await;
        assert!(!is_search, "the search looks at these rows alone: {filter:?}");
    }
    // A search finds by itself what no filter leaves few of.
    check(Filter { user: text("many"), ..search("t-20001\n") }, Narrowest::Few, None).await;
    check(Filter { user: text("many"), ..search("desk-") }, Narrowest::Many, None).await;
}

#[tokio::test]
async fn pages_are_the_same_however_their_rows_are_found() {
    let (journal, _folder, _) = journal().await;
    many(&journal).await;
    let page = async |filter: Filter| {
        let found = journal.desktops(&Filter { limit: 2, ..filter }).await.unwrap();
        found.rows.iter().map(|desktop| desktop.token.to_string()).collect::<Vec<_>>()
    };
    let last = FEW + 10;
    for (search, user, descending, expect) in [
        ("desk-", None, false, vec!["t-1".to_owned(), "t-2".to_owned()]),
        ("DESK-", None, true, vec![format!("t-{last}"), format!("t-{}", last - 1)]),
        ("desk-", Some("rare"), true, vec!["t-3".to_owned(), "t-2".to_owned()]),
        ("desk-", Some("many"), false, vec!["t-4".to_owned(), "t-5".to_owned()]),
        ("desk-77", Some("many"), false, vec!["t-77".to_owned(), "t-770".to_owned()]),
        ("k_", None, false, Vec::new()),
        ("~~", None, false, Vec::new()),
        ("d", None, false, vec!["t-1".to_owned(), "t-2".to_owned()]),
    ] {
        let filter = Filter { search: Some(search.to_owned()), user: user.map(str::to_owned), ..Filter::default() };
        let sort = Some(Sort { key: SortKey::Bought, descending });
        assert_eq!(page(Filter { sort, ..filter.clone() }).await, expect, "{search} {user:?}");
        let mut newest = expect.clone();
        if !descending && !expect.is_empty() && search != "desk-77" {
            let first = if user == Some("rare") { 3 } else { last };
            newest = vec![format!("t-{first}"), format!("t-{}", first - 1)];
        } else if search == "desk-77" {
            newest = vec!["t-7799".to_owned(), "t-7798".to_owned()];
        }
        assert_eq!(page(filter).await, newest, "{search} {user:?}");
    }
}

#[tokio::test]
async fn a_search_for_two_characters_and_the_value_of_a_field_ask_the_index_for_both() {
    let (journal, _folder, _) = journal().await;
    let statement = "UPDATE orders SET fields = '{\"unit\":\"it\"}', search = search || char(10) || 'it'";
    accept(&journal, &[order("t-1", "王五"), order("t-2", "张三")]).await;
    sqlx::raw_sql(statement).execute(journal.pool()).await.unwrap();
    let fields = shared::order::fields::FieldValues::from([("unit".to_owned(), "it".to_owned())]);
    for (search, expect) in [("王五", &["t-1"] as &[_]), ("五", &["t-1"]), ("李", &[]), ("\n", &["t-2", "t-1"])] {
        let filter = Filter { search: Some(search.to_owned()), fields: fields.clone(), limit: 9, ..Filter::default() };
        let found = journal.list(&filter).await.unwrap().rows;
        let found: Vec<_> = found.iter().map(|order| order.token.to_string()).collect();
        assert_eq!(found, expect, "{search}");
    }
}

/// A page deep in the list, or long ago, looks at nothing that is before it.
#[tokio::test]
async fn the_index_of_searches_is_read_from_the_page_on() {
    let (journal, _folder, _) = journal().await;
    let of = |filter: Filter| Filter { search: Some("desk".to_owned()), ..filter }.conditions();
    for (filter, bound) in [
        (Filter { before: Some(7.into()), ..Filter::default() }, "rowid < $2)"),
        (Filter { until: Some(7), ..Filter::default() }, "rowid <= COALESCE((SELECT MAX(near.seq)"),
        (Filter { since: Some(7), ..Filter::default() }, "rowid >= COALESCE((SELECT MIN(near.seq)"),
    ] {
        let mut conditions = of(filter);
        let statement = conditions.newest(51, true);
        assert!(statement.contains(bound), "{statement}");
        let query = conditions.bind(sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))));
        let steps: Vec<(i64, i64, i64, String)> = query.fetch_all(journal.pool()).await.unwrap();
        // The letters are the bounds that the index is given.
        let search = steps.iter().find(|step| step.3.contains("orders_search VIRTUAL TABLE")).unwrap();
        assert!(search.3.contains('<') || search.3.contains('>'), "{steps:?}");
    }
}
