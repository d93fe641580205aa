//! A list whose users are being written, as this window keeps it: a reload, or a dialog that was closed, loses neither the
//! list nor what was sent without an answer. Where storage is forbidden it is kept until a reload.

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
    /// The names whose writes were sent and not answered.
    pub sent: Vec<String>,
}

impl Kept {
    /// The list that is not finished.
    pub fn any() -> Option<Self> {
        let kept = Self::stored().or_else(|| MEMORY.with_borrow(Clone::clone));
        kept.filter(|kept| !kept.users.is_empty())
    }

    /// The same, if it is one of this region.
    pub fn of(region: &RegionId) -> Option<Self> {
        Self::any().filter(|kept| kept.region == *region)
    }

    fn stored() -> Option<Self> {
        let items = storage::read_list(storage::of_window(), KEY);
        let text = |index: usize| items.get(index).and_then(Value::as_str);
        let sent = items.get(2)?.as_array()?.iter().filter_map(|name| name.as_str().map(str::to_owned));
        Some(Self {
            region: text(0)?.parse().ok()?,
            users: user_list::read(text(1)?).ok()?,
            sent: sent.take(user_list::LONGEST_LIST).collect(),
        })
    }

    /// Keeps it.
    pub fn keep(&self) {
        let sent = self.sent.iter().map(|name| Value::from(name.as_str())).collect();
        let items = vec![self.region.as_str().into(), user_list::write(&self.users).into(), Value::Array(sent)];
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
        let kept = Kept { region: region("cn-hangzhou"), users, sent: vec!["张三".to_owned()] };
        kept.keep();
        assert_eq!(Kept::of(&region("cn-hangzhou")), Some(kept.clone()));
        assert_eq!(Kept::of(&region("cn-beijing")), None);
        // What is stored, by itself, and what is in memory where it was lost.
        MEMORY.set(None);
        assert_eq!(Kept::of(&region("cn-hangzhou")), Some(kept.clone()));
        kept.keep();
        storage::write_list(storage::of_window(), KEY, vec!["junk".into()]);
        assert_eq!(Kept::of(&region("cn-hangzhou")), Some(kept));
        forget();
        assert_eq!(Kept::of(&region("cn-hangzhou")), None);
    }
}
