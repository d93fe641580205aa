//! Settings of approval: what is ordered beyond these bounds waits for an approver. Who that is, is in [`super::signin_args`].

use std::{sync::Arc, time::Duration};

use clap::Args;
use orders::ApprovalBounds;
use shared::{
    ids::TypeItemId,
    prices::{Amount, PriceBook},
};

use super::{
    checked::{Checked, checked, duration, from_str, optional},
    config_errors::{ConfigErrors, ONLY_WITH_SIGN_IN},
    limits_args::{months, needs_prices, type_item},
};
use crate::signin::SignInSettings;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Approval")]
#[expect(clippy::struct_field_names, reason = "the names of the flags")]
pub struct ApprovalArgs {
    /// Every order waits for an approver (--approvers), releases too
    #[arg(long, env = "DESKBUY_APPROVAL_ALWAYS")]
    approval_always: bool,
    /// Orders of more desktops than this wait for an approver, bought and renewed ones together; 0 is any
    #[arg(long, env = "DESKBUY_APPROVAL_DESKTOPS", value_name = "NUMBER", value_parser = optional(from_str::<u32>))]
    approval_desktops: Option<Checked<Option<u32>>>,
    /// Orders for more months than this wait for an approver
    #[arg(long, env = "DESKBUY_APPROVAL_PERIOD", value_name = "MONTHS", value_parser = optional(months))]
    approval_period: Option<Checked<Option<u8>>>,
    /// Orders of more money than this wait for an approver, counted as --buyer-order-amount does; so does what has no price
    #[arg(long, env = "DESKBUY_APPROVAL_AMOUNT", value_name = "AMOUNT", value_parser = optional(from_str::<Amount>))]
    approval_amount: Option<Checked<Option<Amount>>>,
    /// Desktop types that are bought and renewed only with an approver, separated by commas
    #[arg(long, env = "DESKBUY_APPROVAL_TYPES", value_name = "LIST", value_delimiter = ',', value_parser = optional(type_item))]
    approval_types: Vec<Checked<Option<TypeItemId>>>,
    /// How long an order waits for an approver before it is rejected, at most 720h
    #[arg(long, env = "DESKBUY_APPROVAL_EXPIRY", value_name = "TIME", default_value = "72h", value_parser = checked(expiry))]
    approval_expiry: Checked<Duration>,
}

/// The longest that an order waits: a month later neither the price nor the need is what it was.
const LONGEST_EXPIRY: Duration = Duration::from_hours(720);

impl ApprovalArgs {
    /// The bounds. `sign_in` is none after an error of its settings. `has_fields`: whether approvers can change order fields.
    pub(super) fn validate(
        &self,
        sign_in: Option<&Option<SignInSettings>>,
        prices: Option<&PriceBook>,
        has_fields: bool,
        errors: &mut ConfigErrors,
    ) -> Option<ApprovalBounds> {
        let desktops = errors.optional("approval-desktops", self.approval_desktops.as_ref());
        let longest_period = errors.optional("approval-period", self.approval_period.as_ref());
        let amount = errors.optional("approval-amount", self.approval_amount.as_ref());
        let types: Arc<[_]> = errors.values("approval-types", &self.approval_types).into();
        let expiry = errors.value("approval-expiry", &self.approval_expiry);
        let bounds = ApprovalBounds {
            always: self.approval_always,
            desktops: desktops?,
            longest_period: longest_period?,
            amount: amount?,
            types: Some(types).filter(|types| !types.is_empty()),
            expiry: expiry?,
        };
        if let (Some(_), Some(prices)) = (bounds.amount, prices) {
            errors.take("approval-amount", needs_prices(prices).map_or(Ok(()), Err));
        }
        let set = [
            ("approval-always", bounds.always),
            ("approval-desktops", bounds.desktops.is_some()),
            ("approval-period", bounds.longest_period.is_some()),
            ("approval-amount", bounds.amount.is_some()),
            ("approval-types", bounds.types.is_some()),
        ];
        match sign_in? {
            // Without identities nobody could be told from who ordered.
            None => {
                for (flag, is_set) in set {
                    errors.take(flag, if is_set { Err(ONLY_WITH_SIGN_IN) } else { Ok(()) });
                }
            }
            Some(sign_in) => {
                let tokens = sign_in.api_tokens.iter().flat_map(|(_, tokens)| tokens.values());
                let has_approvers = !sign_in.approvers.is_empty() || tokens.into_iter().any(|token| token.approves);
                let wrong = match (bounds.are_set(), has_approvers) {
                    (true, false) => Some("is missing: who approves what is beyond --approval-…?"),
                    // It would give a false sense of safety.
                    (false, _) if !sign_in.approvers.is_empty() && !has_fields => Some(
                        "has a meaning only with a bound of approval, such as --approval-desktops or --approval-always, or with \
                         --order-fields",
                    ),
                    _ => None,
                };
                errors.take("approvers", wrong.map_or(Ok(()), Err));
            }
        }
        Some(bounds)
    }
}

fn expiry(text: &str) -> Result<Duration, &'static str> {
    Some(duration(text)?).filter(|expiry| *expiry <= LONGEST_EXPIRY).ok_or("is more than 720h")
}
