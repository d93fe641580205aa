//! VPC `DescribeVSwitches`: the subnets of a network in a zone (document 1.2).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::{
    Action, Class, Product,
    ids::{VSwitchId, VpcId, ZoneId},
};

/// 查询交换机信息.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeVSwitches {
    /// Only vSwitches of this network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<VpcId>,
    /// Only vSwitches in this zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone_id: Option<ZoneId>,
    /// Page of the list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_number: Option<u32>,
    /// Rows a page, at most [`DescribeVSwitches::LARGEST_PAGE`]; 10 where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
}

impl DescribeVSwitches {
    /// The most rows that one page can have.
    pub const LARGEST_PAGE: u32 = 50;
}

/// The answer to [`DescribeVSwitches`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct VSwitches {
    /// The page answered, from 1.
    pub page_number: u32,
    /// Rows a page.
    pub page_size: u32,
    /// Number of vSwitches over all pages.
    pub total_count: u32,
    /// This page's vSwitches.
    pub v_switches: Vec<VSwitch>,
    /// vSwitches of this page that the proxy could not read.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

/// A subnet that desktops can be placed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct VSwitch {
    /// For example `vsw-bp1…`.
    pub v_switch_id: VSwitchId,
    /// The name for people; may be empty.
    #[serde(default)]
    pub v_switch_name: String,
    /// The addresses, for example `10.0.1.0/24`.
    #[serde(default)]
    pub cidr_block: String,
    /// Addresses not taken yet, if the upstream says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_ip_address_count: Option<u32>,
    /// `Available`, or `Pending` while it is being made.
    #[serde(default)]
    pub status: String,
    /// The zone that it lies in.
    pub zone_id: ZoneId,
    /// The network that it belongs to.
    pub vpc_id: VpcId,
    /// Whether the network came with it.
    #[serde(default)]
    pub is_default: bool,
    /// A description.
    #[serde(default)]
    pub description: String,
}

impl VSwitch {
    /// Whether it is there to be used, be it full or not. Only `Pending` says otherwise.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.status.is_empty() || self.status.eq_ignore_ascii_case("available")
    }

    /// Whether a desktop can be placed in it now.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.has_room_for(1)
    }

    /// Whether so many desktops can be placed in it now, as far as is known.
    #[must_use]
    pub fn has_room_for(&self, desktops: usize) -> bool {
        self.is_available() && self.available_ip_address_count.is_none_or(|count| count as usize >= desktops)
    }
}

impl Action for DescribeVSwitches {
    const NAME: &'static str = "DescribeVSwitches";
    const PRODUCT: Product = Product::Vpc;
    const CLASS: Class = Class::Read;
    const FRESH: Duration = Duration::from_secs(20);
    const STALE: Duration = Duration::from_secs(40);
    type Response = VSwitches;
}
