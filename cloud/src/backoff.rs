//! How long to wait before trying again. Whether to try again is not decided here.

use std::time::Duration;

/// Exponential pauses with full jitter: each is any length up to a limit that doubles, so that many callers who
/// failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The limit of the first pause.
    pub first: Duration,
    /// The limit that no pause goes above, but for what the upstream asks for itself.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after the attempt of this number, from 1; never shorter than what was asked for.
    #[must_use]
    pub fn pause(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        self.limit(attempt).mul_f64(fastrand::f64()).max(asked.unwrap_or_default())
    }

    fn limit(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}

impl Default for Backoff {
    /// As the AWS SDKs' standard mode paces itself, but for a shorter start: a person is waiting.
    fn default() -> Self {
        Self { first: Duration::from_millis(300), longest: Duration::from_secs(20) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pauses_stay_within_their_limits(attempt in 0u32.., asked in proptest::option::of(0u64..100)) {
            let backoff = Backoff::default();
            let asked = asked.map(Duration::from_secs);
            let pause = backoff.pause(attempt, asked);
            prop_assert!(pause >= asked.unwrap_or_default());
            prop_assert!(pause <= backoff.longest.max(asked.unwrap_or_default()));
        }
    }

    #[test]
    fn limits_double() {
        let backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(5) };
        let limits: Vec<_> = (1..=5).map(|attempt| backoff.limit(attempt).as_secs()).collect();
        assert_eq!(limits, [1, 2, 4, 5, 5]);
    }
}
