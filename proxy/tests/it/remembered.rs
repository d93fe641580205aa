//! The response cache as HTTP clients see it.

use futures_util::future::join_all;
use serde_json::json;

use crate::site::{Reply, Site};

const ZONES: &str = "/api/DescribeZones?RegionId=cn-hangzhou";
const USERS: &str = "/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou";
const STOCK: &str =
    "/api/DescribeAvailableResource?RegionId=cn-hangzhou&TypeItemId=desktop.n1.small&ZoneId=cn-hangzhou-b";
/// What the page asks for when it is opened.
const PAGE: &[&str] = &[
    ZONES,
    USERS,
    STOCK,
    "/api/DescribeRegions",
    "/api/DescribeDesktopTypeItems?RegionId=cn-hangzhou",
    "/api/DescribeDesktopOwner?RegionId=cn-hangzhou",
    "/api/DescribeVSwitches?RegionId=cn-hangzhou&PageSize=50",
    "/api/DescribeImages?RegionId=cn-hangzhou&ImageType=default",
];

#[tokio::test]
async fn a_second_answer_tells_its_age_and_is_the_same() {
    let site = Site::with(&[]).await;
    let (first, second) = (site.get(ZONES).await, site.get(ZONES).await);
    assert_eq!(first.header("age"), None);
    assert!(second.header("age").is_some_and(|age| age.parse::<u64>().is_ok()));
    assert_eq!(first.body, second.body);
    for name in ["content-type", "cache-control", "x-upstream-request-id"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert_eq!(site.calls("DescribeZones"), 1);
}

#[tokio::test]
async fn the_order_of_the_parameters_makes_no_difference() {
    let site = Site::with(&[]).await;
    site.get("/api/DescribeVSwitches?RegionId=cn-hangzhou&PageSize=50&ZoneId=cn-hangzhou-b").await;
    site.get("/api/DescribeVSwitches?ZoneId=cn-hangzhou-b&PageSize=50&RegionId=cn-hangzhou").await;
    assert_eq!(site.calls("DescribeVSwitches"), 1);
}

#[tokio::test]
async fn many_pages_opened_at_once_over_sockets() {
    let site = Site::with(&["slow"]).await;
    let loads = (0..50).flat_map(|_| PAGE).map(|path| site.get(path));
    assert!(join_all(loads).await.iter().all(|reply| reply.status == 200));
    let calls = site.state().calls;
    assert_eq!((calls.len(), calls.values().max()), (PAGE.len(), Some(&1)), "{calls:?}");
}

#[tokio::test]
async fn a_new_user_is_in_the_list_at_once() {
    let site = Site::with(&[]).await;
    site.get(USERS).await;
    let user = json!({ "RegionId": "cn-hangzhou", "UserName": "new.user", "Email": "new.user@example.com" });
    assert_eq!(site.post("/api/CreateUser", &user).await.status, 200);
    let users = site.get(USERS).await;
    assert!(users.json()["Users"].as_array().unwrap().iter().any(|user| user["Name"] == "new.user"));
}

#[tokio::test]
async fn without_memory_each_question_is_asked() {
    let site = Site::with_flags(&[], &["--cache=0"]).await;
    for _ in 0..3 {
        assert_eq!(site.get(ZONES).await.header("age"), None);
    }
    assert_eq!(site.calls("DescribeZones"), 3);
}

#[tokio::test]
async fn shed_reads_get_retry_after() {
    let flags = ["--call-concurrency=1", "--call-queue=1", "--attempt-deadline=1s", "--read-deadline=1s"];
    let site = Site::with_flags(&["hang"], &flags).await;
    let paths: Vec<_> = (0..20).map(|number| format!("{USERS}&UserName={number}")).collect();
    let replies = join_all(paths.iter().map(|path| site.get(path))).await;
    let shed = |reply: &&Reply| reply.status == 503;
    // The rest has waited for the cloud; on a slow machine that may be more than one.
    assert!(replies.iter().all(|reply| [503, 504].contains(&reply.status)));
    assert!(replies.iter().filter(shed).count() >= 10);
    for reply in replies.iter().filter(shed) {
        let problem = reply.problem("throttled");
        assert_eq!((&problem["outcome"], reply.header("retry-after")), (&json!("not_sent"), Some("1")));
    }
    // Neither is the proxy worse off, nor has it forgotten how to work.
    assert_eq!(crate::site::http().get(format!("http://{}/live", site.admin)).send().await.unwrap().status(), 200);
    site.set_scenarios(&[]);
    assert_eq!(site.get(USERS).await.status, 200);
}
