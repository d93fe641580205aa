//! Tests of the shapes.

use super::*;
use crate::seed;

fn answer(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => unreachable!("answers are objects"),
    }
}

fn images(number: usize) -> Map<String, Value> {
    let row = |index| json!({ "ImageId": format!("m-{index}"), "ImageDescription": "d", "Progress": "100%" });
    answer(json!({ "Total": number, "Images": (0..number).map(row).collect::<Vec<_>>() }))
}

fn shaped(value: Map<String, Value>, how: Shape, seed: u64) -> Value {
    Value::Object(shape(value, how, &mut seed::rng(seed, "test", 1)))
}

/// The answers for many seeds.
fn mixed(value: &Map<String, Value>) -> Vec<Value> {
    (0..300).map(|seed| shaped(value.clone(), Shape::Mixed, seed)).collect()
}

#[test]
fn flat_and_wrapped() {
    let row = json!({ "ImageId": "m-0", "ImageDescription": "d", "Progress": "100%" });
    assert_eq!(shaped(images(1), Shape::Flat, 1), json!({ "Total": 1, "Images": [row] }));
    assert_eq!(shaped(images(1), Shape::Wrapped, 1), json!({ "Total": 1, "Images": { "Image": [row] } }));
    assert_eq!(shaped(images(0), Shape::Wrapped, 1), json!({ "Total": 0, "Images": { "Image": [] } }));
}

#[test]
fn mixed_is_the_same_for_the_same_seed() {
    assert_eq!(mixed(&images(3)), mixed(&images(3)));
}

#[test]
fn mixed_has_each_oddity_of_lists() {
    let check = |number: usize, what: &str, is: fn(&Value) -> bool| {
        assert!(mixed(&images(number)).iter().any(is), "{what}");
    };
    check(3, "plain", |answer| answer["Images"].is_array());
    check(3, "wrapped", |answer| answer["Images"]["Image"].is_array());
    check(3, "wrapped under another name", |answer| answer["Images"]["Entries"].is_array());
    check(3, "a list in a text", |answer| answer["Images"].as_str().is_some_and(|text| text.starts_with('[')));
    check(3, "an object in a text", |answer| answer["Images"].as_str().is_some_and(|text| text.starts_with('{')));
    check(3, "lower case", |answer| answer["images"].is_array() && answer["images"][0]["imageid"].is_string());
    check(3, "camel case", |answer| answer["images"][0]["imageId"].is_string());
    check(3, "number as text", |answer| answer["Total"] == json!("3"));
    check(3, "misspelt", |answer| {
        answer["Images"][0]["ImageDesciption"].is_string() && answer["Images"][0]["Process"].is_string()
    });
    check(3, "a good code", |answer| answer["Code"] == json!("OK"));
    check(1, "one row without a list", |answer| answer["Images"]["ImageId"].is_string());
    check(0, "null", |answer| answer.get("Images") == Some(&Value::Null));
    check(0, "an empty text", |answer| answer["Images"] == json!(""));
}

#[test]
fn mixed_has_each_oddity_of_members() {
    let check = |value: Value, what: &str, is: fn(&Value) -> bool| {
        assert!(mixed(&answer(value)).iter().any(is), "{what}");
    };
    let available = json!({ "Available": true });
    check(available.clone(), "a boolean", |answer| answer["Available"] == json!(true));
    check(available.clone(), "a boolean as text", |answer| answer["Available"] == json!("true"));
    check(available, "a boolean as number", |answer| answer["Available"] == json!(1));
    let order = json!({ "OrderId": "201000000000001", "DesktopId": "desk-1" });
    check(order, "an order's number", |answer| answer["OrderId"] == json!(201_000_000_000_001_u64));
    let owner = json!({ "Status": "Active", "OwnerVpcId": "vpc-1" });
    check(owner, "the owner inside", |answer| answer["DesktopOwner"]["OwnerVpcId"] == json!("vpc-1"));
    let regions = json!({ "Regions": [{ "RegionId": "a", "EndPoint": "e" }, { "RegionId": "b", "EndPoint": "e" }] });
    check(regions, "the endpoint's spelling", |answer| answer["Regions"][0]["Endpoint"].is_string());
    let types = json!({ "DesktopTypeItems": [{ "TypeItemId": "t" }] });
    check(types.clone(), "one type as the answer", |answer| answer["TypeItemId"].is_string());
    check(types, "types under a name nobody gave", |answer| answer["Items"].is_array());
}

#[test]
fn mixed_loses_nothing() {
    for (seed, answer) in (0..).zip(mixed(&images(3))) {
        let text = answer.to_string();
        assert!(["m-0", "m-1", "m-2"].iter().all(|id| text.contains(id)), "seed {seed}: {text}");
    }
}

#[test]
fn faults_of_looks() {
    let mut emptied = images(3);
    empty_lists(&mut emptied);
    assert_eq!(Value::Object(emptied), json!({ "Total": 0, "Images": [] }));
    let mut wrong = answer(json!({ "Total": 3, "Images": [], "Available": true, "OrderId": "1" }));
    wrong_types(&mut wrong);
    let nested = json!([["nested"], 1.5]);
    assert_eq!(
        Value::Object(wrong),
        json!({ "Total": "many", "Images": 42, "Available": "perhaps", "OrderId": nested })
    );
}

#[test]
fn directory_errors_keep_their_text_somewhere() {
    let error = Error::directory("AD access failed！");
    let shaped = |seed| shape_error(error.clone(), Shape::Mixed, &mut seed::rng(seed, "test", 1));
    assert!((0..50).all(|seed| shaped(seed).message == error.message));
    assert!((0..50).any(|seed| shaped(seed).code == error.code) && (0..50).any(|seed| shaped(seed).code != error.code));
}
