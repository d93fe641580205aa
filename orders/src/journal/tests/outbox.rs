//! The outbox of notifications: what is written with which event, and who delivers what when.

use std::sync::{Arc, Mutex};

use shared::order::OrderState;

use super::*;
use crate::{Notification, NotificationEvent};

/// A day, in milliseconds.
pub(super) const DAY: i64 = 24 * 3_600_000;

pub(super) async fn told(journal: &Journal, targets: &[(&str, &[NotificationEvent])]) {
    let targets: Vec<_> = targets.iter().map(|(name, events)| ((*name).to_owned(), events.to_vec())).collect();
    journal.set_notification_targets(&targets).await.unwrap();
}

pub(super) async fn due(journal: &Journal, target: &str) -> Vec<Notification> {
    journal.due_notifications(target, 100).await.unwrap()
}

/// Event and order of what is due.
async fn due_events(journal: &Journal, target: &str) -> Vec<(&'static str, String)> {
    let about = |told: Notification| {
        (told.event.as_str(), told.order.map_or_else(String::new, |order| order.token.to_string()))
    };
    due(journal, target).await.into_iter().map(about).collect()
}

fn events(list: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    list.iter().map(|(event, token)| (*event, (*token).to_owned())).collect()
}

/// Those that wait, and those that are dead.
pub(super) async fn counts(journal: &Journal) -> (i64, i64) {
    let counts = journal.notification_counts().await.unwrap();
    (counts.waiting, counts.dead)
}

/// An attempt at a notification to "all" fails.
async fn fails(journal: &Journal, notification: &Notification, pause: Option<Duration>) {
    journal.not_delivered("all", &[(notification, pause)], "down", true).await.unwrap();
}

/// Lets so much time go by for what waits and for the targets.
async fn later(journal: &Journal, by: Duration) {
    for statement in [
        "UPDATE notifications SET since = since - $1, due_at = due_at - $1",
        "UPDATE notification_targets SET seen_at = seen_at - $1, lease_until = lease_until - $1, \
         failing_since = CASE WHEN failing_since > 0 THEN failing_since - $1 ELSE 0 END",
    ] {
        sqlx::query(statement).bind(millis(by)).execute(journal.pool()).await.unwrap();
    }
}

/// Places an order, as its driver does.
pub(super) async fn place(journal: &Journal, token: &str) {
    let sending = sent(journal, token).await;
    journal.record(&sending, Some(OrderEvent::Confirmed), placed()).await.unwrap();
}

#[tokio::test]
async fn an_event_is_written_for_whom_is_told_of_it() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("all", NotificationEvent::ALL), ("few", &[NotificationEvent::Rejected])]).await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "b"), order("t-3", "c")]).await;
    assert_eq!(due_events(&journal, "all").await, events(&[]));
    place(&journal, "t-1").await;
    let refusal = sent(&journal, "t-2").await;
    journal.record(&refusal, Some(OrderEvent::Refused), refused()).await.unwrap();
    let unknown = sent(&journal, "t-3").await;
    journal.record(&unknown, Some(OrderEvent::GaveUp), Change::default()).await.unwrap();
    let all = [("placed", "t-1"), ("rejected", "t-2"), ("unresolved", "t-3")];
    assert_eq!(due_events(&journal, "all").await, events(&all));
    let few = due(&journal, "few").await;
    assert_eq!((few.len(), few[0].details.code), (1, Some(Code::SoldOut)));
    assert_eq!(counts(&journal).await, (4, 0));
}

/// What a person finds out is told too, after what was told before, and not before that is delivered.
#[tokio::test]
async fn events_of_an_order_come_one_after_the_other() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("all", NotificationEvent::ALL)]).await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "b")]).await;
    let unknown = sent(&journal, "t-1").await;
    let unknown = journal.record(&unknown, Some(OrderEvent::GaveUp), Change::default()).await.unwrap();
    journal.record(&unknown, Some(OrderEvent::Confirmed), placed()).await.unwrap();
    place(&journal, "t-2").await;
    let first = due(&journal, "all").await;
    assert_eq!(due_events(&journal, "all").await, events(&[("unresolved", "t-1"), ("placed", "t-2")]));
    // It fails, and waits: the other order goes on, and this one does not.
    fails(&journal, &first[0], Some(Duration::from_mins(1))).await;
    assert_eq!(due_events(&journal, "all").await, events(&[("placed", "t-2")]));
    journal.delivered("all", &first[1..]).await.unwrap();
    assert_eq!(due_events(&journal, "all").await, events(&[]));
    // Dead, it holds up nothing.
    let failed = Notification { attempts: 1, ..first[0].clone() };
    fails(&journal, &failed, None).await;
    assert_eq!(due_events(&journal, "all").await, events(&[("placed", "t-1")]));
    let dead = journal.dead_notifications(10).await.unwrap();
    assert_eq!((dead.len(), dead[0].id.as_str(), dead[0].attempts), (1, first[0].id.as_str(), 2));
    assert_eq!(dead[0].fault.as_deref(), Some("down"));
    assert_eq!(journal.retry_notifications(Some("no such")).await.unwrap(), 0);
    assert_eq!(journal.retry_notifications(Some(&first[0].id)).await.unwrap(), 1);
    assert_eq!(due_events(&journal, "all").await, events(&[("unresolved", "t-1")]));
    let again = due(&journal, "all").await;
    assert_eq!((again[0].id.as_str(), again[0].attempts), (first[0].id.as_str(), 0), "the identifier stays");
}

