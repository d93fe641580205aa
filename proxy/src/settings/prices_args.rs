//! Settings of the operator's prices. The file's format is in [`crate::prices`].

use clap::Args;
use shared::{ids::RegionId, prices::PriceBook};

use super::config_errors::ConfigErrors;
use crate::prices;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Prices")]
pub struct PriceArgs {
    /// File with your prices, in the format of deploy/prices.example.toml. Without one the page shows no prices, and
    /// says that the bill decides; the demo shows the example's
    #[arg(long, env = "DESKBUY_PRICES", value_name = "FILE")]
    prices: Option<String>,
}

impl PriceArgs {
    /// The price book of the file, or `otherwise` without a file. `regions` are the served regions, if they are valid.
    pub(super) fn validate(
        &self,
        otherwise: PriceBook,
        regions: Option<&[RegionId]>,
        errors: &mut ConfigErrors,
    ) -> Option<PriceBook> {
        // An empty variable counts as unset.
        let Some(file) = self.prices.as_deref().map(str::trim).filter(|file| !file.is_empty()) else {
            return Some(otherwise);
        };
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"));
        let found = prices::read(&errors.take("prices", text)?, regions);
        errors.take_file("prices", file, found)
    }
}
