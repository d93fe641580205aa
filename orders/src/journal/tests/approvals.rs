//! Orders that await approval: nobody drives them, and each is decided once.

use futures_util::future::join_all;
use shared::{ids::OwnerId, order::HistoryEntry};

use super::*;
use crate::{ApprovalBounds, DecideError};

const HOUR: Duration = Duration::from_hours(1);

fn principal(id: &str) -> Principal {
    Principal { name: Some(format!("{id}@example.com")), id: Some(id.to_owned()), ..Principal::default() }
}

/// Somebody whose orders wait, all of them.
fn buyer(expiry: Duration) -> Principal {
    Principal { approval: ApprovalBounds { always: true, expiry, ..ApprovalBounds::default() }, ..principal("ann") }
}

/// Has orders wait.
async fn wait(journal: &Journal, tokens: &[&str], buyer: &Principal) {
    let orders: Vec<_> = tokens.iter().map(|token| order(token, "a")).collect();
    for accepted in journal.accept(&orders, buyer).await.unwrap() {
        assert_eq!(accepted.order.state, OrderState::AwaitingApproval);
        assert!(!journal.is_ours(&accepted.new.unwrap()));
    }
}

async fn decide(journal: &Journal, tokens: &[&str], event: OrderEvent, by: &str) -> Result<Vec<bool>, DecideError> {
    let tokens: Vec<_> = tokens.iter().map(|token| token.parse().unwrap()).collect();
    let decided = journal.decide(&tokens, event, &principal(by), Some("for the new office")).await?;
    Ok(decided.into_iter().map(|one| one.is_new).collect())
}

