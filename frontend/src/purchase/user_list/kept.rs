//! A list whose users are being written, as this window keeps it: neither a reload nor a dialog that was closed loses it.
//! Where storage is forbidden it is kept until a reload.

use std::cell::RefCell;

use serde_json::Value;
use shared::{
    ids::RegionId,
    user_list::{self, ListedUser},
};

use crate::storage;

/// The storage key.
const KEY: &str = "deskbuy.user_list";

thread_local! {
    static MEMORY: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// A list that is not finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where its users are written.
    pub region: RegionId,
    /// Its rows, without those that cannot be written or picked.
    pub users: Vec<ListedUser>,
}

impl Kept {
    /// The list that is not finished.
    pub fn any() -> Option<Self> {
        // What is stored may be older, where storage has become full.
        let kept = MEMORY.with_borrow(Clone::clone).or_else(Self::stored);
        kept.filter(|kept| !kept.users.is_empty())
    }

    /// The same, if it is one of this region.
    pub fn of(region: &RegionId) -> Option<Self> {
        Self::any().filter(|kept| kept.region == *region)
    }

    fn stored() -> Option<Self> {
        let items = storage::read_list(storage::of_window(), KEY);
        let text = |index: usize| items.get(index).and_then(Value::as_str);
        Some(Self { region: text(0)?.parse().ok()?, users: user_list::read(text(1)?).ok()? })
    }

    /// Keeps it.
    pub fn keep(&self) {
        let items = vec![self.region.as_str().into(), user_list::write(&self.users).into()];
        storage::write_list(storage::of_window(), KEY, items);
        MEMORY.set(Some(self.clone()));
    }
}

/// Forgets the list: it is finished, or was given up.
pub fn forget() {
    storage::write_list(storage::of_window(), KEY, Vec::new());
    MEMORY.set(None);
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_list_is_kept_for_its_region() {
        let region = |name: &str| name.parse::<RegionId>().unwrap();
        let user = |name: &str, email: &str| ListedUser { name: name.to_owned(), email: email.to_owned() };
        let users = vec![user("张三", "z@x.cn"), user("=1,\"2\"", "")];
        let kept = Kept { region: region("cn-hangzhou"), users };
        kept.keep();
        assert_eq!(Kept::of(&region("cn-hangzhou")), Some(kept.clone()));
        assert_eq!(Kept::of(&region("cn-beijing")), None);
        // What is stored, by itself, and what is in memory where it was lost, or could not be stored.
        MEMORY.set(None);
        assert_eq!(Kept::of(&region("cn-hangzhou")), Some(kept.clone()));
        kept.keep();
        for stale in [vec!["junk".into()], vec!["cn-hangzhou".into(), "name\nold".into()]] {
            storage::write_list(storage::of_window(), KEY, stale);
            assert_eq!(Kept::of(&region("cn-hangzhou")), Some(kept.clone()));
        }
        forget();
        assert_eq!(Kept::of(&region("cn-hangzhou")), None);
    }
}
