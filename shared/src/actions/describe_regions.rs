//! `DescribeRegions`: where cloud desktops are sold (document 2.1).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::{Action, Class, Product, ids::RegionId};

/// 查询云桌面可用Region. Takes no parameters and answers alike in every region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeRegions {}

/// The answer to [`DescribeRegions`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct Regions {
    /// The regions in the upstream's order.
    pub regions: Vec<Region>,
    /// Regions that the proxy could not read.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

/// A region in which desktops are sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct Region {
    /// For example `cn-hangzhou`.
    pub region_id: RegionId,
    /// The host of the region's OpenAPI. Shown to nobody and followed by nobody: hosts come from the settings.
    #[serde(default)]
    pub end_point: String,
    /// The name for people, in the upstream's language.
    #[serde(default)]
    pub local_name: String,
}

impl Action for DescribeRegions {
    const NAME: &'static str = "DescribeRegions";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::Read;
    const REGIONAL: bool = false;
    const FRESH: Duration = Duration::from_hours(1);
    const STALE: Duration = Duration::from_hours(1);
    type Response = Regions;
}
