//! `DescribeDesktopTypeItems`: what desktops are sold, by size (document 2.2).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::{Action, Class, Product, ids::TypeItemId, quantity::Quantity, values::DesktopType};

/// 查询云桌面规格信息.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeDesktopTypeItems {
    /// Only this family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desktop_type: Option<DesktopType>,
    /// Only this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_item_id: Option<TypeItemId>,
}

/// The answer to [`DescribeDesktopTypeItems`]. The document names no list; the name is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct DesktopTypeItems {
    /// The types in the upstream's order.
    pub desktop_type_items: Vec<DesktopTypeItem>,
    /// Types that the proxy could not read.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

/// A size of desktop (document 2.2.3). Sizes of memory and disks are in GB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct DesktopTypeItem {
    /// For example `desktop.n1.small`.
    pub type_item_id: TypeItemId,
    /// `common`, `gpu`, or a family that came after the document.
    #[serde(default)]
    pub desktop_type: String,
    /// Virtual cores.
    #[serde(default)]
    pub cpu: Quantity,
    /// Memory, GB.
    #[serde(default)]
    pub memory: Quantity,
    /// Number of GPUs.
    #[serde(default)]
    pub gpu: Quantity,
    /// Model of the GPU; empty without one.
    #[serde(default)]
    pub gpu_spec: String,
    /// Kind of the system disk, for example `cloud_efficiency`.
    #[serde(default)]
    pub sys_disk_type: String,
    /// System disk, GB.
    #[serde(default)]
    pub sys_disk_size: Quantity,
    /// Kind of the user disk. Text, though the document types it a number.
    #[serde(default)]
    pub user_disk_type: String,
    /// User disk, GB. A number, though the document types it a text.
    #[serde(default)]
    pub user_disk_size: Quantity,
}

impl Action for DescribeDesktopTypeItems {
    const NAME: &'static str = "DescribeDesktopTypeItems";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::Read;
    const FRESH: Duration = Duration::from_mins(10);
    const STALE: Duration = Duration::from_mins(50);
    type Response = DesktopTypeItems;
}
