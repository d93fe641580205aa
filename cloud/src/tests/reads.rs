//! Which answers are cached, for how long, and which reads share a call.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use shared::{
    Action, Code,
    actions::{
        CreateUser, DescribeActivityDirectoryUsers, DescribeAvailableResource, DescribeDesktopOwner,
        DescribeDesktopTypeItems, DescribeImages, DescribeRegions, DescribeVSwitches, DescribeZones,
    },
};
use tokio::time::{Instant, advance, sleep};

use super::{Cloud, hangzhou};
use crate::{CallError, ConcurrencyLimit, Freshness, Read};

async fn read<A: Action>(cloud: &Cloud, request: A) -> Result<Read, CallError> {
    cloud.upstream.read(&hangzhou(), &request, Freshness::Declared).await
}

async fn read_anew<A: Action>(cloud: &Cloud, request: A) -> Result<Read, CallError> {
    cloud.upstream.read(&hangzhou(), &request, Freshness::New).await
}

fn zones() -> DescribeZones {
    DescribeZones::default()
}

fn stock() -> DescribeAvailableResource {
    DescribeAvailableResource {
        type_item_id: "desktop.n1.small".parse().unwrap(),
        zone_id: "cn-hangzhou-b".parse().unwrap(),
        charge_type: None,
    }
}

fn users() -> DescribeActivityDirectoryUsers {
    DescribeActivityDirectoryUsers { user_name: None }
}

fn user(number: usize) -> DescribeActivityDirectoryUsers {
    DescribeActivityDirectoryUsers { user_name: Some(format!("{number}")) }
}

/// Lets tasks that are ready run.
async fn settle() {
    sleep(Duration::from_millis(10)).await;
}

/// Everything that the page asks for when it is opened. Whether all of it came.
async fn open_page(cloud: &Cloud) -> bool {
    async fn came<A: Action>(cloud: &Cloud, request: A) -> bool {
        read(cloud, request).await.is_ok()
    }
    let (regions, types, owner, zones, switches, images, users, stock) = tokio::join!(
        came(cloud, DescribeRegions {}),
        came(cloud, DescribeDesktopTypeItems::default()),
        came(cloud, DescribeDesktopOwner {}),
        came(cloud, zones()),
        came(cloud, DescribeVSwitches::default()),
        came(cloud, DescribeImages::default()),
        came(cloud, users()),
        came(cloud, stock())
    );
    regions && types && owner && zones && switches && images && users && stock
}

