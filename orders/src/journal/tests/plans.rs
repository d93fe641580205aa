//! Every list, filter and search has an index that gives its rows in the order of the list, so that the first page costs the
//! same however many orders there are. SQLite's plans are looked at; those of PostgreSQL depend on what is in the tables.

use shared::order::{Sort, SortKey};

use super::{super::conditions::Walk, *};

/// The steps of SQLite's plan for a page.
async fn plan(journal: &Journal, mut conditions: super::super::conditions::Conditions) -> Vec<String> {
    let statement = format!("EXPLAIN QUERY PLAN {}", conditions.newest(51, true));
    let query = conditions.bind(sqlx::query_as(sqlx::AssertSqlSafe(statement)));
    let steps: Vec<(i64, i64, i64, String)> = query.fetch_all(journal.pool()).await.unwrap();
    steps.into_iter().map(|(.., step)| step).collect()
}

async fn check(filter: &Filter, expect: &[&str]) {
    let (journal, _folder, _) = journal().await;
    let steps = plan(&journal, filter.conditions()).await;
    assert_eq!(steps, expect, "{filter:?}");
}

#[tokio::test]
async fn each_filter_has_an_index_in_the_order_of_lists() {
    let text = |text: &str| Some(text.to_owned());
    check(&Filter::default(), &["SCAN orders USING INDEX orders_seq"]).await;
    check(&Filter { before: Some(7.into()), ..Filter::default() }, &["SEARCH orders USING INDEX orders_seq (seq<?)"])
        .await;
    check(
        &Filter { states: vec![OrderState::Unresolved], ..Filter::default() },
        &["SEARCH orders USING INDEX orders_state (state=?)"],
    )
    .await;
    check(
        &Filter { action: text("RenewDesktop"), ..Filter::default() },
        &["SEARCH orders USING INDEX orders_action (action=?)"],
    )
    .await;
    check(
        &Filter { region: "cn-beijing".parse().ok(), ..Filter::default() },
        &["SEARCH orders USING INDEX orders_region (region=?)"],
    )
    .await;
    check(
        &Filter { user: text("zhang.san"), ..Filter::default() },
        &["SEARCH orders USING INDEX orders_user (user_name=?)"],
    )
    .await;
    check(
        &Filter { accounts: Accounts::One(None), ..Filter::default() },
        &["SEARCH orders USING INDEX orders_account (account=?)"],
    )
    .await;
    for time in [Filter { since: Some(7), ..Filter::default() }, Filter { until: Some(7), ..Filter::default() }] {
        let (journal, _folder, _) = journal().await;
        let steps = plan(&journal, time.conditions()).await.join("; ");
        assert!(steps.contains("SEARCH orders USING INDEX orders_seq (seq"), "{steps}");
        assert!(steps.contains("USING COVERING INDEX orders_created (created_at"), "{steps}");
    }
    // Orders with later numbers and earlier times are passed over.
    let (journal, _folder, _) = journal().await;
    let steps = plan(&journal, Filter { since: Some(7), ..Filter::default() }.conditions()).await.join("; ");
    assert!(steps.contains("orders_seq (seq>? AND seq<?)"), "{steps}");
}

#[tokio::test]
async fn desktops_of_a_type_have_an_index() {
    let (journal, _folder, _) = journal().await;
    let filter = Filter { type_item: "desktop.n1.small".parse().ok(), ..Filter::default() };
    let mut conditions = filter.conditions();
    conditions.plain(super::super::filter::BOUGHT);
    conditions.one_of(["released = FALSE".to_owned()]);
    let steps = plan(&journal, conditions).await;
    assert_eq!(steps, ["SEARCH orders USING INDEX orders_types (type_item=? AND released=?)"]);
}

#[tokio::test]
async fn several_states_are_merged() {
    let (journal, _folder, _) = journal().await;
    let filter = Filter { states: vec![OrderState::Accepted, OrderState::Unresolved], ..Filter::default() };
    let steps = plan(&journal, filter.conditions()).await;
    let by_state = steps.iter().filter(|step| *step == "SEARCH orders USING INDEX orders_state (state=?)").count();
    assert_eq!(by_state, 2, "{steps:?}");
    assert!(steps.iter().all(|step| !step.starts_with("SCAN orders")), "{steps:?}");
}

#[tokio::test]
async fn a_search_asks_its_index() {
    let (journal, _folder, _) = journal().await;
    let filter = Filter { search: Some("zzzz".to_owned()), before: Some(7.into()), ..Filter::default() };
    let steps = plan(&journal, filter.conditions()).await;
    assert!(steps[0].starts_with("SCAN orders_search VIRTUAL TABLE INDEX"), "{steps:?}");
    assert_eq!(steps[1..], ["SEARCH orders USING INDEX orders_seq (seq=?)"]);
}

