//! Client tokens of a purchase: one random token, from which those of its batch and of retries are derived.
//!
//! The page makes a random token when the review opens. A batch numbers it: `{token}-001`, `{token}-002`. A rejected
//! order is retried under `{token}-r1`, then `-r2`. A derived token makes a retry idempotent, also from two windows or
//! after a reload.

use crate::ids::ClientToken;

impl ClientToken {
    /// The token of an order of a batch that this token names. A batch of one is named as its order.
    #[must_use]
    pub fn of_batch(&self, index: usize, count: usize) -> Self {
        if count == 1 { self.clone() } else { self.with(&format!("{self}-{:03}", index + 1)) }
    }

    /// The token under which an order that was rejected is retried.
    #[must_use]
    pub fn retry_token(&self) -> Self {
        let (stem, tries) = self.split();
        self.with(&format!("{stem}-r{}", tries + 1))
    }

    /// The token of the order before its first retry.
    #[must_use]
    pub fn first_try(&self) -> Self {
        self.with(self.split().0)
    }

    /// The tokens of the tries before this one, the latest first, and of a hundred at most.
    #[must_use]
    pub fn earlier_tries(&self) -> Vec<Self> {
        let (stem, tries) = self.split();
        let earlier = |tries| if tries == 0 { self.first_try() } else { self.with(&format!("{stem}-r{tries}")) };
        (0..tries).rev().take(100).map(earlier).collect()
    }

    /// What stands before `-r{number}`, and the number; 0 without one.
    fn split(&self) -> (&str, u32) {
        let text = self.as_str();
        let numbered = text.trim_end_matches(|character: char| character.is_ascii_digit());
        match (numbered.strip_suffix("-r"), text[numbered.len()..].parse()) {
            (Some(stem), Ok(tries)) if !stem.is_empty() => (stem, tries),
            _ => (text, 0),
        }
    }

    /// That text as a token. A token so long that it cannot be added to stays as it is; those of the page are not.
    fn with(&self, text: &str) -> Self {
        text.parse().unwrap_or_else(|_| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> ClientToken {
        text.parse().unwrap()
    }

    #[test]
    fn a_batch_numbers_its_token() {
        let check =
            |index: usize, count: usize, expect: &str| assert_eq!(token("t").of_batch(index, count), token(expect));
        check(0, 1, "t");
        check(0, 2, "t-001");
        check(99, 100, "t-100");
        check(499, 500, "t-500");
    }

    #[test]
    fn retries_count() {
        let check = |text: &str, expect: &str, first: &str| {
            assert_eq!(token(text).retry_token(), token(expect));
            assert_eq!(token(text).retry_token().first_try(), token(first));
        };
        check("t", "t-r1", "t");
        check("t-r1", "t-r2", "t");
        check("t-003-r9", "t-003-r10", "t-003");
        check("t-rx", "t-rx-r1", "t-rx");
        check("t-r", "t-r-r1", "t-r");
    }
}
