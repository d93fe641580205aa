//! How many repetitions an upstream is given, all calls together: a bucket of tokens, as in the standard retry mode of
//! the AWS SDKs. A fault that passes costs little; an upstream that is down is soon asked once a call and no more.

/// The bucket.
#[derive(Debug)]
pub(super) struct RetryBudget(u32);

const MOST: u32 = 500;
/// Of a repetition. It is given back if that one succeeds.
const COST: u32 = 5;
/// What a call earns that succeeds at once.
const EARNED: u32 = 1;

impl Default for RetryBudget {
    fn default() -> Self {
        Self(MOST)
    }
}

impl RetryBudget {
    /// Pays for a repetition. Whether there was enough.
    pub(super) fn take(&mut self) -> bool {
        match self.0.checked_sub(COST) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }

    /// A call succeeded, after so many repetitions. Only the last one was worth its price.
    pub(super) fn refund(&mut self, repetitions: u32) {
        let more = if repetitions == 0 { EARNED } else { COST };
        self.0 = (self.0 + more).min(MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_repetitions_and_then_only_as_many_as_succeed() {
        let mut quota = RetryBudget::default();
        let taken = std::iter::repeat_with(|| quota.take()).take_while(|taken| *taken).count();
        assert_eq!(taken, 100);
        assert!(!quota.take());
        quota.refund(1);
        assert!(quota.take());
        assert!(!quota.take());
        for _ in 0..5 {
            quota.refund(0);
        }
        assert!(quota.take());
    }

    #[test]
    fn never_more_than_a_full_bucket() {
        let mut quota = RetryBudget::default();
        for _ in 0..1000 {
            quota.refund(0);
        }
        assert_eq!(quota.0, MOST);
    }
}
