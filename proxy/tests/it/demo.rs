//! The demo: the faults of its cloud, to which the page's banner leads, and its page with sign-in, where orders are approved.

use std::{collections::BTreeMap, fs, net::TcpListener};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;

use crate::{
    binary::{Running, deskbuy},
    provider::Browser,
    site::{Reply, http, purchase},
};

const FREE: [&str; 4] =
    ["demo", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"];
const SAID: [&str; 4] = ["simulator", "approval", "admin", "page"];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ENGLISH: (&str, &str) = ("accept-language", "en");

fn demo(more: &[&str]) -> Running {
    Running::start(deskbuy(&[&FREE[..], more].concat()), &SAID)
}

/// Where the page with sign-in is, without a slash at the end.
fn origin(running: &Running) -> String {
    format!("http://{}", running.addresses[1].split('/').next().unwrap())
}

fn text(reply: Reply) -> String {
    String::from_utf8(reply.body).unwrap()
}

#[tokio::test]
async fn a_fault_is_switched_by_a_click() {
    let running = demo(&[]);
    // Both pages are in front of the same cloud.
    let with_sign_in = format!("{}/demo", origin(&running));
    for address in [running.page("/demo"), with_sign_in.clone()] {
        let page = text(Reply::of(http().get(&address).header("accept-language", "en")).await);
        for fault in ["sold-out-at-purchase", "slow", "commit-then-drop", "hang:CreateDesktop"] {
            assert!(page.contains(&format!("value=\"{fault}\"")), "{fault}: {page}");
        }
        assert!(page.contains("<h1>Demo: what happens when things go wrong</h1>"), "{page}");
        assert!(page.contains("All is well · now"), "{page}");
        let choose = async |fault: &str, site: &str| {
            let request = http().post(&address).body(format!("scenario={fault}"));
            let request = request.header(FORM.0, FORM.1).header("accept-language", "en");
            // The page is asked for again after it.
            Reply::of(request.header("sec-fetch-site", site)).await
        };
        let chosen = choose("commit-then-drop", "same-origin").await;
        assert_eq!(chosen.status, 200);
        let page = text(chosen);
        assert!(page.contains("A lost answer · now") && !page.contains("All is well · now"), "{page}");
        assert_eq!(choose("no-such", "same-origin").await.status, 422);
        assert_eq!(choose("slow", "cross-site").await.status, 403, "no other page clicks for somebody");
        let other = text(Reply::of(http().get(&with_sign_in).header("accept-language", "en")).await);
        assert!(other.contains("A lost answer · now"), "{other}");
        let page = text(choose("", "same-origin").await);
        assert!(page.contains("All is well · now"), "{page}");
    }
    assert!(running.stop().await.well);
}

/// Where nothing is simulated there is nothing to switch, and nobody signs in without a password.
#[tokio::test]
async fn a_proxy_in_front_of_the_cloud_has_nothing_of_the_demo() {
    let cloud = crate::site::Cloud::new(simulator::Config::default()).await;
    let site = cloud.open(&[]).await;
    for path in ["/demo", "/demo/provider/.well-known/openid-configuration", "/demo/provider/authorize"] {
        assert_eq!(site.get(path).await.status, 404, "{path}");
    }
}

/// A browser at the page with sign-in.
struct Visitor {
    http: reqwest::Client,
    origin: String,
    browser: Browser,
}

impl Visitor {
    fn at(origin: &str) -> Self {
        // Fails where a proxy in this process has done so before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, origin: origin.to_owned(), browser: Browser::default() }
    }

    async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let address = if path.starts_with('/') { format!("{}{path}", self.origin) } else { path.to_owned() };
        let request = self.http.request(method.parse().unwrap(), address).header("cookie", self.browser.header());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let reply = Reply::of(request.body(body.to_owned())).await;
        self.browser.keep(&reply);
        reply
    }

    async fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, &[ENGLISH], "").await
    }

    async fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, &[("content-type", "application/json")], &body.to_string()).await
    }

    /// Begins a sign-in: the provider's address.
    async fn begin(&mut self) -> Url {
        let reply = self.get("/login?return=/%23/orders").await;
        assert_eq!(reply.status, 303, "{reply:?}");
        reply.header("location").unwrap().parse().unwrap()
    }

    /// Picks somebody there: the answer.
    async fn pick(&mut self, asked: &Url, person: &str) -> Reply {
        self.ask("POST", asked.as_str(), &[FORM, ENGLISH], &format!("person={person}")).await
    }

    /// Signs in as one of the people. What the page is told of the person then.
    async fn sign_in(&mut self, person: &str) -> Value {
        let asked = self.begin().await;
        let shown = text(self.get(asked.as_str()).await);
        assert!(shown.contains("Chen Jing") && shown.contains("Wang Wei"), "it asks each time: {shown}");
        let picked = self.pick(&asked, person).await;
        assert_eq!(picked.status, 303, "{picked:?}");
        let back = self.get(picked.header("location").unwrap()).await;
        let home = format!("{}/#/orders", self.origin);
        assert_eq!((back.status, back.header("location")), (303, Some(home.as_str())), "{back:?}");
        self.get("/api/session").await.json()["user"].clone()
    }
}

