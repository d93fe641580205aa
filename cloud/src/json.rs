//! JSON as it came: a tree whose texts are, where that is possible, those of the answer itself. Most of what reading an
//! answer costs is copies of texts that nobody looks at.

mod long_numbers;
mod loose;

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Number;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Members<'a>),
}

/// The members of an object, in its own order.
pub type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

impl<'a> Json<'a> {
    /// Reads a whole body, in any of Unicode's encodings. A byte-order mark before it is passed over.
    #[must_use]
    pub fn read(body: &'a [u8]) -> Option<Self> {
        if let Some(text) = wide(body) {
            return Json::read_text(&text).map(Json::into_owned);
        }
        // Inspected at as a whole, and not once more for each text.
        let text = std::str::from_utf8(body).ok()?;
        Self::read_text(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Reads a body that is meant as JSON, or is XML; and whether all of it is there and nothing but that.
    #[must_use]
    pub fn read_loosely(body: &[u8]) -> Option<(Json<'static>, bool)> {
        loose::read(&wide(body).map_or_else(|| String::from_utf8_lossy(body), Cow::Owned))
    }

    /// Reads the first value of a text, whatever stands behind it.
    #[must_use]
    pub fn read_first(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Self::read_text(text.get(..values.byte_offset())?)
    }

    /// Reads a text. A number that would lose digits is read as a text of them.
    #[must_use]
    pub fn read_text(text: &'a str) -> Option<Self> {
        match long_numbers::quoted(text) {
            None => serde_json::from_str(text).ok(),
            Some(quoted) => serde_json::from_str(&quoted).ok().map(Json::into_owned),
        }
    }

    /// The same, without a part in the answer.
    #[must_use]
    pub fn into_owned(self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => Json::Bool(flag),
            Self::Number(number) => Json::Number(number),
            Self::Text(text) => Json::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Json::List(items.into_iter().map(Json::into_owned).collect()),
            Self::Object(members) => {
                let owned = |(name, value): (Cow<'a, str>, Self)| (Cow::Owned(name.into_owned()), value.into_owned());
                Json::Object(members.into_iter().map(owned).collect())
            }
        }
    }

    /// The members, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Members<'a>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}

/// The text of a body in UTF-16 or UTF-32, without its byte-order mark. JSON and XML begin with an ASCII character, whose zeros
/// tell the encoding.
fn wide(body: &[u8]) -> Option<String> {
    let (width, is_big, mark) = match *body {
        [0, 0, 0xfe, 0xff, ..] => (4, true, 4),
        [0xff, 0xfe, 0, 0, ..] => (4, false, 4),
        [0xfe, 0xff, ..] => (2, true, 2),
        [0xff, 0xfe, ..] => (2, false, 2),
        [0, 0, 0, first, ..] if first != 0 => (4, true, 0),
        [first, 0, 0, 0, ..] if first != 0 => (4, false, 0),
        [0, first, ..] if first != 0 => (2, true, 0),
        [first, 0, ..] if first != 0 => (2, false, 0),
        _ => return None,
    };
    let units = body[mark..].chunks(width).map(|unit| {
        let shift =
            |(place, byte): (usize, &u8)| u32::from(*byte) << (8 * if is_big { unit.len() - 1 - place } else { place });
        unit.iter().enumerate().map(shift).sum::<u32>()
    });
    if width == 4 {
        return units.map(char::from_u32).collect();
    }
    // A unit of two bytes fits.
    let units = units.filter_map(|unit| u16::try_from(unit).ok());
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Json<'de>, E> {
        Number::from_f64(number).map(Json::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Json<'de>, A::Error> {
        let mut members = Members::new();
        while let Some((Name(name), value)) = given.next_entry()? {
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

/// The name of a member.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn is_borrowed(json: &Json<'_>) -> bool {
        matches!(json, Json::Text(Cow::Borrowed(_)))
    }

    #[test]
    fn every_kind_of_value() {
        let body = br#"{"a":null,"b":[true,-1,2,1.5,1e40,"x"],"c":{"d":"\u5f20"},"a":""}"#;
        let Some(Json::Object(members)) = Json::read(body) else { panic!("not an object") };
        let names: Vec<_> = members.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(names, ["a", "b", "c", "a"]);
        let Json::List(list) = &members[1].1 else { panic!("not a list") };
        let number = |number: f64| Json::Number(Number::from_f64(number).unwrap());
        assert_eq!(list[..3], [Json::Bool(true), Json::Number((-1).into()), Json::Number(2.into())]);
        assert_eq!(list[3..5], [number(1.5), number(1e40)]);
        assert!(is_borrowed(&list[5]));
        let inner = members[2].1.as_object().unwrap();
        assert_eq!(inner[0].1, Json::Text("张".into()));
        assert!(!is_borrowed(&inner[0].1), "a text with an escape in it has to be written anew");
    }

    #[test]
    fn the_encodings_of_unicode() {
        let text = "{\"a\":\"张\"}";
        let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let utf32 = |unit: fn(u32) -> [u8; 4]| text.chars().flat_map(|letter| unit(letter.into())).collect::<Vec<u8>>();
        for (mark, body) in [
            (&[0xff, 0xfe][..], utf16(u16::to_le_bytes)),
            (&[0xfe, 0xff], utf16(u16::to_be_bytes)),
            (&[0xff, 0xfe, 0, 0], utf32(u32::to_le_bytes)),
            (&[0, 0, 0xfe, 0xff], utf32(u32::to_be_bytes)),
        ] {
            for body in [[mark, &body].concat(), body] {
                assert_eq!(Json::read(&body), Json::read(text.as_bytes()), "{body:?}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_not_read() {
        for body in [&b""[..], b"{", b"{}x", b"\"\xff\"", b"[1e400]", b"<html>"] {
            assert_eq!(Json::read(body), None, "{body:?}");
        }
        assert_eq!(Json::read("[".repeat(1_000).as_bytes()), None, "nested deeper than anything sensible");
    }
}
