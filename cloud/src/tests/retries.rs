//! How often the upstream is asked and how long a call takes, by class and for every fault of the simulator. The tables
//! are matches over all faults, so one that is new does not compile before somebody has decided about it.

use std::{ops::RangeInclusive, time::Duration};

use shared::{
    Action, Class, Code,
    actions::{CreateDesktop, CreateUser, DescribeZones},
};
use simulator::Kind;
use tokio::time::Instant;

use super::{Cloud, hangzhou};

/// What a call comes to.
#[derive(Debug)]
pub(super) struct Expect {
    /// Requests that reach the upstream.
    pub(super) calls: u64,
    /// The error, if it is one.
    pub(super) code: Option<Code>,
    /// How long the call takes, in milliseconds.
    pub(super) takes: RangeInclusive<u64>,
}

const fn good(calls: u64, takes: RangeInclusive<u64>) -> Expect {
    Expect { calls, code: None, takes }
}

pub(super) const fn bad(calls: u64, code: Code, takes: RangeInclusive<u64>) -> Expect {
    Expect { calls, code: Some(code), takes }
}

pub(super) const AT_ONCE: RangeInclusive<u64> = 0..=0;
/// One pause of full jitter, and two.
const ONE_PAUSE: RangeInclusive<u64> = 0..=300;
pub(super) const TWO_PAUSES: RangeInclusive<u64> = 0..=900;
const SLOW: RangeInclusive<u64> = 1500..=1500;
/// The deadline of an attempt, and that of a read.
const ATTEMPT: RangeInclusive<u64> = 10_000..=10_000;
const READ: RangeInclusive<u64> = 20_000..=20_000;

/// A read: retried twice while its error is transient, and within its deadline.
fn read(kind: Kind) -> Option<Expect> {
    Some(match kind {
        // One of the two says when to come back; and after a throttling half a second passes between two calls.
        Kind::Throttled => good(3, 1500..=1600),
        Kind::ThrottledAlways => bad(3, Code::Throttled, 2000..=2000),
        Kind::NonceUsed => good(2, ONE_PAUSE),
        // With lasting credentials there are no others to try.
        Kind::TokenExpired => bad(1, Code::CredentialsRefused, AT_ONCE),
        Kind::ClockSkew => good(2, AT_ONCE),
        Kind::Slow => good(1, SLOW),
        Kind::Hang => bad(2, Code::UpstreamTimeout, READ),
        Kind::Html | Kind::Fail | Kind::Fail500 | Kind::Http200Error | Kind::CutOff => {
            bad(3, Code::UpstreamUnavailable, TWO_PAUSES)
        }
        Kind::WrongTypes => bad(1, Code::UpstreamUnintelligible, AT_ONCE),
        // These are about other actions, or change only what is in the answer.
        Kind::Empty
        | Kind::Strange
        | Kind::SoldOut
        | Kind::OddItems
        | Kind::Fractions
        | Kind::SoldOutZone
        | Kind::SoldOutBeforePurchase
        | Kind::SoldOutAtPurchase
        | Kind::SeventeenLeft
        | Kind::OwnerConfig
        | Kind::NoVSwitch
        | Kind::VSwitchPending
        | Kind::AdDomainMissing
        | Kind::AdCreateFailed
        | Kind::AdAccessFailed
        | Kind::InsufficientBalance
        | Kind::Forbidden
        | Kind::SlowFirstZone
        | Kind::FailFirstZone
        | Kind::HangFirstZone
        | Kind::NoIds
        | Kind::CommitThenDrop
        | Kind::CommitThen503
        | Kind::CommitThenHang => good(1, AT_ONCE),
        Kind::Chaos => return None,
    })
}

