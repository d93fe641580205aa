//! Sessions that end before their time: by a sign-out, by an operator, by a change of what they are bound to, and when
//! nobody does anything.

use std::time::Duration;

use serde_json::json;

use crate::{
    databases,
    operator::run,
    provider::{Browser, Provider, SignInSite},
    signin::{Desk, person},
    site::Cloud,
};

/// Waits until a session is over.
async fn is_over(desk: &SignInSite, browser: &Browser) {
    let over = async {
        while desk.get("/api/orders", &mut browser.clone()).await.status != 401 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), over).await.unwrap();
}

async fn signed_in(desk: &SignInSite) -> Browser {
    let mut browser = Browser::default();
    assert_eq!(desk.sign_in(&mut browser).await.status, 303);
    assert_eq!(desk.get("/api/orders", &mut browser).await.status, 200);
    browser
}

const FLAGS: [&str; 2] = ["--buyers=*", "--public-url=http://localhost:1"];

#[tokio::test]
async fn a_sign_out_ends_the_session_everywhere() {
    for cloud in databases::each(&[]).await {
        let provider = Provider::start().await;
        provider.odd().token = json!({ "email": "ann@example.com", "email_verified": true });
        let desk = SignInSite::on(provider.clone(), cloud.clone(), &FLAGS).await;
        let other = SignInSite::on(provider, cloud, &FLAGS).await;
        let (mut first, second) = (signed_in(&desk).await, signed_in(&desk).await);
        let copied = first.clone();
        assert_eq!(other.get("/api/orders", &mut copied.clone()).await.status, 200, "proxies share sessions");
        let mut watching = first.clone();
        let stream = desk.get("/api/orders/events", &mut watching);
        let sign_out = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert_eq!(desk.send("POST", "/logout", &mut first, &[]).await.status, 204);
        };
        // The stream ends with the session, or this would wait for as long as the proxies run.
        let (stream, ()) = tokio::join!(stream, sign_out);
        assert_eq!(stream.status, 200);
        assert_eq!(desk.get("/api/orders", &mut copied.clone()).await.status, 401, "at once where it was");
        is_over(&other, &copied).await;
        assert_eq!(desk.get("/api/orders", &mut second.clone()).await.status, 200, "others go on");

        // What was ended stays so over a restart.
        let SignInSite { site, provider, .. } = desk;
        let desk = SignInSite::on(provider, site.close().await, &FLAGS).await;
        assert_eq!(desk.get("/api/orders", &mut copied.clone()).await.status, 401);
        assert_eq!(desk.get("/api/orders", &mut second.clone()).await.status, 200);
    }
}

#[tokio::test]
async fn an_operator_ends_the_sessions_of_a_person() {
    for cloud in databases::each(&[]).await {
        let provider = Provider::start().await;
        let desk = SignInSite::on(provider, cloud, &FLAGS).await;
        desk.provider.odd().token = json!({ "email": "Ann@example.com", "email_verified": true });
        let ann = [signed_in(&desk).await, signed_in(&desk).await];
        desk.provider.odd().token = json!({ "sub": "8" });
        desk.provider.odd().userinfo = (200, json!({ "sub": "8" }).to_string());
        let bob = signed_in(&desk).await;
        let (done, said) = run(&desk.site, &["sessions", "end", "ann@Example.com"]).await;
        assert!(done && said.contains("The sessions of ann@Example.com have ended."), "{said}");
        assert!(said.contains("audit") && said.contains("by="), "{said}");
        for browser in &ann {
            is_over(&desk, browser).await;
        }
        assert_eq!(desk.get("/api/orders", &mut bob.clone()).await.status, 200);
        // The person may come again. A session that begins in the very second is ended as well.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        desk.provider.odd().token = json!({ "email": "ann@example.com", "email_verified": true });
        desk.provider.odd().userinfo = (200, json!({ "sub": "7" }).to_string());
        let again = signed_in(&desk).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(desk.get("/api/orders", &mut again.clone()).await.status, 200);
    }
}

