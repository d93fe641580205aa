//! The script: which faults are active, and whether one strikes a given call. [`crate::scenario`] explains the names.
//! Handlers ask about faults that belong to a rule of the purchase (stock, owner, directory).

use std::{collections::HashMap, time::Duration};

use axum::http::StatusCode;
use shared::Class;

use crate::{Kind, Scenario, ScriptedAnswer, Told, admission, call::Call, error::Error, seed, strange::Draw};

/// What happens in place of the action.
#[derive(Debug, PartialEq)]
pub(crate) enum Instead {
    Error(Error),
    Html,
    Hang,
}

/// How an answer ends after the action was carried out.
#[derive(Debug, PartialEq)]
pub(crate) enum Ending {
    Whole,
    CutOff,
    Error(Error),
    Drop,
    Hang,
}

/// The active faults, and how often each has struck.
pub(crate) struct Script {
    active: Vec<Scenario>,
    answers: Vec<ScriptedAnswer>,
    struck: HashMap<(Kind, String), u32>,
    /// What the strange cloud has told, by operation.
    told: HashMap<String, Told>,
    seed: u64,
}

const SLOW: Duration = Duration::from_millis(1500);

/// The faults of `chaos`. All of them pass, so that a client that retries gets through.
const PASSING: &[Kind] = &[
    Kind::Throttled,
    Kind::Fail,
    Kind::Fail500,
    Kind::Http200Error,
    Kind::Html,
    Kind::CutOff,
    Kind::CommitThenDrop,
    Kind::CommitThen503,
    Kind::Slow,
];

impl Script {
    /// A script with these faults, none of which has struck yet.
    pub(crate) fn new(active: Vec<Scenario>, seed: u64) -> Self {
        Self { active, answers: Vec::new(), struck: HashMap::new(), told: HashMap::new(), seed }
    }

    /// The active faults.
    pub(crate) fn active(&self) -> &[Scenario] {
        &self.active
    }

    /// Sets scripted answers. For one action they are given in this order.
    pub(crate) fn set_answers(&mut self, answers: Vec<ScriptedAnswer>) {
        self.answers = answers;
    }

    /// The scripted answer for this call, if one is left.
    pub(crate) fn scripted(&mut self, call: &Call) -> Option<ScriptedAnswer> {
        let mut left = self.answers.iter_mut().filter(|answer| answer.action == call.action && answer.times != Some(0));
        let answer = left.next()?;
        answer.times = answer.times.map(|times| times - 1);
        Some(answer.clone())
    }

    /// What a write comes to in the strange cloud, if it is on.
    pub(crate) fn strange(&mut self, call: &Call) -> Option<Draw> {
        let subject = call.subject().filter(|_| self.covers(Kind::Strange, call.action))?;
        let attempt = self.told.get(&subject).map_or(0, |told| told.calls) + 1;
        let draw = Draw::of(call, &subject, attempt, self.seed);
        self.told.entry(subject).or_insert_with(|| draw.told()).calls = attempt;
        Some(draw)
    }

    /// Counts an answer of the strange cloud that names something.
    pub(crate) fn count_named(&mut self, call: &Call) {
        if let Some(told) = call.subject().and_then(|subject| self.told.get_mut(&subject)) {
            told.named += 1;
        }
    }

    /// What the strange cloud has told, by action and `ClientToken`, user or desktop.
    pub(crate) fn told(&self) -> &HashMap<String, Told> {
        &self.told
    }

    /// Whether a fault is active that is not limited to an action.
    pub(crate) fn is_on(&self, kind: Kind) -> bool {
        self.active.iter().any(|scenario| scenario.kind == kind)
    }

    /// Whether a fault is active for this action.
    pub(crate) fn covers(&self, kind: Kind, action: &str) -> bool {
        self.active.iter().any(|scenario| scenario.kind == kind && scenario.covers(action))
    }

    /// Counts a question about this subject, and returns how often it was asked before.
    pub(crate) fn count(&mut self, kind: Kind, subject: String) -> u32 {
        let count = self.struck.entry((kind, subject)).or_default();
        *count += 1;
        *count - 1
    }

    /// The same number, without counting.
    pub(crate) fn counted(&self, kind: Kind, subject: String) -> u32 {
        self.struck.get(&(kind, subject)).copied().unwrap_or(0)
    }

