//! Each scenario, as a client sees it.

use std::time::{Duration, Instant};

use simulator::{Kind, Scenario};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    purchase::{buy, purchase},
    support::Upstream,
};

async fn available(upstream: &Upstream, zone: &str) -> bool {
    let question = [("TypeItemId", "desktop.n1.small"), ("ZoneId", zone), ("ChargeType", "POSTPAY")];
    upstream.call("DescribeAvailableResource", &question).await.good()["Available"].as_bool().unwrap()
}

fn error(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn sold_out() {
    let upstream = Upstream::with(&["sold-out"]).await;
    assert!(!available(&upstream, "cn-hangzhou-b").await);
    assert_eq!(buy(&upstream, "t", &[]).await.error(), error(403, "OperationDenied.NoStock"));

    let upstream = Upstream::with(&["sold-out-zone"]).await;
    assert!(available(&upstream, "cn-hangzhou-b").await && !available(&upstream, "cn-hangzhou-e").await);
    buy(&upstream, "t", &[]).await.good();

    let upstream = Upstream::with(&["sold-out-before-purchase"]).await;
    assert!(available(&upstream, "cn-hangzhou-b").await && available(&upstream, "cn-hangzhou-e").await);
    assert!(!available(&upstream, "cn-hangzhou-b").await);
    assert_eq!(buy(&upstream, "t", &[]).await.error(), error(403, "OperationDenied.NoStock"));

    let upstream = Upstream::with(&["sold-out-at-purchase"]).await;
    assert!(available(&upstream, "cn-hangzhou-b").await);
    assert_eq!(buy(&upstream, "t", &[]).await.error(), error(403, "OperationDenied.NoStock"));
    assert!(available(&upstream, "cn-hangzhou-b").await);
}

#[tokio::test]
async fn account_not_ready() {
    let upstream = Upstream::with(&["owner-config"]).await;
    let owner = upstream.call("DescribeDesktopOwner", &[]).await.good();
    assert_eq!((&owner["Status"], owner.get("OwnerVpcId")), (&"Config".into(), None));
    assert_eq!(buy(&upstream, "t", &[]).await.error(), error(403, "OperationDenied.OwnerNotActive"));
    let upstream = Upstream::with(&["insufficient-balance"]).await;
    assert_eq!(buy(&upstream, "t", &[]).await.error(), error(400, "InsufficientBalance"));
    let upstream = Upstream::with(&["forbidden"]).await;
    assert_eq!(buy(&upstream, "t", &[]).await.error(), error(403, "Forbidden.RAM"));
    upstream.call("DescribeRegions", &[]).await.good();
}

#[tokio::test]
async fn network_not_ready() {
    let second = [("ZoneId", "cn-hangzhou-e"), ("VSwitchId", "vsw-bp1desk0000000000006")];
    let upstream = Upstream::with(&["no-vswitch"]).await;
    let total = async |zone| upstream.call("DescribeVSwitches", &[("ZoneId", zone)]).await.good()["TotalCount"].clone();
    assert_eq!((total("cn-hangzhou-e").await, total("cn-hangzhou-g").await), (0.into(), 3.into()));
    assert_eq!(buy(&upstream, "t", &second).await.error(), error(404, "InvalidVSwitchId.NotFound"));

    let upstream = Upstream::with(&["vswitch-pending"]).await;
    let answer = upstream.call("DescribeVSwitches", &[("ZoneId", "cn-hangzhou-e")]).await.good();
    assert!(answer["VSwitches"]["VSwitch"].as_array().unwrap().iter().all(|row| row["Status"] == "Pending"));
    assert_eq!(buy(&upstream, "t", &second).await.error(), error(400, "IncorrectVSwitchStatus"));
    buy(&upstream, "t", &[]).await.good();
}

#[tokio::test]
async fn directory_errors() {
    let check = async |scenario: &str, text: &str| {
        let upstream = Upstream::with(&[scenario]).await;
        let answer = upstream.call("CreateUser", &[("UserName", "new"), ("Email", "n@example.com")]).await;
        assert_eq!(answer.error(), error(200, text));
        assert_eq!(answer.json()["Message"], text);
        assert!(upstream.simulator.state().users_created.is_empty());
    };
    check("ad-domain-missing", "Domain name must be set!").await;
    check("ad-create-failed", "Create user new failed!").await;
    check("ad-access-failed", "AD access failed！").await;
}

#[tokio::test]
async fn throttled() {
    let upstream = Upstream::with(&["throttled"]).await;
    let retry_after = async || {
        let answer = upstream.call("DescribeRegions", &[]).await;
        (answer.error(), answer.headers.get("retry-after").map(|value| value.to_str().unwrap().to_owned()))
    };
    let throttled = error(400, "Throttling.User");
    assert_eq!(retry_after().await, (throttled.clone(), Some("1".to_owned())));
    assert_eq!(retry_after().await, (throttled.clone(), None));
    assert_eq!(retry_after().await, (error(200, "none"), None));
    let upstream = Upstream::with(&["throttled-always:DescribeImages"]).await;
    for _ in 0..4 {
        assert_eq!(upstream.call("DescribeImages", &[]).await.error(), throttled);
    }
    upstream.call("DescribeRegions", &[]).await.good();
}

#[tokio::test]
async fn answers_that_are_none() {
    let check = async |scenario: &str, expect: (u16, String)| {
        let upstream = Upstream::with(&[scenario]).await;
        assert_eq!(buy(&upstream, "t", &[]).await.error(), expect, "{scenario}");
        assert!(upstream.simulator.state().desktops.is_empty(), "{scenario}");
    };
    check("fail", error(503, "ServiceUnavailable")).await;
    check("fail-500", error(500, "InternalError")).await;
    check("http-200-error", error(200, "InternalError")).await;
    check("nonce-used", error(400, "SignatureNonceUsed")).await;
    check("token-expired", error(400, "InvalidSecurityToken.Expired")).await;

    let upstream = Upstream::with(&["html:DescribeImages"]).await;
    let answer = upstream.call("DescribeImages", &[]).await;
    assert!(answer.status == 502 && answer.text.starts_with("<html>"), "{answer:?}");
    upstream.call("DescribeRegions", &[]).await.good();
}

#[tokio::test]
async fn replay_and_expiry_come_once() {
    let upstream = Upstream::with(&["nonce-used", "token-expired:DescribeRegions"]).await;
    let code = async || upstream.call("DescribeRegions", &[]).await.error().1;
    assert_eq!(
        [code().await, code().await, code().await],
        ["SignatureNonceUsed", "InvalidSecurityToken.Expired", "none"]
    );
}

#[tokio::test]
async fn answers_without_sense() {
    let upstream = Upstream::with(&["empty", "no-ids"]).await;
    let images = upstream.call("DescribeImages", &[]).await.good();
    assert_eq!((&images["Total"], images["Images"]["Image"].as_array().map(Vec::len)), (&0.into(), Some(0)));
    let bought = buy(&upstream, "t", &[]).await.good();
    assert_eq!(bought.as_object().unwrap().keys().collect::<Vec<_>>(), ["RequestId"]);
    assert_eq!(upstream.simulator.state().desktops.len(), 1);
    let upstream = Upstream::with(&["wrong-types"]).await;
    assert_eq!(upstream.call("DescribeImages", &[]).await.good()["Images"], 42);
}

#[tokio::test]
async fn slow() {
    let timed = async |upstream: &Upstream, zone: &str| {
        let start = Instant::now();
        upstream.call("DescribeVSwitches", &[("ZoneId", zone)]).await.good();
        start.elapsed() > Duration::from_millis(1400)
    };
    let (all, first) = (Upstream::with(&["slow"]).await, Upstream::with(&["slow-first-zone"]).await);
    let (everywhere, in_first, elsewhere) =
        tokio::join!(timed(&all, "cn-hangzhou-e"), timed(&first, "cn-hangzhou-b"), timed(&first, "cn-hangzhou-e"));
    assert_eq!((everywhere, in_first, elsewhere), (true, true, false));
}

#[tokio::test]
async fn clock_skew() {
    let upstream = Upstream::with(&["clock-skew"]).await;
    let answer = upstream.call("DescribeRegions", &[]).await;
    assert_eq!(answer.error(), error(400, "InvalidTimeStamp.Expired"));
    let ahead = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let expect = ahead.strftime("%a, %d %b %Y %H:").to_string();
    let date = answer.headers["date"].to_str().unwrap().to_owned();
    assert!(date.starts_with(&expect), "{date}");
    let stamp = ahead.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    upstream.request("DescribeRegions", &[]).set("Timestamp", Some(&stamp)).get().await.unwrap().good();
}

#[tokio::test]
async fn carried_out_and_the_answer_lost() {
    for scenario in ["commit-then-drop", "commit-then-503", "cut-off"] {
        let upstream = Upstream::with(&[scenario]).await;
        let answer = purchase(&upstream, "t", &[]).post().await;
        assert!(answer.is_err() == (scenario != "commit-then-503"), "{scenario}: {answer:?}");
        let state = upstream.simulator.state();
        assert_eq!((state.desktops.len(), state.calls["CreateDesktop"]), (1, 1), "{scenario}");
    }
    let upstream = Upstream::with(&["commit-then-drop"]).await;
    assert!(purchase(&upstream, "t", &[]).post().await.is_err());
    let again = buy(&upstream, "t", &[]).await.good();
    let state = upstream.simulator.state();
    assert_eq!((state.desktops.len(), &again["DesktopId"]), (1, &state.desktops[0].id.as_str().into()));
    upstream.call("DescribeRegions", &[]).await.good();
}

/// What comes over the socket until it closes.
async fn raw(upstream: &Upstream, query: &str) -> String {
    let mut stream = TcpStream::connect(upstream.address).await.unwrap();
    let request = format!("GET /?{query} HTTP/1.1\r\nHost: {}\r\n\r\n", upstream.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A reset is an end as well.
    drop(tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes)).await.expect("it closes"));
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_dropped_connection_says_nothing() {
    let upstream = Upstream::with(&["commit-then-drop"]).await;
    let request = upstream.request("CreateUser", &[("UserName", "new"), ("Email", "n@example.com")]);
    assert_eq!(raw(&upstream, &request.encoded("GET")).await, "");
    assert_eq!(upstream.simulator.state().users_created.len(), 1);
}

#[tokio::test]
async fn a_body_cut_off_in_the_middle() {
    let upstream = Upstream::with(&["cut-off"]).await;
    let text = raw(&upstream, &upstream.request("DescribeRegions", &[]).encoded("GET")).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert_eq!(promised.parse::<usize>().unwrap() / 2, body.len());
}

#[tokio::test]
async fn hanging_ends_with_the_server() {
    let upstream = Upstream::with(&["hang:DescribeRegions", "commit-then-hang"]).await;
    let request = upstream.request("DescribeRegions", &[]).encoded("GET");
    let mut stream = TcpStream::connect(upstream.address).await.unwrap();
    stream.write_all(format!("GET /?{request} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let answer = tokio::time::timeout(Duration::from_millis(300), stream.read_to_end(&mut bytes)).await;
    assert!(answer.is_err(), "no answer comes");
    upstream.call("DescribeImages", &[]).await.good();
    let bought = tokio::time::timeout(Duration::from_millis(300), purchase(&upstream, "t", &[]).post()).await;
    assert!(bought.is_err(), "no answer comes");
    assert_eq!(upstream.simulator.state().desktops.len(), 1, "but it is bought");
    upstream.stop().await;
}

#[tokio::test]
async fn chaos_passes() {
    let upstream = Upstream::with(&["chaos"]).await;
    let mut failures = 0;
    for number in 0..40 {
        let token = format!("t-{number}");
        let mut attempts = 0;
        loop {
            let answer = purchase(&upstream, &token, &[]).post().await;
            if answer.is_ok_and(|answer| answer.status == 200 && answer.text.contains("DesktopId")) {
                break;
            }
            attempts += 1;
            assert!(attempts < 10, "{token}");
        }
        failures += attempts;
    }
    assert!(failures > 3, "{failures}");
    assert_eq!(upstream.simulator.state().desktops.len(), 40, "each token once");
}

#[tokio::test]
async fn switching_starts_counting_anew() {
    let upstream = Upstream::with(&["throttled"]).await;
    upstream.call("DescribeRegions", &[]).await;
    upstream.simulator.set_scenarios(vec![Scenario::from(Kind::Throttled)]);
    assert!(upstream.call("DescribeRegions", &[]).await.headers.contains_key("retry-after"));
}
