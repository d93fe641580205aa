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

/// Adds an entry that cannot be read to each list, for the scenario `odd-items`. Totals count it.
pub(crate) fn odd_items(answer: &mut Map<String, Value>) {
    let odd = |list: &str| match list {
        "Regions" => json!({ "RegionId": "CN_OLD", "LocalName": "old" }),
        "DesktopTypeItems" => json!({ "TypeItemId": "desktop.odd", "Cpu": 2, "Memory": "plenty" }),
        "VSwitches" => json!({ "VSwitchId": "vsw-odd", "AvailableIpAddressCount": -1 }),
        // Without an identifier.
        _ => json!({ "ImageName": "odd", "Email": "odd@example.com", "LocalName": "odd" }),
    };
    let mut has_list = false;
    for (list, _) in LISTS {
        if let Some(Value::Array(rows)) = answer.get_mut(*list) {
            rows.insert(rows.len().min(1), odd(list));
            has_list = true;
        }
    }
    for total in ["Total", "TotalCount"] {
        if let Some(count) = answer.get(total).and_then(Value::as_u64).filter(|_| has_list) {
            answer.insert(total.to_owned(), (count + 1).into());
        }
    }
}

/// Gives desktop types sizes that are no whole numbers, for the scenario `fractions`.
pub(crate) fn fractions(answer: &mut Map<String, Value>) {
    let Some(Value::Array(rows)) = answer.get_mut("DesktopTypeItems") else { return };
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        if row.get("Gpu").and_then(Value::as_u64).is_some_and(|gpu| gpu > 0) {
            row.insert("Gpu".to_owned(), json!(0.5));
        }
        row.insert("SysDiskSize".to_owned(), json!("50G"));
    }
    if let Some(row) = rows.first_mut().and_then(Value::as_object_mut) {
        row.insert("Memory".to_owned(), json!(1.5));
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
