//! Fuzz target: the `Cookie` headers of a request.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;

use super::{
    cookies,
    seal::Sealer,
    session::{Lifetimes, Session},
};
use fuzz::{edited, run};

const COOKIES: &[&str] =
    &["__Host-deskbuy=c2VhbGVk; other=1", "a=1; b=2=3; __Host-deskbuy-pending-1=x", "theme=dark; __Host-deskbuy=", ""];
const PIECES: &[&str] =
    &[";", "=", "; ", " ", ",", "\"", "__Host-deskbuy=", "__host-deskbuy=", "%3B", "\t", "é", ";;;;;;;;", "a=b;"];

#[test]
fn cookies() {
    let sealer = Sealer::new(&["a key that nobody else has".into()], &[]).unwrap();
    let lifetimes = Lifetimes { idle: Duration::from_mins(1), total: Duration::from_hours(1) };
    run("cookies", &proptest::collection::vec(edited(COOKIES, PIECES), 0..3), |values| {
        let values = values.iter().filter_map(|bytes| HeaderValue::from_bytes(bytes).ok());
        let headers: HeaderMap = values.map(|value| (header::COOKIE, value)).collect();
        for value in cookies::values(&headers, "__Host-deskbuy") {
            // A value ends at the cookie's end, and was really sent.
            prop_assert!(!value.contains(';'), "{}", value);
            let is_sent = headers.values().any(|sent| String::from_utf8_lossy(sent.as_bytes()).contains(value));
            prop_assert!(is_sent, "{} is made up", value);
        }
        // No fuzzed cookie was sealed with our key.
        prop_assert!(Session::read(&headers, &sealer, lifetimes, 0, |_| true).is_none());
        Ok(())
    });
}