#[tokio::test]
async fn a_session_is_bound_to_what_it_was_made_for() {
    let provider = Provider::start().await;
    let cloud = Cloud::new(simulator::Config::default()).await;
    let desk = SignInSite::on(provider.clone(), cloud.clone(), &FLAGS).await;
    let ann = signed_in(&desk).await;
    let check = async |flags: &[&str], expect: u16| {
        let other = SignInSite::on(provider.clone(), cloud.clone(), flags).await;
        assert_eq!(other.get("/api/orders", &mut ann.clone()).await.status, expect, "{flags:?}");
    };
    check(&FLAGS, 200).await;
    check(&["--buyers=*", "--public-url=http://localhost:2"], 401).await;
    check(&["--buyers=@example.com,*", FLAGS[1]], 401).await;
    check(&["--buyers=*", FLAGS[1], "--oidc-trust-email"], 401).await;
    let another = Provider::start().await;
    let other = SignInSite::on(another, cloud, &FLAGS).await;
    assert_eq!(other.get("/api/orders", &mut ann.clone()).await.status, 401, "another issuer");
}

#[tokio::test]
async fn what_the_page_asks_by_itself_keeps_no_session_alive() {
    let desk = Desk::with(&["--buyers=*", "--session-idle=100s"]).await;
    let older = desk.cookie(&person("ann"), 50);
    let renews = async |path: &str, unattended: bool| {
        let more = [("cookie", older.as_str()), ("deskbuy-unattended", "1")];
        let headers = if unattended { &more[..] } else { &more[..1] };
        desk.site.ask("GET", path, headers).await.header("set-cookie").is_some()
    };
    for path in [
        "/api/stock?RegionId=cn-hangzhou&ChargeType=POSTPAY",
        "/api/prices?RegionId=cn-hangzhou",
        "/api/DescribeAvailableResource?RegionId=cn-hangzhou",
        "/api/orders/t-1?wait=0",
    ] {
        assert!(!renews(path, false).await, "{path}");
    }
    assert!(renews("/api/orders", false).await);
    assert!(!renews("/api/orders", true).await);
    assert!(renews("/api/session", false).await);
    assert!(!renews("/api/session", true).await);
}

#[tokio::test]
async fn limits_count_by_the_subject() {
    // Nothing is refused before it is counted, since rejected orders do not count.
    for cloud in databases::each(&["hang:RenewDesktop", "hang:DeleteDesktop"]).await {
        let desk = Desk::on(
            cloud,
            &[
                "--buyers=*",
                "--buyer-daily-limit=5",
                "--user-daily-limit=2",
                "--release-daily-limit=2",
                "--foreign-desktops",
            ],
        )
        .await;
        let as_named = |email: &str| json!({ "sub": "7", "email": email, "email_verified": true });
        let (old, new) = (desk.cookie(&as_named("ann@example.com"), 0), desk.cookie(&as_named("lee@example.com"), 0));
        let other = desk.cookie(&json!({ "sub": "8", "email": "ann@example.com", "email_verified": true }), 0);
        let renewal = |token: &str, months: u8| crate::site::renewal(token, "dk-1", months);
        assert_eq!(desk.order(&[renewal("r-1", 3)], &old).await.status, 202);
        let reply = desk.order(&[renewal("r-2", 3)], &new).await;
        assert_eq!(
            reply.problem("buyer_limit")["detail"],
            "The limit of desktops and months of renewals in a day is 5; left: 2."
        );
        assert_eq!(desk.order(&[renewal("r-2", 36)], &other).await.status, 403);
        assert_eq!(desk.order(&[renewal("r-2", 3)], &other).await.status, 202, "another person of the same address");

        let releases: Vec<_> = (0..3).map(|n| crate::site::release(&format!("d-{n}"), "dk-1")).collect();
        desk.order(&releases, &old).await.problem("buyer_limit");
        assert_eq!(desk.order(&releases[..2], &old).await.status, 202);
        desk.order(&releases[2..], &old).await.problem("buyer_limit");

        let mut statuses = Vec::new();
        for n in 0..3 {
            let user = json!({ "RegionId": "cn-hangzhou", "UserName": format!("new.{n}"), "Email": "new@example.com" });
            let request = desk.site.request("POST", "/api/CreateUser").header("cookie", old.clone());
            let request = request.header("content-type", "application/json").body(user.to_string());
            statuses.push(crate::site::Reply::of(request).await.status);
        }
        assert!(statuses[..2].iter().all(|status| *status != 403) && statuses[2] == 403, "{statuses:?}");
    }
}
