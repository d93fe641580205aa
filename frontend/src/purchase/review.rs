//! The review dialog: the purchase once more, the price, and the button that places the order.

use leptos::prelude::*;
use shared::{Outcome, Problem, values::ChargeType};

use super::{code::code, field::show_field, price, state::Purchase, summary};
use crate::{
    address,
    checkout::{note_placed, period_name},
    language::use_text,
    reactive::{flag, maybe, next_frame, on_click, spawn, words},
    text::fill,
    ui::{Dialog, ProblemView},
};

/// The dialog.
#[component]
pub fn Review() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let placing = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let close = move || purchase.reviewing.set(false);
    let place = move |_| {
        // Set before the first await, so that a double click places one order.
        if placing.get_untracked() {
            return;
        }
        let Some(attempt) = purchase.attempt.get_untracked() else { return };
        placing.set(true);
        problem.set(None);
        spawn(async move {
            match attempt.place().await {
                Ok(()) => {
                    note_placed(&attempt.token);
                    purchase.attempt.set(None);
                    purchase.tried.set(false);
                    close();
                    address::go(&attempt.route());
                }
                Err(error) => {
                    let _ = placing.try_set(false);
                    // A field error is shown at its field; nothing was bought.
                    let known = error.outcome != Outcome::Unknown;
                    if let Some(field) = known.then(|| purchase.refuse(&error)).flatten() {
                        close();
                        next_frame(move || {
                            show_field(field.id());
                        });
                        return;
                    }
                    let _ = problem.try_set(Some(error));
                }
            }
        });
    };
    let form = purchase.form.get_untracked();
    let note = match form.charge_type {
        ChargeType::PostPay => t.review_post_pay.to_owned(),
        ChargeType::PrePay => fill(t.review_pre_pay, &[&period_name(t, form.period)]),
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
            t.retry_place
        } else {
            t.place_order
        }
    });
    view! {
        <Dialog title=t.review name="review" on_close=move |()| close()>
            {summary::lines_view(untrack(|| summary::lines(purchase)))}
            {price::quote(purchase)}
            <p class="hint">{note}</p>
            {code(purchase)}
            <div role="alert">{trouble}</div>
            <div class="dialog-buttons">
                <button type="button" on:click=on_click(move |_| close())>{t.back_to_form}</button>
                <button type="button" class="primary" aria-disabled=flag(move || placing.get()) on:click=on_click(place)>
                    {button}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}
