//! Requests as flat name-value pairs, as on the wire, and back.
//!
//! Parsing has a serde deserialiser of its own for its errors: each names the parameter and carries a stable code,
//! whether the request came as a query, a JSON body or a form.

use serde::{
    Serialize,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor},
};
use serde_json::Value;

use crate::{Code, Outcome, Problem, ids::RegionId};

/// The parameter that goes with every call and is in no request type.
pub const REGION_ID: &str = "RegionId";

/// What is wrong with a request, and with which parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterError {
    /// What is wrong.
    pub code: Code,
    /// The parameter's name on the wire; empty if the error is about no single one.
    pub parameter: String,
}

impl ParameterError {
    /// An error about one parameter.
    pub fn new(code: Code, parameter: impl Into<String>) -> Self {
        Self { code, parameter: parameter.into() }
    }
}

impl std::fmt::Display for ParameterError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} ({})", self.code, self.parameter)
    }
}

impl std::error::Error for ParameterError {}

impl From<ParameterError> for Problem {
    fn from(error: ParameterError) -> Self {
        Self::new(error.code, Outcome::NotSent).at(error.parameter)
    }
}

impl de::Error for ParameterError {
    /// Value types fail with their [`Code`] as the text; whatever else is said is an invalid parameter.
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(message.to_string().parse().unwrap_or(Code::InvalidParameter), "")
    }
    fn missing_field(field: &'static str) -> Self {
        Self::new(Code::MissingParameter, field)
    }
    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::new(Code::UnknownParameter, field)
    }
    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Code::DuplicateParameter, field)
    }
}

/// The names and texts of a request, sorted by name; absent ones are left out.
#[must_use]
pub fn to_pairs<T: Serialize>(request: &T) -> Vec<(String, String)> {
    match serde_json::to_value(request) {
        Ok(Value::Object(members)) => {
            members.into_iter().filter_map(|(name, value)| Some((name, scalar_text(value)?))).collect()
        }
        // A request is a struct of flat members, so this does not happen.
        _ => Vec::new(),
    }
}

fn scalar_text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A request from names and texts. Empty texts are taken as absent, as an HTML form sends them.
pub fn from_pairs<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, ParameterError> {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    T::deserialize(Pairs { rest: pairs, value: None })
}

/// A request from the members of a JSON object. Numbers and truth values count as their texts, null as absent.
pub fn from_object<T: DeserializeOwned>(members: &serde_json::Map<String, Value>) -> Result<T, ParameterError> {
    let mut pairs = Vec::with_capacity(members.len());
    for (name, value) in members {
        if value.is_array() || value.is_object() {
            return Err(ParameterError::new(Code::InvalidParameter, name));
        }
        // An empty name or address is an error to report, not an absent parameter.
        if let Some(text) = scalar_text(value.clone()) {
            pairs.push((name.clone(), text));
        }
    }
    T::deserialize(Pairs { rest: pairs.iter(), value: None })
}

/// Takes `RegionId` out of the parameters and parses it. `None` if there is none.
pub fn take_region(pairs: &mut Vec<(String, String)>) -> Result<Option<RegionId>, ParameterError> {
    let mut found = None;
    let mut twice = false;
    pairs.retain(|(name, value)| {
        let is_region = name == REGION_ID;
        if is_region && !value.is_empty() {
            twice |= found.replace(value.clone()).is_some();
        }
        !is_region
    });
    if twice {
        return Err(ParameterError::new(Code::DuplicateParameter, REGION_ID));
    }
    found.map(RegionId::try_from).transpose().map_err(|_| ParameterError::new(Code::UnknownRegion, REGION_ID))
}

/// The pairs as a serde map.
struct Pairs<'a, I> {
    rest: I,
    value: Option<&'a (String, String)>,
}

