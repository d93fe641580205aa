//! Graceful stop of the real process: it finishes what it has begun, within the drain time.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use simulator::Config;
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    binary::Running,
    site::{Cloud, Reply, http, purchase},
};

/// The number of orders after which the process is stopped.
const ENOUGH: usize = 25;

#[tokio::test]
async fn told_to_stop_under_load_it_loses_nothing() {
    // Slow enough that many orders and reads are under way at any moment.
    let scenarios = ["slow:CreateDesktop", "slow:DescribeZones"].map(|name| name.parse().unwrap()).to_vec();
    let cloud = Cloud::new(Config { scenarios, ..Config::default() }).await;
    let running = Running::serving(&cloud, &["--cache=0"]);

    let (orders, reads) = load(&running).await;
    let ended = running.ended().await;
    assert!(ended.well, "{}", ended.log);

    // Whatever it began to answer was answered, and in full: its own log tells of nothing more than the callers got.
    let requests = ended.saying("request");
    let told = |path: &str| requests.iter().filter(|line| line["path"] == path).cloned().collect::<Vec<Value>>();
    assert_eq!(ids(&told("/api/orders")), orders.iter().map(|(id, _)| id.clone()).collect());
    assert_eq!(ids(&told("/api/DescribeZones")), reads);
    assert!(requests.iter().all(|line| [200, 202].contains(&line["status"].as_u64().unwrap())), "{requests:?}");
    let tokens: BTreeSet<_> = orders.iter().map(|(_, token)| token.clone()).collect();
    let accepted = ended.saying("the order is accepted");
    assert_eq!(accepted.iter().map(|line| text(&line["token"])).collect::<BTreeSet<_>>(), tokens);

    // The next one finds every order that was accepted and goes on with it, and each buys one desktop.
    cloud.simulator.set_scenarios(Vec::new());
    let running = Running::serving(&cloud, &[]);
    for token in &tokens {
        let url = running.page(&format!("/api/orders/{token}?wait=25"));
        loop {
            let order = Reply::of(http().get(&url)).await;
            assert_eq!(order.status, 200, "{token}");
            match order.json()["state"].as_str().unwrap() {
                "placed" => break,
                "accepted" | "sending" => {}
                state => panic!("{token} is {state}"),
            }
        }
    }
    let mut bought: Vec<_> = cloud.simulator.state().desktops.into_iter().map(|desktop| desktop.token).collect();
    bought.sort();
    assert_eq!(bought, tokens.into_iter().collect::<Vec<_>>());
    assert!(running.stop().await.well);
}

/// Sends orders and reads from many clients until no connection is accepted any more. The process is stopped in the
/// middle.
/// Returns the accepted orders, by their requests and tokens, and the requests of the reads.
async fn load(running: &Running) -> (BTreeSet<(String, String)>, BTreeSet<String>) {
    static ACCEPTED: AtomicUsize = AtomicUsize::new(0);
    let mut buyers = JoinSet::new();
    let mut readers = JoinSet::new();
    for client in 0..6 {
        let (orders, zones) = (running.page("/api/orders"), running.page("/api/DescribeZones?RegionId=cn-hangzhou"));
        buyers.spawn(async move {
            let (http, mut got) = (http(), Vec::new());
            for number in 0.. {
                let token = format!("t-{client}-{number}");
                let body = json!({ "operations": [purchase(&token)] }).to_string();
                let request = http.post(&orders).header("content-type", "application/json").body(body);
                let Some(reply) = whole(request).await else { break };
                assert_eq!(reply.status, 202, "{reply:?}");
                got.push((reply.header("x-request-id").unwrap().to_owned(), token));
                ACCEPTED.fetch_add(1, Ordering::SeqCst);
            }
            got
        });
        readers.spawn(async move {
            let (http, mut got) = (http(), Vec::new());
            while let Some(reply) = whole(http.get(&zones)).await {
                assert_eq!(reply.status, 200, "{reply:?}");
                got.push(reply.header("x-request-id").unwrap().to_owned());
            }
            got
        });
    }
    while ACCEPTED.load(Ordering::SeqCst) < ENOUGH {
        tokio::task::yield_now().await;
    }
    running.ask_to_stop();
    let orders = buyers.join_all().await.into_iter().flatten().collect();
    (orders, readers.join_all().await.into_iter().flatten().collect())
}

/// The answer, if there is any. One that has begun must be whole.
async fn whole(request: reqwest::RequestBuilder) -> Option<Reply> {
    let response = request.send().await.ok()?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.bytes().await.expect("an answer that has begun is whole").to_vec();
    Some(Reply { status, headers, body })
}

fn ids(lines: &[Value]) -> BTreeSet<String> {
    lines.iter().map(|line| text(&line["request_id"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A stopping proxy with a request that will not end.
async fn held_up(drain: &str) -> (Running, tokio::task::JoinHandle<Result<reqwest::Response, reqwest::Error>>) {
    let scenarios = vec!["hang".parse().unwrap()];
    let cloud = Cloud::new(Config { scenarios, ..Config::default() }).await;
    let patience = ["--cache=0", "--attempt-deadline=1h", "--read-deadline=1h", "--order-lease=2h"];
    let running = Running::serving(&cloud, &[&patience[..], &[drain]].concat());
    let request = http().get(running.page("/api/DescribeZones?RegionId=cn-hangzhou"));
    let waiting = tokio::spawn(request.send());
    while cloud.simulator.state().calls.is_empty() {
        tokio::task::yield_now().await;
    }
    running.ask_to_stop();
    (running, waiting)
}

#[tokio::test]
async fn what_does_not_end_is_cut_when_the_time_is_up() {
    let (running, waiting) = held_up("--drain=300ms").await;
    let ended = running.ended().await;
    assert!(ended.well && ended.log.contains("closing the remaining connections"), "{}", ended.log);
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn connections_on_which_nothing_is_under_way_hold_nothing_up() {
    let cloud = Cloud::new(Config::default()).await;
    let running = Running::serving(&cloud, &["--drain=1h", "--header-timeout=1h"]);
    let address = running.page("").replace("http://", "");
    let never_used = TcpStream::connect(&address).await.unwrap();
    // A client that keeps its connections, and one on which an event stream is open.
    let http = http();
    assert_eq!(Reply::of(http.get(running.page("/api/session"))).await.status, 200);
    let mut watching = http.get(running.page("/api/orders/events")).send().await.unwrap();
    assert!(watching.chunk().await.unwrap().is_some());
    running.ask_to_stop();
    let ended = running.ended().await;
    assert!(ended.well && !ended.log.contains("closing the remaining connections"), "{}", ended.log);
    assert_eq!(watching.chunk().await.unwrap(), None);
    drop((never_used, http));
}

#[tokio::test]
async fn while_it_stops_it_lives_and_is_not_ready() {
    let (running, waiting) = held_up("--drain=1h").await;
    // Nothing new gets in.
    while http().get(running.page("/api/session")).send().await.is_ok() {}
    assert_eq!(Reply::of(http().get(running.admin("/live"))).await.status, 200);
    assert_eq!(Reply::of(http().get(running.admin("/ready"))).await.status, 503);
    assert_eq!(Reply::of(http().get(running.admin("/metrics"))).await.status, 200);
    // The caller gives up, and there is nothing to wait for any more.
    waiting.abort();
    assert!(running.ended().await.well);
}
