//! What the answer to an attempt means for its order. Pure functions; carrying it out is the driver's.

use std::time::Duration;

use cloud::{Answer, CallError, Effect};
use shared::{
    Code, Outcome, Problem,
    actions::{CreatedDesktop, DeletedDesktop, RenewedDesktop},
    ids::{DesktopId, OrderId},
};

use crate::journal::{Answered, AttemptOutcome, Change};

/// What to do with an order after an answer, or after none.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It was carried out.
    Placed(Change),
    /// It was not, for certain.
    Rejected(Change),
    /// Retry with the same token, after the `Retry-After` of the answer or a longer backoff.
    Retry(Change, Option<Duration>),
}

/// What the upstream names in its answer to an order that has a token.
#[derive(Debug, Default)]
pub(super) struct Named {
    order_id: Option<OrderId>,
    desktop_id: Option<DesktopId>,
}

impl From<CreatedDesktop> for Named {
    fn from(CreatedDesktop { order_id, desktop_id }: CreatedDesktop) -> Self {
        Self { order_id, desktop_id }
    }
}

impl From<RenewedDesktop> for Named {
    fn from(RenewedDesktop { order_id }: RenewedDesktop) -> Self {
        Self { order_id, desktop_id: None }
    }
}

impl Verdict {
    /// What there is to write down.
    pub(super) fn change_mut(&mut self) -> &mut Change {
        match self {
            Self::Placed(change) | Self::Rejected(change) | Self::Retry(change, _) => change,
        }
    }

    /// Of a purchase or a renewal, which go with a token. `was_in_doubt` says whether an earlier attempt may have been
    /// carried out.
    pub(super) fn of(answer: Result<Answer<impl Into<Named>>, CallError>, was_in_doubt: bool) -> Self {
        let Answer { value, request_id } = match answer {
            Ok(answer) => answer,
            Err(error) => return Self::of_error(&error, was_in_doubt),
        };
        let Named { order_id, desktop_id } = value.into();
        if order_id.is_none() && desktop_id.is_none() {
            let problem = Problem::new(Code::UpstreamUnintelligible, Outcome::Unknown);
            let problem = Some(Problem { upstream_request_id: request_id.clone(), ..problem });
            let answered = Some(answered(AttemptOutcome::Unknown, "success, without an identifier".to_owned()));
            let change =
                Change { in_doubt: true, upstream_request_id: request_id, problem, answered, ..Change::default() };
            return Self::Retry(change, None);
        }
        let text = |id: Option<&str>| id.unwrap_or("-").to_owned();
        let (order, desktop) =
            (text(order_id.as_ref().map(OrderId::as_str)), text(desktop_id.as_ref().map(DesktopId::as_str)));
        let answer = format!("success: OrderId {order}, DesktopId {desktop}");
        let answered = Some(answered(AttemptOutcome::Confirmed, answer));
        Self::Placed(Change { order_id, desktop_id, upstream_request_id: request_id, answered, ..Change::default() })
    }

    /// Of a release, which has no token. A second one is no blind repetition but the way to find out: names of desktops
    /// are not given out twice, so it can release nothing else. Two answers prove that it is done: success, and, after
    /// an attempt of ours that may have been carried out, that there is no such desktop.
    pub(super) fn of_release(answer: Result<Answer<DeletedDesktop>, CallError>, was_in_doubt: bool) -> Self {
        match answer {
            Ok(Answer { request_id, .. }) => {
                let answered = Some(answered(AttemptOutcome::Confirmed, "success".to_owned()));
                Self::Placed(Change { upstream_request_id: request_id, answered, ..Change::default() })
            }
            Err(error) if was_in_doubt && error.effect == Effect::Absent => Self::Placed(Change {
                upstream_request_id: error.request_id,
                note: Some("There is no such desktop any more, after an attempt whose answer was lost.".to_owned()),
                answered: Some(answered(AttemptOutcome::Refused, error.note)),
                ..Change::default()
            }),
            Err(error) => Self::of_error(&error, was_in_doubt),
        }
    }

    /// A refusal says only that this attempt did nothing: it settles an order that no earlier attempt may have carried
    /// out, and no other.
    fn of_error(error: &CallError, was_in_doubt: bool) -> Self {
        let outcome = match error.effect {
            Effect::NotSent => AttemptOutcome::NotSent,
            Effect::Busy | Effect::Refused | Effect::Absent => AttemptOutcome::Refused,
            Effect::Unknown | Effect::Unreadable => AttemptOutcome::Unknown,
        };
        let change = Change {
            answered: Some(answered(outcome, error.note.clone())),
            order_id: error.named.order_id.clone(),
            desktop_id: error.named.desktop_id.clone(),
            ..Change::from(error.problem())
        };
        match error.effect {
            Effect::Refused | Effect::Absent if !was_in_doubt => Self::Rejected(change),
            Effect::NotSent | Effect::Busy if !was_in_doubt => Self::Retry(change, error.retry_after),
            _ => Self::Retry(in_doubt(change), error.retry_after),
        }
    }
}

