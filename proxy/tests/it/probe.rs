//! `deskbuy probe` as a process: what it prints, what it does not print, and its exit code.

use std::process::Output;

use shared::{Class, actions::NAMES, with_action};
use simulator::{Config, Shape};

use crate::{binary::deskbuy, site::Cloud};

async fn cloud(scenarios: &[&str], shape: Shape) -> Cloud {
    let scenarios = scenarios.iter().map(|name| name.parse().unwrap()).collect();
    Cloud::new(Config { scenarios, shape, ..Config::default() }).await
}

async fn probe(cloud: &Cloud, flags: &[&str]) -> (bool, String) {
    let endpoint = format!("http://{}", cloud.address);
    let mut command = deskbuy(&["probe", "--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
    command.args(flags).env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id");
    command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    (status.success(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

fn reads() -> impl Iterator<Item = &'static str> {
    let class = |name| with_action!(name, A => Some(<A as shared::Action>::CLASS), _ => None);
    NAMES.iter().copied().filter(move |name| class(*name) == Some(Class::Read))
}

#[tokio::test]
async fn every_read_and_none_of_its_values() {
    for &shape in Shape::ALL {
        let cloud = cloud(&[], shape).await;
        let (well, told) = probe(&cloud, &["--region=cn-beijing"]).await;
        assert!(well, "{shape:?}: {told}");
        for read in reads() {
            assert!(told.contains(&format!("{read} in cn-beijing: ")), "{read} is not in {told}");
        }
        assert!(told.contains("TypeItemId") && told.contains("RequestId: text"), "{told}");
        let values = [
            "zhang.san",
            "@",
            "vpc-b",
            "vsw-b",
            "m-b",
            "cn-beijing-",
            "desktop.n1",
            "Windows",
            "demo-id",
            "demo-secret",
            "Active",
        ];
        for value in values {
            assert!(!told.contains(value), "{shape:?}: {value} is in {told}");
        }
        let state = cloud.simulator.state();
        assert!(state.calls.keys().all(|action| reads().any(|read| read == action)), "{state:?}");
    }
}

#[tokio::test]
async fn the_default_region_is_the_first_one() {
    let (_, told) = probe(&cloud(&[], Shape::Wrapped).await, &["--regions=cn-shanghai,cn-beijing"]).await;
    assert!(told.contains("DescribeZones in cn-shanghai: "), "{told}");
}

#[tokio::test]
async fn failed_or_unreadable_answers_are_reported_and_fail_the_probe() {
    let check = async |scenario: &str, expect: &[&str]| {
        let (well, told) = probe(&cloud(&[scenario], Shape::Wrapped).await, &[]).await;
        assert!(!well, "{scenario}: {told}");
        for text in expect {
            assert!(told.contains(text), "{scenario}: {text} is not in {told}");
        }
    };
    check("forbidden:DescribeImages", &["DescribeImages in cn-hangzhou: forbidden", "read: DescribeImages\n"]).await;
    // The shape of what cannot be read is what one came for.
    let expect = ["DescribeZones in cn-hangzhou: {", "DescribeZones in cn-hangzhou: cannot be read: Zones"];
    check("wrong-types:DescribeZones", &expect).await;
    // Without types and zones there is nothing to ask about.
    check("empty", &["DescribeAvailableResource in cn-hangzhou: not asked"]).await;
}

#[tokio::test]
async fn a_wrong_key_is_reported_and_not_shown() {
    let cloud = cloud(&[], Shape::Wrapped).await;
    let endpoint = format!("http://{}", cloud.address);
    let mut command = deskbuy(&["probe", "--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-wrong-secret");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!output.status.success() && told.contains("credentials_refused"), "{told}");
    assert!(!told.contains("a-wrong-secret") && !told.contains("demo-id") && !told.contains("%2F&"), "{told}");
}

#[test]
fn not_without_a_key() {
    let output = deskbuy(&["probe", "--region=nowhere at all"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("ALIBABA_CLOUD_ACCESS_KEY_ID") && told.contains("--region"), "{told}");
}
