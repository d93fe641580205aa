//! VPC `DescribeZones`: the zones of a region (document 1.2).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::{Action, Class, Product, ids::ZoneId, values::wire_enum};

wire_enum! {
    /// The language of the zones' names.
    AcceptLanguage {
        /// Chinese.
        Chinese = "zh-cn",
        /// English.
        English = "en-us",
    }
}

/// 查询可用区.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeZones {
    /// The language of the names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept_language: Option<AcceptLanguage>,
}

/// The answer to [`DescribeZones`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct Zones {
    /// The zones in the upstream's order.
    pub zones: Vec<Zone>,
    /// Zones that the proxy could not read.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct Zone {
    /// For example `cn-hangzhou-b`.
    pub zone_id: ZoneId,
    /// The name for people.
    #[serde(default)]
    pub local_name: String,
    /// For example `AvailabilityZone`.
    #[serde(default)]
    pub zone_type: String,
}

impl Action for DescribeZones {
    const NAME: &'static str = "DescribeZones";
    const PRODUCT: Product = Product::Vpc;
    const CLASS: Class = Class::Read;
    const FRESH: Duration = Duration::from_hours(1);
    const STALE: Duration = Duration::from_hours(1);
    type Response = Zones;
}
