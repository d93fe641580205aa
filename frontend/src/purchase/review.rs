//! The review dialog: the orders that will be sent, the price, what was placed minutes ago, and the button that places them.

use leptos::prelude::*;
use shared::values::ChargeType;

use super::{code::code, limits, order_fields, place::place, price, state::Purchase, summary};
use crate::{
    checkout::{Attempt, Recent, period_name},
    language::use_text,
    reactive::{flag, maybe, on_click, words},
    text::{Text, fill},
    ui::{Dialog, problem_notice},
};

/// The dialog.
#[component]
pub fn Review() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let placing = purchase.placing;
    let close = move || placing.open.set(false);
    // What is shown is what is sent, whatever becomes of the form meanwhile.
    let form = placing.attempt.with_untracked(|attempt| attempt.as_ref().map(Attempt::form)).unwrap_or_default();
    let fields = placing.attempt.with_untracked(|attempt| order_fields::lines(attempt.as_ref()));
    let note = match form.charge_type {
        ChargeType::PostPay => t.deferred().review_post_pay.to_owned(),
        ChargeType::PrePay => fill(t.deferred().review_pre_pay, &[&period_name(t, form.period)]),
    };
    let trouble = problem_notice(placing.problem, Some(t.deferred().place_unknown));
    let again = maybe(move || {
        let found = placing.recent.get();
        let latest = found.first()?;
        Some(
            view! {
                <div class="notice warn">
                    <p>{placed_recently(t, latest, found.len())}" "<a href=latest.route.href()>{t.deferred().view_order}</a></p>
                    <label class="check">
                        <input
                            type="checkbox"
                            prop:checked=move || placing.confirmed.get()
                            on:change:target=move |event| placing.confirmed.set(event.target().checked())
                        />
                        {t.deferred().place_anyway}
                    </label>
                </div>
            }
            .into_any(),
        )
    });
    let button = words(move || {
        if placing.is_sending() {
            t.deferred().placing
        } else if placing.problem.with(Option::is_some) {
            t.deferred().retry_place
        } else {
            t.deferred().place_order
        }
    });
    view! {
        <Dialog title=t.deferred().review name="review" ready=placing.ready on_close=move |()| close()>
            {summary::lines_view(untrack(|| summary::lines(purchase, &form)))}
            {fields}
            {price::quote(purchase, { let form = form.clone(); move || form.clone() })}
            {limits::left_view(purchase, { let form = form.clone(); move || form.clone() })}
            {limits::approval_view(purchase, move || form.clone())}
            <p class="hint">{note}</p>
            {code(purchase)}
            <div class="dialog-foot">
                <div role="alert">{again}{trouble}</div>
                <div class="dialog-buttons">
                    <button type="button" on:click=on_click(move |_| close())>{t.deferred().back_to_form}</button>
                    <button
                        type="button"
                        class="primary"
                        aria-disabled=flag(move || !placing.ready.get() || placing.is_sending() || placing.wants_yes())
                        on:click=on_click(move |_| place(purchase))
                    >
                        {button}
                    </button>
                </div>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Who has just got the same, and when.
fn placed_recently(t: &Text, latest: &Recent, count: usize) -> String {
    let when = latest.ago(t);
    let whom = if count > 1 { format!("{} (+{})", latest.what, count - 1) } else { latest.what.clone() };
    fill(t.deferred().placed_recently, &[latest.by.as_deref().unwrap_or(t.deferred().you), &when, &whom])
}
