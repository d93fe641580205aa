//! The identifiers in an answer to a purchase or a renewal, wherever they stand: they prove that it was carried out, so
//! none may be overlooked. How else answers nest is told in [`super`].

use std::str::FromStr;

use shared::ids::{DesktopId, OrderId};

use super::members::nested;
use crate::json::Json;

/// What an answer names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identifiers {
    /// The upstream's order.
    pub order_id: Option<OrderId>,
    /// The desktop; of several the first.
    pub desktop_id: Option<DesktopId>,
}

/// Deeper than any answer nests, objects in texts included.
const DEPTH: u8 = 12;

/// What stands in place of an identifier where there is none, without its punctuation.
const PLACEHOLDERS: &[&str] = &[
    "null",
    "nil",
    "none",
    "undefined",
    "true",
    "false",
    "na",
    "nan",
    "unknown",
    "empty",
    "string",
    "pending",
    "processing",
    "error",
    "fail",
    "failed",
    "failure",
    "ok",
    "success",
    "orderid",
    "desktopid",
];

impl Identifiers {
    /// Those in an answer, at whatever depth.
    #[must_use]
    pub fn of(answer: &Json<'_>) -> Self {
        Self { order_id: find(answer, "orderid", DEPTH), desktop_id: find(answer, "desktopid", DEPTH) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order_id.is_none() && self.desktop_id.is_none()
    }
}

/// The first identifier of this name: in this object before those in it.
fn find<T: FromStr>(value: &Json<'_>, wanted: &str, depth: u8) -> Option<T> {
    let depth = depth.checked_sub(1)?;
    match value {
        Json::Object(members) => {
            let own = members.iter().filter(|(name, _)| is_named(name, wanted));
            own.map(|(_, value)| value)
                .find_map(|value| identifier(value, wanted, depth))
                .or_else(|| members.iter().find_map(|(_, value)| find(value, wanted, depth)))
        }
        Json::List(items) => items.iter().find_map(|item| find(item, wanted, depth)),
        Json::Text(text) => find(&nested(text)?, wanted, depth),
        Json::Null | Json::Bool(_) | Json::Number(_) => None,
    }
}

/// The identifier that a value is, or the first of those it holds.
fn identifier<T: FromStr>(value: &Json<'_>, wanted: &str, depth: u8) -> Option<T> {
    let depth = depth.checked_sub(1)?;
    match value {
        Json::Text(text) => match nested(text) {
            Some(inner) => identifier(&inner, wanted, depth),
            None => parse(text),
        },
        Json::Number(number) => {
            parse(&number.to_string()).filter(|_| number.as_f64().is_some_and(|number| number % 1.0 == 0.0))
        }
        Json::List(items) => {
            let is_list = |item: &&Json<'_>| matches!(item, Json::List(_));
            items.iter().filter(|item| !is_list(item)).find_map(|item| identifier(item, wanted, depth))
        }
        Json::Object(members) => match &members[..] {
            [(_, only)] => identifier(only, wanted, depth),
            _ => find(value, wanted, depth),
        },
        Json::Null | Json::Bool(_) => None,
    }
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    // Some writers put several into one text.
    let text = text.split([',', ';']).map(str::trim).find(|part| !is_placeholder(part))?;
    // Some writers give every number a fraction.
    let text = match text.split_once('.') {
        Some((whole, fraction)) if is_digits(whole) && fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    text.parse().ok()
}

/// Whether a text says that there is no identifier: nothing but zeros and punctuation, a negative number, or a word for it.
fn is_placeholder(text: &str) -> bool {
    let letters = || text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let is_negative = text.strip_prefix('-').is_some_and(is_digits);
    is_negative || letters().all(|byte| byte == b'0') || PLACEHOLDERS.iter().any(|word| letters().eq(word.bytes()))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a member has this name, or one for several of them as the vendor forms it: in any case, and with or without
/// strokes between its words.
fn is_named(name: &str, wanted: &str) -> bool {
    let letters = || name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    ["", "s", "set", "sets", "list", "lists"].iter().any(|end| letters().eq(wanted.bytes().chain(end.bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str, order_id: Option<&str>, desktop_id: Option<&str>) {
        let found = Identifiers::of(&Json::read(answer.as_bytes()).unwrap());
        let found = (found.order_id.as_ref().map(OrderId::as_str), found.desktop_id.as_ref().map(DesktopId::as_str));
        assert_eq!(found, (order_id, desktop_id), "{answer}");
    }

    #[test]
    fn wherever_they_stand() {
        for answer in [
            r#"{"OrderId":"1","DesktopId":"d-1"}"#,
            r#"{"orderId":1,"desktopId":" d-1 "}"#,
            r#"{"order_id":"1","desktop_id":["d-1","d-2"]}"#,
            r#"{"Data":{"OrderId":"1","DesktopId":"d-1"}}"#,
            r#"{"Result":{"Order":{"OrderId":1},"Desktops":[{"DesktopId":"d-1"},{"DesktopId":"d-2"}]}}"#,
            r#"{"CreateDesktopResponse":{"OrderId":"1","DesktopIds":{"DesktopId":["d-1"]}}}"#,
            r#"{"Data":"{\"OrderId\":1,\"DesktopIds\":[\"d-1\"]}"}"#,
            r#"{"OrderId":"1","DesktopId":"[\"d-1\"]"}"#,
            r#"{"OrderIds":["1"],"DesktopIds":{"string":["d-1"]}}"#,
            r#"[{"OrderId":"1"},{"DesktopId":"d-1"}]"#,
            r#""{\"OrderId\":\"1\",\"DesktopId\":\"d-1\"}""#,
            r#"{"OrderId":1.0,"DesktopId":"d-1"}"#,
            r#"{"OrderId":"","Data":{"OrderId":"1","DesktopId":"d-1"}}"#,
            r#"{"OrderId":"1,2","DesktopIds":"d-1, d-2"}"#,
            r#"{"order-id":{"Value":" 1\n"},"DesktopIDs":["d-1"]}"#,
            r#"{"OrderIdSet":["1"],"DesktopIdSets":{"DesktopIdSet":["d-1"]}}"#,
            r#"{"orderIdList":"[1]","desktop_id_list":["d-1"]}"#,
        ] {
            check(answer, Some("1"), Some("d-1"));
        }
        check(r#"{"DesktopIds":["d-1"]}"#, None, Some("d-1"));
        check(r#"{"Data":[{"OrderId":7}]}"#, Some("7"), None);
    }

    #[test]
    fn long_numbers_keep_their_digits() {
        for number in ["21455281007078212345", "9007199254740993", "18446744073709551617", "123456789012345678901234"] {
            check(&format!(r#"{{"OrderId":{number}}}"#), Some(number), None);
            check(&format!(r#"{{"Data":"{{\"OrderId\":{number}}}"}}"#), Some(number), None);
        }
    }

    #[test]
    fn what_is_none() {
        for nothing in [
            "null",
            "\"\"",
            "0",
            "-1",
            "\"null\"",
            "[]",
            "{}",
            "\"two words\"",
            "true",
            "[null]",
            "1.5",
            "[[\"nested\"],1.5]",
            "{\"a\":1,\"b\":2}",
            "\"N/A\"",
            "\"(null)\"",
            "\"<nil>\"",
            "\"Unknown\"",
            "\"pending\"",
            "\"000000\"",
            "\"00000000-0000-0000-0000-000000000000\"",
            "\"--\"",
            "\"-42\"",
            "\"string\"",
        ] {
            check(&format!(r#"{{"OrderId":{nothing},"DesktopId":{nothing}}}"#), None, None);
        }
        check(r#"{"RequestId":"R-1","Order":"1","Desktop":{"Id":"d"}}"#, None, None);
        check(&format!("{}1{}", "[".repeat(40), "]".repeat(40)), None, None);
    }
}
