//! The number of attempts of each order, under every fault of the simulator: the retries of the order driver. The
//! client's own retries are tested in the crate `cloud`, in virtual time.

use futures_util::future::join_all;
use simulator::Kind;

use crate::site::{Site, purchase, release};

/// What an order comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    /// Placed or rejected, after it was sent exactly so often.
    Placed(u64),
    Rejected(u64),
    /// Sent again and again until its time was up; then known not to have happened, or not known.
    GaveUpRejected,
    GaveUpUnresolved,
}

use Expect::{GaveUpRejected, GaveUpUnresolved, Placed, Rejected};

fn of_purchase(kind: Kind) -> Option<Expect> {
    Some(match kind {
        // For the other two, stock cannot be looked at until time is up: what is not known to be there is not bought.
        Kind::SoldOut | Kind::FailFirstZone | Kind::HangFirstZone => Rejected(0),
        Kind::SoldOutBeforePurchase | Kind::SoldOutAtPurchase | Kind::OwnerConfig | Kind::InsufficientBalance => {
            Rejected(1)
        }
        // Its answers name nothing, however often it is asked.
        Kind::NoIds => GaveUpUnresolved,
        _ => return of_write(kind),
    })
}

/// A release has no token; a second one is how the driver finds out. What it finds may be that the desktop is gone.
fn of_release(kind: Kind) -> Option<Expect> {
    Some(match kind {
        // What an answer to a release says does not matter, only that it is one of success.
        Kind::WrongTypes => Placed(1),
        // Turned away, and sent again by the right time (a purchase finds the time out when it asks for stock); or carried
        // out, and the second time there is nothing to release.
        Kind::ClockSkew | Kind::CutOff => Placed(2),
        _ => return of_write(kind),
    })
}

fn of_write(kind: Kind) -> Option<Expect> {
    Some(match kind {
        Kind::Throttled => Placed(3),
        Kind::ThrottledAlways => GaveUpRejected,
        Kind::NonceUsed | Kind::CommitThenDrop | Kind::CommitThen503 | Kind::CommitThenHang => Placed(2),
        Kind::TokenExpired | Kind::Forbidden => Rejected(1),
        Kind::Hang | Kind::Html | Kind::Fail | Kind::Fail500 | Kind::Http200Error | Kind::CutOff | Kind::WrongTypes => {
            GaveUpUnresolved
        }
        Kind::Chaos | Kind::Strange => return None,
        // These are about something else.
        Kind::ClockSkew
        | Kind::Empty
        | Kind::Slow
        | Kind::SlowFirstZone
        | Kind::FailFirstZone
        | Kind::HangFirstZone
        | Kind::SoldOut
        | Kind::OddItems
        | Kind::Fractions
        | Kind::SoldOutZone
        | Kind::SoldOutBeforePurchase
        | Kind::SoldOutAtPurchase
        | Kind::SeventeenLeft
        | Kind::OwnerConfig
        | Kind::InsufficientBalance
        | Kind::NoIds
        | Kind::NoVSwitch
        | Kind::VSwitchPending
        | Kind::AdDomainMissing
        | Kind::AdCreateFailed
        | Kind::AdAccessFailed => Placed(1),
    })
}

/// A site with the fault, limited to the action where that is possible: what comes before it is not the point.
fn scenario(kind: Kind, action: &str) -> String {
    if kind.takes_action() { format!("{}:{action}", kind.name()) } else { kind.name().to_owned() }
}

/// Only what gives up waits for the deadline of orders, and only what hangs for that of attempts.
fn flags(kind: Kind, expect: Expect) -> [&'static str; 2] {
    let attempt = match kind {
        Kind::Hang | Kind::HangFirstZone | Kind::CommitThenHang => "--attempt-deadline=300ms",
        _ => "--attempt-deadline=10s",
    };
    let order = match expect {
        // Each call is told to come back in a second; there must be time for two on a slow machine.
        GaveUpRejected => "--order-deadline=10s",
        GaveUpUnresolved => "--order-deadline=8s",
        Rejected(0) if kind != Kind::SoldOut => "--order-deadline=3s",
        Placed(_) | Rejected(_) => "--order-deadline=1h",
    };
    [attempt, order]
}

async fn check(site: &Site, token: &str, action: &str, kind: Kind, expect: Expect) {
    let order = site.settled(token).await;
    let sent = site.calls(action);
    let found = match order["state"].as_str().unwrap() {
        "placed" => Placed(sent),
        "rejected" if matches!(expect, GaveUpRejected) && sent > 1 => GaveUpRejected,
        "rejected" => Rejected(sent),
        _ if sent > 1 => GaveUpUnresolved,
        state => panic!("{kind:?}: {state} after {sent}"),
    };
    assert_eq!(found, expect, "{kind:?}: {order}");
}

/// Of what stays unresolved: whether it was done all the same.
fn is_carried_out(kind: Kind) -> bool {
    matches!(kind, Kind::NoIds | Kind::CutOff | Kind::WrongTypes)
}

#[tokio::test]
async fn purchases() {
    let cases = Kind::ALL.iter().filter_map(|kind| Some((*kind, of_purchase(*kind)?)));
    join_all(cases.map(|(kind, expect)| async move {
        let site = Site::with_flags(&[&scenario(kind, "CreateDesktop")], &flags(kind, expect)).await;
        site.order(&purchase("t-1")).await;
        check(&site, "t-1", "CreateDesktop", kind, expect).await;
        let bought = site.state().desktops.len();
        match expect {
            Placed(_) => assert_eq!(bought, 1, "{kind:?}"),
            Rejected(_) | GaveUpRejected => assert_eq!(bought, 0, "{kind:?}"),
            GaveUpUnresolved => assert_eq!(bought, usize::from(is_carried_out(kind)), "{kind:?}"),
        }
    }))
    .await;
}

#[tokio::test]
async fn releases() {
    let cases = Kind::ALL.iter().filter_map(|kind| Some((*kind, of_release(*kind)?)));
    join_all(cases.map(|(kind, expect)| async move {
        let site = Site::with_flags(&[], &flags(kind, expect)).await;
        site.order(&purchase("t-1")).await;
        let desktop = site.settled("t-1").await["desktop_id"].as_str().unwrap().to_owned();
        site.set_scenarios(&[&scenario(kind, "DeleteDesktop")]);
        site.order(&release("t-2", &desktop)).await;
        check(&site, "t-2", "DeleteDesktop", kind, expect).await;
        let is_released = site.state().desktops[0].released;
        let is_done = matches!(expect, Placed(_)) || (expect == GaveUpUnresolved && is_carried_out(kind));
        assert_eq!(is_released, is_done, "{kind:?}");
    }))
    .await;
}
