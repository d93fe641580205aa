//! What is known stays known: answers that come late, journals that lost commits, and restored copies.

use super::*;

/// Two proxies, of which the second has taken over what the first has sent.
async fn taken_over() -> (Journal, Journal, tempfile::TempDir, Entry) {
    let (journal, folder, url) = journal().await;
    accept(&journal, &[order("t-1", "a")]).await;
    let before = sent(&journal, "t-1").await;
    let other = open(&url).await.unwrap();
    journal.release_leases().await.unwrap();
    assert_eq!(other.take_over(10).await.unwrap().len(), 1);
    (journal, other, folder, before)
}

#[tokio::test]
async fn what_was_carried_out_is_placed_whoever_has_the_lease() {
    for other_sends in [false, true] {
        let (journal, other, _folder, before) = taken_over().await;
        if other_sends {
            sent(&other, "t-1").await;
        }
        let late = journal.record(&before, Some(OrderEvent::Confirmed), placed()).await;
        assert!(matches!(late, Err(JournalError::Overtaken { .. })));
        let known = journal.record_late(&before, Some(OrderEvent::Confirmed), placed()).await.unwrap();
        assert_eq!((known.order.state, known.order.order_id.as_deref()), (OrderState::Placed, Some("o-1")));
        // The other one sends no more.
        let stale = other.record(&entry(&other, "t-1").await, Some(OrderEvent::Sent), Change::default()).await;
        assert!(matches!(stale, Err(JournalError::Overtaken { .. })));
    }
    // Also when it was given up, or found not to be there by a person.
    for event in [OrderEvent::GaveUp, OrderEvent::Refused] {
        let (journal, other, _folder, before) = taken_over().await;
        other.record(&entry(&other, "t-1").await, Some(event), Change::default()).await.unwrap();
        let known = journal.record_late(&before, Some(OrderEvent::Confirmed), placed()).await.unwrap();
        assert_eq!(known.order.state, OrderState::Placed);
    }
}

#[tokio::test]
async fn a_late_refusal_settles_only_what_nobody_has_sent_since() {
    let (journal, _other, _folder, before) = taken_over().await;
    let known = journal.record_late(&before, Some(OrderEvent::Refused), refused()).await.unwrap();
    assert_eq!(known.order.state, OrderState::Rejected);

    let (journal, other, _folder, before) = taken_over().await;
    sent(&other, "t-1").await;
    journal.record_late(&before, Some(OrderEvent::Refused), refused()).await.unwrap();
    let now = entry(&other, "t-1").await;
    assert_eq!((now.order.state, now.in_doubt, now.order.attempts), (OrderState::Sending, true, 2));
    assert!(other.is_ours(&now));
}

/// As after a failover to a replica that lacks the last commits.
#[tokio::test]
async fn a_journal_that_lost_commits_is_brought_up_to_date_in_doubt() {
    let forget = async |journal: &Journal, statements: &[&'static str]| {
        for statement in statements {
            sqlx::query(*statement).execute(journal.pool()).await.unwrap();
        }
    };
    let sent_is_lost = "UPDATE orders SET state = 'accepted', in_doubt = FALSE, attempts = 0";
    let all_is_lost = ["DELETE FROM history", "DELETE FROM attempts", "DELETE FROM orders"];
    for lost in [&[sent_is_lost][..], &all_is_lost[..]] {
        let (journal, _folder, _) = journal().await;
        accept(&journal, &[order("t-1", "a")]).await;
        let before = sent(&journal, "t-1").await;
        forget(&journal, lost).await;
        assert!(journal.catch_up(&before).await.unwrap());
        let now = entry(&journal, "t-1").await;
        assert_eq!((now.order.state, now.in_doubt, now.order.attempts), (OrderState::Sending, true, 1), "{lost:?}");
        assert!(!journal.catch_up(&now).await.unwrap());

        forget(&journal, lost).await;
        let known = journal.record_late(&before, Some(OrderEvent::Confirmed), placed()).await.unwrap();
        assert_eq!((known.order.state, known.order.attempts), (OrderState::Placed, 1), "{lost:?}");
    }
}

