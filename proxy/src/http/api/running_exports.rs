//! The exports that run: how many at the same time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::http::middleware::person_limits::PersonLimit;

/// Exports at the same time: of all, and of one person.
const MOST: usize = 4;
const MOST_OF_ONE: u32 = 2;

/// Bounds the exports that run.
#[derive(Clone, Debug)]
pub(crate) struct Exports {
    pub(super) all: Arc<Semaphore>,
    pub(super) each: PersonLimit,
}

impl Default for Exports {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(MOST)), each: PersonLimit::new(MOST_OF_ONE) }
    }
}
