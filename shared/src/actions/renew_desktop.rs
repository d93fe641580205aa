//! `RenewDesktop`: adds months to a prepaid desktop (document 2.9). This spends money.

use serde::{Deserialize, Serialize};

use crate::{
    Action, Class, Product,
    ids::{ClientToken, DesktopId, OrderId, OwnerId},
    values::Period,
};

/// 预付费类型桌面实例续费.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RenewDesktop {
    /// The account bought for, in reseller mode. Set by the proxy; refused from a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<OwnerId>,
    /// A prepaid desktop.
    pub desktop_id: DesktopId,
    /// Months to add.
    pub period: Period,
    /// Makes the renewal happen at most once; the same on every attempt.
    pub client_token: ClientToken,
}

/// The answer to [`RenewDesktop`]. One without the identifier is "outcome unknown", not success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct RenewedDesktop {
    /// The order.
    pub order_id: Option<OrderId>,
}

impl Action for RenewDesktop {
    const NAME: &'static str = "RenewDesktop";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::WriteWithToken;
    type Response = RenewedDesktop;
}
