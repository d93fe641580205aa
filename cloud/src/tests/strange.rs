//! Lists of the strange cloud: what is sound in them is read, wherever it stands and whatever stands beside it.

use serde_json::Value;
use shared::{
    Action,
    actions::{
        DescribeActivityDirectoryUsers, DescribeDesktopTypeItems, DescribeImages, DescribeRegions, DescribeVSwitches,
        DescribeZones,
    },
};
use simulator::Config;

use super::{CONCURRENCY, Cloud, hangzhou, parsed};
use crate::{AccessKey, CredentialsSource};

/// A cloud of this seed, strange or not.
fn cloud(seed: u64, scenarios: &[&str]) -> Cloud {
    let config = Config { seed, scenarios: parsed(scenarios), ..Config::default() };
    let credentials = CredentialsSource::Fixed(AccessKey {
        access_key_id: config.access_key_id.as_str().into(),
        access_key_secret: config.access_key_secret.as_str().into(),
        security_token: None,
    });
    Cloud::new(config, credentials, CONCURRENCY)
}

#[tokio::test(start_paused = true)]
async fn odd_rows_cost_themselves_alone() {
    /// An answer without the number of rows that could not be read, and that number.
    async fn read<A: Action>(cloud: Cloud, request: &A) -> (Value, u64) {
        let answer = cloud.upstream.call(&hangzhou(), request).await;
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", error.note));
        let mut members = serde_json::to_value(answer.value).unwrap();
        let skipped = members.as_object_mut().unwrap().remove("Skipped");
        (members, skipped.and_then(|skipped| skipped.as_u64()).unwrap_or_default())
    }
    async fn check<A: Action>(request: A) {
        let (plain, none) = read(cloud(1, &[]), &request).await;
        assert_eq!(none, 0);
        let mut all_skipped = 0;
        for seed in 0..50 {
            let (found, skipped) = read(cloud(seed, &["strange"]), &request).await;
            assert_eq!(found, plain, "{} {seed}", A::NAME);
            all_skipped += skipped;
        }
        assert!(all_skipped > 10, "{}: {all_skipped}", A::NAME);
    }
    check(DescribeRegions {}).await;
    check(DescribeDesktopTypeItems::default()).await;
    check(DescribeImages::default()).await;
    check(DescribeActivityDirectoryUsers::default()).await;
    check(DescribeZones::default()).await;
    check(DescribeVSwitches::default()).await;
}