#[tokio::test]
async fn an_order_waits_until_the_other_person_has_approved_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "<!doctype html><title>built by Trunk</title>").unwrap();
    let running = demo(&["--log-format=json", "--page", &folder.path().display().to_string()]);
    let origin = origin(&running);
    for address in [running.page("/"), format!("{origin}/")] {
        let page = text(Reply::of(http().get(&address)).await);
        assert!(page.contains("built by Trunk"), "{address}: {page}");
    }
    for language in ["en", "zh"] {
        let page = text(Reply::of(http().get(running.page("/demo")).header("accept-language", language)).await);
        assert!(page.contains(&format!("href=\"{origin}/?")), "{page}");
    }
    let mut visitor = Visitor::at(&origin);
    assert_eq!(visitor.get("/api/session").await.json(), json!({ "demo": true, "sign_in": true }));
    visitor.get("/api/orders").await.problem("sign_in_required");

    let buyer = visitor.sign_in("buyer").await;
    assert_eq!((&buyer["name"], &buyer["buys"], &buyer["approves"]), (&json!("Chen Jing"), &json!(true), &Value::Null));
    let reply = visitor.post("/api/orders", &json!({ "operations": [purchase("a-1")] })).await;
    assert_eq!((reply.status, &reply.json()["orders"][0]["state"]), (202, &json!("awaiting_approval")), "{reply:?}");
    let approve = json!({ "decision": "approve", "tokens": ["a-1"] });
    visitor.post("/api/approvals", &approve).await.problem("not_allowed");
    let bought = async || {
        let state = http().get(format!("http://{}/_simulator/state", running.addresses[0]));
        Reply::of(state).await.json()["desktops"].as_array().unwrap().len()
    };
    assert_eq!(bought().await, 0);

    assert_eq!(visitor.post("/logout", &Value::Null).await.status, 204);
    visitor.get("/api/orders").await.problem("sign_in_required");
    let other = visitor.sign_in("approver").await;
    assert_eq!((&other["name"], &other["approves"]), (&json!("Wang Wei"), &json!(true)));
    visitor.post("/api/orders", &json!({ "operations": [purchase("b-1")] })).await.problem("not_allowed");
    assert_eq!(visitor.get("/api/approvals").await.json()["waiting"], 1);
    let decided = visitor.post("/api/approvals", &approve).await;
    assert_eq!(decided.status, 200, "{decided:?}");
    let order = loop {
        let order = visitor.get("/api/orders/a-1?wait=25").await.json();
        if order["state"] == "placed" {
            break order;
        }
    };
    let line = &order["history"][1];
    assert_eq!((&line["event"], &line["by"]), (&json!("approved"), &json!("wang.wei@example.com")), "{order}");
    assert_eq!(order["requested_by"], "chen.jing@example.com", "{order}");
    assert_eq!(bought().await, 1);

    // The page without sign-in is as it was, and knows nothing of it.
    let first = async |path: &str| Reply::of(http().get(running.page(path))).await;
    assert_eq!(first("/api/session").await.json(), json!({ "demo": true, "sign_in": false }));
    assert_eq!(first("/api/orders").await.json()["orders"], json!([]));
    for path in ["/login", "/demo/provider/.well-known/openid-configuration"] {
        assert_eq!(first(path).await.status, 404, "{path}");
    }

    let ended = running.stop().await;
    assert!(ended.well, "{}", ended.log);
    let complaints = ended.lines().into_iter().filter(|line| line["level"] != "INFO").collect::<Vec<_>>();
    assert_eq!(complaints, Vec::<Value>::new(), "both pages start and stop without a complaint");
    assert_eq!(ended.saying("stopped").len(), 2);
}

#[tokio::test]
async fn a_person_is_named_in_the_readers_language() {
    let running = demo(&[]);
    let mut visitor = Visitor::at(&origin(&running));
    let asked = visitor.begin().await;
    let chinese = [FORM, ("accept-language", "zh-CN")];
    let shown = text(visitor.ask("GET", asked.as_str(), &chinese, "").await);
    assert!(shown.contains("陈静") && !shown.contains("Chen Jing"), "{shown}");
    let picked = visitor.ask("POST", asked.as_str(), &chinese, "person=buyer").await;
    visitor.get(picked.header("location").unwrap()).await;
    assert_eq!(visitor.get("/api/session").await.json()["user"]["name"], "陈静");
}

