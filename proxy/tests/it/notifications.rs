//! Notifications: what each kind of receiver is sent, that none is lost, and that none holds up another.

use std::{collections::HashSet, fmt::Write, fs, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ring::hmac;
use serde_json::{Value, json};
use simulator::Config;

use crate::{
    binary::{Running, deskbuy},
    databases,
    metrics::metrics,
    operator::run,
    receiver::{Answers, Received, Receiver},
    signin::{Desk, person},
    site::{Cloud, Reply, Site, changed, http, purchase, subscription},
};

const SECRET: &str = "a-recognisable-secret";
const KEY: &str = "a-recognisable-key";

/// The flag for a file with these targets; `{URL}` in one is where its receiver is.
pub(crate) fn flag(cloud: &Cloud, targets: &[(&str, &Receiver)]) -> String {
    let folder = cloud.folder.path();
    fs::write(folder.join("secret"), format!("{SECRET}\n")).unwrap();
    let mut text = "expiring_days = [7, 31]\n".to_owned();
    for (number, (target, receiver)) in targets.iter().enumerate() {
        let file = folder.join(format!("url-{number}"));
        fs::write(&file, format!("http://{}/hook?key={KEY}\n", receiver.address)).unwrap();
        let secret = format!("secret_file = \"{}\"", folder.join("secret").display());
        let (url, target) = (file.display(), target.replace("SECRET", &secret));
        writeln!(text, "[[target]]\nallow_loopback = true\nurl_file = \"{url}\"\n{target}").unwrap();
    }
    let file = folder.join("notifications.toml");
    fs::write(&file, text).unwrap();
    format!("--notifications={}", file.display())
}

const WEBHOOK: &str = "name = \"erp\"\nkind = \"webhook\"\nSECRET";

async fn site(scenarios: &[&str], targets: &[(&str, &Receiver)], flags: &[&str]) -> Site {
    let scenarios = scenarios.iter().map(|name| name.parse().unwrap()).collect();
    let cloud = Cloud::new(Config { scenarios, ..Config::default() }).await;
    let flag = flag(&cloud, targets);
    cloud.open(&[&[flag.as_str()], flags].concat()).await
}

fn sign(key: &str, text: &str) -> String {
    BASE64.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), text.as_bytes()))
}

/// The body of a webhook's message, whose signature must be right.
#[track_caller]
fn verified(received: &Received) -> Value {
    let (id, timestamp) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let signature = format!("v1,{}", sign(SECRET, &format!("{id}.{timestamp}.{}", received.text)));
    assert_eq!(received.header("webhook-signature"), signature);
    assert_eq!(received.header("content-type"), "application/json; charset=utf-8");
    let body = received.json();
    assert_eq!(body["id"], id);
    body
}

#[tokio::test]
async fn a_webhook_is_told_what_became_of_each_order_and_no_names() {
    for cloud in databases::each(&[]).await {
        let receiver = Receiver::willing().await;
        let flag = flag(&cloud, &[(WEBHOOK, &receiver)]);
        let site = cloud.open(&[&flag, "--public-url=https://desk.example.com/buy/"]).await;
        site.order(&purchase("t-1")).await;
        let placed = site.settled("t-1").await;
        let told = verified(&receiver.wait_for(1).await[0]);
        let expect = json!({
            "token": "t-1", "action": "CreateDesktop", "region": "cn-hangzhou", "type_item_id": "desktop.n1.small",
            "zone_id": "cn-hangzhou-b", "charge_type": "POSTPAY", "order_id": placed["order_id"], "attempts": 1,
            "desktop_id": placed["desktop_id"], "created_at": placed["created_at"],
            "upstream_request_id": placed["upstream_request_id"],
        });
        assert_eq!((&told["event"], &told["order"]), (&json!("placed"), &expect), "{told}");
        assert_eq!(told["url"], "https://desk.example.com/buy/#/orders/t-1");
        assert_eq!(told["at"], placed["updated_at"]);
        site.set_scenarios(&["sold-out-at-purchase"]);
        site.order(&purchase("t-2")).await;
        let rejected = site.settled("t-2").await;
        let told = verified(&receiver.wait_for(2).await[1]);
        assert_eq!((&told["event"], &told["order"]["code"]), (&json!("rejected"), &rejected["problem"]["code"]));
        assert!(!receiver.received().iter().any(|received| received.text.contains("zhang.san")));
    }
}

