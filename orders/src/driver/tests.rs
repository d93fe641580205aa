//! Tests of what a driver remembers.

use std::sync::Arc;

use cloud::{AccessKey, ClientSettings, ConcurrencyLimit, CredentialsSource, Method, Observer};
use serde_json::json;
use shared::order::NewOrder;

use super::*;
use crate::Principal;

#[derive(Debug)]
struct Nobody;

impl Observer for Nobody {}

fn driver(journal: Journal) -> Driver {
    let settings = ClientSettings {
        endpoints: cloud::Endpoints::both_at(&"http://127.0.0.1:9".parse().unwrap()),
        cloud_desktop_version: "2020-08-01".to_owned(),
        vpc_version: "2016-04-28".to_owned(),
        write_method: Method::Post,
        attempt_deadline: Duration::from_secs(1),
        read_deadline: Duration::from_secs(1),
        backoff: Backoff { first: Duration::from_millis(5), longest: Duration::from_millis(50) },
        concurrency: ConcurrencyLimit { at_once: 1, waiting: 1 },
        cache_bytes: 0,
    };
    let key = AccessKey { access_key_id: "id".into(), access_key_secret: "secret".into(), security_token: None };
    let client = Client::new(settings, CredentialsSource::Fixed(key), Arc::new(Nobody)).unwrap();
    let settings = OrderSettings {
        database_url: String::new(),
        database_connections: None,
        deadline: Duration::from_mins(1),
        concurrency: 1,
        lease: Duration::from_mins(1),
        backoff: Backoff { first: Duration::from_millis(5), longest: Duration::from_millis(50) },
        owner_id: None,
    };
    Driver::new(journal, Arc::new(client), &settings, TaskTracker::new(), CancellationToken::new())
}

/// A journal with one purchase in it that was not sent.
async fn accepted(url: &str) -> (Journal, Entry) {
    let journal = Journal::open(url, Duration::from_mins(1)).await.unwrap();
    let request = json!({
        "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": "t-1", "TypeItemId": "desktop.n1.small",
        "ChargeType": "POSTPAY", "VpcId": "vpc-1", "ZoneId": "cn-hangzhou-b", "VSwitchId": "vsw-1", "ImageId": "img-1",
        "UserName": "a", "UserGroup": "Users",
    });
    let new = NewOrder::from_object(request.as_object().unwrap().clone()).unwrap();
    let accepted = journal.accept(std::slice::from_ref(&new), &Principal::default()).await.unwrap();
    let entry = accepted[0].new.clone().unwrap();
    (journal, entry)
}

/// The database has failed over to one without the last commits, and the look that would have shown it failed too.
#[tokio::test]
async fn what_a_driver_has_recorded_outlives_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("journal.sqlite").display());
    let (journal, accepted) = accepted(&url).await;
    let token = accepted.order.token.clone();
    let driver = driver(journal);
    driver.active.add(&token);
    let sent = Change { in_doubt: true, attempts: 1, ..Change::default() };
    driver.record(&accepted, Some(OrderEvent::Sent), sent).await.unwrap();

    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    sqlx::query("UPDATE orders SET state = 'accepted', in_doubt = FALSE, attempts = 0").execute(&pool).await.unwrap();
    let found = driver.found(&token).await.unwrap().unwrap();
    assert_eq!((found.order.state, found.in_doubt, found.order.attempts), (OrderState::Sending, true, 1));
}

/// Its time was up while it waited for its turn, or while no proxy ran: the cloud was not asked, and is not blamed.
#[tokio::test]
async fn an_order_that_was_never_sent_is_told_as_that() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("journal.sqlite").display());
    let (journal, accepted) = accepted(&url).await;
    let ended = driver(journal).give_up(accepted).await.unwrap();
    let problem = ended.order.problem.unwrap();
    assert_eq!((ended.order.state, ended.in_doubt), (OrderState::Rejected, false));
    assert_eq!((problem.code, problem.outcome), (Code::OrderExpired, Outcome::NotSent));
}
