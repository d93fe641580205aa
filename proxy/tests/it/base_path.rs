//! Serving below a path: page, API, cookies, sign-in and sign-out, behind a server that keeps the path and one that strips it.

use serde_json::json;

use crate::{
    provider::{Browser, Provider, SignInSite},
    site::{Site, purchase},
};

const PUBLIC: &str = "--public-url=https://intra.example/it/desk/";
const HOST: [(&str, &str); 1] = [("host", "intra.example")];

#[tokio::test]
async fn the_path_may_be_kept_or_stripped() {
    let site = Site::with_flags(&[], &[PUBLIC]).await;
    let page = site.cloud.folder.path().join("page");
    std::fs::write(page.join("app-0123456789abcdef.js"), "code").unwrap();
    std::fs::write(page.join("index.html"), "<!doctype html><html><title></title>").unwrap();
    for base in ["/", "/it/desk/"] {
        for (path, status) in [
            ("", 200),
            ("?commodityCode=CloudDesktop", 200),
            ("app-0123456789abcdef.js", 200),
            ("api/session", 200),
            ("api/orders?limit=1", 200),
            ("api/nothing/here", 404),
            ("nothing.js", 404),
        ] {
            let path = format!("{base}{path}");
            assert_eq!(site.ask("GET", &path, &HOST).await.status, status, "{path}");
        }
        assert_eq!(site.ask("GET", &format!("{base}api/orders"), &[("host", "evil.example")]).await.status, 421);
    }
    let kept = site.ask("GET", "/it/desk/app-0123456789abcdef.js", &HOST).await;
    assert!(kept.header("cache-control").unwrap().contains("immutable"));
    for other in ["/it/", "/it/desktop/", "/desk/", "/it/desk/it/desk/"] {
        assert_eq!(site.ask("GET", other, &HOST).await.status, 404, "{other}");
    }
    // The header would be for all that is on this host.
    let https = site.ask("GET", "/it/desk/", &[HOST[0], ("x-forwarded-proto", "https")]).await;
    assert_eq!((https.status, https.header("strict-transport-security")), (200, None));
    let body = json!({ "operations": [purchase("t-below")] }).to_string();
    let order = site.request("POST", "/it/desk/api/orders").header("host", "intra.example");
    let order = order.header("content-type", "application/json").body(body);
    assert_eq!(order.send().await.unwrap().status(), 202);
}

#[tokio::test]
async fn without_its_last_slash_the_path_leads_to_the_page() {
    let site = SignInSite::at(Provider::start().await, &["--buyers=*", PUBLIC]).await;
    let reply = site.send("GET", "/it/desk?request={}", &mut Browser::default(), &HOST).await;
    assert_eq!((reply.status, reply.header("location")), (308, Some("/it/desk/?request={}")));
    let reply = site.send("GET", "/it/desk//?request={}", &mut Browser::default(), &HOST).await;
    assert_eq!((reply.status, reply.header("location")), (308, Some("/it/desk/?request={}")));
    let foreign = site.send("GET", "/it/desk", &mut Browser::default(), &[("host", "evil.example")]).await;
    assert_eq!(foreign.status, 421);
}

#[tokio::test]
async fn people_sign_in_and_out_below_the_path() {
    let site = SignInSite::at(Provider::start().await, &["--buyers=*", PUBLIC]).await;
    site.provider.odd().discovery = json!({ "end_session_endpoint": site.provider.url("/end") });
    let mut browser = Browser::default();
    let set = |reply: &crate::site::Reply| -> Vec<String> {
        reply.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap().to_owned()).collect()
    };
    let begun = site.send("GET", "/it/desk/login?return=/it/desk/?a=1%23/orders", &mut browser, &HOST).await;
    let to: url::Url = begun.header("location").unwrap().parse().unwrap();
    let one = |name: &str| to.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
    assert_eq!(one("redirect_uri"), "https://intra.example/it/desk/login/callback");
    assert!(
        set(&begun).iter().all(|set| set.starts_with("__Secure-deskbuy-login-") && set.contains("Path=/it/desk/;"))
    );
    site.provider.expect(&one("nonce"));

    let callback = format!("/it/desk/login/callback?state={}&code=good", one("state"));
    let done = site.send("GET", &callback, &mut browser, &HOST).await;
    assert_eq!(done.header("location"), Some("https://intra.example/it/desk/?a=1#/orders"), "{done:?}");
    let session: Vec<_> = set(&done).into_iter().filter(|set| set.starts_with("__Secure-deskbuy=")).collect();
    assert!(session[0].contains("; Path=/it/desk/;") && session[0].contains("SameSite=Strict"), "{session:?}");
    assert_eq!(browser.0.keys().collect::<Vec<_>>(), ["__Secure-deskbuy"], "the pending one is deleted");
    assert_eq!(site.send("GET", "/it/desk/api/orders", &mut browser, &HOST).await.status, 200);
    assert_eq!(site.send("GET", "/api/orders", &mut browser, &HOST).await.status, 200, "where the path is stripped");

    let out = site.send("POST", "/it/desk/logout", &mut browser, &HOST).await;
    let provider: url::Url = out.json()["provider"].as_str().unwrap().parse().unwrap();
    let back = provider.query_pairs().find(|(name, _)| name == "post_logout_redirect_uri").unwrap().1.into_owned();
    assert_eq!(back, "https://intra.example/it/desk/");
    assert!(browser.0.is_empty(), "{browser:?}");
}

#[tokio::test]
async fn nobody_is_sent_to_what_else_is_on_the_host() {
    let site = SignInSite::at(Provider::start().await, &["--buyers=*", PUBLIC]).await;
    for elsewhere in [
        "/",
        "/it/",
        "/it/desktop/",
        "/it/desk/../wiki/",
        "/it/desk/%2e%2e/wiki/",
        "/it/desk/..%252fwiki/",
        "/it/desk/..%255cwiki/",
        "https://intra.example/wiki/",
    ] {
        let mut browser = Browser::default();
        let begun = site.send("GET", &format!("/login?return={elsewhere}"), &mut browser, &HOST).await;
        let to: url::Url = begun.header("location").unwrap().parse().unwrap();
        let one = |name: &str| to.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
        site.provider.expect(&one("nonce"));
        let callback = format!("/login/callback?state={}&code=good", one("state"));
        let done = site.send("GET", &callback, &mut browser, &HOST).await;
        assert_eq!(done.header("location"), Some("https://intra.example/it/desk/"), "{elsewhere}");
    }
    let failed = site.send("GET", "/it/desk/login/callback?state=x", &mut Browser::default(), &HOST).await;
    let text = String::from_utf8(failed.body.clone()).unwrap();
    assert!(text.contains("href=\"/it/desk/login\"") && text.contains("href=\"/it/desk/\""), "{text}");
}
