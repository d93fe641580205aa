//! Settings of the orders: where they are kept, and for how long and for whom they are pursued.

use std::time::Duration;

use cloud::Backoff;
use shared::ids::OwnerId;

/// How orders are kept and pursued.
#[derive(Clone, Debug)]
pub struct OrderSettings {
    /// URL of the journal: `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// From acceptance to giving up.
    pub deadline: Duration,
    /// Orders that are with the cloud at the same time.
    pub concurrency: usize,
    /// How long orders are left to a proxy that is not heard of.
    pub lease: Duration,
    /// Between two attempts.
    pub backoff: Backoff,
    /// The account to buy for.
    pub owner_id: Option<OwnerId>,
}