#[tokio::test]
async fn orders_to_be_driven_are_found_by_their_owner() {
    let (journal, _folder, _) = journal().await;
    for condition in ["owner = ''", "owner > '' AND lease_until < 7"] {
        let statement = format!(
            "EXPLAIN QUERY PLAN SELECT token FROM {} WHERE state IN ('accepted', 'sending') AND {condition} ORDER BY \
             owner, turn LIMIT 200",
            journal.database.by_index("orders", "orders_waiting")
        );
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(statement)).fetch_all(journal.pool()).await.unwrap();
        assert_eq!(steps.len(), 1, "{steps:?}");
        assert!(steps[0].3.starts_with("SEARCH orders USING INDEX orders_waiting (owner"), "{steps:?}");
    }
}

/// The steps of a page of desktops, as it is looked for without anything known of their number.
async fn desktops_plan(journal: &Journal, filter: &Filter) -> String {
    let mut conditions = super::super::desktops::conditions(filter);
    conditions.plain("released = FALSE");
    plan(journal, conditions).await.join("; ")
}

#[tokio::test]
async fn of_several_filters_the_narrowest_has_the_index() {
    let (journal, _folder, _) = journal().await;
    let region = Filter { region: "cn-beijing".parse().ok(), ..Filter::default() };
    let user = Filter { user: Some("nobody".to_owned()), ..region.clone() };
    let type_item = Filter { type_item: "x".parse().ok(), ..Filter::default() };
    let account = Filter { accounts: Accounts::One("7".parse().ok()), ..Filter::default() };
    for (filter, index) in [
        (Filter::default(), "orders_desktops"),
        (region, "orders_region"),
        (user, "orders_user"),
        (type_item, "orders_types"),
        (account, "orders_account"),
    ] {
        let steps = desktops_plan(&journal, &filter).await;
        assert!(steps.starts_with(&format!("SEARCH orders USING INDEX {index} (")), "{filter:?}: {steps}");
    }
    let mut rare = Filter { region: "cn-beijing".parse().ok(), ..Filter::default() }.conditions();
    rare.one_of(["state = 'unresolved'".to_owned()]);
    rare.few_by(Some("orders_state"));
    assert_eq!(plan(&journal, rare).await, ["SEARCH orders USING INDEX orders_state (state=?)"]);
    let mut ending = super::super::desktops::conditions(&Filter { valid_before: Some(7), ..Filter::default() });
    ending.plain("released = FALSE");
    ending.sorted_by("orders_ends");
    let steps = plan(&journal, ending).await.join("; ");
    assert!(steps.contains("USING COVERING INDEX orders_ends (released=? AND valid_until<?)"), "{steps}");
}

/// Only the few rows that were found are sorted; they are found in their order.
#[tokio::test]
async fn sorted_desktops_are_read_in_the_order_of_an_index() {
    let (journal, _folder, _) = journal().await;
    let place = super::super::place::Place { position: 7, end: Some(9) };
    // Purchases without a user, of which there are none, are not in the order of the index.
    for (key, index, sorts) in [
        (SortKey::ValidUntil, "orders_ends", 1),
        (SortKey::Bought, "orders_bought", 1),
        (SortKey::User, "orders_people", 3),
    ] {
        for (descending, behind) in [(false, None), (true, None), (false, Some(place)), (true, Some(place))] {
            let filter = Filter { since: Some(7), until: Some(9), ..Filter::default() };
            let mut conditions = super::super::desktops::conditions(&filter);
            conditions.one_of(["released = FALSE".to_owned(), "released = TRUE".to_owned()]);
            let statement = conditions.sorted(Sort { key, descending }, behind, Walk::Ordered(None), 51, true);
            let statement = format!("EXPLAIN QUERY PLAN {statement}");
            let query = conditions.bind(sqlx::query_as(sqlx::AssertSqlSafe(statement)));
            let steps: Vec<(i64, i64, i64, String)> = query.fetch_all(journal.pool()).await.unwrap();
            let steps: Vec<_> = steps.into_iter().map(|(.., step)| step).collect();
            let by_index = steps.iter().filter(|step| step.contains(&format!("INDEX {index} (released=?")));
            assert_eq!(by_index.count(), 4, "{steps:#?}");
            let sorted = steps.iter().filter(|step| step.contains("TEMP B-TREE"));
            assert_eq!(sorted.count(), sorts, "{steps:#?}");
        }
    }
}
