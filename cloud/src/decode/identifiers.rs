//! The identifiers in an answer to a purchase or a renewal, wherever they stand: they prove that it was carried out, so
//! none may be overlooked. How else answers nest is told in [`super`].

use std::{borrow::Cow, str::FromStr};

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

/// Members, by the letters of their names, that hold the identifier itself where it is an object.
const VALUES: &[&str] = &["", "id", "ids", "value", "values", "text", "string", "long", "item", "instanceid"];

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
    "creating",
    "initializing",
    "waiting",
    "queued",
    "queueing",
    "tbd",
    "unassigned",
    "notassigned",
    "notavailable",
    "unavailable",
    "placeholder",
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
        Json::List(items) => items.iter().find_map(|item| match item {
            // A list of lists may hold anything: a word in it is none.
            Json::List(inner) => {
                inner.iter().filter(|item| !is_word(item)).find_map(|item| identifier(item, wanted, depth))
            }
            _ => identifier(item, wanted, depth),
        }),
        // What stands beside an identifier, such as its state or its type, is none.
        Json::Object(members) => {
            let is_value = |(name, value): &&(Cow<'_, str>, Json<'_>)| {
                VALUES.iter().any(|known| letters(name).eq(known.bytes())) || matches!(value, Json::List(_))
            };
            let inner = || members.iter().find(is_value).and_then(|(_, value)| identifier(value, wanted, depth));
            find(value, wanted, depth).or_else(inner)
        }
        Json::Null | Json::Bool(_) => None,
    }
}

fn is_word(value: &Json<'_>) -> bool {
    matches!(value, Json::Text(text) if !text.bytes().any(|byte| byte.is_ascii_digit()))
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    let text = stripped(text);
    // Some writers group the digits of numbers.
    let grouped = is_grouped(text).then(|| text.replace(',', ""));
    let text = grouped.as_deref().unwrap_or(text);
    // Some writers put several into one text. Between blanks they are told from a sentence by their digits.
    let mut parts: Vec<_> = text.split([',', ';', '|', '，', '；', '、']).map(stripped).collect();
    if let [one] = parts[..]
        && one.split_whitespace().all(|part| part.bytes().any(|byte| byte.is_ascii_digit()))
    {
        parts = one.split_whitespace().collect();
    }
    let text = parts.into_iter().find(|part| !is_placeholder(part))?;
    // Some writers give every number a fraction.
    let text = match text.split_once('.') {
        Some((whole, fraction)) if is_digits(whole) && fraction.bytes().all(|digit| digit == b'0') => whole,
        _ => text,
    };
    text.parse().ok()
}

/// A text without what writers leave around an identifier: blanks, quotes, invisible characters.
fn stripped(text: &str) -> &str {
    text.trim_matches(|letter: char| {
        letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '\0' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    })
}

/// Whether it is one number whose digits are in groups of three.
fn is_grouped(text: &str) -> bool {
    let mut groups = text.split(',');
    let first = groups.next().is_some_and(|group| is_digits(group) && group.len() <= 3);
    let mut rest = groups.peekable();
    first && rest.peek().is_some() && rest.all(|group| is_digits(group) && group.len() == 3)
}

/// Whether a text says that there is no identifier: nothing but zeros and punctuation, a negative number, or a word for it.
fn is_placeholder(text: &str) -> bool {
    let is_negative = text.strip_prefix('-').is_some_and(is_digits);
    let is = |word: &&str| letters(text).eq(word.bytes());
    is_negative || letters(text).all(|byte| byte == b'0') || PLACEHOLDERS.iter().any(is)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a member has this name, or one for several of them as the vendor forms it: in any case, and with or without
/// strokes between its words.
fn is_named(name: &str, wanted: &str) -> bool {
    ["", "s", "set", "sets", "list", "lists"].iter().any(|end| letters(name).eq(wanted.bytes().chain(end.bytes())))
}

/// The letters and digits of a text, in lower case.
fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase())
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
            r#"{"OrderId":[[1]],"DesktopIds":[["d-1"],["d-2"]]}"#,
            r#"{"OrderId":{"Value":"1","Type":"Long"},"DesktopId":{"Status":"Creating","Id":"d-1"}}"#,
            r#"{"OrderId":[{"$":1}],"DesktopIds":[{"InstanceId":"d-1","Status":"Pending"}]}"#,
            r#"{"OrderId":"\u00a01\u200b","DesktopId":"'d-1'"}"#,
            r#"{"OrderId":"1|2","DesktopIds":"d-1 d-2"}"#,
            r#"{"OrderId":"\"1\"","DesktopIds":"d-1\nd-2"}"#,
            r#"{"OrderId":1e0,"DesktopIds":[null,"","d-1"]}"#,
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
        check(r#"{"OrderId":2.1455281007078e13}"#, Some("21455281007078"), None);
        check(r#"{"OrderId":"21,455,281"}"#, Some("21455281"), None);
        // Whether these are all of its digits is not known.
        check(r#"{"OrderId":2.145528100707821E20}"#, Some("2.145528100707821E20"), None);
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
            "{\"Status\":\"Creating\"}",
            "{\"Code\":\"x\",\"Message\":\"y\"}",
            "\"not yet 1\"",
            "{\"a\":1,\"b\":2}",
            "\"N/A\"",
            "\"(null)\"",
            "\"<nil>\"",
            "\"Unknown\"",
            "\"pending\"",
            "\"Creating\"",
            "\"TBD\"",
            "\"not-assigned\"",
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
