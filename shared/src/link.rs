//! The page's addresses: `/?commodityCode=CloudDesktopPost&request={"region":"cn-hangzhou"}#/buy` (document 1.1).
//!
//! An address is untrusted input, and is damaged on its way through messengers and mail. What has one meaning is read; for
//! the rest [`read_query`] names what it is about, since a default in its place would cost another sum. Parsing never fails.

mod request;
mod route;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use request::{Members, read_request, request};
pub use route::{Route, asked_field};

use crate::{
    form::{Field, Form},
    typed::{clean, narrow},
    values::ChargeType,
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

/// The form that a query requests, and what of the query could not be read. A hash may follow, with or without a query of its
/// own: programs that route by the hash write it there.
#[must_use]
pub fn read_query(query: &str) -> (Form, Vec<Unread>) {
    let mut reading = Reading::default();
    // With other signs between its parts, as they stand behind a parameter of another page.
    let query = separated(unescape(query));
    let (query, hash) = query.split_once('#').unwrap_or((&query, ""));
    reading.query(query.strip_prefix('?').unwrap_or(query), 0);
    if let Some((_, query)) = hash.split_once(['?', '&']) {
        reading.query(query, 0);
    }
    reading.end()
}

/// Text that was escaped for HTML, once or more, as some editors leave a link.
fn unescape(text: &str) -> String {
    let mut text = text.replace("&#38;", "&");
    while text.contains("&amp;") {
        text = text.replace("&amp;", "&");
    }
    text.replace("&quot;", "%22")
}

/// A query whose parts a semicolon keeps apart: where a parameter of ours follows, and not within JSON.
fn separated(mut query: String) -> String {
    let is_ours = |rest: &str| rest.split_once('=').is_some_and(|(name, _)| is_parameter(name));
    let count = |text: &str, sign| text.matches(sign).count();
    let ends = |at: usize| is_ours(&query[at + 1..]) && count(&query[..at], '{') == count(&query[..at], '}');
    let places: Vec<_> = query.match_indices(';').map(|(at, _)| at).filter(|at| ends(*at)).collect();
    for at in places {
        query.replace_range(at..=at, "&");
    }
    query
}

/// Whether this is the name of one of the two parameters.
fn is_parameter(name: &str) -> bool {
    matches!(&*letters(name), "commoditycode" | "request")
}

/// What has been read of an address.
#[derive(Default)]
struct Reading {
    form: Form,
    unread: Vec<Unread>,
    /// The first billing kind that the address has.
    kind: Option<ChargeType>,
    /// Whether it has another one too.
    is_contradicted: bool,
    /// The first request that it has.
    request: Option<Members>,
    /// Misspelt parameters, each with whether the request is probably meant, else the billing kind.
    misspelt: Vec<(bool, Unread)>,
}

impl Reading {
    /// `depth` is how often it was inside of another.
    fn query(&mut self, query: &str, depth: u8) {
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // Encoded as a whole, or with other signs between its parts.
            if depth < 3 && value.is_empty() && is_query(&name) {
                self.query(&unescape(&narrow(&name)), depth + 1);
            } else if depth < 3 && is_parameter(&name) && is_query(&value) {
                self.query(&separated(format!("{name}={}", unescape(&narrow(&value)))), depth + 1);
            } else {
                self.parameter(&name, &value);
            }
        }
    }

    fn parameter(&mut self, name: &str, value: &str) {
        let letters = letters(name);
        let unread = |field| Unread { field, name: name.to_owned(), text: value.to_owned() };
        match letters.as_str() {
            "commoditycode" => {
                let kind = commodity(value);
                if kind.is_none_or(|kind| *self.kind.get_or_insert(kind) != kind) {
                    self.is_contradicted |= kind.is_some();
                    self.unread.push(unread(Some(Field::ChargeType)));
                }
            }
            "request" if clean(value).is_empty() => {}
            "request" => match (request(value), &self.request) {
                (Some((members, text)), None) => {
                    read_request(&mut self.form, &mut self.unread, &members, &text);
                    self.request = Some(members);
                }
                (Some((members, _)), Some(first)) if members == *first => {}
                _ => self.unread.push(unread(None)),
            },
            _ => {
                let is_request = letters.contains("request") || value.trim_start().starts_with('{');
                if is_request || letters.contains("modity") || commodity(value).is_some() {
                    self.misspelt.push((is_request, unread(None)));
                }
            }
        }
    }

    fn end(self) -> (Form, Vec<Unread>) {
        let Self { mut form, mut unread, kind, is_contradicted, request, misspelt } = self;
        if let (Some(kind), false) = (kind, is_contradicted) {
            form.charge_type = kind;
        }
        // What a misspelt one asks for is not known for certain; it is another page's where the right one is there.
        let is_missed = |is_request| if is_request { request.is_none() } else { kind.is_none() };
        unread.extend(misspelt.into_iter().filter(|(is_request, _)| is_missed(*is_request)).map(|(_, unread)| unread));
        (form, unread)
    }
}

/// What a parameter is called, whatever its capitals and punctuation.
fn letters(name: &str) -> String {
    narrow(name).chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Whether a text is or holds a query of its own.
fn is_query(text: &str) -> bool {
    let text = narrow(text).to_ascii_lowercase();
    ["commoditycode=", "request="].iter().any(|part| text.contains(part))
}

fn commodity(text: &str) -> Option<ChargeType> {
    // The hash may have been encoded along with it.
    let text = percent_decode_str(text).decode_utf8_lossy();
    let text = clean(&narrow(&clean(text.split('#').next().unwrap_or_default())));
    ChargeType::ALL.iter().copied().find(|kind| kind.commodity_code().eq_ignore_ascii_case(&text))
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
mod tests;
