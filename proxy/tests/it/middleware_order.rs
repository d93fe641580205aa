//! The order of the middleware, which is the security model. Each request violates the rules of two layers, and the
//! answer shows which layer saw it first. Swapping two neighbours in `http::router` fails one of these tests.

use serde_json::json;

use crate::{
    signin::{Desk, person},
    site::Reply,
};

const LISTED: &str = "https://pages.example";
const FOREIGN: &[(&str, &str)] = &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];

async fn desk() -> Desk {
    Desk::with(&["--buyers=*", "--page-origins=https://pages.example", "--user-rate-limit=1"]).await
}

/// A post to this path with these headers, of this many bytes.
async fn post(desk: &Desk, path: &str, headers: &[(&str, &str)], length: usize) -> Reply {
    let request = desk.site.request("POST", path).header("content-type", "application/json");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Reply::of(request.body("x".repeat(length))).await
}

#[tokio::test]
async fn the_log_and_the_security_headers_are_around_every_refusal() {
    let desk = desk().await;
    let refusals = [
        desk.site.ask("GET", "/", &[("host", "evil.example")]).await,
        desk.site.ask("GET", &format!("/{}", "x".repeat(9_000)), &[]).await,
        post(&desk, "/api/orders", FOREIGN, 2).await,
        desk.site.get("/api/orders").await,
        desk.site.ask("DELETE", "/api/orders", &[]).await,
    ];
    for reply in refusals {
        assert!(reply.status >= 400, "{reply:?}");
        assert!(reply.header("x-request-id").is_some(), "{reply:?}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply:?}");
        assert!(reply.header("content-security-policy").is_some(), "{reply:?}");
        assert!(!reply.json()["request_id"].is_null(), "the problem has its body: {reply:?}");
    }
}

#[tokio::test]
async fn the_guard_is_before_cors() {
    // What a browser asks before a foreign write: for another host it is refused, listed or not.
    let asks = [("host", "evil.example"), ("origin", LISTED), ("access-control-request-method", "POST")];
    let reply = desk().await.site.ask("OPTIONS", "/api/orders", &asks).await;
    reply.problem("unknown_host");
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn cors_is_before_authorization() {
    // A browser sends no cookies with a preflight request, so it cannot be signed in.
    let asks = [("origin", LISTED), ("access-control-request-method", "POST")];
    let reply = desk().await.site.ask("OPTIONS", "/api/orders", &asks).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, Some(LISTED)));
}

#[tokio::test]
async fn cors_is_around_what_refuses() {
    // A listed page can read why it is refused.
    let desk = desk().await;
    let reply = post(&desk, "/api/orders", &[("origin", LISTED), ("sec-fetch-site", "same-site")], 2).await;
    reply.problem("sign_in_required");
    assert_eq!(reply.header("access-control-allow-origin"), Some(LISTED));
}

#[tokio::test]
async fn csrf_protection_is_before_authorization() {
    let desk = desk().await;
    post(&desk, "/api/orders", FOREIGN, 2).await.problem("cross_site");
    // Neither is a session renewed by a foreign page, nor its owner's rate used up.
    let cookie = desk.cookie(&person("ann"), 600);
    let with_cookie = [FOREIGN, &[("cookie", cookie.as_str())]].concat();
    for _ in 0..30 {
        let reply = post(&desk, "/api/orders", &with_cookie, 2).await;
        reply.problem("cross_site");
        assert_eq!(reply.header("set-cookie"), None);
    }
    assert_eq!(desk.get("/api/orders", &cookie).await.json(), json!({ "orders": [] }));
}

#[tokio::test]
async fn authorization_is_before_routing_and_bodies() {
    let desk = desk().await;
    // Anonymous callers do not learn which paths exist, and nothing of their bodies is read.
    for path in ["/api/NoSuchAction", "/api/orders/t-1/more", "/api/session/more"] {
        desk.site.get(path).await.problem("sign_in_required");
    }
    post(&desk, "/api/orders", &[], 3 << 20).await.problem("sign_in_required");
    let cookie = desk.cookie(&person("ann"), 0);
    desk.get("/api/NoSuchAction", &cookie).await.problem("unknown_action");
    post(&desk, "/api/orders", &[("cookie", &cookie)], 3 << 20).await.problem("body_too_large");
}
