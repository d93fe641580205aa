//! API tokens of programs: what they allow, how they end, and what one caller may hold.

use std::{fmt::Write, fs, time::Duration};

use serde_json::{Value, json};

use crate::{
    signin::{Desk, person},
    site::{Cloud, Reply, changed, purchase, release, renewal},
};

const JSON: (&str, &str) = ("content-type", "application/json");

/// An entry of the file, for a token of this text.
fn entry(name: &str, text: &str, changes: &Value) -> Value {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let hash = digest.as_ref().iter().fold(String::new(), |mut hash, byte| {
        write!(hash, "{byte:02x}").unwrap();
        hash
    });
    let entry = json!({ "name": name, "sha256": hash, "rights": "buy", "expires": "2099-01-01T00:00:00Z" });
    changed(entry, changes)
}

async fn ask(desk: &Desk, method: &str, path: &str, token: &str, more: &[(&str, &str)], body: String) -> Reply {
    let request = desk.site.request(method, path).header("authorization", format!("Bearer {token}"));
    let request = more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    Reply::of(request.body(body)).await
}

async fn buy(desk: &Desk, token: &str, order: &str) -> Reply {
    let body = json!({ "operations": [purchase(order)] }).to_string();
    ask(desk, "POST", "/api/orders", token, &[JSON], body).await
}

#[tokio::test]
async fn a_program_buys_with_a_token_until_it_is_taken_away() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let file = cloud.folder.path().join("tokens.json");
    let entries = json!([
        entry("terraform", "good", &json!({ "daily_limit": 1 })),
        entry("reports", "looks", &json!({ "rights": "look" })),
        entry("old", "ended", &json!({ "expires": "2020-01-01T00:00:00Z" })),
    ]);
    fs::write(&file, entries.to_string()).unwrap();
    let flag = format!("--api-tokens-file={}", file.display());
    let desk = Desk::on(cloud, &["--buyers=@example.com", &flag]).await;

    let reply = buy(&desk, "good", "t-1").await;
    assert_eq!(reply.json()["orders"][0]["requested_by"], "token:terraform", "{reply:?}");
    assert_eq!(reply.header("set-cookie"), None);
    assert_eq!(
        buy(&desk, "good", "t-2").await.problem("buyer_limit")["detail"],
        "The limit of desktops in a day is 1; left: 0."
    );
    assert_eq!(ask(&desk, "GET", "/api/orders", "looks", &[], String::new()).await.status, 200);
    buy(&desk, "looks", "t-3").await.problem("not_allowed");
    for wrong in ["ended", "Good", "", "good good"] {
        let reply = buy(&desk, wrong, "t-4").await;
        assert_eq!((reply.status, &reply.problem("sign_in_required")["outcome"]), (401, &json!("not_sent")), "{wrong}");
    }
    // No way around what keeps foreign pages out, and none to another person's session.
    let foreign = [JSON, ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    ask(&desk, "POST", "/api/orders", "good", &foreign, "{}".to_owned()).await.problem("cross_site");
    let ann = desk.cookie(&person("ann"), 0);
    let both = ask(&desk, "GET", "/api/orders", "ended", &[("cookie", &ann)], String::new()).await;
    assert_eq!(both.status, 401, "whoever shows a token is who it says");

    fs::write(&file, json!([entry("terraform", "newer", &json!({}))]).to_string()).unwrap();
    let taken_away = async {
        while ask(&desk, "GET", "/api/orders", "good", &[], String::new()).await.status != 401 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), taken_away).await.unwrap();
    assert_eq!(ask(&desk, "GET", "/api/orders", "newer", &[], String::new()).await.status, 200);
}

#[tokio::test]
async fn one_person_cannot_hold_all_streams() {
    let desk = Desk::with(&["--buyers=*"]).await;
    let (ann, bob) = (desk.cookie(&person("ann"), 0), desk.cookie(&person("bob"), 0));
    let stream = async |cookie: &str| {
        desk.site.request("GET", "/api/orders/events").header("cookie", cookie).send().await.unwrap()
    };
    let mut held = Vec::new();
    let refused = loop {
        let response = stream(&ann).await;
        if response.status() != 200 {
            break response;
        }
        held.push(response);
        assert!(held.len() < 200, "there is no limit");
    };
    assert!(refused.headers().contains_key("retry-after") && held.len() >= 16, "{}", held.len());
    assert_eq!(stream(&bob).await.status(), 200, "others have theirs");
    drop(held);
    let again = async {
        while stream(&ann).await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), again).await.unwrap();
}

#[tokio::test]
async fn people_renew_and_release_what_was_bought_here() {
    let check = async |flags: &[&str], status: u16| {
        let desk = Desk::with(&[&["--buyers=*"], flags].concat()).await;
        let ann = desk.cookie(&person("ann"), 0);
        for foreign in [renewal("t-1", "dk-elsewhere", 1), release("t-2", "dk-elsewhere")] {
            assert_eq!(desk.order(&[foreign], &ann).await.status, status, "{flags:?}");
        }
        assert_eq!(desk.order(&[purchase("t-3")], &ann).await.status, 202);
        let bought = desk.settled("t-3", &ann).await["desktop_id"].as_str().unwrap().to_owned();
        assert_eq!(desk.order(&[release("t-4", &bought)], &ann).await.status, 202);
    };
    check(&[], 404).await;
    check(&["--foreign-desktops"], 202).await;
}

#[tokio::test]
async fn the_admin_listener_goes_by_no_foreign_name() {
    let desk = Desk::with(&["--buyers=*"]).await;
    let status = async |host: &str| {
        let request = crate::site::http().get(format!("http://{}/live", desk.site.admin)).header("host", host);
        Reply::of(request).await.status
    };
    for host in ["127.0.0.1:9090", "[::1]:9090", "localhost", "deskbuy:9090", "deskbuy.desk.svc"] {
        assert_eq!(status(host).await, 200, "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:9090"] {
        assert_eq!(status(host).await, 421, "{host}");
    }
}
