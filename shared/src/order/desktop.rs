//! Desktops bought through Deskbuy: the answer of `GET /api/desktops`, derived from orders. What happened to a desktop
//! elsewhere, such as in the vendor's console, is not known.

use serde::{Deserialize, Serialize};

use super::{OrderPrice, OrderState, fields::FieldValues};
use crate::ids::{ClientToken, RegionId};

/// The answer of `GET /api/desktops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Desktops {
    /// The desktops, newest first unless they are sorted.
    pub desktops: Vec<Desktop>,
    /// What to ask for as `cursor` to get the rows that follow. Absent on the last page. A page has fewer rows than `limit`, or none,
    /// where the rows that fit are far apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A desktop, put together from the order that bought it and those that renewed or released it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Desktop {
    /// `DesktopId`. Absent where the upstream confirmed the purchase by its order only; such a desktop can be neither
    /// renewed nor released from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desktop_id: Option<String>,
    /// `RegionId`.
    pub region: RegionId,
    /// `UserName`.
    pub user: String,
    /// `TypeItemId`.
    pub type_item_id: String,
    /// `ZoneId`.
    pub zone_id: String,
    /// `ChargeType`: `PREPAY` or `POSTPAY`.
    pub charge_type: String,
    /// Months bought at first; none with pay as you go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u8>,
    /// The order that bought it.
    pub token: ClientToken,
    /// Who asked for it, where people sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// The values of the order fields of its purchase, as they are now.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    pub fields: FieldValues,
    /// When the purchase was confirmed, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When its release was confirmed, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<i64>,
    /// The account that it was bought for, if it is not the one that the key belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When the months that were bought and renewed here are over, in milliseconds since 1970 UTC: by the orders, counted
    /// from when the purchase was first sent, by the calendar of the cloud. None with pay as you go, once it is released, and
    /// where a renewal was ordered after the end until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<i64>,
    /// What its purchase cost by the operator's prices. Absent where there was no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<OrderPrice>,
    /// What its renewals cost, all together. Absent without renewals, and where the price of one is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewals_price: Option<OrderPrice>,
    /// How often it was renewed.
    pub renewals: u32,
    /// Months that renewals have added, all together.
    pub renewed_months: u32,
    /// Months of the last renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_renewal: Option<u8>,
    /// The order of a renewal or release that is in progress or in doubt; another operation should wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<ClientToken>,
    /// The renewals and releases that were not rejected, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_orders: Vec<LaterOrder>,
}

/// The answer of `GET /api/desktops/totals`: how many desktops there are by a filter. All but the first leave released ones
/// out; the days begin now, by the journal's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DesktopTotals {
    /// All of them.
    pub desktops: i64,
    /// Not released.
    pub in_use: i64,
    /// Subscriptions.
    pub subscriptions: i64,
    /// Subscriptions whose months are over by our records.
    pub expired: i64,
    /// Those that last seven days at most.
    pub within_7_days: i64,
    /// Those that last thirty days at most.
    pub within_30_days: i64,
    /// Those that last sixty days at most.
    pub within_60_days: i64,
}

/// The answer of `GET /api/desktops/choices`: what desktops can be filtered by, as far as there are such desktops.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DesktopChoices {
    /// Their types, in order.
    pub types: Vec<String>,
    /// The accounts that they were bought for, in order.
    pub accounts: Vec<String>,
}

/// A renewal or release of a desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LaterOrder {
    /// Its token.
    pub token: ClientToken,
    /// `RenewDesktop` or `DeleteDesktop`.
    pub action: String,
    /// Where it stands.
    pub state: OrderState,
    /// The months of a renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months: Option<u8>,
    /// When it last changed, in milliseconds since 1970 UTC.
    pub at: i64,
}
