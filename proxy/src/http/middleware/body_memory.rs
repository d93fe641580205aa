//! Bounds what bodies of requests take in memory, of everybody together, with and without sign-in.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::person_limits::PersonLimit;

/// What bodies may take all together, in kB: those of batches, and apart from them all others, so that nobody who sends batches
/// keeps others from being read.
const BATCH_BODIES: usize = 8 << 10;
const OTHER_BODIES: usize = 8 << 10;
/// The most bodies of one person that are received at a time.
const MOST_OF_ONE: u32 = 16;

/// The bounds. Clones share them.
#[derive(Clone, Debug)]
pub(in crate::http) struct BodyMemory {
    /// Batches of orders.
    pub(in crate::http) batches: Arc<Semaphore>,
    /// All others.
    pub(in crate::http) others: Arc<Semaphore>,
    /// Those of each person: nobody keeps others from being read by sending slowly.
    pub(in crate::http) each: PersonLimit,
}

impl Default for BodyMemory {
    fn default() -> Self {
        Self {
            batches: Arc::new(Semaphore::new(BATCH_BODIES)),
            others: Arc::new(Semaphore::new(OTHER_BODIES)),
            each: PersonLimit::new(MOST_OF_ONE),
        }
    }
}

/// The memory of a body, which others can have when this is dropped.
#[derive(Debug, Default)]
pub(in crate::http) struct BodyHeld(Option<OwnedSemaphorePermit>);

impl BodyHeld {
    /// Takes memory until the body has so many bytes. Whether there is as much.
    pub(in crate::http) fn grow(&mut self, bytes: usize, memory: &Arc<Semaphore>) -> bool {
        let has = self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let wanted = u32::try_from(bytes.div_ceil(1 << 10).saturating_sub(has)).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(memory).try_acquire_many_owned(wanted) else { return false };
        match &mut self.0 {
            Some(held) => held.merge(more),
            None => self.0 = Some(more),
        }
        true
    }
}
