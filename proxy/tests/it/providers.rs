//! Sign-in with providers as they are: what they say beside what matters, where they put claims, and how they fail.

use std::{sync::atomic::Ordering, time::Duration};

use serde_json::{Value, json};

use crate::provider::{Browser, Provider, SignInSite, now};

/// The ID token of somebody who may buy.
fn buyer() -> Value {
    json!({ "email": "ann@example.com", "email_verified": true, "name": "Ann" })
}

fn with(mut claims: Value, more: Value) -> Value {
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    claims
}

#[tokio::test]
async fn what_is_optional_may_be_of_any_type() {
    let desk = SignInSite::with(&["--buyers=@example.com"]).await;
    let check = async |more: Value| {
        let (status, user) = desk.signed_in_with(with(buyer(), more.clone())).await;
        assert_eq!((status.as_u16(), &user["buys"]), (303, &json!(true)), "{more}");
    };
    check(json!({ "updated_at": "2026-01-01T00:00:00Z", "email_verified": "true", "amr": "pwd" })).await;
    check(json!({ "phone_number_verified": "false", "address": "x", "gender": 7, "locale": [], "auth_time": "now" }))
        .await;
    check(json!({ "iat": "now", "acr": 1, "at_hash": null, "zoneinfo": {}, "birthdate": 0, "website": "" })).await;
    desk.provider.odd().userinfo = (200, json!({ "sub": "7", "updated_at": [], "address": 1 }).to_string());
    check(json!({})).await;
}

#[tokio::test]
async fn what_is_optional_in_discovery_may_be_of_any_type() {
    let check = async |discovery: Value| {
        let provider = Provider::start().await;
        provider.odd().discovery = discovery.clone();
        let desk = SignInSite::at(provider, &["--buyers=@example.com"]).await;
        assert_eq!(desk.signed_in_with(buyer()).await.0.as_u16(), 303, "{discovery}");
    };
    check(json!({ "op_tos_uri": "", "registration_endpoint": "", "service_documentation": 7 })).await;
    check(json!({ "scopes_supported": "openid", "response_types_supported": null, "claims_supported": {} })).await;
    check(json!({ "userinfo_endpoint": "", "end_session_endpoint": [], "grant_types_supported": 1 })).await;
    check(json!({ "token_endpoint_auth_methods_supported": "none", "subject_types_supported": [1] })).await;
}

#[tokio::test]
async fn userinfo_may_fail_where_the_token_says_enough() {
    let desk = SignInSite::with(&["--buyers=groups=buyers", "--viewers=@example.com"]).await;
    let enough = with(buyer(), json!({ "groups": ["buyers"] }));
    for (status, body) in [(401, "{}"), (403, ""), (500, "{\"sub\":\"7\"}"), (200, "<html></html>"), (200, "{}")] {
        desk.provider.odd().userinfo = (status, body.to_owned());
        let (answered, user) = desk.signed_in_with(enough.clone()).await;
        assert_eq!((answered.as_u16(), user), (303, json!({ "name": "Ann", "buys": true })), "{status} {body}");
        // Whether this person has the claim is not known, and so not denied.
        assert_eq!(desk.signed_in_with(json!({})).await.0.as_u16(), 502, "{status} {body}");
    }
    desk.provider.odd().userinfo = (200, json!({ "sub": "8", "groups": "buyers" }).to_string());
    assert_eq!(desk.signed_in_with(enough).await.0.as_u16(), 403, "of another person");
    desk.provider.odd().userinfo = (200, json!({ "sub": "7", "groups": "buyers" }).to_string());
    for token in [json!({}), json!({ "groups": null })] {
        assert_eq!(desk.signed_in_with(token.clone()).await.0.as_u16(), 303, "{token}");
    }
}

#[tokio::test]
async fn a_token_is_for_this_client_and_this_time() {
    let desk = SignInSite::with(&["--buyers=*"]).await;
    let check = async |token: Value, expect: u16| {
        let (status, user) = desk.signed_in_with(token.clone()).await;
        assert_eq!((status.as_u16(), user.is_null()), (expect, expect != 303), "{token}");
    };
    check(json!({ "aud": ["deskbuy", "proj1"], "azp": "deskbuy" }), 303).await;
    check(json!({ "azp": "other" }), 403).await;
    check(json!({ "aud": ["deskbuy", "other"], "azp": "other" }), 403).await;
    check(json!({ "aud": ["deskbuy", "other"] }), 403).await;
    check(json!({ "nbf": now() + 3_600 }), 403).await;
    check(json!({ "nbf": (now() + 3_600).to_string() }), 403).await;
    check(json!({ "nbf": now() - 10 }), 303).await;
    check(json!({ "exp": now() - 3_600 }), 403).await;
    check(json!({ "nonce": "another" }), 403).await;
    check(json!({ "iss": "https://other.example" }), 403).await;
}

