//! Retry budget: how many retries an upstream is given, all calls together. A bucket of tokens, as in the standard retry
//! mode of the AWS SDKs: a transient error costs little, and an upstream that is down is soon asked once a call.
//!
//! This is our own code, since tower's `TpsBudget` goes by time: its reserve comes back every few seconds while the upstream
//! is still down, and what successes earn is lost within a minute, so that a quiet page would have no retry at all.

/// The bucket.
#[derive(Debug)]
pub(super) struct RetryBudget(u32);

const MOST: u32 = 500;
/// Of a retry. It is given back if that one succeeds.
const COST: u32 = 5;
/// What a call earns that succeeds at once.
const EARNED: u32 = 1;

impl Default for RetryBudget {
    fn default() -> Self {
        Self(MOST)
    }
}

impl RetryBudget {
    /// Pays for a retry. Whether there was enough.
    pub(super) fn take(&mut self) -> bool {
        match self.0.checked_sub(COST) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }

    /// A call succeeded, after so many retries. Only the last one was worth its price.
    pub(super) fn refund(&mut self, retries: u32) {
        let more = if retries == 0 { EARNED } else { COST };
        self.0 = (self.0 + more).min(MOST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_retries_and_then_only_as_many_as_succeed() {
        let mut budget = RetryBudget::default();
        let taken = std::iter::repeat_with(|| budget.take()).take_while(|taken| *taken).count();
        assert_eq!(taken, 100);
        assert!(!budget.take());
        budget.refund(1);
        assert!(budget.take());
        assert!(!budget.take());
        for _ in 0..5 {
            budget.refund(0);
        }
        assert!(budget.take());
    }

    #[test]
    fn never_more_than_a_full_bucket() {
        let mut budget = RetryBudget::default();
        for _ in 0..1000 {
            budget.refund(0);
        }
        assert_eq!(budget.0, MOST);
    }
}
