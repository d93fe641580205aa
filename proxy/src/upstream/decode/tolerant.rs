//! A serde deserialiser over JSON that takes the many ways in which the upstream may write one and the same thing.
//! It knows values, members and lists, and no action.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

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
        Self { member: field.to_owned(), reason: "missing".to_owned() }
    }
}

/// The member of this name: exactly so, or in any case, or under another of its names. Null counts as absent.
pub(super) fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let aliases = ALIASES.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, aliases)| aliases);
    let present = |value: &&Value| !value.is_null();
    let in_any_case = |name: &str| {
        let same = |(found, value): (&String, &'a Value)| found.eq_ignore_ascii_case(name).then_some(value);
        members.iter().filter_map(same).find(present)
    };
    members.get(name).filter(present).or_else(|| in_any_case(name)).or_else(|| {
        // A loop over one or two names, which most members do not have.
        aliases.iter().find_map(|alias| in_any_case(alias))
    })
}

/// The list or object that a text holds as JSON, if it does.
pub(super) fn nested(text: &str) -> Option<Value> {
    text.trim_start().starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten()
}

/// A value to be read as whatever the type wants.
pub(super) struct Tolerant<'a> {
    value: Cow<'a, Value>,
    /// Whether blanks at the ends of a text do not belong to it.
    padded: bool,
}

impl<'a> Tolerant<'a> {
    pub(super) fn new(value: &'a Value) -> Self {
        Self { value: Cow::Borrowed(value), padded: false }
    }

    /// The value as a text, a number or a truth value being one too.
    fn text(&self) -> Result<Cow<'_, str>, DecodeError> {
        match &*self.value {
            Value::String(text) if self.padded => Ok(text.trim().into()),
            Value::String(text) => Ok(text.as_str().into()),
            Value::Number(number) => Ok(number.to_string().into()),
            Value::Bool(flag) => Ok(flag.to_string().into()),
            Value::Null => Ok("".into()),
            Value::Array(_) | Value::Object(_) => Err(DecodeError::expected("a text")),
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
        match &*self.value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// The items of a list in any of its shapes: an array; an object around it, whatever the name inside; one item that
/// stands alone; any of these as JSON inside a text; nothing.
fn items(value: Cow<'_, Value>) -> Result<Vec<Cow<'_, Value>>, DecodeError> {
    fn step(value: &Value) -> Result<Vec<&Value>, DecodeError> {
        let wrong = || DecodeError::expected("a list");
        match value {
            Value::Null => Ok(Vec::new()),
            Value::Array(list) => Ok(list.iter().filter(|item| !item.is_null()).collect()),
            Value::Object(members) if IDENTITIES.iter().any(|name| member(members, name).is_some_and(is_scalar)) => {
                Ok(vec![value])
            }
            Value::Object(members) => {
                let only = |wanted: fn(&Value) -> bool| {
                    let mut found = members.values().filter(|inner| wanted(inner));
                    found.next().filter(|_| found.next().is_none())
                };
                match only(Value::is_array).or_else(|| only(Value::is_object)) {
                    Some(inner) => step(inner),
                    // Around nothing: an empty object, or one whose only member is empty.
                    None if members.values().all(|inner| inner.is_null() || inner == "") => Ok(Vec::new()),
                    None => Err(wrong()),
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => Err(wrong()),
        }
    }
    match value {
        Cow::Borrowed(Value::String(text)) => read_text(text),
        Cow::Owned(Value::String(text)) => read_text(&text),
        Cow::Borrowed(value) => Ok(step(value)?.into_iter().map(Cow::Borrowed).collect()),
        Cow::Owned(value) => Ok(step(&value)?.into_iter().cloned().map(Cow::Owned).collect()),
    }
}

fn read_text<'a>(text: &str) -> Result<Vec<Cow<'a, Value>>, DecodeError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let value = nested(text).ok_or_else(|| DecodeError::expected("a list"))?;
    Ok(items(Cow::Owned(value))?.into_iter().map(|item| Cow::Owned(item.into_owned())).collect())
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
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
        match &*self.value {
            Value::Null => visitor.visit_none(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => {
                visitor.visit_u64(number.as_u64().ok_or_else(|| DecodeError::expected("a whole number"))?)
            }
            Value::String(text) => visitor.visit_str(text),
            Value::Array(_) | Value::Object(_) => Err(DecodeError::expected("a single value")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let value = match &*self.value {
            Value::String(text) => nested(text).map_or(self.value, Cow::Owned),
            _ => self.value,
        };
        match &*value {
            Value::Object(members) => visitor.visit_map(Members { given: members, fields: fields.iter(), next: None }),
            // Where an answer only confirms, it may say nothing at all.
            Value::Null if fields.is_empty() => {
                visitor.visit_map(Members { given: &Map::new(), fields: fields.iter(), next: None })
            }
            _ => Err(DecodeError::expected("an object")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_seq(Items { rest: items(self.value)?.into_iter(), index: 0 })
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
struct Members<'a> {
    given: &'a Map<String, Value>,
    fields: std::slice::Iter<'static, &'static str>,
    next: Option<(&'static str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let members = self.given;
        self.next = self.fields.by_ref().find_map(|field| Some((*field, member(members, field)?)));
        self.next.map(|(field, _)| seed.deserialize(field.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        // serde asks for a value after a key only.
        let (field, value) = self.next.take().ok_or_else(|| DecodeError::expected("a member"))?;
        let value = Tolerant { value: Cow::Borrowed(value), padded: PADDED.contains(&field) };
        seed.deserialize(value).map_err(|error| error.within(field))
    }
}

/// The items of a list.
struct Items<'a> {
    rest: std::vec::IntoIter<Cow<'a, Value>>,
    index: usize,
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

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
