//! A snapshot of what really happened, for tests: the answer of `GET /_simulator/state`. It is made from
//! [`crate::world`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that calls have changed since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Every desktop ever bought, released ones too, oldest first.
    pub desktops: Vec<Desktop>,
    /// Number of users in the directory.
    pub users: usize,
    /// Users that `CreateUser` made.
    pub users_created: Vec<User>,
    /// Users whose e-mail address `ModifyUser` set, one item for each time.
    pub users_modified: Vec<User>,
    /// Received calls by action, refused ones included.
    pub calls: BTreeMap<String, u64>,
    /// The used `ClientToken`s.
    pub tokens: Vec<Token>,
    /// The active scenarios.
    pub scenarios: Vec<String>,
}

/// A desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desktop {
    /// `DesktopId`.
    pub id: String,
    /// The order that bought it.
    pub order_id: String,
    /// The `ClientToken` of that order.
    pub token: String,
    /// `RegionId`.
    pub region: String,
    /// `ZoneId`.
    pub zone: String,
    /// `VSwitchId` of the vSwitch that gave its address.
    pub v_switch: String,
    /// `TypeItemId`.
    #[serde(rename = "type")]
    pub type_item: String,
    /// `ImageId`.
    pub image: String,
    /// `UserName`.
    pub user: String,
    /// `UserGroup`.
    pub user_group: String,
    /// `ChargeType`.
    pub charge_type: String,
    /// Months bought; none with pay as you go.
    pub period: Option<u8>,
    /// Its renewals.
    pub renewals: Vec<Renewal>,
    /// Whether `DeleteDesktop` has released it.
    pub released: bool,
}

/// A renewal of a desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// The order that paid for it.
    pub order_id: String,
    /// The `ClientToken` of that order.
    pub token: String,
    /// Months added.
    pub period: u8,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// A `ClientToken` and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub token: String,
    /// The action that used it.
    pub action: String,
    /// The order.
    pub order_id: String,
    /// Calls with the token and this result, the first one included.
    pub uses: u64,
}
