//! The outbox of notifications: what is written with which event, and who delivers what when.

use std::sync::{Arc, Mutex};

use shared::order::OrderState;

use super::*;
use crate::{Details, Notification, NotificationCounts, NotificationEvent};

/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

async fn told(journal: &Journal, targets: &[(&str, &[NotificationEvent])]) {
    let targets: Vec<_> = targets.iter().map(|(name, events)| ((*name).to_owned(), events.to_vec())).collect();
    journal.set_notification_targets(&targets).await.unwrap();
}

async fn due(journal: &Journal, target: &str) -> Vec<Notification> {
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

/// Places an order, as its driver does.
async fn place(journal: &Journal, token: &str) {
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
    assert_eq!(journal.notification_counts().await.unwrap(), NotificationCounts { waiting: 4, dead: 0 });
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
    journal.not_delivered(&first[0], "down", Some(Duration::from_mins(1))).await.unwrap();
    assert_eq!(due_events(&journal, "all").await, events(&[("placed", "t-2")]));
    journal.delivered(&first[1..]).await.unwrap();
    assert_eq!(due_events(&journal, "all").await, events(&[]));
    // Dead, it holds up nothing.
    let failed = Notification { attempts: 1, ..first[0].clone() };
    journal.not_delivered(&failed, "still down", None).await.unwrap();
    assert_eq!(due_events(&journal, "all").await, events(&[("placed", "t-1")]));
    let dead = journal.dead_notifications(10).await.unwrap();
    assert_eq!((dead.len(), dead[0].id.as_str(), dead[0].attempts), (1, first[0].id.as_str(), 2));
    assert_eq!(dead[0].fault.as_deref(), Some("still down"));
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

#[tokio::test]
async fn what_waits_for_a_target_that_is_gone_is_dead() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("old", NotificationEvent::ALL)]).await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "a")]).await;
    place(&journal, "t-1").await;
    told(&journal, &[("new", NotificationEvent::ALL)]).await;
    place(&journal, "t-2").await;
    assert_eq!(due_events(&journal, "new").await, events(&[("placed", "t-2")]));
    assert_eq!(journal.notification_counts().await.unwrap(), NotificationCounts { waiting: 1, dead: 1 });
    assert_eq!(journal.retry_notifications(None).await.unwrap(), 0, "nobody would deliver it");
    assert_eq!(journal.discard_notifications(None).await.unwrap(), 1);
    assert_eq!(journal.notification_counts().await.unwrap(), NotificationCounts { waiting: 1, dead: 0 });
}

#[tokio::test]
async fn a_limit_is_told_once_a_day_and_not_what_one_order_may_be() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("all", NotificationEvent::ALL)]).await;
    let limits = Limits { desktops: Some(1), ..Limits::default() };
    let person = |id: &str| Principal {
        id: Some(id.to_owned()),
        name: Some(format!("{id}@example.com")),
        limits,
        ..Principal::default()
    };
    journal.accept(&[order("t-1", "a")], &person("li")).await.unwrap();
    for token in ["t-2", "t-3"] {
        journal.accept(&[order(token, "a")], &person("li")).await.unwrap_err();
    }
    let reached = due(&journal, "all").await;
    assert_eq!(reached.len(), 1);
    let Details { limit, by, .. } = &reached[0].details;
    assert_eq!((limit.as_ref().unwrap().limit, by.as_deref()), (Quantity::Number(1), Some("li@example.com")));
    journal.accept(&[order("t-4", "a"), order("t-5", "a")], &person("wu")).await.unwrap_err();
    assert_eq!(due(&journal, "all").await.len(), 2, "another person's is another one");
    let bounds = crate::OrderBounds { longest_period: Some(1), ..Default::default() };
    journal.accept(&[order("t-6", "a")], &Principal { bounds, ..Principal::default() }).await.unwrap_err();
    assert_eq!(due(&journal, "all").await.len(), 2);
}

/// However often and by however many proxies it is looked for; and again after a renewal.
#[tokio::test]
async fn a_desktop_that_expires_is_told_once_for_each_threshold() {
    let (journal, _folder, url) = journal().await;
    told(&journal, &[("all", &[NotificationEvent::Expiring])]).await;
    accept(&journal, &[order("t-1", "a"), order("t-2", "b"), order("t-3", "c")]).await;
    for token in ["t-1", "t-2", "t-3"] {
        place(&journal, token).await;
    }
    let ends_in = async |token: &str, days: i64| {
        let end = journal.now() + days * DAY - 1_000;
        let update =
            sqlx::query("UPDATE orders SET valid_until = $1 WHERE token = $2").bind(end).bind(token.to_owned());
        update.execute(journal.pool()).await.unwrap();
    };
    ends_in("t-2", 6).await;
    ends_in("t-3", -1).await;
    let other = open(&url).await.unwrap();
    let remind = async |journal: &Journal| journal.remind(&[7, 30, 1]).await.unwrap();
    let (one, two) = tokio::join!(remind(&journal), remind(&other));
    assert_eq!(one + two, 1);
    assert_eq!(remind(&open(&url).await.unwrap()).await, 0);
    let due = due(&journal, "all").await;
    assert_eq!((due.len(), due[0].details.days, due[0].order.as_ref().unwrap().token.as_str()), (1, Some(7), "t-2"));
    ends_in("t-1", 30).await;
    ends_in("t-2", 1).await;
    assert_eq!(remind(&journal).await, 2);
    // Renewed, and then near its end once more.
    ends_in("t-2", 5).await;
    assert_eq!(remind(&journal).await, 1);
    // Nobody is told, and so nothing is noted.
    let events = [NotificationEvent::Placed];
    told(&journal, &[("all", &events)]).await;
    ends_in("t-2", 6).await;
    assert_eq!(remind(&journal).await, 0);
    told(&journal, &[("all", NotificationEvent::ALL)]).await;
    assert_eq!(remind(&journal).await, 1);
    sqlx::query("UPDATE orders SET released = TRUE").execute(journal.pool()).await.unwrap();
    ends_in("t-1", 3).await;
    assert_eq!(remind(&journal).await, 0, "released desktops expire no more");
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
                    0 => journal.not_delivered(&notification, "down", Some(Duration::ZERO)).await.unwrap(),
                    // Received, and not recorded: it comes again.
                    kind => {
                        let token = notification.order.as_ref().unwrap().token.to_string();
                        received.lock().unwrap().push((token, notification.event.as_str().parse().unwrap()));
                        if kind > 1 {
                            journal.delivered(&[notification]).await.unwrap();
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
    let statement = "EXPLAIN QUERY PLAN SELECT seq FROM notifications WHERE target = $1 AND state = 'waiting' AND due_at <= 7 \
         AND NOT EXISTS (SELECT 1 FROM notifications AS earlier WHERE earlier.target = $1 AND earlier.state = 'waiting' \
         AND earlier.token = notifications.token AND earlier.seq < notifications.seq) ORDER BY attempts, seq LIMIT 20";
    let steps: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(statement).bind("all").fetch_all(journal.pool()).await.unwrap();
    let steps: Vec<_> = steps.into_iter().map(|(.., step)| step).collect();
    let plan = steps.join("; ");
    assert!(plan.contains("INDEX notifications_waiting (target=?)") && !plan.contains("TEMP B-TREE"), "{plan}");
    assert!(plan.contains("INDEX notifications_of_order (target=? AND token=? AND seq<?)"), "{plan}");
}
