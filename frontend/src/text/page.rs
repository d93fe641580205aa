//! The texts that every page shows, and those of the purchase. The texts in each language are in the files beside this one.

use shared::{Code, document::DocumentText, form::Field};

/// Every text of the page. `{}` stands for what is put in by [`super::fill`].
pub struct Text {
    /// The texts that the document shows too, before the page has arrived.
    pub document: &'static DocumentText,
    /// What an error code means, and what to do.
    pub code: fn(Code) -> &'static str,
    /// The label of a field of the form; see [`Text::label`].
    pub field: fn(Field) -> &'static str,
    /// A region, by its identifier, where the upstream's name is in another language.
    pub region_of: fn(&str) -> Option<&'static str>,

    // The page around
    pub skip_to_content: &'static str,
    pub navigation: &'static str,
    pub buy: &'static str,
    pub orders: &'static str,
    pub shortcuts: &'static str,
    pub more_images: &'static str,
    pub title_orders: &'static str,
    pub title_order: &'static str,
    pub title_desktops: &'static str,
    pub title_summary: &'static str,

    // The deferred module (crate::deferred)
    pub deferred_awaited: &'static str,
    pub deferred_failed: &'static str,
    pub deferred_gone: &'static str,
    pub reload: &'static str,

    pub sign_in: &'static str,
    pub sign_out: &'static str,

    // Every list
    pub loading: &'static str,
    pub retry: &'static str,
    pub load_failed: &'static str,
    pub request_id: &'static str,
    pub vendor_request_id: &'static str,
    pub copy: &'static str,
    pub no_match: &'static str,
    pub count_of: &'static str,
    pub skipped: &'static str,

    // Region and billing
    pub section_basics: &'static str,
    pub choose_region: &'static str,
    pub choose_region_hint: &'static str,
    pub unknown_region: &'static str,
    pub regions_empty: &'static str,
    pub post_pay: &'static str,
    pub post_pay_hint: &'static str,
    pub pre_pay: &'static str,
    pub pre_pay_hint: &'static str,
    pub months: &'static str,

    // Set-up of the account
    pub owner_title: &'static str,
    pub owner_title_short: &'static str,
    pub owner_configuring: &'static str,
    pub owner_status: &'static str,
    pub owner_no_vpc: &'static str,
    pub owner_no_domain: &'static str,
    pub owner_next: &'static str,

    // Desktop type
    pub types_empty: &'static str,

    // Zone and vSwitch
    pub section_network: &'static str,
    pub zones_empty: &'static str,
    pub stock_as_of: &'static str,
    pub stock_checking: &'static str,
    pub in_stock: &'static str,
    pub sold_out: &'static str,
    pub take_instead: &'static str,
    pub stock_unknown: &'static str,
    pub v_switches_empty: &'static str,
    pub v_switches_none_usable: &'static str,
    pub v_switch_waits_owner: &'static str,
    pub unnamed: &'static str,
    pub v_switch_id: &'static str,
    pub cidr: &'static str,
    pub free_addresses: &'static str,
    pub v_switch_full: &'static str,
    pub v_switch_pending: &'static str,

    // Image
    pub section_image: &'static str,
    pub image_system: &'static str,
    pub image_custom: &'static str,
    pub image_waits_type: &'static str,
    pub images_empty_system: &'static str,
    pub images_empty_custom: &'static str,
    pub image_not_ready: &'static str,
    pub search_images: &'static str,

    // User
    pub section_user: &'static str,
    pub users_empty: &'static str,
    pub search_users: &'static str,
    pub several_users: &'static str,
    pub users_picked: &'static str,
    pub desktops: &'static str,
    pub no_email: &'static str,
    pub new_user: &'static str,
    pub add_email: &'static str,
    pub user_list: &'static str,
    pub email: &'static str,
    pub users_group: &'static str,
    pub users_group_hint: &'static str,
    pub administrators_group: &'static str,
    pub administrators_group_hint: &'static str,

    // Summary, review and order
    pub summary: &'static str,
    pub not_chosen: &'static str,
    pub details: &'static str,
    pub price_note: &'static str,
    pub price: &'static str,
    pub per_hour: &'static str,
    pub per_month: &'static str,
    pub for_period: &'static str,
    pub price_each: &'static str,
    pub price_total: &'static str,
    pub price_saving: &'static str,
    pub price_missing: &'static str,
    pub price_operator: &'static str,
    pub price_example: &'static str,
    pub buy_now: &'static str,
    pub wait_for_lists: &'static str,
    pub please_fix: &'static str,
    pub replaced: &'static str,
    pub removed: &'static str,
    pub undo: &'static str,
    pub copy_link: &'static str,
    pub show_as_code: &'static str,
    pub link_unread: &'static str,
    pub link_unread_next: &'static str,
    pub connection_lost: &'static str,
    pub no_connection: &'static str,
    pub retry_now: &'static str,

    pub title_batch: &'static str,
}

impl Text {
    /// The label of a field of the form.
    pub fn label(&self, field: Field) -> &'static str {
        (self.field)(field)
    }
}
