//! A serde deserialiser over JSON that takes the many ways in which the upstream may write one and the same thing.
//! It knows values, members and lists, and no action.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

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

/// Members that come with blanks around them.
const PADDED: &[&str] = &["LocalName"];

/// What could not be read, and where. Holds no value of the answer, so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", if .member.is_empty() { "the answer" } else { .member })]
pub struct DecodeError {
    /// Path of the member, for example `Images[3].ImageId`; empty for the answer as a whole.
    pub member: String,
    /// What was expected there.
    pub reason: String,
}

impl DecodeError {
    /// A member that has to be there is not.
    pub(super) fn missing(member: &str) -> Self {
        Self { member: member.to_owned(), reason: "missing".to_owned() }
    }

    fn expected(what: &str) -> Self {
        Self { member: String::new(), reason: format!("expected {what}") }
    }

    /// The same error, seen from outside the member.
    fn within(mut self, outer: &str) -> Self {
        let separator = if self.member.is_empty() || self.member.starts_with('[') { "" } else { "." };
        self.member = format!("{outer}{separator}{}", self.member);
        self
    }
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self { member: String::new(), reason: reason.to_string() }
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::expected(&expected.to_string())
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::expected(&expected.to_string())
    }
    fn missing_field(field: &'static str) -> Self {
        Self::missing(field)
    }
}

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

/// A value to be read as whatever the type wants.
pub(super) struct Tolerant<'t> {
    value: &'t Json<'t>,
    /// Whether blanks at the ends of a text do not belong to it.
    padded: bool,
}

impl<'t> Tolerant<'t> {
    pub(super) fn new(value: &'t Json<'t>) -> Self {
        Self { value, padded: false }
    }

