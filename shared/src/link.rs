//! The page's addresses: `/?commodityCode=CloudDesktopPost&request={"region":"cn-hangzhou"}#/buy` (document 1.1).
//!
//! An address is untrusted input, and is damaged on its way through messengers and mail. What has one meaning is read; for
//! the rest [`read_query`] names what it is about, since a default in its place would cost another sum. Parsing never fails.

mod route;

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

pub use route::{Route, asked_field};

use crate::{
    form::{Field, Form},
    typed::{clean, narrow},
    values::{ChargeType, ImageType, UserGroup},
};

/// Characters that are not escaped in the query, so that it reads as in the document.
const LITERAL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'{')
    .remove(b'}')
    .remove(b':')
    .remove(b',');

/// A part of a link that could not be read, so that the form has a default in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The field; `None` for one that is not known, or for `request` as a whole.
    pub field: Option<Field>,
    /// What it is called in the link.
    pub name: String,
    /// What the link says.
    pub text: String,
}

/// The form that a query requests, with or without its `?`. It never has users: an address is no place for personal
/// data.
#[must_use]
pub fn parse_query(query: &str) -> Form {
    read_query(query).0
}

/// The form that a query requests, and what of the query could not be read.
#[must_use]
pub fn read_query(query: &str) -> (Form, Vec<Unread>) {
    let query = query.strip_prefix('?').unwrap_or(query);
    // Escaped for HTML, as some editors leave a link.
    let query = query.replace("&quot;", "%22").replace("&amp;", "&");
    let (mut form, mut unread) = (Form::default(), Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() && is_query(&name) {
            // Encoded as a whole.
            let (inner, more) = read_query(&name);
            unread.extend(more);
            form = inner;
            continue;
        }
        let mut missed = |field| unread.push(Unread { field, name: name.to_string(), text: value.to_string() });
        match &*clean(&narrow(&name)).to_ascii_lowercase() {
            "commoditycode" => match commodity(&value) {
                Some(kind) => form.charge_type = kind,
                None => missed(Some(Field::ChargeType)),
            },
            "request" => match request(&value) {
                Some(request) => read_request(&mut form, &mut unread, &request),
                None if clean(&value).is_empty() => {}
                None => missed(None),
            },
            _ => {}
        }
    }
    (form, unread)
}

/// Whether the name of a parameter is a query of its own.
fn is_query(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["commoditycode=", "request="].iter().any(|part| name.contains(part))
}

fn commodity(text: &str) -> Option<ChargeType> {
    let text = clean(&narrow(&clean(text)));
    ChargeType::ALL.iter().copied().find(|kind| kind.commodity_code().eq_ignore_ascii_case(&text))
}

