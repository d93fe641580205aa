//! Settings of the orders: database, deadline, concurrency, lease, backoff, account.

use std::time::Duration;

use cloud::Backoff;
use shared::ids::OwnerId;

/// Settings of the orders.
#[derive(Clone, Debug)]
pub struct OrderSettings {
    /// URL of the journal: `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// The most connections to the database, if it is not the default.
    pub database_connections: Option<u32>,
    /// Time from acceptance until an order without a definite answer becomes unresolved.
    pub deadline: Duration,
    /// Concurrency limit of orders.
    pub concurrency: usize,
    /// Time after which other proxies take over the orders of a silent one.
    pub lease: Duration,
    /// Backoff between two attempts.
    pub backoff: Backoff,
    /// The account to buy for, where it is the same for all principals.
    pub owner_id: Option<OwnerId>,
}