/// Every client that reaches the provider can pick a person, so it serves the demo's page only.
#[tokio::test]
async fn the_provider_lets_people_in_at_the_demo_only() {
    let running = demo(&[]);
    let origin = origin(&running);
    let mut visitor = Visitor::at(&origin);
    let asked = visitor.begin().await;
    assert!(asked.as_str().starts_with(&format!("{origin}/demo/provider/authorize?")), "{asked}");
    let query: BTreeMap<_, _> = asked.query_pairs().into_owned().collect();
    let with = |name: &str, value: Option<&str>| {
        let mut query = query.clone();
        query.remove(name);
        query.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        let mut to = asked.clone();
        to.query_pairs_mut().clear().extend_pairs(query);
        to
    };
    for (name, value) in [
        ("redirect_uri", Some("https://evil.example/login/callback")),
        ("redirect_uri", Some(&*format!("{origin}/login/callback/more"))),
        ("redirect_uri", None),
        ("client_id", Some("deskbuy")),
        ("response_type", Some("token")),
        ("code_challenge", Some("")),
        ("code_challenge_method", Some("plain")),
        ("nonce", None),
        ("state", None),
    ] {
        let odd = with(name, value);
        let shown = visitor.get(odd.as_str()).await;
        assert_eq!((shown.status, shown.header("location")), (400, None), "{odd}");
        let picked = visitor.pick(&odd, "buyer").await;
        assert_eq!((picked.status, picked.header("location")), (400, None), "{odd}");
    }
    assert_eq!(visitor.pick(&asked, "nobody").await.status, 400);
    // As browsers do that keep such cookies by https only.
    let shown = Visitor::at(&origin).get(asked.as_str()).await;
    assert_eq!(shown.status, 400);
    let shown = text(shown);
    assert!(shown.contains("use Chrome, Edge or Firefox") && shown.contains("href=\"/login\""), "{shown}");
    let from_elsewhere = [FORM, ("sec-fetch-site", "cross-site")];
    assert_eq!(visitor.ask("POST", asked.as_str(), &from_elsewhere, "person=buyer").await.status, 403);
    let by_a_foreign_name = [ENGLISH, ("host", "evil.example")];
    assert_eq!(visitor.ask("GET", asked.as_str(), &by_a_foreign_name, "").await.status, 421);

    // A code is good once, for who asked for it.
    let verifier = "v".repeat(43);
    let challenge = BASE64.encode(digest(&SHA256, verifier.as_bytes()));
    let known = with("code_challenge", Some(&challenge));
    let redirect = format!("{origin}/login/callback");
    let good = [
        ("grant_type", "authorization_code"),
        ("client_id", "deskbuy-demo"),
        ("redirect_uri", &redirect),
        ("code_verifier", &verifier),
    ];
    let odd = |name: &str, value: &'static str| {
        good.iter().map(|pair| if pair.0 == name { (pair.0, value) } else { *pair }).collect::<Vec<_>>()
    };
    for (members, expect) in [
        (good.to_vec(), 200),
        (odd("grant_type", "password"), 400),
        (odd("client_id", "deskbuy"), 400),
        (odd("redirect_uri", "https://evil.example/login/callback"), 400),
        (odd("code_verifier", "guessed"), 400),
        (good[..3].to_vec(), 400),
    ] {
        let picked = visitor.pick(&known, "buyer").await;
        let to: Url = picked.header("location").unwrap().parse().unwrap();
        let code = to.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&members).append_pair("code", &code);
        let form = form.finish();
        let first = visitor.ask("POST", "/demo/provider/token", &[FORM], &form).await;
        assert_eq!(first.status, expect, "{form}");
        let mut whole = form_urlencoded::Serializer::new(String::new());
        whole.extend_pairs(&good).append_pair("code", &code);
        let again = visitor.ask("POST", "/demo/provider/token", &[FORM], &whole.finish()).await;
        assert_eq!((again.status, &again.json()["error"]), (400, &json!("invalid_grant")), "{form}");
    }
}

#[test]
fn the_page_with_sign_in_is_for_this_machine_only() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let check = |address: &str, expect: &str| {
        let flag = format!("--approval-listen={address}");
        let ended = deskbuy(&[&FREE[..], &[&flag]].concat()).output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && said.contains(expect), "{address}: {said}");
        assert!(said.contains("--approval-listen") && said.contains("DESKBUY_APPROVAL_LISTEN"), "{address}: {said}");
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8082"] {
        check(address, "is not a loopback address");
    }
    check("8082", "is not an address with a port");
    check(&taken, &format!("cannot listen on {taken}"));
}