/// The members of `request`: as they are, encoded once more, or with the quotation marks and colons of a word processor.
fn request(text: &str) -> Option<Map<String, Value>> {
    let mut text = text.to_owned();
    for _ in 0..3 {
        match serde_json::from_str(&text) {
            Ok(Value::Object(members)) => return Some(members),
            // JSON in JSON.
            Ok(Value::String(inner)) => text = inner,
            Ok(_) => return None,
            Err(_) => {
                let plain = plain_marks(&text);
                if let Ok(Value::Object(members)) = serde_json::from_str(&plain) {
                    return Some(members);
                }
                text = percent_decode_str(&text).decode_utf8().ok()?.into_owned();
            }
        }
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

fn read_request(form: &mut Form, unread: &mut Vec<Unread>, request: &Map<String, Value>) {
    for (name, value) in request {
        let is = |field: &&Field| field.link_member().is_some_and(|member| member.eq_ignore_ascii_case(&clean(name)));
        let field = Field::ALL.iter().copied().find(|field| is(&field));
        let known = field.is_some_and(|field| form.read(field, value) || form.read(field, &nearest(field, value)));
        if !known && !value.is_null() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            unread.push(Unread { field, name: name.clone(), text });
        }
    }
}

/// A value as it was meant: clean, and of a closed set in its own spelling.
fn nearest(field: Field, value: &Value) -> Value {
    fn spelt<T: FromStr + Copy>(all: &[T], text: &str, of: fn(T) -> &'static str) -> Option<&'static str> {
        all.iter().map(|one| of(*one)).find(|one| one.eq_ignore_ascii_case(text))
    }
    if let (Field::Period, Some(number)) = (field, value.as_f64()) {
        // `12.0`, as some spreadsheets write it.
        return format!("{number}").into();
    }
    let text = clean(&narrow(&clean(value.as_str().unwrap_or_default())));
    let own = match field {
        Field::UserGroup => spelt(UserGroup::ALL, &text, UserGroup::as_str),
        Field::ImageType => spelt(ImageType::ALL, &text, ImageType::as_str),
        _ => None,
    };
    own.map_or_else(|| text.into(), Value::from)
}

/// The query, with its `?`, that requests this form. Defaults are left out.
#[must_use]
pub fn write_query(form: &Form) -> String {
    let empty = Form::default();
    let mut members = String::new();
    for field in Field::ALL.iter().filter(|field| !form.same(&empty, **field)) {
        if let (Some(member), Some(value)) = (field.link_member(), form.write(*field)) {
            if !members.is_empty() {
                members.push(',');
            }
            // Both as JSON.
            members.push_str(&Value::from(member).to_string());
            members.push(':');
            members.push_str(&value.to_string());
        }
    }
    let request = format!("{{{members}}}");
    format!("?commodityCode={}&request={}", form.charge_type.commodity_code(), utf8_percent_encode(&request, LITERAL))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{form::any_form, ids::RegionId, values::Period};

    #[test]
    fn the_documents_own_links() {
        let check = |query: &str, charge_type: ChargeType, region: Option<&str>| {
            let form = parse_query(query);
            assert_eq!(form.charge_type, charge_type, "{query}");
            assert_eq!(form.region.as_ref().map(RegionId::as_str), region, "{query}");
        };
        check(
            "?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}",
            ChargeType::PostPay,
            Some("cn-hangzhou"),
        );
        check(
            "?commodityCode=CloudDesktop&request={\"region\":\"cn-beijing\"}",
            ChargeType::PrePay,
            Some("cn-beijing"),
        );
        check(
            "commodityCode=CloudDesktop&request=%7B%22region%22%3A%22cn-beijing%22%7D",
            ChargeType::PrePay,
            Some("cn-beijing"),
        );
        check("", ChargeType::PostPay, None);
        check("?commodityCode=Other&request=%7Bbroken", ChargeType::PostPay, None);
        check("?request=[1]&commodityCode=CloudDesktop", ChargeType::PrePay, None);
        check("?request={%22region%22:7,%22period%22:[]}", ChargeType::PostPay, None);
        check("?request={%22region%22:%22evil.example/%22}", ChargeType::PostPay, None);
    }

    #[test]
    fn a_damaged_link_is_read_where_it_has_one_meaning() {
        let meant = parse_query(
            "?commodityCode=CloudDesktop&request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
        );
        for query in [
            "?commoditycode=CloudDesktop&Request={\"region\":\"cn-hangzhou\",\"userGroup\":\"Administrators\",\"period\":12}",
            "?commodityCode=CloudDesktop&amp;request={&quot;region&quot;:&quot;cn-hangzhou&quot;,&quot;userGroup&quot;:\
             &quot;Administrators&quot;,&quot;period&quot;:12}",
            "?commodityCode%3DCloudDesktop%26request%3D%7B%22region%22%3A%22cn-hangzhou%22%2C%22userGroup%22%3A%22\
             Administrators%22%2C%22period%22%3A12%7D",
            "?commodityCode=clouddesktop&request={\"region\":\"cn-hangzhou\",\"userGroup\":\"administrators\",\"period\":\"12\"}",
            "?commodityCode=CloudDesktop。&request={“region”:“cn-hangzhou”，“userGroup”：“Administrators”,“period”:12}。",
            "?commodityCode=CloudDesktop%E2%80%8B&request={\"Region\":\"cn-hangzhou。\",\"usergroup\":\" ADMINISTRATORS\",\"period\":\"１２\"}",
            "?commodityCode=CloudDesktop;&request=%257B%2522region%2522:%2522cn-hangzhou%2522,%2522userGroup%2522:%2522Administrators%2522,%2522period%2522:12%257D",
            "?commodityCode=CloudDesktop&request=\"{\\\"region\\\":\\\"cn-hangzhou\\\",\\\"userGroup\\\":\\\"Administrators\\\",\\\"period\\\":12}\"",
            "?commodityCode=CloudDesktop&request={'region':'cn-hangzhou','userGroup':'Administrators','period':12.0}",
        ] {
            assert_eq!(read_query(query), (meant.clone(), Vec::new()), "{query}");
        }
    }

    #[test]
    fn what_it_does_not_say_for_certain_is_named() {
        let check = |query: &str, field: Option<Field>, name: &str, text: &str| {
            let named = Unread { field, name: name.to_owned(), text: text.to_owned() };
            assert_eq!(read_query(query).1, [named], "{query}");
        };
        check("?commodityCode=CloudDesktopPre", Some(Field::ChargeType), "commodityCode", "CloudDesktopPre");
        check("?request={%22period%22:10}", Some(Field::Period), "period", "10");
        check("?request={%22period%22:1.5}", Some(Field::Period), "period", "1.5");
        check("?request={%22userGroup%22:%22admin%22}", Some(Field::UserGroup), "userGroup", "admin");
        check("?request={%22region%22:%22evil.example/%22}", Some(Field::Region), "region", "evil.example/");
        check("?request={%22peroid%22:12}", None, "peroid", "12");
        check("?request=%7Bbroken", None, "request", "{broken");
        check("?request=[1]", None, "request", "[1]");
        for query in ["", "?request=", "?request={}", "?request={%22region%22:null}", "?utm_source=x"] {
            assert_eq!(read_query(query).1, [], "{query}");
        }
    }

    #[test]
    fn writes_as_the_document_does() {
        let query = "?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}";
        assert_eq!(write_query(&parse_query(query)), query);
    }

    #[test]
    fn period_as_number_or_text() {
        for period in ["12", "%2212%22"] {
            assert_eq!(parse_query(&format!("?request={{%22period%22:{period}}}")).period.months(), 12);
        }
        assert_eq!(parse_query("?request={%22period%22:10}").period, Period::ONE_MONTH);
    }

    proptest! {
        #[test]
        fn writing_and_parsing_are_inverse(form in any_form()) {
            prop_assert_eq!(read_query(&write_query(&form)), (form, Vec::new()));
        }

        #[test]
        fn junk_is_passed_over(query in "\\PC{0,200}") {
            let _ = parse_query(&query);
            let _ = parse_query(&format!("?request={query}"));
        }
    }
}
