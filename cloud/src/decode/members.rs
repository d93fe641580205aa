//! Members and items of an answer, wherever and under whatever name they stand in it.

use super::decode_error::DecodeError;
use crate::json::{Json, Members};

/// Other names under which a member comes, beside its own in any case. The first two are misspellings of the
/// document, which the upstream may or may not share.
const ALIASES: &[(&str, &[&str])] = &[
    ("ImageDescription", &["ImageDesciption"]),
    ("Progress", &["Process"]),
    ("EndPoint", &["RegionEndpoint"]),
    ("Name", &["UserName"]),
];

/// Members that tell an item of a list from the wrapper around a list.
const IDENTITIES: &[&str] = &["RegionId", "ZoneId", "VSwitchId", "ImageId", "TypeItemId", "Name"];

/// The member of this name: exactly so, or in any case, or under another of its names. Null counts as absent; of two that
/// are the same the last one counts.
pub(super) fn member<'t>(members: &'t Members<'t>, name: &str) -> Option<&'t Json<'t>> {
    let aliases = ALIASES.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, aliases)| aliases);
    let find = |is_it: &dyn Fn(&str) -> bool| {
        let mut present = members.iter().rev().filter(|(_, value)| *value != Json::Null);
        present.find(|(found, _)| is_it(found)).map(|(_, value)| value)
    };
    let in_any_case = |name: &str| find(&|found| found.eq_ignore_ascii_case(name));
    find(&|found| found == name).or_else(|| in_any_case(name)).or_else(|| {
        // A loop over one or two names, which most members do not have.
        aliases.iter().find_map(|alias| in_any_case(alias))
    })
}

/// The list or object that a text holds as JSON, if it does.
pub(super) fn nested(text: &str) -> Option<Json<'_>> {
    text.trim_start().starts_with(['{', '[']).then(|| Json::read_text(text)).flatten()
}

/// The items of a list in any of its shapes but those in a text: an array; an object around it, whatever the name inside;
/// an object with a member for each item; one item that stands alone; nothing.
pub(super) fn items<'t>(value: &'t Json<'t>) -> Result<Vec<&'t Json<'t>>, DecodeError> {
    let wrong = || DecodeError::expected("a list");
    match value {
        Json::Null => Ok(Vec::new()),
        Json::List(list) => Ok(list.iter().flat_map(unwrapped).collect()),
        _ if is_item(value) => Ok(vec![value]),
        Json::Object(members) => {
            let only = |wanted: fn(&Json<'_>) -> bool| {
                let mut found = members.iter().map(|(_, inner)| inner).filter(|inner| wanted(inner));
                found.next().filter(|_| found.next().is_none())
            };
            let is_empty =
                |inner: &Json<'_>| matches!(inner, Json::Null) || matches!(inner, Json::Text(text) if text.is_empty());
            match only(|inner| matches!(inner, Json::List(_))).or_else(|| only(|inner| inner.as_object().is_some())) {
                Some(inner) => items(inner),
                // By their identifiers or by numbers.
                None if members.iter().any(|(_, inner)| is_item(inner)) => {
                    Ok(members.iter().map(|(_, inner)| inner).filter(|inner| inner.as_object().is_some()).collect())
                }
                // Around nothing: an empty object, or one whose only member is empty.
                None if members.iter().all(|(_, inner)| is_empty(inner)) => Ok(Vec::new()),
                // One odd item that stands alone.
                None if members.iter().all(|(_, inner)| is_scalar(inner)) => Ok(vec![value]),
                None => Err(wrong()),
            }
        }
        Json::Bool(_) | Json::Number(_) | Json::Text(_) => Err(wrong()),
    }
}

/// Whether a value is an item of a list, rather than something around one.
fn is_item(value: &Json<'_>) -> bool {
    let names = |members| IDENTITIES.iter().any(|name| member(members, name).is_some_and(is_scalar));
    value.as_object().is_some_and(names)
}

/// The items that a member of a list is or holds: one in an object of its own, or several in a list of their own.
fn unwrapped<'t>(value: &'t Json<'t>) -> Vec<&'t Json<'t>> {
    match value {
        Json::Null => Vec::new(),
        Json::List(inner) if inner.iter().any(is_item) => inner.iter().flat_map(unwrapped).collect(),
        Json::Object(members) => match &members[..] {
            [(_, inner)] if is_item(inner) => vec![inner],
            _ => vec![value],
        },
        _ => vec![value],
    }
}

fn is_scalar(value: &Json<'_>) -> bool {
    !matches!(value, Json::List(_) | Json::Object(_))
}