#[tokio::test]
async fn names_are_told_where_the_settings_say_so() {
    let receiver = Receiver::willing().await;
    let site = site(&[], &[(&format!("{WEBHOOK}\npersonal_data = true"), &receiver)], &[]).await;
    site.order(&purchase("t-1")).await;
    assert_eq!(verified(&receiver.wait_for(1).await[0])["order"]["user"], "zhang.san");
}

/// Each in its own form, and each says 200 also where it refuses.
#[tokio::test]
async fn robots_are_told_in_their_own_ways() {
    let [dingtalk, wecom, feishu] = [Receiver::willing().await, Receiver::willing().await, Receiver::willing().await];
    dingtalk.answer(Answers::With(200, json!({ "errcode": 310_000, "errmsg": format!("sign {KEY}") }).to_string()));
    wecom.answer(Answers::With(200, json!({ "errcode": 93_000, "errmsg": "invalid webhook url" }).to_string()));
    feishu.answer(Answers::With(200, json!({ "code": 19_021, "msg": "sign match fail" }).to_string()));
    let targets = [
        ("name = \"ding\"\nkind = \"dingtalk\"\npersonal_data = true\nSECRET", &dingtalk),
        ("name = \"we\"\nkind = \"wecom\"\nlanguage = \"en\"", &wecom),
        ("name = \"fei\"\nkind = \"feishu\"\nSECRET", &feishu),
    ];
    let site = site(&[], &targets, &["--public-url=https://desk.example.com"]).await;
    site.order(&changed(purchase("t-1"), &json!({ "UserName": "li.si" }))).await;
    site.settled("t-1").await;
    for receiver in [&dingtalk, &wecom, &feishu] {
        receiver.wait_for(1).await;
        receiver.answer(Answers::With(200, json!({ "errcode": 0, "code": 0 }).to_string()));
        // Refused, and so told again.
        receiver.wait_for(2).await;
    }
    let desktop = site.settled("t-1").await["desktop_id"].as_str().unwrap().to_owned();
    let link = "https://desk.example.com/#/orders/t-1";
    let chinese = format!("购买成功，desktop.n1.small，cn-hangzhou，桌面 {desktop}");

    let told = &dingtalk.received()[1];
    let content = format!("Deskbuy\n{chinese}，用户 li.si {link}");
    assert_eq!(told.json(), json!({ "msgtype": "text", "text": { "content": content } }));
    let timestamp = told.parameter("timestamp").unwrap();
    assert_eq!(told.parameter("sign").unwrap(), sign(SECRET, &format!("{timestamp}\n{SECRET}")));
    assert_eq!((timestamp.len(), told.parameter("key").as_deref()), (13, Some(KEY)));

    let told = &wecom.received()[1];
    let content = format!("Deskbuy\nPurchase placed, desktop.n1.small, cn-hangzhou, desktop {desktop} {link}");
    assert_eq!(told.json(), json!({ "msgtype": "text", "text": { "content": content } }));
    assert_eq!((told.uri.path(), told.uri.query()), ("/hook", Some(format!("key={KEY}").as_str())));

    let told = &feishu.received()[1];
    let timestamp = told.json()["timestamp"].as_str().unwrap().to_owned();
    let text = format!("Deskbuy\n{chinese} {link}");
    let signature = sign(&format!("{timestamp}\n{SECRET}"), "");
    let expect = json!({
        "timestamp": timestamp, "sign": signature, "msg_type": "text", "content": { "text": text },
    });
    assert_eq!((told.json(), timestamp.len()), (expect, 10));
}

