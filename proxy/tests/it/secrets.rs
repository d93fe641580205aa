//! Secrets must not leak: not in answers, not in the log, not in metrics.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulator::{Config, Kind};
use tracing_subscriber::{filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    binary::{Running, serve},
    site::{Cloud, Reply, Site, changed, http, purchase, release, renewal},
};

/// Everything that this process has logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// One log for all tests of the binary, since a process has one.
    fn start() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let filter: Targets = "info,proxy=trace,simulator=off".parse().unwrap();
            let lines = tracing_subscriber::fmt::layer().with_writer(log.clone()).with_ansi(false);
            tracing_subscriber::registry().with(lines).with(filter).init();
            log
        })
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;
    fn make_writer(&self) -> Self {
        self.clone()
    }
}

const SECRET: &str = "a-recognisable-secret";
const EMAIL: &str = "recognisable.person@example.com";

#[tokio::test]
async fn the_echo_of_a_wrong_signature_stays_here() {
    let log = Log::start();
    let cloud = Cloud::new(Config::default()).await.with_secret(SECRET);
    let site = cloud.open(&[]).await;
    let user = json!({ "RegionId": "cn-hangzhou", "UserName": "recognisable", "Email": EMAIL });
    let reply = site.post("/api/CreateUser", &user).await;
    let problem = reply.problem("credentials_refused");
    assert_eq!(problem["outcome"], "rejected");
    let answer = String::from_utf8(reply.body).unwrap();
    site.get("/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou&UserName=recognisable").await;

    let log = log.text();
    assert!(log.contains("SignatureDoesNotMatch"), "the operator is told");
    for text in [&answer, &log] {
        for hidden in [SECRET, EMAIL, "recognisable.person", "demo-id", "%2F&", "SignatureNonce", "Signature="] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
    }
}

#[tokio::test]
async fn what_people_sign_in_with_stays_here() {
    let log = Log::start();
    let cloud = Cloud::new(Config::default()).await;
    let file = |name: &str| {
        let path = cloud.folder.path().join(name);
        std::fs::write(&path, format!("a-recognisable-{name}-of-more-than-32-characters")).unwrap();
        format!("--{name}-file={}", path.display())
    };
    let (key, password) = (file("session-key"), file("oidc-client-secret"));
    let flags = ["--oidc-issuer=http://127.0.0.1:1", "--oidc-client-id=deskbuy", "--buyers=*", &key, &password];
    let site = cloud.clone().open(&flags).await;
    let cookie = "__Host-deskbuy=a-recognisable-session; __Host-deskbuy-login-recognisable=a-recognisable-attempt";
    let mut answers = String::new();
    for path in [
        "/login?return=/?q=recognisable%23/buy",
        "/login/callback?state=recognisable-state&code=a-recognisable-code",
        "/login/callback?state=recognisable-state&error=a-recognisable-error&error_description=recognisable",
        "/api/session",
        "/api/orders",
    ] {
        let reply = site.ask("GET", path, &[("cookie", cookie)]).await;
        answers.extend([format!("{:?}", reply.headers), String::from_utf8_lossy(&reply.body).into_owned()]);
    }
    let log = log.text();
    assert!(log.contains("a sign-in came to nothing") && answers.contains("sign_in_required"));
    for text in [&answers, &log] {
        for hidden in ["a-recognisable-", "recognisable-state"] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
    }
}

#[tokio::test]
async fn no_address_and_no_query_in_the_log() {
    let log = Log::start();
    for scenario in ["html", "cut-off", "wrong-types", "commit-then-drop", "fail", "http-200-error", "ad-create-failed"]
    {
        let site = Site::with_flags(&[scenario], &["--order-deadline=100ms"]).await;
        let user = json!({ "RegionId": "cn-hangzhou", "UserName": "recognisable", "Email": EMAIL });
        site.post("/api/CreateUser", &user).await;
        site.get("/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou&UserName=recognisable").await;
        site.order(&changed(purchase("t-1"), &json!({ "UserName": "recognisable" }))).await;
        site.settled("t-1").await;
    }
    let log = log.text();
    assert!(log.contains("the upstream call failed") && log.contains("the order is settled"));
    for hidden in [EMAIL, "recognisable", "demo-secret", "demo-id", "Signature="] {
        assert!(!log.contains(hidden), "{hidden} is in {log}");
    }
}

/// A key that nothing else looks like.
const KEY: [(&str, &str); 3] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "KEYID-seen-nowhere"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "KEYSECRET-seen-nowhere"),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", "KEYTOKEN-seen/nowhere=="),
];
/// Texts that reveal a key, a signed text or a signature; encoded once and twice too.
const OF_A_KEY: [&str; 9] = [
    "seen-nowhere",
    "KEYTOKEN",
    "AccessKeyId=",
    "AccessKeyId%3D",
    "SignatureNonce=",
    "SignatureNonce%3D",
    "Signature=",
    "Signature%3D",
    "SecurityToken=",
];
const READS: [&str; 8] = [
    "DescribeRegions",
    "DescribeDesktopTypeItems?RegionId=cn-hangzhou",
    "DescribeDesktopOwner?RegionId=cn-hangzhou",
    "DescribeImages?RegionId=cn-hangzhou&ImageName=recognisable",
    "DescribeActivityDirectoryUsers?RegionId=cn-hangzhou&UserName=recognisable",
    "DescribeAvailableResource?RegionId=cn-hangzhou&TypeItemId=desktop.n1.small&ZoneId=cn-hangzhou-b",
    "DescribeZones?RegionId=cn-hangzhou",
    "DescribeVSwitches?RegionId=cn-hangzhou",
];

