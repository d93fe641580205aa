//! The journal by itself, on a real file.

use serde_json::json;
use shared::{Outcome, actions::CreateDesktop, order::Operation};

use super::*;

async fn journal() -> (Journal, tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("journal.sqlite").display());
    (Journal::open(&url).await.unwrap(), folder, url)
}

fn order(token: &str, user: &str) -> NewOrder {
    let request = json!({
        "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": token, "TypeItemId": "desktop.n1.small",
        "ChargeType": "PREPAY", "Period": 3, "VpcId": "vpc-1", "ZoneId": "cn-hangzhou-b", "VSwitchId": "vsw-1",
        "ImageId": "img-1", "UserName": user, "UserGroup": "Users",
    });
    NewOrder::from_object(request.as_object().unwrap().clone()).unwrap()
}

async fn states(journal: &Journal) -> Vec<(String, OrderState)> {
    let shown = |order: Order| (order.token.to_string(), order.state);
    journal.newest(10).await.unwrap().into_iter().map(shown).collect()
}

#[tokio::test]
async fn an_order_comes_back_as_it_was_accepted() {
    let (journal, _folder, url) = journal().await;
    let new = order("t-1", "张 三*~");
    journal.accept(std::slice::from_ref(&new)).await.unwrap();
    drop(journal);
    let journal = Journal::open(&url).await.unwrap();
    let entry = journal.entry(&new.token).await.unwrap().unwrap();
    assert_eq!(entry.new, new);
    assert_eq!(entry.order.request, new.operation.parameters());
    assert!(!entry.in_doubt);
    assert_eq!(journal.unsettled().await.unwrap(), [new.token]);
}

#[tokio::test]
async fn a_token_stands_for_one_content() {
    let (journal, _folder, _) = journal().await;
    assert!(journal.accept(&[order("t-1", "a")]).await.unwrap()[0].1);
    assert!(!journal.accept(&[order("t-1", "a")]).await.unwrap()[0].1);
    let reused = journal.accept(&[order("t-1", "b")]).await;
    assert!(matches!(reused, Err(AcceptError::TokenReused(token)) if token.as_str() == "t-1"));

    // The account bought for is not content: it comes from the settings, and these may change.
    let mut for_another = order("t-1", "a");
    if let Operation::Create(CreateDesktop { owner_id, .. }) = &mut for_another.operation {
        *owner_id = Some("42".parse().unwrap());
    }
    assert!(!journal.accept(&[for_another]).await.unwrap()[0].1);
}

#[tokio::test]
async fn several_are_accepted_together_or_not_at_all() {
    let (journal, _folder, _) = journal().await;
    journal.accept(&[order("t-1", "a")]).await.unwrap();
    journal.accept(&[order("t-2", "a"), order("t-1", "other")]).await.unwrap_err();
    assert_eq!(states(&journal).await, [("t-1".to_owned(), OrderState::Accepted)]);
}

#[tokio::test]
async fn events_move_an_order_and_are_kept() {
    let (journal, _folder, _) = journal().await;
    let new = order("t-1", "a");
    journal.accept(std::slice::from_ref(&new)).await.unwrap();
    let accepted = journal.entry(&new.token).await.unwrap().unwrap();

    let sent = Change { in_doubt: true, attempts: 1, ..Change::default() };
    let sending = journal.record(&accepted, Some(OrderEvent::Sent), sent.clone()).await.unwrap();
    assert_eq!((sending.order.state, sending.order.attempts, sending.in_doubt), (OrderState::Sending, 1, true));

    // Whoever still holds the older state is told so, and changes nothing.
    let late = journal.record(&accepted, Some(OrderEvent::Sent), sent).await;
    assert!(matches!(late, Err(JournalError::Overtaken { .. })));

    let problem = Problem::new(Code::UpstreamTimeout, Outcome::Unknown);
    let waiting = Change { in_doubt: true, ..Change::from(problem.clone()) };
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
    assert!(journal.unsettled().await.unwrap().is_empty());

    // What is settled is settled.
    let again = journal.record(&placed, Some(OrderEvent::Sent), Change::default()).await;
    assert!(matches!(again, Err(JournalError::Overtaken { .. })));

    let events: Vec<(String, String)> = sqlx::query_as("SELECT event, state FROM history WHERE token = $1 ORDER BY id")
        .bind("t-1")
        .fetch_all(&journal.pool)
        .await
        .unwrap();
    let expect = [("accepted", "accepted"), ("sent", "sending"), ("answered", "sending"), ("confirmed", "placed")];
    assert_eq!(events, expect.map(|(event, state)| (event.to_owned(), state.to_owned())));
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
    .bind(&b"?"[..])
    .bind(0_i64)
    .execute(&journal.pool)
    .await
    .unwrap();
    assert!(matches!(Journal::open(&url).await, Err(JournalError::Newer)));
}