#[tokio::test]
async fn a_batch_is_few_messages_of_a_robot() {
    let robot = Receiver::willing().await;
    let site = site(&[], &[("name = \"we\"\nkind = \"wecom\"", &robot)], &[]).await;
    let operations: Vec<_> = (0..30).map(|number| purchase(&format!("t-{number}"))).collect();
    assert_eq!(site.order_all(&operations).await.status, 202);
    let lines = |robot: &Receiver| {
        let said: Vec<_> = robot.received().iter().map(|told| told.json()["text"]["content"].clone()).collect();
        assert!(said.iter().all(|text| text.as_str().unwrap().len() <= 2_048), "{said:?}");
        said.iter().map(|text| text.as_str().unwrap().lines().count() - 1).sum::<usize>()
    };
    while lines(&robot) < 30 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(lines(&robot) == 30 && robot.received().len() < 15, "{:?}", robot.received().len());
}

/// Receivers that fail, hang and point elsewhere; and one that is well.
#[tokio::test]
async fn none_holds_up_another_and_what_is_given_up_is_for_the_operator() {
    let well = Receiver::willing().await;
    let elsewhere = Receiver::willing().await;
    let fails = Receiver::start(Answers::With(500, "no".to_owned())).await;
    let hangs = Receiver::start(Answers::Never).await;
    let points = Receiver::start(Answers::Redirect(format!("http://{}/other", elsewhere.address))).await;
    let named = |name: &str| WEBHOOK.replace("erp", name);
    let (first, second, third) = (named("fails"), named("hangs"), named("points"));
    let targets = [(WEBHOOK, &well), (first.as_str(), &fails), (&second, &hangs), (&third, &points)];
    let site = site(&[], &targets, &[]).await;
    for token in ["t-1", "t-2"] {
        site.order(&purchase(token)).await;
        assert_eq!(site.settled(token).await["state"], "placed");
    }
    well.wait_for(2).await;
    let given_up = async || metrics(&site).await.contains("deskbuy_notifications{state=\"dead\"} 6");
    while !given_up().await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(elsewhere.received().is_empty(), "redirects are not followed");
    let (done, said) = run(&site, &["notifications"]).await;
    assert!(done && said.contains("Given up: 6. Waiting: 0."), "{said}");
    for (name, fault) in [
        ("fails", "answered HTTP 500"),
        ("hangs", "no answer within"),
        ("points", "answered HTTP 307, which is not followed"),
    ] {
        let line = said.lines().find(|line| line.contains(&format!("order t-1 to {name},")));
        let line = line.unwrap_or_else(|| panic!("{name}: {said}"));
        assert!(line.contains(fault) && line.contains("  placed of"), "{line}");
    }
    assert!(!said.contains(SECRET) && !said.contains(KEY), "{said}");

    for receiver in [&fails, &hangs, &points] {
        receiver.answer(Answers::With(204, String::new()));
    }
    let before = fails.received().len();
    let first = said.lines().find(|line| line.contains("order t-1 to fails,")).unwrap();
    let id = first.split_whitespace().next().unwrap();
    let (done, said) = run(&site, &["notifications", "retry", id]).await;
    assert!(done && said.contains("Notifications that are tried again: 1\n"), "{said}");
    let again = &fails.wait_for(before + 1).await[before];
    assert_eq!(verified(again)["id"], id);
    assert_eq!(again.header("webhook-id"), fails.received()[0].header("webhook-id"), "the identifier stays");
    let (done, said) = run(&site, &["notifications", "retry", "no-such"]).await;
    assert!(!done && said.contains("no notification no-such is given up"), "{said}");
    assert!(!run(&site, &["notifications", "retry"]).await.0, "which?");
    assert!(run(&site, &["notifications", "retry", "--all"]).await.1.contains("tried again: 5\n"));
    while !metrics(&site).await.contains("deskbuy_notifications{state=\"waiting\"} 0") {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (_, said) = run(&site, &["notifications"]).await;
    assert!(said.starts_with("No notification is given up.\nGiven up: 0. Waiting: 0."), "{said}");
}

/// Killed after a message was received and before that was recorded: it comes again, with the same identifier.
#[tokio::test]
async fn what_was_received_and_not_recorded_comes_again() {
    let cloud = Cloud::new(Config::default()).await;
    let receiver = Receiver::start(Answers::Never).await;
    let flag = flag(&cloud, &[(WEBHOOK, &receiver)]);
    let running = Running::serving(&cloud, &[&flag]);
    let body = json!({ "operations": [purchase("t-1")] }).to_string();
    let post = http().post(running.page("/api/orders")).header("content-type", "application/json").body(body);
    assert_eq!(Reply::of(post).await.status, 202);
    let first = receiver.wait_for(1).await[0].clone();
    running.signal("KILL");
    running.ended().await;
    receiver.answer(Answers::With(200, String::new()));
    // Alone on its file, it need not wait for the end of the lease.
    let running = Running::serving(&cloud, &[&flag]);
    let again = &receiver.wait_for(2).await[1];
    assert_eq!((verified(again), again.header("webhook-id")), (verified(&first), first.header("webhook-id")));
    assert!(running.stop().await.well);
}

#[tokio::test]
async fn two_proxies_deliver_each_once_while_all_is_well() {
    let cloud = Cloud::new(Config::default()).await.on_postgres().await;
    let receiver = Receiver::willing().await;
    let flag = flag(&cloud, &[(WEBHOOK, &receiver)]);
    let site = cloud.open(&[&flag]).await;
    let beside = site.beside(&[&flag]).await;
    // One that tells nobody takes nothing from them.
    let _without = site.beside(&[]).await;
    for number in 0..20 {
        let here = if number % 2 == 0 { &site } else { &beside };
        here.order(&purchase(&format!("t-{number}"))).await;
    }
    let all = receiver.wait_for(20).await;
    let tokens: HashSet<_> = all.iter().map(|told| told.json()["order"]["token"].to_string()).collect();
    assert_eq!(tokens.len(), 20);
    while !metrics(&site).await.contains("deskbuy_notifications{state=\"waiting\"} 0") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.received().len(), 20);
}