    /// The value as a text, a number or a truth value being one too.
    fn text(&self) -> Result<Cow<'t, str>, DecodeError> {
        match self.value {
            Json::Text(text) if self.padded => Ok(text.trim().into()),
            Json::Text(text) => Ok(text.as_ref().into()),
            Json::Number(number) => Ok(number.to_string().into()),
            Json::Bool(flag) => Ok(flag.to_string().into()),
            Json::Null => Ok("".into()),
            Json::List(_) | Json::Object(_) => Err(DecodeError::expected("a text")),
        }
    }

    /// The value as a whole number. An empty text is a zero, as an absent member is.
    fn number(&self) -> Result<u64, DecodeError> {
        let wrong = || DecodeError::expected("a whole number");
        let text = self.text().map_err(|_| wrong())?;
        let text = text.trim();
        // Some writers give every number a fraction.
        let whole = text.split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
        match whole.map_or(text, |(whole, _)| whole) {
            "" => Ok(0),
            digits => digits.parse().map_err(|_| wrong()),
        }
    }

    fn flag(&self) -> Result<bool, DecodeError> {
        let wrong = || DecodeError::expected("true or false");
        match self.text().map_err(|_| wrong())?.trim() {
            "1" => Ok(true),
            "0" => Ok(false),
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(wrong()),
        }
    }

    fn is_nothing(&self) -> bool {
        match self.value {
            Json::Null => true,
            Json::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// The items of a list in any of its shapes but those in a text: an array; an object around it, whatever the name inside;
/// one item that stands alone; nothing.
fn items<'t>(value: &'t Json<'t>) -> Result<Vec<&'t Json<'t>>, DecodeError> {
    let wrong = || DecodeError::expected("a list");
    match value {
        Json::Null => Ok(Vec::new()),
        Json::List(list) => Ok(list.iter().filter(|item| **item != Json::Null).collect()),
        Json::Object(members) if IDENTITIES.iter().any(|name| member(members, name).is_some_and(is_scalar)) => {
            Ok(vec![value])
        }
        Json::Object(members) => {
            let only = |wanted: fn(&Json<'_>) -> bool| {
                let mut found = members.iter().map(|(_, inner)| inner).filter(|inner| wanted(inner));
                found.next().filter(|_| found.next().is_none())
            };
            let is_empty =
                |inner: &Json<'_>| matches!(inner, Json::Null) || matches!(inner, Json::Text(text) if text.is_empty());
            match only(|inner| matches!(inner, Json::List(_))).or_else(|| only(|inner| inner.as_object().is_some())) {
                Some(inner) => items(inner),
                // Around nothing: an empty object, or one whose only member is empty.
                None if members.iter().all(|(_, inner)| is_empty(inner)) => Ok(Vec::new()),
                None => Err(wrong()),
            }
        }
        Json::Bool(_) | Json::Number(_) | Json::Text(_) => Err(wrong()),
    }
}

fn is_scalar(value: &Json<'_>) -> bool {
    !matches!(value, Json::List(_) | Json::Object(_))
}

/// Numbers are all read the same way; what does not fit the type is an error of the member.
macro_rules! numbers {
    ($($deserialize:ident)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            visitor.visit_u64(self.number()?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Tolerant<'_> {
    type Error = DecodeError;

    /// For types that take what comes, such as a number of months.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.value {
            Json::Null => visitor.visit_none(),
            Json::Bool(flag) => visitor.visit_bool(*flag),
            Json::Number(number) => {
                visitor.visit_u64(number.as_u64().ok_or_else(|| DecodeError::expected("a whole number"))?)
            }
            Json::Text(text) => visitor.visit_str(text),
            Json::List(_) | Json::Object(_) => Err(DecodeError::expected("a single value")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.value {
            Json::Object(members) => visitor.visit_map(Given { members, fields: fields.iter(), next: None }),
            // Where an answer only confirms, it may say nothing at all.
            Json::Null if fields.is_empty() => {
                visitor.visit_map(Given { members: &Members::new(), fields: fields.iter(), next: None })
            }
            Json::Text(text) => match nested(text) {
                Some(value) => Tolerant { value: &value, ..self }.deserialize_struct(name, fields, visitor),
                None => Err(DecodeError::expected("an object")),
            },
            _ => Err(DecodeError::expected("an object")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let list = match self.value {
            Json::Text(text) if text.trim().is_empty() => Vec::new(),
            Json::Text(text) => {
                let value = nested(text).ok_or_else(|| DecodeError::expected("a list"))?;
                return Tolerant { value: &value, ..self }.deserialize_seq(visitor);
            }
            value => items(value)?,
        };
        visitor.visit_seq(Items { rest: list.into_iter(), index: 0, skipped: 0, first: None })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_str(&self.text()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_bool(self.flag()?)
    }

    numbers! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map enum identifier
        ignored_any
    }
}

/// The members that a struct asks for, in its own order and under its own names.
struct Given<'t> {
    members: &'t Members<'t>,
    fields: std::slice::Iter<'static, &'static str>,
    next: Option<(&'static str, &'t Json<'t>)>,
}

impl<'de> MapAccess<'de> for Given<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let members = self.members;
        // An empty text is no value, as null is none; what then stands in its place is the type's to say.
        let present =
            |field| member(members, field).filter(|value| !matches!(value, Json::Text(text) if text.is_empty()));
        self.next = self.fields.by_ref().find_map(|field| Some((*field, present(field)?)));
        self.next.map(|(field, _)| seed.deserialize(field.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        // serde asks for a value after a key only.
        let (field, value) = self.next.take().ok_or_else(|| DecodeError::expected("a member"))?;
        let value = Tolerant { value, padded: PADDED.contains(&field) };
        seed.deserialize(value).map_err(|error| error.within(field))
    }
}

/// The items of a list. One that cannot be read costs that one only.
struct Items<'t> {
    rest: std::vec::IntoIter<&'t Json<'t>>,
    index: usize,
    /// Items that were passed over.
    skipped: usize,
    /// What was wrong with the first of them.
    first: Option<DecodeError>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        let read = seed.deserialize(Tolerant { value, padded: false });
        read.map(Some).map_err(|error| error.within(&format!("[{index}]")))
    }

    /// The next item that can be read. A list of which nothing can be is not read as an empty one.
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, DecodeError> {
        loop {
            match self.next_element_seed(PhantomData) {
                Ok(None) => break,
                Ok(item) => return Ok(item),
                Err(error) => {
                    self.skipped += 1;
                    self.first.get_or_insert(error);
                }
            }
        }
        match self.first.take() {
            Some(error) if self.skipped == self.index => Err(error),
            Some(first) => {
                tracing::warn!(skipped = self.skipped, of = self.index, %first, "entries of a list cannot be read");
                Ok(None)
            }
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
