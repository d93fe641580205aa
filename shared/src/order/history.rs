//! The history of an order. The effect of each event on the state is in [`OrderState::after`].

use serde::{Deserialize, Serialize};

use super::state::{OrderEvent, OrderState};
use crate::Code;

/// A line of an order's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryEntry {
    /// When, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What happened.
    pub event: HistoryEvent,
    /// Where the order stood afterwards.
    pub state: OrderState,
    /// How often it had been sent by then.
    pub attempt: u32,
    /// What went wrong, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The `RequestId` of the upstream's answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<String>,
    /// The note of the person who decided, about its approval or about its outcome by hand. Of a change of order fields: their
    /// keys, separated by blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who approved or declined it, or changed its order fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What a line of the history is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum HistoryEvent {
    /// It was put on disk.
    Accepted,
    /// An approver approved it.
    Approved,
    /// An approver declined it.
    Declined,
    /// No approver decided in time.
    Expired,
    /// It went to the upstream.
    Sent,
    /// An answer, or a timeout, that left the outcome open.
    Answered,
    /// The upstream, or a person who looked, says that it was carried out.
    Confirmed,
    /// It was refused, here or upstream, or a person who looked says that it was not carried out.
    Refused,
    /// The deadline passed.
    GaveUp,
    /// A person changed values of its order fields.
    FieldsChanged,
}

impl HistoryEvent {
    /// All events.
    pub const ALL: &[Self] = &[
        Self::Accepted,
        Self::Approved,
        Self::Declined,
        Self::Expired,
        Self::Sent,
        Self::Answered,
        Self::Confirmed,
        Self::Refused,
        Self::GaveUp,
        Self::FieldsChanged,
    ];

    /// The spelling, as in JSON and in the journal.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::GaveUp => "gave_up",
            Self::FieldsChanged => "fields_changed",
        }
    }
}

/// An answer that leaves an order where it stands is no event to its state, but a line of its history.
impl From<Option<OrderEvent>> for HistoryEvent {
    fn from(event: Option<OrderEvent>) -> Self {
        match event {
            None => Self::Answered,
            Some(OrderEvent::Approved) => Self::Approved,
            Some(OrderEvent::Declined) => Self::Declined,
            Some(OrderEvent::Expired) => Self::Expired,
            Some(OrderEvent::Sent) => Self::Sent,
            Some(OrderEvent::Confirmed) => Self::Confirmed,
            Some(OrderEvent::Refused) => Self::Refused,
            Some(OrderEvent::GaveUp) => Self::GaveUp,
        }
    }
}

impl std::str::FromStr for HistoryEvent {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|event| event.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_spelt_the_same_everywhere() {
        for event in HistoryEvent::ALL {
            assert_eq!(serde_json::to_value(event).unwrap(), event.as_str());
            assert_eq!(event.as_str().parse(), Ok(*event));
        }
        assert_eq!("bought".parse::<HistoryEvent>(), Err(()));
    }
}
