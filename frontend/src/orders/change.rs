//! What the dialogs for one desktop, for several and for retries have in common: sending, the choice of a period, and the
//! question whether to do what was done minutes ago.

use std::collections::HashSet;

use leptos::prelude::*;
use shared::{
    Outcome, Problem,
    form::Field,
    limits::{Limits, WithoutApproval},
    link::Route,
    order::Order,
    values::Period,
};

use super::{
    left::left,
    retry::{is_retried, retry},
};
use crate::{
    address, api,
    checkout::{
        Answer, Attempt, BeforeSending, LateAnswers, Recent, is_unanswered, period_name, recent, renewals, renewed,
    },
    language::use_text,
    reactive::{by_itself, maybe, spawn},
    text::{OrderText, fill},
    ui::{Choice, RadioGroup, problem_notice},
};

/// The state of a renewal or release that is being sent.
#[derive(Clone, Copy)]
pub struct Change {
    /// Whether it is on its way.
    pub placing: RwSignal<bool>,
    /// Whether it was sent and its answer lost: only the same can be sent again, since another choice would be another order.
    pub frozen: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    /// Renewals of minutes ago, newest first.
    recent: RwSignal<Vec<Recent>>,
    /// Those of them to which the person said yes: the desktops are renewed once more.
    confirmed: RwSignal<Vec<Route>>,
    /// The limits; none while they are not known.
    limits: RwSignal<Limits>,
    late: LateAnswers,
}

impl Change {
    /// Nothing has been sent yet.
    pub fn new() -> Self {
        let limits = RwSignal::new(Limits::default());
        spawn(async move {
            if let Ok(known) = by_itself(true, || api::get::<Limits>("limits".to_owned())).await {
                let _ = limits.try_set(known);
            }
        });
        Self {
            placing: RwSignal::new(false),
            frozen: RwSignal::new(false),
            problem: RwSignal::new(None),
            recent: RwSignal::new(Vec::new()),
            confirmed: RwSignal::new(Vec::new()),
            limits,
            late: expect_context(),
        }
    }

    /// Asks whether what an attempt does was done minutes ago.
    pub fn look_for(self, attempt: Attempt) {
        spawn(async move {
            if let Ok(found) = same(&attempt).await {
                let _ = self.recent.try_set(found);
            }
        });
    }

    /// Asks whether these desktops were renewed minutes ago, so that the person knows before anything is sent.
    pub fn look(self, desktops: HashSet<String>) {
        spawn(async move {
            if let Ok(found) = renewals(&desktops, None).await {
                let _ = self.recent.try_set(found);
            }
        });
    }

    /// The renewal of minutes ago of a desktop.
    fn recent_of(recent: &[Recent], id: &str) -> Option<Recent> {
        recent.iter().find(|recent| recent.what == id).cloned()
    }

    /// Whether a yes to renewing one of these once more is missing.
    pub fn wants_yes(self, desktops: &[String]) -> bool {
        let confirmed = self.confirmed.get();
        let asks = |recent: &Recent| desktops.contains(&recent.what) && !confirmed.contains(&recent.route);
        self.recent.with(|recent| recent.iter().any(asks))
    }

    /// Who renewed a desktop minutes ago, and when.
    pub fn renewed_recently(self, t: &OrderText, id: &str) -> Option<String> {
        self.recent.with(|recent| Self::recent_of(recent, id)).map(|recent| told(t, t.renewed_recently, &recent, id))
    }

    /// Sends the orders and goes to where they are shown. `about` names them in a notice, if the dialog is closed before.
    pub fn send(self, attempt: Attempt, about: String, close: impl Fn() + 'static) {
        let route = attempt.route();
        self.begin(attempt, Vec::new(), route, about, Box::new(close));
    }

    /// Retries rejected orders, as an attempt has them, and goes to where they are shown.
    pub fn retry(self, attempt: Attempt, dead: Vec<Order>, route: Route, about: String, close: impl Fn() + 'static) {
        self.begin(attempt, dead, route, about, Box::new(close));
    }

    fn begin(self, attempt: Attempt, dead: Vec<Order>, route: Route, about: String, close: Box<dyn Fn()>) {
        self.placing.set(true);
        self.problem.set(None);
        spawn(self.answer(attempt, dead, route, about, close));
    }

    async fn answer(self, attempt: Attempt, dead: Vec<Order>, route: Route, about: String, close: Box<dyn Fn()>) {
        let is_sent = is_unanswered(&attempt.token) || dead.iter().any(is_retried);
        let confirmed = self.confirmed.get_untracked();
        let is_new = |recent: &Recent| !confirmed.contains(&recent.route);
        // Asked again: somebody else may have done it while this dialog was open.
        let found = same(&attempt).await;
        // The dialog may have been closed meanwhile, and another one be open.
        let is_shown = || self.placing.try_get_untracked().is_some();
        let (found, failed) = found.map_or_else(|problem| (Vec::new(), Some(problem)), |found| (found, None));
        let asks = found.iter().any(is_new);
        let answer = match BeforeSending::of(failed, asks, is_sent, is_shown()) {
            BeforeSending::Send if dead.is_empty() => attempt.place().await,
            BeforeSending::Send => retry(&dead).await.map(|()| route.clone()),
            BeforeSending::Fail(problem) => Err(problem),
            BeforeSending::Ask(problem) => {
                self.placing.set(false);
                self.problem.set(problem);
                return self.recent.set(found);
            }
            BeforeSending::Again => return self.late.tell(about, route, Answer::Again),
            BeforeSending::Closed => return self.late.tell(about, route, Answer::Closed),
        };
        let shown = is_shown();
        match answer {
            Ok(route) if shown => {
                close();
                address::go(&route);
            }
            Ok(route) => self.late.tell(about, route, Answer::Placed),
            Err(error) if shown => {
                self.frozen.set(error.outcome == Outcome::Unknown);
                self.placing.set(false);
                self.problem.set(Some(error));
            }
            Err(error) => self.late.tell(about, route, Answer::Problem(error)),
        }
    }

