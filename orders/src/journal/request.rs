//! A request for orders, as the journal is asked to accept it.

use shared::order::{NewOrder, OrderPrice, fields::FieldValues};

use super::DesktopTypes;
use crate::Principal;

/// Orders that one principal requests together.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) orders: Vec<NewOrder>,
    /// What each of them costs, by its place; shorter where the rest has no price.
    pub(crate) prices: Vec<Option<OrderPrice>>,
    /// What each takes of the purchase of its desktop, by its place; shorter where the rest takes nothing.
    pub(crate) inherited: Vec<FieldValues>,
    /// The types of the desktops that are renewed, as far as they are known and something goes by them.
    pub(crate) types: DesktopTypes,
    pub(crate) principal: Principal,
}
