//! Tests of the journal on a SQLite file.

use serde_json::json;
use shared::{
    Code, Outcome,
    actions::CreateDesktop,
    limits::Quantity,
    order::{HistoryEvent, Operation},
};

use super::*;
use crate::{Accounts, Limits, Principal};

mod approvals;
mod facts;
mod leases;
mod limits;
mod narrowest;
mod outbox;
mod plans;
mod reminders;
mod stretches;
mod waiting;

pub(super) async fn journal() -> (Journal, tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("journal.sqlite").display());
    // As beside any file that is in use.
    std::fs::write(folder.path().join("journal.sqlite.lock"), "").unwrap();
    (open(&url).await.unwrap(), folder, url)
}

async fn open(url: &str) -> Result<Journal, JournalError> {
    Journal::open(url, Duration::from_secs(30)).await
}

/// Accepts orders, and returns whether each was new.
pub(super) async fn accept(journal: &Journal, orders: &[NewOrder]) -> Vec<bool> {
    journal
        .accept(orders, &Principal::default())
        .await
        .unwrap()
        .into_iter()
        .map(|accepted| accepted.new.is_some())
        .collect()
}

async fn entry(journal: &Journal, token: &str) -> Entry {
    journal.entry(&token.parse().unwrap()).await.unwrap().unwrap()
}

pub(crate) fn order(token: &str, user: &str) -> NewOrder {
    let request = json!({
        "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": token, "TypeItemId": "desktop.n1.small",
        "ChargeType": "PREPAY", "Period": 3, "VpcId": "vpc-1", "ZoneId": "cn-hangzhou-b", "VSwitchId": "vsw-1",
        "ImageId": "img-1", "UserName": user, "UserGroup": "Users",
    });
    NewOrder::from_object(request.as_object().unwrap().clone()).unwrap()
}

async fn states(journal: &Journal) -> Vec<(String, OrderState)> {
    let shown = |order: Order| (order.token.to_string(), order.state);
    let filter = Filter { limit: 10, ..Filter::default() };
    journal.list(&filter).await.unwrap().rows.into_iter().map(shown).collect()
}

#[tokio::test]
async fn an_order_comes_back_as_it_was_accepted() {
    let (journal, _folder, url) = journal().await;
    let new = order("t-1", "张 三*~");
    accept(&journal, std::slice::from_ref(&new)).await;
    drop(journal);
    let journal = open(&url).await.unwrap();
    let entry = journal.entry(&new.token).await.unwrap().unwrap();
    assert_eq!(entry.new, new);
    assert_eq!(entry.order.request, new.operation.parameters());
    assert!(!entry.in_doubt);
    assert_eq!(states(&journal).await, [("t-1".to_owned(), OrderState::Accepted)]);
}

#[tokio::test]
async fn a_token_stands_for_one_content() {
    let (journal, _folder, _) = journal().await;
    assert_eq!(accept(&journal, &[order("t-1", "a")]).await, [true]);
    assert_eq!(accept(&journal, &[order("t-1", "a")]).await, [false]);
    assert_eq!(accept(&journal, &[order("t-2", "a"), order("t-2", "a")]).await, [true, false]);
    let reused = journal.accept(&[order("t-3", "a"), order("t-1", "b")], &Principal::default()).await;
    assert!(matches!(reused, Err(AcceptError::TokenReused { index: 1 })));

    // The account bought for is not content: it comes from the settings, and these may change.
    let mut for_another = order("t-1", "a");
    if let Operation::Create(CreateDesktop { owner_id, .. }) = &mut for_another.operation {
        *owner_id = Some("42".parse().unwrap());
    }
    assert_eq!(accept(&journal, &[for_another]).await, [false]);
}

#[tokio::test]
async fn several_are_accepted_together_or_not_at_all() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a")]).await;
    journal.accept(&[order("t-2", "a"), order("t-1", "other")], &Principal::default()).await.unwrap_err();
    assert_eq!(states(&journal).await, [("t-1".to_owned(), OrderState::Accepted)]);
}

