//! The database's clock, by which leases, deadlines and the times of the history go. Proxies on one database share it, so
//! that one whose own clock is wrong gives up nothing too early. It is read regularly, and goes on in between by a clock
//! that nobody sets.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Journal, JournalError, millis};

/// The last reading: when, and what the database said, in milliseconds since 1970 UTC.
#[derive(Debug)]
pub(super) struct Clock(Mutex<(Instant, i64)>);

impl Clock {
    pub(super) fn new(database_time: i64) -> Self {
        Self(Mutex::new((Instant::now(), database_time)))
    }

    fn now(&self) -> i64 {
        let (at, time) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        time.saturating_add(millis(at.elapsed()))
    }

    fn set(&self, database_time: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (Instant::now(), database_time);
    }
}

impl Journal {
    /// The database's time, in milliseconds since 1970 UTC, as of the last reading and the time since.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Reads the database's clock.
    pub(crate) async fn read_clock(&self) -> Result<i64, JournalError> {
        let time = self.database.time().await?;
        self.clock.set(time);
        Ok(time)
    }

    /// The time left of an order that may be driven since then and has `deadline` in all.
    pub(crate) fn time_left(&self, since: i64, deadline: Duration) -> Duration {
        let left = since.saturating_add(millis(deadline)).saturating_sub(self.now());
        Duration::from_millis(u64::try_from(left).unwrap_or_default())
    }
}
