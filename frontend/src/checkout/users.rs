//! The users picked, kept for this window: people are in no address, so they are not in a link.

use crate::storage;

/// Where the users picked are kept.
const USERS: &str = "deskbuy.users";

/// The users that are kept.
pub fn kept_users() -> Vec<String> {
    let items = storage::read_list(storage::of_window(), USERS);
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Keeps who was picked, for this window.
pub fn keep_users(names: &[String]) {
    storage::write_list(storage::of_window(), USERS, names.iter().map(|name| name.as_str().into()).collect());
}
