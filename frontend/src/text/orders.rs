//! The texts of the orders page only.

use std::ops::Deref;

use super::page::Text;

/// The texts of the orders page, and through `Deref` those of every page.
pub struct OrderText {
    /// The texts of every page.
    pub common: &'static Text,
    pub fix_in_form: &'static str,
    pub buy_same: &'static str,
    pub buy_another: &'static str,
    pub order_accepted: &'static str,
    pub order_sending: &'static str,
    pub order_placed: &'static str,
    pub order_rejected: &'static str,
    pub order_unresolved: &'static str,
    pub order_placed_hint: &'static str,
    pub order_rejected_hint: &'static str,
    pub order_unresolved_hint: &'static str,
    pub order_working_hint: &'static str,
    pub order_id: &'static str,
    pub desktop_id: &'static str,
    pub order_token: &'static str,
    pub order_attempts: &'static str,
    pub order_created: &'static str,
    pub orders_empty: &'static str,
    pub desktops_empty: &'static str,
    pub order_not_found: &'static str,
    pub batch_not_found: &'static str,
    pub action_buy: &'static str,
    pub action_renew: &'static str,
    pub action_release: &'static str,
    pub title_desktops: &'static str,
    pub desktop_released: &'static str,
    pub desktop_under_way: &'static str,
    pub desktop_in_use: &'static str,
    pub desktop_without_id: &'static str,
    pub list_kind: &'static str,
    pub search_orders: &'static str,
    pub order_state: &'static str,
    pub every_state: &'static str,
    pub nothing_fits: &'static str,
    pub rows: &'static str,
    pub column_state: &'static str,
    pub column_billing: &'static str,
    pub column_until: &'static str,
    pub column_bought: &'static str,
    /// The columns of the list.
    pub columns: &'static str,
    pub column_by: &'static str,
    pub sort_by: &'static str,
    pub rows_loaded: &'static str,
    pub sorted_among: &'static str,
    pub batch_progress: &'static str,
    pub retry_failed: &'static str,
    pub renew: &'static str,
    pub release: &'static str,
    pub renew_title: &'static str,
    pub release_title: &'static str,
    pub renew_confirm: &'static str,
    pub release_confirm: &'static str,
    pub renew_note: &'static str,
    pub release_warning: &'static str,
    pub type_to_confirm: &'static str,
    pub elsewhere: &'static str,
    pub elsewhere_hint: &'static str,
    pub order_action: &'static str,
    pub order_working: &'static str,
    pub order_done: &'static str,
    pub order_not_done: &'static str,
    pub retry_order: &'static str,
    pub requested_by: &'static str,
    pub timeline: &'static str,
    pub event_accepted: &'static str,
    pub event_sent: &'static str,
    pub event_answered: &'static str,
    pub event_confirmed: &'static str,
    pub event_refused: &'static str,
    pub event_gave_up: &'static str,
}

impl Deref for OrderText {
    type Target = Text;
    fn deref(&self) -> &Text {
        self.common
    }
}
