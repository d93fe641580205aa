//! Orders wait in the journal until a proxy has room for them, and are taken in the order of their turns.

use super::*;

async fn request(journal: &Journal, tokens: &[&str], room: usize) -> Vec<bool> {
    let orders = tokens.iter().map(|token| order(token, "a")).collect();
    let (inherited, types) = (Vec::new(), DesktopTypes::new());
    let request = Request { orders, prices: Vec::new(), inherited, types, principal: Principal::default() };
    let accepted = journal.accept_together(&[request], room).await.remove(0).unwrap();
    accepted.into_iter().map(|accepted| journal.is_ours(&accepted.new.unwrap())).collect()
}

fn tokens(entries: &[Entry]) -> Vec<&str> {
    let mut tokens: Vec<_> = entries.iter().map(|entry| entry.order.token.as_str()).collect();
    tokens.sort_unstable();
    tokens
}

#[tokio::test]
async fn what_there_is_no_room_for_waits_for_any_proxy() {
    let (journal, _folder, url) = journal().await;
    assert_eq!(request(&journal, &["t-1", "t-2", "t-3", "t-4"], 2).await, [true, true, false, false]);
    assert_eq!(request(&journal, &["t-5"], 0).await, [false]);
    let other = open(&url).await.unwrap();
    // The only one of its request, it comes before those that have others of theirs before them.
    let taken = other.take_over(2).await.unwrap();
    assert_eq!(tokens(&taken), ["t-3", "t-5"]);
    assert!(taken.iter().all(|entry| other.is_ours(entry)));
    assert_eq!(tokens(&journal.take_over(10).await.unwrap()), ["t-4"]);
    assert!(journal.take_over(10).await.unwrap().is_empty());
    assert_eq!(journal.renew_leases().await.unwrap().len(), 3);
    assert_eq!(entry(&journal, "t-5").await.owner, *other.owner);
}

/// An order that waits has no driver, not even in the proxy that accepted it.
#[tokio::test]
async fn one_that_waits_is_nobodys() {
    let (journal, _folder, _) = journal().await;
    request(&journal, &["t-1"], 0).await;
    let waiting = entry(&journal, "t-1").await;
    assert!(!journal.is_ours(&waiting));
    let taken = journal.take_over(1).await.unwrap().remove(0);
    assert!(journal.is_ours(&taken));
    let late = journal.record(&waiting, Some(OrderEvent::Sent), Change::default()).await;
    assert!(matches!(late, Err(JournalError::Overtaken { .. })));
}

#[tokio::test]
async fn a_released_desktop_is_listed_as_one() {
    let (journal, _folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "b")]).await;
    for (token, desktop) in [("t-1", "d-1"), ("t-2", "d-2")] {
        let ids = Change { desktop_id: Some(desktop.parse().unwrap()), ..Change::default() };
        journal.record(&sent(&journal, token).await, Some(OrderEvent::Confirmed), ids).await.unwrap();
    }
    let release =
        json!({ "Action": "DeleteDesktop", "RegionId": "cn-hangzhou", "ClientToken": "t-3", "DesktopId": "d-1" });
    accept(&journal, &[NewOrder::from_object(release.as_object().unwrap().clone()).unwrap()]).await;
    let listed = async |released: Option<bool>, search: Option<&str>| {
        let search = search.map(str::to_owned);
        let filter = Filter { released, search, limit: 10, ..Filter::default() };
        let rows = journal.desktops(&filter).await.unwrap().rows;
        rows.into_iter().map(|desktop| desktop.desktop_id.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(listed(Some(true), None).await, [""; 0]);
    journal.record(&sent(&journal, "t-3").await, Some(OrderEvent::Confirmed), Change::default()).await.unwrap();
    assert_eq!(listed(Some(true), None).await, ["d-1"]);
    assert_eq!(listed(Some(false), None).await, ["d-2"]);
    assert_eq!(listed(None, None).await, ["d-2", "d-1"]);
    assert_eq!(listed(Some(true), Some("d-1")).await, ["d-1"]);
    assert_eq!(listed(Some(true), Some("d-2")).await, [""; 0]);
    assert_eq!(listed(None, Some("d-")).await, ["d-2", "d-1"]);
}
