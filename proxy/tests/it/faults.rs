//! Reads under each fault of the upstream: the code that the page gets, and the number of calls.

use crate::site::Site;

const READ: &str = "/api/DescribeZones?RegionId=cn-hangzhou";

async fn check(scenario: &str, expect: Option<&str>, calls: u64) {
    // Short only where it has to run out.
    let attempt = if scenario == "hang" { "--attempt-deadline=300ms" } else { "--attempt-deadline=10s" };
    let site = Site::with_flags(&[scenario], &[attempt]).await;
    let reply = site.get(READ).await;
    match expect {
        None => assert_eq!(reply.status, 200, "{scenario}: {reply:?}"),
        Some(code) => {
            let problem = reply.problem(code);
            // A read changes nothing, whatever becomes of it.
            assert_ne!(problem["outcome"], "unknown", "{scenario}");
        }
    }
    assert_eq!(site.calls("DescribeZones"), calls, "{scenario}");
}

#[tokio::test]
async fn passing_faults_pass() {
    check("throttled", None, 3).await;
    check("nonce-used", None, 2).await;
    check("clock-skew", None, 2).await;
}

#[tokio::test]
async fn lasting_faults_are_reported() {
    check("fail", Some("upstream_unavailable"), 3).await;
    check("fail-500", Some("upstream_unavailable"), 3).await;
    check("http-200-error", Some("upstream_unavailable"), 3).await;
    check("html", Some("upstream_unavailable"), 3).await;
    check("cut-off", Some("upstream_unavailable"), 3).await;
    check("hang", Some("upstream_timeout"), 3).await;
}

#[tokio::test]
async fn what_will_not_change_is_asked_once() {
    check("wrong-types", Some("upstream_unintelligible"), 1).await;
    check("forbidden:DescribeZones", Some("forbidden"), 1).await;
    check("token-expired", Some("credentials_refused"), 1).await;
}

#[tokio::test]
async fn throttling_says_when_to_come_back() {
    let site = Site::with_flags(&["throttled-always"], &["--read-deadline=900ms"]).await;
    let reply = site.get(READ).await;
    let problem = reply.problem("throttled");
    assert_eq!(problem["retry_after"], 1);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(reply.status, 503);
    // The pause that was asked for does not fit into the time there is.
    assert_eq!(site.calls("DescribeZones"), 1);
}

#[tokio::test]
async fn a_clock_once_corrected_stays_so() {
    let site = Site::with_flags(&["clock-skew"], &["--cache=0"]).await;
    for _ in 0..3 {
        assert_eq!(site.get(READ).await.status, 200);
    }
    assert_eq!(site.calls("DescribeZones"), 4);
}

#[tokio::test]
async fn an_upstream_that_is_not_there() {
    let site = Site::with_flags(&[], &["--endpoint-exceptions=vpc/cn-hangzhou=http://127.0.0.1:1"]).await;
    let problem = site.get(READ).await.problem("upstream_unavailable");
    assert_eq!(problem["outcome"], "not_sent");
}

#[tokio::test]
async fn writes_by_get_where_the_settings_say_so() {
    let site = Site::with_flags(&[], &["--write-method=get"]).await;
    let user = serde_json::json!({ "RegionId": "cn-hangzhou", "UserName": "a b*~", "Email": "a+b'c@例子.com" });
    assert_eq!(site.post("/api/CreateUser", &user).await.status, 200);
    assert_eq!(site.state().users_created[0].email, "a+b'c@例子.com");
}
