//! Invalid input: a problem with a clear code each time, never an internal error, and nothing goes to the cloud.

use serde_json::{Value, json};

use crate::site::{Reply, Site, changed, purchase};

#[tokio::test]
async fn bad_reads() {
    let site = Site::with(&[]).await;
    let check = async |path: &str, status: u16, code: &str, field: &str| {
        let reply = site.get(path).await;
        let problem = reply.problem(code);
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{path}");
        assert_eq!(problem["outcome"], "not_sent", "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    };
    check("/api/DescribeInstances?RegionId=cn-hangzhou", 404, "unknown_action", "").await;
    check("/api/describeimages?RegionId=cn-hangzhou", 404, "unknown_action", "").await;
    check("/api/%FF", 404, "unknown_action", "").await;
    check("/api/CreateDesktop", 404, "unknown_action", "").await;
    check("/api/DeleteDesktop?RegionId=cn-hangzhou&DesktopId=d-1", 404, "unknown_action", "").await;
    check("/api/CreateUser", 405, "method_not_allowed", "").await;
    check("/api/", 404, "not_found", "").await;
    check("/api/DescribeImages/more", 404, "not_found", "").await;
    check("/api/orders/t-1/more", 404, "not_found", "").await;
    check("/api/DescribeImages", 400, "missing_parameter", "RegionId").await;
    check("/api/DescribeImages?RegionId=", 400, "missing_parameter", "RegionId").await;
    check("/api/DescribeImages?RegionId=eu-nowhere", 400, "unknown_region", "RegionId").await;
    check("/api/DescribeImages?RegionId=evil.example%2F", 400, "unknown_region", "RegionId").await;
    let with = |more: &str| format!("/api/DescribeImages?RegionId=cn-hangzhou&{more}");
    check(&with("RegionId=cn-beijing"), 400, "duplicate_parameter", "RegionId").await;
    check(&with("Foo=1"), 400, "unknown_parameter", "Foo").await;
    check(&with("Action=DeleteDesktop"), 400, "unknown_parameter", "Action").await;
    check(&with("AccessKeyId=x"), 400, "unknown_parameter", "AccessKeyId").await;
    check(&with("OwnerId=1"), 400, "unknown_parameter", "OwnerId").await;
    check(&with("Page=1&Page=2"), 400, "duplicate_parameter", "Page").await;
    check(&with("Page=one"), 400, "invalid_parameter", "Page").await;
    check(&with("ImageType=own"), 400, "invalid_parameter", "ImageType").await;
    check(&with("ImageName=%FF%FE"), 400, "invalid_parameter", "").await;
    check("/api/DescribeAvailableResource?RegionId=cn-hangzhou&ZoneId=z", 400, "missing_parameter", "TypeItemId").await;
    check("/api/orders?limit=0", 400, "invalid_parameter", "limit").await;
    check("/api/orders?page=1", 400, "unknown_parameter", "page").await;
    check("/api/orders/events?since=1", 400, "unknown_parameter", "since").await;
    check("/api/desktops?state=placed", 400, "unknown_parameter", "state").await;
    check("/api/orders/t-1?wait=999", 400, "invalid_parameter", "wait").await;
    check("/api/orders/no-such-order", 404, "not_found", "").await;
    assert!(site.state().calls.is_empty(), "{:?}", site.state().calls);
}

#[tokio::test]
async fn the_echo_of_a_name_is_short() {
    let site = Site::with(&[]).await;
    let name = "x".repeat(5000);
    let reply = site.get(&format!("/api/DescribeImages?RegionId=cn-hangzhou&{name}=1")).await;
    reply.problem("unknown_parameter");
    assert!(reply.body.len() < 600, "{}", reply.body.len());
}

#[tokio::test]
async fn wrong_methods() {
    let site = Site::with(&[]).await;
    let check = async |method: &str, path: &str, code: &str, allow: Option<&str>| {
        let request = site.request(method, path).header("content-type", "application/json").body("{}");
        let reply = Reply::of(request).await;
        reply.problem(code);
        if allow.is_some() {
            assert_eq!(reply.header("allow"), allow, "{method} {path}");
        }
    };
    check("POST", "/api/DescribeImages", "method_not_allowed", Some("GET")).await;
    check("POST", "/api/CreateDesktop", "unknown_action", None).await;
    check("POST", "/api/Nothing", "unknown_action", None).await;
    check("PUT", "/api/CreateUser", "method_not_allowed", None).await;
    check("DELETE", "/api/orders/t-1", "method_not_allowed", None).await;
    check("POST", "/api/session", "method_not_allowed", None).await;
    check("POST", "/api", "not_found", None).await;
    assert!(site.state().calls.is_empty());
}

#[tokio::test]
async fn bad_bodies() {
    let site = Site::with(&[]).await;
    let check = async |path: &str, media_type: &str, body: Vec<u8>, status: u16, code: &str| {
        let reply = Reply::of(site.request("POST", path).header("content-type", media_type).body(body)).await;
        reply.problem(code);
        assert_eq!(reply.status, status, "{path}");
        assert!(reply.body.len() < 600, "{path}");
    };
    let good = json!({ "RegionId": "cn-hangzhou", "UserName": "a", "Email": "a@b.cn" }).to_string().into_bytes();
    let json = "application/json";
    for path in ["/api/CreateUser", "/api/ModifyUser", "/api/orders"] {
        check(path, "text/plain", good.clone(), 415, "unsupported_media_type").await;
        check(path, "application/x-www-form-urlencoded", good.clone(), 415, "unsupported_media_type").await;
        check(path, json, vec![b' '; 2 << 20], 413, "body_too_large").await;
        check(path, json, b"{\"UserName\": \"secret-name".to_vec(), 400, "malformed_body").await;
        check(path, json, b"[]".to_vec(), 400, "malformed_body").await;
        check(path, json, b"\xff\xfe{}".to_vec(), 400, "malformed_body").await;
        check(path, json, Vec::new(), 400, "malformed_body").await;
        check(path, json, "[".repeat(10_000).into_bytes(), 400, "malformed_body").await;
    }
    assert!(site.state().calls.is_empty());
}

#[tokio::test]
async fn bad_users() {
    let site = Site::with(&[]).await;
    let check = async |change: Value, code: &str, field: &str| {
        let user = json!({ "RegionId": "cn-hangzhou", "UserName": "a", "Email": "a@b.cn" });
        let problem = site.post("/api/CreateUser", &changed(user, &change)).await.problem(code);
        assert_eq!(problem["field"], field, "{change}");
    };
    check(json!({ "RegionId": null }), "missing_parameter", "RegionId").await;
    check(json!({ "RegionId": "nowhere" }), "unknown_region", "RegionId").await;
    check(json!({ "RegionId": ["cn-hangzhou"] }), "invalid_parameter", "RegionId").await;
    check(json!({ "UserName": null }), "missing_parameter", "UserName").await;
    check(json!({ "UserName": "" }), "user_name_empty", "UserName").await;
    check(json!({ "UserName": "a2345678901234567" }), "user_name_too_long", "UserName").await;
    check(json!({ "UserName": "a\u{0}b" }), "user_name_invalid", "UserName").await;
    check(json!({ "Email": "nobody" }), "email_invalid", "Email").await;
    check(json!({ "Email": { "a": 1 } }), "invalid_parameter", "Email").await;
    check(json!({ "OwnerId": "1" }), "unknown_parameter", "OwnerId").await;
    assert!(site.state().calls.is_empty());
}

#[tokio::test]
async fn bad_orders() {
    let site = Site::with(&[]).await;
    let check = async |operations: Value, code: &str, field: &str| {
        let reply = site.post("/api/orders", &json!({ "operations": operations })).await;
        let problem = reply.problem(code);
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{operations}");
        assert_eq!(problem["outcome"], "not_sent");
    };
    let with = |change: Value| json!([changed(purchase("t-1"), &change)]);
    check(json!([]), "invalid_parameter", "operations").await;
    check(json!(vec![purchase("t-1"); 501]), "invalid_parameter", "operations").await;
    check(json!([7]), "malformed_body", "").await;
    let release = json!({ "Action": "DeleteDesktop", "RegionId": "cn-hangzhou", "ClientToken": "t", "DesktopId": "d" });
    check(json!([changed(release.clone(), &json!({ "DesktopId": "" }))]), "invalid_parameter", "DesktopId").await;
    check(json!([changed(release.clone(), &json!({ "Period": 1 }))]), "unknown_parameter", "Period").await;
    let renewal = changed(release, &json!({ "Action": "RenewDesktop" }));
    check(json!([renewal]), "missing_parameter", "Period").await;
    // Of several, the one to blame is named.
    let bad = changed(purchase("t-2"), &json!({ "Period": 1 }));
    check(json!([purchase("t-1"), bad]), "period_not_allowed", "operations[1].Period").await;
    check(with(json!({ "Action": "RunInstances" })), "unknown_action", "Action").await;
    check(with(json!({ "Action": null })), "missing_parameter", "Action").await;
    check(with(json!({ "ClientToken": null })), "missing_parameter", "ClientToken").await;
    check(with(json!({ "ClientToken": "x".repeat(65) })), "invalid_parameter", "ClientToken").await;
    check(with(json!({ "RegionId": "eu-nowhere" })), "unknown_region", "RegionId").await;
    check(with(json!({ "Period": 1 })), "period_not_allowed", "Period").await;
    check(with(json!({ "ChargeType": "PREPAY" })), "period_required", "Period").await;
    check(with(json!({ "ChargeType": "PREPAY", "Period": 10 })), "period_invalid", "Period").await;
    check(with(json!({ "UserGroup": "root" })), "invalid_parameter", "UserGroup").await;
    check(with(json!({ "Discount": 100 })), "unknown_parameter", "Discount").await;
    check(with(json!({ "OwnerId": "42" })), "unknown_parameter", "OwnerId").await;
    assert!(site.state().calls.is_empty());
    assert_eq!(site.get("/api/orders").await.json(), json!({ "orders": [] }));
}
