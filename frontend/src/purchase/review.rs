//! The last look before money is spent, and placing the order.

use leptos::{prelude::*, task::spawn_local};
use shared::{
    Outcome, Problem,
    link::Route,
    order::{NewOrder, Operation},
    values::ChargeType,
};

use super::{Purchase, basics, summary};
use crate::{
    address, api,
    language::use_text,
    text::fill,
    ui::{Dialog, ProblemView, flag, maybe, words},
};

/// The review. It is open while the purchase says so.
#[component]
pub fn Review() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let placing = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let close = move || purchase.reviewing.set(false);
    let place = move |_| {
        // Set before anything is awaited, so that a double click is one.
        if placing.get_untracked() {
            return;
        }
        let Some(attempt) = purchase.attempt.get_untracked() else { return };
        let Some(region) = purchase.form.with_untracked(|form| form.region.clone()) else { return };
        placing.set(true);
        problem.set(None);
        // From here on it may arrive, whatever we hear of it.
        purchase.attempt.update(|attempt| attempt.iter_mut().for_each(|attempt| attempt.maybe_sent = true));
        let token = attempt.request.client_token.clone();
        let order = NewOrder { token: token.clone(), region, operation: Operation::Create(attempt.request) };
        spawn_local(async move {
            match api::place(&order).await {
                Ok(_) => {
                    // The proxy has it: the next purchase is another one.
                    purchase.attempt.set(None);
                    purchase.tried.set(false);
                    close();
                    address::go(&Route::Order(token));
                }
                Err(error) => {
                    if error.outcome != Outcome::Unknown {
                        purchase.attempt.update(|attempt| attempt.iter_mut().for_each(|a| a.maybe_sent = false));
                    }
                    let _ = placing.try_set(false);
                    let _ = problem.try_set(Some(error));
                }
            }
        });
    };
    let form = purchase.form.get_untracked();
    let note = match form.charge_type {
        ChargeType::PostPay => t.review_post_pay.to_owned(),
        ChargeType::PrePay => fill(t.review_pre_pay, &[&basics::period_name(t, form.period)]),
    };
    let trouble = maybe(move || {
        problem.get().map(|problem| {
            let unknown = problem.outcome == Outcome::Unknown;
            view! {
                <div class="notice error">
                    <ProblemView problem />
                    {unknown.then(|| view! { <p>{t.place_unknown}</p> })}
                </div>
            }
            .into_any()
        })
    });
    let button = words(move || {
        if placing.get() {
            t.placing
        } else if problem.with(Option::is_some) {
            t.place_again
        } else {
            t.place_order
        }
    });
    view! {
        <Dialog title=t.review name="review" on_close=move |()| close()>
            {summary::lines_view(untrack(|| summary::lines(purchase)))}
            <p class="hint">{note}" "{t.price_note}</p>
            <div role="alert">{trouble}</div>
            <div class="dialog-buttons">
                <button type="button" on:click=move |_| close()>{t.back_to_form}</button>
                <button type="button" class="primary" aria-disabled=flag(move || placing.get()) on:click=place>
                    {button}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}