    /// Says what is left for so many desktops, and that they will await approval, where that is known. Without a period they are
    /// released. `is_beyond` says whether their types or prices want an approver.
    pub fn limits(
        self,
        t: &'static OrderText,
        number: impl Fn() -> usize + Send + 'static,
        period: Option<RwSignal<Period>>,
        is_beyond: impl Fn(&WithoutApproval) -> bool + Send + 'static,
    ) -> AnyView {
        let texts = use_text();
        let shown = move || {
            let limits = self.limits.get();
            let period = period.map(|period| period.get());
            let waits = limits.approval.as_ref().is_some_and(|without| match period {
                Some(period) => is_beyond(without) || without.is_exceeded_by(number(), Some(period.months())),
                // Releases are not counted.
                None => without.never,
            });
            let waits = waits.then(|| will_await(t));
            Some(view! { {left(texts, &limits, number(), period)}{waits} }.into_any())
        };
        view! { {maybe(shown)} }.into_any()
    }

    /// Says that what is placed will await approval, where that is known.
    pub fn approval(self, t: &'static OrderText, waits: impl Fn(&WithoutApproval) -> bool + Send + 'static) -> AnyView {
        let shown = move || {
            let waits = self.limits.with(|limits| limits.approval.as_ref().is_some_and(&waits));
            waits.then(|| will_await(t))
        };
        view! { {maybe(shown)} }.into_any()
    }

    /// The problem, if there is one; and which of these desktops were renewed minutes ago, with the question for a yes.
    pub fn notices(self, t: &'static OrderText, desktops: impl Fn() -> Vec<String> + Send + 'static) -> AnyView {
        self.asking(t, (t.renewed_recently, t.renew_anyway), desktops)
    }

    /// The same in other words: what was done, and the yes to doing it once more.
    pub fn asking(
        self,
        t: &'static OrderText,
        (done, anyway): (&'static str, &'static str),
        desktops: impl Fn() -> Vec<String> + Send + 'static,
    ) -> AnyView {
        let notice = move || {
            let desktops = desktops();
            let mut found = self.recent.get();
            found.retain(|recent| desktops.contains(&recent.what));
            let latest = found.first()?;
            let others = found.iter().map(|recent| &recent.what).collect::<HashSet<_>>().len() - 1;
            let routes: Vec<_> = found.iter().map(|recent| recent.route.clone()).collect();
            let asked = routes.clone();
            let is_confirmed = move || self.confirmed.with(|all| asked.iter().all(|route| all.contains(route)));
            let what = if others > 0 { format!("{} (+{others})", latest.what) } else { latest.what.clone() };
            Some(
                view! {
                    <div class="notice warn">
                        <p>{told(t, done, latest, &what)}" "<a href=latest.route.href()>{t.deferred().view_order}</a></p>
                        <label class="check">
                            <input
                                type="checkbox"
                                prop:checked=is_confirmed
                                on:change:target=move |event| {
                                    self.confirmed.set(if event.target().checked() { routes.clone() } else { Vec::new() });
                                }
                            />
                            {anyway}
                        </label>
                    </div>
                }
                .into_any(),
            )
        };
        view! {
            <div role="alert">
                {maybe(notice)}
                {problem_notice(self.problem, Some(t.change_unknown))}
            </div>
        }
        .into_any()
    }
}

fn will_await(t: &OrderText) -> AnyView {
    view! { <p class="notice warn">{t.change_will_await}</p> }.into_any()
}

/// The periods to renew for.
pub fn periods(t: &'static OrderText, period: RwSignal<Period>) -> AnyView {
    let periods =
        Period::ALL.iter().map(|p| Choice::new(p.months().to_string(), period_name(t, *p))).collect::<Vec<_>>();
    view! {
        <RadioGroup
            label=t.label(Field::Period)
            name="renew-period"
            look="segments"
            choices=periods
            chosen=Signal::derive(move || Some(period.get().months().to_string()))
            choose=move |value: String| {
                if let Ok(value) = value.parse() {
                    period.set(value);
                }
            }
        />
        <p class="hint">{t.renew_note}</p>
    }
    .into_any()
}

/// The orders of minutes ago that do the same as an attempt: purchases, or renewals.
async fn same(attempt: &Attempt) -> Result<Vec<Recent>, Problem> {
    let desktops = renewed(attempt);
    if desktops.is_empty() { recent(attempt).await } else { renewals(&desktops, Some(attempt)).await }
}

/// Who did it to what, and when, in these words.
fn told(t: &OrderText, done: &str, recent: &Recent, what: &str) -> String {
    let by = recent.by.as_deref().unwrap_or(if recent.is_ours { t.deferred().you } else { t.someone });
    fill(done, &[by, &recent.ago(t), what])
}
