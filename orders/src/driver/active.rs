//! The orders that tasks of this process drive. Their number is bounded: all others wait in the journal, and are taken from
//! there as tasks end.

use std::{
    collections::{HashMap, hash_map},
    sync::{Mutex, MutexGuard, PoisonError},
};

use shared::ids::ClientToken;
use tokio::sync::Notify;

use crate::journal::Entry;

/// The least bound.
const LEAST: usize = 1_000;
/// The part of the bound that has to be free before more are taken.
const SHARE: usize = 64;
/// Orders that pause between two attempts do not count, so that those of one region that is down leave room for all others;
/// together there are so many times the bound at most.
const WITH_PAUSED: usize = 10;

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
    /// How many of them pause.
    paused: usize,
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

    fn room_in(&self, state: &State) -> usize {
        let all = state.orders.len();
        let running = self.bound.saturating_sub(all.saturating_sub(state.paused));
        running.min((self.bound * WITH_PAUSED).saturating_sub(all))
    }

    /// Wakes who takes orders from the journal, if some wait and there is room.
    fn tell_of_room(&self, state: &State) {
        if state.more_wait && self.room_in(state) >= self.bound / SHARE {
            self.room_made.notify_one();
        }
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
        self.tell_of_room(&state);
    }

    /// Does not count an order for as long as this is held.
    pub(super) fn pause(&self) -> Paused<'_> {
        let mut state = self.state();
        state.paused += 1;
        self.tell_of_room(&state);
        Paused(self)
    }

    /// How many more there may be.
    pub(super) fn room(&self) -> usize {
        self.room_in(&self.state())
    }

    /// How many more there may be of new orders. None while others wait: those have their turn before.
    pub(super) fn room_for_new(&self) -> usize {
        let state = self.state();
        if state.more_wait { 0 } else { self.room_in(&state) }
    }

    /// Notes whether more orders wait in the journal.
    pub(super) fn more_wait(&self, more: bool) {
        let mut state = self.state();
        state.more_wait = more;
        self.tell_of_room(&state);
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

/// An order that pauses.
pub(super) struct Paused<'a>(&'a Active);

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        self.0.state().paused -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn more_are_taken_when_a_part_is_free() {
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

    #[test]
    fn orders_that_pause_leave_their_room_to_others_and_orders_that_wait_are_first() {
        let active = Active::new(1);
        let mut number = 0;
        let mut add = |count: usize| {
            for _ in 0..count {
                number += 1;
                assert!(active.add(&format!("t-{number}").parse().unwrap()));
            }
        };
        add(LEAST);
        let paused: Vec<_> = (0..LEAST).map(|_| active.pause()).collect();
        assert_eq!((active.room(), active.room_for_new()), (LEAST, LEAST));
        active.more_wait(true);
        assert_eq!((active.room(), active.room_for_new()), (LEAST, 0));
        add(LEAST * (WITH_PAUSED - 1) - 7);
        let more: Vec<_> = (0..LEAST * (WITH_PAUSED - 1) - 7).map(|_| active.pause()).collect();
        assert_eq!(active.room(), 7);
        drop(more);
        drop(paused);
        assert_eq!(active.room(), 0);
    }
}
