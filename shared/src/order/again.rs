//! What an order bought, as the form that would buy it again.

use std::str::FromStr;

use super::Order;
use crate::{
    Action,
    actions::CreateDesktop,
    form::Form,
    values::{ImageType, Period, UserGroup},
};

impl Order {
    /// The form that asks for the same once more; nothing if it was no purchase.
    #[must_use]
    pub fn form(&self) -> Option<Form> {
        if self.action != CreateDesktop::NAME {
            return None;
        }
        Some(Form {
            region: Some(self.region.clone()),
            charge_type: self.value("ChargeType")?,
            type_item_id: self.value("TypeItemId"),
            zone_id: self.value("ZoneId"),
            v_switch_id: self.value("VSwitchId"),
            // Left out it means `private` (document 2.8.2).
            image_type: self.value("ImageType").unwrap_or(ImageType::Private),
            image_id: self.value("ImageId"),
            user_names: self.value("UserName").into_iter().collect(),
            user_group: self.value("UserGroup").unwrap_or(UserGroup::Users),
            period: self.value("Period").unwrap_or(Period::ONE_MONTH),
        })
    }

    fn value<T: FromStr>(&self, name: &str) -> Option<T> {
        let value = self.request.get(name)?;
        value.as_str().map_or_else(|| value.to_string().parse(), str::parse).ok()
    }
}
