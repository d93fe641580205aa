//! Desktops bought through Deskbuy: the answer of `GET /api/desktops`, derived from orders. What happened to a desktop
//! elsewhere, such as in the vendor's console, is not known.

use serde::{Deserialize, Serialize};

use crate::ids::{ClientToken, RegionId};

/// The answer of `GET /api/desktops`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Desktops {
    /// The desktops, newest first.
    pub desktops: Vec<Desktop>,
    /// What to ask for as `cursor` to get the rows that follow. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A desktop, put together from the order that bought it and those that renewed or released it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// When the purchase was confirmed, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// When its release was confirmed, in milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<i64>,
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
}
