//! Writes to the directory that were sent and not answered, as this window keeps them, each with its region. They outlive the
//! list that they were in: another list, a changed one and a discarded one may have the same user.

use std::cell::RefCell;

use serde_json::Value;
use shared::{actions::UserInfo, ids::RegionId};

use crate::storage;

/// The storage key.
const KEY: &str = "deskbuy.user_writes";
/// The most that are kept: what is dropped then is the oldest.
const MOST: usize = 2000;

/// The region, and the user's name.
type Sent = (String, String);

thread_local! {
    /// Those of this page's life, with what was stored before. `None` until they are asked for.
    static MEMORY: RefCell<Option<Vec<Sent>>> = const { RefCell::new(None) };
}

/// Whether the write of a user was sent and not answered.
pub fn contains(region: &RegionId, name: &str) -> bool {
    let mut is_there = false;
    with(|sent| is_there = sent.iter().any(|sent| is_of(sent, region, name)));
    is_there
}

/// Notes that the write of a user is sent.
pub fn add(region: &RegionId, name: &str) {
    change(|sent| {
        sent.retain(|sent| !is_of(sent, region, name));
        sent.push((region.as_str().to_owned(), name.to_owned()));
        let dropped = sent.len().saturating_sub(MOST);
        sent.drain(..dropped);
    });
}

/// Notes that the writes of users are answered, or will be sent again.
pub fn remove(region: &RegionId, names: &[String]) {
    change(|sent| sent.retain(|sent| !names.iter().any(|name| is_of(sent, region, name))));
}

/// Notes what the directory has: users with addresses, which is what a write leads to.
pub fn find(region: &RegionId, directory: &[UserInfo]) {
    let is_there =
        |sent: &Sent| directory.iter().any(|user| is_of(sent, region, &user.name) && !user.email.trim().is_empty());
    change(|sent| sent.retain(|sent| !is_there(sent)));
}

/// Names are compared as Active Directory does, without case.
fn is_of((place, name): &Sent, region: &RegionId, other: &str) -> bool {
    place == region.as_str() && name.to_lowercase() == other.to_lowercase()
}

fn with(run: impl FnOnce(&mut Vec<Sent>)) {
    MEMORY.with_borrow_mut(|memory| run(memory.get_or_insert_with(stored)));
}

fn change(run: impl FnOnce(&mut Vec<Sent>)) {
    with(|sent| {
        let before = sent.clone();
        run(sent);
        if *sent != before {
            let item = |(region, name): &Sent| Value::from(vec![region.as_str(), name.as_str()]);
            storage::write_list(storage::of_window(), KEY, sent.iter().map(item).collect());
        }
    });
}

fn stored() -> Vec<Sent> {
    let item = |item: &Value| Some((item[0].as_str()?.to_owned(), item[1].as_str()?.to_owned()));
    storage::read_list(storage::of_window(), KEY).iter().filter_map(item).collect()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_was_sent_is_known_until_it_is_answered_or_found() {
        let region = |name: &str| name.parse::<RegionId>().unwrap();
        let (one, other) = (region("cn-hangzhou"), region("cn-beijing"));
        let user = |name: &str, email: &str| UserInfo { name: name.to_owned(), email: email.to_owned() };
        for name in ["张三", "Li.Si", "wang.wu"] {
            add(&one, name);
        }
        add(&other, "张三");
        // Also after a reload, where nothing is in memory.
        MEMORY.set(None);
        assert!(contains(&one, "li.si"));
        remove(&one, &["张三".to_owned()]);
        assert!(!contains(&one, "张三"));
        assert!(contains(&other, "张三"));
        // Without an address it may still be on its way.
        find(&one, &[user("li.si", "l@x.cn"), user("wang.wu", " ")]);
        assert!(!contains(&one, "Li.Si"));
        assert!(contains(&one, "wang.wu"));
        // And where storage has lost it.
        storage::write_list(storage::of_window(), KEY, Vec::new());
        assert!(contains(&one, "wang.wu"));
    }
}