#[tokio::test]
async fn a_desktop_that_expires_is_told_once_also_by_two_proxies_and_after_a_restart() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        site.order(&subscription("t-1")).await;
        let placed = site.settled("t-1").await;
        site.order(&changed(subscription("t-2"), &json!({ "Period": 3 }))).await;
        site.settled("t-2").await;
        let cloud = site.close().await;
        let receiver = Receiver::willing().await;
        let flag = flag(&cloud, &[(WEBHOOK, &receiver)]);
        let site = cloud.open(&[&flag]).await;
        let beside = site.beside(&[&flag]).await;
        let told = verified(&receiver.wait_for(1).await[0]);
        let desktop = &told["desktop"];
        assert_eq!(
            (&told["event"], &desktop["days"], &desktop["token"]),
            (&json!("expiring"), &json!(31), &json!("t-1"))
        );
        assert_eq!(desktop["desktop_id"], placed["desktop_id"]);
        let ends = site.get("/api/desktops").await.json()["desktops"][1]["valid_until"].clone();
        assert_eq!(desktop["valid_until"], ends);
        drop(beside.close().await);
        let site = site.close().await.open(&[&flag]).await;
        // Something later has come, and nothing before it.
        site.order(&purchase("t-3")).await;
        let later = receiver.wait_for(2).await;
        assert_eq!(verified(&later[1])["order"]["token"], "t-3");
    }
}