#[tokio::test]
async fn a_target_is_delivered_to_by_one_proxy() {
    let (journal, _folder, url) = journal().await;
    told(&journal, &[("all", NotificationEvent::ALL)]).await;
    let other = open(&url).await.unwrap();
    let lease = Duration::from_mins(1);
    assert!(journal.claim_target("all", lease).await.unwrap() && journal.claim_target("all", lease).await.unwrap());
    assert!(!other.claim_target("all", lease).await.unwrap() && !other.claim_target("none", lease).await.unwrap());
    journal.release_leases().await.unwrap();
    assert!(other.claim_target("all", lease).await.unwrap());
}

/// A proxy with other settings, or with none, takes nothing from those who have a target.
#[tokio::test]
async fn what_waits_for_a_target_that_no_settings_have_any_more_is_dead() {
    const HOUR: Duration = Duration::from_hours(1);
    let (journal, _folder, url) = journal().await;
    told(&journal, &[("old", NotificationEvent::ALL)]).await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "a"), order("t-3", "a")]).await;
    place(&journal, "t-1").await;
    let other = open(&url).await.unwrap();
    told(&other, &[]).await;
    told(&other, &[("new", NotificationEvent::ALL)]).await;
    later(&journal, Duration::from_mins(59)).await;
    other.clear_notifications(HOUR).await.unwrap();
    place(&journal, "t-2").await;
    assert_eq!(due_events(&journal, "old").await, events(&[("placed", "t-1"), ("placed", "t-2")]));
    assert_eq!(due_events(&journal, "new").await, events(&[("placed", "t-2")]));
    journal.see_target("new", NotificationEvent::ALL).await.unwrap();
    later(&journal, Duration::from_mins(2)).await;
    other.clear_notifications(HOUR).await.unwrap();
    place(&journal, "t-3").await;
    assert_eq!(due_events(&journal, "new").await, events(&[("placed", "t-2"), ("placed", "t-3")]));
    assert_eq!(counts(&journal).await, (2, 2));
    assert_eq!(journal.retry_notifications(None).await.unwrap(), 0, "nobody would deliver it");
    let dead = journal.dead_notifications(10).await.unwrap();
    assert_eq!(journal.discard_notifications(Some(&dead[0].id)).await.unwrap(), 1);
    assert_eq!(counts(&journal).await, (2, 1));
    // What is dead is not kept for ever.
    later(&journal, HOUR * 24 * 29).await;
    journal.see_target("new", NotificationEvent::ALL).await.unwrap();
    journal.clear_notifications(HOUR).await.unwrap();
    assert_eq!(counts(&journal).await, (2, 1));
    later(&journal, HOUR * 24 * 2).await;
    journal.see_target("new", NotificationEvent::ALL).await.unwrap();
    journal.clear_notifications(HOUR).await.unwrap();
    assert_eq!(counts(&journal).await, (2, 0));
}

/// However much waits for it, of which each is tried seldom.
#[tokio::test]
async fn what_waits_for_a_target_that_fails_for_hours_is_given_up() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("all", NotificationEvent::ALL)]).await;
    let tokens: Vec<_> = (0..4).map(|number| format!("t-{number}")).collect();
    accept(&journal, &tokens.iter().map(|token| order(token, "a")).collect::<Vec<_>>()).await;
    for token in &tokens[..3] {
        place(&journal, token).await;
    }
    let hours = |hours| Duration::from_hours(hours);
    // Nobody was there to deliver: no fault of the target.
    later(&journal, hours(7)).await;
    let first = due(&journal, "all").await;
    fails(&journal, &first[0], Some(Duration::ZERO)).await;
    assert_eq!(counts(&journal).await, (3, 0));
    // It is well again, and then fails for long.
    journal.delivered("all", &first[..1]).await.unwrap();
    fails(&journal, &first[1], Some(Duration::ZERO)).await;
    later(&journal, hours(5)).await;
    place(&journal, "t-3").await;
    fails(&journal, &first[2], Some(Duration::ZERO)).await;
    assert_eq!(counts(&journal).await, (3, 0));
    assert!(journal.notification_counts().await.unwrap().oldest >= hours(12));
    later(&journal, hours(2)).await;
    let due = due(&journal, "all").await;
    fails(&journal, &due[0], Some(Duration::ZERO)).await;
    assert_eq!(counts(&journal).await, (1, 2), "what has come since then is still tried");
    assert!(journal.notification_counts().await.unwrap().oldest < hours(3));
    assert_eq!(journal.retry_notifications(None).await.unwrap(), 2);
    fails(&journal, &due[0], Some(Duration::ZERO)).await;
    assert_eq!(counts(&journal).await, (3, 0), "what is tried again by hand has its time again");
}