    /// The fault that strikes a call in place of its action, if any.
    pub(crate) fn instead(&mut self, call: &Call) -> Option<Instead> {
        let chaos = self.chaos(call);
        let first = |script: &mut Self, kind, times| {
            script.covers(kind, call.action) && script.count(kind, call.action.to_owned()) < times
        };
        if first(self, Kind::NonceUsed, 1) {
            return Some(Instead::Error(admission::nonce_used()));
        }
        if first(self, Kind::TokenExpired, 1) {
            let error = Error::bad_request("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.");
            return Some(Instead::Error(error));
        }
        if first(self, Kind::Throttled, 2) {
            let is_first = self.counted(Kind::Throttled, call.action.to_owned()) == 1;
            return Some(Instead::Error(Error::throttled(is_first.then_some(1))));
        }
        if self.covers(Kind::ThrottledAlways, call.action) {
            return Some(Instead::Error(Error::throttled(Some(1))));
        }
        if self.forbids(call) {
            let error = Error::forbidden("Forbidden.RAM", "User not authorized to operate on the specified resource.");
            return Some(Instead::Error(error));
        }
        if self.is_on(Kind::HangFirstZone) && call.is_about_first_zone() {
            return Some(Instead::Hang);
        }
        if self.is_on(Kind::FailFirstZone) && call.is_about_first_zone() {
            return Some(Instead::Error(unavailable()));
        }
        let kinds = [Kind::Hang, Kind::Html, Kind::Fail, Kind::Fail500, Kind::Http200Error];
        let on = kinds.into_iter().find(|kind| self.covers(*kind, call.action));
        match on.or(chaos)? {
            Kind::Hang => Some(Instead::Hang),
            Kind::Html => Some(Instead::Html),
            Kind::Fail => Some(Instead::Error(unavailable())),
            Kind::Fail500 => Some(Instead::Error(internal(StatusCode::INTERNAL_SERVER_ERROR))),
            Kind::Http200Error => Some(Instead::Error(internal(StatusCode::OK))),
            // Only `chaos` leads here; the scenario itself is handled above.
            Kind::Throttled => Some(Instead::Error(Error::throttled(call.number.is_multiple_of(2).then_some(1)))),
            _ => None,
        }
    }

    /// The delay of a call's answer.
    pub(crate) fn delay(&self, call: &Call) -> Duration {
        let slow = self.covers(Kind::Slow, call.action)
            || (self.is_on(Kind::SlowFirstZone) && call.is_about_first_zone())
            || self.chaos(call) == Some(Kind::Slow);
        if slow { SLOW } else { Duration::ZERO }
    }

    /// How the answer of a carried-out call ends.
    pub(crate) fn ending(&mut self, call: &Call) -> Ending {
        let chaos = self.chaos(call);
        let committed = |script: &mut Self, kind| {
            script.covers(kind, call.action) && call.subject().is_some_and(|subject| script.count(kind, subject) == 0)
        };
        let is_write = call.class != Class::Read;
        if committed(self, Kind::CommitThenDrop) || (chaos == Some(Kind::CommitThenDrop) && is_write) {
            Ending::Drop
        } else if committed(self, Kind::CommitThen503) || (chaos == Some(Kind::CommitThen503) && is_write) {
            Ending::Error(unavailable())
        } else if committed(self, Kind::CommitThenHang) {
            Ending::Hang
        } else if self.covers(Kind::CutOff, call.action) || chaos == Some(Kind::CutOff) {
            Ending::CutOff
        } else {
            Ending::Whole
        }
    }

    /// Without a limit to an action it applies to writes only: a page that cannot even read would show nothing of it.
    fn forbids(&self, call: &Call) -> bool {
        let is_write = call.class != Class::Read;
        let applies = |scenario: &Scenario| match scenario.action {
            Some(action) => action == call.action,
            None => is_write,
        };
        self.active.iter().any(|scenario| scenario.kind == Kind::Forbidden && applies(scenario))
    }

    /// The fault that `chaos` chooses for this call. Deterministic, so it may be asked repeatedly.
    fn chaos(&self, call: &Call) -> Option<Kind> {
        let mut rng = seed::rng(self.seed, call.action, call.number);
        (self.covers(Kind::Chaos, call.action) && rng.u8(..4) == 0).then(|| PASSING[rng.usize(..PASSING.len())])
    }
}

