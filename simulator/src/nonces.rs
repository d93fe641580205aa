//! The table of recently used nonces. [`crate::admission`] decides when a nonce counts.

use std::collections::{HashSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use crate::clock::LARGEST_SKEW;

/// Remembers nonces for as long as a request with one could be replayed.
#[derive(Default)]
pub(crate) struct Nonces {
    seen: HashSet<String>,
    by_age: VecDeque<(Timestamp, String)>,
}

impl Nonces {
    /// Twice the skew: a timestamp may be ahead by the whole skew, and then stays valid for another one.
    const LIFETIME: SignedDuration = SignedDuration::from_mins(2 * LARGEST_SKEW.as_mins());
    /// More than any test run sends within [`Self::LIFETIME`]. Beyond it the oldest are dropped early.
    const CAPACITY: usize = 500_000;

    /// Whether the nonce has been used.
    pub(crate) fn contains(&self, nonce: &str) -> bool {
        self.seen.contains(nonce)
    }

    /// Records a nonce. `false` if it was there already.
    pub(crate) fn insert(&mut self, nonce: &str, now: Timestamp) -> bool {
        self.forget(now);
        let new = self.seen.insert(nonce.to_owned());
        if new {
            self.by_age.push_back((now, nonce.to_owned()));
        }
        new
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((time, nonce)) = self.by_age.front() {
            if self.by_age.len() < Self::CAPACITY && now.duration_since(*time) <= Self::LIFETIME {
                break;
            }
            self.seen.remove(nonce);
            self.by_age.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgotten_when_no_longer_of_use() {
        let start = Timestamp::UNIX_EPOCH;
        let mut nonces = Nonces::default();
        assert!(nonces.insert("a", start));
        assert!(!nonces.insert("a", start));
        assert!(!nonces.insert("a", start + SignedDuration::from_mins(30)));
        assert!(nonces.insert("a", start + SignedDuration::from_secs(30 * 60 + 1)));
        assert!(nonces.contains("a") && !nonces.contains("b"));
    }

    #[test]
    fn bounded() {
        let mut nonces = Nonces::default();
        for number in 0..Nonces::CAPACITY + 10 {
            nonces.insert(&number.to_string(), Timestamp::UNIX_EPOCH);
        }
        assert_eq!(nonces.seen.len(), Nonces::CAPACITY);
        assert!(!nonces.contains("0"));
    }
}