#[tokio::test]
async fn events_move_an_order_and_are_kept() {
    let (journal, _folder, _) = journal().await;
    let new = order("t-1", "a");
    accept(&journal, std::slice::from_ref(&new)).await;
    let accepted = journal.entry(&new.token).await.unwrap().unwrap();

    let sent = Change { in_doubt: true, attempts: 1, ..Change::default() };
    let sending = journal.record(&accepted, Some(OrderEvent::Sent), sent.clone()).await.unwrap();
    assert_eq!((sending.order.state, sending.order.attempts, sending.in_doubt), (OrderState::Sending, 1, true));

    // A holder of the older state gets an error, and changes nothing.
    let late = journal.record(&accepted, Some(OrderEvent::Sent), sent).await;
    assert!(matches!(late, Err(JournalError::Overtaken { .. })));

    let problem = Problem::new(Code::UpstreamTimeout, Outcome::Unknown);
    let waiting = Change { in_doubt: true, problem: Some(problem.clone()), ..Change::default() };
    let waiting = journal.record(&sending, None, waiting).await.unwrap();
    assert_eq!((waiting.order.state, waiting.order.problem.as_ref()), (OrderState::Sending, Some(&problem)));

    let ids = Change {
        order_id: Some("o-1".parse().unwrap()),
        desktop_id: Some("d-1".parse().unwrap()),
        upstream_request_id: Some("R-1".to_owned()),
        ..Change::default()
    };
    let placed = journal.record(&waiting, Some(OrderEvent::Confirmed), ids).await.unwrap();
    assert_eq!(placed.order.state, OrderState::Placed);
    assert_eq!(placed.order.desktop_id.as_deref(), Some("d-1"));
    assert_eq!(placed.order.problem, None);

    // A settled order does not change.
    let again = journal.record(&placed, Some(OrderEvent::Sent), Change::default()).await;
    assert!(matches!(again, Err(JournalError::Overtaken { .. })));

    let history = journal.history(&new.token).await.unwrap();
    let events: Vec<_> = history.iter().map(|line| (line.event, line.state, line.attempt, line.code)).collect();
    let expect = [
        (HistoryEvent::Accepted, OrderState::Accepted, 0, None),
        (HistoryEvent::Sent, OrderState::Sending, 1, None),
        (HistoryEvent::Answered, OrderState::Sending, 1, Some(Code::UpstreamTimeout)),
        (HistoryEvent::Confirmed, OrderState::Placed, 1, None),
    ];
    assert_eq!(events, expect);
    assert_eq!(history[3].upstream_request_id.as_deref(), Some("R-1"));
}

#[tokio::test]
async fn what_is_searched_for_is_found_by_each_of_its_names() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "Zhang_San"), order("t-2", "ZhangXSan")]).await;
    let sent = Change { in_doubt: true, attempts: 1, ..Change::default() };
    let sending = journal.record(&entry(&journal, "t-1").await, Some(OrderEvent::Sent), sent).await.unwrap();
    let ids = Change {
        order_id: Some("o-77".parse().unwrap()),
        desktop_id: Some("Desk-88".parse().unwrap()),
        ..Change::default()
    };
    journal.record(&sending, Some(OrderEvent::Confirmed), ids).await.unwrap();
    let find = async |search: &str| {
        let filter = Filter { search: Some(search.to_owned()), limit: 10, ..Filter::default() };
        let rows = journal.list(&filter).await.unwrap().rows;
        rows.into_iter().map(|order| order.token.to_string()).collect::<Vec<_>>()
    };
    for search in ["T-1", "o-77", "desk-88", "zhang_san", "g_s"] {
        assert_eq!(find(search).await, ["t-1"], "{search}");
    }
    assert_eq!(find("N1.SMALL").await, ["t-2", "t-1"]);
    assert_eq!(find("%").await, [""; 0]);
}

#[tokio::test]
async fn changes_are_listed_once_each_and_in_order() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "a"), order("t-3", "a")]).await;
    let sent = Change { in_doubt: true, attempts: 1, ..Change::default() };
    journal.record(&entry(&journal, "t-1").await, Some(OrderEvent::Sent), sent).await.unwrap();
    let tell = async |from: Position, limit: u32| {
        let (changes, position) = journal.changes(from, &Accounts::All, limit).await.unwrap();
        (changes.into_iter().map(|(at, order)| (at, order.token.to_string())).collect::<Vec<_>>(), position)
    };
    let named =
        |list: &[(Position, &str)]| list.iter().map(|(at, token)| (*at, (*token).to_owned())).collect::<Vec<_>>();
    assert_eq!(tell(0, 10).await, (named(&[(2, "t-2"), (3, "t-3"), (4, "t-1")]), 4));
    assert_eq!(tell(0, 2).await, (named(&[(1, "t-1"), (2, "t-2")]), 2));
    assert_eq!(tell(4, 10).await, (Vec::new(), 4));
    assert_eq!(journal.position().await.unwrap(), 4);
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_left_alone() {
    let (journal, _folder, url) = journal().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(9999_i64)
    .bind("from the future")
    .bind(true)
    .bind(b"?".to_vec())
    .bind(0_i64)
    .execute(journal.pool())
    .await
    .unwrap();
    assert!(matches!(open(&url).await, Err(JournalError::Newer)));
}

async fn sent(journal: &Journal, token: &str) -> Entry {
    let sent = Change { in_doubt: true, attempts: 1, ..Change::default() };
    journal.record(&entry(journal, token).await, Some(OrderEvent::Sent), sent).await.unwrap()
}

fn placed() -> Change {
    Change { order_id: Some("o-1".parse().unwrap()), desktop_id: Some("d-1".parse().unwrap()), ..Change::default() }
}

fn refused() -> Change {
    Change { problem: Some(Problem::new(Code::SoldOut, Outcome::Rejected)), ..Change::default() }
}