fn unavailable() -> Error {
    Error::with_status(
        StatusCode::SERVICE_UNAVAILABLE,
        "ServiceUnavailable",
        "The request has failed due to a temporary failure of the server.",
    )
}

fn internal(status: StatusCode) -> Error {
    Error::with_status(status, "InternalError", "The request processing has failed due to some unknown error.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::regions::Region;

    fn call(action: &'static str, class: Class, number: u64, business: &[(&str, &str)]) -> Call {
        let business = business.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        Call { action, class, region: Region::DEFAULT, number, business }
    }

    fn script(scenarios: &[&str]) -> Script {
        Script::new(scenarios.iter().map(|text| text.parse().unwrap()).collect(), 1)
    }

    fn read() -> Call {
        call("DescribeImages", Class::Read, 1, &[])
    }

    fn write(token: &str) -> Call {
        call("CreateDesktop", Class::WriteWithToken, 1, &[("ClientToken", token)])
    }

    #[test]
    fn throttled_twice_then_fine() {
        let mut script = script(&["throttled"]);
        assert_eq!(script.instead(&read()), Some(Instead::Error(Error::throttled(Some(1)))));
        assert_eq!(script.instead(&write("t")), Some(Instead::Error(Error::throttled(Some(1)))));
        assert_eq!(script.instead(&read()), Some(Instead::Error(Error::throttled(None))));
        assert_eq!(script.instead(&read()), None);
    }

    #[test]
    fn limited_to_an_action() {
        let mut script = script(&["fail:CreateDesktop", "slow:DescribeImages"]);
        assert_eq!(script.instead(&read()), None);
        assert_eq!(script.instead(&write("t")), Some(Instead::Error(unavailable())));
        assert_eq!((script.delay(&read()), script.delay(&write("t"))), (SLOW, Duration::ZERO));
    }

    #[test]
    fn the_first_write_for_a_token() {
        let mut script = script(&["commit-then-drop"]);
        assert_eq!(script.ending(&read()), Ending::Whole);
        assert_eq!(script.ending(&write("a")), Ending::Drop);
        assert_eq!(script.ending(&write("b")), Ending::Drop);
        assert_eq!(script.ending(&write("a")), Ending::Whole);
        let user = call("CreateUser", Class::WriteOnce, 1, &[("UserName", "a")]);
        assert_eq!(script.ending(&user), Ending::Drop);
        assert_eq!(script.ending(&user), Ending::Whole);
    }

    #[test]
    fn forbidden_is_about_writes() {
        let mut all = script(&["forbidden"]);
        assert!(all.instead(&read()).is_none() && all.instead(&write("t")).is_some());
        let mut one = script(&["forbidden:DescribeImages"]);
        assert!(one.instead(&read()).is_some() && one.instead(&write("t")).is_none());
    }

    #[test]
    fn first_zone_only() {
        let check = |action, zone, strikes: bool| {
            let call = call(action, Class::Read, 1, &[("ZoneId", zone)]);
            let delay = script(&["slow-first-zone"]).delay(&call);
            assert_eq!(delay, if strikes { SLOW } else { Duration::ZERO }, "{action} {zone}");
            let hang = script(&["hang-first-zone"]).instead(&call);
            assert_eq!(hang, strikes.then_some(Instead::Hang), "{action} {zone}");
            let fail = script(&["fail-first-zone"]).instead(&call);
            assert_eq!(fail, strikes.then(|| Instead::Error(unavailable())), "{action} {zone}");
        };
        check("DescribeVSwitches", "cn-hangzhou-b", true);
        check("DescribeAvailableResource", "cn-hangzhou-b", true);
        check("DescribeVSwitches", "cn-hangzhou-e", false);
        check("DescribeImages", "cn-hangzhou-b", false);
    }

    #[test]
    fn chaos_is_a_quarter_and_repeats() {
        let script = script(&["chaos"]);
        let draw = || (1..=1000).map(|number| script.chaos(&Call { number, ..read() })).collect::<Vec<_>>();
        let struck = draw().iter().flatten().count();
        assert!((200..300).contains(&struck), "{struck}");
        assert_eq!(draw(), draw());
        for kind in PASSING {
            assert!(draw().contains(&Some(*kind)), "{kind:?}");
        }
    }
}
