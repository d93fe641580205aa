//! Cookies as headers: reading those that a browser sends, and writing ours. What is in them is not known here.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// A browser sends few and short ones; whatever is beyond this is not looked at.
const MOST: usize = 64;

/// When a browser sends a cookie along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// With requests that begin on this site only.
    Strict,
    /// Also when a link on another site leads here, as the provider's does.
    Lax,
}

/// The cookies of a request, with their names, in their order.
pub fn read(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).take(MOST);
    pairs.filter_map(|pair| pair.split_once('=').map(|(name, value)| (name.trim(), value.trim())))
}

/// The header that sets a cookie. `__Host-` in its name obliges the browser to take it over https, for this host and
/// no other. Nothing where name or value has characters that a cookie cannot have.
#[must_use]
pub fn set(name: &str, value: &str, same_site: SameSite, lifetime: Duration) -> Option<HeaderValue> {
    let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"'));
    if name.is_empty() || !visible(name) || !visible(value) {
        return None;
    }
    let (site, seconds) = (format!("{same_site:?}"), lifetime.as_secs());
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite={site}; Max-Age={seconds}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header that makes the browser forget a cookie.
#[must_use]
pub fn clear(name: &str, same_site: SameSite) -> Option<HeaderValue> {
    set(name, "", same_site, Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(texts: &[&str]) -> HeaderMap {
        texts.iter().map(|text| (header::COOKIE, HeaderValue::from_bytes(text.as_bytes()).unwrap())).collect()
    }

    #[test]
    fn what_is_read() {
        let check = |texts: &[&str], expect: &[(&str, &str)]| {
            assert_eq!(read(&headers(texts)).collect::<Vec<_>>(), expect, "{texts:?}");
        };
        check(&[], &[]);
        check(&["a=1; b=2"], &[("a", "1"), ("b", "2")]);
        check(&["a=1", "b=2=3"], &[("a", "1"), ("b", "2=3")]);
        check(&["a;;=; b=", "张=1"], &[("", ""), ("b", "")]);
    }

    #[test]
    fn what_is_written() {
        let text = |value: Option<HeaderValue>| value.map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(
            text(set("__Host-a", "v", SameSite::Lax, Duration::from_mins(1))).as_deref(),
            Some("__Host-a=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60")
        );
        assert_eq!(
            text(clear("__Host-a", SameSite::Strict)).as_deref(),
            Some("__Host-a=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
        );
        assert_eq!(set("a", "v; Domain=example", SameSite::Lax, Duration::ZERO), None);
        assert_eq!(set("a", "v\r\nx: y", SameSite::Lax, Duration::ZERO), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
                prop_assert!(read(&headers).count() <= MOST);
            }
        }
    }
}
