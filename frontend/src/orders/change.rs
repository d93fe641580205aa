//! What the dialogs for one desktop and for several have in common: sending a renewal or release, and the choice of a period.

use leptos::prelude::*;
use shared::{
    Outcome, Problem,
    form::Field,
    limits::{Limits, WithoutApproval},
    values::Period,
};

use crate::{
    address, api,
    checkout::{Answer, Attempt, LateAnswers, period_name},
    reactive::{by_itself, maybe, spawn},
    text::OrderText,
    ui::{Choice, ProblemView, RadioGroup},
};

/// The state of a renewal or release that is being sent.
#[derive(Clone, Copy)]
pub struct Change {
    /// Whether it is on its way.
    pub placing: RwSignal<bool>,
    /// Whether it was sent and its answer lost: only the same can be sent again, since another choice would be another order.
    pub frozen: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    /// What needs no approver; nothing while that is not known, and where everything needs none.
    without: RwSignal<Option<WithoutApproval>>,
    late: LateAnswers,
}

impl Change {
    /// Nothing has been sent yet.
    pub fn new() -> Self {
        let without = RwSignal::new(None);
        spawn(async move {
            if let Ok(limits) = by_itself(true, || api::get::<Limits>("limits".to_owned())).await {
                let _ = without.try_set(limits.approval);
            }
        });
        Self {
            placing: RwSignal::new(false),
            frozen: RwSignal::new(false),
            problem: RwSignal::new(None),
            without,
            late: expect_context(),
        }
    }

    /// Sends the orders and goes to where they are shown. `about` names them in a notice, if the dialog is closed before.
    pub fn send(self, attempt: Attempt, about: String, close: impl Fn() + 'static) {
        let close: Box<dyn Fn()> = Box::new(close);
        self.placing.set(true);
        self.problem.set(None);
        spawn(self.answer(attempt, about, close));
    }

    async fn answer(self, attempt: Attempt, about: String, close: Box<dyn Fn()>) {
        let route = attempt.route();
        let answer = attempt.place().await;
        // The dialog may have been closed meanwhile, and another one be open.
        let shown = self.placing.try_get_untracked().is_some();
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

    /// Says that so many desktops will await approval, where that is known. Without a period they are released.
    pub fn will_await(
        self,
        t: &'static OrderText,
        number: impl Fn() -> usize + Send + 'static,
        period: Option<RwSignal<Period>>,
    ) -> AnyView {
        let awaits = move || {
            self.without.with(|without| {
                let without = without.as_ref()?;
                // Releases are not counted.
                let waits = match period {
                    Some(period) => without.is_exceeded_by(number(), Some(period.get().months())),
                    None => without.never,
                };
                waits.then(|| view! { <p class="notice warn">{t.change_will_await}</p> }.into_any())
            })
        };
        view! { {maybe(awaits)} }.into_any()
    }

    /// The problem, if there is one.
    pub fn problem(self) -> AnyView {
        view! {
            <div role="alert">
                {maybe(move || self.problem.get().map(|problem| {
                    view! { <div class="notice error"><ProblemView problem /></div> }.into_any()
                }))}
            </div>
        }
        .into_any()
    }
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
