//! The proxies under test: real processes on fixed ports, restarted each time they are killed.

use std::{
    fmt,
    net::SocketAddr,
    ops::AddAssign,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use fastrand::Rng;
use simulator::Config;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::Mutex,
    time::{sleep, timeout},
};

/// The steps of an order between which the process is ended; where each is stands in the proxy.
const POINTS: [&str; 7] =
    ["before-journal", "after-journal", "before-sent", "before-send", "during-send", "before-outcome", "after-outcome"];

/// How often processes were killed, at each point and at random moments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kills {
    points: [u32; POINTS.len()],
    random: u32,
}

/// The proxies of one database. The last one is the one that is killed; if there are two, the other is left alone.
pub(crate) struct Proxies {
    pub(crate) http: reqwest::Client,
    all: Vec<Proxy>,
}

struct Proxy {
    address: SocketAddr,
    cloud: SocketAddr,
    database: String,
    log: PathBuf,
    deadline: Duration,
    child: Mutex<Option<Child>>,
}

impl Proxies {
    pub(crate) async fn new(
        number: usize,
        cloud: SocketAddr,
        database: &str,
        folder: &Path,
        deadline: Duration,
    ) -> Self {
        let mut all = Vec::new();
        for index in 0..number {
            let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
            let (log, database) = (folder.join(format!("proxy-{index}.log")), database.to_owned());
            all.push(Proxy { address, cloud, database, log, deadline, child: Mutex::new(None) });
        }
        for proxy in &all {
            proxy.start(None).await;
        }
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(20)).build();
        Self { http: http.unwrap(), all }
    }

    /// One of the proxies, which may be down at the moment.
    pub(crate) fn any(&self, rng: &mut Rng) -> SocketAddr {
        self.all[rng.usize(..self.all.len())].address
    }

    /// The one to ask about results.
    pub(crate) fn first(&self) -> SocketAddr {
        self.all[0].address
    }

    /// Kills the last proxy again and again, each time at another step, and leaves it running.
    pub(crate) async fn torment(&self, times: usize, mut rng: Rng) -> Kills {
        let mut kills = Kills::default();
        let Some(proxy) = self.all.last() else { return kills };
        let first = rng.usize(..POINTS.len());
        for number in 0..times {
            let point = (first + number) % POINTS.len();
            proxy.start(Some((POINTS[point], rng.u32(1..5)))).await;
            let patience = Duration::from_millis(rng.u64(400..1_500));
            let mut child = proxy.child.lock().await;
            let Some(running) = child.as_mut() else { continue };
            if timeout(patience, running.wait()).await.is_ok() {
                kills.points[point] += 1;
            } else {
                running.kill().await.unwrap();
                kills.random += 1;
            }
        }
        proxy.start(None).await;
        kills
    }
}

impl Proxy {
    /// Starts it afresh, to end at a named point when that is passed for the given time.
    async fn start(&self, point: Option<(&str, u32)>) {
        let mut child = self.child.lock().await;
        if let Some(mut running) = child.take() {
            let _ = running.kill().await;
        }
        let endpoint = format!("http://{}", self.cloud);
        let log = std::fs::File::options().create(true).append(true).open(&self.log).unwrap();
        let config = Config::default();
        let mut command = Command::new("sh");
        // An aborted process would leave a core behind each time.
        command.args(["-c", "ulimit -c 0; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_deskbuy"), "serve"]);
        command.args(["--listen", &self.address.to_string(), "--admin-listen=127.0.0.1:0"]);
        command.args(["--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
        command.args(["--database-url", &self.database, "--attempt-deadline=700ms", "--read-deadline=2s"]);
        command.args(["--order-lease=1500ms", "--order-deadline", &format!("{}ms", self.deadline.as_millis())]);
        command.env_clear().env("ALIBABA_CLOUD_ACCESS_KEY_ID", config.access_key_id);
        command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", config.access_key_secret);
        if let Some((name, number)) = point {
            command.env("DESKBUY_FAILPOINT", format!("{name}:{number}"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        *child = Some(command.spawn().unwrap());
        drop(child);
        self.wait_until_up(point.is_some()).await;
    }

    /// Waits until it answers; one that is to be killed may be so before.
    async fn wait_until_up(&self, may_die: bool) {
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(self.address).await.is_ok() {
                return;
            }
            if may_die && self.child.lock().await.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some()) {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("the proxy does not start: {}", std::fs::read_to_string(&self.log).unwrap_or_default());
    }
}

impl Kills {
    pub(crate) fn sum(&self) -> u32 {
        self.points.iter().sum::<u32>() + self.random
    }
}

impl AddAssign for Kills {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.points.iter_mut().zip(other.points) {
            *sum += more;
        }
        self.random += other.random;
    }
}

impl fmt::Display for Kills {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} times:", self.sum())?;
        for (point, number) in POINTS.iter().zip(self.points) {
            write!(out, " {point} {number},")?;
        }
        write!(out, " at random {}", self.random)
    }
}
