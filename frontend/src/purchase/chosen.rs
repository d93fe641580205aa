//! What is chosen, looked up in the loaded lists: the type, the zone and so on behind the identifiers of a form,
//! their price, and the alternatives to them.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    actions::{DesktopTypeItem, Image, Images, UserInfo, VSwitch, Zone},
    form::{self, Alternative, Form},
    prices::Price,
};

use super::state::Purchase;
use crate::checkout::region_name;

impl Purchase {
    /// The alternatives to a sold-out choice: the same type elsewhere, and the types next to it here.
    pub fn alternatives(&self) -> Vec<Alternative> {
        let (Some(table), Some(types), Some(zones)) =
            (self.lists.stock_table.ready(), self.lists.types.ready(), self.lists.zones.ready())
        else {
            return Vec::new();
        };
        self.form.with(|form| form::alternatives(form, &table, &types.desktop_type_items, &zones.zones))
    }

    /// The operator's price of the type chosen.
    pub fn price(&self, form: &Form) -> Option<Price> {
        let book = self.lists.prices.ready()?;
        book.price(form.region.as_ref()?, form.type_item_id.as_ref()?, form.charge_type).cloned()
    }

    /// The type chosen.
    pub fn chosen_type(&self, form: &Form) -> Option<DesktopTypeItem> {
        let id = form.type_item_id.clone()?;
        self.lists.types.ready()?.desktop_type_items.iter().find(|item| item.type_item_id == id).cloned()
    }

    /// The zone chosen.
    pub fn chosen_zone(&self, form: &Form) -> Option<Zone> {
        let id = form.zone_id.clone()?;
        self.lists.zones.ready()?.zones.iter().find(|zone| zone.zone_id == id).cloned()
    }

    /// The vSwitch chosen.
    pub fn chosen_v_switch(&self, form: &Form) -> Option<VSwitch> {
        let id = form.v_switch_id.clone()?;
        self.lists.v_switches.ready()?.v_switches.iter().find(|v_switch| v_switch.v_switch_id == id).cloned()
    }

    /// The image chosen, where it is among those loaded.
    pub fn chosen_image(&self, form: &Form) -> Option<Image> {
        let id = form.image_id.clone()?;
        let find = |images: &[Image]| images.iter().find(|image| image.image_id == id).cloned();
        let of = |images: Option<Arc<Images>>| find(&images?.images);
        let more = || self.more_images.with(|more| find(&more.images));
        of(self.lists.images.ready()).or_else(|| of(self.lists.found_images.ready())).or_else(more)
    }

    /// The users chosen, in the order in which they were.
    pub fn chosen_users(&self, form: &Form) -> Vec<UserInfo> {
        let Some(users) = self.lists.users.ready() else { return Vec::new() };
        let find = |name: &String| users.users.iter().find(|user| user.name == *name).cloned();
        form.user_names.iter().filter_map(find).collect()
    }

    /// The name of the region chosen.
    pub fn region_name(&self, form: &Form) -> Option<String> {
        let id = form.region.clone()?;
        let known = self.lists.regions.ready();
        let region = known.as_ref().and_then(|list| list.regions.iter().find(|region| region.region_id == id));
        Some(region.map_or_else(|| id.into(), region_name))
    }
}
