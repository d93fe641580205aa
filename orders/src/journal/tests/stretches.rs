//! Two filters that each leave many orders and hardly meet: their pages are short, and together have what fits.

use std::time::Duration;

use shared::order::{Sort, SortKey};

use super::{
    super::{conditions::FEW, narrowest::Of, stretches::Effort},
    *,
};

/// One stretch a page.
const LITTLE: Effort = Effort { first: 9_000, time: Duration::ZERO };

/// The numbers of the old user's purchases in the other region.
const MET: [i64; 6] = [7, 12, 8_011, 8_016, 16_015, 16_020];

/// Purchases for two users, each of more than few: the older ones for `old` in one region, the others for `new` in another, but for
/// some that have the other region ([`MET`] for the old ones). Every second has an end, in an order of its own.
async fn two_kinds(journal: &Journal) {
    let each = FEW + 10;
    let is_old = format!("n <= {each}");
    let statement = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2 * {each}) \
         INSERT INTO orders (token, action, region, request, state, in_doubt, attempts, created_at, updated_at, seq, turn, \
         user_name, search, desktop_id, valid_until) SELECT 't-' || n, 'CreateDesktop', \
         CASE WHEN {is_old} = (n % 8004 IN (7, 12)) THEN 'cn-beijing' ELSE 'cn-hangzhou' END, json_object('TypeItemId', 'small', \
         'UserName', CASE WHEN {is_old} THEN 'old' ELSE 'new' END), 'placed', FALSE, 1, n, n, n, n, \
         CASE WHEN {is_old} THEN 'old' ELSE 'new' END, CASE WHEN {is_old} THEN 'old' ELSE 'new' END || 't-' || n, 'desk-' || n, \
         CASE WHEN n % 2 = 0 THEN n * 7919 % 104729 END FROM numbers"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(journal.pool()).await.unwrap();
}

/// The tokens of each page.
async fn pages(journal: &Journal, filter: &Filter, of: Of) -> Vec<Vec<String>> {
    let mut filter = filter.clone();
    let mut pages = Vec::new();
    loop {
        let page = match of {
            Of::Orders => journal.orders_with(&filter, LITTLE).await.unwrap(),
            Of::Desktops => journal.purchases_with(&filter, LITTLE).await.unwrap(),
        };
        pages.push(page.rows.into_iter().map(|row| row.token).collect());
        match page.next {
            Some(next) => filter.before = Some(next),
            None => return pages,
        }
    }
}

fn tokens(numbers: impl IntoIterator<Item = i64>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("t-{number}")).collect()
}

#[tokio::test]
async fn pages_are_short_and_together_have_all_that_fits() {
    let (journal, _folder, _) = journal().await;
    two_kinds(&journal).await;
    let text = |text: &str| Some(text.to_owned());
    let region = Filter { region: "cn-beijing".parse().ok(), limit: 4, ..Filter::default() };
    let newest = tokens(MET.into_iter().rev());
    for filter in [
        Filter { user: text("old"), ..region.clone() },
        Filter { search: text("oldt-"), ..region.clone() },
        Filter { search: text("ol"), ..region.clone() },
        Filter { user: text("old"), search: text("t-"), ..region.clone() },
    ] {
        for of in [Of::Orders, Of::Desktops] {
            let found = pages(&journal, &filter, of).await;
            assert!(found.len() > 1 && found[0].is_empty(), "{filter:?}: {found:?}");
            assert!(found.iter().all(|page| page.len() <= 4), "{filter:?}: {found:?}");
            assert_eq!(found.concat(), newest, "{filter:?}");
        }
    }
    // With the time of a page it is the same.
    let at_once = journal.list(&Filter { user: text("old"), limit: 6, ..region }).await.unwrap();
    assert!(tokens(MET.into_iter().rev()).starts_with(&tokens_of(&at_once.rows)), "{at_once:?}");
}

fn tokens_of(orders: &[shared::order::Order]) -> Vec<String> {
    orders.iter().map(|order| order.token.to_string()).collect()
}

#[tokio::test]
async fn so_they_are_in_another_order() {
    let (journal, _folder, _) = journal().await;
    two_kinds(&journal).await;
    let end = |number: i64| (number % 2 == 0).then_some(number * 7_919 % 104_729);
    for key in [SortKey::ValidUntil, SortKey::Bought, SortKey::User] {
        for (descending, released) in [(false, None), (true, None), (false, Some(false)), (true, Some(false))] {
            let mut expect = MET.to_vec();
            if key == SortKey::ValidUntil {
                expect.sort_unstable_by_key(|number| end(*number));
            }
            if descending {
                expect.reverse();
            }
            if key == SortKey::ValidUntil {
                // What has no end comes last in both directions.
                expect.sort_by_key(|number| end(*number).is_none());
            }
            let sort = Some(Sort { key, descending });
            let user = Some("old".to_owned());
            let region = "cn-beijing".parse().ok();
            let filter = Filter { sort, user, region, released, limit: 4, ..Filter::default() };
            let found = pages(&journal, &filter, Of::Desktops).await;
            assert!(found.len() > 2, "{filter:?}: {found:?}");
            assert_eq!(found.concat(), tokens(expect), "{filter:?}");
        }
    }
}

#[test]
fn a_stretch_is_as_long_as_the_time_is() {
    let effort = Effort { first: 100, time: Duration::from_millis(16) };
    let after = |took| effort.after(1_000, Duration::from_millis(took));
    assert_eq!([0, 1, 3, 4, 5, 99].map(after), [4_000, 2_000, 1_000, 1_000, 500, 500]);
    assert_eq!(effort.after(30, Duration::from_millis(99)), 25);
}
