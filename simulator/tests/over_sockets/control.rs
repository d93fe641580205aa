//! The control endpoints under `/_simulator`.

use reqwest::Method;
use simulator::{Config, Simulator, State};

use crate::{purchase::buy, support::Upstream};

#[tokio::test]
async fn state_is_what_happened() {
    let upstream = Upstream::with(&["slow:DescribeZones"]).await;
    buy(&upstream, "t-1", &[]).await.good();
    let answer = upstream.control(Method::GET, "state", "").await;
    let state: State = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(state, upstream.simulator.state());
    let json = answer.json();
    assert_eq!(json["desktops"][0]["type"], "desktop.n1.small");
    assert_eq!(json["calls"]["CreateDesktop"], 1);
    assert_eq!(json["scenarios"][0], "slow:DescribeZones");
    assert_eq!(json["tokens"][0]["token"], "t-1");
}

#[tokio::test]
async fn scenarios_are_switched_while_it_runs() {
    let upstream = Upstream::with(&[]).await;
    let put = async |body: &str| upstream.control(Method::PUT, "scenarios", body).await;
    assert_eq!(put(r#"["fail:DescribeRegions"]"#).await.status, 200);
    assert_eq!(upstream.call("DescribeRegions", &[]).await.status, 503);
    for body in [r#"["no-such-thing"]"#, r#"["fail:Nothing"]"#, r#"{"a":1}"#, "nonsense", "[1]"] {
        let refused = put(body).await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.json()["known"].as_array().unwrap().contains(&"commit-then-drop".into()), "{body}");
    }
    assert_eq!(upstream.simulator.state().scenarios, ["fail:DescribeRegions"], "a refused list changes nothing");
    let known = upstream.control(Method::GET, "scenarios", "").await.json();
    assert_eq!(known["active"][0], "fail:DescribeRegions");
    assert_eq!(put("[]").await.status, 200);
    upstream.call("DescribeRegions", &[]).await.good();
}

#[tokio::test]
async fn reset_goes_back_to_the_start() {
    let upstream = Upstream::with(&["throttled:DescribeZones"]).await;
    let start = upstream.simulator.state();
    buy(&upstream, "t-1", &[]).await.good();
    upstream.call("ModifyUser", &[("UserName", "wang.wu"), ("Email", "w@example.com")]).await.good();
    upstream.simulator.set_scenarios(Vec::new());
    assert_ne!(upstream.simulator.state(), start);
    assert_eq!(upstream.control(Method::POST, "reset", "").await.status, 200);
    assert_eq!(upstream.simulator.state(), start);
    buy(&upstream, "t-1", &[("UserName", "li.si")]).await.good();
}

#[tokio::test]
async fn nothing_else_is_there() {
    let upstream = Upstream::with(&[]).await;
    assert_eq!(upstream.control(Method::GET, "nothing", "").await.status, 404);
    assert_eq!(upstream.control(Method::DELETE, "state", "").await.status, 405);
}

#[tokio::test]
async fn loopback_only() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let error = Simulator::new(Config::default()).serve(listener, std::future::pending()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn settings_are_shown_without_secrets() {
    let config = Config { sts_token: Some("a-token".to_owned()), ..Config::default() };
    let text = format!("{config:?} {:?}", Simulator::new(config.clone()));
    assert!(text.contains("demo-id") && !text.contains("demo-secret") && !text.contains("a-token"), "{text}");
}
