//! What comes of orders that are about to be sent, after the look for others that do the same. Meanwhile their dialog may have been
//! closed, and they may have been sent before without an answer.

use shared::{Code, Outcome, Problem};

/// What comes of them.
#[derive(Debug, PartialEq, Eq)]
pub enum BeforeSending {
    /// They are sent.
    Send,
    /// Others do the same: whether these are wanted too is asked. What is known of an earlier try stays beside the question.
    Ask(Option<Problem>),
    /// The same, while the dialog that would ask is closed.
    Again,
    /// Nothing was ever sent, since the dialog was closed.
    Closed,
    /// Nothing is sent now. The outcome is unknown if they were sent before.
    Fail(Problem),
}

impl BeforeSending {
    /// `failed` is why the look for others failed, `asks` whether there are some that were not confirmed, `is_sent`
    /// whether these were sent before without an answer, `is_shown` whether their dialog is there.
    pub fn of(failed: Option<Problem>, asks: bool, is_sent: bool, is_shown: bool) -> Self {
        let unknown = || is_sent.then(|| Problem::new(Code::ProxyUnreachable, Outcome::Unknown));
        match (failed, unknown()) {
            (Some(problem), unknown) => {
                let outcome = unknown.map_or(Outcome::NotSent, |problem| problem.outcome);
                Self::Fail(Problem { outcome, ..problem })
            }
            (None, Some(unknown)) if !is_shown => Self::Fail(unknown),
            (None, unknown) if asks && is_shown => Self::Ask(unknown),
            (None, _) if asks => Self::Again,
            (None, _) if !is_shown => Self::Closed,
            (None, _) => Self::Send,
        }
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn what_was_sent_before_is_never_told_as_not_sent() {
        let unknown = || Problem::new(Code::ProxyUnreachable, Outcome::Unknown);
        let of = |asks, is_sent, is_shown| BeforeSending::of(None, asks, is_sent, is_shown);
        assert_eq!(of(false, false, true), BeforeSending::Send);
        assert_eq!(of(false, true, true), BeforeSending::Send);
        assert_eq!(of(false, false, false), BeforeSending::Closed);
        assert_eq!(of(false, true, false), BeforeSending::Fail(unknown()));
        assert_eq!(of(true, false, true), BeforeSending::Ask(None));
        assert_eq!(of(true, true, true), BeforeSending::Ask(Some(unknown())));
        assert_eq!(of(true, false, false), BeforeSending::Again);
        assert_eq!(of(true, true, false), BeforeSending::Fail(unknown()));
        for is_shown in [true, false] {
            for (is_sent, outcome) in [(true, Outcome::Unknown), (false, Outcome::NotSent)] {
                let failed = Problem::new(Code::Throttled, Outcome::Rejected);
                let expect = BeforeSending::Fail(Problem::new(Code::Throttled, outcome));
                assert_eq!(BeforeSending::of(Some(failed), false, is_sent, is_shown), expect);
            }
        }
    }
}
