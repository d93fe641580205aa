//! The reader beside `serde_json`, which says what is JSON and what a type takes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::*;

/// A type with one of everything that types of the page have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Everything {
    name: String,
    #[serde(default)]
    count: u32,
    signed: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<f64>,
    is_there: bool,
    kind: Kind,
    rows: Vec<(String, u8)>,
    by_name: BTreeMap<String, Unit>,
    inner: Option<Box<Everything>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Plain,
    OfText(String),
    OfMembers {
        size: u16,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Unit(u64);

/// Both take a text for the same value of this type, or neither takes it.
fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) {
    assert_eq!(read::<T>(text).ok(), serde_json::from_str::<T>(text).ok(), "{text}");
}

#[test]
fn texts_that_are_json_and_texts_that_are_not() {
    for text in [
        "",
        " ",
        "null",
        "true",
        "false",
        "nul",
        "truely",
        "tru",
        "True",
        "0",
        "-0",
        "-",
        "01",
        "-01",
        "1.",
        ".1",
        "1.5",
        "-1.5",
        "1e3",
        "1E+3",
        "15e-1",
        "1e",
        "1e+",
        "+1",
        "0x1",
        "NaN",
        "Infinity",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "1e400",
        "-1e400",
        "1e-400",
        "0e999999999999",
        "1e-999999999999",
        "1 2",
        "[]",
        "[ ]",
        "[1]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1,2",
        "]",
        "[[]",
        "{}",
        "{ }",
        "{\"a\":1}",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,\"a\":2}",
        "{1:2}",
        "\"\"",
        "\"a\"",
        "\"a",
        "\"\\\"",
        "\"\\\"\"",
        "\"\\n\\t\\r\\b\\f\\/\\\\\"",
        "\"\\u00e9\\u4E91\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\x\"",
        "\"云桌面\"",
        "\"\\云\"",
        "云",
        "\u{feff}1",
        "\u{a0}1",
        "1\u{0}",
        "\"\u{1}\"",
        "\"\n\"",
        "\"\u{7f}\"",
        "\t\r\n 1 \t\r\n",
        "//1",
        "'a'",
        "\"a\"\"b\"",
    ] {
        check::<Value>(text);
        check::<String>(text);
        check::<Vec<u8>>(text);
        check::<u64>(text);
        check::<i64>(text);
        check::<Option<bool>>(text);
    }
}

#[test]
fn members_by_name_in_any_order() {
    let whole = serde_json::to_string(&Everything { name: "a".into(), ..Everything::default() }).unwrap();
    check::<Everything>(&whole);
    for (what, with) in [
        ("\"Count\":0", "\"Count\":4294967295"),
        ("\"Count\":0", "\"Count\":4294967296"),
        ("\"Count\":0", "\"Count\":-1"),
        ("\"Count\":0", "\"Count\":1.0"),
        ("\"Count\":0", "\"Count\":null"),
        ("\"Count\":0,", ""),
        ("\"Count\":0", "\"Count\":0,\"Count\":0"),
        ("\"Count\":0", "\"count\":0,\"Other\":{\"deep\":[1,\"]}\",{}]}"),
        ("\"Count\":0", "\"Other\":[1,]"),
        ("\"Name\":\"a\",", ""),
        ("\"Name\":\"a\"", "\"Name\":null"),
        ("\"Name\":\"a\"", "\"N\\u0061me\":\"\\u0061\""),
        ("\"Signed\":null,", ""),
        ("\"Signed\":null", "\"Signed\":-7"),
        ("\"IsThere\":false", "\"IsThere\":true,\"Part\":0.25"),
        ("\"IsThere\":false", "\"IsThere\":0"),
        ("\"plain\"", "\"other\""),
        ("\"plain\"", "{\"of_text\":\"b\"}"),
        ("\"plain\"", "{\"of_text\":\"b\",\"more\":1}"),
        ("\"plain\"", "{\"of_members\":{\"size\":3}}"),
        ("\"plain\"", "{\"plain\":null}"),
        ("\"plain\"", "{}"),
        ("\"plain\"", "1"),
        ("\"Rows\":[]", "\"Rows\":[[\"a\",1],[\"b\",2]]"),
        ("\"Rows\":[]", "\"Rows\":[[\"a\",1,2]]"),
        ("\"Rows\":[]", "\"Rows\":[[\"a\"]]"),
        ("\"Rows\":[]", "\"Rows\":[[\"a\",256]]"),
        ("\"Rows\":[]", "\"Rows\":{}"),
        ("\"ByName\":{}", "\"ByName\":{\"x\":1,\"y\":2}"),
    ] {
        let text = whole.replace(what, with);
        assert_ne!(text, whole, "{what}");
        check::<Everything>(&text);
    }
}

#[test]
fn what_lies_too_deep_is_refused() {
    for deep in [1, 126, 127, 128, 100_000] {
        check::<Value>(&format!("{}{}", "[".repeat(deep), "]".repeat(deep)));
        check::<Everything>(&format!("{{\"Other\":{}{}}}", "{\"a\":[".repeat(deep / 2), "]}".repeat(deep / 2)));
    }
}

#[test]
fn an_error_has_its_place() {
    assert_eq!(read::<Vec<u8>>("[1, 2, x]"), Err(7));
    assert_eq!(read::<Value>("{\"a\": 1} b"), Err(9));
}

/// Any JSON, with numbers that are written in one way only.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read(value in any_json(), is_pretty: bool) {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        prop_assert_eq!(read::<Value>(&text), Ok(value));
    }

    #[test]
    fn a_damaged_text_is_taken_as_serde_json_takes_it(value in any_json(), at: prop::sample::Index, with in "[\\[\\]{},:\"0-9a-z. \\\\]{0,2}") {
        let text: Vec<char> = value.to_string().chars().collect();
        let at = at.index(text.len());
        let damaged: String = text[..at].iter().copied().chain(with.chars()).chain(text[at + 1..].iter().copied()).collect();
        let (ours, theirs) = (read::<Value>(&damaged).ok(), serde_json::from_str::<Value>(&damaged).ok());
        // Of what is not exact, both give one of the nearest.
        prop_assert_eq!(ours.map(without_fractions), theirs.map(without_fractions), "{}", damaged);
    }

    #[test]
    fn doubles_of_few_digits_are_exact(digits in 0..1_000_000_000_000_000_u64, places in -22..=22_i32, is_negative: bool) {
        let text = format!("{}{digits}e{places}", if is_negative { "-" } else { "" });
        prop_assert_eq!(read::<f64>(&text), Ok(text.parse().unwrap()));
        let text = format!("{}.{:03}", digits / 1000, digits % 1000);
        prop_assert_eq!(read::<f64>(&text), Ok(text.parse().unwrap()));
    }

    #[test]
    fn any_double_is_nearly_what_was_written(number in any::<f64>().prop_filter("numbers", |number| number.is_finite())) {
        let text = serde_json::to_string(&number).unwrap();
        let back = read::<f64>(&text).unwrap();
        // Numbers near zero have fewer digits.
        prop_assert!((back - number).abs() <= number.abs() * 1e-14 + 1e-300, "{text} {back}");
    }
}

/// The same, with floating-point numbers made equal.
fn without_fractions(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::from(0.5),
        Value::Array(items) => items.into_iter().map(without_fractions).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, without_fractions(value))).collect(),
        other => other,
    }
}
