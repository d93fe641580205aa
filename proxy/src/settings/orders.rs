//! Settings of orders: where they are kept, how long they are pursued, and for whom they are placed.

use std::time::Duration;

use clap::Args;
use shared::ids::OwnerId;

use super::Mistakes;
use crate::upstream::Backoff;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Orders")]
pub struct OrderArgs {
    /// Where orders are kept: a SQLite file [default: `sqlite://deskbuy.sqlite`; in the demo one that is thrown away
    /// at the end, since the simulator forgets its side too]
    #[arg(long, env = "DESKBUY_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// How long an order without a definite answer is sent again, before a person has to look
    #[arg(long, env = "DESKBUY_ORDER_DEADLINE", value_name = "TIME", default_value = "10m")]
    order_deadline: String,
    /// Reseller mode: number of the account to buy for, sent as `OwnerId` with every order
    #[arg(long, env = "DESKBUY_OWNER_ID", value_name = "NUMBER")]
    owner_id: Option<String>,
}

/// How orders are kept and pursued.
#[derive(Clone, Debug)]
pub struct OrderSettings {
    /// The journal.
    pub database_url: String,
    /// From acceptance to giving up.
    pub deadline: Duration,
    /// Between two attempts.
    pub backoff: Backoff,
    /// The account to buy for.
    pub owner_id: Option<OwnerId>,
}

impl OrderArgs {
    pub(super) fn settle(&self, default_url: &str, mistakes: &mut Mistakes) -> Option<OrderSettings> {
        // A variable that is set to nothing is not set.
        let own_url = self.database_url.clone().filter(|url| !url.trim().is_empty());
        let database_url = own_url.unwrap_or_else(|| default_url.to_owned());
        let is_known = database_url.starts_with("sqlite:");
        let database_url = mistakes.take(
            "database-url",
            is_known.then_some(database_url).ok_or("must begin with sqlite:// for a SQLite file"),
        );
        let deadline = mistakes.take_duration("order-deadline", &self.order_deadline);
        let owner_id = match self.owner_id.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => mistakes.take("owner-id", text.parse().map_err(|_| "is not a number")).map(Some),
            None => Some(None),
        };
        let (database_url, deadline, owner_id) = (database_url?, deadline?, owner_id?);
        Some(OrderSettings { database_url, deadline, backoff: Backoff::default(), owner_id })
    }
}
