//! Leases: who drives an order, and by which clock they end.

use super::*;

/// The lease in the journal counts, and not the one that the last owner remembers.
#[tokio::test]
async fn an_order_is_taken_over_when_its_lease_ends_and_not_before() {
    let (journal, _folder, url) = journal().await;
    accept(&journal, &[order("t-1", "a")]).await;
    let other = open(&url).await.unwrap();
    assert!(other.take_over(10).await.unwrap().is_empty());
    let before = entry(&journal, "t-1").await;
    assert!(journal.is_ours(&before));

    journal.release_leases().await.unwrap();
    assert_eq!(other.take_over(10).await.unwrap().len(), 1);
    assert!(other.take_over(10).await.unwrap().is_empty());
    assert!(other.is_ours(&entry(&other, "t-1").await));
    let late = journal.record(&before, Some(OrderEvent::Sent), Change::default()).await;
    assert!(matches!(late, Err(JournalError::Overtaken { .. })));
}

/// A proxy that is alone on a file does not wait for leases; others do.
#[tokio::test]
async fn a_lone_proxy_ends_expired_owners_leases() {
    let (journal, _folder, url) = journal().await;
    let presence = journal.hold_presence().await.unwrap();
    accept(&journal, &[order("t-1", "a")]).await;

    let beside = open(&url).await.unwrap();
    let presence_beside = beside.hold_presence().await.unwrap();
    assert!(beside.take_over(10).await.unwrap().is_empty());
    drop((presence, presence_beside));

    let after = open(&url).await.unwrap();
    let _presence = after.hold_presence().await.unwrap();
    assert_eq!(after.take_over(10).await.unwrap().len(), 1);
}

/// An order that is ours and that nobody drives is found by the next look at the leases; a row that cannot be read
/// costs no other.
#[tokio::test]
async fn leases_name_what_is_to_be_driven() {
    let (journal, _folder, url) = journal().await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "a")]).await;
    sqlx::query("UPDATE orders SET request = '{}' WHERE token = 't-2'").execute(journal.pool()).await.unwrap();
    let mut renewed: Vec<_> = journal.renew_leases().await.unwrap().iter().map(ToString::to_string).collect();
    renewed.sort();
    assert_eq!(renewed, ["t-1", "t-2"]);
    assert_eq!(states(&journal).await, [("t-1".to_owned(), OrderState::Accepted)]);
    journal.release_leases().await.unwrap();
    let taken = open(&url).await.unwrap().take_over(10).await.unwrap();
    assert_eq!(taken.iter().map(|entry| entry.order.token.as_str()).collect::<Vec<_>>(), ["t-1"]);
}

#[tokio::test]
async fn deadlines_go_by_the_clock_of_the_database() {
    let (journal, _folder, _) = journal().await;
    let now = journal.read_clock().await.unwrap();
    assert!(journal.now() >= now);
    let left = |ago: i64| journal.time_left(journal.now() - ago, Duration::from_secs(10)).is_zero();
    assert!(left(10_000) && left(600_000) && !left(1_000) && !left(-600_000));
}