#[tokio::test]
async fn attempts_are_kept_with_their_answers() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a")]).await;
    let first = sent(&journal, "t-1").await;
    let answered = Answered { attempt: 1, outcome: AttemptOutcome::Unknown, answer: "HTTP 503 -".to_owned() };
    let problem = Some(Problem::new(Code::UpstreamUnavailable, Outcome::Unknown));
    let change = Change { in_doubt: true, problem, answered: Some(answered), ..Change::default() };
    journal.record(&first, None, Change { upstream_request_id: Some("R-1".to_owned()), ..change }).await.unwrap();
    sent(&journal, "t-1").await;
    let attempts = journal.attempts(&first.order.token).await.unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|a| {
            (a.attempt, a.outcome.as_deref(), a.code.as_deref(), a.upstream_request_id.as_deref(), a.answer.as_deref())
        })
        .collect();
    let expect = [
        (1, Some("unknown"), Some("upstream_unavailable"), Some("R-1"), Some("HTTP 503 -")),
        (2, None, None, None, None),
    ];
    assert_eq!(told, expect);
}

#[tokio::test]
async fn orders_are_counted_as_they_are_written() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "a"), order("t-3", "a")]).await;
    let settled = sent(&journal, "t-2").await;
    journal.record(&settled, Some(OrderEvent::Confirmed), placed()).await.unwrap();
    sent(&journal, "t-3").await;
    let counts: Vec<_> = journal.counts().await.unwrap().into_iter().filter(|(_, number)| *number > 0).collect();
    assert_eq!(counts, [(OrderState::Accepted, 1), (OrderState::Sending, 1), (OrderState::Placed, 1)]);
}

/// One that is refused takes no other along, and leaves nothing behind.
#[tokio::test]
async fn requests_are_accepted_together_each_by_itself() {
    let (journal, _folder, _) = journal().await;
    let request = |orders: &[NewOrder], principal: &Principal| Request {
        orders: orders.to_vec(),
        prices: Vec::new(),
        inherited: Vec::new(),
        types: DesktopTypes::new(),
        principal: principal.clone(),
    };
    let anyone = Principal::default();
    let limits = Limits { desktops: Some(1), ..Limits::default() };
    let limited = Principal { id: Some("li".to_owned()), limits, ..Principal::default() };
    let answers = journal
        .accept_together(
            &[
                request(&[order("t-1", "a")], &anyone),
                request(&[order("t-2", "a"), order("t-1", "b")], &anyone),
                request(&[order("t-3", "a")], &limited),
                request(&[order("t-4", "a")], &limited),
                request(&[order("t-1", "a"), order("t-2", "c")], &anyone),
            ],
            usize::MAX,
        )
        .await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, false, true]);
    let Err(AcceptError::Limit { limit, .. }) = &answers[3] else { panic!("{:?}", answers[3]) };
    assert_eq!((limit.limit, limit.left), (Quantity::Number(1), Quantity::Number(0)));
    let found: Vec<_> = states(&journal).await.into_iter().map(|(token, _)| token).collect();
    assert_eq!(found, ["t-2", "t-3", "t-1"]);
    assert_eq!(entry(&journal, "t-2").await.new, order("t-2", "c"));
}

/// SQLite prefers an index with a condition of equality, and would read all orders of an account.
#[tokio::test]
async fn desktops_and_their_later_orders_are_found_by_desktop() {
    let (journal, _folder, _) = journal().await;
    for accounts in [Accounts::All, Accounts::One(None), Accounts::One("42".parse().ok())] {
        let ids = || (0..500).map(|_| "desk-1");
        let queries = [
            (desktops::purchases(ids(), &accounts), "orders_desktop "),
            (desktops::later_orders(ids(), &accounts), "orders_target "),
            (desktops::purchases(["desk-1"], &accounts), "orders_desktop "),
        ];
        for (conditions, index) in queries {
            let statement = format!("EXPLAIN QUERY PLAN SELECT * FROM orders WHERE {} ORDER BY seq", conditions.all());
            let query = conditions.bind(sqlx::query_as(sqlx::AssertSqlSafe(statement)));
            let plan: Vec<(i64, i64, i64, String)> = query.fetch_all(journal.pool()).await.unwrap();
            assert!(plan[0].3.contains(&format!("USING INDEX {index}")), "{accounts:?}: {plan:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "b"), order("t-3", "c")]).await;
    sqlx::query("UPDATE orders SET request = '{}' WHERE token = 't-2'").execute(journal.pool()).await.unwrap();
    let page = journal.list(&Filter { limit: 2, ..Filter::default() }).await.unwrap();
    assert_eq!((page.rows.len(), page.skipped, page.next.is_some()), (1, vec!["t-2".to_owned()], true));
    sqlx::query("UPDATE orders SET state = 'placed', desktop_id = 'desk-' || token")
        .execute(journal.pool())
        .await
        .unwrap();
    let page = journal.desktops(&Filter { limit: 10, ..Filter::default() }).await.unwrap();
    assert_eq!((page.rows.len(), page.skipped), (2, vec!["t-2".to_owned()]));
}
