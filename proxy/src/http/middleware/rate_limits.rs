//! Rate limits: of each person, and of all callers together. The crate `governor` counts; each proxy
//! counts for itself.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use shared::{Code, Outcome, Problem};

use crate::http::failure::Failure;

/// The rate limiters.
#[derive(Debug)]
pub(in crate::http) struct RateLimits {
    overall: Option<DefaultDirectRateLimiter>,
    people: Option<DefaultKeyedRateLimiter<String>>,
}

/// Size of a burst, in seconds of the rate. A page that opens, or wakes up after a night, sends many requests at once.
const BURST_SECONDS: u32 = 10;
/// People whose requests are tracked. Beyond it, those without recent requests are dropped.
const MAX_TRACKED_PEOPLE: usize = 10_000;

impl RateLimits {
    /// Limits in requests per second, of all callers and of each person.
    pub(in crate::http) fn new(overall: Option<u32>, each: Option<u32>) -> Self {
        Self {
            overall: overall.and_then(quota).map(RateLimiter::direct),
            people: each.and_then(quota).map(RateLimiter::keyed),
        }
    }

    /// Counts a request of an authorized person. Requests without a session are not counted, so that they cannot use up
    /// the limit.
    pub(in crate::http) fn check(&self, person: Option<&str>) -> Result<(), Failure> {
        if let (Some(people), Some(person)) = (&self.people, person) {
            if people.len() > MAX_TRACKED_PEOPLE {
                people.retain_recent();
            }
            people.check_key(&person.to_owned()).map_err(|until| too_many_requests(&until))?;
        }
        self.overall.as_ref().map_or(Ok(()), |overall| overall.check().map_err(|until| too_many_requests(&until)))
    }
}

fn quota(rate: u32) -> Option<Quota> {
    let rate = NonZeroU32::new(rate)?;
    Some(Quota::per_second(rate).allow_burst(rate.saturating_mul(NonZeroU32::new(BURST_SECONDS)?)))
}

fn too_many_requests(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Failure {
    let wait = until.wait_time_from(DefaultClock::default().now());
    // The header has whole seconds.
    let seconds = (wait + Duration::from_millis(999)).as_secs().max(1);
    Problem { retry_after: Some(seconds), ..Problem::new(Code::TooManyRequests, Outcome::NotSent) }.into()
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    /// The number of requests that are let through.
    fn passed(rates: &RateLimits, person: Option<&str>, requests: usize) -> usize {
        (0..requests).filter(|_| rates.check(person).is_ok()).count()
    }

    #[test]
    fn each_person_has_a_share_and_all_have_one_together() {
        // So slow that no capacity comes back while the test runs.
        let rates = RateLimits::new(None, Some(1));
        assert_eq!(passed(&rates, Some("ann"), 10), 10);
        let refused = (0..10).find_map(|_| rates.check(Some("ann")).err()).unwrap().into_response();
        assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "1"));
        assert_eq!(passed(&rates, Some("bob"), 10), 10, "others are not kept out");
        assert_eq!(passed(&rates, None, 100), 100, "where nobody signs in there is no person to count");

        let rates = RateLimits::new(Some(2), None);
        assert!(passed(&rates, Some("ann"), 100) < 100);
        assert!(passed(&RateLimits::new(None, None), Some("ann"), 1_000) == 1_000);
    }
}
