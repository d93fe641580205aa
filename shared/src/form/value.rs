//! The values of form fields: compared, written as JSON and read back, from an address or an order's parameters.

use std::str::FromStr;

use serde_json::Value;

use crate::values::{ChargeType, ImageType, Period, UserGroup};

/// A value of a field.
pub trait FieldValue: Sized + PartialEq {
    /// Reads a value; `None` if it cannot be one.
    fn from_json(value: &Value) -> Option<Self>;

    /// Writes a value; `None` if nothing is chosen.
    fn to_json(&self) -> Option<Value>;

    /// Whether what holds for this value holds for another one too.
    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

fn parse<T: FromStr>(value: &Value) -> Option<T> {
    value.as_str()?.trim().parse().ok()
}

/// Identifiers.
impl<T: FromStr + Clone + Into<String> + PartialEq> FieldValue for Option<T> {
    fn from_json(value: &Value) -> Option<Self> {
        parse(value).map(Some)
    }
    fn to_json(&self) -> Option<Value> {
        self.clone().map(|id| Value::String(id.into()))
    }
}

macro_rules! closed_sets {
    ($($Type:ty),+) => {$(
        impl FieldValue for $Type {
            fn from_json(value: &Value) -> Option<Self> {
                parse(value)
            }
            fn to_json(&self) -> Option<Value> {
                Some(self.as_str().into())
            }
        }
    )+};
}

closed_sets!(ChargeType, ImageType, UserGroup);

/// Read from a number or a text, as the document types it both ways.
impl FieldValue for Period {
    fn from_json(value: &Value) -> Option<Self> {
        value.as_u64().and_then(|months| months.try_into().ok()).or_else(|| parse(value))
    }
    fn to_json(&self) -> Option<Value> {
        Some(self.months().into())
    }
}

/// Users, of whom JSON has one: an order is for a single user.
impl FieldValue for Vec<String> {
    fn from_json(value: &Value) -> Option<Self> {
        value.as_str().map(|name| vec![name.to_owned()])
    }
    fn to_json(&self) -> Option<Value> {
        self.first().map(|name| name.as_str().into())
    }
    /// Each user has an order of its own, so another user beside these changes nothing for these.
    fn agrees(&self, other: &Self) -> bool {
        self.iter().all(|name| other.contains(name))
    }
}