async fn history(journal: &Journal, token: &str) -> Vec<HistoryEntry> {
    journal.history(&token.parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn what_awaits_approval_is_nobodys_and_takes_no_room() {
    let (journal, _folder, url) = journal().await;
    let (waits, goes) = (buyer(HOUR), principal("ann"));
    let request = |token: &str, principal: &Principal| Request {
        orders: vec![order(token, "a")],
        prices: Vec::new(),
        inherited: Vec::new(),
        types: DesktopTypes::new(),
        principal: principal.clone(),
    };
    let requests = [request("w-1", &waits), request("t-1", &goes), request("w-2", &waits), request("t-2", &goes)];
    let accepted = journal.accept_together(&requests, 2).await;
    let ours = |answer: &Result<Vec<super::super::Accepted>, AcceptError>| {
        journal.is_ours(answer.as_ref().unwrap()[0].new.as_ref().unwrap())
    };
    assert_eq!(accepted.iter().map(ours).collect::<Vec<_>>(), [false, true, false, true]);
    let other = open(&url).await.unwrap();
    assert!(other.take_over(10).await.unwrap().is_empty());
    assert!(journal.record(&entry(&journal, "w-1").await, Some(OrderEvent::Sent), Change::default()).await.is_err());

    assert_eq!(decide(&journal, &["w-1"], OrderEvent::Approved, "boss").await.unwrap(), [true]);
    let approved = entry(&journal, "w-1").await;
    assert_eq!((approved.order.state, approved.order.approve_until), (OrderState::Accepted, None));
    assert_eq!(approved.since, approved.order.updated_at, "its deadline counts from the approval");
    let taken = other.take_over(10).await.unwrap();
    assert_eq!(taken.iter().map(|entry| entry.order.token.as_str()).collect::<Vec<_>>(), ["w-1"]);
    let lines = history(&journal, "w-1").await;
    let told: Vec<_> = lines.iter().map(|line| (line.event, line.state, line.by.as_deref())).collect();
    assert_eq!(
        told,
        [
            (HistoryEvent::Accepted, OrderState::AwaitingApproval, None),
            (HistoryEvent::Approved, OrderState::Accepted, Some("boss@example.com")),
        ]
    );
    assert_eq!(lines[1].note.as_deref(), Some("for the new office"));
}

#[tokio::test]
async fn all_of_a_decision_or_nothing_of_it() {
    let (journal, _folder, _) = journal().await;
    wait(&journal, &["w-1", "w-2", "w-3"], &buyer(HOUR)).await;
    accept(&journal, &[order("t-1", "a")]).await;
    let approve = async |tokens: &[&str], by: &str| decide(&journal, tokens, OrderEvent::Approved, by).await;
    assert!(matches!(approve(&["w-1", "no"], "boss").await, Err(DecideError::NotFound { index: 1 })));
    assert!(matches!(approve(&["w-1"], "ann").await, Err(DecideError::OwnOrder { index: 0 })));
    assert!(matches!(approve(&["w-1", "t-1"], "boss").await, Err(DecideError::NotAwaiting { index: 1 })));
    let foreign = Principal { accounts: Accounts::One(OwnerId::try_from("42".to_owned()).ok()), ..principal("boss") };
    let tokens = ["w-1".parse().unwrap()];
    let hidden = journal.decide(&tokens, OrderEvent::Approved, &foreign, None).await;
    assert!(matches!(hidden, Err(DecideError::NotFound { index: 0 })));
    let nobody = journal.decide(&tokens, OrderEvent::Approved, &Principal::default(), None).await;
    assert!(matches!(nobody, Err(DecideError::OwnOrder { index: 0 })), "who is not known may be who ordered");
    let counts = journal.counts().await.unwrap();
    assert!(counts.contains(&(OrderState::AwaitingApproval, 3)) && counts.contains(&(OrderState::Accepted, 1)));

    assert_eq!(approve(&["w-1", "w-2", "w-1"], "boss").await.unwrap(), [true, true, false]);
    assert_eq!(history(&journal, "w-1").await.len(), 2, "one that is there twice is approved once");
    assert_eq!(approve(&["w-2", "w-3"], "chief").await.unwrap(), [false, true]);
    let declined = decide(&journal, &["w-3"], OrderEvent::Declined, "boss").await;
    assert!(matches!(declined, Err(DecideError::NotAwaiting { index: 0 })));
}

/// Who somebody is, is the identifier: people may have the same name.
#[tokio::test]
async fn an_approver_of_the_buyers_name_is_somebody_else() {
    let (journal, _folder, _) = journal().await;
    wait(&journal, &["w-1"], &buyer(HOUR)).await;
    let namesake = Principal { name: buyer(HOUR).name, ..principal("other") };
    let renamed = Principal { name: Some("renamed@example.com".to_owned()), ..principal("ann") };
    let tokens = ["w-1".parse().unwrap()];
    let own = journal.decide(&tokens, OrderEvent::Approved, &renamed, None).await;
    assert!(matches!(own, Err(DecideError::OwnOrder { index: 0 })));
    assert_eq!(journal.waiting(&Accounts::All, "ann").await.unwrap(), 0);
    assert_eq!(journal.waiting(&Accounts::All, "other").await.unwrap(), 1);
    let decided = journal.decide(&tokens, OrderEvent::Approved, &namesake, None).await.unwrap();
    assert!(decided[0].is_new);
    assert_eq!(history(&journal, "w-1").await[1].by, namesake.name);
}

/// As many as a batch may hold are changed by few statements, and go on in their order.
#[tokio::test]
async fn a_large_batch_is_decided_together_and_keeps_its_order() {
    let (journal, _folder, _) = journal().await;
    let tokens: Vec<_> = (0..150).map(|number| format!("w-{number:03}")).collect();
    let tokens: Vec<_> = tokens.iter().map(String::as_str).collect();
    wait(&journal, &tokens, &buyer(HOUR)).await;
    // One that is not as it was found keeps all of them.
    let found: Vec<_> = tokens.iter().map(|token| token.parse().unwrap()).collect();
    sqlx::query("UPDATE orders SET approve_until = 1 WHERE token = 'w-149'").execute(journal.pool()).await.unwrap();
    assert!(journal.decide(&found, OrderEvent::Approved, &principal("boss"), None).await.is_err());
    assert!(journal.counts().await.unwrap().contains(&(OrderState::AwaitingApproval, 150)));

    let approved = decide(&journal, &tokens[..149], OrderEvent::Approved, "boss").await.unwrap();
    assert_eq!(approved, [true; 149]);
    let taken = journal.take_over(200).await.unwrap();
    let mut taken: Vec<_> = taken.iter().map(|entry| (entry.turn, entry.order.token.as_str())).collect();
    taken.sort_unstable();
    assert_eq!(taken.iter().map(|(_, token)| *token).collect::<Vec<_>>(), tokens[..149]);
    for token in [tokens[0], tokens[64], tokens[148]] {
        let lines = history(&journal, token).await;
        assert_eq!(
            lines.iter().map(|line| line.event).collect::<Vec<_>>(),
            [HistoryEvent::Accepted, HistoryEvent::Approved]
        );
        assert_eq!(lines[1].note.as_deref(), Some("for the new office"));
    }
}

/// The page retries each order of a batch by itself, and one alone is within the bound that all together exceeded.
#[tokio::test]
async fn another_try_does_not_get_around_a_decision() {
    let (journal, _folder, _) = journal().await;
    let approval = ApprovalBounds { desktops: Some(1), expiry: HOUR, ..ApprovalBounds::default() };
    let buyer = Principal { approval, ..principal("ann") };
    wait(&journal, &["w-001", "w-002"], &buyer).await;
    decide(&journal, &["w-001", "w-002"], OrderEvent::Declined, "boss").await.unwrap();
    wait(&journal, &["w-001-r1"], &buyer).await;
    decide(&journal, &["w-001-r1"], OrderEvent::Approved, "boss").await.unwrap();
    wait(&journal, &["w-001-r2"], &buyer).await;
    let other = journal.accept(&[order("t-1", "a")], &buyer).await.unwrap();
    assert_eq!(other[0].order.state, OrderState::Accepted, "one alone is within the bound");
}

#[tokio::test]
async fn one_that_cannot_be_read_keeps_no_other_waiting() {
    let (journal, _folder, _) = journal().await;
    wait(&journal, &["w-1", "w-2"], &buyer(Duration::ZERO)).await;
    sqlx::query("UPDATE orders SET request = '{}' WHERE token = 'w-1'").execute(journal.pool()).await.unwrap();
    let expired = journal.expire().await.unwrap();
    assert_eq!(expired.iter().map(|order| order.token.as_str()).collect::<Vec<_>>(), ["w-2"]);
}

#[tokio::test]
async fn a_declined_order_was_never_sent_and_counts_no_more() {
    let (journal, _folder, _) = journal().await;
    let limits = Limits { desktops: Some(1), ..Limits::default() };
    let buyer = Principal { limits, ..buyer(HOUR) };
    wait(&journal, &["w-1"], &buyer).await;
    let refused = journal.accept(&[order("w-2", "a")], &buyer).await;
    assert!(matches!(refused, Err(AcceptError::Limit { .. })), "what waits counts");
    assert_eq!(journal.waiting(&Accounts::All, "boss").await.unwrap(), 1);
    assert_eq!(journal.waiting(&Accounts::All, "ann").await.unwrap(), 0, "not one's own");
    assert_eq!(journal.waiting(&Accounts::One("42".parse().ok()), "boss").await.unwrap(), 0);

    assert_eq!(decide(&journal, &["w-1"], OrderEvent::Declined, "boss").await.unwrap(), [true]);
    assert_eq!(decide(&journal, &["w-1"], OrderEvent::Declined, "chief").await.unwrap(), [false]);
    let declined = entry(&journal, "w-1").await;
    assert_eq!((declined.order.state, declined.order.attempts, declined.in_doubt), (OrderState::Rejected, 0, false));
    let problem = declined.order.problem.unwrap();
    assert_eq!((problem.code, problem.outcome), (Code::ApprovalDeclined, Outcome::NotSent));
    assert_eq!(journal.waiting(&Accounts::All, "boss").await.unwrap(), 0);
    wait(&journal, &["w-2"], &buyer).await;
}

/// Of many who decide at the same time, through two proxies, one is heard.
#[tokio::test]
async fn an_order_is_decided_once() {
    let (journal, _folder, url) = journal().await;
    let other = open(&url).await.unwrap();
    for round in 0..8 {
        let token = format!("w-{round}");
        wait(&journal, &[&token], &buyer(HOUR)).await;
        let decisions = (0..12).map(|n| {
            let (journal, token) = (if n % 2 == 0 { &journal } else { &other }, token.as_str());
            let event = if n % 3 == 0 { OrderEvent::Declined } else { OrderEvent::Approved };
            async move { decide(journal, &[token], event, &format!("boss-{n}")).await }
        });
        let decided = join_all(decisions).await;
        let new = decided.iter().filter(|one| one.as_ref().is_ok_and(|new| new == &[true])).count();
        assert_eq!(new, 1, "{decided:?}");
        let lines = history(&journal, &token).await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        let declined = lines[1].event == HistoryEvent::Declined;
        for (n, one) in decided.iter().enumerate() {
            assert_eq!(one.is_ok(), (n % 3 == 0) == declined, "who decided otherwise is told so");
        }
    }
}

#[tokio::test]
async fn an_order_that_nobody_decides_about_expires() {
    let (journal, _folder, url) = journal().await;
    wait(&journal, &["w-1", "w-2"], &buyer(Duration::ZERO)).await;
    wait(&journal, &["w-3"], &buyer(HOUR)).await;
    let late = decide(&journal, &["w-1"], OrderEvent::Approved, "boss").await;
    assert!(matches!(late, Err(DecideError::NotAwaiting { index: 0 })), "its time is over, whether or not it is swept");
    assert_eq!(journal.waiting(&Accounts::All, "boss").await.unwrap(), 1);
    let other = open(&url).await.unwrap();
    let (first, second) = tokio::join!(journal.expire(), other.expire());
    assert_eq!(first.unwrap().len() + second.unwrap().len(), 2);
    for token in ["w-1", "w-2"] {
        let expired = entry(&journal, token).await;
        let code = expired.order.problem.map(|problem| problem.code);
        assert_eq!((expired.order.state, expired.in_doubt), (OrderState::Rejected, false));
        assert_eq!(code, Some(Code::ApprovalExpired));
        assert_eq!(history(&journal, token).await.len(), 2, "once");
    }
    assert_eq!(entry(&journal, "w-3").await.order.state, OrderState::AwaitingApproval);
}

/// In a restored journal, an order that waits may have been approved and sent since. It is not sent from there, since nobody
/// may have approved it, and it is not said that it was not sent.
#[tokio::test]
async fn what_waits_in_a_restored_journal_is_for_a_person() {
    let (journal, folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a")]).await;
    wait(&journal, &["w-1", "w-2"], &buyer(HOUR)).await;
    let backup = folder.path().join("backup.sqlite");
    journal.backup(&backup).await.unwrap();
    let restored = open(&format!("sqlite://{}", backup.display())).await.unwrap();
    let of = async |token: &str| {
        let entry = entry(&restored, token).await;
        (entry.order.state, entry.in_doubt)
    };
    assert_eq!(of("t-1").await, (OrderState::Sending, true));
    assert_eq!(of("w-1").await, (OrderState::Unresolved, true));
    assert_eq!(of("w-2").await, (OrderState::Unresolved, true));
    let late = decide(&restored, &["w-1"], OrderEvent::Approved, "boss").await;
    assert!(matches!(late, Err(DecideError::NotAwaiting { index: 0 })));
    wait(&restored, &["w-3"], &buyer(HOUR)).await;
}
