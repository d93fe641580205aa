//! A round of the sweep: buys some desktops without faults, switches a fault on, and places orders of every kind while
//! the proxy is killed. [`crate::judge`] compares the outcome.

use std::{net::SocketAddr, time::Duration};

use fastrand::Rng;
use serde_json::{Value, json};
use simulator::{Kind, Scenario, Simulator};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    approver::Approver,
    judge::{self, Count, Forms},
    proxies::{BUYER, Kills, Proxies},
};

/// How much is done in a round.
pub(crate) struct Size {
    purchases: usize,
    renewals: usize,
    releases: usize,
    kills: usize,
    /// After which a proxy leaves an order to a person.
    pub(crate) deadline: Duration,
}

impl Size {
    pub(crate) const FULL: Self =
        Self { purchases: 26, renewals: 14, releases: 14, kills: 7, deadline: Duration::from_secs(7) };
    pub(crate) const QUICK: Self =
        Self { purchases: 12, renewals: 6, releases: 6, kills: 3, deadline: Duration::from_secs(4) };
    /// For the strange cloud, whose troubles cost several attempts each.
    pub(crate) const STRANGE: Self =
        Self { purchases: 600, renewals: 150, releases: 150, kills: 8, deadline: Duration::from_secs(30) };
    pub(crate) const STRANGE_QUICK: Self =
        Self { purchases: 120, renewals: 40, releases: 40, kills: 3, deadline: Duration::from_secs(10) };
}

/// Of so many orders that await approval under a fault, one is declined.
const DECLINED: usize = 8;
/// Operations that are taken at a time.
const LARGEST_BATCH: usize = 500;

/// What is wrong with the upstream in a round.
pub(crate) struct Fault {
    name: String,
    scenarios: Vec<Scenario>,
    /// Whether it may pass before the orders are settled.
    may_pass: bool,
}

impl Fault {
    pub(crate) fn none() -> Self {
        Self { name: "none".to_owned(), scenarios: Vec::new(), may_pass: true }
    }

    /// The fault, for the writes alone where it can be narrowed to them.
    pub(crate) fn of(kind: Kind) -> Self {
        let writes = ["CreateDesktop", "RenewDesktop", "DeleteDesktop"];
        let scenarios = if kind.takes_action() {
            writes.map(|action| Scenario { kind, action: Some(action) }).to_vec()
        } else {
            vec![kind.into()]
        };
        Self { name: kind.name().to_owned(), scenarios, may_pass: kind != Kind::Strange }
    }

    pub(crate) fn of_all_calls(kind: Kind) -> Self {
        Self { name: format!("{}, all calls", kind.name()), scenarios: vec![kind.into()], may_pass: true }
    }

    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }
}

/// What came of a round.
pub(crate) struct Round {
    pub(crate) count: Count,
    pub(crate) forms: Forms,
    pub(crate) kills: Kills,
    pub(crate) complaints: Vec<String>,
}

/// How a client behaves.
#[derive(Clone, Copy)]
enum Manner {
    Patient,
    /// Sends the same twice at the same time.
    Twice,
    /// Is gone before the answer, and comes again.
    Gone,
}

