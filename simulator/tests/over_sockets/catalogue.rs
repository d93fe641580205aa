//! The answers of the reads.

use serde_json::Value;
use simulator::Config;

use crate::support::Upstream;

/// One member of each row of an answer's list.
fn column(answer: &Value, list: &str, row: &str, member: &str) -> Vec<String> {
    let rows = answer[list][row].as_array().unwrap_or_else(|| panic!("no {list} in {answer}"));
    rows.iter().map(|row| row[member].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn regions_and_zones() {
    let upstream = Upstream::with(&[]).await;
    let regions = upstream.call("DescribeRegions", &[]).await.good();
    let ids = column(&regions, "Regions", "Region", "RegionId");
    assert_eq!(ids, ["cn-hangzhou", "cn-beijing", "cn-shanghai", "cn-shenzhen"]);
    assert_eq!(column(&regions, "Regions", "Region", "LocalName")[0], "华东 1（杭州）");
    for region in ids {
        let zones = upstream.request("DescribeZones", &[]).set("RegionId", Some(&region)).get().await.unwrap().good();
        let names = column(&zones, "Zones", "Zone", "LocalName");
        assert_eq!(names.len(), 3);
        assert!(column(&zones, "Zones", "Zone", "ZoneId").iter().all(|zone| zone.starts_with(&region)));
    }
    let chinese = upstream.call("DescribeZones", &[("AcceptLanguage", "zh-cn")]).await.good();
    assert_eq!(column(&chinese, "Zones", "Zone", "LocalName")[1], "杭州 可用区 E ", "with a blank at its end");
    let english = upstream.call("DescribeZones", &[("AcceptLanguage", "en-us")]).await.good();
    assert_eq!(column(&english, "Zones", "Zone", "LocalName")[0], "Hangzhou Zone B");
}

#[tokio::test]
async fn desktop_types() {
    let upstream = Upstream::with(&[]).await;
    let check = async |parameters: &[(&str, &str)], expect: usize| {
        let answer = upstream.call("DescribeDesktopTypeItems", parameters).await.good();
        let ids = column(&answer, "DesktopTypeItems", "DesktopTypeItem", "TypeItemId");
        assert_eq!(ids.len(), expect, "{parameters:?}");
    };
    check(&[], 7).await;
    check(&[("DesktopType", "common")], 3).await;
    check(&[("DesktopType", "gpu")], 4).await;
    check(&[("TypeItemId", "desktop.ga1.8xlarge")], 1).await;
    check(&[("TypeItemId", "desktop.ga1.8xlarge"), ("DesktopType", "common")], 0).await;
}

#[tokio::test]
async fn the_owner_has_more_than_anybody_should_pass_on() {
    let upstream = Upstream::with(&[]).await;
    let owner = upstream.call("DescribeDesktopOwner", &[]).await.good();
    assert_eq!(owner["Status"], "Active");
    assert!(owner["OwnerVpcId"].as_str().unwrap().starts_with("vpc-"));
    assert_eq!(owner["AdAdminName"], "ad-admin");
}

#[tokio::test]
async fn images_by_condition() {
    let upstream = Upstream::with(&[]).await;
    let check = async |parameters: &[(&str, &str)], expect: usize| {
        let answer = upstream.call("DescribeImages", parameters).await.good();
        assert_eq!(column(&answer, "Images", "Image", "ImageId").len(), expect, "{parameters:?}");
        assert_eq!(answer["Total"], expect);
    };
    check(&[], 7).await;
    check(&[("ImageType", "private")], 7).await;
    check(&[("ImageType", "default")], 6).await;
    check(&[("ImageType", "default"), ("TypeItemId", "desktop.n1.small")], 3).await;
    check(&[("ImageType", "default"), ("TypeItemId", "desktop.ga1.1xlarge")], 3).await;
    check(&[("ImageType", "default"), ("TypeItemId", "desktop.ga1.8xlarge")], 4).await;
    check(&[("ImageName", "office")], 2).await;
    check(&[("ImageName", "office"), ("ToDate", "2018-05-31 00:00:00")], 1).await;
    check(&[("FromDate", "2018-05-21 09:30:00"), ("ToDate", "2018-05-22 14:05:00")], 2).await;
    check(&[("ImageName", "none of them")], 0).await;
    let own = upstream.call("DescribeImages", &[]).await.good();
    let id = column(&own, "Images", "Image", "ImageId").remove(6);
    let answer = upstream.call("DescribeImages", &[("ImageId", &id)]).await.good();
    assert_eq!(answer["Images"]["Image"][0]["Status"], "Creating");
    assert_eq!(answer["Images"]["Image"][0]["Progress"], "40%");
}

#[tokio::test]
async fn images_by_page() {
    let upstream = Upstream::start(Config { images: 250, ..Config::default() }).await;
    let page = async |page: &str, size: &str| {
        let answer = upstream.call("DescribeImages", &[("Page", page), ("PageSize", size)]).await.good();
        assert_eq!(answer["Total"], 250);
        column(&answer, "Images", "Image", "ImageId")
    };
    let mut all = page("1", "100").await;
    all.extend(page("2", "100").await);
    all.extend(page("3", "100").await);
    assert_eq!(all.len(), 250);
    assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 250);
    assert!(page("4", "100").await.is_empty());
    assert!(page("4294967295", "100").await.is_empty());
    assert_eq!(page("2", "20").await, all[20..40]);
    let usual = upstream.call("DescribeImages", &[]).await.good();
    assert_eq!(column(&usual, "Images", "Image", "ImageId"), all[..20]);
}

#[tokio::test]
async fn v_switches() {
    let upstream = Upstream::with(&[]).await;
    let owner = upstream.call("DescribeDesktopOwner", &[]).await.good();
    let vpc = owner["OwnerVpcId"].as_str().unwrap();
    let check = async |parameters: &[(&str, &str)], total: usize, rows: usize| {
        let answer = upstream.call("DescribeVSwitches", parameters).await.good();
        assert_eq!(answer["TotalCount"], total, "{parameters:?}");
        assert_eq!(column(&answer, "VSwitches", "VSwitch", "VSwitchId").len(), rows, "{parameters:?}");
    };
    check(&[("VpcId", vpc)], 12, 10).await;
    check(&[("VpcId", vpc), ("PageNumber", "2")], 12, 2).await;
    check(&[("VpcId", vpc), ("PageSize", "50")], 12, 12).await;
    check(&[("VpcId", vpc), ("ZoneId", "cn-hangzhou-b")], 5, 5).await;
    check(&[("ZoneId", "cn-hangzhou-b")], 6, 6).await;
    check(&[("VpcId", "vpc-none")], 0, 0).await;
    let answer = upstream.call("DescribeVSwitches", &[("VpcId", vpc), ("ZoneId", "cn-hangzhou-b")]).await.good();
    let rows = answer["VSwitches"]["VSwitch"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["AvailableIpAddressCount"] == 0), "one is full");
    assert!(rows.iter().any(|row| row["VSwitchName"] == ""), "one has no name");
    assert!(rows[0]["AvailableIpAddressCount"].as_u64().unwrap() > 0, "the first has room");
}

