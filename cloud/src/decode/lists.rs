//! Where the list of an answer is: under its name, at the top or in a wrapper, or by itself. A list that is not there is
//! an error, since nothing tells it from one that was overlooked; an empty one is empty.

use std::borrow::Cow;

use shared::{
    Action,
    actions::{
        DescribeActivityDirectoryUsers, DescribeDesktopTypeItems, DescribeImages, DescribeRegions, DescribeVSwitches,
        DescribeZones,
    },
};

use super::{
    inside,
    tolerant::{DecodeError, member, nested},
};
use crate::json::{Json, Members};

/// The reads whose answers are lists: the list's name, and the member that tells one of its items from anything else.
/// The document gives the list of types no name; this one is `shared`'s.
const LISTS: &[(&str, &str, &str)] = &[
    (DescribeRegions::NAME, "Regions", "RegionId"),
    (DescribeDesktopTypeItems::NAME, "DesktopTypeItems", "TypeItemId"),
    (DescribeImages::NAME, "Images", "ImageId"),
    (DescribeActivityDirectoryUsers::NAME, "Users", "Name"),
    (DescribeZones::NAME, "Zones", "ZoneId"),
    (DescribeVSwitches::NAME, "VSwitches", "VSwitchId"),
];

/// How deep a list may stand.
const DEPTH: u8 = 4;

/// The object that has the list of an action's answer under its name; the answer itself for an action without a list.
pub(super) fn holder<'t>(action: &str, answer: &'t Json<'t>) -> Result<Cow<'t, Json<'t>>, DecodeError> {
    let Some((_, list, identity)) = LISTS.iter().find(|(of, ..)| *of == action) else {
        return Ok(Cow::Borrowed(answer));
    };
    if let Some(holder) = named(answer, DEPTH, &|members| member(members, list).is_some()) {
        return Ok(holder);
    }
    let holding = |items: Json<'t>| Cow::Owned(Json::Object(vec![((*list).into(), items)]));
    if let Some(items) = by_items(answer, identity, DEPTH) {
        return Ok(holding(items));
    }
    // Null, or an empty list under a name that only wraps.
    let is_null = |members: &Members<'_>| members.iter().any(|(name, _)| name.eq_ignore_ascii_case(list));
    let is_empty = named(answer, DEPTH, &is_null).is_some()
        || matches!(answer, Json::List(items) if items.is_empty())
        || answer.as_object().is_some_and(|members| members.iter().any(|(_, inner)| is_empty_list(inner)));
    if is_empty { Ok(holding(Json::List(Vec::new()))) } else { Err(DecodeError::missing(list)) }
}

/// The outermost object that fits.
fn named<'t>(value: &'t Json<'t>, depth: u8, fits: &dyn Fn(&Members<'_>) -> bool) -> Option<Cow<'t, Json<'t>>> {
    let depth = depth.checked_sub(1)?;
    match value {
        Json::Object(members) if fits(members) => Some(Cow::Borrowed(value)),
        Json::Object(members) => members.iter().find_map(|(_, inner)| named(inner, depth, fits)),
        Json::List(items) if items.len() == 1 => named(&items[0], depth, fits),
        Json::Text(text) => {
            let inner = nested(text)?;
            let found = named(&inner, depth, fits)?;
            Some(Cow::Owned(found.into_owned().into_owned()))
        }
        _ => None,
    }
}

/// The first array that has an item of this kind among its own, or one such item that stands alone.
fn by_items<'t>(value: &'t Json<'t>, identity: &str, depth: u8) -> Option<Json<'t>> {
    let depth = depth.checked_sub(1)?;
    let is_item = |value: &Json<'_>| inside(value, identity).is_some();
    match value {
        Json::List(items) if items.iter().any(is_item) => Some(value.clone()),
        Json::Object(_) if is_item(value) => Some(Json::List(vec![value.clone()])),
        Json::Object(members) => members.iter().find_map(|(_, inner)| by_items(inner, identity, depth)),
        Json::Text(text) => by_items(&nested(text)?, identity, depth).map(Json::into_owned),
        _ => None,
    }
}

/// An empty array, or an object around nothing but one.
fn is_empty_list(value: &Json<'_>) -> bool {
    match value {
        Json::List(items) => items.is_empty(),
        Json::Object(members) => matches!(&members[..], [(_, Json::List(items))] if items.is_empty()),
        _ => false,
    }
}
