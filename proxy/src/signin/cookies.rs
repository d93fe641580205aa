//! Cookies: reads values from request headers, and writes `Set-Cookie` headers.
//!
//! The crate `cookie` writes them. It cannot read them safely: it wants the whole header as text, so one cookie of a
//! sibling site with other bytes would hide ours. And it trims Unicode spaces, by which a foreign name could pass for
//! ours.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};

/// The values of the cookies with this name, in the order of the request. Names are compared byte by byte, and other
/// cookies do not matter.
pub fn values<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    pairs(headers).filter(move |(found, _)| *found == name.as_bytes()).filter_map(|(_, value)| text(value))
}

/// The names of the cookies that begin with this prefix.
pub fn names<'h>(headers: &'h HeaderMap, prefix: &'h str) -> impl Iterator<Item = &'h str> {
    pairs(headers).filter(move |(found, _)| found.starts_with(prefix.as_bytes())).filter_map(|(name, _)| text(name))
}

/// Where our cookies go: their path, and the prefix of their names, for which browsers take them over https only.
#[derive(Clone, Debug)]
pub struct Scope {
    prefix: &'static str,
    path: String,
}

impl Scope {
    /// The scope of a proxy below a path, such as `/` or `/deskbuy/`. With `__Host-` no other host can set the cookie, but
    /// its path has to be `/`. Below a path that would hand it to whatever else is on this host, so there it is `__Secure-`.
    #[must_use]
    pub fn below(path: &str) -> Self {
        Self { prefix: if path == "/" { "__Host-" } else { "__Secure-" }, path: path.to_owned() }
    }

    /// The whole name of a cookie.
    #[must_use]
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The header that sets a cookie of this whole name. `None` if name or value has characters that a cookie cannot have.
    #[must_use]
    pub fn set(&self, name: &str, value: &str, same_site: SameSite, lifetime: Duration) -> Option<HeaderValue> {
        set(&self.path, name, value, same_site, lifetime)
    }

    /// The header that deletes a cookie.
    #[must_use]
    pub fn clear(&self, name: &str, same_site: SameSite) -> Option<HeaderValue> {
        self.set(name, "", same_site, Duration::ZERO)
    }
}

fn set(path: &str, name: &str, value: &str, same_site: SameSite, lifetime: Duration) -> Option<HeaderValue> {
    let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',' | b'"'));
    if name.is_empty() || !visible(name) || !visible(value) {
        return None;
    }
    let cookie = Cookie::build((name, value))
        .path(path)
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .max_age(lifetime.try_into().ok()?);
    let mut header = HeaderValue::from_str(&cookie.to_string()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let all = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    all.filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        Some((trimmed(&pair[..at]), trimmed(&pair[at + 1..])))
    })
}

/// Trims the spaces and tabs that HTTP allows.
fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: &str = "__Host-a";

    fn headers(texts: &[&str]) -> HeaderMap {
        texts.iter().map(|text| (header::COOKIE, HeaderValue::from_bytes(text.as_bytes()).unwrap())).collect()
    }

    #[test]
    fn ours_is_found_whatever_stands_beside_it() {
        let check = |texts: &[&str], expect: &[&str]| {
            assert_eq!(values(&headers(texts), OURS).collect::<Vec<_>>(), expect, "{texts:?}");
        };
        check(&[], &[]);
        check(&["__Host-a=1; b=2"], &["1"]);
        check(&["b=2", " __Host-a = 2=3 "], &["2=3"]);
        check(&["user=张三; __Host-a=1"], &["1"]);
        check(&[";;;;; =; x; __Host-a=1"], &["1"]);
        check(&[&("x=1; ".repeat(200) + "__Host-a=1")], &["1"]);
        // A Unicode space belongs to the name, so this is another name.
        check(&["\u{a0}__Host-a=1; \u{2003}__Host-a=2; __host-a=3; __Host-ab=4"], &[]);
    }

    #[test]
    fn names_by_their_beginning() {
        let found = headers(&["__Host-a-1=x; b=2", "é=1; __Host-a-2="]);
        assert_eq!(names(&found, "__Host-a-").collect::<Vec<_>>(), ["__Host-a-1", "__Host-a-2"]);
    }

    #[test]
    fn what_is_written() {
        let text = |value: Option<HeaderValue>| value.map(|value| value.to_str().unwrap().to_owned());
        let ours = Scope::below("/");
        assert_eq!(
            text(ours.set(OURS, "v", SameSite::Lax, Duration::from_mins(1))).as_deref(),
            Some("__Host-a=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60")
        );
        assert_eq!(
            text(ours.clear(OURS, SameSite::Strict)).as_deref(),
            Some("__Host-a=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0")
        );
        let below = Scope::below("/desk/");
        assert_eq!(
            text(below.clear(&below.name("a"), SameSite::Strict)).as_deref(),
            Some("__Secure-a=; HttpOnly; SameSite=Strict; Secure; Path=/desk/; Max-Age=0")
        );
        assert_eq!(ours.set("a", "v; Domain=example", SameSite::Lax, Duration::ZERO), None);
        assert_eq!(ours.set("a", "v\r\nx: y", SameSite::Lax, Duration::ZERO), None);
    }

    proptest! {
        #[test]
        fn ours_is_found_behind_anything(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let sent = [&bytes, &b";__Host-a=v"[..]].concat();
            if let Ok(value) = HeaderValue::from_bytes(&sent) {
                let headers = HeaderMap::from_iter([(header::COOKIE, value)]);
                prop_assert_eq!(values(&headers, OURS).last(), Some("v"));
            }
        }
    }
}
