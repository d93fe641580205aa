//! How an answer looks on the wire: nesting of lists, and the faults that only change looks. What an answer says is the
//! handlers' business. One function over plain JSON, so that no action knows of it.

mod mixed;
#[cfg(test)]
mod tests;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::{Shape, error::Error};

/// The lists of all answers, and what a row is called where the list is wrapped. `DesktopTypeItems` is a guess, since
/// the document gives that list no name.
const LISTS: &[(&str, &str)] = &[
    ("Regions", "Region"),
    ("DesktopTypeItems", "DesktopTypeItem"),
    ("Images", "Image"),
    ("Users", "User"),
    ("Zones", "Zone"),
    ("VSwitches", "VSwitch"),
];

/// Gives an answer, whose lists are plain arrays, its shape.
pub(crate) fn shape(answer: Map<String, Value>, shape: Shape, rng: &mut Rng) -> Map<String, Value> {
    match shape {
        Shape::Flat => answer,
        Shape::Wrapped => answer.into_iter().map(|(name, value)| wrap(name, value)).collect(),
        Shape::Mixed => mixed::shape(answer, rng),
    }
}

fn wrap(name: String, value: Value) -> (String, Value) {
    let row = LISTS.iter().find(|(list, _)| *list == name).map(|(_, row)| *row);
    match row {
        Some(row) if value.is_array() => (name, json!({ row: value })),
        _ => (name, value),
    }
}

/// The directory's errors, whose text the real one may have in `Code` or only in `Message`.
pub(crate) fn shape_error(error: Error, shape: Shape, rng: &mut Rng) -> Error {
    let text_is_code = error.code == error.message;
    if shape == Shape::Mixed && text_is_code && rng.bool() {
        return Error { code: "CreateUser.Failed".into(), ..error };
    }
    error
}

/// Empties all lists, as the scenario `empty` wants it.
pub(crate) fn empty_lists(answer: &mut Map<String, Value>) {
    for (name, value) in answer {
        match value {
            Value::Array(rows) => rows.clear(),
            Value::Number(_) if name.starts_with("Total") => *value = 0.into(),
            _ => {}
        }
    }
}

/// Gives every member a type that it cannot have, as the scenario `wrong-types` wants it.
pub(crate) fn wrong_types(answer: &mut Map<String, Value>) {
    for value in answer.values_mut() {
        *value = match value {
            Value::Array(_) | Value::Object(_) => 42.into(),
            Value::Number(_) => "many".into(),
            Value::Bool(_) => "perhaps".into(),
            Value::String(_) | Value::Null => json!([["nested"], 1.5]),
        };
    }
}