#[tokio::test]
async fn claims_by_path_and_in_texts() {
    let desk = SignInSite::with(&[
        "--buyers=realm_access.roles=buyer,https://example.com/roles=buyer,groups=buyer,groups.name=buyer",
        "--oidc-name-claim=profile.shown",
    ])
    .await;
    let check = async |token: Value, expect: u16| {
        assert_eq!(desk.signed_in_with(token.clone()).await.0.as_u16(), expect, "{token}");
    };
    check(json!({ "realm_access": { "roles": ["other", "buyer"] } }), 303).await;
    check(json!({ "realm_access.roles": "buyer" }), 303).await;
    check(json!({ "https://example.com/roles": ["buyer"] }), 303).await;
    check(json!({ "groups": "staff buyer" }), 303).await;
    check(json!({ "groups": "staff,buyer" }), 303).await;
    check(json!({ "groups": [{ "id": 1, "name": "staff" }, { "id": 2, "name": "buyer" }] }), 303).await;
    check(json!({ "groups": { "buyer": { "123": "corp.example" } } }), 303).await;
    check(json!({ "groups": [{ "id": "buyer", "name": "staff" }] }), 403).await;
    check(json!({ "groups": "staff-buyer" }), 403).await;
    check(json!({ "roles": ["buyer"] }), 403).await;
    let (_, user) =
        desk.signed_in_with(json!({ "groups": "buyer", "name": "A", "profile": { "shown": "Ann Lee" } })).await;
    assert_eq!(user["name"], "Ann Lee");
}

#[tokio::test]
async fn an_address_is_not_verified_by_a_word_on_another_one() {
    let desk = SignInSite::with(&["--buyers=@example.com"]).await;
    let said = |email: &str| (200, json!({ "sub": "7", "email": email, "email_verified": true }).to_string());
    for (email, expect) in [("ann@example.com", 303), ("ann@other.example", 403)] {
        desk.provider.odd().userinfo = said(email);
        assert_eq!(desk.signed_in_with(json!({ "email": "ann@example.com" })).await.0.as_u16(), expect, "{email}");
    }
}

#[tokio::test]
async fn a_name_with_commas_is_one_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("buyers");
    std::fs::write(&file, "# who may buy\ngroups=CN=Desktop Buyers,ou=Groups,dc=corp\n").unwrap();
    let desk = SignInSite::with(&[&format!("--buyers-file={}", file.display())]).await;
    assert_eq!(desk.signed_in_with(json!({ "dc": "corp", "ou": "Groups" })).await.0.as_u16(), 403);
    let group = json!({ "groups": ["CN=Desktop Buyers,ou=Groups,dc=corp"] });
    assert_eq!(desk.signed_in_with(group).await.0.as_u16(), 303);
}

#[tokio::test]
async fn the_discovery_document_may_be_elsewhere() {
    let provider = Provider::start().await;
    provider.odd().discovery = json!({ "issuer": "http://127.0.0.1:9/tenant" });
    let elsewhere = format!("--oidc-discovery-url={}", provider.url("/elsewhere"));
    let flags = ["--buyers=*", "--oidc-issuer=http://127.0.0.1:9/tenant", elsewhere.as_str()];
    let desk = SignInSite::without_issuer(provider, &flags).await;
    let token = json!({ "iss": "http://127.0.0.1:9/tenant" });
    assert_eq!(desk.signed_in_with(token).await.0.as_u16(), 303);
    assert_eq!(desk.signed_in_with(json!({})).await.0.as_u16(), 403);
}

#[tokio::test]
async fn a_hanging_provider_costs_each_sign_in_the_same() {
    let provider = Provider::start().await;
    provider.odd().hangs = true;
    let desk = SignInSite::at(provider, &["--buyers=*"]).await;
    let sign_ins = (0..8).map(|_| async { desk.get("/login", &mut Browser::default()).await.status });
    // All of them at the end of one deadline of ten seconds, and not one after the other.
    let all = futures_util::future::join_all(sign_ins);
    assert_eq!(tokio::time::timeout(Duration::from_mins(1), all).await.unwrap(), [502; 8]);
    assert!(desk.provider.discoveries.load(Ordering::Relaxed) <= 2, "the failure is shared");
}

#[tokio::test]
async fn the_providers_return_is_noticed() {
    let provider = Provider::start().await;
    provider.odd().discovery = json!({ "issuer": "https://other.example" });
    let desk = SignInSite::at(provider, &["--buyers=*"]).await;
    assert_eq!(desk.get("/login", &mut Browser::default()).await.status, 502);
    desk.provider.odd().discovery = json!({});
    let found = async {
        while desk.get("/login", &mut Browser::default()).await.status != 303 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), found).await.unwrap();
}

