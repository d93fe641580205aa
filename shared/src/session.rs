//! What the proxy tells the page about itself: `GET /api/session`.

use serde::{Deserialize, Serialize};

/// The proxy and the person, as the page needs to know them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Whether the upstream is the embedded simulator: nothing is bought for real, and the page says so.
    pub demo: bool,
}