/// A write with a token: sent once. The order's driver sends it again, with its journal as the witness.
fn purchase(kind: Kind) -> Option<Expect> {
    Some(match kind {
        Kind::SoldOut | Kind::SoldOutAtPurchase => bad(1, Code::SoldOut, AT_ONCE),
        Kind::OwnerConfig => bad(1, Code::OwnerNotActive, AT_ONCE),
        Kind::InsufficientBalance => bad(1, Code::InsufficientBalance, AT_ONCE),
        // Nothing in the answer says that it was carried out.
        Kind::NoIds => bad(1, Code::UpstreamUnintelligible, AT_ONCE),
        Kind::Empty
        | Kind::OddItems
        | Kind::Fractions
        | Kind::SoldOutZone
        | Kind::SoldOutBeforePurchase
        | Kind::SeventeenLeft
        | Kind::NoVSwitch
        | Kind::VSwitchPending
        | Kind::AdDomainMissing
        | Kind::AdCreateFailed
        | Kind::AdAccessFailed
        | Kind::SlowFirstZone
        | Kind::FailFirstZone
        | Kind::HangFirstZone => good(1, AT_ONCE),
        _ => return write(kind),
    })
}

/// A write without a token: sent once. What became of it is looked up, never tried.
fn new_user(kind: Kind) -> Option<Expect> {
    Some(match kind {
        Kind::AdDomainMissing => bad(1, Code::DirectoryNotSet, AT_ONCE),
        Kind::AdCreateFailed => bad(1, Code::UserRefused, AT_ONCE),
        Kind::AdAccessFailed => bad(1, Code::DirectoryUnreachable, AT_ONCE),
        Kind::Empty
        | Kind::SoldOut
        | Kind::OddItems
        | Kind::Fractions
        | Kind::SoldOutZone
        | Kind::SoldOutBeforePurchase
        | Kind::SoldOutAtPurchase
        | Kind::SeventeenLeft
        | Kind::OwnerConfig
        | Kind::NoVSwitch
        | Kind::VSwitchPending
        | Kind::InsufficientBalance
        | Kind::SlowFirstZone
        | Kind::FailFirstZone
        | Kind::HangFirstZone
        | Kind::NoIds => good(1, AT_ONCE),
        _ => return write(kind),
    })
}

/// What both kinds of writes have in common.
fn write(kind: Kind) -> Option<Expect> {
    Some(match kind {
        Kind::Throttled | Kind::ThrottledAlways => bad(1, Code::Throttled, AT_ONCE),
        Kind::TokenExpired => bad(1, Code::CredentialsRefused, AT_ONCE),
        Kind::Forbidden => bad(1, Code::Forbidden, AT_ONCE),
        // Turned away at the door with the right time in the answer: nothing has happened, and whoever sent it decides.
        Kind::ClockSkew => bad(1, Code::ClockSkew, AT_ONCE),
        Kind::Slow => good(1, SLOW),
        Kind::Hang | Kind::CommitThenHang => bad(1, Code::UpstreamTimeout, ATTEMPT),
        Kind::Html
        | Kind::Fail
        | Kind::Fail500
        | Kind::Http200Error
        | Kind::CutOff
        | Kind::NonceUsed
        | Kind::CommitThenDrop
        | Kind::CommitThen503 => bad(1, Code::UpstreamUnavailable, AT_ONCE),
        Kind::WrongTypes => bad(1, Code::UpstreamUnintelligible, AT_ONCE),
        Kind::Chaos | Kind::Strange => return None,
        other => unreachable!("{other:?} is for the caller to decide"),
    })
}