/// Everything that a caller can ask for, with names that are recognisable. The answers, headers and all.
async fn ask_for_everything(running: &Running, run: &str) -> Vec<String> {
    let http = http();
    let post = |path: &str, body: Value| {
        http.post(running.page(path)).header("content-type", "application/json").body(body.to_string())
    };
    let user = json!({ "RegionId": "cn-hangzhou", "UserName": "recognisable", "Email": EMAIL });
    let tokens = [format!("buy-{run}"), format!("renew-{run}"), format!("release-{run}")];
    let operations = [
        changed(purchase(&tokens[0]), &json!({ "UserName": "recognisable" })),
        renewal(&tokens[1], "recognisable-desktop", 1),
        release(&tokens[2], "recognisable-desktop"),
    ];
    let writes = [
        post("/api/CreateUser", user.clone()),
        post("/api/ModifyUser", user),
        post("/api/orders", json!({ "operations": operations })),
        post("/api/orders", json!({ "operations": [{ "Action": "CreateDesktop", "OwnerId": 1 }] })),
    ];
    let reads = READS.map(|read| http.get(running.page(&format!("/api/{read}"))).header("cache-control", "no-cache"));
    let mut answers = join_all(reads.into_iter().chain(writes).map(Reply::of)).await;
    for token in &tokens {
        let url = running.page(&format!("/api/orders/{token}?wait=25"));
        loop {
            let order = Reply::of(http.get(&url)).await;
            let is_settled = !["accepted", "sending"].contains(&order.json()["state"].as_str().unwrap_or("gone"));
            answers.push(order);
            if is_settled {
                break;
            }
        }
    }
    for path in ["/api/orders", "/api/desktops", "/api/session", "/api/Nothing", "/"] {
        answers.push(Reply::of(http.get(running.page(path))).await);
    }
    answers.push(Reply::of(http.get(running.admin("/ready"))).await);
    let shown = |Reply { headers, body, .. }: Reply| format!("{headers:?}\n{}", String::from_utf8_lossy(&body));
    answers.into_iter().map(shown).collect()
}

/// Everything asked for under each of these faults, with a key, and all that gets out meanwhile: answers, log, numbers.
async fn exposed(config: Config, key: [(&str, &str); 3], faults: &[Kind]) -> (Vec<String>, String, String) {
    let cloud = Cloud::new(config).await;
    let patience = ["--attempt-deadline=200ms", "--read-deadline=400ms", "--order-deadline=500ms"];
    // As much as there is to say.
    let mut command = serve(&cloud, &[&patience[..], &["--log=trace"]].concat());
    command.envs(key);
    let running = Running::start(command, &["admin", "page"]);
    let mut answers = Vec::new();
    for kind in faults {
        cloud.simulator.set_scenarios(vec![(*kind).into()]);
        answers.extend(ask_for_everything(&running, kind.name()).await);
    }
    let numbers = Reply::of(http().get(running.admin("/metrics"))).await.body;
    let ended = running.stop().await;
    assert!(ended.well);
    (answers, ended.log, String::from_utf8(numbers).unwrap())
}

#[track_caller]
fn assert_hidden(hidden: &[&str], text: &str) {
    for line in text.lines() {
        for hidden in hidden {
            assert!(!line.contains(hidden), "{hidden} is in {line}");
        }
    }
}

#[tokio::test]
async fn through_every_fault_no_key_gets_out_and_no_person_into_the_log() {
    let [id, secret, token] = KEY.map(|(_, value)| value.to_owned());
    let config = Config { access_key_id: id, access_key_secret: secret, sts_token: Some(token), ..Config::default() };
    let (answers, log, numbers) = exposed(config, KEY, Kind::ALL).await;
    for kind in Kind::ALL {
        let order = format!("buy-{}", kind.name());
        assert!(log.contains(&order) && answers.iter().any(|answer| answer.contains(&order)), "{order} was not made");
    }
    assert!(numbers.contains("deskbuy_upstream_calls_total{action=\"CreateUser\",outcome=\"ok\"}"), "{numbers}");
    for answer in &answers {
        assert_hidden(&OF_A_KEY, answer);
    }
    let of_persons = [&OF_A_KEY[..], &[EMAIL, "recognisable"]].concat();
    assert_hidden(&of_persons, &log);
    assert_hidden(&of_persons, &numbers);
}

#[tokio::test]
async fn nor_does_one_that_is_not_accepted() {
    // The cloud knows another one, and says at length what it would have signed.
    let config =
        Config { access_key_id: KEY[0].1.to_owned(), sts_token: Some(KEY[2].1.to_owned()), ..Config::default() };
    let (answers, log, numbers) = exposed(config, KEY, &[Kind::Slow]).await;
    assert!(log.contains("SignatureDoesNotMatch"), "the operator is told");
    for answer in &answers {
        assert_hidden(&OF_A_KEY, answer);
    }
    let of_persons = [&OF_A_KEY[..], &[EMAIL, "recognisable", "%2F&"]].concat();
    assert_hidden(&of_persons, &log);
    assert_hidden(&of_persons, &numbers);
}