impl<'de, 'a, I: Iterator<Item = &'a (String, String)>> de::Deserializer<'de> for Pairs<'a, I> {
    type Error = ParameterError;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_map(self)
    }
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, 'a, I: Iterator<Item = &'a (String, String)>> de::MapAccess<'de> for Pairs<'a, I> {
    type Error = ParameterError;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ParameterError> {
        self.value = self.rest.next();
        self.value.map(|(name, _)| seed.deserialize(name.as_str().into_deserializer())).transpose()
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ParameterError> {
        let (name, text) = self.value.take().ok_or_else(|| ParameterError::new(Code::InvalidParameter, ""))?;
        seed.deserialize(Text(text)).map_err(|error| ParameterError { parameter: name.clone(), ..error })
    }
}

/// One text, read as whatever the field wants.
struct Text<'a>(&'a str);

impl<'de> de::Deserializer<'de> for Text<'_> {
    type Error = ParameterError;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_str(self.0)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ParameterError> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ParameterError> {
        visitor.visit_u32(self.0.parse().map_err(de::Error::custom)?)
    }
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{CreateDesktop, CreateUser, DescribeImages};

    fn pairs(text: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }

    #[test]
    fn errors_name_the_parameter() {
        let check = |text: &str, code: Code, parameter: &str| {
            assert_eq!(from_pairs::<DescribeImages>(&pairs(text)), Err(ParameterError::new(code, parameter)), "{text}");
        };
        check("Foo=1", Code::UnknownParameter, "Foo");
        check("imageName=1", Code::UnknownParameter, "imageName");
        check("Page=one", Code::InvalidParameter, "Page");
        check("Page=-1", Code::InvalidParameter, "Page");
        check("ImageType=own", Code::InvalidParameter, "ImageType");
        check("ImageId=a%20b", Code::InvalidParameter, "ImageId");
        check("Page=1&Page=2", Code::DuplicateParameter, "Page");
    }

    #[test]
    fn bodies_fail_as_queries_do() {
        let check = |json: &str, code: Code, parameter: &str| {
            let body: serde_json::Map<String, Value> = serde_json::from_str(json).unwrap();
            assert_eq!(from_object::<CreateUser>(&body), Err(ParameterError::new(code, parameter)), "{json}");
        };
        check(r#"{"Email":"a@b.cn"}"#, Code::MissingParameter, "UserName");
        check(r#"{"UserName":"","Email":"a@b.cn"}"#, Code::UserNameEmpty, "UserName");
        check(r#"{"UserName":"a2345678901234567","Email":"a@b.cn"}"#, Code::UserNameTooLong, "UserName");
        check(r#"{"UserName":"a","Email":"nobody"}"#, Code::EmailInvalid, "Email");
        check(r#"{"UserName":["a"],"Email":"a@b.cn"}"#, Code::InvalidParameter, "UserName");
        check(r#"{"UserName":"a","Email":"a@b.cn","Admin":true}"#, Code::UnknownParameter, "Admin");
    }

    #[test]
    fn a_purchase_survives_the_wire() {
        let text = "TypeItemId=desktop.n1.small&ChargeType=PREPAY&VpcId=vpc-1&ZoneId=cn-hangzhou-b&VSwitchId=vsw-1\
                    &ImageId=img-1&ImageType=default&UserName=%E5%BC%A0+%E4%B8%89&UserGroup=Users&Period=12&ClientToken=t-1";
        let request: CreateDesktop = from_pairs(&pairs(text)).unwrap();
        assert_eq!(request.period.map(crate::values::Period::months), Some(12));
        assert_eq!(request.user_name.as_str(), "张 三");
        let again = to_pairs(&request);
        assert_eq!(again.len(), 11);
        assert_eq!(from_pairs::<CreateDesktop>(&again), Ok(request));
    }

    #[test]
    fn region_is_taken_out() {
        let mut list = pairs("A=1&RegionId=cn-hangzhou&B=2");
        assert_eq!(take_region(&mut list).unwrap().unwrap().as_str(), "cn-hangzhou");
        assert_eq!(list, pairs("A=1&B=2"));
        assert_eq!(take_region(&mut pairs("A=1")), Ok(None));
        let error = |text: &str| take_region(&mut pairs(text)).unwrap_err().code;
        assert_eq!(error("RegionId=a&RegionId=b"), Code::DuplicateParameter);
        assert_eq!(error("RegionId=evil.example%2F"), Code::UnknownRegion);
    }
}
