//! Settings of the stock tables: deadline and concurrency of the calls that fill them.

use std::time::Duration;

use clap::Args;

use super::{
    checked::{Checked, at_least_one, checked, duration},
    config_errors::ConfigErrors,
};
use cloud::StockSettings;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Stock")]
pub struct StockArgs {
    /// Deadline for the stock of all types in all zones; stock that is not answered by then is shown as unknown
    #[arg(long, env = "DESKBUY_STOCK_DEADLINE", value_name = "TIME", default_value = "5s", value_parser = checked(duration))]
    stock_deadline: Checked<Duration>,
    /// Concurrency limit of stock queries, for each region and billing kind
    #[arg(long, env = "DESKBUY_STOCK_CONCURRENCY", value_name = "NUMBER", default_value = "8", value_parser = checked(at_least_one))]
    stock_concurrency: Checked<usize>,
}

impl StockArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<StockSettings> {
        let deadline = errors.value("stock-deadline", &self.stock_deadline);
        let at_once = errors.value("stock-concurrency", &self.stock_concurrency);
        Some(StockSettings { deadline: deadline?, at_once: at_once? })
    }
}
