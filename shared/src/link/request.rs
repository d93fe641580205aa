//! The member `request` of a link: JSON, as it is or damaged on its way.

use std::{fmt, str::FromStr};

use percent_encoding::percent_decode_str;
use serde::de;
use serde_json::Value;

use super::Unread;
use crate::{
    form::{Field, Form},
    json,
    typed::{clean, narrow},
    values::{ImageType, UserGroup},
};

/// The members of a JSON object as they are written, those of one name too.
#[derive(PartialEq)]
pub(super) struct Members(Vec<(String, Value)>);

impl<'de> de::Deserialize<'de> for Members {
    fn deserialize<D: de::Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> de::Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        json.deserialize_map(Object)
    }
}

/// The members of `request` and their text: as they are, encoded once more, or with the quotation marks and colons of a word
/// processor.
pub(super) fn request(text: &str) -> Option<(Members, String)> {
    let mut text = text.to_owned();
    for _ in 0..3 {
        if let Ok(members) = json::read(&text) {
            return Some((members, text));
        }
        // JSON in JSON.
        if let Ok(inner) = json::read(&text) {
            text = inner;
            continue;
        }
        let plain = plain_marks(&text);
        if let Ok(members) = json::read(&plain) {
            return Some((members, plain));
        }
        text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
    }
    None
}

/// JSON with its own marks in place of typographic ones, up to its last brace.
fn plain_marks(text: &str) -> String {
    let mark = |c| match c {
        '“' | '”' | '„' | '‟' | '«' | '»' | '＂' | '″' => '"',
        '：' => ':',
        '，' => ',',
        '｛' => '{',
        '｝' => '}',
        c => c,
    };
    let text = clean(text).replace("&quot;", "\"").chars().map(mark).collect::<String>();
    let text = if text.contains('"') { text } else { text.replace(['\'', '‘', '’'], "\"") };
    let end = text.rfind('}').map_or(text.len(), |at| at + 1);
    text[..end].to_owned()
}

/// Reads the members into a form; what cannot be read is named. `source` is their text.
pub(super) fn read_request(form: &mut Form, unread: &mut Vec<Unread>, request: &Members, source: &str) {
    let source = source.to_ascii_lowercase();
    let Members(request) = request;
    for (index, (name, value)) in request.iter().enumerate() {
        let own = clean(name);
        let is_own = |name: &str| clean(name).eq_ignore_ascii_case(&own);
        let is = |field: &&Field| field.link_member().is_some_and(|member| member.eq_ignore_ascii_case(&own));
        let field = Field::ALL.iter().copied().find(|field| is(&field));
        if field.is_some() && request[..index].iter().any(|(name, _)| is_own(name)) {
            continue;
        }
        // Which of two values is meant, the link does not say.
        let is_contradicted =
            field.is_some() && request[index..].iter().any(|(name, other)| is_own(name) && other != value);
        let mut reads = |field| form.read(field, value) || form.read(field, &nearest(field, value));
        let known = field.is_some_and(|field| !is_contradicted && reads(field));
        if !known && (is_contradicted || !value.is_null()) {
            let text = match value {
                Value::String(text) => text.clone(),
                // As it is written: a number with a point is written in another way again.
                Value::Number(_) => written(&source, &own).to_owned(),
                other => other.to_string(),
            };
            unread.push(Unread { field, name: name.clone(), text });
        }
    }
}

/// How the source of JSON, in lower case, writes the number of a member.
fn written<'a>(source: &'a str, member: &str) -> &'a str {
    let (_, rest) = source.split_once(&format!("\"{}\"", member.to_ascii_lowercase())).unwrap_or_default();
    rest.trim_start_matches([' ', ':']).split([',', '}', ' ']).next().unwrap_or_default()
}

/// A value as it was meant: clean, and of a closed set in its own spelling.
fn nearest(field: Field, value: &Value) -> Value {
    fn spelt<T: FromStr + Copy>(all: &[T], text: &str, of: fn(T) -> &'static str) -> Option<&'static str> {
        all.iter().map(|one| of(*one)).find(|one| one.eq_ignore_ascii_case(text))
    }
    if let (Field::Period, Some(number)) = (field, value.as_f64()) {
        // `12.0`, as some spreadsheets write it.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with the number")]
        let whole = number as u8;
        return if (f64::from(whole) - number).abs() < f64::EPSILON { whole.into() } else { Value::Null };
    }
    let quotes = |c: char| matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’');
    let text = clean(&narrow(clean(value.as_str().unwrap_or_default()).trim_matches(quotes)));
    let own = match field {
        Field::UserGroup => spelt(UserGroup::ALL, &text, UserGroup::as_str),
        Field::ImageType => spelt(ImageType::ALL, &text, ImageType::as_str),
        // Regions have no capitals.
        Field::Region => return text.to_ascii_lowercase().into(),
        _ => None,
    };
    own.map_or_else(|| text.into(), Value::from)
}
