//! Answers that come after their review or dialog was closed. They change nothing that is shown then; each is a notice with
//! a link.

use leptos::prelude::*;
use shared::{Outcome, Problem, link::Route};

use crate::{
    language::{Language, Texts},
    reactive::{maybe, on_click},
    text::{Text, fill},
};

/// What an answer says.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The orders are recorded.
    Placed,
    /// Nothing was sent, since the same had been placed minutes ago.
    Again,
    /// Nothing was sent, since the review was closed before.
    Closed,
    /// The request failed, or its outcome is unknown.
    Problem(Problem),
}

/// A late answer.
#[derive(Clone, Debug, PartialEq)]
struct Late {
    /// The users or the desktop.
    what: String,
    /// Where the orders are shown.
    route: Route,
    /// What it says.
    answer: Answer,
}

/// The late answers whose notice is not closed.
#[derive(Clone, Copy)]
pub struct LateAnswers(RwSignal<Vec<Late>>);

impl LateAnswers {
    /// None yet.
    pub fn none() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Adds the notice of an answer: `what` names the users or the desktop, `route` shows its orders.
    pub fn tell(self, what: String, route: Route, answer: Answer) {
        self.0.update(|late| late.push(Late { what, route, answer }));
    }
}

/// The notices.
#[component]
pub fn LateNotices(
    /// The language shown.
    language: RwSignal<Language>,
    /// What there is to tell.
    answers: LateAnswers,
) -> impl IntoView {
    let list = maybe(move || {
        let is_any = answers.0.with(|late| !late.is_empty());
        is_any.then(|| notices(language.get().text(), answers))
    });
    view! { <div class="late" role="status">{list}</div> }.into_any()
}

/// A notice for each. Not inlined, so that it is in the deferred module: before a purchase there are none.
#[inline(never)]
fn notices(t: &'static Text, answers: LateAnswers) -> AnyView {
    let notice = |(index, Late { what, route, answer }): (usize, Late)| {
        let (class, text, to) = match answer {
            Answer::Placed => ("notice", fill(t.deferred().late_placed, &[&what]), route),
            Answer::Again => ("notice warn", fill(t.deferred().late_again, &[&what]), route),
            Answer::Closed => ("notice warn", fill(t.deferred().late_closed, &[&what]), Route::Buy),
            Answer::Problem(problem) if problem.outcome == Outcome::Unknown => {
                ("notice warn", fill(t.deferred().late_unknown, &[&what]), route)
            }
            Answer::Problem(problem) => {
                ("notice error", fill(t.deferred().late_refused, &[&what, (t.code)(problem.code)]), Route::Orders)
            }
        };
        // Of what was not sent there is no order.
        let link = (to != Route::Buy).then(|| view! { <a href=to.href()>{t.deferred().view_order}</a> });
        let close = move |_| {
            answers.0.update(|late| drop(late.remove(index)));
        };
        view! {
            <div class=class>
                <p>{text}</p>
                {link}
                <button type="button" class="quiet" on:click=on_click(close)>{t.deferred().close}</button>
            </div>
        }
    };
    answers.0.get().into_iter().enumerate().map(notice).collect_view().into_any()
}
