//! A serde deserialiser over JSON that takes the many ways in which the upstream may write one and the same thing.
//! It knows values, members and lists, and no action.

use std::{borrow::Cow, cell::Cell, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use shared::{quantity::Quantity, typed::is_invisible};

use super::{
    decode_error::DecodeError,
    members::{items, member, nested},
    scalars,
};
use crate::json::{Json, Members};

/// Members that come with blanks around them, beside identifiers.
const PADDED: &[&str] = &["LocalName", "Status"];

/// Members that a page can do without: one that cannot be read is as good as absent.
const COUNTS: &[&str] = &["Total", "TotalCount", "PageNumber", "PageSize"];
const FLAGS: &[&str] = &["IsDefault"];
const DESCRIPTIONS: &[&str] = &[
    "Description",
    "VSwitchName",
    "CidrBlock",
    "LocalName",
    "EndPoint",
    "ZoneType",
    "ImageName",
    "ImageDescription",
    "Platform",
    "Architecture",
    "CreationTime",
    "Progress",
    "DesktopType",
    "GpuSpec",
    "SysDiskType",
    "UserDiskType",
];

/// The member of a list's answer that says how many of its items were skipped. The decoder fills it.
const SKIPPED: &str = "Skipped";

/// A value to be read as whatever the type wants.
#[derive(Clone, Copy)]
pub(super) struct Tolerant<'t> {
    value: &'t Json<'t>,
    /// The member that it is the value of, if it is one's.
    member: &'static str,
    /// The items skipped so far, of all lists of the answer.
    skipped: &'t Cell<u32>,
}

impl<'t> Tolerant<'t> {
    pub(super) fn new(value: &'t Json<'t>, skipped: &'t Cell<u32>) -> Self {
        Self { value, member: "", skipped }
    }

    /// Whether the member is to be had. An empty text is no value, as null is none; what then stands in its place is the
    /// type's to say.
    fn is_present(self) -> bool {
        match self.value {
            Json::Text(text) if text.is_empty() || (self.member == "Name" && !is_legible(text)) => false,
            _ if COUNTS.contains(&self.member) => self.number().is_ok_and(|count| u32::try_from(count).is_ok()),
            _ if FLAGS.contains(&self.member) => self.flag().is_ok(),
            _ if DESCRIPTIONS.contains(&self.member) => self.text().is_ok(),
            _ => true,
        }
    }

    /// The value as a text, a number or a truth value being one too.
    fn text(self) -> Result<Cow<'t, str>, DecodeError> {
        match self.value {
            Json::Text(text) if self.member.ends_with("Id") || PADDED.contains(&self.member) => Ok(text.trim().into()),
            Json::Text(text) => Ok(text.as_ref().into()),
            Json::Number(number) => Ok(number.to_string().into()),
            Json::Bool(flag) => Ok(flag.to_string().into()),
            Json::Null => Ok("".into()),
            Json::List(_) | Json::Object(_) => Err(DecodeError::expected("a text")),
        }
    }

    /// The value as a whole number. An empty text is a zero, as an absent member is.
    fn number(self) -> Result<u64, DecodeError> {
        let wrong = || DecodeError::expected("a whole number");
        let text = self.text().map_err(|_| wrong())?;
        scalars::whole_number(text.trim()).ok_or_else(wrong)
    }

    /// The value as a quantity, whose unit goes by its member. An empty text is a zero, as an absent member is.
    fn quantity(self) -> Result<Quantity, DecodeError> {
        let wrong = || DecodeError::expected("a quantity");
        let text = self.text().map_err(|_| wrong())?;
        scalars::quantity(text.trim(), self.member).ok_or_else(wrong)
    }

    fn flag(self) -> Result<bool, DecodeError> {
        let wrong = || DecodeError::expected("true or false");
        match self.text().map_err(|_| wrong())?.trim() {
            "1" => Ok(true),
            "0" => Ok(false),
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(wrong()),
        }
    }

    fn is_nothing(self) -> bool {
        match self.value {
            Json::Null => true,
            Json::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}

/// Whether a name can be shown and sent as it is: something of it can be seen, and all of it came through.
fn is_legible(name: &str) -> bool {
    let is_blank = |letter: char| letter.is_whitespace() || is_invisible(letter);
    !name.chars().all(is_blank) && !name.contains(char::REPLACEMENT_CHARACTER)
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
            Json::Object(members) => {
                visitor.visit_map(Given { members, fields: fields.iter(), next: None, skipped: self.skipped })
            }
            // Where an answer only confirms, it may say nothing at all.
            Json::Null if fields.is_empty() => {
                let given =
                    Given { members: &Members::new(), fields: fields.iter(), next: None, skipped: self.skipped };
                visitor.visit_map(given)
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
        visitor.visit_seq(Items { rest: list.into_iter(), index: 0, skipped: self.skipped, first: None })
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

    /// All numbers that may be fractions are quantities.
    #[expect(clippy::cast_precision_loss, reason = "a quantity has fewer digits than a double")]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.quantity()?.as_thousandths() {
            whole if whole.is_multiple_of(1_000) => visitor.visit_u64(whole / 1_000),
            thousandths => visitor.visit_f64(thousandths as f64 / 1e3),
        }
    }

    numbers! { deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct map enum identifier
        ignored_any
    }
}

