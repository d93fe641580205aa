//! From an answer's JSON to the types of `shared`: the rules that hold for whole answers. How single values are read
//! tolerantly is in [`tolerant`]; what an error answer means is in [`super::errors`].
//!
//! This is the only place that knows how the upstream spells and nests its answers in practice.

mod decode_error;
mod doubt;
mod doubt_words;
mod envelope;
mod identifiers;
mod lists;
mod members;
mod partial;
mod scalars;
mod tolerant;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, cell::Cell};

use serde::de::DeserializeOwned;
use shared::{
    Action,
    actions::{CreateDesktop, CreateUser, DescribeAvailableResource, DescribeDesktopOwner, RenewDesktop},
};

use super::json::Json;
pub use decode_error::DecodeError;
pub use doubt::is_doubtful;
pub use envelope::{Said, is_success};
pub use identifiers::Identifiers;
use members::member;
pub use partial::is_partly_failed;
use tolerant::Tolerant;

/// Reads the answer of the action `A`.
pub fn decode<A: Action>(answer: &Json<'_>) -> Result<A::Response, DecodeError> {
    match A::NAME {
        DescribeDesktopOwner::NAME => read(owner(answer)?.as_ref()),
        CreateDesktop::NAME | RenewDesktop::NAME => {
            let Identifiers { order_id, desktop_id } = Identifiers::of(answer);
            let text = |id: Option<String>| id.map_or(Json::Null, |id| Json::Text(id.into()));
            let members = [("OrderId", order_id.map(Into::into)), ("DesktopId", desktop_id.map(Into::into))];
            read(&Json::Object(members.map(|(name, id)| (name.into(), text(id))).into()))
        }
        DescribeAvailableResource::NAME => read(wrapped(answer, "Available").as_ref()),
        CreateUser::NAME => read(wrapped(answer, "UserInfo").as_ref()),
        _ => read(lists::holder(A::NAME, answer)?.object.as_ref()),
    }
}

/// The object that has a member: the answer itself, or one in it that only wraps.
fn wrapped<'t>(answer: &'t Json<'t>, name: &str) -> Cow<'t, Json<'t>> {
    envelope::holding(answer, name).unwrap_or(Cow::Borrowed(answer))
}

/// Names of members on the way to the list of an answer, for people. Empty where the answer is the list, or has none.
#[must_use]
pub fn list_path<A: Action>(answer: &Json<'_>) -> Vec<String> {
    lists::path(A::NAME, answer)
}

/// A member of the answer as a text, for the members that every answer has.
#[must_use]
pub fn text(answer: &Json<'_>, name: &str) -> Option<String> {
    scalar(inside(answer, name)?)
}

/// A single value as a text.
fn scalar(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone().into_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    }
}

/// A member of the answer.
#[must_use]
pub fn inside<'t>(answer: &'t Json<'t>, name: &str) -> Option<&'t Json<'t>> {
    member(answer.as_object()?, name)
}

fn read<T: DeserializeOwned>(value: &Json<'_>) -> Result<T, DecodeError> {
    T::deserialize(Tolerant::new(value, &Cell::new(0)))
}

/// The account's set-up is the object that has `OwnerVpcId`. While the account is being set up there may be no network
/// yet; then `Status` tells.
fn owner<'t>(answer: &'t Json<'t>) -> Result<Cow<'t, Json<'t>>, DecodeError> {
    let with = |mark: &str| lists::named(answer, lists::DEPTH, &|members| member(members, mark).is_some());
    let found = with("OwnerVpcId").or_else(|| with("Status")).ok_or_else(|| DecodeError::missing("OwnerVpcId"))?;
    Ok(found.object)
}