#[tokio::test]
async fn a_failed_sign_in_is_a_page_in_the_readers_language() {
    let desk = SignInSite::with(&["--buyers=@example.com"]).await;
    let failed = async |language: &str| {
        let path = "/login/callback?state=0&code=x";
        let reply = desk.send("GET", path, &mut Browser::default(), &[("accept-language", language)]).await;
        assert_eq!(reply.status, 400);
        assert!(reply.header("content-type").unwrap().starts_with("text/html"));
        let text = String::from_utf8(reply.body).unwrap();
        assert!(text.contains("href=\"/login\"") && text.contains("href=\"/\""), "{text}");
        text
    };
    let (zh, en) = (failed("zh-CN,zh;q=0.9").await, failed("en-GB").await);
    assert!(zh.contains("html lang=\"zh-CN\"") && zh.contains("重新登录"), "{zh}");
    assert!(en.contains("html lang=\"en\"") && en.contains("Sign in again") && !en.contains("登录"), "{en}");
}

#[tokio::test]
async fn anonymous_requests_use_up_nobodys_allowance() {
    let desk = SignInSite::with(&["--buyers=*"]).await;
    for _ in 0..400 {
        let callback = desk.get("/login/callback?state=x", &mut Browser::default()).await;
        assert_eq!(callback.status, 400);
        assert_eq!(desk.get("/login", &mut Browser::default()).await.status, 303);
    }
    // Also those that come as far as the provider.
    for _ in 0..250 {
        let mut browser = Browser::default();
        let state = desk.begin(&mut browser).await;
        assert_eq!(desk.get(&format!("/login/callback?state={state}&code=junk"), &mut browser).await.status, 403);
    }
    assert_eq!(desk.sign_in(&mut Browser::default()).await.status, 303);
}

#[tokio::test]
async fn abandoned_sign_ins_do_not_pile_up() {
    let desk = SignInSite::with(&["--buyers=*"]).await;
    let mut browser = Browser::default();
    browser.0.insert("user".to_owned(), "张三".to_owned());
    for _ in 0..60 {
        desk.begin(&mut browser).await;
    }
    assert!(browser.header().len() < 6_000, "{}", browser.header().len());
    assert_eq!(desk.sign_in(&mut browser).await.status, 303);
    assert_eq!(desk.user(&mut browser).await["buys"], true);
}

#[tokio::test]
async fn cookies_of_other_sites_keep_nobody_out() {
    let desk = SignInSite::with(&["--buyers=*"]).await;
    let check = async |foreign: &[(String, String)]| {
        let mut browser = Browser::default();
        browser.0.extend(foreign.iter().cloned());
        assert_eq!(desk.sign_in(&mut browser).await.status, 303, "{:?}", foreign.first());
        assert_eq!(desk.user(&mut browser).await["buys"], true, "{:?}", foreign.first());
        assert_eq!(desk.get("/api/orders", &mut browser).await.status, 200, "{:?}", foreign.first());
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    check(&[pair("职位", "采购😀"), pair("\u{2003}__Host-deskbuy", "x"), pair("__Host-deskbuy\u{a0}", "x")]).await;
    check(&[pair("a", ";;;;=;==;"), pair(";", ";"), pair("__host-deskbuy", "x")]).await;
    check(&(0..150).map(|n| pair(&format!("site{n}"), &"x".repeat(1_500))).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn signing_out_goes_on_at_the_provider_where_it_is_offered() {
    let desk = SignInSite::with(&["--buyers=*"]).await;
    let mut browser = Browser::default();
    desk.sign_in(&mut browser).await;
    assert_eq!(desk.send("POST", "/logout", &mut browser, &[]).await.status, 204);
    assert!(desk.user(&mut browser).await.is_null());

    let provider = Provider::start().await;
    provider.odd().discovery = json!({ "end_session_endpoint": provider.url("/out?tenant=1") });
    let desk = SignInSite::at(provider, &["--buyers=*"]).await;
    desk.sign_in(&mut browser).await;
    let reply = desk.send("POST", "/logout", &mut browser, &[]).await;
    let to: url::Url = reply.json()["provider"].as_str().unwrap().parse().unwrap();
    assert!(to.as_str().starts_with(&desk.provider.url("/out?tenant=1&client_id=deskbuy&")), "{to}");
    let home = format!("http://{}/", desk.site.page);
    assert!(to.query_pairs().any(|(name, value)| name == "post_logout_redirect_uri" && value == home), "{to}");
    assert!(desk.user(&mut browser).await.is_null());
}
