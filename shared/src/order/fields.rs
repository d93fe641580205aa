//! Order fields: what the operator asks for with each order for books of their own, such as a cost centre or a ticket. They
//! belong to the order here, and are never sent to the cloud. Whether a value matches a pattern is decided in the proxy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Code, language::Language, parameters::ParameterError};

/// The member of an operation that has the values.
pub const ORDER_FIELDS: &str = "OrderFields";
/// The most fields.
pub const MOST_FIELDS: usize = 10;
/// The longest key, in characters.
pub const LONGEST_KEY: usize = 32;
/// The longest value, in characters.
pub const LONGEST_VALUE: usize = 200;

/// The longest values of all fields of an order together, in characters: so a batch of the most orders fits into a request.
pub const LONGEST_VALUES: usize = 640;

/// Values by the keys of their fields, each trimmed and of one line. A field that was left empty has none.
pub type FieldValues = BTreeMap<String, String>;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Texts {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Texts {
    /// The text in a language.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// A field as the operator defines it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderField {
    /// Names it: lower-case letters, digits and underscores, beginning with a letter.
    pub key: String,
    /// What people call it.
    pub label: Texts,
    /// Whether a purchase needs a value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What a value has to match as a whole: a regular expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What a value looks like, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Texts>,
    /// The values to choose from. Empty where it is typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The longest value, in characters.
    pub max_length: usize,
    /// The caller's own value, from a claim: the page begins with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// The answer of `GET /api/order-fields`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderFieldList {
    /// The fields, in the order in which they are shown.
    pub fields: Vec<OrderField>,
}

/// The body of `POST /api/orders/{token}/fields`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldsChange {
    /// New values by their keys, an empty one to take a value away. Fields that are not named stay as they are.
    pub fields: FieldValues,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFault {
    /// There is none, and there must be one.
    Missing,
    /// It is too long, none of the choices, or has characters that no value has.
    Invalid,
}

impl OrderField {
    /// Checks a value, all but the pattern. None is an empty one.
    pub fn check(&self, value: &str) -> Result<(), ValueFault> {
        if value.is_empty() {
            return if self.required { Err(ValueFault::Missing) } else { Ok(()) };
        }
        let is_choice = self.choices.is_empty() || self.choices.iter().any(|choice| choice == value);
        let fits = is_plain(value) && value.chars().count() <= self.max_length.min(LONGEST_VALUE) && is_choice;
        if fits { Ok(()) } else { Err(ValueFault::Invalid) }
    }
}

impl From<ValueFault> for Code {
    fn from(fault: ValueFault) -> Self {
        match fault {
            ValueFault::Missing => Self::MissingParameter,
            ValueFault::Invalid => Self::InvalidParameter,
        }
    }
}

/// The name of a field in errors: `OrderFields.cost_centre`.
#[must_use]
pub fn parameter_of(key: &str) -> String {
    format!("{ORDER_FIELDS}.{key}")
}

/// Whether a text can be a key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.len() <= LONGEST_KEY
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a text is one line without characters that are not seen: control characters, and those that turn or join lines.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let is_hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    !text.chars().any(is_hidden)
}

/// The values trimmed, without those that are empty.
#[must_use]
pub fn tidy(values: FieldValues) -> FieldValues {
    let trimmed = values.into_iter().map(|(key, value)| (key, value.trim().to_owned()));
    trimmed.filter(|(_, value)| !value.is_empty()).collect()
}

/// The values of an operation's member, tidied.
pub(super) fn read(member: Value) -> Result<FieldValues, ParameterError> {
    let members = match member {
        Value::Null => return Ok(FieldValues::new()),
        Value::Object(members) if members.len() <= MOST_FIELDS => members,
        _ => return Err(ParameterError::new(Code::InvalidParameter, ORDER_FIELDS)),
    };
    let mut values = FieldValues::new();
    for (key, value) in members {
        let text = match value {
            Value::String(text) if text.len() <= LONGEST_VALUE * 4 && is_plain(&text) => text,
            Value::Null => continue,
            _ => return Err(ParameterError::new(Code::InvalidParameter, parameter_of(&key))),
        };
        values.insert(key, text);
    }
    Ok(tidy(values))
}

/// The values as an operation's member.
#[must_use]
pub fn write(values: &FieldValues) -> Value {
    let members = values.iter().map(|(key, value)| (key.clone(), value.as_str().into()));
    Value::Object(members.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_value_may_be() {
        let text = OrderField { required: true, max_length: 5, ..OrderField::default() };
        let choice = OrderField { choices: vec!["IT".to_owned()], max_length: 9, ..OrderField::default() };
        let check = |field: &OrderField, value: &str, expect: Result<(), ValueFault>| {
            assert_eq!(field.check(value), expect, "{value:?}");
        };
        check(&text, "", Err(ValueFault::Missing));
        check(&text, "研发中心A", Ok(()));
        check(&text, "研发中心AB", Err(ValueFault::Invalid));
        check(&text, "a\nb", Err(ValueFault::Invalid));
        check(&text, "a\u{202e}b", Err(ValueFault::Invalid));
        check(&choice, "", Ok(()));
        check(&choice, "IT", Ok(()));
        check(&choice, "it", Err(ValueFault::Invalid));
    }

    #[test]
    fn keys_are_names() {
        for key in ["a", "cost_centre", "a1", &"k".repeat(LONGEST_KEY)] {
            assert!(is_key(key), "{key}");
        }
        for key in ["", "1a", "_a", "A", "cost-centre", "a.b", "成本", &"k".repeat(LONGEST_KEY + 1)] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let read_back = |member: Value| read(member).map(|values| write(&values));
        assert_eq!(read_back(json!({ "a": " x ", "b": "", "c": null })), Ok(json!({ "a": "x" })));
        assert_eq!(read_back(Value::Null), Ok(json!({})));
        let refused = |member: Value, name: &str| {
            assert_eq!(read(member), Err(ParameterError::new(Code::InvalidParameter, name)));
        };
        refused(json!("a"), "OrderFields");
        refused(json!(["a"]), "OrderFields");
        refused(json!({ "a": 1 }), "OrderFields.a");
        refused(json!({ "a": "x\u{0}" }), "OrderFields.a");
        refused(json!({ "a": "x".repeat(801) }), "OrderFields.a");
        let many: Map<_, _> = (0..=MOST_FIELDS).map(|number| (format!("f{number}"), json!("x"))).collect();
        refused(many.into(), "OrderFields");
    }
}
