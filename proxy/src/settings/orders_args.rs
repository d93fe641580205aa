//! Settings of orders: database, deadline, concurrency, lease, and the account to buy for.

use std::time::Duration;

use clap::Args;
use cloud::Backoff;
use orders::OrderSettings;
use shared::ids::OwnerId;

use super::{
    checked::{Checked, at_least_one, checked, duration, optional},
    config_errors::ConfigErrors,
};
/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Orders")]
pub struct OrderArgs {
    /// Database of the orders: a SQLite file, or `postgres://USER:PASSWORD@HOST/DATABASE` for several proxies side by
    /// side [default: `sqlite://deskbuy.sqlite`; in the demo a temporary one, since the simulator forgets its side too]
    #[arg(long, env = "DESKBUY_DATABASE_URL", value_name = "URL", hide_env_values = true, value_parser = optional(database))]
    database_url: Option<Checked<Option<String>>>,
    /// Most connections to the database [default: 4 to a SQLite file, 8 to PostgreSQL]
    #[arg(long, env = "DESKBUY_DATABASE_CONNECTIONS", value_name = "NUMBER", value_parser = optional(connections))]
    database_connections: Option<Checked<Option<u32>>>,
    /// How long an order without a definite answer is retried before it becomes unresolved, and a person has to look; at
    /// most 23h, since the cloud knows a ClientToken for a day
    #[arg(long, env = "DESKBUY_ORDER_DEADLINE", value_name = "TIME", default_value = "10m", value_parser = checked(order_deadline))]
    order_deadline: Checked<Duration>,
    /// Concurrency limit of orders, for each proxy; lower while the cloud throttles
    #[arg(long, env = "DESKBUY_ORDER_CONCURRENCY", value_name = "NUMBER", default_value = "10", value_parser = checked(at_least_one))]
    order_concurrency: Checked<usize>,
    /// Lease: time after which another proxy takes over the orders of a silent one; at least twice the attempt deadline
    #[arg(long, env = "DESKBUY_ORDER_LEASE", value_name = "TIME", default_value = "30s", value_parser = checked(duration))]
    order_lease: Checked<Duration>,
    /// Reseller mode: number of the account to buy for, sent as `OwnerId` with every order
    #[arg(long, env = "DESKBUY_OWNER_ID", value_name = "NUMBER", value_parser = optional(owner_id))]
    owner_id: Option<Checked<Option<OwnerId>>>,
}

impl OrderArgs {
    /// Whether several proxies may share the journal.
    pub(super) fn is_shared(&self) -> bool {
        let url = self.database_url.as_ref().and_then(|url| url.result().ok().flatten());
        url.is_some_and(|url| url.starts_with("postgres"))
    }

    pub(super) fn validate(&self, default_url: &str, errors: &mut ConfigErrors) -> Option<OrderSettings> {
        let database_url = errors.optional("database-url", self.database_url.as_ref());
        let database_connections = errors.optional("database-connections", self.database_connections.as_ref());
        let lease = errors.value("order-lease", &self.order_lease);
        let concurrency = errors.value("order-concurrency", &self.order_concurrency);
        let deadline = errors.value("order-deadline", &self.order_deadline);
        let owner_id = errors.optional("owner-id", self.owner_id.as_ref());
        Some(OrderSettings {
            database_url: database_url?.unwrap_or_else(|| default_url.to_owned()),
            database_connections: database_connections?,
            deadline: deadline?,
            concurrency: concurrency?,
            lease: lease?,
            backoff: Backoff::default(),
            owner_id: owner_id?,
        })
    }
}

/// A lease has to outlast an attempt. Otherwise an order would be taken over while it is being sent.
pub(super) fn must_outlast(orders: &OrderSettings, attempt: Duration, errors: &mut ConfigErrors) {
    let does = orders.lease >= attempt * 2;
    errors.take("order-lease", does.then_some(()).ok_or("is less than twice --attempt-deadline"));
}

/// Parses the URL of a supported database.
pub(super) fn database(url: &str) -> Result<String, &'static str> {
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start));
    let file = url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//").split('?').next().unwrap_or(rest));
    if file.is_some_and(|file| file.is_empty() || file == ":memory:") || url.contains("mode=memory") {
        return Err("names no file, and orders have to be on the disk");
    }
    known.then(|| url.to_owned()).ok_or("must begin with sqlite:// for a SQLite file, or with postgres://")
}

fn connections(text: &str) -> Result<u32, &'static str> {
    // One for the writer, and one for those who read meanwhile.
    text.parse().ok().filter(|number| (2..=1_000).contains(number)).ok_or("must be between 2 and 1000")
}

/// Beyond it, the cloud may have forgotten a `ClientToken`, and would carry out a second attempt once more: it keeps them
/// for 24 hours.
const LONGEST_ORDER_DEADLINE: Duration = Duration::from_hours(23);

fn order_deadline(text: &str) -> Result<Duration, &'static str> {
    let is_short_enough = |deadline: &Duration| *deadline <= LONGEST_ORDER_DEADLINE;
    Some(duration(text)?)
        .filter(is_short_enough)
        .ok_or("is more than 23h, and the cloud knows a ClientToken for 24h only")
}

fn owner_id(text: &str) -> Result<OwnerId, &'static str> {
    text.parse().map_err(|_| "is not a number")
}
