//! The query extractor: a query as a list of names and texts. Handlers give the names their meaning.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::{Code, parameters::ParameterError};

/// The names and texts in their order, repeated ones included.
pub(in crate::http) struct Query(pub(in crate::http) Result<Vec<(String, String)>, ParameterError>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parse(parts.uri.query().unwrap_or_default())))
    }
}

/// Refuses invalid UTF-8. A form parser would insert replacement characters, which would then be signed and sent as if
/// the caller had meant them.
pub(in crate::http) fn parse(query: &str) -> Result<Vec<(String, String)>, ParameterError> {
    match percent_encoding::percent_decode_str(query).decode_utf8() {
        Ok(_) => Ok(form_urlencoded::parse(query.as_bytes()).into_owned().collect()),
        Err(_) => Err(ParameterError::new(Code::InvalidParameter, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn queries() {
        let check = |query: &str, expect: Option<&[(&str, &str)]>| {
            let expect = expect.map(|list| list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
            assert_eq!(parse(query).ok(), expect, "{query}");
        };
        check("", Some(&[]));
        check("A=1&B=%E5%BC%A0+x&A=", Some(&[("A", "1"), ("B", "张 x"), ("A", "")]));
        check("A=%FF", None);
        check("%C3%28=1", None);
        check("A=100%", Some(&[("A", "100%")]));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(pairs in proptest::collection::vec(any::<(String, String)>(), 0..6)) {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
            // A pair of two empty texts is dropped.
            let pairs: Vec<_> = pairs.into_iter().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
            let read: Vec<_> = parse(&query).unwrap().into_iter().filter(|(name, value)| !(name.is_empty() && value.is_empty())).collect();
            prop_assert_eq!(read, pairs);
        }

        #[test]
        fn nothing_panics(query in any::<String>()) {
            let _ = parse(&query);
        }
    }
}
