//! Settings of orders: where they are kept, how long they are pursued, and for whom they are placed.

use std::time::Duration;

use clap::Args;
use cloud::Backoff;
use orders::OrderSettings;

use super::config_errors::ConfigErrors;
/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Orders")]
pub struct OrderArgs {
    /// Where orders are kept: a SQLite file, or `postgres://USER:PASSWORD@HOST/DATABASE` for several proxies side by side [default: `sqlite://deskbuy.sqlite`; in the demo one that is thrown away
    /// at the end, since the simulator forgets its side too]
    #[arg(long, env = "DESKBUY_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// How long an order without a definite answer is sent again, before a person has to look
    #[arg(long, env = "DESKBUY_ORDER_DEADLINE", value_name = "TIME", default_value = "10m")]
    order_deadline: String,
    /// How many orders are with the cloud at the same time, for each proxy; fewer while it throttles
    #[arg(long, env = "DESKBUY_ORDER_CONCURRENCY", value_name = "NUMBER", default_value = "10")]
    order_concurrency: usize,
    /// How long the orders of a proxy that is not heard of are left to it; at least twice the attempt deadline
    #[arg(long, env = "DESKBUY_ORDER_LEASE", value_name = "TIME", default_value = "30s")]
    order_lease: String,
    /// Reseller mode: number of the account to buy for, sent as `OwnerId` with every order
    #[arg(long, env = "DESKBUY_OWNER_ID", value_name = "NUMBER")]
    owner_id: Option<String>,
}

impl OrderArgs {
    /// Whether the journal is one that several proxies may be using.
    pub(super) fn is_shared(&self) -> bool {
        self.database_url.as_deref().is_some_and(|url| url.starts_with("postgres"))
    }

    pub(super) fn validate(&self, default_url: &str, errors: &mut ConfigErrors) -> Option<OrderSettings> {
        // A variable that is set to nothing is not set.
        let own_url = self.database_url.clone().filter(|url| !url.trim().is_empty());
        let database_url = own_url.unwrap_or_else(|| default_url.to_owned());
        let database_url = errors.take("database-url", database(database_url));
        let lease = errors.take_duration("order-lease", &self.order_lease);
        let some = self.order_concurrency > 0;
        errors.take("order-concurrency", some.then_some(()).ok_or("must be at least 1"));
        let deadline = errors.take_duration("order-deadline", &self.order_deadline);
        let owner_id = match self.owner_id.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => errors.take("owner-id", text.parse().map_err(|_| "is not a number")).map(Some),
            None => Some(None),
        };
        let (database_url, deadline, lease, owner_id) = (database_url?, deadline?, lease?, owner_id?);
        let (concurrency, backoff) = (self.order_concurrency, Backoff::default());
        Some(OrderSettings { database_url, deadline, concurrency, lease, backoff, owner_id })
    }
}

/// A lease has to last longer than an attempt, or an order would be taken over while it is being sent.
pub(super) fn must_outlast(orders: &OrderSettings, attempt: Duration, errors: &mut ConfigErrors) {
    let does = orders.lease >= attempt * 2;
    errors.take("order-lease", does.then_some(()).ok_or("is less than twice --attempt-deadline"));
}

/// The URL, if it is one of a database that can hold the journal.
pub(super) fn database(url: String) -> Result<String, &'static str> {
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start));
    known.then_some(url).ok_or("must begin with sqlite:// for a SQLite file, or with postgres://")
}
