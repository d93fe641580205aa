//! `ModifyUser`: gives an existing user an e-mail address. Not in the document, but in the product's SDK; it is the
//! way to do what document 1.3 asks for.

use serde::{Deserialize, Serialize};

use crate::{
    Action, Class, Product,
    user::{Email, ExistingUserName},
};

/// Sets the e-mail address of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ModifyUser {
    /// The user.
    pub user_name: ExistingUserName,
    /// The new address.
    pub email: Email,
}

/// The answer to [`ModifyUser`]: that it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModifiedUser {}

impl Action for ModifyUser {
    const NAME: &'static str = "ModifyUser";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::WriteOnce;
    const CHANGES: &'static [&'static str] = &[super::DescribeActivityDirectoryUsers::NAME];
    type Response = ModifiedUser;
}
