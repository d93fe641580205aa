//! An upstream that hangs or is down, for longer than any client waits: the real process stays up, does not grow, and
//! recovers when the upstream does.

use std::net::SocketAddr;

use simulator::{Config, Simulator};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};

use crate::{
    binary::{Running, serve},
    site::{Cloud, Reply, http},
};

const READ: &str = "/api/DescribeVSwitches?RegionId=cn-hangzhou&PageSize=";
/// Concurrent requests.
const CROWD: usize = 300;

/// So many different reads at once, and the admin listener among them; the statuses of the reads.
async fn crowd(running: &Running) -> Vec<u16> {
    let http = http();
    let mut requests = JoinSet::new();
    for number in 0..CROWD {
        let request = http.get(running.page(&format!("{READ}{}", 1 + number % 50)));
        requests.spawn(async move { Reply::of(request).await.status });
    }
    for _ in 0..5 {
        assert_eq!(Reply::of(http.get(running.admin("/live"))).await.status, 200);
    }
    requests.join_all().await
}

async fn resident_megabytes(running: &Running) -> f64 {
    let metrics = Reply::of(http().get(running.admin("/metrics"))).await.body;
    let metrics = String::from_utf8(metrics).unwrap();
    let bytes = metrics.lines().find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
    bytes.unwrap().parse::<f64>().unwrap() / f64::from(1 << 20)
}

#[tokio::test]
async fn an_upstream_that_hangs() {
    let scenarios = vec!["hang".parse().unwrap()];
    let cloud = Cloud::new(Config { scenarios, ..Config::default() }).await;
    let mut command = serve(&cloud, &["--attempt-deadline=200ms", "--read-deadline=300ms", "--log=error"]);
    // One heap for all threads, or what each thread keeps for later would hide what is lost.
    command.env("MALLOC_ARENA_MAX", "1");
    let running = Running::start(command, &["admin", "page"]);
    // The heap fills up until what is kept for later is there, and then stays: a connection or a buffer that a request left
    // behind would make it grow in every round.
    let mut sizes = vec![resident_megabytes(&running).await];
    let stays = |sizes: &[f64]| sizes.windows(2).any(|sizes| sizes[1] - sizes[0] < 0.5);
    while sizes.len() < 12 && !stays(&sizes) {
        for _ in 0..2 {
            for status in crowd(&running).await {
                assert!([503, 504].contains(&status), "{status}");
            }
        }
        sizes.push(resident_megabytes(&running).await);
    }
    assert!(stays(&sizes), "MiB after rounds of {} requests: {sizes:?}", 2 * CROWD);

    cloud.simulator.set_scenarios(Vec::new());
    recovered(&running).await;
    assert!(running.stop().await.well);
}

/// Completes when reads are answered; they are refused until then.
async fn recovered(running: &Running) {
    loop {
        match Reply::of(http().get(running.page(&format!("{READ}10")))).await.status {
            200 => return,
            status => assert!([502, 503, 504].contains(&status), "{status}"),
        }
    }
}

/// A simulator that can be started and stopped at one address.
struct Client {
    simulator: Simulator,
    address: SocketAddr,
}

impl Client {
    async fn start(&self) -> (oneshot::Sender<()>, JoinHandle<std::io::Result<()>>) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async { drop(stopped.await) };
        (stop, tokio::spawn(self.simulator.clone().serve(listener, shutdown)))
    }
}

#[tokio::test]
async fn an_upstream_that_goes_and_comes_back() {
    let cloud = Cloud::new(Config::default()).await;
    // A loopback address of its own, so that no other process can take its port meanwhile.
    let listener = TcpListener::bind("127.77.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let upstream = Client { simulator: cloud.simulator.clone(), address };
    let endpoint = format!("--endpoint-exceptions=vpc/cn-hangzhou=http://{address}");
    let running = Running::serving(&cloud, &[&endpoint, "--log=error", "--cache=0"]);

    for _ in 0..2 {
        let gone = Reply::of(http().get(running.page(&format!("{READ}10")))).await;
        gone.problem("upstream_unavailable");
        assert_eq!(Reply::of(http().get(running.admin("/live"))).await.status, 200);
        assert_eq!(Reply::of(http().get(running.admin("/ready"))).await.status, 200);

        let (stop, serving) = upstream.start().await;
        recovered(&running).await;
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
    }
    assert!(running.stop().await.well);
}
