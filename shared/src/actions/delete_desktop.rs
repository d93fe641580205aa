//! `DeleteDesktop`: releases a pay-as-you-go desktop and its data (document 2.10).

use serde::{Deserialize, Serialize};

use crate::{
    Action, Class, Product,
    ids::{DesktopId, OwnerId},
};

/// 释放按量计费的云桌面实例. The upstream takes no `ClientToken` here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DeleteDesktop {
    /// The account bought for, in reseller mode. Set by the proxy; refused from a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<OwnerId>,
    /// A pay-as-you-go desktop.
    pub desktop_id: DesktopId,
}

/// The answer to [`DeleteDesktop`]: that it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeletedDesktop {}

impl Action for DeleteDesktop {
    const NAME: &'static str = "DeleteDesktop";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::WriteOnce;
    const CHANGES: &'static [&'static str] = &[super::DescribeAvailableResource::NAME, super::DescribeVSwitches::NAME];
    type Response = DeletedDesktop;
}
