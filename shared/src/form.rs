//! The purchase form: what has been chosen, what there is to choose from, and the two functions that bring them
//! together, [`normalize`] and [`validate`]. Both are pure.

mod blame;
mod instead;

pub use instead::{Instead, instead};

use crate::{
    Code,
    actions::{CreateDesktop, DesktopOwner, DesktopTypeItem, Image, UserInfo, VSwitch, Zone},
    ids::{ClientToken, ImageId, RegionId, TypeItemId, VSwitchId, ZoneId},
    order::LARGEST_BATCH,
    stock::{Stock, StockTable},
    user::ExistingUserName,
    values::{ChargeType, ImageType, Period, UserGroup},
};

/// The choices made so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// 地域.
    pub region: Option<RegionId>,
    /// 付费方式.
    pub charge_type: ChargeType,
    /// 桌面规格.
    pub type_item_id: Option<TypeItemId>,
    /// 可用区.
    pub zone_id: Option<ZoneId>,
    /// 交换机.
    pub v_switch_id: Option<VSwitchId>,
    /// 镜像类型.
    pub image_type: ImageType,
    /// 镜像.
    pub image_id: Option<ImageId>,
    /// 用户, by name. Each gets a desktop of this configuration.
    pub user_names: Vec<String>,
    /// 用户组.
    pub user_group: UserGroup,
    /// 购买时长. Kept while pay as you go is chosen, and counts only with a subscription.
    pub period: Period,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            region: None,
            charge_type: ChargeType::PostPay,
            type_item_id: None,
            zone_id: None,
            v_switch_id: None,
            image_type: ImageType::Default,
            image_id: None,
            user_names: Vec::new(),
            user_group: UserGroup::Users,
            period: Period::ONE_MONTH,
        }
    }
}

/// The form's fields, in the order of the page (document 1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// 地域.
    Region,
    /// 付费方式.
    ChargeType,
    /// 桌面规格.
    TypeItem,
    /// 可用区.
    Zone,
    /// 交换机.
    VSwitch,
    /// 镜像类型.
    ImageType,
    /// 镜像.
    Image,
    /// 用户.
    User,
    /// 用户组.
    UserGroup,
    /// 购买时长.
    Period,
}

/// What there is to choose from, as far as it is known. `None` means not known yet (or not any more): what was
/// chosen there is left alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Catalog<'a> {
    /// The account's set-up.
    pub owner: Option<&'a DesktopOwner>,
    /// Types of the region.
    pub type_items: Option<&'a [DesktopTypeItem]>,
    /// Zones of the region.
    pub zones: Option<&'a [Zone]>,
    /// vSwitches of the account's network in the chosen zone.
    pub v_switches: Option<&'a [VSwitch]>,
    /// Images of the chosen kind that fit the chosen type.
    pub images: Option<&'a [Image]>,
    /// Whether `images` are all there are. An image that is not in an incomplete list may still exist.
    pub images_complete: bool,
    /// Users of the directory.
    pub users: Option<&'a [UserInfo]>,
    /// Whether the chosen type is in stock in the chosen zone.
    pub in_stock: Option<bool>,
    /// What is in stock where, to choose defaults by.
    pub stock: Option<&'a StockTable>,
}

/// A choice that did not fit any more, and what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Which field.
    pub field: Field,
    /// What was chosen.
    pub was: String,
    /// What is chosen now.
    pub now: Option<String>,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Which field.
    pub field: Field,
    /// What is wrong.
    pub code: Code,
}

/// Drops choices that do not fit what there is to choose from, and puts a good default where nothing is chosen: the
/// first type that is not known to be sold out everywhere, the first zone that has it, the vSwitch with most free
/// addresses, the newest image. The user is never guessed.
/// Normalising twice changes nothing more.
#[must_use]
pub fn normalize(form: Form, catalog: &Catalog<'_>) -> (Form, Vec<Dropped>) {
    let mut form = form;
    let mut dropped = Vec::new();

    if let Some(types) = catalog.type_items {
        // A gap in the table moves nobody to a larger type.
        let wanted = [Stock::Available, Stock::Unknown];
        let in_stock = types.iter().find(|item| is(catalog.stock, &item.type_item_id, None, &wanted));
        let default = in_stock.or(types.first()).map(|item| &item.type_item_id);
        let fits = |id: &TypeItemId| types.iter().any(|item| item.type_item_id == *id);
        settle(&mut dropped, Field::TypeItem, &mut form.type_item_id, fits, default);
    }
    if let Some(zones) = catalog.zones {
        let find = |wanted: Stock| {
            let item = form.type_item_id.as_ref()?;
            zones.iter().find(|zone| is(catalog.stock, item, Some(&zone.zone_id), &[wanted]))
        };
        let default =
            find(Stock::Available).or_else(|| find(Stock::Unknown)).or(zones.first()).map(|zone| &zone.zone_id);
        let fits = |id: &ZoneId| zones.iter().any(|zone| zone.zone_id == *id);
        settle(&mut dropped, Field::Zone, &mut form.zone_id, fits, default);
    }
    if let Some(v_switches) = catalog.v_switches {
        // The first of those with most room: `max_by_key` would take the last.
        let roomiest = v_switches.iter().rev().filter(|v| v.has_room()).max_by_key(|v| v.available_ip_address_count);
        let fits = |id: &VSwitchId| v_switches.iter().any(|v| v.v_switch_id == *id && v.has_room());
        settle(&mut dropped, Field::VSwitch, &mut form.v_switch_id, fits, roomiest.map(|v| &v.v_switch_id));
    }
    if let Some(images) = catalog.images {
        let newest = images.iter().rev().filter(|image| image.is_usable()).max_by_key(|image| &image.creation_time);
        let fits = |id: &ImageId| match images.iter().find(|image| image.image_id == *id) {
            Some(image) => image.is_usable(),
            None => !catalog.images_complete,
        };
        settle(&mut dropped, Field::Image, &mut form.image_id, fits, newest.map(|image| &image.image_id));
    }
    if let Some(users) = catalog.users {
        form.user_names.retain(|name| {
            let fits = users.iter().any(|user| user.name == *name);
            if !fits {
                dropped.push(Dropped { field: Field::User, was: name.clone(), now: None });
            }
            fits
        });
    }
    (form, dropped)
}

