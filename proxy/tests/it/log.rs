//! The log of the real process: access lines, and audit lines.

use serde_json::{Value, json};

use crate::{
    binary::Running,
    site::{Cloud, Reply, http, purchase},
};

async fn post(running: &Running, path: &str, body: &Value) -> Reply {
    let request = http().post(running.page(path)).header("content-type", "application/json");
    Reply::of(request.body(body.to_string())).await
}

async fn settled(running: &Running, token: &str) {
    let url = running.page(&format!("/api/orders/{token}?wait=25"));
    while Reply::of(http().get(&url)).await.json()["state"] != "placed" {}
}

/// On loopback it is allowed: a proxy in front on this machine may authenticate people, and pass their names on.
#[tokio::test]
async fn names_without_sign_in_are_warned_of_and_answered_to() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    for (flags, status) in
        [(&[][..], 421), (&["--public-url=https://desk.example"], 200), (&["--allowed-hosts=desk.example"], 200)]
    {
        let running = Running::serving(&cloud, flags);
        let request = http().get(running.page("/api/session")).header("host", "desk.example");
        assert_eq!(Reply::of(request).await.status, status, "{flags:?}");
        let ended = running.stop().await;
        assert_eq!(ended.log.contains("nobody has to sign in"), status == 200, "{flags:?}: {}", ended.log);
    }
}

#[tokio::test]
async fn one_line_for_each_request() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let running = Running::serving(&cloud, &[]);
    let mut expect = Vec::new();
    for (path, route_status, code) in [
        ("/api/DescribeZones?RegionId=cn-hangzhou", 200, None),
        ("/api/DescribeZones?RegionId=nowhere", 400, Some("unknown_region")),
        ("/api/Nothing", 404, Some("unknown_action")),
        ("/nothing", 404, None),
    ] {
        let reply = Reply::of(http().get(running.page(path))).await;
        assert_eq!(reply.status, route_status, "{path}");
        if let Some(code) = code {
            // What the page shows is what the log says.
            assert_eq!(reply.problem(code)["request_id"].as_str(), reply.header("x-request-id"));
        }
        let id = reply.header("x-request-id").unwrap().to_owned();
        let path = path.split('?').next().unwrap();
        expect.push(json!({ "request_id": id, "path": path, "status": route_status, "code": code }));
    }
    let ended = running.stop().await;
    assert!(ended.well);
    let told = ended.saying("request").into_iter().map(|line| {
        assert!(line["duration_ms"].is_u64() && line["timestamp"].is_string() && line["method"] == "GET", "{line}");
        assert_eq!(line["client"], "127.0.0.1");
        json!({ "request_id": line["request_id"], "path": line["path"], "status": line["status"], "code": line["code"] })
    });
    assert_eq!(told.collect::<Vec<_>>(), expect);
}

#[tokio::test]
async fn a_line_when_a_write_is_accepted_and_one_when_it_has_ended() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    // Whatever the level is.
    let running = Running::serving(&cloud, &["--log=error"]);
    let order = post(&running, "/api/orders", &json!({ "operations": [purchase("t-1")] })).await;
    assert_eq!(order.status, 202);
    settled(&running, "t-1").await;
    let user = json!({ "RegionId": "cn-hangzhou", "UserName": "new.one", "Email": "new.one@example.com" });
    let user = post(&running, "/api/CreateUser", &user).await;
    assert_eq!(user.status, 200);
    let ended = running.stop().await;
    assert!(!ended.log.contains("new.one"), "whom it is about is left out: {}", ended.log);

    let one = |message: &str| match ended.saying(message).as_slice() {
        [line] => line.clone(),
        lines => panic!("{message}: {lines:?}"),
    };
    for (message, request, expect) in [
        ("the order is accepted", &order, json!({ "action": "CreateDesktop", "token": "t-1" })),
        ("the order is settled", &order, json!({ "action": "CreateDesktop", "token": "t-1", "state": "placed" })),
        ("a user is written", &user, json!({ "action": "CreateUser", "state": "Done" })),
    ] {
        let line = one(message);
        assert_eq!(line["target"], "audit");
        assert_eq!(line["region"], "cn-hangzhou");
        assert_eq!(line["span"]["request_id"].as_str(), request.header("x-request-id"), "{line}");
        for (name, value) in expect.as_object().unwrap() {
            assert_eq!(line[name], *value, "{line}");
        }
    }
}

/// The same user has the same mark, on another proxy and after a restart too.
#[tokio::test]
async fn audit_lines_tell_changed_users_apart_without_their_names() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let mut marks = Vec::new();
    for (action, name) in [("CreateUser", "new.one"), ("ModifyUser", "new.one"), ("CreateUser", "new.two")] {
        let running = Running::serving(&cloud, &[]);
        let user = json!({ "RegionId": "cn-hangzhou", "UserName": name, "Email": format!("{name}@example.com") });
        assert_eq!(post(&running, &format!("/api/{action}"), &user).await.status, 200);
        let ended = running.stop().await;
        let lines = ended.saying("a user is written");
        assert_eq!((lines[0]["action"].as_str(), lines.len()), (Some(action), 1));
        let mark = lines[0]["user"].as_str().unwrap().to_owned();
        assert!(mark.len() == 16 && mark.chars().all(|c| c.is_ascii_hexdigit()), "{mark}");
        marks.push(mark);
    }
    assert_eq!(marks[0], marks[1]);
    assert_ne!(marks[0], marks[2]);
    let elsewhere = Cloud::new(simulator::Config::default()).await;
    let other = Running::serving(&elsewhere, &[]);
    let user = json!({ "RegionId": "cn-hangzhou", "UserName": "new.one", "Email": "new.one@example.com" });
    assert_eq!(post(&other, "/api/CreateUser", &user).await.status, 200);
    assert_ne!(
        other.stop().await.saying("a user is written")[0]["user"],
        marks[0].as_str(),
        "each journal has its own key"
    );
}

#[tokio::test]
async fn audit_lines_can_be_turned_off() {
    let cloud = Cloud::new(simulator::Config::default()).await;
    let running = Running::serving(&cloud, &["--log=error,audit=off"]);
    post(&running, "/api/orders", &json!({ "operations": [purchase("t-1")] })).await;
    settled(&running, "t-1").await;
    assert_eq!(running.stop().await.log, "");
}
