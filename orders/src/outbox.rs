//! Delivers notifications: one task for each target, so that one that hangs or fails holds up neither the others nor orders.
//! At least once, and of each order in the order of its events. What is told, and how, is the target's business
//! ([`Deliver`]).

use std::time::Duration;

use cloud::Backoff;
use tokio::time::{Instant, sleep, timeout};

use crate::{Notification, NotificationEvent, Orders, failpoint, journal::JournalError};

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
    /// A notification that is refused is tried for five hours on average: the pauses are random up to their limit.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            backoff: Backoff { first: Duration::from_secs(2), longest: Duration::from_hours(1) },
            attempts: 21,
        }
    }
}

/// A receiver of notifications.
pub trait Deliver: Send + Sync + 'static {
    /// The name in the settings.
    fn name(&self) -> &str;

    /// What it is told of.
    fn events(&self) -> &[NotificationEvent];

    /// The most notifications that one message may tell.
    fn most(&self) -> usize;

    /// The time from one message to the next, as the receiver's rate limit has it.
    fn pace(&self) -> Duration;

    /// How many of these fit into one message, from the first on. One is sent even if it does not fit.
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
    /// Whether the receiver takes no more for now, whatever it is sent: no attempt at a notification.
    pub is_throttled: bool,
}

/// Poll interval of the outbox.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The shortest lease of a target.
const LEASE: Duration = Duration::from_secs(30);
/// The longest pause after failures of a target. A notification that failed waits longer, and holds up no other.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Interval of saying that the settings have a target.
const SEEN_INTERVAL: Duration = Duration::from_mins(1);
/// After this time without a proxy whose settings have it, a target is forgotten.
const UNSEEN: Duration = Duration::from_hours(1);
/// Interval of looking for desktops that expire.
const REMINDER_INTERVAL: Duration = Duration::from_mins(10);

/// What one look at the outbox came to.
enum Round {
    Nothing,
    Delivered,
    Failed {
        retry_after: Option<Duration>,
        /// Whether this message says something of the target: what failed before may be refused for its content.
        is_fresh: bool,
    },
    Stopped,
}

/// The deliveries to one target.
struct Delivery<T> {
    orders: Orders,
    target: T,
    settings: DeliverySettings,
    lease: Duration,
    /// Until when the target is ours to deliver to.
    ours_until: Option<Instant>,
    /// When the journal was last told that the settings have the target.
    seen: Option<Instant>,
    /// What was delivered and could not be recorded yet.
    unrecorded: Vec<Notification>,
}

impl Orders {
    /// Starts to deliver to a target, until the stop.
    pub fn deliver_to<T: Deliver>(&self, target: T, settings: DeliverySettings) {
        let lease = LEASE.max(settings.timeout * 3);
        let delivery = Delivery {
            orders: self.clone(),
            target,
            settings,
            lease,
            ours_until: None,
            seen: None,
            unrecorded: Vec::new(),
        };
        self.tasks.spawn(delivery.run());
    }

    /// Starts to write reminders of desktops that expire within so many days, and to remove old notifications and targets,
    /// until the stop.
    pub fn remind(&self, days: Vec<u16>) {
        let orders = self.clone();
        // Proxies that start after a long time say first whom they tell.
        let forget_from = Instant::now() + UNSEEN;
        self.tasks.spawn(async move {
            loop {
                match orders.driver.journal().remind(&days).await {
                    Ok(0) => {}
                    Ok(new) => tracing::info!(desktops = new, "reminders of desktops that expire are written"),
                    Err(error) => tracing::warn!(%error, "desktops that expire cannot be looked for; trying again"),
                }
                if Instant::now() > forget_from
                    && let Err(error) = orders.driver.journal().clear_notifications(UNSEEN).await
                {
                    tracing::warn!(%error, "old notifications cannot be removed; trying again");
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
        let backoff = Backoff { longest: self.settings.backoff.longest.min(LONGEST_PAUSE), ..self.settings.backoff };
        let (mut failures, mut errors) = (0, 0);
        loop {
            let round = self.round().await;
            errors = if round.is_err() { errors + 1 } else { 0 };
            let pause = match round {
                Ok(Round::Nothing) => POLL_INTERVAL,
                Ok(Round::Delivered) => {
                    failures = 0;
                    self.target.pace()
                }
                Ok(Round::Failed { retry_after, is_fresh }) => {
                    failures += u32::from(is_fresh || failures == 0);
                    backoff.pause(failures, retry_after).max(self.target.pace())
                }
                Ok(Round::Stopped) => return,
                Err(error) => {
                    tracing::warn!(%error, to = self.target.name(), "notifications cannot be read or recorded; trying again");
                    backoff.pause(errors, Some(POLL_INTERVAL)).max(self.target.pace())
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
        if !self.unrecorded.is_empty() {
            // Before anything else is sent, or it would be sent again.
            journal.delivered(name, &self.unrecorded).await?;
            self.unrecorded.clear();
        }
        if self.seen.is_none_or(|seen| seen.elapsed() >= SEEN_INTERVAL) {
            journal.see_target(name, self.target.events()).await?;
            self.seen = Some(Instant::now());
        }
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
        let in_time = tokio::select! {
            biased;
            // It stays as it was, and may come twice.
            () = self.orders.stopping.cancelled() => return Ok(Round::Stopped),
            in_time = timeout(self.settings.timeout, self.target.deliver(message)) => in_time,
        };
        let delivered = in_time.unwrap_or_else(|_| {
            let text = format!("no answer within {} s", self.settings.timeout.as_secs());
            Err(DeliveryFault { text, retry_after: None, is_throttled: false })
        });
        failpoint::hit("after-delivery");
        match delivered {
            Ok(()) => {
                for Notification { id, event, .. } in message {
                    tracing::debug!(to = name, id, event = event.as_str(), "a notification is delivered");
                }
                if let Err(error) = journal.delivered(name, message).await {
                    self.unrecorded = message.to_vec();
                    return Err(error);
                }
                Ok(Round::Delivered)
            }
            Err(fault) => {
                self.failed(message, &fault).await?;
                Ok(Round::Failed { retry_after: fault.retry_after, is_fresh: fresh > 0 })
            }
        }
    }

    async fn failed(&self, message: &[Notification], fault: &DeliveryFault) -> Result<(), JournalError> {
        let name = self.target.name();
        let mut failed = Vec::with_capacity(message.len());
        for notification in message {
            let id = notification.id.as_str();
            let attempt = notification.attempts.saturating_add(1);
            let is_dead = attempt >= self.settings.attempts && !fault.is_throttled;
            if is_dead {
                tracing::error!(to = name, id, %fault, "a notification is given up; deskbuy notifications lists it");
            } else {
                tracing::warn!(to = name, id, attempt, %fault, "a notification is not delivered; trying again");
            }
            let pause = (!is_dead).then(|| self.settings.backoff.pause(attempt, fault.retry_after));
            failed.push((notification, pause));
        }
        let journal = self.orders.driver.journal();
        let given_up = journal.not_delivered(name, &failed, &fault.text, !fault.is_throttled).await?;
        if given_up > 0 {
            tracing::error!(
                to = name,
                notifications = given_up,
                "a target has failed for hours: what waited as long is given up; deskbuy notifications lists it"
            );
        }
        Ok(())
    }
}
