//! Odd rows in lists: each costs itself, and nothing else of the list, if the client is any good.

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// The member without which a row is none; the first one that it has.
const IDENTITIES: &[&str] = &["VSwitchId", "ImageId", "TypeItemId", "ZoneId", "RegionId", "Name"];

/// Puts one or two odd rows among those of each list that has any.
pub(crate) fn add(answer: &mut Map<String, Value>, rng: &mut Rng) {
    let lists = answer.values_mut().filter_map(Value::as_array_mut);
    for rows in lists.filter(|rows| !rows.is_empty()) {
        for _ in 0..rng.usize(1..3) {
            let row = odd(&rows[0], rng);
            rows.insert(rng.usize(..=rows.len()), row);
        }
    }
}

fn odd(row: &Value, rng: &mut Rng) -> Value {
    let identity = IDENTITIES.iter().find(|name| row.get(**name).is_some());
    let with = |value: Value| {
        let mut row = row.clone();
        if let (Some(name), Some(members)) = (identity, row.as_object_mut()) {
            members.insert((*name).to_owned(), value);
        }
        row
    };
    match rng.u8(..8) {
        0 => Value::Null,
        1 => json!(42),
        2 => json!("a text"),
        3 => json!([]),
        4 => json!({}),
        5 => with(Value::Null),
        6 => with(json!({ "Value": row })),
        _ => with(json!("")),
    }
}
