//! The orders that tasks of this process drive. Their number is bounded: all others wait in the journal, and are taken from
//! there as tasks end.

use std::{
    collections::{HashMap, hash_map},
    sync::{Mutex, MutexGuard, PoisonError},
};

use shared::ids::ClientToken;
use tokio::sync::Notify;

use crate::journal::Entry;

/// The least bound: orders that pause between two attempts count too.
const LEAST: usize = 1_000;
/// The part of the bound that has to be free before more are taken.
const SHARE: usize = 8;

/// The orders that are driven, each once; with what was last recorded of those that were sent, which a database that fails
/// over may have lost.
#[derive(Debug)]
pub(super) struct Active {
    state: Mutex<State>,
    bound: usize,
    room_made: Notify,
}

#[derive(Debug, Default)]
struct State {
    orders: HashMap<ClientToken, Option<Box<Entry>>>,
    /// Whether orders may wait in the journal.
    more_wait: bool,
}

impl Active {
    /// For a driver that sends so many at once.
    pub(super) fn new(concurrency: usize) -> Self {
        let bound = LEAST.max(concurrency.saturating_mul(4));
        Self { state: Mutex::default(), bound, room_made: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an order; whether it was not there.
    pub(super) fn add(&self, token: &ClientToken) -> bool {
        match self.state().orders.entry(token.clone()) {
            hash_map::Entry::Occupied(_) => false,
            hash_map::Entry::Vacant(place) => {
                place.insert(None);
                true
            }
        }
    }

    /// Removes an order, whose task has ended.
    pub(super) fn remove(&self, token: &ClientToken) {
        let mut state = self.state();
        state.orders.remove(token);
        if state.more_wait && state.orders.len() + self.bound / SHARE <= self.bound {
            self.room_made.notify_one();
        }
    }

    /// How many more there may be.
    pub(super) fn room(&self) -> usize {
        self.bound.saturating_sub(self.state().orders.len())
    }

    /// Notes whether more orders wait in the journal.
    pub(super) fn more_wait(&self, more: bool) {
        let mut state = self.state();
        state.more_wait = more;
        if more && state.orders.len() + self.bound / SHARE <= self.bound {
            self.room_made.notify_one();
        }
    }

    /// Comes when there is room for orders that wait.
    pub(super) async fn room_made(&self) {
        self.room_made.notified().await;
    }

    /// Keeps what was recorded of an order.
    pub(super) fn keep(&self, entry: &Entry) {
        if let Some(known) = self.state().orders.get_mut(&entry.order.token).filter(|_| entry.order.attempts > 0) {
            *known = Some(Box::new(entry.clone()));
        }
    }

    /// What was last recorded of an order that was sent.
    pub(super) fn known(&self, token: &ClientToken) -> Option<Box<Entry>> {
        self.state().orders.get(token).cloned().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn more_are_taken_when_an_eighth_is_free() {
        let active = Active::new(1);
        let token = |number: usize| format!("t-{number}").parse::<ClientToken>().unwrap();
        for number in 0..LEAST {
            assert!(active.add(&token(number)));
        }
        assert!(!active.add(&token(0)));
        assert_eq!(active.room(), 0);
        let is_made = async || timeout(Duration::from_secs(1), active.room_made()).await.is_ok();
        active.more_wait(true);
        for number in 0..LEAST / SHARE - 1 {
            active.remove(&token(number));
        }
        assert!(!is_made().await);
        active.remove(&token(LEAST / SHARE));
        assert!(is_made().await);
        assert_eq!(active.room(), LEAST / SHARE);
        active.more_wait(false);
        active.remove(&token(LEAST / SHARE + 1));
        assert!(!is_made().await);
    }
}
