//! The proxies under test: real processes on fixed ports, restarted each time they are killed.

use std::{
    fmt::{self, Write},
    net::SocketAddr,
    ops::AddAssign,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use fastrand::Rng;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::json;
use simulator::Config;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::Mutex,
    time::{sleep, timeout},
};

/// The steps of an order between which the process is ended; where each is stands in the proxy.
const POINTS: [&str; 10] = [
    "before-journal",
    "after-journal",
    "before-approval",
    "after-approval",
    "before-sent",
    "before-send",
    "during-send",
    "before-outcome",
    "after-outcome",
    "after-delivery",
];

/// What the buyer's requests, and the approver's, carry: API tokens, since nothing awaits approval without identities.
pub(crate) const BUYER: &str = "Bearer buyer";
pub(crate) const APPROVER: &str = "Bearer approver";
/// Orders for more months than this await approval, with all others of their batch.
pub(crate) const WITHOUT_APPROVAL: u64 = 3;

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
    folder: PathBuf,
    log: PathBuf,
    deadline: Duration,
    /// The file that says who is notified.
    notifications: Option<PathBuf>,
    child: Mutex<Option<Child>>,
}

impl Proxies {
    pub(crate) async fn new(
        number: usize,
        cloud: SocketAddr,
        database: &str,
        folder: &Path,
        deadline: Duration,
        notifications: Option<&Path>,
    ) -> Self {
        write_identities(folder);
        let mut all = Vec::new();
        for index in 0..number {
            let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
            let (log, database) = (folder.join(format!("proxy-{index}.log")), database.to_owned());
            let (folder, notifications) = (folder.to_owned(), notifications.map(Path::to_owned));
            all.push(Proxy { address, cloud, database, folder, log, deadline, notifications, child: Mutex::new(None) });
        }
        for proxy in &all {
            proxy.start(None).await;
        }
        let buyer = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(BUYER))]);
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(20));
        let http = http.default_headers(buyer).build();
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

const TOKENS: &str = "tokens.json";
const KEY: &str = "session-key";

/// Writes the files with the API tokens and the session key.
fn write_identities(folder: &Path) {
    let token = |authorization: &str, rights: &str| {
        let text = authorization.trim_start_matches("Bearer ");
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let mut hash = String::new();
        for byte in digest.as_ref() {
            let _ = write!(hash, "{byte:02x}");
        }
        json!({ "name": text, "sha256": hash, "rights": rights, "expires": "2099-01-01T00:00:00Z" })
    };
    let tokens = json!([token(BUYER, "buy"), token(APPROVER, "approve")]);
    std::fs::write(folder.join(TOKENS), tokens.to_string()).unwrap();
    std::fs::write(folder.join(KEY), "a key of more than thirty-two characters").unwrap();
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
        // Nobody signs in by the provider, which is not there.
        command.args([
            "--oidc-issuer=http://127.0.0.1:1",
            "--oidc-client-id=sweep",
            "--buyers=*",
            "--foreign-desktops",
        ]);
        command.args(["--user-rate-limit=0", "--buyer-daily-limit=0", "--release-daily-limit=0"]);
        command.arg(format!("--approval-period={WITHOUT_APPROVAL}"));
        command.arg(format!("--api-tokens-file={}", self.folder.join(TOKENS).display()));
        command.arg(format!("--session-key-file={}", self.folder.join(KEY).display()));
        command.env_clear().env("ALIBABA_CLOUD_ACCESS_KEY_ID", config.access_key_id);
        command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", config.access_key_secret);
        if let Some(file) = &self.notifications {
            command.arg("--notifications").arg(file);
        }
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
