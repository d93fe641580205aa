//! `DescribeAvailableResource`: whether a type is in stock in a zone (document 2.7).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    Action, Class, Product,
    ids::{TypeItemId, ZoneId},
    stock::Stock,
    values::ChargeType,
};

/// 查询是否有可用资源，用于新建云桌面实例.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeAvailableResource {
    /// The desktop type. The document misspells it `TypeITemId`.
    pub type_item_id: TypeItemId,
    /// The zone.
    pub zone_id: ZoneId,
    /// The billing kind; stock may differ between the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_type: Option<ChargeType>,
}

/// The answer to [`DescribeAvailableResource`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct AvailableResource {
    /// Whether a desktop can be made. An answer that does not say so is no answer, so there is no default.
    pub available: bool,
}

impl AvailableResource {
    /// The answer as stock.
    #[must_use]
    pub const fn stock(&self) -> Stock {
        if self.available { Stock::Available } else { Stock::SoldOut }
    }
}

impl Action for DescribeAvailableResource {
    const NAME: &'static str = "DescribeAvailableResource";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::Read;
    /// A desktop that is gone must not be offered for long.
    const FRESH: Duration = Duration::from_secs(20);
    type Response = AvailableResource;
}
