//! What the proxy tells the page about itself: `GET /api/session`.

use serde::{Deserialize, Serialize};

/// The proxy and the person, as the page needs to know them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Whether the upstream is the embedded simulator: nothing is bought for real, and the page says so.
    pub demo: bool,
    /// Whether people have to sign in.
    pub sign_in: bool,
    /// Who has signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Person>,
}

/// Somebody who has signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// What to call the person.
    pub name: String,
    /// Whether the person may buy, and not only look.
    pub buys: bool,
}
