//! Labels of values: billing kinds, periods, regions, user groups. Those of fields are in `text/fields.rs`.

use shared::{
    actions::Region,
    values::{ChargeType, Period, UserGroup},
};

use crate::{
    language::use_text,
    text::{Text, fill},
};

/// A billing kind's name.
pub fn billing_name(t: &Text, kind: ChargeType) -> &'static str {
    match kind {
        ChargeType::PostPay => t.post_pay,
        ChargeType::PrePay => t.pre_pay,
    }
}

/// A period's name.
pub fn period_name(t: &Text, period: Period) -> String {
    fill(t.months, &[&period.months().to_string()])
}

/// A region's name in the reader's language, as far as there is one.
pub fn region_name(region: &Region) -> String {
    if let Some(name) = (use_text().region_of)(region.region_id.as_str()) {
        name.to_owned()
    } else if region.local_name.trim().is_empty() {
        region.region_id.to_string()
    } else {
        region.local_name.trim().to_owned()
    }
}

/// A group's name.
pub fn group_name(t: &Text, group: UserGroup) -> &'static str {
    match group {
        UserGroup::Users => t.users_group,
        UserGroup::Administrators => t.administrators_group,
    }
}
