//! Authorization: which answer which person gets. The sign-in itself is tested with a real provider and a real browser,
//! in `e2e`. Here people come with sessions that were sealed with the proxy's key.

use std::time::Duration;

use clap::{Args, FromArgMatches};
use cloud::{AccessKey, CredentialsSource};
use proxy::{
    settings::ServeArgs,
    signin::{Identity, Reading, Session, SignIn, SignInSettings},
};
use serde_json::{Value, json};

use crate::site::{Cloud, Reply, Site, changed, purchase, release, renewal, subscription};

/// A proxy where people have to sign in, at a provider that is not there.
pub(crate) struct Desk {
    pub(crate) site: Site,
    sign_in: SignIn,
    owner_claim: Option<String>,
    kept_claims: Vec<String>,
}

/// The key that seals the sessions of the tests' proxies.
pub(crate) const KEY: &str = "a key of more than thirty-two characters";

const ISSUER: &str = "--oidc-issuer=http://127.0.0.1:1";

impl Desk {
    pub(crate) async fn with(flags: &[&str]) -> Self {
        Self::on(Cloud::new(simulator::Config::default()).await, flags).await
    }

    pub(crate) async fn on(cloud: Cloud, flags: &[&str]) -> Self {
        Self::sealed_with(KEY, cloud, flags).await
    }

    async fn sealed_with(key: &str, cloud: Cloud, flags: &[&str]) -> Self {
        let file = cloud.folder.path().join("key");
        std::fs::write(&file, key).unwrap();
        let key = format!("--session-key-file={}", file.display());
        let flags = [&[ISSUER, "--oidc-client-id=deskbuy", key.as_str()][..], flags].concat();
        let settings = settings(&flags);
        let (owner_claim, kept_claims) = (settings.owner_claim.clone(), settings.kept_claims.clone());
        let site = cloud.open(&flags).await;
        let sign_in = SignIn::new(settings, &format!("http://{}", site.page).parse().unwrap()).unwrap();
        Self { site, sign_in, owner_claim, kept_claims }
    }