#[tokio::test]
async fn what_is_restored_is_in_doubt() {
    let (journal, folder, url) = journal().await;
    let _presence = journal.hold_presence().await.unwrap();
    accept(&journal, &[order("t-1", "a"), order("t-2", "a"), order("t-3", "a")]).await;
    let settled = sent(&journal, "t-2").await;
    journal.record(&settled, Some(OrderEvent::Confirmed), placed()).await.unwrap();
    let copy = folder.path().join("backup.sqlite");
    let rights = |file: &std::path::Path| std::fs::metadata(file).unwrap().permissions();
    let original = folder.path().join("journal.sqlite");
    #[cfg(unix)]
    std::fs::set_permissions(&original, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    journal.backup(&copy).await.unwrap();
    assert_eq!(rights(&copy), rights(&original), "as private as the journal");
    assert!(matches!(journal.backup(&copy).await, Err(BackupError::Exists(_))));
    let is_in_doubt = async |journal: &Journal, token: &str| {
        let entry = entry(journal, token).await;
        (entry.order.state, entry.in_doubt)
    };
    // A backup, wherever it is opened; also a second time.
    for _ in 0..2 {
        let restored = open(&format!("sqlite://{}", copy.display())).await.unwrap();
        assert_eq!(is_in_doubt(&restored, "t-1").await, (OrderState::Sending, true));
        assert_eq!(is_in_doubt(&restored, "t-2").await.0, OrderState::Placed);
        assert!(restored.history(&"t-1".parse().unwrap()).await.unwrap().last().unwrap().note.is_some());
        restored.close().await;
    }
    // The one in use stays as it is, also when it is opened again.
    journal.keep_position().await;
    assert_eq!(is_in_doubt(&open(&url).await.unwrap(), "t-1").await, (OrderState::Accepted, false));
    // A copy of the file in its own place, which is older than what is known of it.
    let file = folder.path().join("journal.sqlite");
    let old = folder.path().join("old.sqlite");
    sqlx::query("VACUUM INTO $1").bind(old.to_str().unwrap()).execute(journal.pool()).await.unwrap();
    sent(&journal, "t-3").await;
    journal.keep_position().await;
    journal.close().await;
    assert!(!folder.path().join("journal.sqlite-wal").exists(), "one file holds everything");
    std::fs::copy(&old, file).unwrap();
    assert_eq!(is_in_doubt(&open(&url).await.unwrap(), "t-3").await, (OrderState::Sending, true));
    // And one elsewhere, which nothing beside it tells from the original; once, since from then on it is in use.
    let lines = async |journal: &Journal| journal.history(&"t-1".parse().unwrap()).await.unwrap().len();
    let elsewhere = open(&format!("sqlite://{}", old.display())).await.unwrap();
    assert_eq!(is_in_doubt(&elsewhere, "t-3").await, (OrderState::Sending, true));
    let before = lines(&elsewhere).await;
    elsewhere.close().await;
    assert_eq!(lines(&open(&format!("sqlite://{}", old.display())).await.unwrap()).await, before);
}

/// A file that has become shorter is still the one in use after a `VACUUM`, and only then.
#[tokio::test]
async fn a_vacuum_ends_nothing_and_a_file_that_was_cut_off_does() {
    let (journal, _folder, _) = journal().await;
    let file = journal.database.file().unwrap().to_owned();
    let length = || std::fs::metadata(&file).unwrap().len();
    let run = async |statements: &'static str| {
        sqlx::raw_sql(statements).execute(journal.pool()).await.unwrap();
    };
    run("CREATE TABLE ballast (x); INSERT INTO ballast VALUES (randomblob(1000000)); PRAGMA wal_checkpoint(TRUNCATE)")
        .await;
    assert_eq!(accept(&journal, &[order("t-1", "a")]).await, [true]);
    let before = length();
    run("DROP TABLE ballast").await;
    run("VACUUM").await;
    run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    assert!(length() < before);
    assert_eq!(accept(&journal, &[order("t-2", "a")]).await, [true]);
    run("PRAGMA wal_checkpoint(TRUNCATE)").await;
    drop(journal.database.begin().await.unwrap());

    let cut = length() / 2 / 4096 * 4096;
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(cut).unwrap();
    assert!(matches!(journal.database.begin().await, Err(JournalError::Replaced(_))));
}

/// SQLite would make an empty database in its place, and remove the log that has the newest orders.
#[tokio::test]
async fn a_connection_that_is_made_while_the_file_is_away_makes_no_other() {
    let (journal, folder, _) = journal().await;
    accept(&journal, &[order("t-1", "a")]).await;
    let at = |name: &str| folder.path().join(name);
    std::fs::rename(at("journal.sqlite"), at("aside.sqlite")).unwrap();
    let mut held = Vec::new();
    let refused = loop {
        match journal.pool().acquire().await {
            Ok(connection) => held.push(connection),
            Err(error) => break error,
        }
    };
    assert!(!at("journal.sqlite").exists() && at("journal.sqlite-wal").exists(), "{refused}");
    drop(held);
    std::fs::rename(at("aside.sqlite"), at("journal.sqlite")).unwrap();
    assert_eq!(accept(&journal, &[order("t-1", "a"), order("t-2", "b")]).await, [false, true]);
}
