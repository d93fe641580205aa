//! The shape of answers: nesting of lists, and the faults that change only the form. The handlers decide the content.
//! The functions work on plain JSON, so that no action depends on them.

mod mixed;
#[cfg(test)]
mod tests;

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::{Shape, error::Error};

/// The lists of all answers, and a row's name where the list is wrapped. `DesktopTypeItems` is a guess, since the
/// document does not name that list.
const LISTS: &[(&str, &str)] = &[
    ("Regions", "Region"),
    ("DesktopTypeItems", "DesktopTypeItem"),
    ("Images", "Image"),
    ("Users", "User"),
    ("Zones", "Zone"),
    ("VSwitches", "VSwitch"),
];

/// Applies the shape to an answer whose lists are plain arrays.
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

/// The directory's errors, whose text may be in `Code` or only in `Message`.
pub(crate) fn shape_error(error: Error, shape: Shape, rng: &mut Rng) -> Error {
    let text_is_code = error.code == error.message;
    if shape == Shape::Mixed && text_is_code && rng.bool() {
        return Error { code: "CreateUser.Failed".into(), ..error };
    }
    error
}

/// Empties all lists, for the scenario `empty`.
pub(crate) fn empty_lists(answer: &mut Map<String, Value>) {
    for (name, value) in answer {
        match value {
            Value::Array(rows) => rows.clear(),
            Value::Number(_) if name.starts_with("Total") => *value = 0.into(),
            _ => {}
        }
    }
}

/// Gives every member a wrong type, for the scenario `wrong-types`.
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
