//! `deskbuy probe` as a process: what it prints, what it does not print, and its exit code.

use std::process::Output;

use shared::{Class, actions::NAMES, with_action};
use simulator::{Config, ScriptedAnswer, Shape};

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
        let (well, told) = probe(&cloud(&[scenario], Shape::Wrapped).await, &["--read-deadline=3s"]).await;
        assert!(!well, "{scenario}: {told}");
        for text in expect {
            assert!(told.contains(text), "{scenario}: {text} is not in {told}");
        }
    };
    check("forbidden:DescribeImages", &["DescribeImages in cn-hangzhou: forbidden", "read: DescribeImages\n"]).await;
    // The shape of what cannot be read is what one came for.
    let expect = ["DescribeZones in cn-hangzhou: {", "DescribeZones in cn-hangzhou: cannot be read: Zones"];
    check("wrong-types:DescribeZones", &expect).await;
    check("hang:DescribeImages", &["DescribeImages in cn-hangzhou: upstream_timeout", "read: DescribeImages\n"]).await;
    // Without types and zones there is nothing to ask about.
    check("empty", &["DescribeAvailableResource in cn-hangzhou: not asked"]).await;
}

#[tokio::test]
async fn what_is_found_is_told_with_its_place_and_number() {
    let (well, told) = probe(&cloud(&["odd-items"], Shape::Wrapped).await, &[]).await;
    assert!(well, "{told}");
    for text in [
        "DescribeRegions in cn-hangzhou: found 4 items in Regions, and 1 that cannot be read and are skipped\n",
        "DescribeDesktopTypeItems in cn-hangzhou: found 7 items in DesktopTypeItems, and 1 that",
        "DescribeAvailableResource in cn-hangzhou: found Available\n",
        "DescribeDesktopOwner in cn-hangzhou: found ",
    ] {
        assert!(told.contains(text), "{text} is not in {told}");
    }
    let (well, told) = probe(&cloud(&["empty:DescribeActivityDirectoryUsers"], Shape::Wrapped).await, &[]).await;
    assert!(well && told.contains("DescribeActivityDirectoryUsers in cn-hangzhou: found 0 items in Users\n"), "{told}");
}

/// The cloud says yes with HTTP 200, and what was asked for is not in its answer.
#[tokio::test]
async fn a_list_that_is_not_there_and_a_refusal_in_disguise_fail_the_probe() {
    let check = async |body: &str, well: bool, expect: &str| {
        let cloud = cloud(&[], Shape::Wrapped).await;
        cloud.simulator.set_answers(vec![ScriptedAnswer::to("DescribeActivityDirectoryUsers", body)]);
        let (ended_well, told) = probe(&cloud, &[]).await;
        assert_eq!(ended_well, well, "{body}: {told}");
        let expect = format!("DescribeActivityDirectoryUsers in cn-hangzhou: {expect}");
        assert!(told.contains(&expect), "{body}: {expect} is not in {told}");
    };
    check(r#"{"RequestId":"R"}"#, false, "cannot be read: Users: missing").await;
    check(r#"{"Total":0,"Errors":[]}"#, false, "cannot be read: Users: missing").await;
    check(r#"{"Success":false,"Data":{"Users":[]}}"#, false, "upstream_rejected").await;
    check(r#"{"Success":"False","ErrorCode":"Forbidden.RAM"}"#, false, "forbidden").await;
    check(r#"{"Users":[{"Email":"a@b.cn"}]}"#, false, "found 0 items in Users, and 1 that").await;
    check(r#"{"Data":{"Result":{"Users":[{"Name":"a"}]}}}"#, true, "found 1 items in Data.Result.Users\n").await;
    check(r#"{"Data":"[{\"Name\":\"a\"}]"}"#, true, "found 1 items in Data\n").await;
    check(r#"{"zhangsan":[{"Name":"a"}]}"#, true, "found 1 items in [name withheld]\n").await;
    check(r#"[{"Name":"a"},{"Name":"b"}]"#, true, "found 2 items at the top\n").await;
}

/// A cloud that takes connections and says nothing, and one behind an HTTP proxy that does.
#[tokio::test]
async fn it_ends_at_its_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    let check = async |endpoint: &str, variables: &[(&str, &str)]| {
        let mut command = deskbuy(&["probe", "--endpoint-clouddesktop", endpoint, "--endpoint-vpc", endpoint]);
        command.args(["--deadline=300ms", "--read-deadline=1h", "--attempt-deadline=1h"]);
        command.envs(variables.iter().copied());
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("DescribeRegions in cn-hangzhou: no answer by then"), "{told}");
        assert!(told.contains("read: DescribeRegions, DescribeDesktopTypeItems"), "{told}");
    };
    check(&silent, &[]).await;
    check("https://cloud.example.com", &[("HTTPS_PROXY", &silent)]).await;
}

/// What has been found is there while the next answer is waited for.
#[tokio::test]
async fn it_prints_as_it_goes() {
    use std::io::{BufRead, BufReader};
    let cloud = cloud(&["hang:DescribeDesktopTypeItems"], Shape::Wrapped).await;
    let endpoint = format!("http://{}", cloud.address);
    let mut command = deskbuy(&["probe", "--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
    command.args(["--deadline=1h", "--read-deadline=1h", "--attempt-deadline=1h"]);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let out = child.stdout.take().unwrap();
    let found = tokio::task::spawn_blocking(move || {
        BufReader::new(out)
            .lines()
            .map_while(Result::ok)
            .any(|line| line.contains("DescribeRegions in cn-hangzhou: found 4 items"))
    });
    let found = tokio::time::timeout(std::time::Duration::from_mins(1), found).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(found.unwrap().unwrap());
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
