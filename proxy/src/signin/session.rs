//! Sessions of signed-in people, kept in the session cookie. Times are seconds since 1970 UTC, given by the caller.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    cookies,
    identity::Identity,
    seal::{Purpose, Sealer},
};

/// The cookie's name, without the prefix of its scope.
const COOKIE: &str = "deskbuy";
/// The largest cookie that browsers keep, its name and attributes included.
const MAX_COOKIE_LENGTH: usize = 4_000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The session's own identifier, by which it is ended.
    pub id: String,
    /// The person.
    pub identity: Identity,
    /// When the person signed in.
    pub since: i64,
    /// When the person was last active, with an error of a few per cent of the idle time.
    seen: i64,
}

/// The lifetimes of sessions.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Without activity.
    pub idle: Duration,
    /// In total.
    pub total: Duration,
}

impl Lifetimes {
    /// When the session ends without further activity.
    fn end(&self, session: &Session) -> i64 {
        let after = |from: i64, time: Duration| from.saturating_add_unsigned(time.as_secs());
        after(session.seen, self.idle).min(after(session.since, self.total))
    }
}

impl Session {
    /// A session that begins now.
    #[must_use]
    pub fn new(identity: Identity, now: i64) -> Self {
        Self { id: Uuid::new_v4().simple().to_string(), identity, since: now, seen: now }
    }

    /// The session of a request, if its cookie was sealed by us, has not ended, and is `good` besides. A sibling site can set
    /// more cookies of the same name below a path. Expired and ended sessions are skipped. With two
    /// live ones it is unknown which the browser's own is, so there is none.
    #[must_use]
    pub fn read(
        headers: &HeaderMap,
        sealer: &Sealer,
        lifetimes: Lifetimes,
        now: i64,
        good: impl Fn(&Self) -> bool,
    ) -> Option<Self> {
        let name = sealer.scope().name(COOKIE);
        let texts = cookies::values(headers, &name).filter_map(|value| sealer.open(Purpose::Session, value));
        let sessions = texts.filter_map(|text| serde_json::from_slice::<Self>(&text).ok());
        let mut sessions = sessions.filter(|session| now < lifetimes.end(session) && good(session));
        let first = sessions.next()?;
        if sessions.any(|other| other.id != first.id) {
            tracing::warn!("a request with cookies of two sessions is taken for signed out: has another host set one?");
            return None;
        }
        Some(first)
    }

    /// The time left without further activity.
    #[must_use]
    pub fn left(&self, lifetimes: Lifetimes, now: i64) -> Duration {
        Duration::from_secs(u64::try_from(lifetimes.end(self).saturating_sub(now)).unwrap_or_default())
    }

    /// The session with its activity updated. `None` while the cookie is fresh enough, so that not every answer sets
    /// one.
    #[must_use]
    pub fn renewed(&self, lifetimes: Lifetimes, now: i64) -> Option<Self> {
        let old = now.saturating_sub(self.seen) >= i64::try_from(lifetimes.idle.as_secs() / 20).unwrap_or(i64::MAX);
        old.then(|| Self { seen: now, ..self.clone() })
    }

    /// The header that sets the cookie. `SameSite=Strict`, since the page requests everything from its own site. `None`
    /// if the cookie cannot be made; the person then has to sign in again.
    #[must_use]
    pub fn cookie(&self, sealer: &Sealer, lifetimes: Lifetimes, now: i64) -> Option<HeaderValue> {
        let value = sealer.seal(Purpose::Session, &serde_json::to_vec(self).ok()?).ok()?;
        let fits = value.len() <= MAX_COOKIE_LENGTH;
        if !fits {
            tracing::warn!(length = value.len(), "a session does not fit into a cookie: too many rules about claims");
        }
        let scope = sealer.scope();
        fits.then(|| scope.set(&scope.name(COOKIE), &value, SameSite::Strict, self.left(lifetimes, now)))?
    }