/// The driver knows which attempt it was.
fn answered(outcome: AttemptOutcome, answer: String) -> Answered {
    Answered { attempt: 0, outcome, answer }
}

/// While an order is in doubt, no problem says that it was not carried out.
fn in_doubt(change: Change) -> Change {
    let problem = change.problem.map(|problem| Problem { outcome: Outcome::Unknown, ..problem });
    Change { in_doubt: true, problem, ..change }
}

#[cfg(test)]
mod tests {
    use cloud::Identifiers;
    use shared::Class;

    use super::*;

    #[derive(Debug, PartialEq)]
    enum Expect {
        Placed,
        Rejected,
        Retry { in_doubt: bool },
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
                Err(CallError::without_answer("CreateDesktop", class, code, effect, String::new()))
            }
        };
        check_found(Verdict::of(called, was_in_doubt), &format!("{answer:?}"), was_in_doubt, expect);
    }

    fn check_release(effect: Option<Effect>, was_in_doubt: bool, expect: &Expect) {
        let called = match effect {
            None => Ok(Answer { value: DeletedDesktop {}, request_id: None }),
            Some(effect) => {
                let (class, code) = (Class::WriteOnce, Code::UpstreamUnavailable);
                Err(CallError::without_answer("DeleteDesktop", class, code, effect, String::new()))
            }
        };
        check_found(Verdict::of_release(called, was_in_doubt), &format!("release: {effect:?}"), was_in_doubt, expect);
    }

    fn check_found(found: Verdict, answer: &str, was_in_doubt: bool, expect: &Expect) {
        let found = match found {
            Verdict::Placed(_) => Expect::Placed,
            Verdict::Rejected(_) => Expect::Rejected,
            Verdict::Retry(change, _) => {
                let says_unknown = change.problem.as_ref().map(|problem| problem.outcome) == Some(Outcome::Unknown);
                assert_eq!(says_unknown, change.in_doubt, "{answer}");
                Expect::Retry { in_doubt: change.in_doubt }
            }
        };
        assert_eq!(&found, expect, "{answer}, in doubt before: {was_in_doubt}");
    }

    #[test]
    fn an_identifier_is_success_and_none_is_not() {
        for doubt in [false, true] {
            check(Ok((Some("o-1"), Some("d-1"))), doubt, &Expect::Placed);
            check(Ok((Some("o-1"), None)), doubt, &Expect::Placed);
            check(Ok((None, Some("d-1"))), doubt, &Expect::Placed);
            check(Ok((None, None)), doubt, &Expect::Retry { in_doubt: true });
        }
    }

    #[test]
    fn in_doubt_no_refusal_settles() {
        for effect in [Effect::Refused, Effect::Absent] {
            check(Err(effect), false, &Expect::Rejected);
            check(Err(effect), true, &Expect::Retry { in_doubt: true });
        }
        for effect in [Effect::NotSent, Effect::Busy] {
            check(Err(effect), false, &Expect::Retry { in_doubt: false });
            check(Err(effect), true, &Expect::Retry { in_doubt: true });
        }
        for effect in [Effect::Unknown, Effect::Unreadable] {
            check(Err(effect), false, &Expect::Retry { in_doubt: true });
            check(Err(effect), true, &Expect::Retry { in_doubt: true });
        }
    }

    #[test]
    fn what_a_contradiction_names_is_kept() {
        let code = Code::UpstreamUnintelligible;
        let error =
            CallError::without_answer("CreateDesktop", Class::WriteWithToken, code, Effect::Unknown, String::new());
        let named = Identifiers { order_id: "o-1".parse().ok(), desktop_id: "d-1".parse().ok() };
        let Verdict::Retry(change, _) = Verdict::of_error(&CallError { named, ..error }, false) else {
            panic!("it settles nothing")
        };
        assert!(change.in_doubt && change.order_id.is_some() && change.desktop_id.is_some());
    }

    #[test]
    fn what_proves_a_release() {
        for doubt in [false, true] {
            check_release(None, doubt, &Expect::Placed);
            check_release(Some(Effect::Unknown), doubt, &Expect::Retry { in_doubt: true });
            check_release(Some(Effect::Unreadable), doubt, &Expect::Retry { in_doubt: true });
            check_release(Some(Effect::Busy), doubt, &Expect::Retry { in_doubt: doubt });
            check_release(Some(Effect::NotSent), doubt, &Expect::Retry { in_doubt: doubt });
        }
        check_release(Some(Effect::Absent), false, &Expect::Rejected);
        check_release(Some(Effect::Absent), true, &Expect::Placed);
        check_release(Some(Effect::Refused), false, &Expect::Rejected);
        check_release(Some(Effect::Refused), true, &Expect::Retry { in_doubt: true });
    }

    #[test]
    fn a_renewal_is_known_by_its_order() {
        let check = |order: Option<&str>, expect: &Expect| {
            let value = RenewedDesktop { order_id: order.map(|id| id.parse().unwrap()) };
            check_found(Verdict::of(Ok(Answer { value, request_id: None }), false), "renewal", false, expect);
        };
        check(Some("o-1"), &Expect::Placed);
        check(None, &Expect::Retry { in_doubt: true });
    }
}
