//! `DescribeActivityDirectoryUsers`: who can get a desktop (document 2.5). The spelling is the upstream's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::{Action, Class, Product};

/// 查询云桌面用户列表. Not paged: the answer holds every user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeActivityDirectoryUsers {
    /// Only users whose name holds this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
}

/// The answer to [`DescribeActivityDirectoryUsers`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct Users {
    /// The users in the upstream's order.
    pub users: Vec<UserInfo>,
    /// Users that the proxy could not read.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

/// A user of the directory (document 2.5.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct UserInfo {
    /// The user's name, unique in the directory.
    pub name: String,
    /// E-mail address; empty for a user who has none and so cannot get a desktop yet (document 1.3).
    #[serde(default)]
    pub email: String,
}

impl Action for DescribeActivityDirectoryUsers {
    const NAME: &'static str = "DescribeActivityDirectoryUsers";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::Read;
    const FRESH: Duration = Duration::from_secs(30);
    type Response = Users;
}
