//! What becomes of an order when the cloud answers in ways in which the simulator does not answer by itself: whatever
//! names an identifier is placed, and nothing that may have been carried out is called rejected.

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use simulator::ScriptedAnswer;

use crate::site::{Site, purchase, release};

/// As short as it may be for what is sent again until its time is up.
const SHORT: &[&str] = &["--order-deadline=2s"];

fn answer(status: u16, body: &str) -> ScriptedAnswer {
    ScriptedAnswer { status, ..ScriptedAnswer::to("CreateDesktop", body) }
}

fn carried_out(answer: ScriptedAnswer) -> ScriptedAnswer {
    ScriptedAnswer { carried_out: true, ..answer }
}

/// The first purchase is carried out and its answer lost.
fn lost() -> ScriptedAnswer {
    ScriptedAnswer { body: None, times: Some(1), ..carried_out(answer(200, "")) }
}

async fn order(answers: Vec<ScriptedAnswer>, flags: &[&str]) -> (Site, Value) {
    let site = Site::with_flags(&[], flags).await;
    site.cloud.simulator.set_answers(answers);
    site.order(&purchase("t-1")).await;
    let order = site.settled("t-1").await;
    (site, order)
}

/// So many at a time that none of them waits for the machine.
async fn each<T>(cases: impl IntoIterator<Item = T>, check: impl AsyncFn(T)) {
    let check = &check;
    stream::iter(cases).for_each_concurrent(8, |case| check(case)).await;
}

