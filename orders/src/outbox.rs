//! Delivers notifications: one task for each target, so that one that hangs or fails holds up neither the others nor orders.
//! At least once, and of each order in the order of its events. What is told, and how, is the target's business
//! ([`Deliver`]).

use std::time::Duration;

use cloud::Backoff;
use tokio::time::{Instant, sleep, timeout};

use crate::{Notification, Orders, failpoint, journal::JournalError};

/// How notifications are delivered.
#[derive(Clone, Copy, Debug)]
pub struct DeliverySettings {
    /// Timeout of one attempt.
    pub timeout: Duration,
    /// Backoff between two attempts, at a notification and at a target.
    pub backoff: Backoff,
    /// Attempts at a notification before it is dead.
    pub attempts: u32,
}

impl Default for DeliverySettings {
    /// A notification is tried for about five hours.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            backoff: Backoff { first: Duration::from_secs(2), longest: Duration::from_hours(1) },
            attempts: 18,
        }
    }
}

/// Somebody who is told.
pub trait Deliver: Send + Sync + 'static {
    /// The name in the settings.
    fn name(&self) -> &str;

    /// The most notifications that one message may tell.
    fn most(&self) -> usize;

    /// The time from one message to the next, as the receiver's rate limit has it.
    fn pace(&self) -> Duration;

    /// How many of these one message tells: at least one of them, from the first on.
    fn fits(&self, notifications: &[Notification]) -> usize;

    /// Tells all of these in one message.
    fn deliver(&self, notifications: &[Notification]) -> impl Future<Output = Result<(), DeliveryFault>> + Send;
}

/// Why a message was not delivered. The text holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct DeliveryFault {
    /// What came back.
    pub text: String,
    /// The pause that the receiver asks for.
    pub retry_after: Option<Duration>,
}

/// Poll interval of the outbox.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The shortest lease of a target.
const LEASE: Duration = Duration::from_secs(30);
/// Interval of looking for desktops that expire.
const REMINDER_INTERVAL: Duration = Duration::from_mins(10);

/// What one look at the outbox came to.
enum Round {
    Nothing,
    Delivered,
    Failed(Option<Duration>),
}

/// The deliveries to one target.
struct Delivery<T> {
    orders: Orders,
    target: T,
    settings: DeliverySettings,
    lease: Duration,
    /// Until when the target is ours to deliver to.
    ours_until: Option<Instant>,
}

impl Orders {
    /// Starts to deliver to a target, until the stop.
    pub fn deliver_to<T: Deliver>(&self, target: T, settings: DeliverySettings) {
        let lease = LEASE.max(settings.timeout * 3);
        let delivery = Delivery { orders: self.clone(), target, settings, lease, ours_until: None };
        self.tasks.spawn(delivery.run());
    }

    /// Starts to look for desktops whose months end within so many days, and to forget what need not be known any more of
    /// what was told, until the stop.
    pub fn remind(&self, days: Vec<u16>) {
        let orders = self.clone();
        self.tasks.spawn(async move {
            loop {
                match orders.driver.journal().remind(&days).await {
                    Ok(0) => {}
                    Ok(new) => tracing::info!(desktops = new, "reminders of desktops that expire are written"),
                    Err(error) => tracing::warn!(%error, "desktops that expire cannot be looked for; trying again"),
                }
                if !orders.pause(REMINDER_INTERVAL).await {
                    return;
                }
            }
        });
    }

    /// Waits. Whether to go on.
    async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => false,
            () = sleep(pause) => true,
        }
    }
}

impl<T: Deliver> Delivery<T> {
    async fn run(mut self) {
        let mut failures = 0;
        loop {
            let pause = match self.round().await {
                Ok(Round::Nothing) => POLL_INTERVAL,
                Ok(Round::Delivered) => {
                    failures = 0;
                    self.target.pace()
                }
                Ok(Round::Failed(retry_after)) => {
                    failures += 1;
                    self.settings.backoff.pause(failures, retry_after).max(self.target.pace())
                }
                Err(error) => {
                    tracing::warn!(%error, to = self.target.name(), "notifications cannot be read or recorded; trying again");
                    POLL_INTERVAL
                }
            };
            if !self.orders.pause(pause).await {
                return;
            }
        }
    }

    /// Delivers one message, if there is something to tell.
    async fn round(&mut self) -> Result<Round, JournalError> {
        let journal = self.orders.driver.journal();
        let name = self.target.name();
        let due = journal.due_notifications(name, self.target.most()).await?;
        if due.is_empty() {
            return Ok(Round::Nothing);
        }
        // Long enough for an attempt, and to record it.
        let needed = Instant::now() + self.settings.timeout * 2;
        let due = if self.ours_until.is_some_and(|until| until > needed) {
            due
        } else {
            let until = Instant::now() + self.lease;
            self.ours_until = journal.claim_target(name, self.lease).await?.then_some(until);
            if self.ours_until.is_none() {
                return Ok(Round::Nothing);
            }
            // Another proxy may have delivered them.
            journal.due_notifications(name, self.target.most()).await?
        };
        // What failed is tried by itself, so that it takes no other along.
        let fresh = due.iter().take_while(|notification| notification.attempts == 0).count();
        let together = due.get(..fresh.max(1)).unwrap_or_default();
        let Some(message) = together.get(..self.target.fits(together).max(1)) else { return Ok(Round::Nothing) };
        let in_time = timeout(self.settings.timeout, self.target.deliver(message)).await;
        let delivered = in_time.unwrap_or_else(|_| {
            let text = format!("no answer within {} s", self.settings.timeout.as_secs());
            Err(DeliveryFault { text, retry_after: None })
        });
        failpoint::hit("after-delivery");
        match delivered {
            Ok(()) => {
                journal.delivered(message).await?;
                for Notification { id, event, .. } in message {
                    tracing::debug!(to = name, id, event = event.as_str(), "a notification is delivered");
                }
                Ok(Round::Delivered)
            }
            Err(fault) => {
                for notification in message {
                    self.failed(notification, &fault).await?;
                }
                Ok(Round::Failed(fault.retry_after))
            }
        }
    }

    async fn failed(&self, notification: &Notification, fault: &DeliveryFault) -> Result<(), JournalError> {
        let attempt = notification.attempts.saturating_add(1);
        let is_dead = attempt >= self.settings.attempts;
        let pause = (!is_dead).then(|| self.settings.backoff.pause(attempt, fault.retry_after));
        let (name, id) = (self.target.name(), notification.id.as_str());
        if is_dead {
            tracing::error!(to = name, id, %fault, "a notification is given up; deskbuy notifications lists it");
        } else {
            tracing::warn!(to = name, id, attempt, %fault, "a notification is not delivered; trying again");
        }
        self.orders.driver.journal().not_delivered(notification, &fault.text, pause).await
    }
}