/// What a newer version has written, and what cannot be read, hold up nothing, and are not told as nothing.
#[tokio::test]
async fn what_cannot_be_read_holds_up_nothing() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("all", NotificationEvent::ALL)]).await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "a")]).await;
    place(&journal, "t-1").await;
    place(&journal, "t-2").await;
    sqlx::query("UPDATE notifications SET event = 'heard_of_later' WHERE token = 't-1'")
        .execute(journal.pool())
        .await
        .unwrap();
    let first = journal.due_notifications("all", 1).await.unwrap();
    assert_eq!((first.len(), first[0].token.as_deref()), (1, Some("t-2")));
    sqlx::query("UPDATE orders SET region = '?' WHERE token = 't-2'").execute(journal.pool()).await.unwrap();
    let first = journal.due_notifications("all", 1).await.unwrap();
    assert!(first[0].order.is_none());
    assert_eq!((first[0].event, first[0].token.as_deref()), (NotificationEvent::Placed, Some("t-2")));
    assert_eq!(counts(&journal).await, (2, 0), "it is kept for the version that knows it");
}

/// Whatever fails, and in whatever order it is tried: of each order the events come in their order, and none is lost.
#[tokio::test]
async fn nothing_is_lost_and_nothing_overtaken() {
    for seed in 0..8 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (journal, _folder, _) = journal().await;
        told(&journal, &[("all", NotificationEvent::ALL)]).await;
        let tokens: Vec<_> = (0..6).map(|number| format!("t-{number}")).collect();
        accept(&journal, &tokens.iter().map(|token| order(token, "a")).collect::<Vec<_>>()).await;
        let received: Arc<Mutex<Vec<(String, OrderState)>>> = Arc::default();
        let mut open = tokens.clone();
        for step in 0.. {
            if let Some(token) = (!open.is_empty() && rng.bool()).then(|| open.swap_remove(rng.usize(..open.len()))) {
                let unknown = sent(&journal, &token).await;
                let unknown = journal.record(&unknown, Some(OrderEvent::GaveUp), Change::default()).await.unwrap();
                journal.record(&unknown, Some(OrderEvent::Confirmed), placed()).await.unwrap();
            }
            let due = journal.due_notifications("all", rng.usize(1..4)).await.unwrap();
            if due.is_empty() && open.is_empty() {
                break;
            }
            assert!(step < 1_000, "seed {seed}");
            for notification in due {
                match rng.u8(0..4) {
                    0 => fails(&journal, &notification, Some(Duration::ZERO)).await,
                    // Received, and not recorded: it comes again.
                    kind => {
                        let token = notification.order.as_ref().unwrap().token.to_string();
                        received.lock().unwrap().push((token, notification.event.as_str().parse().unwrap()));
                        if kind > 1 {
                            journal.delivered("all", &[notification]).await.unwrap();
                        }
                    }
                }
            }
        }
        let received = received.lock().unwrap();
        for token in &tokens {
            let mut of_order: Vec<_> =
                received.iter().filter(|(other, _)| other == token).map(|(_, state)| *state).collect();
            of_order.dedup();
            assert_eq!(of_order, [OrderState::Unresolved, OrderState::Placed], "seed {seed}, {token}");
        }
    }
}

/// The outbox is looked at all the time, and may be long.
#[tokio::test]
async fn what_is_due_is_found_by_an_index() {
    let (journal, _folder, _) = journal().await;
    let statement = format!("EXPLAIN QUERY PLAN {}", super::notifications::due_statement());
    let statement = journal.database.timed(&statement);
    let steps: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(statement).bind("all").bind(20).fetch_all(journal.pool()).await.unwrap();
    let steps: Vec<_> = steps.into_iter().map(|(.., step)| step).collect();
    let plan = steps.join("; ");
    assert!(plan.contains("INDEX notifications_waiting (target=?)") && !plan.contains("TEMP B-TREE"), "{plan}");
    assert!(plan.contains("INDEX notifications_of_order (target=? AND token=? AND seq<?)"), "{plan}");
}
