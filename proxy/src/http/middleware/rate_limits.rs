//! How often anybody may ask: each person, all of them together, and whoever wants to sign in. Counting is the crate's,
//! `governor`; each proxy counts by itself.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use shared::{Code, Outcome, Problem};

use crate::http::failure::Failure;

/// The limits.
#[derive(Debug)]
pub(in crate::http) struct RateLimits {
    overall: Option<DefaultDirectRateLimiter>,
    people: Option<DefaultKeyedRateLimiter<String>>,
    sign_ins: DefaultDirectRateLimiter,
}

/// A page that opens, or comes back after a night, asks for many things at once.
const BURST: u32 = 10;
/// Sign-ins a second: nobody has to wait on a Monday morning, and the provider is not flooded through us.
const SIGN_INS: u32 = 20;
/// People of whom it is known that they asked lately; beyond this, those who did not are forgotten.
const REMEMBERED: usize = 10_000;

impl RateLimits {
    /// So many requests a second, of all and of each person.
    pub(in crate::http) fn new(overall: Option<u32>, each: Option<u32>) -> Self {
        Self {
            overall: overall.and_then(quota).map(RateLimiter::direct),
            people: each.and_then(quota).map(RateLimiter::keyed),
            sign_ins: RateLimiter::direct(quota(SIGN_INS).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN))),
        }
    }

    /// Counts a request of somebody who may ask. Nobody else is counted: strangers must not use up what others need.
    pub(in crate::http) fn ask(&self, person: Option<&str>) -> Result<(), Failure> {
        if let (Some(people), Some(person)) = (&self.people, person) {
            if people.len() > REMEMBERED {
                people.retain_recent();
            }
            people.check_key(&person.to_owned()).map_err(|until| later(&until))?;
        }
        self.overall.as_ref().map_or(Ok(()), |overall| overall.check().map_err(|until| later(&until)))
    }

    /// Counts a step of a sign-in.
    pub(in crate::http) fn sign_in(&self) -> Result<(), Failure> {
        self.sign_ins.check().map_err(|until| later(&until))
    }
}

fn quota(rate: u32) -> Option<Quota> {
    let rate = NonZeroU32::new(rate)?;
    Some(Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::new(BURST)?)))
}

fn later(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Failure {
    let wait = until.wait_time_from(DefaultClock::default().now());
    // The header knows whole seconds.
    let seconds = (wait + Duration::from_millis(999)).as_secs().max(1);
    Problem { retry_after: Some(seconds), ..Problem::new(Code::TooManyRequests, Outcome::NotSent) }.into()
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    /// How many of these requests are let through.
    fn passed(rates: &RateLimits, person: Option<&str>, requests: usize) -> usize {
        (0..requests).filter(|_| rates.ask(person).is_ok()).count()
    }

    #[test]
    fn each_person_has_a_share_and_all_have_one_together() {
        // So slow that nothing comes back while the test runs.
        let rates = RateLimits::new(None, Some(1));
        assert_eq!(passed(&rates, Some("ann"), 10), 10);
        let refused = (0..10).find_map(|_| rates.ask(Some("ann")).err()).unwrap().into_response();
        assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "1"));
        assert_eq!(passed(&rates, Some("bob"), 10), 10, "others are not kept out");
        assert_eq!(passed(&rates, None, 100), 100, "where nobody signs in there is no person to count");

        let rates = RateLimits::new(Some(2), None);
        assert!(passed(&rates, Some("ann"), 100) < 100);
        assert!(passed(&RateLimits::new(None, None), Some("ann"), 1_000) == 1_000);
    }
}
