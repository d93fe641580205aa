//! What the answer to a purchase means for its order. A pure function; carrying it out is the driver's.

use std::time::Duration;

use shared::{Code, Outcome, Problem, actions::CreatedDesktop};

use crate::{
    orders::journal::Change,
    upstream::{Answer, Effect, UpstreamError},
};

/// What to do with an order after an answer, or after none.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It was carried out.
    Placed(Change),
    /// It was not, for certain.
    Rejected(Change),
    /// Send it again with the same token, after the pause that was asked for or a longer one.
    Again(Change, Option<Duration>),
}

impl Verdict {
    /// `was_in_doubt` says whether an earlier attempt may have been carried out.
    pub(super) fn of(answer: Result<Answer<CreatedDesktop>, UpstreamError>, was_in_doubt: bool) -> Self {
        match answer {
            Ok(Answer { value: CreatedDesktop { order_id: None, desktop_id: None }, request_id }) => {
                let problem = Problem::new(Code::UpstreamUnintelligible, Outcome::Unknown);
                let problem = Some(Problem { upstream_request_id: request_id.clone(), ..problem });
                let change = Change { in_doubt: true, upstream_request_id: request_id, problem, ..Change::default() };
                Self::Again(change, None)
            }
            Ok(Answer { value: CreatedDesktop { order_id, desktop_id }, request_id }) => {
                Self::Placed(Change { order_id, desktop_id, upstream_request_id: request_id, ..Change::default() })
            }
            Err(error) => Self::of_error(&error, was_in_doubt),
        }
    }

    fn of_error(error: &UpstreamError, was_in_doubt: bool) -> Self {
        let change = Change::from(error.problem());
        match error.effect {
            Effect::Refused => Self::Rejected(change),
            // The door was closed to this attempt; an earlier one may have got through.
            Effect::NotAdmitted if !was_in_doubt => Self::Rejected(change),
            Effect::NotAdmitted => Self::Again(in_doubt(change), error.retry_after),
            Effect::NotSent | Effect::Busy if !was_in_doubt => Self::Again(change, error.retry_after),
            Effect::NotSent | Effect::Busy | Effect::Unknown | Effect::Unreadable => {
                Self::Again(in_doubt(change), error.retry_after)
            }
        }
    }
}

/// While an order is in doubt, no problem says that it was not carried out.
fn in_doubt(change: Change) -> Change {
    let problem = change.problem.map(|problem| Problem { outcome: Outcome::Unknown, ..problem });
    Change { in_doubt: true, problem, ..change }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Class;

    #[derive(Debug, PartialEq)]
    enum Expect {
        Placed,
        Rejected,
        Again { in_doubt: bool },
    }

    fn check(answer: Result<(Option<&str>, Option<&str>), Effect>, was_in_doubt: bool, expect: &Expect) {
        let called = match answer {
            Ok((order, desktop)) => Ok(Answer {
                value: CreatedDesktop {
                    order_id: order.map(|id| id.parse().unwrap()),
                    desktop_id: desktop.map(|id| id.parse().unwrap()),
                },
                request_id: None,
            }),
            Err(effect) => {
                let (class, code) = (Class::WriteWithToken, Code::UpstreamUnavailable);
                Err(UpstreamError::without_answer("CreateDesktop", class, code, effect, String::new()))
            }
        };
        let found = match Verdict::of(called, was_in_doubt) {
            Verdict::Placed(_) => Expect::Placed,
            Verdict::Rejected(_) => Expect::Rejected,
            Verdict::Again(change, _) => {
                let says_unknown = change.problem.as_ref().map(|problem| problem.outcome) == Some(Outcome::Unknown);
                assert_eq!(says_unknown, change.in_doubt, "{answer:?}");
                Expect::Again { in_doubt: change.in_doubt }
            }
        };
        assert_eq!(&found, expect, "{answer:?}, in doubt before: {was_in_doubt}");
    }

    #[test]
    fn an_identifier_is_success_and_none_is_not() {
        for doubt in [false, true] {
            check(Ok((Some("o-1"), Some("d-1"))), doubt, &Expect::Placed);
            check(Ok((Some("o-1"), None)), doubt, &Expect::Placed);
            check(Ok((None, Some("d-1"))), doubt, &Expect::Placed);
            check(Ok((None, None)), doubt, &Expect::Again { in_doubt: true });
        }
    }

    #[test]
    fn what_was_in_doubt_stays_so_until_the_operation_is_judged() {
        check(Err(Effect::Refused), false, &Expect::Rejected);
        check(Err(Effect::Refused), true, &Expect::Rejected);
        check(Err(Effect::NotAdmitted), false, &Expect::Rejected);
        check(Err(Effect::NotAdmitted), true, &Expect::Again { in_doubt: true });
        for effect in [Effect::NotSent, Effect::Busy] {
            check(Err(effect), false, &Expect::Again { in_doubt: false });
            check(Err(effect), true, &Expect::Again { in_doubt: true });
        }
        for effect in [Effect::Unknown, Effect::Unreadable] {
            check(Err(effect), false, &Expect::Again { in_doubt: true });
            check(Err(effect), true, &Expect::Again { in_doubt: true });
        }
    }
}