    /// The cookie of a person with these claims, who signed in so long ago.
    pub(crate) fn cookie(&self, claims: &Value, seconds_ago: i64) -> String {
        let rules = ["*", "groups=buyers"].iter().map(|rule| rule.parse().unwrap()).collect();
        let owner_claim = self.owner_claim.as_deref();
        let kept_claims = &self.kept_claims;
        let reading = Reading { rules: &rules, owner_claim, name_claim: None, kept_claims, trust_email: false };
        let identity = Identity::of(claims.as_object().unwrap(), &reading).unwrap();
        let now = jiff::Timestamp::now().as_second();
        let cookie = self.sign_in.cookie(&Session::new(identity, now - seconds_ago), now).unwrap();
        cookie.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Reply {
        self.site.ask("GET", path, &[("cookie", cookie)]).await
    }

    /// The order, once it is settled.
    pub(crate) async fn settled(&self, token: &str, cookie: &str) -> Value {
        loop {
            let order = self.get(&format!("/api/orders/{token}?wait=25"), cookie).await.json();
            if ["placed", "rejected", "unresolved"].contains(&order["state"].as_str().unwrap()) {
                return order;
            }
        }
    }

    pub(crate) async fn order(&self, operations: &[Value], cookie: &str) -> Reply {
        let body = json!({ "operations": operations }).to_string();
        let request = self.site.request("POST", "/api/orders").header("cookie", cookie);
        Reply::of(request.header("content-type", "application/json").body(body)).await
    }
}

fn settings(flags: &[&str]) -> SignInSettings {
    let line = ["deskbuy"].iter().chain(flags);
    let args = ServeArgs::augment_args(clap::Command::new("deskbuy")).get_matches_from(line);
    let any = AccessKey { access_key_id: "any".into(), access_key_secret: "any".into(), security_token: None };
    let (settings, _) =
        ServeArgs::from_arg_matches(&args).unwrap().validate(Ok(CredentialsSource::Fixed(any))).unwrap();
    settings.sign_in.unwrap()
}

pub(crate) fn person(name: &str) -> Value {
    json!({ "sub": name, "name": name, "email": format!("{name}@example.com"), "email_verified": true })
}

#[tokio::test]
async fn strangers_get_nothing_and_the_cloud_hears_nothing() {
    let desk = Desk::with(&["--buyers=*"]).await;
    for path in [
        "/api/DescribeZones?RegionId=cn-hangzhou",
        "/api/orders",
        "/api/orders/t-1",
        "/api/orders/events",
        "/api/desktops",
        "/api/NoSuchAction",
        "/api/orders/t-1/more",
    ] {
        let reply = desk.site.get(path).await;
        assert_eq!(reply.problem("sign_in_required")["outcome"], "not_sent", "{path}");
        assert_eq!(reply.status, 401, "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
    }
    for path in ["/api/orders", "/api/CreateUser", "/api/ModifyUser"] {
        desk.site.post(path, &json!({ "operations": [purchase("t-1")] })).await.problem("sign_in_required");
    }
    assert_eq!(desk.site.get("/api/session").await.json(), json!({ "demo": false, "sign_in": true }));
    assert!(desk.site.state().calls.is_empty());
}

#[tokio::test]
async fn a_session_that_is_not_ours_or_has_ended_is_none() {
    let desk = Desk::with(&["--buyers=*", "--session-idle=1m", "--session-lifetime=1h"]).await;
    let good = desk.cookie(&person("ann"), 0);
    assert_eq!(desk.get("/api/orders", &good).await.status, 200);
    let name = good.split('=').next().unwrap();
    let mut tampered = good.clone();
    let last = if tampered.pop() == Some('A') { 'Q' } else { 'A' };
    tampered.push(last);
    let cloud = Cloud::new(simulator::Config::default()).await;
    let other = Desk::sealed_with("another key of more than thirty-two characters", cloud, &["--buyers=*"]).await;
    let foreign = other.cookie(&person("ann"), 0);
    for cookie in [
        tampered,
        foreign,
        desk.cookie(&person("ann"), 60),
        format!("{name}="),
        format!("{name}=eyJzdWIiOiJhbm4ifQ"),
        good.replacen("__Host-", "", 1),
    ] {
        let reply = desk.get("/api/orders", &cookie).await;
        reply.problem("sign_in_required");
        assert!(!String::from_utf8_lossy(&reply.body).contains(&cookie));
    }
}

#[tokio::test]
async fn a_session_goes_on_while_something_is_done() {
    let desk = Desk::with(&["--buyers=*", "--session-idle=100s", "--session-lifetime=1h"]).await;
    let fresh = desk.cookie(&person("ann"), 0);
    assert_eq!(desk.get("/api/orders", &fresh).await.header("set-cookie"), None);
    let older = desk.cookie(&person("ann"), 50);
    let reply = desk.get("/api/orders", &older).await;
    let set = reply.header("set-cookie").unwrap();
    for part in ["__Host-deskbuy=", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.to_lowercase().contains("domain"), "{set}");
    assert!(desk.get("/api/session", &older).await.header("set-cookie").is_some());
    // A long poll is no activity of a person, and does not renew the session.
    assert_eq!(desk.get("/api/orders/t-1?wait=0", &older).await.header("set-cookie"), None);
}

#[tokio::test]
async fn viewers_look_and_buyers_buy() {
    let desk = Desk::with(&["--buyers=groups=buyers", "--viewers=vera@example.com"]).await;
    let buyer = changed(person("ben"), &json!({ "groups": ["staff", "buyers"] }));
    let (buyer, viewer, nobody) =
        (desk.cookie(&buyer, 0), desk.cookie(&person("vera"), 0), desk.cookie(&person("norm"), 0));

    assert_eq!(desk.get("/api/DescribeZones?RegionId=cn-hangzhou", &viewer).await.status, 200);
    let reply = desk.order(&[purchase("t-1")], &viewer).await;
    reply.problem("not_allowed");
    assert_eq!(reply.status, 403);
    desk.get("/api/orders", &nobody).await.problem("not_allowed");
    assert_eq!(desk.site.calls("CreateDesktop"), 0);

    let told = async |cookie: &str| desk.get("/api/session", cookie).await.json()["user"].clone();
    assert_eq!(told(&viewer).await, json!({ "name": "vera", "buys": false }));
    assert_eq!(told(&buyer).await, json!({ "name": "ben", "buys": true }));
    assert_eq!(told(&nobody).await, Value::Null);

    let reply = desk.order(&[purchase("t-2")], &buyer).await;
    assert_eq!(reply.json()["orders"][0]["requested_by"], "ben@example.com", "{reply:?}");
    let shown = desk.settled("t-2", &viewer).await;
    assert_eq!(shown["requested_by"], "ben@example.com");
}

#[tokio::test]
async fn a_rule_that_is_taken_away_is_gone_at_once() {
    let desk = Desk::with(&["--buyers=groups=buyers"]).await;
    let cookie = desk.cookie(&changed(person("ben"), &json!({ "groups": "buyers" })), 0);
    assert_eq!(desk.get("/api/orders", &cookie).await.status, 200);
    let later = Desk::with(&["--buyers=groups=others"]).await;
    // Sessions are bound to the rules, so that the person signs in again.
    later.get("/api/orders", &cookie).await.problem("sign_in_required");
}

async fn only_so_many_desktops_a_day(cloud: Cloud) {
    let desk = Desk::on(cloud, &["--buyers=*", "--buyer-daily-limit=3", "--buyer-order-limit=2"]).await;
    let (ann, bob) = (desk.cookie(&person("ann"), 0), desk.cookie(&person("bob"), 0));
    let buy = async |cookie: &str, tokens: &[&str]| {
        desk.order(&tokens.iter().map(|token| subscription(token)).collect::<Vec<_>>(), cookie).await
    };
    let reply = buy(&ann, &["a-1", "a-2", "a-3"]).await;
    assert_eq!(reply.problem("buyer_limit")["field"], "operations", "more than one order may be for");
    assert_eq!(buy(&ann, &["a-1", "a-2"]).await.status, 202);
    let reply = buy(&ann, &["a-3", "a-4"]).await;
    assert_eq!(reply.problem("buyer_limit")["detail"], "The limit of desktops in a day is 3; left: 1.");
    assert_eq!(reply.status, 403);
    assert_eq!(desk.get("/api/orders/a-3", &ann).await.status, 404, "none of them");
    assert_eq!(buy(&ann, &["a-1", "a-2"]).await.status, 202, "the same again is not more");
    assert_eq!(buy(&ann, &["a-3"]).await.status, 202);
    buy(&ann, &["a-4"]).await.problem("buyer_limit");
    assert_eq!(buy(&bob, &["b-1"]).await.status, 202, "others have theirs");

    // Each month of a renewal costs as much. Releasing costs nothing.
    let desktop = desk.settled("a-1", &ann).await["desktop_id"].as_str().unwrap().to_owned();
    let reply = desk.order(&[renewal("r-1", &desktop, 1)], &ann).await;
    assert_eq!(
        reply.problem("buyer_limit")["detail"],
        "The limit of desktops and months of renewals in a day is 3; left: 0."
    );
    assert_eq!(desk.order(&[renewal("r-1", &desktop, 3)], &bob).await.problem("buyer_limit")["field"], "operations");
    assert_eq!(desk.order(&[renewal("r-1", &desktop, 2)], &bob).await.status, 202);
    desk.order(&[renewal("r-2", &desktop, 1)], &bob).await.problem("buyer_limit");
    assert_eq!(desk.order(&[release("d-1", &desktop)], &ann).await.status, 202);
    let bought = desk.site.state().desktops.len();
    assert!(bought <= 4, "{bought}");
}

#[tokio::test]
async fn only_so_many_desktops_a_day_in_a_file() {
    only_so_many_desktops_a_day(Cloud::new(simulator::Config::default()).await).await;
}

#[tokio::test]
async fn only_so_many_desktops_a_day_on_a_server() {
    only_so_many_desktops_a_day(Cloud::new(simulator::Config::default()).await.on_postgres().await).await;
}

#[tokio::test]
async fn all_at_once_is_not_more_than_one_after_the_other() {
    let desk = Desk::with(&["--buyers=*", "--buyer-daily-limit=5"]).await;
    let ann = desk.cookie(&person("ann"), 0);
    let orders = (0..20).map(|number| {
        let (desk, ann) = (&desk, &ann);
        async move { desk.order(&[purchase(&format!("t-{number}"))], ann).await.status }
    });
    let statuses = futures_util::future::join_all(orders).await;
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 5, "{statuses:?}");
}

#[tokio::test]
async fn what_was_refused_does_not_count() {
    let desk = Desk::with(&["--buyers=*", "--buyer-daily-limit=1"]).await;
    let ann = desk.cookie(&person("ann"), 0);
    desk.site.set_scenarios(&["sold-out-before-purchase"]);
    assert_eq!(desk.order(&[purchase("t-1")], &ann).await.status, 202);
    assert_eq!(desk.settled("t-1", &ann).await["state"], "rejected");
    desk.site.set_scenarios(&[]);
    assert_eq!(desk.order(&[purchase("t-2")], &ann).await.status, 202);
    desk.order(&[purchase("t-3")], &ann).await.problem("buyer_limit");
}

#[tokio::test]
async fn the_account_to_buy_for_comes_from_the_claim() {
    let desk = Desk::with(&["--buyers=*", "--owner-claim=account"]).await;
    let ann = desk.cookie(&changed(person("ann"), &json!({ "account": "1234567890" })), 0);
    let reply = desk.order(&[purchase("t-1")], &ann).await;
    assert_eq!(reply.json()["orders"][0]["request"]["OwnerId"], "1234567890", "{reply:?}");
    let named = changed(purchase("t-2"), &json!({ "OwnerId": "42" }));
    assert_eq!(desk.order(&[named], &ann).await.problem("unknown_parameter")["field"], "OwnerId");
    // Without the claim, the purchase would be for the account that the key belongs to.
    desk.order(&[purchase("t-3")], &desk.cookie(&person("bob"), 0)).await.problem("not_allowed");
}

#[tokio::test]
async fn each_person_has_a_rate() {
    let desk = Desk::with(&["--buyers=*", "--user-rate-limit=1"]).await;
    let (ann, bob) = (desk.cookie(&person("ann"), 0), desk.cookie(&person("bob"), 0));
    let mut refused = None;
    for _ in 0..100 {
        let reply = desk.get("/api/orders", &ann).await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
    }
    assert_eq!(refused.expect("a hundred requests take no ninety seconds").header("retry-after"), Some("1"));
    assert_eq!(desk.get("/api/orders", &bob).await.status, 200);
}

#[tokio::test]
async fn the_stream_ends_with_the_session() {
    let desk = Desk::with(&["--buyers=*", "--session-idle=2s"]).await;
    let ann = desk.cookie(&person("ann"), 0);
    let request = desk.site.request("GET", "/api/orders/events").header("cookie", ann);
    // The stream ends by itself; one that does not would hold this back for as long as the proxy runs.
    let reply = tokio::time::timeout(Duration::from_secs(30), Reply::of(request)).await.unwrap();
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_said_so() {
    let desk = Desk::with(&["--buyers=*"]).await;
    let reply = desk.site.get("/login?return=/%23/buy").await;
    assert_eq!(reply.status, 502);
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(reply.header("set-cookie"), None);
    // Login CSRF: a link with a made-up state signs no one in.
    for query in ["", "?code=x", "?state=aaaaaaaaaaaaaaaa&code=x", "?error=access_denied&state=aaaaaaaaaaaaaaaa"] {
        let reply = desk.site.get(&format!("/login/callback{query}")).await;
        assert!(matches!(reply.status, 400 | 403), "{query}: {reply:?}");
        assert!(
            !reply.headers.get_all("set-cookie").iter().any(|set| set.to_str().unwrap().starts_with("__Host-deskbuy="))
        );
    }
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    desk.site.ask("POST", "/logout", &foreign).await.problem("cross_site");
    assert_eq!(desk.site.ask("GET", "/logout", &[]).await.status, 405);
    let reply = desk.site.ask("POST", "/logout", &[]).await;
    assert_eq!(reply.status, 204);
    assert!(reply.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn without_sign_in_there_is_nothing_to_sign_in_with() {
    let site = Site::with(&[]).await;
    assert_eq!(site.get("/login").await.status, 404);
    assert_eq!(site.get("/login/callback?code=x&state=y").await.status, 404);
    assert_eq!(site.get("/api/session").await.json(), json!({ "demo": false, "sign_in": false }));
}
