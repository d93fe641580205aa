//! From the effective form to its purchases, or to field errors.

use super::{Catalog, Field, FieldError, Form};
use crate::{
    Code,
    actions::{CreateDesktop, UserInfo},
    ids::ClientToken,
    order::LARGEST_BATCH,
    stock::Stock,
    user::ExistingUserName,
    values::ChargeType,
};

/// The purchases that the form asks for, one per user, or the field errors in the order of the page. A choice from a
/// list that is not loaded does not count. Unknown stock is no error, since it is asked again just before the purchase.
/// `token` names the batch.
pub fn validate(
    form: &Form,
    catalog: &Catalog<'_>,
    token: &ClientToken,
) -> Result<Vec<CreateDesktop>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut error = |field: Field, code: Code| errors.push(FieldError { field, code });

    let owner = catalog.owner.filter(|owner| owner.is_ready());
    if form.region.is_none() {
        error(Field::Region, Code::ChoiceMissing);
    } else if owner.is_none() {
        error(Field::Region, Code::OwnerNotActive);
    }
    if form.type_item_id.is_none() || catalog.type_items.is_none() {
        error(Field::TypeItem, Code::ChoiceMissing);
    }
    if form.zone_id.is_none() || catalog.zones.is_none() {
        error(Field::Zone, Code::ChoiceMissing);
    } else if catalog.chosen_stock == Stock::SoldOut {
        error(Field::Zone, Code::SoldOut);
    }
    match (&form.v_switch_id, catalog.v_switches) {
        (None, _) | (_, None) => error(Field::VSwitch, Code::ChoiceMissing),
        (Some(id), Some(list))
            if !list.iter().any(|v| v.v_switch_id == *id && v.has_room_for(form.user_names.len().max(1))) =>
        {
            error(Field::VSwitch, Code::VSwitchUnavailable);
        }
        _ => {}
    }
    match (&form.image_id, catalog.images) {
        (None, _) | (_, None) => error(Field::Image, Code::ChoiceMissing),
        (Some(id), Some(list)) if list.iter().any(|image| image.image_id == *id && !image.is_usable()) => {
            error(Field::Image, Code::ImageUnavailable);
        }
        _ => {}
    }
    let user_names: Result<Vec<ExistingUserName>, Code> =
        form.user_names.iter().map(|name| name.clone().try_into()).collect();
    match (&user_names, catalog.users) {
        (Err(code), _) => error(Field::User, *code),
        (Ok(names), _) if names.len() > LARGEST_BATCH => error(Field::User, Code::TooManyOrders),
        (Ok(names), Some(users)) if !names.is_empty() => {
            let is_chosen = |user: &UserInfo| form.user_names.contains(&user.name);
            if users.iter().any(|user| user.email.trim().is_empty() && is_chosen(user)) {
                error(Field::User, Code::UserWithoutEmail);
            }
        }
        _ => error(Field::User, Code::ChoiceMissing),
    }

    // Each member is named, so that none is forgotten below.
    match (owner.and_then(|owner| owner.owner_vpc_id.clone()), form.clone(), user_names) {
        (
            Some(vpc_id),
            Form {
                charge_type,
                region: Some(_),
                type_item_id: Some(type_item_id),
                zone_id: Some(zone_id),
                v_switch_id: Some(v_switch_id),
                image_type,
                image_id: Some(image_id),
                user_names: _,
                user_group,
                period,
            },
            Ok(user_names),
        ) if errors.is_empty() => {
            let count = user_names.len();
            let purchase = |(index, user_name)| CreateDesktop {
                owner_id: None,
                type_item_id: type_item_id.clone(),
                charge_type,
                vpc_id: vpc_id.clone(),
                zone_id: zone_id.clone(),
                v_switch_id: v_switch_id.clone(),
                image_id: image_id.clone(),
                image_type: Some(image_type),
                user_name,
                user_group,
                period: (charge_type == ChargeType::PrePay).then_some(period),
                client_token: token.of_batch(index, count),
            };
            Ok(user_names.into_iter().enumerate().map(purchase).collect())
        }
        _ => Err(errors),
    }
}
