//! The answer of `GET /api/session`: what the page needs to know of the proxy and the person.

use serde::{Deserialize, Serialize};

/// The proxy and the person, as the page needs to know them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Session {
    /// Whether the upstream is the embedded simulator: nothing is bought for real, and the page says so.
    pub demo: bool,
    /// Whether signing in is required.
    pub sign_in: bool,
    /// Whether the operator asks for values with each order: `GET /api/order-fields` has which.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub order_fields: bool,
    /// The person who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Person>,
}

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Person {
    /// The name to show.
    pub name: String,
    /// Whether the person may buy, and not only look.
    pub buys: bool,
    /// Whether the person may approve orders of others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approves: bool,
}
