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
    decode_error::DecodeError,
    envelope::is_wrapper,
    inside,
    members::{member, nested},
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

/// Names of members, in any case, under which an empty list may be the one that was asked for. Beside them, those that
/// only wrap, and those that have the name of the list or of its items in them.
const GENERIC: &[&str] = &["List", "Items", "Item", "Rows", "Records", "Entries", "Values"];

/// What the name of a list may have behind the name of its items.
const ENDS: &[&str] = &["", "s", "list", "set", "sets", "info", "infos", "items"];

/// How deep a list may stand.
pub(super) const DEPTH: u8 = 4;

/// An object with a list in it, and where in the answer the list was found.
pub(super) struct Holder<'t> {
    /// Has the list under its name.
    pub(super) object: Cow<'t, Json<'t>>,
    /// Names of members on the way to the list, the list's included. Innermost first.
    path: Vec<String>,
}

impl<'t> Holder<'t> {
    fn new(object: Cow<'t, Json<'t>>) -> Self {
        Self { object, path: Vec::new() }
    }

    fn under(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }
}

/// The object that has the list of an action's answer under its name; the answer itself for an action without a list.
pub(super) fn holder<'t>(action: &str, answer: &'t Json<'t>) -> Result<Holder<'t>, DecodeError> {
    let Some((_, list, identity)) = LISTS.iter().find(|(of, ..)| *of == action) else {
        return Ok(Holder::new(Cow::Borrowed(answer)));
    };
    if let Some(mut holder) = named(answer, DEPTH, &|members| member(members, list).is_some()) {
        holder.path.insert(0, (*list).to_owned());
        return Ok(holder);
    }
    let holding = |items: Json<'t>| Cow::Owned(Json::Object(vec![((*list).into(), items)]));
    // An object beside a list, or around it, may have the same member: the region asked for, the directory's name.
    let found = by_items(answer, identity, false, DEPTH).or_else(|| by_items(answer, identity, true, DEPTH));
    if let Some(Holder { object, path }) = found {
        return Ok(Holder { object: holding(object.into_owned()), path });
    }
    // Null, or an empty list under a name that only wraps.
    let is_null = |members: &Members<'_>| members.iter().any(|(name, _)| name.eq_ignore_ascii_case(list));
    let fits = |name: &str| {
        let name = name.to_ascii_lowercase();
        let family = identity.trim_end_matches("ItemId").trim_end_matches("Id").to_ascii_lowercase();
        // An empty list of errors says that there are none, and nothing of what was asked for.
        if name.starts_with("error") {
            return false;
        }
        let kind = list.trim_end_matches('s').to_ascii_lowercase();
        let is_of_kind = name.strip_prefix(&kind).is_some_and(|end| ENDS.contains(&end));
        let is_generic = GENERIC.iter().any(|known| known.eq_ignore_ascii_case(&name));
        is_wrapper(&name) || is_generic || is_of_kind || name.contains(&family)
    };
    let path = if named(answer, DEPTH, &is_null).is_some() {
        vec![(*list).to_owned()]
    } else if matches!(answer, Json::List(items) if items.is_empty()) {
        Vec::new()
    } else {
        let members = answer.as_object().into_iter().flatten();
        let mut empty = members.filter(|(name, inner)| is_empty_list(inner) && fits(name));
        vec![empty.next().ok_or_else(|| DecodeError::missing(list))?.0.clone().into_owned()]
    };
    Ok(Holder { object: holding(Json::List(Vec::new())), path })
}

/// Names of members on the way to an action's list, for people. Empty where the answer is the list, or has none.
pub(super) fn path(action: &str, answer: &Json<'_>) -> Vec<String> {
    let mut path = holder(action, answer).map(|holder| holder.path).unwrap_or_default();
    path.reverse();
    path
}

/// The outermost object that fits.
pub(super) fn named<'t>(value: &'t Json<'t>, depth: u8, fits: &dyn Fn(&Members<'_>) -> bool) -> Option<Holder<'t>> {
    let depth = depth.checked_sub(1)?;
    match value {
        Json::Object(members) if fits(members) => Some(Holder::new(Cow::Borrowed(value))),
        Json::Object(members) => members.iter().find_map(|(name, inner)| Some(named(inner, depth, fits)?.under(name))),
        Json::List(items) if items.len() == 1 => named(&items[0], depth, fits),
        Json::Text(text) => {
            let inner = nested(text)?;
            let Holder { object, path } = named(&inner, depth, fits)?;
            Some(Holder { object: Cow::Owned(object.into_owned().into_owned()), path })
        }
        _ => None,
    }
}

/// The first array that has an item of this kind among its own; or, if it may stand alone, the first such item.
fn by_items<'t>(value: &'t Json<'t>, identity: &str, alone: bool, depth: u8) -> Option<Holder<'t>> {
    let depth = depth.checked_sub(1)?;
    let is_item = |value: &Json<'_>| inside(value, identity).is_some();
    match value {
        Json::List(items) if items.iter().any(is_item) => Some(Holder::new(Cow::Borrowed(value))),
        Json::Object(_) if alone && is_item(value) => Some(Holder::new(Cow::Owned(Json::List(vec![value.clone()])))),
        Json::Object(members) => {
            members.iter().find_map(|(name, inner)| Some(by_items(inner, identity, alone, depth)?.under(name)))
        }
        Json::Text(text) => {
            let inner = nested(text)?;
            let Holder { object, path } = by_items(&inner, identity, alone, depth)?;
            Some(Holder { object: Cow::Owned(object.into_owned().into_owned()), path })
        }
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
