//! Settings of how stock is asked for before a choice.

use clap::Args;

use super::config_errors::ConfigErrors;
use cloud::StockSettings;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Stock")]
pub struct StockArgs {
    /// How long to look for the stock of all types in all zones; what is not answered by then is shown as unknown
    #[arg(long, env = "DESKBUY_STOCK_DEADLINE", value_name = "TIME", default_value = "5s")]
    stock_deadline: String,
    /// How many questions about stock are with the cloud at the same time, for each region and billing kind
    #[arg(long, env = "DESKBUY_STOCK_CONCURRENCY", value_name = "NUMBER", default_value = "8")]
    stock_concurrency: usize,
}

impl StockArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<StockSettings> {
        let deadline = errors.take_duration("stock-deadline", &self.stock_deadline);
        let some = self.stock_concurrency > 0;
        errors.take("stock-concurrency", some.then_some(()).ok_or("must be at least 1"));
        Some(StockSettings { deadline: deadline?, at_once: self.stock_concurrency })
    }
}
