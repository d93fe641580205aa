//! The metrics of `/metrics`.

use std::time::Duration;

use crate::site::{Reply, Site, http, purchase};

const READ: &str = "/api/DescribeZones?RegionId=cn-hangzhou";

/// What they are now.
pub async fn metrics(site: &Site) -> String {
    let reply = Reply::of(http().get(format!("http://{}/metrics", site.admin))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    String::from_utf8(reply.body).unwrap()
}

#[track_caller]
fn check(metrics: &str, expect: &[&str]) {
    for line in expect {
        assert!(metrics.lines().any(|found| found == *line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn requests_and_calls() {
    let site = Site::with(&["throttled"]).await;
    assert_eq!(site.get(READ).await.status, 200);
    site.get("/api/DescribeZones?RegionId=nowhere").await.problem("unknown_region");
    check(
        &metrics(&site).await,
        &[
            r#"deskbuy_http_requests_total{route="/api/DescribeZones",method="GET",status="200"} 1"#,
            r#"deskbuy_http_requests_total{route="/api/DescribeZones",method="GET",status="400"} 1"#,
            r#"deskbuy_http_request_duration_seconds_count{route="/api/DescribeZones"} 2"#,
            "deskbuy_http_requests_in_flight 0",
            r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="throttled"} 2"#,
            r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="ok"} 1"#,
            r#"deskbuy_upstream_call_duration_seconds_count{action="DescribeZones"} 3"#,
            "deskbuy_upstream_calls_in_flight 0",
            r#"deskbuy_upstream_retries_total{action="DescribeZones"} 2"#,
            r#"deskbuy_upstream_throttles_total{product="vpc",region="cn-hangzhou"} 2"#,
            concat!("deskbuy_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ],
    );
}

#[tokio::test]
async fn what_is_under_way() {
    // A shared (single-flight) call continues without the request that began it.
    let site = Site::with_flags(&["hang"], &["--cache=0"]).await;
    let request = site.request("GET", READ);
    let waiting = tokio::spawn(request.send());
    let lines = ["deskbuy_http_requests_in_flight 1", "deskbuy_upstream_calls_in_flight 1"];
    until(&site, &lines).await;
    // A client that disconnects is counted as 499, as in nginx, and so is the abandoned attempt.
    waiting.abort();
    let lines = [
        r#"deskbuy_http_requests_total{route="/api/DescribeZones",method="GET",status="499"} 1"#,
        r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="abandoned"} 1"#,
        "deskbuy_http_requests_in_flight 0",
        "deskbuy_upstream_calls_in_flight 0",
    ];
    until(&site, &lines).await;
}

/// Completes when all of these lines are there.
async fn until(site: &Site, lines: &[&str]) {
    loop {
        let found = metrics(site).await;
        if lines.iter().all(|line| found.lines().any(|found| found == *line)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn where_the_answers_to_reads_came_from() {
    let site = Site::with(&["slow"]).await;
    tokio::join!(site.get(READ), site.get(READ), site.get(READ));
    site.get(READ).await;
    check(
        &metrics(&site).await,
        &[
            r#"deskbuy_reads_total{action="DescribeZones",source="upstream"} 1"#,
            r#"deskbuy_reads_total{action="DescribeZones",source="shared"} 2"#,
            r#"deskbuy_reads_total{action="DescribeZones",source="cache"} 1"#,
            r#"deskbuy_upstream_calls_total{action="DescribeZones",outcome="ok"} 1"#,
        ],
    );
}

#[tokio::test]
async fn orders_by_state() {
    let site = Site::with(&[]).await;
    site.order(&purchase("t-1")).await;
    site.settled("t-1").await;
    site.set_scenarios(&["sold-out"]);
    site.order(&purchase("t-2")).await;
    site.settled("t-2").await;
    check(
        &metrics(&site).await,
        &[
            "deskbuy_journal_up 1",
            r#"deskbuy_orders{state="accepted"} 0"#,
            r#"deskbuy_orders{state="placed"} 1"#,
            r#"deskbuy_orders{state="rejected"} 1"#,
            r#"deskbuy_orders{state="unresolved"} 0"#,
        ],
    );
}

#[tokio::test]
async fn no_caller_can_make_labels_up() {
    let site = Site::with(&[]).await;
    for (method, path) in [
        ("GET", "/api/MadeUp?RegionId=cn-hangzhou"),
        ("GET", "/made/up"),
        ("MADEUP", "/"),
        ("GET", "/api/orders/made-up"),
        ("GET", "/api/DescribeZones?RegionId=made-up"),
    ] {
        Reply::of(site.request(method, path)).await;
    }
    let metrics = metrics(&site).await;
    let lowered = metrics.to_lowercase();
    for made_up in ["madeup", "made-up", "made/up"] {
        assert!(!lowered.contains(made_up), "{made_up} is in {metrics}");
    }
    check(
        &metrics,
        &[
            r#"deskbuy_http_requests_total{route="/api/{action}",method="GET",status="404"} 1"#,
            r#"deskbuy_http_requests_total{route="/api/orders/{token}",method="GET",status="404"} 1"#,
        ],
    );
}

#[tokio::test]
async fn the_form_is_one_that_prometheus_reads() {
    let site = Site::with(&[]).await;
    site.get(READ).await;
    let metrics = metrics(&site).await;
    assert!(metrics.ends_with("\n# EOF\n"), "{metrics}");
    let mut known = Vec::new();
    for line in metrics.lines().filter(|line| *line != "# EOF") {
        if let Some(kind) = line.strip_prefix("# TYPE ") {
            known.push(kind.split(' ').next().unwrap().to_owned());
        } else if !line.starts_with('#') {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = sample.split('{').next().unwrap();
            // Samples follow the type of their family.
            assert!(name.starts_with(known.last().unwrap().as_str()), "{line}");
            assert!(name.starts_with("deskbuy_") || name.starts_with("process_"), "{line}");
        }
    }
    assert!(known.iter().any(|name| name == "process_resident_memory_bytes"), "{known:?}");
}
