//! Creating and changing users: the writes without a token.

use serde_json::{Value, json};
use simulator::ScriptedAnswer;

use crate::site::{Site, changed};

fn user() -> Value {
    json!({ "RegionId": "cn-hangzhou", "UserName": "new.user", "Email": "new.user@example.com" })
}

fn wang_wu() -> Value {
    changed(user(), &json!({ "UserName": "wang.wu" }))
}

#[tokio::test]
async fn a_user_is_created() {
    let site = Site::with(&[]).await;
    let reply = site.post("/api/CreateUser", &user()).await;
    assert_eq!(reply.json(), json!({ "UserInfo": { "Name": "new.user", "Email": "new.user@example.com" } }));
    assert!(reply.header("x-upstream-request-id").is_some());
    assert_eq!(site.state().users_created.len(), 1);
}

#[tokio::test]
async fn a_user_gets_an_address() {
    let site = Site::with(&[]).await;
    assert_eq!(site.post("/api/ModifyUser", &wang_wu()).await.json(), json!({}));
    assert_eq!(site.state().users_modified[0].name, "wang.wu");
    let nobody = changed(user(), &json!({ "UserName": "nobody" }));
    let problem = site.post("/api/ModifyUser", &nobody).await.problem("invalid_parameter");
    assert_eq!((&problem["field"], &problem["outcome"]), (&json!("UserName"), &json!("rejected")));
}

#[tokio::test]
async fn the_directorys_errors_come_with_200_and_are_errors() {
    let check = async |scenario: &str, code: &str| {
        let site = Site::with(&[scenario]).await;
        let problem = site.post("/api/CreateUser", &user()).await.problem(code);
        assert_eq!(problem["outcome"], "rejected", "{scenario}");
        assert_eq!(site.calls("CreateUser"), 1, "{scenario}");
        assert_eq!(site.state().users_created.len(), 0, "{scenario}");
    };
    check("ad-domain-missing", "directory_not_set").await;
    check("ad-create-failed", "user_refused").await;
    check("ad-access-failed", "directory_unreachable").await;
}

/// One attempt, then a lookup in the directory: a write that was carried out succeeds, any other stays unknown.
#[tokio::test]
async fn what_may_have_happened_is_looked_up_and_not_repeated() {
    let flags = ["--attempt-deadline=1s"];
    for scenario in ["commit-then-drop", "commit-then-503", "commit-then-hang", "cut-off:CreateUser"] {
        let site = Site::with_flags(&[scenario], &flags).await;
        let reply = site.post("/api/CreateUser", &user()).await;
        assert_eq!(reply.status, 200, "{scenario}: {reply:?}");
        assert_eq!(reply.json()["UserInfo"]["Name"], "new.user", "{scenario}");
        assert_eq!(site.calls("CreateUser"), 1, "{scenario}");
        assert_eq!(site.state().users_created.len(), 1, "{scenario}");
    }
    for scenario in ["fail:CreateUser", "html:CreateUser", "hang:CreateUser", "nonce-used:CreateUser"] {
        let site = Site::with_flags(&[scenario], &flags).await;
        let problem = site.post("/api/CreateUser", &user()).await.problem("outcome_unknown");
        assert_eq!(problem["outcome"], "unknown", "{scenario}");
        assert_eq!(site.calls("CreateUser"), 1, "{scenario}");
        assert_eq!(site.state().users_created.len(), 0, "{scenario}");
    }
    let site = Site::with_flags(&["commit-then-drop"], &flags).await;
    assert_eq!(site.post("/api/ModifyUser", &wang_wu()).await.status, 200);
    assert_eq!(site.calls("ModifyUser"), 1);
}

/// Whichever user the answer names, the page gets the requested one or none.
#[tokio::test]
async fn an_answer_about_another_user_makes_nobody_known() {
    let check = async |name: &str, status: u16| {
        let site = Site::with(&[]).await;
        let body = json!({ "UserInfo": { "Name": name, "Email": "x@example.com" } }).to_string();
        site.cloud.simulator.set_answers(vec![ScriptedAnswer::to("CreateUser", &body)]);
        let reply = site.post("/api/CreateUser", &user()).await;
        assert_eq!(reply.status, status, "{name}: {reply:?}");
        assert!(!format!("{reply:?}").contains("someone"), "{name}: {reply:?}");
        if status != 200 {
            assert_eq!(reply.problem("outcome_unknown")["outcome"], "unknown", "{name}");
        }
    };
    check("new.user", 200).await;
    check("CORP\\New.User", 200).await;
    check("new.user@corp.example", 200).await;
    check("someone.else", 504).await;
    check("new.user2", 504).await;
}

#[tokio::test]
async fn throttling_is_reported_and_not_retried() {
    let site = Site::with(&["throttled:CreateUser"]).await;
    let problem = site.post("/api/CreateUser", &user()).await.problem("throttled");
    assert_eq!(problem["outcome"], "rejected");
    assert_eq!(site.calls("CreateUser"), 1);
}

/// However the cloud words its answers: what is told as done was done, and what is told as rejected was not.
#[tokio::test]
async fn in_front_of_the_strange_cloud_nothing_is_told_that_is_not_so() {
    let site = Site::with_flags(&["strange:CreateUser", "strange:ModifyUser"], &["--attempt-deadline=2s"]).await;
    let (mut done, mut rejected, mut unknown) = (0, 0, 0);
    for number in 0..80 {
        for action in ["CreateUser", "ModifyUser"] {
            // Another address for each, or the directory would bear out what was not done.
            let email = format!("{}{number}@example.com", action.to_lowercase());
            let user = changed(user(), &json!({ "UserName": format!("new.user{number}"), "Email": email }));
            let reply = site.post(&format!("/api/{action}"), &user).await;
            let state = site.state();
            let changed = if action == "CreateUser" { &state.users_created } else { &state.users_modified };
            let is_done = changed.iter().any(|changed| user["UserName"] == *changed.name);
            match (reply.status, reply.json()["outcome"].as_str()) {
                (200, _) => {
                    assert!(is_done, "{action} {number}: {reply:?}");
                    done += 1;
                }
                (_, Some("rejected")) => {
                    assert!(!is_done, "{action} {number}: {reply:?}");
                    rejected += 1;
                }
                (_, Some("unknown")) => unknown += 1,
                other => panic!("{action} {number}: {other:?} {reply:?}"),
            }
        }
    }
    // Each kind is there, or this says nothing.
    assert!(done > 60 && rejected > 5 && unknown > 2, "{done} done, {rejected} rejected, {unknown} unknown");
}
