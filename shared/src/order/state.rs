//! The state machine of an order: its states, the events, and the one function that says which event leads where.

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// On disk, and beyond what is bought without an approver: it is not sent before one has approved it.
    AwaitingApproval,
    /// On disk; the upstream has not heard of it.
    Accepted,
    /// Sent at least once; what became of it is not known yet.
    Sending,
    /// Carried out. Final.
    Placed,
    /// Not carried out, for certain. Final.
    Rejected,
    /// May or may not have been carried out, and time is up: a person must look.
    Unresolved,
}

/// What can happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderEvent {
    /// An approver approved it.
    Approved,
    /// An approver declined it.
    Declined,
    /// No approver decided in time.
    Expired,
    /// It is about to go to the upstream, for the first time or again with the same token.
    Sent,
    /// The upstream carried it out.
    Confirmed,
    /// It was refused, here or by the upstream.
    Refused,
    /// The deadline passed without a definite answer.
    GaveUp,
}

impl OrderState {
    /// All states.
    pub const ALL: &[Self] =
        &[Self::AwaitingApproval, Self::Accepted, Self::Sending, Self::Placed, Self::Rejected, Self::Unresolved];

    /// The state after an event; `None` where the event cannot happen. The one place that knows.
    #[must_use]
    pub const fn after(self, event: OrderEvent) -> Option<Self> {
        use OrderEvent::{Approved, Confirmed, Declined, Expired, GaveUp, Refused, Sent};
        match (self, event) {
            (Self::AwaitingApproval, Approved) => Some(Self::Accepted),
            (Self::Accepted | Self::Sending, Sent) => Some(Self::Sending),
            // An order in doubt is decided by a person who looked.
            (Self::Sending | Self::Unresolved, Confirmed) => Some(Self::Placed),
            // An order that was never sent did not happen, so giving up on it is a rejection.
            (Self::AwaitingApproval, Declined | Expired)
            | (Self::Accepted, Refused | GaveUp)
            | (Self::Sending | Self::Unresolved, Refused) => Some(Self::Rejected),
            (Self::Sending, GaveUp) => Some(Self::Unresolved),
            _ => None,
        }
    }

    /// The state of an order of which it becomes known late, whatever has been recorded since, that it was carried out.
    /// `None` where that is known already.
    #[must_use]
    pub const fn after_late_confirmation(self) -> Option<Self> {
        match self {
            Self::Placed => None,
            Self::AwaitingApproval | Self::Accepted | Self::Sending | Self::Rejected | Self::Unresolved => {
                Some(Self::Placed)
            }
        }
    }

    /// Whether nothing more happens to it but by a person who looks: a final state, or one in doubt past its deadline.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Placed | Self::Rejected | Self::Unresolved)
    }

    /// The spelling, as in JSON and in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::Accepted => "accepted",
            Self::Sending => "sending",
            Self::Placed => "placed",
            Self::Rejected => "rejected",
            Self::Unresolved => "unresolved",
        }
    }
}

impl std::str::FromStr for OrderState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVENTS: [OrderEvent; 7] = [
        OrderEvent::Approved,
        OrderEvent::Declined,
        OrderEvent::Expired,
        OrderEvent::Sent,
        OrderEvent::Confirmed,
        OrderEvent::Refused,
        OrderEvent::GaveUp,
    ];

    proptest! {
        /// After any events, from either state in which an order is accepted: one that was sent is rejected only by a
        /// refusal, a final state sends nothing, and what awaits approval is sent only after it.
        #[test]
        fn no_history_misreports(
            events in proptest::collection::vec(prop::sample::select(EVENTS.to_vec()), 0..12),
            awaits in any::<bool>(),
        ) {
            let mut state = if awaits { OrderState::AwaitingApproval } else { OrderState::Accepted };
            let (mut sent, mut refused, mut confirmed, mut approved, mut turned_down) = (false, false, false, !awaits, false);
            for event in events {
                let Some(next) = state.after(event) else { continue };
                prop_assert!(!(state.is_settled() && event == OrderEvent::Sent));
                match event {
                    OrderEvent::Approved => {
                        prop_assert!(!approved, "approved once at most");
                        approved = true;
                    }
                    OrderEvent::Declined | OrderEvent::Expired => {
                        prop_assert!(!approved && !sent);
                        turned_down = true;
                    }
                    OrderEvent::Sent => sent = true,
                    OrderEvent::Refused => refused = true,
                    OrderEvent::Confirmed => confirmed = true,
                    OrderEvent::GaveUp => {}
                }
                prop_assert!(approved || !sent);
                state = next;
            }
            match state {
                OrderState::AwaitingApproval => prop_assert!(!approved && !sent && !turned_down),
                OrderState::Accepted => prop_assert!(approved && !sent),
                OrderState::Placed => prop_assert!(confirmed && sent),
                OrderState::Rejected => prop_assert!(refused || !sent),
                OrderState::Sending | OrderState::Unresolved => prop_assert!(sent && !refused && !confirmed),
            }
            prop_assert!(!turned_down || (state == OrderState::Rejected && !sent), "what was turned down stays so");
        }
    }

    #[test]
    fn states_are_spelt_the_same_everywhere() {
        for state in OrderState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
    }
}
