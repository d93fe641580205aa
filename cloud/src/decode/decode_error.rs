//! Why an answer cannot be read.

use std::fmt;

use serde::de;

/// What could not be read, and where. Holds no value of the answer, so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", if .member.is_empty() { "the answer" } else { .member })]
pub struct DecodeError {
    /// Path of the member, for example `Images[3].ImageId`; empty for the answer as a whole.
    pub member: String,
    /// What was expected there.
    pub reason: String,
}

impl DecodeError {
    /// A member that has to be there is not.
    pub(super) fn missing(member: &str) -> Self {
        Self { member: member.to_owned(), reason: "missing".to_owned() }
    }

    pub(super) fn expected(what: &str) -> Self {
        Self { member: String::new(), reason: format!("expected {what}") }
    }

    /// The same error, seen from outside the member.
    pub(super) fn within(mut self, outer: &str) -> Self {
        let separator = if self.member.is_empty() || self.member.starts_with('[') { "" } else { "." };
        self.member = format!("{outer}{separator}{}", self.member);
        self
    }
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { member: String::new(), reason: reason.to_string() }
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::expected(&expected.to_string())
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::expected(&expected.to_string())
    }
    fn missing_field(field: &'static str) -> Self {
        Self::missing(field)
    }
}