/// The members that a struct asks for, in its own order and under its own names.
struct Given<'t> {
    members: &'t Members<'t>,
    fields: std::slice::Iter<'static, &'static str>,
    next: Option<(&'static str, Found<'t>)>,
    skipped: &'t Cell<u32>,
}

/// The value of a member: from the answer, or of the decoder.
#[derive(Clone, Copy)]
enum Found<'t> {
    Value(Tolerant<'t>),
    Skipped(u32),
}

impl<'de> MapAccess<'de> for Given<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        let (members, skipped) = (self.members, self.skipped);
        let present = |field: &'static str| {
            // It stands after the list, whose items have been read by now.
            if field == SKIPPED {
                return Some(Found::Skipped(skipped.get())).filter(|_| skipped.get() > 0);
            }
            let value = Tolerant { value: member(members, field)?, member: field, skipped };
            value.is_present().then_some(Found::Value(value))
        };
        self.next = self.fields.by_ref().find_map(|field| Some((*field, present(field)?)));
        self.next.map(|(field, _)| seed.deserialize(field.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        // serde asks for a value after a key only.
        match self.next.take().ok_or_else(|| DecodeError::expected("a member"))? {
            (field, Found::Value(value)) => seed.deserialize(value).map_err(|error| error.within(field)),
            (_, Found::Skipped(count)) => seed.deserialize(count.into_deserializer()),
        }
    }
}

/// The items of a list. One that cannot be read is skipped and counted.
struct Items<'t> {
    rest: std::vec::IntoIter<&'t Json<'t>>,
    index: usize,
    skipped: &'t Cell<u32>,
    /// What was wrong with the first that was skipped.
    first: Option<DecodeError>,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        let read = seed.deserialize(Tolerant::new(value, self.skipped));
        read.map(Some).map_err(|error| error.within(&format!("[{index}]")))
    }

    /// The next item that can be read.
    fn next_element<T: Deserialize<'de>>(&mut self) -> Result<Option<T>, DecodeError> {
        loop {
            match self.next_element_seed(PhantomData) {
                Ok(None) => break,
                Ok(item) => return Ok(item),
                Err(error) => {
                    self.skipped.set(self.skipped.get().saturating_add(1));
                    self.first.get_or_insert(error);
                }
            }
        }
        if let Some(first) = self.first.take() {
            tracing::warn!(skipped = self.skipped.get(), of = self.index, %first, "entries of a list cannot be read");
        }
        Ok(None)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}
