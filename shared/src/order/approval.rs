//! The body of `POST /api/approvals` and the answer of `GET /api/approvals`: what approvers decide, and how much waits
//! for them.

use serde::{Deserialize, Serialize};

use crate::ids::ClientToken;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 500;

/// What an approver says of orders: of all of them or of none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Whether to carry them out.
    pub decision: Decision,
    /// The orders.
    pub tokens: Vec<ClientToken>,
    /// Why, for the history of the orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whether to carry orders out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// They are carried out.
    Approve,
    /// They are not.
    Decline,
}

/// What waits for an approver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// The orders that this caller may approve or decline.
    pub waiting: i64,
}
