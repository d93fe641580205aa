//! The purchase form. [`normalize`] turns the requested form into the effective one, by what there is to choose from;
//! [`validate`] turns that into purchases. Both are pure. The fields are declared in `field.rs`.

mod alternatives;
mod field;
mod normalize;
mod validate;
mod value;

pub use alternatives::{Alternative, alternatives};
#[cfg(test)]
pub use field::tests::any_form;
pub use field::{Field, FieldError, Form};
pub use normalize::{Dropped, normalize};
pub use validate::validate;

use crate::{
    actions::{DesktopOwner, DesktopTypeItem, Image, UserInfo, VSwitch, Zone},
    stock::{Stock, StockTable},
};

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
    /// The stock of the chosen type in the chosen zone.
    pub chosen_stock: Stock,
    /// The stock of each type in each zone, to choose defaults by.
    pub stock_table: Option<&'a StockTable>,
}

#[cfg(test)]
mod tests;
