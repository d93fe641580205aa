//! The page's files: their content, caching and headers.

use std::fs;

use crate::site::{Reply, Site};

const WASM: &str = "frontend-9c3f1a2b4d5e6f70_bg.wasm";

async fn site() -> Site {
    let site = Site::with_flags(&[], &["--allowed-hosts=desk"]).await;
    let page = site.cloud.folder.path().join("page");
    fs::write(page.join("index.html"), "<!doctype html><title>page</title>").unwrap();
    fs::write(page.join("boot.js"), "plain").unwrap();
    fs::write(page.join(WASM), "plain").unwrap();
    fs::write(page.join(format!("{WASM}.br")), "brotli").unwrap();
    fs::write(page.join(format!("{WASM}.gz")), "gzip").unwrap();
    fs::write(site.cloud.folder.path().join("secret.txt"), "secret").unwrap();
    site
}

#[tokio::test]
async fn the_page_is_asked_for_each_time_and_its_parts_are_kept() {
    let site = site().await;
    let check = async |path: &str, media_type: &str, policy: &str| {
        let reply = site.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), Some(media_type), "{path}");
        assert_eq!(reply.header("cache-control"), Some(policy), "{path}");
    };
    check("/", "text/html", "no-cache").await;
    check("/?commodityCode=CloudDesktop&request={%22region%22:%22cn-hangzhou%22}", "text/html", "no-cache").await;
    check("/index.html", "text/html", "no-cache").await;
    check("/boot.js", "text/javascript", "no-cache").await;
    check(&format!("/{WASM}"), "application/wasm", "public, max-age=31536000, immutable").await;
}

#[tokio::test]
async fn the_compressed_form_is_taken_where_there_is_one() {
    let site = site().await;
    let check = async |path: &str, accept: &str, encoding: Option<&str>, body: &str| {
        let reply = Reply::of(site.request("GET", path).header("accept-encoding", accept)).await;
        assert_eq!(reply.header("content-encoding"), encoding, "{path} {accept}");
        assert_eq!(String::from_utf8(reply.body).unwrap(), body, "{path} {accept}");
    };
    let wasm = format!("/{WASM}");
    check(&wasm, "gzip, deflate, br", Some("br"), "brotli").await;
    check(&wasm, "gzip", Some("gzip"), "gzip").await;
    check(&wasm, "identity", None, "plain").await;
    check("/boot.js", "br", None, "plain").await;
}

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let site = site().await;
    for path in ["/", "/nothing", "/api/session", "/api/Nothing"] {
        let reply = site.get(path).await;
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';"));
        assert!(!policy.contains("unsafe-inline"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"), "{path}");
        assert_eq!(reply.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
        assert_eq!(reply.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert!(reply.header("permissions-policy").is_some(), "{path}");
        assert!(reply.header("x-request-id").is_some(), "{path}");
        assert_eq!(reply.header("strict-transport-security"), None, "{path}");
    }
    let https = Reply::of(site.request("GET", "/").header("x-forwarded-proto", "https")).await;
    assert!(https.header("strict-transport-security").is_some());
}

#[tokio::test]
async fn nothing_else_is_served() {
    let site = site().await;
    for path in ["/nothing", "/nothing.html", "/index", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//secret.txt"] {
        let reply = site.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-cache"), "{path}");
    }
    assert_eq!(Reply::of(site.request("POST", "/")).await.status, 405);
}

#[tokio::test]
async fn a_missing_page_says_how_to_build_it() {
    let site = Site::with(&[]).await;
    let reply = site.get("/").await;
    assert_eq!(reply.status, 404);
    assert!(String::from_utf8(reply.body).unwrap().contains("trunk build"));
}

#[tokio::test]
async fn the_admin_listener_tells_of_life() {
    let site = site().await;
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    for path in ["live", "ready"] {
        let reply = Reply::of(http.get(format!("http://{}/{path}", site.admin))).await;
        assert_eq!(reply.status, 200, "{path}");
    }
    assert_eq!(Reply::of(http.get(format!("http://{}/api/session", site.admin))).await.status, 404);
    assert_eq!(site.get("/live").await.status, 404);
}
