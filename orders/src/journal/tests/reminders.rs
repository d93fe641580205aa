//! Notifications that nobody's order gives rise to: of what expires, and of limits that are reached.

use super::{
    outbox::{DAY, counts, due, place, told},
    *,
};
use crate::{Details, NotificationEvent};

/// A reminder that waited while its desktop was renewed or released is not told.
#[tokio::test]
async fn a_reminder_that_is_not_true_any_more_is_not_told() {
    let (journal, _folder, _) = journal().await;
    told(&journal, &[("all", &[NotificationEvent::Expiring])]).await;
    let tokens = ["t-1", "t-2", "t-3", "t-4"];
    accept(&journal, &tokens.map(|token| order(token, "a"))).await;
    for token in tokens {
        place(&journal, token).await;
    }
    let end = journal.now() + 6 * DAY;
    let set = async |what: &str| {
        let statement = format!("UPDATE orders SET {what}");
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(journal.pool()).await.unwrap();
    };
    set(&format!("valid_until = {end}")).await;
    assert_eq!(journal.remind(&[7]).await.unwrap(), 4);
    set("released = TRUE WHERE token = 't-1'").await;
    set(&format!("valid_until = {} WHERE token = 't-2'", end + 30 * DAY)).await;
    set(&format!("valid_until = {} WHERE token = 't-3'", journal.now() - 1)).await;
    // Two by two, of which the first are removed.
    let told = journal.due_notifications("all", 2).await.unwrap();
    assert_eq!(told.iter().map(|told| told.token.as_deref().unwrap()).collect::<Vec<_>>(), ["t-4"]);
    assert_eq!(counts(&journal).await, (1, 0));
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
    let limits = Limits { user_writes: Some(1), ..Limits::default() };
    let write = NewUserWrite {
        action: "CreateUser",
        region: order("t-7", "a").region,
        request: serde_json::Map::new(),
        principal: Principal { limits, ..person("li") },
    };
    journal.begin_user_write("w-1", &write).await.unwrap();
    journal.begin_user_write("w-2", &write).await.unwrap_err();
    let told = due(&journal, "all").await;
    assert_eq!(told.len(), 3, "of writes about users, too");
    assert_eq!(told[2].details.limit.as_ref().unwrap().unit, shared::limits::Unit::Users);
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
    // A target that is new, or was without its name for a while, is told what the others know.
    sqlx::query("UPDATE orders SET released = FALSE WHERE token = 't-1'").execute(journal.pool()).await.unwrap();
    assert_eq!(remind(&journal).await, 1);
    told(&journal, &[("later", NotificationEvent::ALL)]).await;
    assert_eq!((remind(&journal).await, remind(&journal).await), (1, 0));
}