pub(crate) async fn run(
    number: usize,
    fault: &Fault,
    size: &Size,
    simulator: &Simulator,
    proxies: &Proxies,
    rng: &mut Rng,
) -> Round {
    // In peace: what can be renewed and released.
    simulator.set_scenarios(Vec::new());
    let mut token = {
        let mut last = 0;
        move || {
            last += 1;
            format!("r{number}-{last}")
        }
    };
    let paid: Vec<_> = (1..size.renewals).map(|_| purchase(&token(), true, rng)).collect();
    let hourly: Vec<_> = (1..size.releases).map(|_| purchase(&token(), false, rng)).collect();
    let in_peace = paid.chunks(LARGEST_BATCH).chain(hourly.chunks(LARGEST_BATCH)).map(<[_]>::to_vec).collect();
    // Each round has an approver of its own, who declines nothing in peace.
    let mut approver = Approver::new(proxies, simulator, 0);
    let mut complaints = submit_all(in_peace, proxies, rng).await;
    complaints.extend(approver.decide_all(rng).await);
    complaints.extend(settle(proxies).await);
    let mut operations = [paid.clone(), hourly.clone()].concat();

    // Under the fault: everything, some of it to be refused in any case.
    let desktops = simulator.state().desktops;
    let bought = |order: &Value| desktops.iter().find(|desktop| order["ClientToken"] == *desktop.token);
    // What could not be bought in time, on a busy machine, is left out.
    let about = |action: &str, order: &Value, token: String, rng: &mut Rng| {
        let id = bought(order)?.id.as_str();
        let operation =
            json!({ "Action": action, "RegionId": order["RegionId"], "ClientToken": token, "DesktopId": id });
        Some(with_period(operation, action == "RenewDesktop", rng))
    };
    let mut orders: Vec<_> = (0..size.purchases).map(|_| purchase(&token(), rng.bool(), rng)).collect();
    let to_renew = paid.iter().chain(hourly.first());
    orders.extend(to_renew.filter_map(|order| about("RenewDesktop", order, token(), rng)).collect::<Vec<_>>());
    // The first one is renewed, and with luck at the same time; releasing it would make that a gamble.
    let to_release = hourly.iter().skip(1).chain(paid.iter().take(2));
    orders.extend(to_release.filter_map(|order| about("DeleteDesktop", order, token(), rng)).collect::<Vec<_>>());
    rng.shuffle(&mut orders);
    operations.extend(orders.clone());
    let mut batches = Vec::new();
    while !orders.is_empty() {
        let rest = orders.split_off(orders.len().min(rng.usize(1..6)));
        batches.push(std::mem::replace(&mut orders, rest));
    }

    simulator.set_scenarios(fault.scenarios.clone());
    let mut own = rng.fork();
    approver.declines = DECLINED;
    let mut word = rng.fork();
    let done = CancellationToken::new();
    let submit = async {
        let refusals = submit_all(batches, proxies, &mut own).await;
        done.cancel();
        refusals
    };
    let (refusals, decided, kills) = tokio::join!(
        submit,
        async {
            let mut complaints = Vec::new();
            while !done.is_cancelled() {
                complaints.extend(approver.decide_some(&mut word).await);
                sleep(Duration::from_millis(word.u64(10..60))).await;
            }
            complaints
        },
        proxies.torment(size.kills, rng.fork())
    );
    complaints.extend(refusals);
    complaints.extend(decided);
    complaints.extend(approver.decide_all(rng).await);
    // Half of the faults pass, the others last until every order has run out of time.
    if rng.bool() && fault.may_pass {
        sleep(Duration::from_millis(rng.u64(0..1_000))).await;
        simulator.set_scenarios(Vec::new());
    }
    complaints.extend(settle(proxies).await);
    complaints.extend(approver.judge(&operations).await);

    let (mut count, forms, judged) = judge::judge(&operations, &simulator.state(), &simulator.told(), proxies).await;
    count.kills = kills.sum();
    count.lost += u32::try_from(complaints.len()).unwrap_or(u32::MAX);
    complaints.extend(judged);
    Round { count, forms, kills, complaints }
}

