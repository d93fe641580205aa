//! `DescribeDesktopOwner`: how the account is set up in a region (document 2.3).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Action, Class, Product, ids::VpcId};

/// 查询云桌面配置信息.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeDesktopOwner {}

/// The account's set-up (document 2.3.3). Members that the page has no use for, such as the name of the directory's
/// administrator, are left out on purpose: what is not decoded cannot leak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct DesktopOwner {
    /// `Active` when desktops can be bought; `Config` while it is being set up.
    pub status: String,
    /// The network that desktops are placed in.
    pub owner_vpc_id: Option<VpcId>,
    /// Where the directory is: `public` or `vpc`.
    pub ad_type: String,
    /// The directory's domain; empty when none is set.
    pub domain_name: String,
    /// Address of the access server for clients.
    pub cm_url: String,
    /// 企业标识符, what users type to find their company.
    pub company_code: String,
}

impl DesktopOwner {
    /// Whether desktops can be bought: the status is `Active` and there is a network.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.status.eq_ignore_ascii_case("active") && self.owner_vpc_id.is_some()
    }
}

impl Action for DescribeDesktopOwner {
    const NAME: &'static str = "DescribeDesktopOwner";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::Read;
    const FRESH: Duration = Duration::from_secs(30);
    type Response = DesktopOwner;
}
