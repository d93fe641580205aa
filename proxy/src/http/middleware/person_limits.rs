//! Bounds what one person may hold at the same time, such as streams and long polls, so that nobody uses up everybody's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How many a person holds, by the person's identifier. Clones share the counts.
#[derive(Clone, Debug)]
pub(in crate::http) struct PersonLimit {
    most: u32,
    held: Arc<Mutex<HashMap<String, u32>>>,
}

/// One that is held. It is given back when this is dropped.
#[derive(Debug)]
pub(in crate::http) struct Held {
    limit: PersonLimit,
    id: Option<String>,
}

impl PersonLimit {
    /// A limit of so many for each person.
    pub(in crate::http) fn new(most: u32) -> Self {
        Self { most, held: Arc::default() }
    }

    /// One more for this person. `None` if the person has all. Without sign-in nobody is counted.
    pub(in crate::http) fn hold(&self, id: Option<&str>) -> Option<Held> {
        if let Some(id) = id {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(id.to_owned()).or_default();
            if *count >= self.most {
                return None;
            }
            *count += 1;
        }
        Some(Held { limit: self.clone(), id: id.map(str::to_owned) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(id) = &self.id else { return };
        let mut held = self.limit.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(id) {
            *count -= 1;
            if *count == 0 {
                held.remove(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_so_many_and_gives_them_back() {
        let limit = PersonLimit::new(2);
        let one = limit.hold(Some("ann"));
        let two = limit.hold(Some("ann"));
        assert!(one.is_some() && two.is_some() && limit.hold(Some("ann")).is_none());
        assert!(limit.hold(Some("bob")).is_some() && limit.hold(None).is_some());
        drop(one);
        assert!(limit.hold(Some("ann")).is_some());
        drop(two);
        assert!(limit.held.lock().unwrap().is_empty(), "nothing is kept of those who are gone");
    }
}
