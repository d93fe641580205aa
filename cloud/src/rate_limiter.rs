//! Adaptive rate limiter for the calls to one product in one region: no limit until the upstream throttles a call; from then
//! on so many calls a second, fewer with each throttling and more while all goes well, as TCP adapts. Time is given by the
//! caller.
//!
//! This is our own code, since the rate limiters of tower and governor have a fixed rate.

use std::time::Duration;

use tokio::time::Instant;

/// The rate of one product in one region.
#[derive(Debug)]
pub(super) struct AdaptiveRate {
    limited: Option<Limited>,
    /// The upstream asked for silence until then.
    closed_until: Instant,
    sent: Sent,
}

/// So many a second.
#[derive(Debug)]
struct Limited {
    rate: f64,
    /// Calls that may go at once; below zero, what those that wait have taken in advance.
    tokens: f64,
    filled_at: Instant,
    cut_at: Instant,
    grown_at: Instant,
}

/// How many calls have gone in this second and in the last one.
#[derive(Debug)]
struct Sent {
    since: Instant,
    count: u32,
    before: u32,
}

const SECOND: Duration = Duration::from_secs(1);
/// What a throttling leaves of the rate.
const CUT: f64 = 0.7;
/// Never slower than this, in calls a second: a page is five or six reads, and somebody waits for it.
const SLOWEST: f64 = 2.0;
/// What a second of success adds, in calls a second.
const GROWTH: f64 = 1.0;
/// After so long without a throttling there is no limit any more.
const FORGIVEN: Duration = Duration::from_mins(1);
/// The longest that everything waits at one call's word. That call itself waits as long as it was told.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

impl AdaptiveRate {
    pub(super) fn new(now: Instant) -> Self {
        Self { limited: None, closed_until: now, sent: Sent { since: now, count: 0, before: 0 } }
    }

    /// When a call may go. If that is not before `deadline` it takes no token, and the error is how long it would have
    /// been.
    pub(super) fn reserve(&mut self, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
        let open = self.closed_until.max(now);
        let at = self.limited.as_mut().map_or(open, |limited| limited.next(now).max(open));
        if at >= deadline {
            return Err(at - now);
        }
        if let Some(limited) = &mut self.limited {
            limited.tokens -= 1.0;
        }
        self.sent.count_at(now);
        Ok(at)
    }

    /// A call was throttled, and perhaps told how long to keep away. The rate that there is now, if it changed.
    pub(super) fn throttled(&mut self, now: Instant, asked: Option<Duration>) -> Option<f64> {
        if let Some(asked) = asked {
            self.closed_until = self.closed_until.max(now + asked.min(LONGEST_SILENCE));
        }
        // Calls that were under way together are throttled together, and count as one.
        if self.limited.as_ref().is_some_and(|limited| now - limited.cut_at < SECOND) {
            return None;
        }
        let measured = self.sent.rate(now);
        let (rate, tokens) = match &mut self.limited {
            Some(limited) => {
                limited.fill(now);
                (limited.rate.min(measured), limited.tokens.min(0.0))
            }
            None => (measured, 0.0),
        };
        let rate = (rate * CUT).max(SLOWEST);
        self.limited = Some(Limited { rate, tokens, filled_at: now, cut_at: now, grown_at: now });
        Some(rate)
    }

    /// A call went through.
    pub(super) fn succeeded(&mut self, now: Instant) {
        let Some(limited) = &mut self.limited else { return };
        if now - limited.cut_at >= FORGIVEN {
            self.limited = None;
            return;
        }
        limited.fill(now);
        limited.rate += GROWTH * (now - limited.grown_at).min(SECOND).as_secs_f64();
        limited.grown_at = now;
    }
}

impl Limited {
    /// When the next token is there.
    fn next(&mut self, now: Instant) -> Instant {
        self.fill(now);
        let missing = (1.0 - self.tokens).max(0.0);
        now + Duration::from_secs_f64(missing / self.rate)
    }

    /// Tokens for the time since the last look, but for no more than a second.
    fn fill(&mut self, now: Instant) {
        let come = (now - self.filled_at).as_secs_f64() * self.rate;
        self.tokens = (self.tokens + come).min(self.rate);
        self.filled_at = now;
    }
}

impl Sent {
    fn count_at(&mut self, now: Instant) {
        self.turn(now);
        self.count += 1;
    }

    fn turn(&mut self, now: Instant) {
        let passed = now - self.since;
        if passed >= SECOND {
            self.before = if passed < 2 * SECOND { self.count } else { 0 };
            (self.count, self.since) = (0, now);
        }
    }

