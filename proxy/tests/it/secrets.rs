//! What must not get out: neither in an answer nor in the log.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use serde_json::json;
use simulator::Config;
use tracing_subscriber::fmt::MakeWriter;

use crate::site::{Cloud, Site, changed, purchase};

/// Everything that this process has logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// One log for all tests of the binary, since a process has one.
    fn start() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            let lines = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false);
            lines.with_env_filter("info,proxy=trace,simulator=off").init();
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