    /// The header that deletes the cookie.
    #[must_use]
    pub fn end(sealer: &Sealer) -> Option<HeaderValue> {
        sealer.scope().clear(&sealer.scope().name(COOKIE), SameSite::Strict)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::header;

    use super::*;

    const LIFETIMES: Lifetimes = Lifetimes { idle: Duration::from_secs(100), total: Duration::from_secs(1_000) };

    fn sealer() -> Sealer {
        Sealer::new(&["key".into()], &["one"]).unwrap()
    }

    fn session() -> Session {
        let identity = Identity {
            subject: "7".to_owned(),
            email: None,
            name: "Ann".to_owned(),
            grants: Vec::new(),
            owner_id: None,
            owner_claim: None,
            claimed: BTreeMap::new(),
        };
        Session { id: "an identifier".to_owned(), ..Session::new(identity, 5_000) }
    }

    /// The request of a browser that has this session.
    fn request(session: &Session, sealer: &Sealer) -> HeaderMap {
        let set = session.cookie(sealer, LIFETIMES, session.seen).unwrap();
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(header::COOKIE, pair.parse().unwrap())])
    }

    #[test]
    fn it_ends_when_nothing_is_done_and_in_any_case_at_its_end() {
        let sealer = sealer();
        let check = |session: &Session, now: i64, expect: bool| {
            let read = Session::read(&request(session, &sealer), &sealer, LIFETIMES, now, |_| true);
            assert_eq!(read.is_some(), expect, "at {now}: {session:?}");
        };
        check(&session(), 5_099, true);
        check(&session(), 5_100, false);
        let busy = Session { seen: 5_950, ..session() };
        check(&busy, 5_999, true);
        check(&busy, 6_000, false);
    }

    #[test]
    fn it_is_renewed_now_and_then() {
        assert_eq!(session().renewed(LIFETIMES, 5_004), None);
        let renewed = session().renewed(LIFETIMES, 5_005).unwrap();
        assert_eq!(renewed.left(LIFETIMES, 5_005), Duration::from_secs(100));
        assert_eq!(renewed.since, 5_000);
        let late = session().renewed(LIFETIMES, 5_950).unwrap();
        assert_eq!(late.left(LIFETIMES, 5_950), Duration::from_secs(50), "the end stays where it is");
    }

    #[test]
    fn only_a_cookie_of_ours_is_a_session() {
        let sealer = sealer();
        let read = |headers: &HeaderMap| Session::read(headers, &sealer, LIFETIMES, 5_000, |_| true);
        let good = request(&session(), &sealer);
        assert_eq!(read(&good), Some(session()));
        assert_eq!(read(&request(&session(), &Sealer::new(&["other".into()], &["one"]).unwrap())), None);
        assert_eq!(read(&request(&session(), &Sealer::new(&["key".into()], &["other"]).unwrap())), None);
        let pending = sealer.seal(Purpose::Pending, &serde_json::to_vec(&session()).unwrap()).unwrap();
        for value in [String::new(), "junk".to_owned(), pending] {
            let headers = HeaderMap::from_iter([(header::COOKIE, format!("__Host-{COOKIE}={value}").parse().unwrap())]);
            assert_eq!(read(&headers), None, "{value}");
        }
        assert_eq!(read(&HeaderMap::new()), None);
    }

    #[test]
    fn a_second_cookie_neither_replaces_a_session_nor_hides_it() {
        let sealer = sealer();
        let pair = |session: &Session| request(session, &sealer)[header::COOKIE].to_str().unwrap().to_owned();
        let other = |id: &str, seen: i64| Session { id: id.to_owned(), seen, ..session() };
        let read = |pairs: &[String]| {
            let headers = HeaderMap::from_iter([(header::COOKIE, pairs.join("; ").parse().unwrap())]);
            Session::read(&headers, &sealer, LIFETIMES, 5_010, |session| session.id != "ended")
        };
        let ours = pair(&session());
        for dead in [pair(&other("idle", 4_900)), pair(&other("ended", 5_000)), format!("__Host-{COOKIE}=junk")] {
            assert_eq!(read(&[dead.clone(), ours.clone()]), Some(session()), "{dead}");
            assert_eq!(read(&[ours.clone(), dead.clone()]), Some(session()), "{dead}");
            assert_eq!(read(&[dead]), None);
        }
        let foreign = pair(&other("another's", 5_000));
        assert_eq!(read(&[foreign.clone(), ours.clone()]), None);
        assert_eq!(read(&[ours.clone(), foreign]), None);
        let renewed = other("an identifier", 5_005);
        assert_eq!(read(&[pair(&renewed), ours]), Some(renewed), "the same session");
    }
}
