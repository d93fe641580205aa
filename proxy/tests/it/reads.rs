//! Every read, in every shape of the upstream's answers: the page gets one canonical form.

use serde_json::Value;
use simulator::{Config, Shape};

use crate::site::{Cloud, Site};

const READS: &[&str] = &[
    "DescribeRegions",
    "DescribeDesktopTypeItems?RegionId=cn-hangzhou",
    "DescribeDesktopTypeItems?RegionId=cn-hangzhou&TypeItemId=desktop.n1.small",
    "DescribeDesktopTypeItems?RegionId=cn-hangzhou&DesktopType=gpu",
    "DescribeDesktopOwner?RegionId=cn-hangzhou",
    "DescribeImages?RegionId=cn-hangzhou&ImageType=default",
    "DescribeImages?RegionId=cn-hangzhou&ImageType=private&Page=2&PageSize=5",
    "DescribeImages?RegionId=cn-hangzhou&ImageId=no-such-image",
    "DescribeActivityDirectoryUsers?RegionId=cn-hangzhou",
    "DescribeActivityDirectoryUsers?RegionId=cn-hangzhou&UserName=%E5%BC%A0",
    "DescribeAvailableResource?RegionId=cn-hangzhou&TypeItemId=desktop.n1.small&ZoneId=cn-hangzhou-b&ChargeType=PREPAY",
    "DescribeZones?RegionId=cn-hangzhou&AcceptLanguage=en-us",
    "DescribeVSwitches?RegionId=cn-hangzhou&VpcId=vpc-bp1desk0000000000001&ZoneId=cn-hangzhou-b&PageSize=50",
    "DescribeVSwitches?RegionId=cn-hangzhou&PageNumber=2&PageSize=3",
];

