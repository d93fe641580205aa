//! The guard: requests for other hosts, of excessive size, or from foreign pages. Each is answered with a problem, and
//! nothing goes to the cloud.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::site::{Reply, Site, changed, purchase};

const JSON: (&str, &str) = ("content-type", "application/json");

fn order() -> String {
    json!({ "operations": [purchase("t-1")] }).to_string()
}

/// An order, sent with these headers.
async fn order_with(site: &Site, headers: &[(&str, &str)]) -> Reply {
    let request =
        headers.iter().fold(site.request("POST", "/api/orders"), |all, (name, value)| all.header(*name, *value));
    Reply::of(request.body(order())).await
}

/// The status of the answer to this very text.
async fn status_of(site: &Site, request: &str) -> u16 {
    let mut connection = TcpStream::connect(site.page).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_foreign_page_can_have_nothing_done() {
    let site = Site::with(&[]).await;
    let own = format!("http://{}", site.page);
    for foreign in [
        &[JSON, ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")][..],
        &[JSON, ("origin", "https://evil.example")],
        &[JSON, ("origin", "null")],
        &[JSON, ("sec-fetch-site", "cross-site")],
        // Another port is another page, though of the same site.
        &[JSON, ("origin", "http://127.0.0.1:1"), ("sec-fetch-site", "same-site")],
        // What a form can send without asking.
        &[("content-type", "text/plain"), ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
    ] {
        let reply = order_with(&site, foreign).await;
        assert_eq!(reply.problem("cross_site")["outcome"], "not_sent", "{foreign:?}");
        assert_eq!(reply.status, 403, "{foreign:?}");
        assert_eq!(reply.header("access-control-allow-origin"), None, "{foreign:?}");
    }
    assert!(site.state().calls.is_empty());
    assert_eq!(site.get("/api/orders").await.json(), json!({ "orders": [] }));
    let reply = order_with(&site, &[JSON, ("origin", &own), ("sec-fetch-site", "same-origin")]).await;
    assert_eq!(reply.status, 202, "{reply:?}");
}

/// A server in front may pass `Host` on without the port, as nginx does with `$host`.
#[tokio::test]
async fn the_public_address_is_no_foreign_page() {
    let site = Site::with_flags(&[], &["--public-url=http://127.0.0.1:8443"]).await;
    let host = ("host", "127.0.0.1");
    order_with(&site, &[JSON, host, ("origin", "http://127.0.0.1:8444")]).await.problem("cross_site");
    let reply = order_with(&site, &[JSON, host, ("origin", "http://127.0.0.1:8443")]).await;
    assert_eq!(reply.status, 202, "{reply:?}");
}

#[tokio::test]
async fn without_sign_in_nothing_is_passed_on_by_another_server() {
    let site = Site::with(&[]).await;
    let marks = [
        "forwarded",
        "x-forwarded-for",
        "X-Forwarded-Proto",
        "x-forwarded",
        "via",
        "x-real-ip",
        "True-Client-IP",
        "cf-connecting-ip",
        "x-original-forwarded-for",
    ];
    for name in marks {
        order_with(&site, &[JSON, (name, "for=192.0.2.1")]).await.problem("unknown_host");
    }
    // nginx as it comes: nothing is added, and the page's own address is another one.
    let own = format!("http://{}", site.page);
    for (name, address) in [("origin", "https://shop.example"), ("referer", "https://shop.example/"), ("origin", &own)]
    {
        let reply = order_with(&site, &[JSON, ("sec-fetch-site", "same-origin"), (name, address)]).await;
        let expect = if address == own { 202 } else { 421 };
        assert_eq!(reply.status, expect, "{name}: {address}");
    }
    let old = format!("POST /api/orders HTTP/1.0\r\nhost: {}\r\ncontent-length: 0\r\n\r\n", site.page);
    assert_eq!(status_of(&site, &old).await, 421);
    let named = Site::with_flags(&[], &["--allowed-hosts=desk.example"]).await;
    let reply = order_with(&named, &[JSON, ("x-forwarded-for", "192.0.2.1")]).await;
    assert_eq!(reply.status, 202, "the operator has decided who asks: {reply:?}");
}

#[tokio::test]
async fn names_that_no_file_can_have_are_the_callers_doing() {
    let site = Site::with(&[]).await;
    for method in ["GET", "HEAD"] {
        for path in [
            &format!("/{}", "a".repeat(256)),
            &format!("/{}", "a/".repeat(3_000)),
            "/%00",
            "/x%00.js",
            "/%ff",
            "/%2e%2e/x",
        ] {
            let status = site.ask(method, path, &[]).await.status;
            assert!((400..500).contains(&status), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn writes_are_json_and_say_so() {
    let site = Site::with(&[]).await;
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let reply = order_with(&site, &[("content-type", media_type)]).await;
        reply.problem("unsupported_media_type");
        assert_eq!(reply.status, 415);
    }
    order_with(&site, &[]).await.problem("unsupported_media_type");
    assert!(site.state().calls.is_empty());
}

#[tokio::test]
async fn only_listed_pages_may_read_answers() {
    let site = Site::with_flags(&[], &["--page-origins=https://pages.example"]).await;
    let read = async |origin: &str| site.ask("GET", "/api/session", &[("origin", origin)]).await;
    let listed = read("https://pages.example").await;
    assert_eq!(listed.header("access-control-allow-origin"), Some("https://pages.example"));
    assert_eq!(listed.header("access-control-allow-credentials"), Some("true"));
    assert_eq!(listed.header("vary").map(|vary| vary.to_lowercase().contains("origin")), Some(true));
    for origin in ["https://evil.example", "https://pages.example.evil.example", "http://pages.example", "null"] {
        assert_eq!(read(origin).await.header("access-control-allow-origin"), None, "{origin}");
    }
    // What a browser asks before it sends JSON.
    let asks = [
        ("origin", "https://pages.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let reply = site.ask("OPTIONS", "/api/orders", &asks).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some("https://pages.example")));
    assert_eq!(reply.header("access-control-allow-methods"), Some("GET,POST"));

    let listed = [JSON, ("origin", "https://pages.example"), ("sec-fetch-site", "same-site")];
    assert_eq!(order_with(&site, &listed).await.status, 202);
    let reply = order_with(&site, &[JSON, ("origin", "https://evil.example"), ("sec-fetch-site", "same-site")]).await;
    reply.problem("cross_site");
}

#[tokio::test]
async fn a_page_that_is_not_listed_reads_nothing() {
    let site = Site::with(&[]).await;
    let asks = [("origin", "https://pages.example"), ("access-control-request-method", "POST")];
    let reply = site.ask("OPTIONS", "/api/orders", &asks).await;
    assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{reply:?}");
}

#[tokio::test]
async fn a_name_that_is_not_ours_leads_nowhere() {
    let site = Site::with_flags(&[], &["--allowed-hosts=desk"]).await;
    for path in ["/api/DescribeZones?RegionId=cn-hangzhou", "/api/session", "/"] {
        let reply = site.ask("GET", path, &[("host", "evil.example")]).await;
        reply.problem("unknown_host");
        assert_eq!(reply.status, 421, "{path}");
    }
    assert!(site.state().calls.is_empty());
    assert_eq!(site.ask("GET", "/api/session", &[("host", "desk:8080")]).await.status, 200);
    assert_eq!(site.ask("GET", "/api/session", &[("host", "localhost:1234")]).await.status, 200);
    let get = |target: &str, headers: &str| format!("GET {target} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    assert_eq!(status_of(&site, &get("/api/session", "host: desk\r\n")).await, 200);
    assert_eq!(status_of(&site, &get("/api/session", "host: desk\r\nhost: evil.example\r\n")).await, 421);
    assert_eq!(status_of(&site, &get("http://evil.example/api/session", "host: desk\r\n")).await, 421);
    assert_eq!(status_of(&site, "GET /api/session HTTP/1.0\r\n\r\n").await, 421);
}

#[tokio::test]
async fn no_caller_chooses_where_calls_go() {
    let site = Site::with_flags(&[], &["--allowed-hosts=desk"]).await;
    // The cloud that is called is the settings', whatever is said besides.
    let said = [
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example"),
        ("x-original-url", "http://evil.example/"),
        ("x-acs-action", "DeleteDesktop"),
    ];
    let reply = site.ask("GET", "/api/DescribeZones?RegionId=cn-hangzhou", &said).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(site.state().calls.keys().collect::<Vec<_>>(), ["DescribeZones"]);
    for region in
        ["evil.example", "cn-hangzhou.evil.example", "cn-hangzhou@evil.example", "127.0.0.1:80/", "cn-hangzhou%2f.."]
    {
        site.get(&format!("/api/DescribeZones?RegionId={region}")).await.problem("unknown_region");
    }
    for parameter in ["Endpoint", "Domain", "Host", "Action", "Version", "Format", "SignatureMethod", "SecurityToken"] {
        let reply = site.get(&format!("/api/DescribeZones?RegionId=cn-hangzhou&{parameter}=x")).await;
        reply.problem("unknown_parameter");
    }
    assert_eq!(site.calls("DescribeZones"), 1);
}

#[tokio::test]
async fn what_is_not_declared_leaves_with_no_action() {
    let site = Site::with(&[]).await;
    for action in shared::actions::NAMES {
        for undeclared in ["Undeclared", "OwnerId", "Action", "AccessKeyId", "SignatureNonce", "regionid"] {
            let reply = site.get(&format!("/api/{action}?RegionId=cn-hangzhou&{undeclared}=1")).await;
            assert!(matches!(reply.status, 400 | 404 | 405), "{action} {undeclared}: {reply:?}");
            let operation = changed(purchase("t-1"), &json!({ "Action": action, undeclared: "1" }));
            let reply = site.order_all(&[operation]).await;
            assert!(matches!(reply.status, 400 | 404), "{action} {undeclared}: {reply:?}");
            let members = json!({ "RegionId": "cn-hangzhou", "UserName": "a", "Email": "a@b.cn", undeclared: "1" });
            let reply = site.post(&format!("/api/{action}"), &members).await;
            assert!(matches!(reply.status, 400 | 404 | 405), "{action} {undeclared}: {reply:?}");
        }
    }
    // The product has a hundred more, some of which its own console uses.
    for action in
        ["DescribeDesktops", "RefundDesktop", "StopDesktops", "RunInstances", "describezones", "DescribeZones.", "*"]
    {
        site.get(&format!("/api/{action}?RegionId=cn-hangzhou")).await.problem("unknown_action");
    }
    assert!(site.state().calls.is_empty(), "{:?}", site.state().calls);
}

#[tokio::test]
async fn sizes_have_their_ends() {
    let site = Site::with(&[]).await;
    let long = site.get(&format!("/api/DescribeImages?RegionId=cn-hangzhou&ImageName={}", "x".repeat(8_200))).await;
    long.problem("address_too_long");
    assert_eq!(long.status, 414);
    assert_eq!(site.get(&format!("/{}", "x".repeat(8_200))).await.status, 414, "not of the API alone");

    let large = site.ask("GET", "/api/session", &[("x-large", &"x".repeat(33_000))]).await;
    large.problem("headers_too_large");
    assert_eq!(large.status, 431);

    let body = json!({ "operations": [purchase(&"x".repeat(2_000_000))] });
    let heavy = site.post("/api/orders", &body).await;
    heavy.problem("body_too_large");
    assert_eq!(heavy.status, 413);
    assert!(site.state().calls.is_empty());
}

#[tokio::test]
async fn methods_that_nothing_here_has() {
    let site = Site::with(&[]).await;
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"] {
        for path in ["/api/orders", "/"] {
            let reply = site.ask(method, path, &[]).await;
            assert_eq!(reply.status, 405, "{method} {path}");
            reply.problem("method_not_allowed");
        }
    }
}

#[tokio::test]
async fn rate_limited_requests_get_retry_after() {
    let site = Site::with_flags(&[], &["--rate-limit=1"]).await;
    let mut refused = None;
    for _ in 0..100 {
        let reply = site.get("/api/orders").await;
        if reply.status != 200 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("a hundred requests take no ninety seconds");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.problem("too_many_requests")["retry_after"], 1);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(site.get("/").await.status, 404, "the page's files are not counted");
}