    /// Calls a second, by the busier of the two seconds.
    fn rate(&mut self, now: Instant) -> f64 {
        self.turn(now);
        f64::from(self.count.max(self.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    enum Step {
        Send,
        Throttled(Option<u64>),
        Succeeded,
        Wait(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => Just(Step::Send),
            1 => proptest::option::of(0u64..5000).prop_map(Step::Throttled),
            2 => Just(Step::Succeeded),
            4 => (0u64..2000).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Whatever happens: nobody goes before now or into a silence, nobody is made to wait without a throttling, and no
        /// wait is longer than the callers before it and the slowest rate account for.
        #[test]
        fn waits_are_bounded_and_silence_is_kept(steps in proptest::collection::vec(step(), 0..200)) {
            let mut now = Instant::now();
            let mut limiter = AdaptiveRate::new(now);
            let (mut silent_until, mut was_throttled, mut sent) = (now, false, 0);
            let far = now + Duration::from_hours(1);
            for step in steps {
                match step {
                    Step::Send => {
                        let at = limiter.reserve(now, far).unwrap();
                        prop_assert!(at >= now && at >= silent_until);
                        prop_assert!(was_throttled || at == now);
                        sent += 1;
                        prop_assert!(at <= now.max(silent_until) + SECOND.mul_f64((f64::from(sent) + 1.0) / SLOWEST));
                    }
                    Step::Throttled(asked) => {
                        let asked = asked.map(Duration::from_millis);
                        limiter.throttled(now, asked);
                        silent_until = silent_until.max(now + asked.unwrap_or_default());
                        was_throttled = true;
                    }
                    Step::Succeeded => limiter.succeeded(now),
                    Step::Wait(time) => now += Duration::from_millis(time),
                }
            }
        }
    }

    /// Sends as fast as it may from `from` on; how many went in so many seconds.
    fn sent(limiter: &mut AdaptiveRate, from: Instant, seconds: u64) -> usize {
        let end = from + Duration::from_secs(seconds);
        let mut now = from;
        let mut count = 0;
        while let Ok(at) = limiter.reserve(now, end) {
            now = at;
            count += 1;
        }
        count
    }

    #[test]
    fn nobody_waits_before_the_first_throttling() {
        let now = Instant::now();
        let mut limiter = AdaptiveRate::new(now);
        for _ in 0..10_000 {
            assert_eq!(limiter.reserve(now, now + SECOND), Ok(now));
        }
    }

    #[test]
    fn throttling_slows_down_from_what_was_sent() {
        let now = Instant::now();
        let mut limiter = AdaptiveRate::new(now);
        for _ in 0..100 {
            limiter.reserve(now, now + SECOND).unwrap();
        }
        assert_eq!(limiter.throttled(now, None), Some(70.0));
        assert_eq!(limiter.throttled(now, None), None, "together they count as one");
        let got = sent(&mut limiter, now, 2);
        assert!((139..=140).contains(&got), "{got}");
        let again = limiter.throttled(now + SECOND * 2, None).unwrap();
        assert!((48.0..=49.0).contains(&again), "{again}");
    }

    #[test]
    fn never_slower_than_the_slowest() {
        let mut now = Instant::now();
        let mut limiter = AdaptiveRate::new(now);
        for _ in 0..20 {
            limiter.reserve(now, now + Duration::from_secs(9)).unwrap();
            limiter.throttled(now, None);
            now += SECOND;
        }
        let got = sent(&mut limiter, now, 10);
        assert!((19..=22).contains(&got), "{got}");
    }

    #[test]
    fn success_speeds_up_again_and_in_the_end_frees() {
        let now = Instant::now();
        let mut limiter = AdaptiveRate::new(now);
        limiter.throttled(now, None);
        for second in 1..=10 {
            limiter.succeeded(now + SECOND * second);
        }
        let got = sent(&mut limiter, now + SECOND * 12, 1);
        // A second's worth that was saved up, and the second's own.
        assert!((22..=24).contains(&got), "{got}");
        limiter.succeeded(now + FORGIVEN);
        assert!(limiter.limited.is_none());
    }

    #[test]
    fn silence_is_kept_by_all_and_not_for_ever() {
        let now = Instant::now();
        let far = now + Duration::from_secs(9999);
        let mut limiter = AdaptiveRate::new(now);
        limiter.throttled(now, Some(Duration::from_secs(3)));
        assert_eq!(limiter.reserve(now, now + SECOND), Err(Duration::from_secs(3)));
        assert_eq!(limiter.reserve(now, far), Ok(now + SECOND * 3));
        limiter.throttled(now, Some(Duration::from_hours(1)));
        assert_eq!(limiter.reserve(now, far), Ok(now + LONGEST_SILENCE));
    }

    #[test]
    fn one_who_does_not_go_takes_no_token() {
        let now = Instant::now();
        let mut limiter = AdaptiveRate::new(now);
        limiter.throttled(now, None);
        let first = limiter.reserve(now, now + SECOND).unwrap();
        for _ in 0..100 {
            assert!(limiter.reserve(now, now).is_err());
        }
        assert_eq!(limiter.reserve(now, now + SECOND * 9), Ok(first + SECOND / 2));
    }
}