#[tokio::test]
async fn one_form_whatever_the_shape() {
    let mut sites = Vec::new();
    for &shape in Shape::ALL {
        sites.push(Cloud::new(Config { shape, ..Config::default() }).await.open(&[]).await);
    }
    for read in READS {
        let mut answers = Vec::new();
        for site in &sites {
            let reply = site.get(&format!("/api/{read}")).await;
            assert_eq!(reply.status, 200, "{read}: {reply:?}");
            assert_eq!(reply.header("content-type"), Some("application/json"));
            assert_eq!(reply.header("cache-control"), Some("no-store"));
            assert!(reply.header("x-upstream-request-id").is_some_and(|id| !id.is_empty()));
            assert!(reply.header("x-request-id").is_some_and(|id| id.len() == 36));
            answers.push(reply.json());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{read}: {answers:#?}");
    }
}

#[tokio::test]
async fn the_lists_are_there() {
    let site = Site::with(&[]).await;
    let count = async |read: &str, list: &str| {
        let answer: Value = site.get(&format!("/api/{read}")).await.json();
        answer[list].as_array().unwrap().len()
    };
    assert_eq!(count("DescribeRegions", "Regions").await, 4);
    assert_eq!(count("DescribeDesktopTypeItems?RegionId=cn-hangzhou", "DesktopTypeItems").await, 7);
    assert_eq!(count("DescribeDesktopTypeItems?RegionId=cn-hangzhou&DesktopType=gpu", "DesktopTypeItems").await, 4);
    assert!(count("DescribeZones?RegionId=cn-beijing", "Zones").await > 1);
    assert_eq!(count("DescribeVSwitches?RegionId=cn-hangzhou&PageSize=3", "VSwitches").await, 3);
    assert_eq!(count("DescribeImages?RegionId=cn-hangzhou&ImageId=no-such-image", "Images").await, 0);
}

#[tokio::test]
async fn empty_lists_are_lists() {
    let site = Site::with(&["empty"]).await;
    for (read, list) in [("DescribeZones", "Zones"), ("DescribeActivityDirectoryUsers", "Users")] {
        let reply = site.get(&format!("/api/{read}?RegionId=cn-hangzhou")).await;
        assert_eq!(reply.json()[list], Value::Array(Vec::new()), "{read}");
    }
}

/// Whatever shape the list has, an entry that cannot be read is left out and counted.
#[tokio::test]
async fn entries_that_cannot_be_read_are_counted() {
    let lists = [
        ("DescribeRegions", "Regions"),
        ("DescribeDesktopTypeItems", "DesktopTypeItems"),
        ("DescribeZones", "Zones"),
        ("DescribeVSwitches", "VSwitches"),
        ("DescribeImages", "Images"),
        ("DescribeActivityDirectoryUsers", "Users"),
    ];
    for &shape in Shape::ALL {
        let cloud = Cloud::new(Config { shape, ..Config::default() }).await;
        let site = cloud.open(&["--cache=0"]).await;
        let read = async |action: &str| -> Value {
            let region = if action == "DescribeRegions" { "" } else { "?RegionId=cn-hangzhou" };
            let reply = site.get(&format!("/api/{action}{region}")).await;
            assert_eq!(reply.status, 200, "{action}: {reply:?}");
            reply.json()
        };
        for (action, list) in lists {
            let length = |answer: &Value| answer[list].as_array().unwrap().len();
            site.set_scenarios(&[]);
            let whole = read(action).await;
            assert_eq!(whole.get("Skipped"), None, "{action}");
            site.set_scenarios(&["odd-items"]);
            let odd = read(action).await;
            assert_eq!((length(&odd), &odd["Skipped"]), (length(&whole), &Value::from(1)), "{action}: {odd}");
            site.set_scenarios(&["empty", "odd-items"]);
            let only_odd = read(action).await;
            assert_eq!((length(&only_odd), &only_odd["Skipped"]), (0, &Value::from(1)), "{action}: {only_odd}");
        }
    }
}

#[tokio::test]
async fn sizes_may_be_fractions() {
    for &shape in Shape::ALL {
        let cloud = Cloud::new(Config { shape, ..Config::default() }).await;
        let site = cloud.open(&[]).await;
        site.set_scenarios(&["fractions"]);
        let answer: Value = site.get("/api/DescribeDesktopTypeItems?RegionId=cn-hangzhou").await.json();
        let types = answer["DesktopTypeItems"].as_array().unwrap();
        assert_eq!((types.len(), answer.get("Skipped"), &types[0]["Memory"]), (7, None, &Value::from(1.5)));
        assert!(types.iter().all(|item| item["SysDiskSize"] == 50), "{answer}");
        assert!(types.iter().any(|item| item["Gpu"] == 0.5), "{answer}");
    }
}

#[tokio::test]
async fn long_lists_are_compressed() {
    let cloud = Cloud::new(Config { users: 2000, ..Config::default() }).await;
    let site = cloud.open(&[]).await;
    let path = "/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou";
    let plain = site.get(path).await;
    for encoding in ["br", "gzip"] {
        let request = site.request("GET", path).header("accept-encoding", encoding);
        let reply = crate::site::Reply::of(request).await;
        assert_eq!(reply.header("content-encoding"), Some(encoding));
        assert!(reply.body.len() * 3 < plain.body.len(), "{encoding}: {}", reply.body.len());
    }
}

#[tokio::test]
async fn only_the_regions_of_the_settings() {
    let site = Site::with_flags(&[], &["--regions=cn-beijing"]).await;
    assert_eq!(site.get("/api/DescribeZones?RegionId=cn-beijing").await.status, 200);
    site.get("/api/DescribeZones?RegionId=cn-hangzhou").await.problem("unknown_region");
    // Where the region makes no difference none need be named, but a wrong one is still wrong.
    assert_eq!(site.get("/api/DescribeRegions").await.status, 200);
    site.get("/api/DescribeRegions?RegionId=cn-hangzhou").await.problem("unknown_region");
}

#[tokio::test]
async fn the_session_says_whether_it_is_real() {
    let site = Site::with(&[]).await;
    assert_eq!(site.get("/api/session").await.json()["demo"], false);
}