#[tokio::test(start_paused = true)]
async fn a_thousand_pages_opened_at_once_are_one_call_a_question() {
    for scenarios in [&[][..], &["slow"]] {
        let cloud = Cloud::with(scenarios);
        let pages = join_all((0..1000).map(|_| open_page(&cloud))).await;
        assert!(pages.into_iter().all(|came| came));
        let calls = cloud.simulator.state().calls;
        assert_eq!(calls.len(), 8, "{calls:?}");
        assert!(calls.values().all(|count| *count == 1), "{calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_tells_its_age_and_is_new_again_in_time() {
    let cloud = Cloud::with(&[]);
    assert_eq!(read(&cloud, stock()).await.unwrap().age, None);
    advance(Duration::from_secs(19)).await;
    assert_eq!(read(&cloud, stock()).await.unwrap().age, Some(Duration::from_secs(19)));
    assert_eq!(cloud.calls::<DescribeAvailableResource>(), 1);
    cloud.set(&["sold-out"]);
    advance(Duration::from_secs(1)).await;
    let read = read(&cloud, stock()).await.unwrap();
    assert_eq!((read.age, &read.answer.body[..]), (None, &br#"{"Available":false}"#[..]));
    assert_eq!(cloud.calls::<DescribeAvailableResource>(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_does_while_one_new_one_is_fetched() {
    let cloud = Cloud::with(&[]);
    let first = read(&cloud, zones()).await.unwrap();
    cloud.set(&["slow", "empty"]);
    advance(DescribeZones::FRESH).await;
    let began = Instant::now();
    for stale in join_all((0..100).map(|_| read(&cloud, zones()))).await {
        let stale = stale.unwrap();
        assert_eq!((stale.age, stale.answer.body), (Some(DescribeZones::FRESH), first.answer.body.clone()));
    }
    assert_eq!(began.elapsed(), Duration::ZERO, "nobody waits");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(cloud.calls::<DescribeZones>(), 2);
    assert_eq!(&read(&cloud, zones()).await.unwrap().answer.body[..], br#"{"Zones":[]}"#);

    // Too old to be shown, it is asked for.
    cloud.set(&[]);
    advance(DescribeZones::FRESH + DescribeZones::STALE).await;
    assert_eq!(read(&cloud, zones()).await.unwrap().answer.body, first.answer.body);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_told_to_all_who_wait_and_not_remembered() {
    let cloud = Cloud::with(&["forbidden:DescribeZones"]);
    let answers = join_all((0..50).map(|_| read(&cloud, zones()))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap_err().code == Code::Forbidden));
    assert_eq!(cloud.calls::<DescribeZones>(), 1);
    cloud.set(&[]);
    assert!(read(&cloud, zones()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_outlives_an_upstream_that_is_down_and_does_not_hammer_it() {
    let cloud = Cloud::with(&[]);
    read(&cloud, zones()).await.unwrap();
    cloud.set(&["forbidden:DescribeZones"]);
    advance(DescribeZones::FRESH).await;
    for _ in 0..1000 {
        assert!(read(&cloud, zones()).await.unwrap().age.is_some());
        sleep(Duration::from_millis(10)).await;
    }
    // Ten seconds: one attempt at once, and one every five.
    let calls = cloud.calls::<DescribeZones>() - 1;
    assert!((2..=3).contains(&calls), "{calls}");
}

#[tokio::test(start_paused = true)]
async fn the_call_goes_on_when_the_one_who_began_it_is_gone() {
    let cloud = Cloud::with(&["slow"]);
    let (upstream, region) = (Arc::clone(&cloud.upstream), hangzhou());
    let first = tokio::spawn(async move { upstream.read(&region, &zones(), Freshness::Declared).await.is_ok() });
    settle().await;
    first.abort();
    assert!(read(&cloud, zones()).await.is_ok());
    assert_eq!(cloud.calls::<DescribeZones>(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_wants_it_new_gets_it_new_but_not_more_than_once_a_second() {
    let cloud = Cloud::with(&[]);
    read(&cloud, zones()).await.unwrap();
    advance(Duration::from_secs(1)).await;
    for _ in 0..100 {
        read_anew(&cloud, zones()).await.unwrap();
    }
    assert_eq!(cloud.calls::<DescribeZones>(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_write_is_seen_at_once() {
    for scenario in [&[][..], &["commit-then-hang:CreateUser"]] {
        let cloud = Cloud::with(scenario);
        let before = read(&cloud, users()).await.unwrap();
        let (user_name, email) = ("new.user".parse().unwrap(), "new.user@example.com".parse().unwrap());
        // Whether or not its answer comes back.
        let _ = cloud.upstream.call(&hangzhou(), &CreateUser { user_name, email }).await;
        let after = read(&cloud, users()).await.unwrap();
        assert_ne!(before.answer.body, after.answer.body);
        assert!(String::from_utf8_lossy(&after.answer.body).contains("new.user"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_check_before_a_purchase_is_never_remembered_but_what_it_finds_is() {
    let cloud = Cloud::with(&[]);
    read(&cloud, stock()).await.unwrap();
    advance(Duration::from_secs(1)).await;
    cloud.set(&["sold-out"]);
    for _ in 0..3 {
        assert!(!cloud.upstream.call(&hangzhou(), &stock()).await.unwrap().value.available);
    }
    assert_eq!(cloud.calls::<DescribeAvailableResource>(), 4);
    assert_eq!(&read(&cloud, stock()).await.unwrap().answer.body[..], br#"{"Available":false}"#);
    assert_eq!(cloud.calls::<DescribeAvailableResource>(), 4);
}

/// Ten thousand callers at once on a cloud that does not answer: a few calls are sent, a few wait, the rest is turned
/// away at once. When the cloud is back, so is the proxy.
#[tokio::test(start_paused = true)]
async fn a_hanging_upstream_costs_a_bounded_number_of_calls_and_passes() {
    let cloud = Cloud::limited(&["hang"], ConcurrencyLimit { at_once: 4, waiting: 8 });
    let began = Instant::now();
    let cloud = &cloud;
    let codes = join_all((0..10_000).map(|number| async move {
        let error = read(cloud, user(number)).await.unwrap_err();
        assert!(error.retry_after.is_some() || error.code == Code::UpstreamTimeout);
        (error.code, began.elapsed() < Duration::from_secs(1))
    }))
    .await;
    let at_once = codes.iter().filter(|answer| **answer == (Code::Throttled, true)).count();
    assert_eq!(at_once, 10_000 - 4 - 8, "the rest is told at once");
    assert!(began.elapsed() <= Duration::from_secs(21), "{:?}", began.elapsed());
    let calls = cloud.calls::<DescribeActivityDirectoryUsers>();
    assert!((4..=16).contains(&calls), "{calls}");

    cloud.set(&[]);
    assert!(read(cloud, user(1)).await.is_ok());
}
