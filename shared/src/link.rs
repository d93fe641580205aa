//! The page's addresses: `/?commodityCode=CloudDesktopPost&request={"region":"cn-hangzhou"}#/buy` (document 1.1).
//!
//! An address is untrusted input. What can be read is taken and the rest ignored; parsing never fails.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::{
    form::{Field, Form},
    ids::ClientToken,
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

/// Characters that are not escaped in a route.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The form that a query requests, with or without its `?`. It never has users: an address is no place for personal
/// data.
#[must_use]
pub fn parse_query(query: &str) -> Form {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut form = Form::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "commodityCode" => form.charge_type = ChargeType::from_commodity_code(&value).unwrap_or(form.charge_type),
            "request" => {
                if let Ok(Value::Object(request)) = serde_json::from_str(&value) {
                    read_request(&mut form, &request);
                }
            }
            _ => {}
        }
    }
    form
}

fn read_request(form: &mut Form, request: &Map<String, Value>) {
    for field in Field::ALL {
        if let Some(value) = field.link_member().and_then(|member| request.get(member)) {
            form.read(*field, value);
        }
    }
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

/// A route: what the part after the `#` shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// `#/buy`, and whatever is not known.
    #[default]
    Buy,
    /// `#/orders`.
    Orders,
    /// `#/orders/{token}`.
    Order(ClientToken),
    /// `#/orders/batch/{token}`: the orders of a batch, by the token that names it.
    Batch(ClientToken),
}

impl Route {
    /// The route of a hash, with or without its `#`.
    #[must_use]
    pub fn parse(hash: &str) -> Self {
        let path = hash.strip_prefix('#').unwrap_or(hash).trim_matches('/');
        match path.split_once('/') {
            None if path == "orders" => Self::Orders,
            Some(("orders", rest)) => {
                let (token, of): (_, fn(ClientToken) -> Self) = match rest.split_once('/') {
                    Some(("batch", token)) => (token, Self::Batch),
                    _ => (rest, Self::Order),
                };
                let token = percent_encoding::percent_decode_str(token).decode_utf8_lossy().into_owned();
                token.try_into().map_or(Self::Orders, of)
            }
            _ => Self::Buy,
        }
    }

    /// The hash of the route, with its `#`.
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Self::Buy => "#/buy".to_owned(),
            Self::Orders => "#/orders".to_owned(),
            Self::Order(token) => format!("#/orders/{}", utf8_percent_encode(token.as_str(), UNRESERVED)),
            Self::Batch(token) => format!("#/orders/batch/{}", utf8_percent_encode(token.as_str(), UNRESERVED)),
        }
    }
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
            prop_assert_eq!(parse_query(&write_query(&form)), form);
        }

        #[test]
        fn junk_is_passed_over(query in "\\PC{0,200}", hash in "\\PC{0,60}") {
            let _ = parse_query(&query);
            let _ = parse_query(&format!("?request={query}"));
            let route = Route::parse(&hash);
            prop_assert_eq!(Route::parse(&route.href()), route);
        }

        #[test]
        fn an_order_has_an_address(token in "[!-~]{1,64}") {
            for route in [Route::Order(token.parse().unwrap()), Route::Batch(token.parse().unwrap())] {
                prop_assert_eq!(Route::parse(&route.href()), route);
            }
        }
    }
}
