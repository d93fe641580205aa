//! The operator's price book, from the file to the page. The file's format is tested beside its parser.

use serde_json::json;
use simulator::Config;

use crate::{
    binary::{Running, deskbuy, serve},
    site::{Cloud, Reply, Site, http},
};

const BOOK: &str = r#"
currency = "CNY"

[[price]]
region = ["cn-hangzhou", "cn-beijing"]
type = "desktop.n1.small"
billing = "PREPAY"
per_month = 199.90
percent_off = { 12 = 15 }

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.small"
billing = "POSTPAY"
per_hour = 0.5525
"#;

/// A cloud, and a file beside it that holds this.
async fn cloud_with(text: &str) -> (Cloud, String) {
    let cloud = Cloud::new(Config::default()).await;
    let file = cloud.folder.path().join("prices.toml");
    std::fs::write(&file, text).unwrap();
    (cloud, file.display().to_string())
}

#[tokio::test]
async fn a_region_has_its_prices() {
    let (cloud, file) = cloud_with(BOOK).await;
    let site = cloud.open(&["--prices", &file]).await;
    let monthly = |region: &str| {
        json!({
            "region": region, "type_item_id": "desktop.n1.small", "charge_type": "PREPAY", "currency": "CNY",
            "amount": "199.9", "discounts": [{ "period": 12, "percent_off": "15" }],
        })
    };
    let hourly = json!({
        "region": "cn-hangzhou", "type_item_id": "desktop.n1.small", "charge_type": "POSTPAY", "currency": "CNY",
        "amount": "0.5525",
    });
    let prices = async |region: &str| site.get(&format!("/api/prices?RegionId={region}")).await.json();
    assert_eq!(prices("cn-hangzhou").await, json!({ "prices": [monthly("cn-hangzhou"), hourly] }));
    assert_eq!(prices("cn-beijing").await, json!({ "prices": [monthly("cn-beijing")] }));
    assert_eq!(prices("cn-shanghai").await, json!({ "prices": [] }));
    assert!(site.state().calls.is_empty(), "prices are no business of the cloud's");
}

#[tokio::test]
async fn without_a_book_there_are_none() {
    for flags in [&[][..], &["--prices="]] {
        let site = Site::with_flags(&[], flags).await;
        let reply = site.get("/api/prices?RegionId=cn-hangzhou").await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "prices": [] })), "{flags:?}");
    }
}

#[tokio::test]
async fn what_it_takes() {
    let site = Site::with(&[]).await;
    let check = async |query: &str, code: &str, field: Option<&str>| {
        let problem = site.get(&format!("/api/prices{query}")).await.problem(code);
        assert_eq!(problem["field"].as_str(), field, "{query}");
    };
    check("", "missing_parameter", Some("RegionId")).await;
    check("?RegionId=mars", "unknown_region", Some("RegionId")).await;
    check("?RegionId=cn-hangzhou&Currency=CNY", "unknown_parameter", Some("Currency")).await;
}

#[tokio::test]
async fn no_start_with_a_book_that_is_wrong() {
    let text = BOOK.replace("199.90", "\"199,90\"").replace("\"POSTPAY\"", "\"POST\"");
    let (cloud, file) = cloud_with(&text).await;
    let output = serve(&cloud, &["--prices", &file, "--drain=soon"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    for part in [
        "--drain (DESKBUY_DRAIN)".to_owned(),
        format!("--prices (DESKBUY_PRICES) {file}:8: `per_month` has \"199,90\", which is not a decimal number"),
        format!("--prices (DESKBUY_PRICES) {file}:14: `billing` has \"POST\", which is neither POSTPAY nor PREPAY"),
    ] {
        assert!(told.contains(&part), "{part} is not in {told}");
    }
}

#[tokio::test]
async fn no_start_without_the_book_that_is_named() {
    let (cloud, file) = cloud_with("").await;
    std::fs::write(&file, b"currency = \"\xff\"").unwrap();
    for file in [&file, "no-such-file.toml"] {
        let output = serve(&cloud, &["--prices", file]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{file}");
        assert!(told.contains(&format!("--prices (DESKBUY_PRICES) {file}: ")), "{told}");
    }
}

/// A price for a region that is not served would never be seen, so its name is probably misspelt.
#[tokio::test]
async fn no_start_with_prices_of_regions_that_are_not_served() {
    let (cloud, file) = cloud_with(BOOK).await;
    let output = serve(&cloud, &["--prices", &file, "--regions=cn-hangzhou"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(&format!("{file}:5: `region` has \"cn-beijing\"")), "{told}");
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn the_demo_shows_those_of_the_example_and_says_so() {
    let (_cloud, file) = cloud_with("").await;
    let flags = ["demo", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"];
    // Serving fewer regions than the example has prices for is no error.
    let check = async |more: &[&str], example: bool| {
        let demo = Running::start(deskbuy(&[&flags[..], more].concat()), &["simulator", "approval", "admin", "page"]);
        let book = Reply::of(http().get(demo.page("/api/prices?RegionId=cn-beijing"))).await.json();
        assert_eq!(book["example"].as_bool(), example.then_some(true), "{more:?}");
        assert_eq!(book["prices"].as_array().unwrap().is_empty(), !example, "{more:?}");
        assert!(demo.stop().await.well);
    };
    check(&[], true).await;
    check(&["--regions=cn-beijing"], true).await;
    // A book of one's own takes its place, even an empty one.
    check(&["--prices", &file], false).await;
}
