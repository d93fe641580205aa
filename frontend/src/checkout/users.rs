//! The chosen users, stored for this window. They are personal data, so no address holds them.

use crate::storage;

/// The storage key of the chosen users.
const USERS: &str = "deskbuy.users";

/// The stored users.
pub fn kept_users() -> Vec<String> {
    let items = storage::read_list(storage::of_window(), USERS);
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Stores the chosen users.
pub fn keep_users(names: &[String]) {
    storage::write_list(storage::of_window(), USERS, names.iter().map(|name| name.as_str().into()).collect());
}

/// Removes the stored users if they are just these: what they were picked for is placed.
pub fn drop_kept_users(bought: &[String]) {
    if kept_users() == bought {
        keep_users(&[]);
    }
}
