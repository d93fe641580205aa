//! Pending sign-ins, each in a cookie of its own from the redirect to the provider until the callback. The cookie's
//! name contains the `state`, so that two windows can sign in at the same time.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};

use super::{
    cookies,
    seal::{Purpose, Sealer},
};

/// The prefix of the cookies' names.
const NAME_PREFIX: &str = "__Host-deskbuy-login-";
/// Length of the part of the state in the cookie's name: enough to tell the sign-ins of one browser apart.
const STATE_PREFIX_LENGTH: usize = 12;
/// The longest time that a person may take at the provider.
const LIFETIME: Duration = Duration::from_mins(10);
/// The most pending sign-ins of one browser. More are deleted, since piled-up cookies would make every request too
/// large.
const MAX_PENDING: usize = 4;

/// The secrets of a pending sign-in, to compare with the callback.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// `state`: binds the callback to this browser.
    pub state: String,
    /// `nonce`: binds the token to this sign-in.
    pub nonce: String,
    /// The PKCE verifier: proves to the provider that the code's user requested it.
    pub verifier: String,
    /// The address to return to.
    pub back: String,
    /// When it began, in seconds since 1970 UTC.
    pub since: i64,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Pending").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Pending {
    /// The pending sign-in with this state, if the browser has it and it has not expired.
    #[must_use]
    pub fn read(headers: &HeaderMap, sealer: &Sealer, state: &str, now: i64) -> Option<Self> {
        let name = name(state)?;
        let mut texts = cookies::values(headers, &name).filter_map(|value| sealer.open(Purpose::Pending, value));
        let pending: Self = texts.find_map(|text| serde_json::from_slice(&text).ok())?;
        let in_time = now.saturating_sub(pending.since).unsigned_abs() <= LIFETIME.as_secs();
        (pending.state == state && in_time).then_some(pending)
    }

    /// The headers that set its cookie, and delete old ones if there are too many. `SameSite=Lax`, since the callback
    /// is a navigation from another site.
    #[must_use]
    pub fn cookies(&self, headers: &HeaderMap, sealer: &Sealer) -> Option<Vec<HeaderValue>> {
        let value = sealer.seal(Purpose::Pending, &serde_json::to_vec(self).ok()?).ok()?;
        let mut set = vec![cookies::set(&name(&self.state)?, &value, SameSite::Lax, LIFETIME)?];
        let before: Vec<_> = cookies::names(headers, NAME_PREFIX).collect();
        if before.len() >= MAX_PENDING {
            set.extend(before.iter().filter_map(|name| cookies::clear(name, SameSite::Lax)));
        }
        Some(set)
    }

    /// The header that deletes the cookie with this state: it is single-use.
    #[must_use]
    pub fn clear_cookie(state: &str) -> Option<HeaderValue> {
        cookies::clear(&name(state)?, SameSite::Lax)
    }
}

fn name(state: &str) -> Option<String> {
    let part = state.get(..STATE_PREFIX_LENGTH)?;
    let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain.then(|| format!("{NAME_PREFIX}{part}"))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn pending(state: &str) -> Pending {
        let text = |name: &str| format!("{name} of {state}");
        Pending { state: state.to_owned(), nonce: text("n"), verifier: text("v"), back: "/".to_owned(), since: 1_000 }
    }

    /// The request of a browser that received these headers.
    fn request(set: &[HeaderValue]) -> HeaderMap {
        let pairs = set.iter().map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned());
        HeaderMap::from_iter([(header::COOKIE, pairs.collect::<Vec<_>>().join("; ").parse().unwrap())])
    }

    #[test]
    fn each_window_has_its_own() {
        let sealer = Sealer::new(&["key".into()]).unwrap();
        let (one, two) = (pending("aaaaaaaaaaaaaaaa"), pending("bbbbbbbbbbbbbbbb"));
        let mut set = one.cookies(&HeaderMap::new(), &sealer).unwrap();
        set.extend(two.cookies(&request(&set), &sealer).unwrap());
        let headers = request(&set);
        let read = |state: &str, now: i64| Pending::read(&headers, &sealer, state, now);
        assert_eq!(read(&one.state, 1_000), Some(one.clone()));
        assert_eq!(read(&two.state, 1_600), Some(two));
        assert_eq!(read(&one.state, 1_601), None, "too late");
        assert_eq!(read("aaaaaaaaaaaaaaab", 1_000), None, "another state");
        assert_eq!(read("cccccccccccccccc", 1_000), None);
        for junk in ["", "short", "a;b=c; dddddddddd", "ääääääääääää"] {
            assert_eq!(read(junk, 1_000), None, "{junk}");
        }
    }

    #[test]
    fn they_do_not_pile_up() {
        let sealer = Sealer::new(&["key".into()]).unwrap();
        let mut set = Vec::new();
        for letter in ["a", "b", "c", "d"] {
            set.extend(pending(&letter.repeat(16)).cookies(&request(&set), &sealer).unwrap());
        }
        assert_eq!(set.len(), 4);
        let more = pending(&"e".repeat(16)).cookies(&request(&set), &sealer).unwrap();
        assert_eq!(more.iter().filter(|value| value.to_str().unwrap().contains("Max-Age=0")).count(), 4);
    }
}
