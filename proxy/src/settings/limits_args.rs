//! Settings of optional limits: by period, type and money, for each person and for all together. Limits by number of each
//! person are in [`super::guard_args`].

use std::sync::Arc;

use clap::Args;
use orders::OrderBounds;
use shared::{
    ids::TypeItemId,
    prices::{Amount, PriceBook},
};

use super::{
    checked::{Checked, from_str, optional},
    config_errors::{ConfigErrors, ONLY_WITH_SIGN_IN},
};
use crate::http::LimitSettings;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Longest period of one purchase or renewal, in months [default: 36, the longest on sale]
    #[arg(long, env = "DESKBUY_LONGEST_PERIOD", value_name = "MONTHS", value_parser = optional(months))]
    longest_period: Option<Checked<Option<u8>>>,
    /// Desktop types that may be bought, separated by commas [default: all]
    #[arg(long, env = "DESKBUY_ALLOWED_TYPES", value_name = "LIST", value_delimiter = ',', value_parser = optional(type_item))]
    allowed_types: Vec<Checked<Option<TypeItemId>>>,
    /// Most money of one order, in the currency of the price list (--prices), without which no order has an amount. A
    /// subscription counts with its whole period, pay as you go with 720 hours; what has no price is refused
    #[arg(long, env = "DESKBUY_BUYER_ORDER_AMOUNT", value_name = "AMOUNT", value_parser = optional(from_str::<Amount>))]
    buyer_order_amount: Option<Checked<Option<Amount>>>,
    /// Most money of each signed-in person in 24 hours, counted in the same way; rejected orders do not count, nor does what
    /// was ordered in another currency before the price list changed to this one
    #[arg(long, env = "DESKBUY_BUYER_DAILY_AMOUNT", value_name = "AMOUNT", value_parser = optional(from_str::<Amount>))]
    buyer_daily_amount: Option<Checked<Option<Amount>>>,
    /// Most money of each signed-in person in 30 days
    #[arg(long, env = "DESKBUY_BUYER_MONTHLY_AMOUNT", value_name = "AMOUNT", value_parser = optional(from_str::<Amount>))]
    buyer_monthly_amount: Option<Checked<Option<Amount>>>,
    /// Most desktops and months of renewals of all together in 24 hours
    #[arg(long, env = "DESKBUY_OVERALL_DAILY_LIMIT", value_name = "NUMBER", value_parser = optional(from_str::<u32>))]
    overall_daily_limit: Option<Checked<Option<u32>>>,
    /// Most money of all together in 24 hours
    #[arg(long, env = "DESKBUY_OVERALL_DAILY_AMOUNT", value_name = "AMOUNT", value_parser = optional(from_str::<Amount>))]
    overall_daily_amount: Option<Checked<Option<Amount>>>,
    /// Most money of all together in 30 days
    #[arg(long, env = "DESKBUY_OVERALL_MONTHLY_AMOUNT", value_name = "AMOUNT", value_parser = optional(from_str::<Amount>))]
    overall_monthly_amount: Option<Checked<Option<Amount>>>,
}

impl LimitArgs {
    /// Adds these limits to those of the guard. `has_sign_in`: whether people have identities.
    pub(super) fn validate(
        &self,
        limits: &mut LimitSettings,
        prices: &PriceBook,
        has_sign_in: bool,
        errors: &mut ConfigErrors,
    ) {
        let mut money = |flag: &str, value: Option<&Checked<Option<Amount>>>, of_person: bool| {
            let amount = errors.optional(flag, value).flatten().filter(|amount| *amount > Amount::ZERO)?;
            // Either would be no limit, and give a false sense of safety.
            let wrong = if of_person && !has_sign_in { Some(ONLY_WITH_SIGN_IN) } else { needs_prices(prices) };
            errors.take(flag, wrong.map_or(Ok(amount), Err))
        };
        let amount = money("buyer-order-amount", self.buyer_order_amount.as_ref(), false);
        limits.person.day_amount = money("buyer-daily-amount", self.buyer_daily_amount.as_ref(), true);
        limits.person.month_amount = money("buyer-monthly-amount", self.buyer_monthly_amount.as_ref(), true);
        limits.overall.day_amount = money("overall-daily-amount", self.overall_daily_amount.as_ref(), false);
        limits.overall.month_amount = money("overall-monthly-amount", self.overall_monthly_amount.as_ref(), false);
        let units = errors.optional("overall-daily-limit", self.overall_daily_limit.as_ref()).flatten();
        limits.overall.units = units.filter(|limit| *limit > 0);
        let longest_period = errors.optional("longest-period", self.longest_period.as_ref()).flatten();
        let types: Arc<[_]> = errors.values("allowed-types", &self.allowed_types).into();
        let types = Some(types).filter(|types| !types.is_empty());
        limits.bounds = OrderBounds { longest_period, amount, types, currency: prices.currency() };
    }
}

/// What an amount lacks to have a meaning: a price list of one currency.
pub(super) fn needs_prices(prices: &PriceBook) -> Option<&'static str> {
    match prices.currency() {
        None if prices.prices.is_empty() => Some("has a meaning only with --prices (DESKBUY_PRICES)"),
        None => Some("needs a price list (--prices, DESKBUY_PRICES) of one currency"),
        Some(_) => None,
    }
}

pub(super) fn months(text: &str) -> Result<u8, &'static str> {
    text.parse().ok().filter(|months| (1..=36).contains(months)).ok_or("must be a number of months between 1 and 36")
}

pub(super) fn type_item(text: &str) -> Result<TypeItemId, &'static str> {
    text.parse().map_err(|_| "is not an identifier of a desktop type")
}