#[tokio::test]
async fn identifiers_win_wherever_they_stand() {
    let codes = [r#""""#, "0", r#""1""#, r#""successful""#, r#""SomethingNew""#];
    let with_codes =
        codes.map(|code| format!(r#"{{"Code":{code},"OrderId":"{{OrderId}}","DesktopId":"{{DesktopId}}"}}"#));
    let shaped = [
        r#"{"OrderId":{OrderId},"DesktopId":["{DesktopId}"]}"#,
        r#"{"Data":{"OrderId":"{OrderId}","DesktopId":"{DesktopId}"}}"#,
        r#"{"Result":{"orderId":"{OrderId}","desktopId":"{DesktopId}"}}"#,
        r#"{"CreateDesktopResponse":{"OrderId":"{OrderId}","DesktopIds":{"DesktopId":["{DesktopId}"]}}}"#,
        r#"{"Data":"{\"OrderId\":\"{OrderId}\",\"DesktopId\":\"{DesktopId}\"}"}"#,
        r#"[{"OrderId":"{OrderId}","DesktopId":"{DesktopId}"}]"#,
        r#"{"OrderId":"{OrderId}","DesktopIds":["{DesktopId}"]}"#,
        "\u{feff}{\"OrderId\":\"{OrderId}\",\"DesktopId\":\"{DesktopId}\"}",
        r#"{"OrderId":"{OrderId}","DesktopIds":"{DesktopId},desk-2"}<!-- cached -->"#,
        r#"{"OrderId":[["{OrderId}"]],"DesktopIds":[{"InstanceId":"{DesktopId}","Status":"Pending"}]}"#,
        r#"{"OrderId":"{OrderId}","DesktopId":"{DesktopId}",}"#,
        r#"callback({"OrderId":"{OrderId}","DesktopId":"{DesktopId}"});"#,
        "{\"RequestId\":\"R\"}\n{\"OrderId\":\"{OrderId}\",\"DesktopId\":\"{DesktopId}\"}",
        "<R><OrderId>{OrderId}</OrderId><DesktopId>{DesktopId}</DesktopId></R>",
    ];
    let bodies = with_codes.into_iter().chain(shaped.map(str::to_owned));
    each(bodies, async |body| {
        let (site, order) = order(vec![carried_out(answer(200, &body))], &[]).await;
        let desktop = &site.state().desktops[0];
        assert_eq!((&order["state"], &order["attempts"]), (&json!("placed"), &json!(1)), "{body}: {order}");
        assert_eq!(
            (&order["order_id"], &order["desktop_id"]),
            (&json!(desktop.order_id), &json!(desktop.id)),
            "{body}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_long_order_number_keeps_its_digits() {
    let body = r#"{"OrderId":21455281007078212345,"DesktopId":"d-1"}"#;
    let (_, order) = order(vec![carried_out(answer(200, body))], &[]).await;
    assert_eq!((&order["state"], &order["order_id"]), (&json!("placed"), &json!("21455281007078212345")));
}

#[tokio::test]
async fn what_nobody_knows_is_unknown() {
    let codes = [r#""500""#, "-1", r#""SystemError""#, r#""ServiceTimeout""#, r#""OrderProcessing""#, r#""New""#];
    let mut cases: Vec<_> = codes.into_iter().map(|code| (200, code)).collect();
    cases.extend([(408, r#""RequestTimeout""#), (500, r#""InvalidParameter""#), (503, r#""Forbidden.Unavailable""#)]);
    cases.extend([(400, r#""SomethingNew""#), (403, r#""InvalidOrderState""#)]);
    each(cases, async |(status, code)| {
        // Both are possible, and the answer is the same.
        for is_done in [false, true] {
            let answer = answer(status, &format!(r#"{{"Code":{code}}}"#));
            let answer = ScriptedAnswer { carried_out: is_done, ..answer };
            let (site, order) = order(vec![answer], SHORT).await;
            assert_eq!(order["state"], "unresolved", "{status} {code}: {order}");
            assert_eq!(site.state().desktops.len(), usize::from(is_done), "{status} {code}");
        }
    })
    .await;
}

#[tokio::test]
async fn in_doubt_no_refusal_settles() {
    let cases = [
        (403, "InvalidAccountStatus.NotEnoughBalance"),
        (403, "OperationDenied.NoStock"),
        (403, "InvalidResourceType.NotSupported"),
        (400, "InvalidVSwitchId.IpNotEnough"),
        (404, "InvalidApi.NotFound"),
        (404, "InvalidProduct.NotFound"),
        (400, "QuotaExceed.AfterpayInstance"),
        (403, "Forbidden.RAM"),
        (400, "MissingParameter"),
    ];
    each(cases, async |(status, code)| {
        let refusal = answer(status, &format!(r#"{{"Code":"{code}"}}"#));
        let (site, order) = order(vec![lost(), refusal.clone()], SHORT).await;
        assert_eq!(
            (&order["state"], &order["problem"]["outcome"]),
            (&json!("unresolved"), &json!("unknown")),
            "{code}"
        );
        assert_eq!(site.state().desktops.len(), 1, "{code}");
        // What passes costs nothing: the next answer is the purchase's own.
        let passing = ScriptedAnswer { times: Some(2), ..refusal };
        let (_, order) = self::order(vec![lost(), passing], &[]).await;
        assert_eq!(order["state"], "placed", "{code}: {order}");
    })
    .await;
}

#[tokio::test]
async fn a_contradiction_or_a_part_is_shown_and_not_settled() {
    let bodies = [
        r#"{"Code":"OperationDenied.NoStock","OrderId":"{OrderId}","DesktopId":"{DesktopId}"}"#,
        // What is cut off, or in a page for people, proves nothing.
        r#"{"OrderId":"{OrderId}","DesktopId":"{DesktopId}","Co"#,
        r#"<html><pre>{"OrderId":"{OrderId}","DesktopId":"{DesktopId}"}</pre></html>"#,
    ];
    each(bodies, async |body| {
        let (site, order) = order(vec![carried_out(answer(403, body))], SHORT).await;
        assert_eq!(order["state"], "unresolved", "{body}: {order}");
        assert_eq!(order["desktop_id"], site.state().desktops[0].id, "{body}: {order}");
    })
    .await;
}

#[tokio::test]
async fn refusals_have_their_meaning() {
    let cases = [
        (403, r#"{"Code":"OperationDenied","Message":"The resource is out of usage."}"#, "sold_out"),
        (400, r#"{"Code":"NoInstanceStock"}"#, "sold_out"),
        (400, r#"{"Code":"Zone.NotOnSale"}"#, "sold_out"),
        (403, r#"{"Code":"Account.Arrearage"}"#, "insufficient_balance"),
        (403, r#"{"Code":"QuotaExceed.AfterpayInstance"}"#, "quota_exceeded"),
        (403, r#"{"Code":"RealNameAuthenticationError"}"#, "real_name_required"),
        (403, r#"{"Code":"Forbidden.RiskControl"}"#, "risk_control"),
        (200, r#"{"Success":false,"ErrorCode":"OperationDenied.NoStock"}"#, "sold_out"),
    ];
    each(cases, async |(status, body, code)| {
        let (site, order) = order(vec![answer(status, body)], &[]).await;
        assert_eq!((&order["state"], &order["problem"]["code"]), (&json!("rejected"), &json!(code)), "{body}: {order}");
        assert_eq!(site.calls("CreateDesktop"), 1, "{body}");
    })
    .await;
}

#[tokio::test]
async fn throttled_in_other_words_is_sent_again() {
    let cases = [
        (400, r#"{"Code":"Rejected.Throttling"}"#),
        (400, r#"{"Code":"ServiceBusy"}"#),
        (400, r#"{"Code":"SystemBusy"}"#),
        (400, r#"{"Code":"FlowControl"}"#),
        (429, r#"{"Code":"TooManyRequests"}"#),
        (429, "<html>"),
    ];
    each(cases, async |(status, body)| {
        let throttled = ScriptedAnswer { times: Some(2), ..answer(status, body) };
        let (site, order) = order(vec![throttled], &[]).await;
        assert_eq!((&order["state"], site.calls("CreateDesktop")), (&json!("placed"), 3), "{body}: {order}");
    })
    .await;
}

#[tokio::test]
async fn writes_without_a_token_are_refused_in_disguise() {
    let bodies = [
        r#"{"Success":false,"ErrorCode":"SomethingNew"}"#,
        r#"{"success":false}"#,
        r#"{"Success":"False"}"#,
        r#"{"Data":false}"#,
    ];
    each(bodies, async |body| {
        let site = Site::with(&[]).await;
        site.order(&purchase("t-1")).await;
        let desktop = site.settled("t-1").await["desktop_id"].as_str().unwrap().to_owned();
        let refused = |action: &str| ScriptedAnswer::to(action, body);
        let actions = ["DeleteDesktop", "CreateUser", "ModifyUser"];
        site.cloud.simulator.set_answers(actions.map(refused).into());
        site.order(&release("t-2", &desktop)).await;
        assert_eq!(site.settled("t-2").await["state"], "rejected", "{body}");
        let user = json!({ "RegionId": "cn-hangzhou", "UserName": "li.si", "Email": "li.si@example.com" });
        for action in ["CreateUser", "ModifyUser"] {
            let problem = site.post(&format!("/api/{action}"), &user).await.problem("upstream_rejected");
            assert_eq!(problem["outcome"], "rejected", "{action} {body}");
        }
    })
    .await;
}

#[tokio::test]
async fn reads_are_refused_in_disguise() {
    let site = Site::with_flags(&[], &["--cache=0"]).await;
    for body in [r#"{"Success":false}"#, r#"{"ErrorCode":"SomethingNew"}"#, r#"{"Data":false}"#] {
        site.cloud.simulator.set_answers(vec![ScriptedAnswer::to("DescribeRegions", body)]);
        site.get("/api/DescribeRegions").await.problem("upstream_rejected");
    }
}

/// Nothing refuses, and nothing can be named: what speaks of a fault is not told as done.
#[tokio::test]
async fn a_release_with_a_complaint_is_not_told_as_done() {
    let bodies = [
        r#"{"Message":"The desktop is locked"}"#,
        r#"{"Error":"not allowed"}"#,
        r#"{"Status":"Failed"}"#,
        r#"{"Success":true,"Code":"OperationDenied"}"#,
        r#"{"Success":true,"FailedDesktopIds":["desk-1"]}"#,
        r#"{"Success":"partial"}"#,
        r#"{"Code":["OperationDenied"]}"#,
        r#"{"Result":"操作失败"}"#,
        r#"{"DesktopStatus":"Locked"}"#,
    ];
    each(bodies, async |body| {
        let site = Site::with_flags(&[], SHORT).await;
        site.order(&purchase("t-1")).await;
        let desktop = site.settled("t-1").await["desktop_id"].as_str().unwrap().to_owned();
        site.cloud.simulator.set_answers(vec![ScriptedAnswer::to("DeleteDesktop", body)]);
        site.order(&release("t-2", &desktop)).await;
        assert_eq!(site.settled("t-2").await["state"], "unresolved", "{body}");
        assert!(!site.state().desktops[0].released, "{body}");
    })
    .await;
}