/// Whether a type's stock in a zone, or in any zone, is one of these. What is not in the table is unknown.
fn is(stock: Option<&StockTable>, item: &TypeItemId, zone: Option<&ZoneId>, wanted: &[Stock]) -> bool {
    let Some(table) = stock else { return true };
    match zone {
        Some(zone) => wanted.contains(&table.stock(item, zone)),
        None => table.cells.iter().any(|cell| cell.type_item_id == *item && wanted.contains(&cell.stock)),
    }
}

fn settle<T: Clone + Into<String>>(
    dropped: &mut Vec<Dropped>,
    field: Field,
    choice: &mut Option<T>,
    fits: impl Fn(&T) -> bool,
    default: Option<&T>,
) {
    if choice.as_ref().is_some_and(&fits) {
        return;
    }
    let was = std::mem::replace(choice, default.cloned());
    if let Some(was) = was {
        dropped.push(Dropped { field, was: was.into(), now: default.cloned().map(Into::into) });
    }
}

/// The purchases that the form asks for, one per user, or what is wrong with each field, in the order of the page. A
/// choice from a list that is not known does not count as made; stock that is not known does not stand in the way, since
/// it is asked for again just before the purchase. The tokens are those of a batch that `token` names.
pub fn validate(
    form: &Form,
    catalog: &Catalog<'_>,
    token: &ClientToken,
) -> Result<Vec<CreateDesktop>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut wrong = |field: Field, code: Code| errors.push(FieldError { field, code });

    let owner = catalog.owner.filter(|owner| owner.is_ready());
    if form.region.is_none() {
        wrong(Field::Region, Code::ChoiceMissing);
    } else if owner.is_none() {
        wrong(Field::Region, Code::OwnerNotActive);
    }
    if form.type_item_id.is_none() || catalog.type_items.is_none() {
        wrong(Field::TypeItem, Code::ChoiceMissing);
    }
    if form.zone_id.is_none() || catalog.zones.is_none() {
        wrong(Field::Zone, Code::ChoiceMissing);
    } else if catalog.in_stock == Some(false) {
        wrong(Field::Zone, Code::SoldOut);
    }
    match (&form.v_switch_id, catalog.v_switches) {
        (None, _) | (_, None) => wrong(Field::VSwitch, Code::ChoiceMissing),
        (Some(id), Some(list))
            if !list.iter().any(|v| v.v_switch_id == *id && v.has_room_for(form.user_names.len().max(1))) =>
        {
            wrong(Field::VSwitch, Code::VSwitchUnavailable);
        }
        _ => {}
    }
    match (&form.image_id, catalog.images) {
        (None, _) | (_, None) => wrong(Field::Image, Code::ChoiceMissing),
        (Some(id), Some(list)) if list.iter().any(|image| image.image_id == *id && !image.is_usable()) => {
            wrong(Field::Image, Code::ImageUnavailable);
        }
        _ => {}
    }
    let user_names: Result<Vec<ExistingUserName>, Code> =
        form.user_names.iter().map(|name| name.clone().try_into()).collect();
    match (&user_names, catalog.users) {
        (Err(code), _) => wrong(Field::User, *code),
        (Ok(names), _) if names.len() > LARGEST_BATCH => wrong(Field::User, Code::TooManyOrders),
        (Ok(names), Some(users)) if !names.is_empty() => {
            let chosen = |user: &&UserInfo| form.user_names.contains(&user.name);
            if users.iter().filter(chosen).any(|user| user.email.trim().is_empty()) {
                wrong(Field::User, Code::UserWithoutEmail);
            }
        }
        _ => wrong(Field::User, Code::ChoiceMissing),
    }

    match (owner.and_then(|owner| owner.owner_vpc_id.clone()), form.clone(), user_names) {
        (
            Some(vpc_id),
            Form {
                type_item_id: Some(type_item_id),
                zone_id: Some(zone_id),
                v_switch_id: Some(v_switch_id),
                image_id: Some(image_id),
                ..
            },
            Ok(user_names),
        ) if errors.is_empty() => {
            let count = user_names.len();
            let purchase = |(index, user_name)| CreateDesktop {
                owner_id: None,
                type_item_id: type_item_id.clone(),
                charge_type: form.charge_type,
                vpc_id: vpc_id.clone(),
                zone_id: zone_id.clone(),
                v_switch_id: v_switch_id.clone(),
                image_id: image_id.clone(),
                image_type: Some(form.image_type),
                user_name,
                user_group: form.user_group,
                period: (form.charge_type == ChargeType::PrePay).then_some(form.period),
                client_token: token.of_batch(index, count),
            };
            Ok(user_names.into_iter().enumerate().map(purchase).collect())
        }
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests;
