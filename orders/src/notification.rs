//! Notifications: what a target is told of, and what it is told. How they are delivered is in [`crate::outbox`].

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::{Code, limits::Limit, order::Order};

/// Declares the events with their spelling.
macro_rules! events {
    ($($(#[$doc:meta])* $Variant:ident = $text:literal,)+) => {
        /// What a target can be told of. An order's new state is spelt as the state is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum NotificationEvent { $($(#[$doc])* $Variant,)+ }

        impl NotificationEvent {
            /// All events.
            pub const ALL: &[Self] = &[$(Self::$Variant),+];

            /// The event's spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Variant => $text),+ }
            }
        }
    };
}

events! {
    /// An order is beyond a bound, and waits for an approver.
    AwaitingApproval = "awaiting_approval",
    /// An order was carried out.
    Placed = "placed",
    /// An order was not carried out, for certain.
    Rejected = "rejected",
    /// What became of an order is not known, and a person must look.
    Unresolved = "unresolved",
    /// The months of a desktop end soon, by our records.
    Expiring = "expiring",
    /// Somebody was refused an order by a limit of a day or a month; once a day for each limit.
    LimitReached = "limit_reached",
}

impl std::str::FromStr for NotificationEvent {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|event| event.as_str() == text).ok_or(())
    }
}

/// What a target is told.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Its place in the outbox.
    pub(crate) seq: i64,
    /// The same however often it is delivered.
    pub id: String,
    /// What happened.
    pub event: NotificationEvent,
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The order that it is about, as it stands now: of a desktop, its purchase.
    pub order: Option<Order>,
    /// The order's token, also where the order cannot be read.
    pub token: Option<String>,
    /// What belongs to the event.
    pub details: Details,
    /// Attempts at delivering it so far.
    pub attempts: u32,
}

/// What belongs to an event, each member to one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// Of an order: the code of its problem at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Of a desktop: until when its months last, in milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<i64>,
    /// Of a desktop: the threshold that it has reached, in days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
    /// The limit that was reached.
    #[serde(rename = "limit_reached", skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Who was refused by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The account that the order was for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// The numbers of notifications that are not delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotificationCounts {
    /// Those that are still tried.
    pub waiting: i64,
    /// Those that are tried no more, until an operator says so.
    pub dead: i64,
    /// How long the oldest of those that are still tried has waited.
    pub oldest: Duration,
}

/// A notification that is tried no more.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DeadNotification {
    /// Its identifier.
    pub id: String,
    /// The target's name.
    pub target: String,
    /// What happened.
    pub event: String,
    /// The order that it is about.
    pub token: Option<String>,
    /// When it happened, in milliseconds since 1970 UTC.
    pub at: i64,
    /// How often it was tried.
    pub attempts: i64,
    /// What came of the last attempt.
    pub fault: Option<String>,
}

#[cfg(test)]
mod tests {
    use shared::order::OrderState;

    use super::*;

    #[test]
    fn events_are_spelt_once_and_read_back() {
        let mut seen = std::collections::HashSet::new();
        for event in NotificationEvent::ALL {
            assert!(seen.insert(event.as_str()), "{event:?} stands twice");
            assert_eq!(event.as_str().parse(), Ok(*event));
        }
        // The journal writes a notification by the state's own spelling.
        for state in
            OrderState::ALL.iter().filter(|state| state.is_settled() || **state == OrderState::AwaitingApproval)
        {
            assert!(seen.contains(state.as_str()), "nobody can be told that an order is {}", state.as_str());
        }
    }
}