#[tokio::test]
async fn users() {
    let upstream = Upstream::start(Config { users: 5000, ..Config::default() }).await;
    let names = async |text: &str| {
        let answer = upstream.call("DescribeActivityDirectoryUsers", &[("UserName", text)]).await.good();
        column(&answer, "Users", "User", "Name")
    };
    assert_eq!(names("").await.len(), 5000);
    assert_eq!(names("ZHANG.S").await, ["zhang.san"], "fuzzy");
    assert_eq!(names("张").await, ["张伟"]);
    assert!(names("nobody").await.is_empty());
}

#[tokio::test]
async fn stock_without_any_scenario() {
    let upstream = Upstream::with(&[]).await;
    let check = async |item: &str, zone: &str, expect: bool| {
        let answer = upstream.call("DescribeAvailableResource", &[("TypeItemId", item), ("ZoneId", zone)]).await.good();
        assert_eq!(answer["Available"], expect, "{item} {zone}");
    };
    check("desktop.n1.small", "cn-hangzhou-b", true).await;
    check("desktop.ga1.8xlarge", "cn-hangzhou-b", true).await;
    check("desktop.ga1.8xlarge", "cn-hangzhou-g", false).await;
    check("desktop.ga1.4xlarge", "cn-hangzhou-g", true).await;
    let unknown = upstream
        .call("DescribeAvailableResource", &[("TypeItemId", "desktop.n1.huge"), ("ZoneId", "cn-hangzhou-b")])
        .await;
    assert_eq!(unknown.error(), (404, "InvalidTypeItemId.NotFound".to_owned()));
}
