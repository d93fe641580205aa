//! From an answer's JSON to the types of `shared`: the rules that hold for whole answers. How single values are read
//! tolerantly is in [`tolerant`]; what an error answer means is in [`super::errors`].
//!
//! This is the only place that knows how the upstream spells and nests its answers in practice.

mod tolerant;

#[cfg(test)]
mod tests;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use shared::{
    Action,
    actions::{DescribeDesktopOwner, DescribeDesktopTypeItems},
};

pub use tolerant::DecodeError;
use tolerant::{Tolerant, member};

/// Reads the answer of the action `A`.
pub fn decode<A: Action>(answer: &Value) -> Result<A::Response, DecodeError> {
    match A::NAME {
        DescribeDesktopTypeItems::NAME => read(&json!({ "DesktopTypeItems": type_items(answer) })),
        DescribeDesktopOwner::NAME => read(owner(answer)),
        _ => read(answer),
    }
}

/// A member of the answer as a text, for the members that every answer has.
#[must_use]
pub fn text(answer: &Value, name: &str) -> Option<String> {
    match member(answer.as_object()?, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    T::deserialize(Tolerant::new(value))
}

/// The document gives this list no name, so it is known by what is in it: the first array, at depth 2 at most, whose
/// objects have a `TypeItemId`; or one such object by itself. `Null` where there is neither.
fn type_items(answer: &Value) -> Value {
    fn is_item(value: &Value) -> bool {
        value.as_object().is_some_and(|members| member(members, "TypeItemId").is_some())
    }
    fn find(value: &Value, depth: u8) -> Option<Value> {
        match value {
            Value::Array(items) if items.first().is_some_and(is_item) => Some(value.clone()),
            Value::String(text) => find(&tolerant::nested(text)?, depth),
            Value::Object(_) if is_item(value) => Some(json!([value])),
            Value::Object(members) if depth > 0 => members.values().find_map(|inner| find(inner, depth - 1)),
            _ => None,
        }
    }
    find(answer, 2).unwrap_or_default()
}

/// The account's set-up is the answer itself, or the one object in it that has `OwnerVpcId`. While the account is
/// being set up there may be no network yet; then `Status` tells.
fn owner(answer: &Value) -> &Value {
    let Some(members) = answer.as_object() else { return answer };
    for mark in ["OwnerVpcId", "Status"] {
        let has_mark = |members: &Map<String, Value>| member(members, mark).is_some();
        if has_mark(members) {
            return answer;
        }
        let mut inside = members.values().filter(|inner| inner.as_object().is_some_and(has_mark));
        if let (Some(inner), None) = (inside.next(), inside.next()) {
            return inner;
        }
    }
    answer
}