#[tokio::test]
async fn a_limit_that_is_reached_is_told_once() {
    let receiver = Receiver::willing().await;
    let site = site(&[], &[(WEBHOOK, &receiver)], &["--overall-daily-limit=1"]).await;
    site.order(&purchase("t-1")).await;
    for token in ["t-2", "t-3"] {
        assert_eq!(site.post("/api/orders", &json!({ "operations": [purchase(token)] })).await.status, 403);
    }
    let told: Vec<_> = receiver.wait_for(2).await.iter().map(verified).collect();
    let limit = told.iter().find(|told| told["event"] == "limit_reached").unwrap();
    let expect = json!({ "unit": "desktops_and_months", "per": "day", "whose": "everybody", "limit": 1, "left": 0 });
    assert_eq!(limit["limit_reached"], json!({ "limit": expect }));
    while !metrics(&site).await.contains("deskbuy_notifications{state=\"waiting\"} 0") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.received().len(), 2);
}

/// Neither the key in an address nor a secret is in the log, whatever its level, nor in what the operator is shown.
#[tokio::test]
async fn secrets_of_targets_stay_here() {
    let cloud = Cloud::new(Config::default()).await;
    let robot = Receiver::start(Answers::With(
        200,
        json!({ "errcode": 300_001, "errmsg": format!("token {KEY}") }).to_string(),
    ))
    .await;
    let gone = Receiver::start(Answers::Redirect(format!("http://127.0.0.1:9/?key={KEY}"))).await;
    let flag = flag(&cloud, &[("name = \"ding\"\nkind = \"dingtalk\"\nSECRET", &robot), (WEBHOOK, &gone)]);
    let running = Running::serving(&cloud, &[&flag, "--log=trace"]);
    let body = json!({ "operations": [purchase("t-1")] }).to_string();
    let post = http().post(running.page("/api/orders")).header("content-type", "application/json").body(body);
    assert_eq!(Reply::of(post).await.status, 202);
    robot.wait_for(1).await;
    gone.wait_for(1).await;
    let signed = robot.received()[0].parameter("sign").unwrap();
    let ended = running.stop().await;
    let fault = "answered errcode 300001: token [secret]";
    assert!(ended.log.contains(fault), "{}", ended.log);
    let mut check = deskbuy(&["check", "--print", &flag]);
    check.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
    let printed = tokio::task::spawn_blocking(move || check.output().unwrap()).await.unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.contains("notifications.toml (flag)"), "{printed}");
    for text in [&ended.log, &printed] {
        assert!(!text.contains(KEY) && !text.contains(SECRET) && !text.contains(&signed), "{text}");
    }
}

/// That an order waits for an approver is told as soon as it does, and then what became of it.
#[tokio::test]
async fn approvers_are_told_of_what_waits_for_them() {
    for cloud in databases::each(&[]).await {
        let receiver = Receiver::willing().await;
        let flag = flag(&cloud, &[(WEBHOOK, &receiver)]);
        let people = ["--buyers=ann@example.com", "--approvers=bea@example.com", "--approval-always", &flag];
        let desk = Desk::on(cloud, &people).await;
        let (ann, bea) = (desk.cookie(&person("ann"), 0), desk.cookie(&person("bea"), 0));
        let order = desk.order(&[purchase("t-1")], &ann).await.json()["orders"][0].clone();
        let told = verified(&receiver.wait_for(1).await[0]);
        assert_eq!((&told["event"], &told["order"]["token"]), (&json!("awaiting_approval"), &json!("t-1")));
        assert_eq!(told["order"]["approve_until"], order["approve_until"]);
        let body = json!({ "decision": "approve", "tokens": ["t-1"], "note": "yes" }).to_string();
        let request = desk.site.request("POST", "/api/approvals").header("cookie", &bea);
        let reply = Reply::of(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let told = verified(&receiver.wait_for(2).await[1]);
        assert_eq!((&told["event"], &told["order"]["token"]), (&json!("placed"), &json!("t-1")));
        assert!(!receiver.received().iter().any(|received| received.text.contains("ann@example.com")));
    }
}
