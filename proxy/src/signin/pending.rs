//! Pending sign-ins, each in a cookie of its own from the redirect to the provider until the callback. The cookie's
//! name contains a slot, with which the `state` begins, so that several windows can sign in at the same time and their
//! number is bounded.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};

use super::{
    cookies,
    seal::{NoRandomness, Purpose, Sealer, random_text},
};

/// The beginning of the cookies' names, after the prefix of their scope. The slot follows.
const NAME_PREFIX: &str = "deskbuy-login-";
/// The slots, and so the most pending sign-ins of one browser, however many it begins at the same time: piled-up cookies
/// would make every request too large.
const SLOTS: [&str; 6] = ["0", "1", "2", "3", "4", "5"];
/// The largest cookies of all pending sign-ins together, in bytes, where they do not begin at the same time. Servers in
/// front of the proxy often take 8 kB of headers.
const MAX_TOTAL_LENGTH: usize = 4_096;
/// The longest time that a person may take at the provider.
const LIFETIME: Duration = Duration::from_mins(10);

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
        let name = name(sealer, state)?;
        let mut found = cookies::values(headers, &name).filter_map(|value| Self::open(sealer, value, now));
        found.find(|pending| pending.state == state)
    }

    /// A state for a new sign-in of this browser. It begins with the slot: a free one, or else the one of the sign-in
    /// that began first.
    pub fn new_state(headers: &HeaderMap, sealer: &Sealer, now: i64) -> Result<String, NoRandomness> {
        let random = random_text()?;
        // From another one each time, so that windows which open together rarely meet.
        let first = random.bytes().map(usize::from).sum::<usize>() % SLOTS.len();
        let slots = SLOTS.iter().cycle().skip(first).take(SLOTS.len());
        let since = |slot: &&&str| {
            let name = name(sealer, slot)?;
            let found = cookies::values(headers, &name).find_map(|value| Self::open(sealer, value, now));
            found.map(|pending| pending.since)
        };
        let slot = slots.min_by_key(since).unwrap_or(&SLOTS[0]);
        Ok(format!("{slot}{random}"))
    }

    fn open(sealer: &Sealer, value: &str, now: i64) -> Option<Self> {
        let pending: Self = serde_json::from_slice(&sealer.open(Purpose::Pending, value)?).ok()?;
        (now.saturating_sub(pending.since).unsigned_abs() <= LIFETIME.as_secs()).then_some(pending)
    }

    /// The headers that set its cookie, and delete the others if they are too large together, or of an earlier version.
    /// `SameSite=Lax`, since the callback is a navigation from another site.
    #[must_use]
    pub fn cookies(&self, headers: &HeaderMap, sealer: &Sealer) -> Option<Vec<HeaderValue>> {
        let (scope, prefix) = (sealer.scope(), sealer.scope().name(NAME_PREFIX));
        let (own, value) =
            (name(sealer, &self.state)?, sealer.seal(Purpose::Pending, &serde_json::to_vec(self).ok()?).ok()?);
        let mut set = vec![scope.set(&own, &value, SameSite::Lax, LIFETIME)?];
        let others: Vec<_> = cookies::names(headers, &prefix).filter(|found| *found != own).collect();
        let length = |name: &&str| cookies::values(headers, name).map(|value| name.len() + value.len()).sum::<usize>();
        let is_too_much = own.len() + value.len() + others.iter().map(length).sum::<usize>() > MAX_TOTAL_LENGTH;
        let is_known = |name: &str| SLOTS.iter().any(|slot| name.strip_prefix(&*prefix) == Some(slot));
        let others = others.into_iter().filter(|name| is_too_much || !is_known(name));
        set.extend(others.filter_map(|name| scope.clear(name, SameSite::Lax)));
        Some(set)
    }

    /// The header that deletes the cookie with this state: it is single-use.
    #[must_use]
    pub fn clear_cookie(sealer: &Sealer, state: &str) -> Option<HeaderValue> {
        sealer.scope().clear(&name(sealer, state)?, SameSite::Lax)
    }
}

/// Whether a browser has kept a cookie of a pending sign-in at a proxy without a path.
#[cfg(feature = "demo")]
pub fn is_kept(headers: &HeaderMap) -> bool {
    cookies::names(headers, &cookies::Scope::below("/").name(NAME_PREFIX)).next().is_some()
}

