//! A sign-in that is under way, kept in a cookie of its own from the moment the browser leaves for the provider until it
//! comes back. Each has one, by its `state`, so that two windows can sign in at the same time.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};

use super::{
    cookies,
    seal::{Purpose, Sealer},
};

/// How the names of these cookies begin.
const PREFIX: &str = "__Host-deskbuy-login-";
/// How much of the state is in the name: enough to tell those of one browser apart.
const NAMED: usize = 12;
/// How long somebody may take at the provider.
const LIFETIME: Duration = Duration::from_mins(10);
/// More at the same time are forgotten: cookies that pile up would make every request too large.
const MOST: usize = 4;

/// What has to be the same when the browser comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// `state`: that the answer belongs to this browser.
    pub state: String,
    /// `nonce`: that the token was made for this sign-in.
    pub nonce: String,
    /// The PKCE verifier: that whoever has the code is whoever asked for it.
    pub verifier: String,
    /// Where to go then.
    pub back: String,
    /// When it began.
    pub since: i64,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Pending").field("since", &self.since).finish_non_exhaustive()
    }
}

impl Pending {
    /// The one of this state, if the browser has it and not too much time has passed.
    #[must_use]
    pub fn read(headers: &HeaderMap, sealer: &Sealer, state: &str, now: i64) -> Option<Self> {
        let name = name(state)?;
        let mut texts = cookies::values(headers, &name).filter_map(|value| sealer.open(Purpose::Pending, value));
        let pending: Self = texts.find_map(|text| serde_json::from_slice(&text).ok())?;
        let in_time = now.saturating_sub(pending.since).unsigned_abs() <= LIFETIME.as_secs();
        (pending.state == state && in_time).then_some(pending)
    }

    /// The headers that give it to the browser, and take old ones from it. `Lax`, since it comes back with a link of
    /// another site.
    #[must_use]
    pub fn cookies(&self, headers: &HeaderMap, sealer: &Sealer) -> Option<Vec<HeaderValue>> {
        let value = sealer.seal(Purpose::Pending, &serde_json::to_vec(self).ok()?).ok()?;
        let mut set = vec![cookies::set(&name(&self.state)?, &value, SameSite::Lax, LIFETIME)?];
        let before: Vec<_> = cookies::names(headers, PREFIX).collect();
        if before.len() >= MOST {
            set.extend(before.iter().filter_map(|name| cookies::clear(name, SameSite::Lax)));
        }
        Some(set)
    }

    /// The header that makes the browser forget the one of this state: it is good for one answer.
    #[must_use]
    pub fn used(state: &str) -> Option<HeaderValue> {
        cookies::clear(&name(state)?, SameSite::Lax)
    }
}

fn name(state: &str) -> Option<String> {
    let part = state.get(..NAMED)?;
    let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain.then(|| format!("{PREFIX}{part}"))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn pending(state: &str) -> Pending {
        let text = |name: &str| format!("{name} of {state}");
        Pending { state: state.to_owned(), nonce: text("n"), verifier: text("v"), back: "/".to_owned(), since: 1_000 }
    }

    /// What the browser sends after it was given these.
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
