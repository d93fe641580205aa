//! Admission, common parameters, and what all answers share.

use reqwest::Method;
use simulator::{Config, Shape};

use crate::support::Upstream;

#[tokio::test]
async fn both_methods_and_both_places_for_parameters() {
    let upstream = Upstream::with(&[]).await;
    upstream.request("DescribeRegions", &[]).get().await.unwrap().good();
    upstream.request("DescribeRegions", &[]).post().await.unwrap().good();
    // As one of the official clients does it: the signature covers query and form together.
    let all = upstream.request("CreateUser", &[("UserName", "张 三*~"), ("Email", "a+b'c@例子.com")]).encoded("POST");
    let is_business = |pair: &&str| pair.starts_with("UserName") || pair.starts_with("Email");
    let (form, query): (Vec<&str>, Vec<&str>) = all.split('&').partition(is_business);
    let form = form.join("&").into_bytes();
    let answer = upstream.send(Method::POST, &query.join("&"), "application/x-www-form-urlencoded", form).await;
    assert_eq!(answer.good()["UserInfo"]["Name"], "张 三*~");
    assert_eq!(upstream.simulator.state().users_created[0].email, "a+b'c@例子.com");
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_date() {
    let upstream = Upstream::with(&[]).await;
    for action in ["DescribeRegions", "DescribeNothing"] {
        let answer = upstream.call(action, &[]).await;
        let id = answer.json()["RequestId"].as_str().unwrap().to_owned();
        assert!(id.len() == 36 && id == id.to_uppercase(), "{id}");
        assert!(answer.headers["date"].to_str().unwrap().ends_with(" GMT"));
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/json"));
    }
    let error = upstream.call("DescribeNothing", &[]).await.json();
    for member in ["HostId", "Code", "Message", "Recommend"] {
        assert!(error[member].as_str().is_some_and(|text| !text.is_empty()), "{member} in {error}");
    }
}

#[tokio::test]
async fn signatures() {
    let upstream = Upstream::with(&[]).await;
    let refused = (400, "SignatureDoesNotMatch".to_owned());
    let request = || upstream.request("DescribeRegions", &[]);

    let answer = request().secret("another").get().await.unwrap();
    assert_eq!(answer.error(), refused);
    assert!(
        answer.json()["Message"].as_str().unwrap().contains("GET&%2F&AccessKeyId%3Ddemo-id%26Action%3DDescribeRegions")
    );

    let right = request();
    let mut signature = right.signed("GET").into_bytes();
    signature[5] = if signature[5] == b'A' { b'B' } else { b'A' };
    let flipped = String::from_utf8(signature).unwrap();
    assert_eq!(right.signature(&flipped).get().await.unwrap().error(), refused, "a flipped byte");
    let other_method = request().signed("POST");
    assert_eq!(request().signature(&other_method).get().await.unwrap().error(), refused, "another method's");
    assert_eq!(request().signature("").get().await.unwrap().error(), (400, "IncompleteSignature".to_owned()));
}

#[tokio::test]
async fn what_common_parameters_may_say() {
    let upstream = Upstream::with(&[]).await;
    let check = async |name: &str, value: Option<&str>, status: u16, code: &str| {
        let answer = upstream.request("DescribeRegions", &[]).set(name, value).get().await.unwrap();
        assert_eq!(answer.error(), (status, code.to_owned()), "{name}={value:?}");
    };
    check("Action", None, 400, "MissingParameter").await;
    check("Action", Some("DescribeDesktops"), 404, "InvalidAction.NotFound").await;
    check("Action", Some("describeRegions"), 404, "InvalidAction.NotFound").await;
    check("Action", Some("DescribeZones"), 404, "InvalidAction.NotFound").await;
    check("Version", Some("2014-05-26"), 400, "NoSuchVersion").await;
    check("AccessKeyId", Some("other"), 404, "InvalidAccessKeyId.NotFound").await;
    check("SecurityToken", Some("t"), 400, "InvalidSecurityToken.MismatchWithAccessKey").await;
    check("Timestamp", Some("2018-06-01T08:00:00Z"), 400, "InvalidTimeStamp.Expired").await;
    check("Timestamp", Some("2018-06-01T08:00:00.000Z"), 400, "IllegalTimestamp").await;
    check("SignatureNonce", None, 400, "MissingParameter").await;
    check("RegionId", Some("cn-nowhere"), 404, "InvalidRegionId.NotFound").await;
    check("SignatureType", Some(""), 200, "none").await;
    check("RegionId", None, 200, "none").await;
    let zones = upstream.request("DescribeZones", &[]).set("RegionId", None).get().await.unwrap();
    assert_eq!(zones.error(), (400, "MissingParameter".to_owned()), "the VPC product wants a region");
}

#[tokio::test]
async fn a_nonce_counts_once_and_only_with_a_good_signature() {
    let upstream = Upstream::with(&[]).await;
    let request = || upstream.request("DescribeRegions", &[]).set("SignatureNonce", Some("n-1"));
    assert_eq!(request().secret("wrong").get().await.unwrap().error().1, "SignatureDoesNotMatch");
    request().get().await.unwrap().good();
    assert_eq!(request().get().await.unwrap().error(), (400, "SignatureNonceUsed".to_owned()));
}

#[tokio::test]
async fn a_load_generator_may_send_one_request_over_and_over() {
    let upstream = Upstream::start(Config { allow_replays: true, ..Config::default() }).await;
    let request = || upstream.request("DescribeRegions", &[]).set("SignatureNonce", Some("n-1"));
    request().get().await.unwrap().good();
    request().get().await.unwrap().good();
    assert_eq!(request().secret("wrong").get().await.unwrap().error().1, "SignatureDoesNotMatch");
}

#[tokio::test]
async fn temporary_keys() {
    let upstream = Upstream::start(Config { sts_token: Some("CAIS+tok/en==".to_owned()), ..Config::default() }).await;
    let request = || upstream.request("DescribeRegions", &[]);
    request().get().await.unwrap().good();
    request().post().await.unwrap().good();
    let missing = request().set("SecurityToken", None).get().await.unwrap();
    assert_eq!(missing.error(), (400, "MissingSecurityToken".to_owned()));
    let other = request().set("SecurityToken", Some("other")).get().await.unwrap();
    assert_eq!(other.error(), (400, "InvalidSecurityToken.Malformed".to_owned()));
}

#[tokio::test]
async fn parameters_are_a_closed_list() {
    let upstream = Upstream::with(&[]).await;
    let check = async |action: &str, parameters: &[(&str, &str)], code: &str| {
        let answer = upstream.call(action, parameters).await;
        assert_eq!(answer.error(), (400, code.to_owned()), "{action} {parameters:?}");
    };
    check("DescribeImages", &[("Foo", "1")], "InvalidParameter.Foo").await;
    check("DescribeImages", &[("imageName", "1")], "InvalidParameter.imageName").await;
    check("DescribeImages", &[("PageSize", "101")], "InvalidParameter.PageSize").await;
    check("DescribeImages", &[("Page", "one")], "InvalidParameter.Page").await;
    check("DescribeImages", &[("FromDate", "yesterday")], "InvalidParameter.FromDate").await;
    check("DescribeImages", &[("Page", "1"), ("Page", "2")], "InvalidParameter.Page").await;
    check("DescribeVSwitches", &[("PageSize", "51")], "InvalidParameter.PageSize").await;
    let available = [("TypeITemId", "desktop.n1.small"), ("ZoneId", "cn-hangzhou-b")];
    check("DescribeAvailableResource", &available, "InvalidParameter.TypeITemId").await;
    check("DescribeAvailableResource", &[("ZoneId", "cn-hangzhou-b")], "MissingParameter").await;
    check("CreateUser", &[("UserName", "a"), ("Email", "")], "MissingParameter").await;
    check("CreateUser", &[("UserName", "a2345678901234567"), ("Email", "a@b.cn")], "InvalidParameter.UserName").await;
}

#[tokio::test]
async fn junk_gets_an_answer() {
    let upstream = Upstream::with(&[]).await;
    let form = "application/x-www-form-urlencoded";
    let check = async |method: Method, query: &str, content_type: &str, body: Vec<u8>, status: u16| {
        let answer = upstream.send(method, query, content_type, body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.json()["Code"].is_string());
    };
    check(Method::POST, "", form, vec![b'a'; 1024 * 1024], 413).await;
    check(Method::POST, "", form, vec![0xff; 1000], 400).await;
    check(Method::POST, "", "application/json", b"{\"Action\":\"DescribeRegions\"}".to_vec(), 400).await;
    check(Method::GET, "%ff=%00&&=&Action=%F0%9F%92%A5", form, vec![], 400).await;
    check(Method::PUT, "Action=DescribeRegions", form, vec![], 405).await;
    check(Method::DELETE, "", form, vec![], 405).await;
}

#[tokio::test]
async fn shapes() {
    let check = async |shape: Shape, pointer: &str| {
        let upstream = Upstream::start(Config { shape, ..Config::default() }).await;
        let answer = upstream.call("DescribeRegions", &[]).await.good();
        assert_eq!(answer.pointer(pointer).and_then(|id| id.as_str()), Some("cn-hangzhou"), "{answer}");
    };
    check(Shape::Flat, "/Regions/0/RegionId").await;
    check(Shape::Wrapped, "/Regions/Region/0/RegionId").await;

    let upstream = Upstream::start(Config { shape: Shape::Mixed, ..Config::default() }).await;
    let mut seen = std::collections::HashSet::new();
    for _ in 0..20 {
        let mut answer = upstream.call("DescribeRegions", &[]).await.json();
        assert!(answer.to_string().contains("cn-shenzhen"));
        answer.as_object_mut().unwrap().remove("RequestId");
        seen.insert(answer.to_string());
    }
    assert!(seen.len() > 10, "{seen:#?}");
}
