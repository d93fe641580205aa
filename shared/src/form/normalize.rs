//! From the requested form to the effective one: drops choices that do not fit and fills in defaults.

use super::{Catalog, Field, Form};
use crate::{
    ids::{ImageId, TypeItemId, VSwitchId, ZoneId},
    stock::{Stock, StockTable},
};

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

/// The effective form of a requested one, and the dropped choices. A choice that is not among its options is dropped. A
/// missing one gets a default: the first type not known to be sold out everywhere, the first zone that has it, the
/// vSwitch with the most free addresses, the newest image. A user is never guessed. Idempotent.
#[must_use]
pub fn normalize(form: Form, catalog: &Catalog<'_>) -> (Form, Vec<Dropped>) {
    let mut form = form;
    let mut dropped = Vec::new();

    if let Some(types) = catalog.type_items {
        // A gap in the table moves nobody to a larger type.
        let wanted = [Stock::Available, Stock::Unknown];
        let in_stock = types.iter().find(|item| is(catalog.stock_table, &item.type_item_id, None, &wanted));
        let default = in_stock.or(types.first()).map(|item| &item.type_item_id);
        let fits = |id: &TypeItemId| types.iter().any(|item| item.type_item_id == *id);
        fit(&mut dropped, Field::TypeItem, &mut form.type_item_id, fits, default);
    }
    if let Some(zones) = catalog.zones {
        let find = |wanted: Stock| {
            let item = form.type_item_id.as_ref()?;
            zones.iter().find(|zone| is(catalog.stock_table, item, Some(&zone.zone_id), &[wanted]))
        };
        let default =
            find(Stock::Available).or_else(|| find(Stock::Unknown)).or(zones.first()).map(|zone| &zone.zone_id);
        let fits = |id: &ZoneId| zones.iter().any(|zone| zone.zone_id == *id);
        fit(&mut dropped, Field::Zone, &mut form.zone_id, fits, default);
    }
    if let Some(v_switches) = catalog.v_switches {
        // The first of those with most room: `max_by_key` would take the last.
        let roomiest = v_switches.iter().rev().filter(|v| v.has_room()).max_by_key(|v| v.available_ip_address_count);
        let fits = |id: &VSwitchId| v_switches.iter().any(|v| v.v_switch_id == *id && v.has_room());
        fit(&mut dropped, Field::VSwitch, &mut form.v_switch_id, fits, roomiest.map(|v| &v.v_switch_id));
    }
    if let Some(images) = catalog.images {
        let newest = images.iter().rev().filter(|image| image.is_usable()).max_by_key(|image| &image.creation_time);
        let fits = |id: &ImageId| match images.iter().find(|image| image.image_id == *id) {
            Some(image) => image.is_usable(),
            None => !catalog.images_complete,
        };
        fit(&mut dropped, Field::Image, &mut form.image_id, fits, newest.map(|image| &image.image_id));
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

/// Keeps a choice that fits; else notes it as dropped and puts the default in its place.
fn fit<T: Clone + Into<String>>(
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
