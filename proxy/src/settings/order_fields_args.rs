//! Settings of order fields. The file's format is in [`crate::order_fields`].

use clap::Args;
use orders::OrderFieldRules;

use super::config_errors::ConfigErrors;
use crate::order_fields;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Order fields")]
pub struct OrderFieldArgs {
    /// File that says what is asked for with each order, such as a cost centre, in the format of
    /// deploy/order-fields.example.toml. All proxies on one database have the same
    #[arg(long, env = "DESKBUY_ORDER_FIELDS", value_name = "FILE")]
    order_fields: Option<String>,
}

impl OrderFieldArgs {
    /// The fields of the file; without one nothing is asked for.
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<OrderFieldRules> {
        // An empty variable counts as unset.
        let Some(path) = self.order_fields.as_deref().map(str::trim).filter(|path| !path.is_empty()) else {
            return Some(OrderFieldRules::default());
        };
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let found = order_fields::read(&errors.take("order-fields", text)?);
        errors.take_file("order-fields", path, found)
    }
}