/// A purchase in one of the places that have many addresses.
fn purchase(token: &str, is_paid: bool, rng: &mut Rng) -> Value {
    let regions = [
        ("cn-hangzhou", "bp1", "beg"),
        ("cn-beijing", "2ze", "ace"),
        ("cn-shanghai", "uf6", "bde"),
        ("cn-shenzhen", "wz9", "abc"),
    ];
    let (region, prefix, zones) = regions[rng.usize(..regions.len())];
    let place = rng.usize(..3);
    let v_switch = [1, 6, 10][place];
    let users = ["zhang.san", "li.si", "张伟", "alice", "bob", "Dave O'Neil", "赵 六*~"];
    let operation = json!({
        "Action": "CreateDesktop", "RegionId": region, "ClientToken": token, "TypeItemId": "desktop.n1.small",
        "ChargeType": if is_paid { "PREPAY" } else { "POSTPAY" }, "VpcId": format!("vpc-{prefix}desk0000000000001"),
        "ZoneId": format!("{region}-{}", &zones[place..=place]), "VSwitchId": format!("vsw-{prefix}desk{v_switch:013}"),
        "ImageId": format!("m-{prefix}sys0000000000000001"), "ImageType": "default",
        "UserName": users[rng.usize(..users.len())], "UserGroup": "Users",
    });
    with_period(operation, is_paid, rng)
}

fn with_period(mut operation: Value, has_one: bool, rng: &mut Rng) -> Value {
    if has_one {
        operation["Period"] = json!([1, 2, 3, 6, 12][rng.usize(..5)]);
    }
    operation
}

/// Orders everything, a few clients at a time, each until its orders are accepted. What was refused for good.
async fn submit_all(batches: Vec<Vec<Value>>, proxies: &Proxies, rng: &mut Rng) -> Vec<String> {
    const CLIENTS: usize = 4;
    let mut clients = JoinSet::new();
    let mut complaints = Vec::new();
    for batch in batches {
        if clients.len() == CLIENTS {
            complaints.extend(clients.join_next().await.and_then(Result::unwrap));
        }
        let manner = [Manner::Patient, Manner::Twice, Manner::Gone][rng.usize(..3)];
        let addresses = [proxies.any(rng), proxies.any(rng), proxies.first(), proxies.any(rng)];
        clients.spawn(submit(batch, proxies.http.clone(), addresses, manner, rng.fork()));
    }
    complaints.extend(clients.join_all().await.into_iter().flatten());
    complaints
}

async fn submit(
    batch: Vec<Value>,
    http: reqwest::Client,
    addresses: [SocketAddr; 4],
    manner: Manner,
    mut rng: Rng,
) -> Option<String> {
    let body = json!({ "operations": batch }).to_string();
    let post = async |address: SocketAddr| {
        let request = http.post(format!("http://{address}/api/orders")).header("content-type", "application/json");
        let response = request.body(body.clone()).send().await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.text().await.ok()?))
    };
    match manner {
        Manner::Patient => {}
        Manner::Twice => drop(tokio::join!(post(addresses[0]), post(addresses[1]))),
        Manner::Gone => {
            if let Ok(mut connection) = TcpStream::connect(addresses[0]).await {
                let head = format!(
                    "POST /api/orders HTTP/1.1\r\nhost: {}\r\nauthorization: {BUYER}\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n",
                    addresses[0],
                    body.len()
                );
                let _ = connection.write_all(format!("{head}{body}").as_bytes()).await;
                sleep(Duration::from_micros(rng.u64(0..4_000))).await;
            }
        }
    }
    let deadline = Instant::now() + Duration::from_mins(1);
    for turn in 0.. {
        match post(addresses[turn % addresses.len()]).await {
            Some((202, _)) => return None,
            Some((status, text)) if status != 503 => return Some(format!("refused with {status}: {text}")),
            _ if Instant::now() > deadline => break,
            _ => sleep(Duration::from_millis(rng.u64(20..120))).await,
        }
    }
    Some("nobody takes the order".to_owned())
}

/// Waits until no order is under way.
async fn settle(proxies: &Proxies) -> Option<String> {
    let deadline = Instant::now() + Duration::from_secs(90);
    while Instant::now() < deadline {
        let list = judge::get(proxies, "/api/orders?state=accepted,sending&limit=1").await;
        if list.is_some_and(|list| list["orders"] == json!([])) {
            return None;
        }
        sleep(Duration::from_millis(100)).await;
    }
    Some("some orders are never settled".to_owned())
}
