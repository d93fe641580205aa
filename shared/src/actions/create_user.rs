//! `CreateUser`: a new user in the directory (document 2.6).

use serde::{Deserialize, Serialize};

use super::UserInfo;
use crate::{
    Action, Class, Product,
    user::{Email, UserName},
};

/// 创建桌面用户.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreateUser {
    /// The name, at most 16 characters.
    pub user_name: UserName,
    /// Where the user gets mail about the desktop.
    pub email: Email,
}

/// The answer to [`CreateUser`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct CreatedUser {
    /// The user as the directory now has it; absent where the upstream only confirms.
    pub user_info: Option<UserInfo>,
}

impl Action for CreateUser {
    const NAME: &'static str = "CreateUser";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::WriteOnce;
    const CHANGES: &'static [&'static str] = &[super::DescribeActivityDirectoryUsers::NAME];
    type Response = CreatedUser;
}