/// The name of the cookie of this state.
fn name(sealer: &Sealer, state: &str) -> Option<String> {
    let slot = state.get(..1).filter(|slot| SLOTS.contains(slot))?;
    Some(sealer.scope().name(&format!("{NAME_PREFIX}{slot}")))
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(&["key".into()], &[]).unwrap()
    }

    fn pending(state: &str, since: i64) -> Pending {
        let text = |name: &str| format!("{name} of {state}");
        Pending { state: state.to_owned(), nonce: text("n"), verifier: text("v"), back: "/".to_owned(), since }
    }

    /// The request of a browser that received these headers, one after the other.
    fn request(set: &[HeaderValue]) -> HeaderMap {
        let mut jar = std::collections::BTreeMap::new();
        for value in set.iter().map(|value| value.to_str().unwrap()) {
            let (name, rest) = value.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                jar.remove(name)
            } else {
                jar.insert(name, value)
            };
        }
        let pairs: Vec<_> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        HeaderMap::from_iter([(header::COOKIE, pairs.join("; ").parse().unwrap())])
    }

    #[test]
    fn each_window_has_its_own() {
        let sealer = sealer();
        let (one, two) = (pending("0aaaaaaaaaaaaaaa", 1_000), pending("1bbbbbbbbbbbbbbb", 1_000));
        let mut set = one.cookies(&HeaderMap::new(), &sealer).unwrap();
        set.extend(two.cookies(&request(&set), &sealer).unwrap());
        let headers = request(&set);
        let read = |state: &str, now: i64| Pending::read(&headers, &sealer, state, now);
        assert_eq!(read(&one.state, 1_000), Some(one.clone()));
        assert_eq!(read(&two.state, 1_600), Some(two));
        assert_eq!(read(&one.state, 1_601), None, "too late");
        assert_eq!(read("0aaaaaaaaaaaaaab", 1_000), None, "another state");
        assert_eq!(read("2ccccccccccccccc", 1_000), None);
        for junk in ["", "9", "a;b=c; dddddddddd", "ääääääääääää"] {
            assert_eq!(read(junk, 1_000), None, "{junk}");
        }
    }

    #[test]
    fn they_do_not_pile_up() {
        let sealer = sealer();
        let mut set = Vec::new();
        let mut last = None;
        for now in 1_000..1_050 {
            let headers = request(&set);
            let begun = pending(&Pending::new_state(&headers, &sealer, now).unwrap(), now);
            set.extend(begun.cookies(&headers, &sealer).unwrap());
            // The newest ones are all there: the one that gives way is the oldest.
            for known in [Some(&begun), last.as_ref()].into_iter().flatten() {
                assert!(Pending::read(&request(&set), &sealer, &known.state, now).is_some(), "{now}");
            }
            last = Some(begun);
        }
        let headers = request(&set);
        assert_eq!(cookies::names(&headers, "__Host-deskbuy-login-").count(), SLOTS.len());

        // Windows that open together do not know of each other.
        let apart = (0..100).flat_map(|_| {
            let begun = pending(&Pending::new_state(&HeaderMap::new(), &sealer, 1_000).unwrap(), 1_000);
            begun.cookies(&HeaderMap::new(), &sealer).unwrap()
        });
        assert!(cookies::names(&request(&apart.collect::<Vec<_>>()), "__Host-deskbuy-login-").count() <= SLOTS.len());
    }

    #[test]
    fn long_ones_and_those_of_an_earlier_version_give_way() {
        let sealer = sealer();
        let long = |state: &str| Pending { back: "x".repeat(2_000), ..pending(state, 1_000) };
        let old: HeaderValue = "__Host-deskbuy-login-abcdefghijkl=x".parse().unwrap();
        let mut set = vec![old];
        for slot in SLOTS {
            set.extend(long(slot).cookies(&request(&set), &sealer).unwrap());
        }
        let headers = request(&set);
        assert_eq!(cookies::names(&headers, "__Host-deskbuy-login-").collect::<Vec<_>>(), ["__Host-deskbuy-login-5"]);
    }
}