async fn check<A: Action>(request: A, table: impl Fn(Kind) -> Option<Expect>) {
    for kind in Kind::ALL {
        let Some(expect) = table(*kind) else { continue };
        let cloud = Cloud::with(&[kind.name()]);
        let began = Instant::now();
        let result = cloud.upstream.call(&hangzhou(), &request).await;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap();
        assert_eq!(result.err().map(|error| error.code), expect.code, "{kind:?}");
        assert_eq!(cloud.calls::<A>(), expect.calls, "{kind:?}");
        // The clock goes in steps of a millisecond.
        let takes = *expect.takes.start()..=expect.takes.end() + expect.calls;
        assert!(takes.contains(&took), "{kind:?} took {took}, not {takes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn reads() {
    assert_eq!(DescribeZones::CLASS, Class::Read);
    check(DescribeZones::default(), read).await;
}

#[tokio::test(start_paused = true)]
async fn writes_with_a_token() {
    assert_eq!(CreateDesktop::CLASS, Class::WriteWithToken);
    check(purchase_of_one(), purchase).await;
}

#[tokio::test(start_paused = true)]
async fn writes_without_a_token() {
    assert_eq!(CreateUser::CLASS, Class::WriteOnce);
    check(user_of_one(), new_user).await;
}

pub(super) fn user_of_one() -> CreateUser {
    CreateUser { user_name: "new.user".parse().unwrap(), email: "new.user@example.com".parse().unwrap() }
}

pub(super) fn purchase_of_one() -> CreateDesktop {
    let request = serde_json::json!({
        "ClientToken": "t-1", "TypeItemId": "desktop.n1.small", "ChargeType": "POSTPAY",
        "VpcId": "vpc-bp1desk0000000000001", "ZoneId": "cn-hangzhou-b", "VSwitchId": "vsw-bp1desk0000000000001",
        "ImageId": "m-bp1sys0000000000000001", "ImageType": "default", "UserName": "zhang.san", "UserGroup": "Users",
    });
    serde_json::from_value(request).unwrap()
}

/// An upstream that is down gets no retry storm: a hundred retries in all, and then each call is sent once.
#[tokio::test(start_paused = true)]
async fn the_retry_budget_is_kept() {
    let cloud = Cloud::with(&["fail"]);
    for _ in 0..200 {
        cloud.upstream.call(&hangzhou(), &DescribeZones::default()).await.unwrap_err();
    }
    assert_eq!(cloud.calls::<DescribeZones>(), 200 + 100);
    cloud.set(&[]);
    for _ in 0..10 {
        cloud.upstream.call(&hangzhou(), &DescribeZones::default()).await.unwrap();
    }
    cloud.set(&["fail"]);
    cloud.upstream.call(&hangzhou(), &DescribeZones::default()).await.unwrap_err();
    assert_eq!(cloud.calls::<DescribeZones>(), 300 + 10 + 3, "ten successes have paid for two retries");
}

/// Eight orders that are tried again as soon as they are refused: the one rate limiter keeps them to two calls a second.
#[tokio::test(start_paused = true)]
async fn throttled_orders_do_not_hammer() {
    const SECONDS: u64 = 30;
    let cloud = Cloud::with(&["throttled-always"]);
    let began = Instant::now();
    let (upstream, hangzhou, purchase) = (&cloud.upstream, hangzhou(), purchase_of_one());
    let orders = (0..8).map(|_| async {
        while began.elapsed() < Duration::from_secs(SECONDS) {
            upstream.call(&hangzhou, &purchase).await.unwrap_err();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    futures_util::future::join_all(orders).await;
    let calls = cloud.calls::<CreateDesktop>();
    assert!((SECONDS / 2..=8 + 2 * (SECONDS + 6)).contains(&calls), "{calls} calls in {SECONDS} s");
}

/// Throttled once, calls go on at the rate that is left, and none is lost.
#[tokio::test(start_paused = true)]
async fn throttling_slows_down_instead_of_hammering() {
    let cloud = Cloud::with(&["throttled-always"]);
    cloud.upstream.call(&hangzhou(), &DescribeZones::default()).await.unwrap_err();
    cloud.set(&[]);
    let began = Instant::now();
    let zones = DescribeZones::default();
    let hangzhou = hangzhou();
    let calls = (0..21).map(|_| cloud.upstream.call(&hangzhou, &zones));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    let took = began.elapsed();
    assert!((Duration::from_secs(5)..Duration::from_secs(12)).contains(&took), "{took:?}");
}
