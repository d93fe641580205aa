//! Keeps this proxy's leases, and takes orders that have no driver: those that wait, and those whose lease has expired.

use std::{sync::PoisonError, time::Duration};

use tokio::time::{Instant, sleep_until};

use crate::{JournalError, Orders};

/// Orders taken over in one batch.
const TAKEOVER_BATCH: u32 = 200;
/// The longest time between two takeovers.
const MAX_TAKEOVER_INTERVAL: Duration = Duration::from_secs(5);

impl Orders {
    /// Renews this proxy's leases, and takes orders that wait or whose lease has expired, until the stop.
    pub(crate) async fn keep_leases(self) {
        let every = (self.driver.journal().lease() / 3).min(MAX_TAKEOVER_INTERVAL);
        let mut next_renewal = Instant::now();
        loop {
            let renewed = if Instant::now() >= next_renewal {
                next_renewal = Instant::now() + every;
                self.renew().await
            } else {
                Ok(())
            };
            let taken = match renewed {
                Ok(()) => self.take_over().await,
                Err(error) => Err(error),
            };
            match taken {
                Ok(true) if !self.stopping.is_cancelled() => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "leases cannot be renewed or taken over; trying again"),
            }
            tokio::select! {
                biased;
                () = self.stopping.cancelled() => return,
                () = sleep_until(next_renewal) => {}
                () = self.driver.room_made() => {}
            }
        }
    }

    async fn renew(&self) -> Result<(), JournalError> {
        let journal = self.driver.journal();
        journal.read_clock().await?;
        journal.check_origin().await?;
        journal.keep_position().await;
        // Some may be ours that nobody here knows of, such as one whose commit seemed to fail.
        for token in journal.renew_leases().await? {
            self.driver.take_up(token);
        }
        let active = self.user_writes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for write in journal.renew_user_writes(&active).await? {
            self.tasks.spawn(self.clone().reconcile(write));
        }
        for write in journal.take_over_user_writes(TAKEOVER_BATCH).await? {
            self.tasks.spawn(self.clone().reconcile(write));
        }
        // Last, and no reason to take no orders.
        if let Err(error) = self.expire().await {
            tracing::warn!(%error, "orders that await approval cannot be ended; trying again");
        }
        Ok(())
    }

    /// Takes orders from the journal as far as there is room for them. Whether there may be more.
    async fn take_over(&self) -> Result<bool, JournalError> {
        let wanted = u32::try_from(self.driver.room()).unwrap_or(u32::MAX).min(TAKEOVER_BATCH);
        if wanted == 0 {
            self.driver.more_wait(true);
            return Ok(false);
        }
        self.driver.more_wait(false);
        let orders = self.driver.journal().take_over(wanted).await?;
        if !orders.is_empty() {
            tracing::info!(orders = orders.len(), "taking orders without a driver from the journal");
        }
        let is_full = orders.len() == wanted as usize;
        for entry in orders {
            self.driver.drive(entry);
        }
        if is_full {
            self.driver.more_wait(true);
        }
        Ok(is_full && self.driver.room() > 0)
    }
}
