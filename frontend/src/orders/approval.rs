//! Approving and declining orders: the buttons, and the dialog that asks for a note and for confirmation.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    Problem,
    order::{
        Order,
        approval::{Approval, Decision, LONGEST_NOTE},
    },
};

use super::{approvals_link::recount, costs::cost, row::period_of};
use crate::{
    api,
    language::use_order_text,
    reactive::{flag, on_click, spawn, words},
    text::{OrderText, fill},
    ui::{Dialog, problem_notice},
};

/// A decision before it is confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct Deciding {
    decision: Decision,
    orders: Arc<[Order]>,
}

impl Deciding {
    /// The buttons for these orders, which the person may decide about.
    pub fn buttons(t: &'static OrderText, orders: &[Order], deciding: RwSignal<Option<Self>>) -> Option<AnyView> {
        let orders: Arc<[Order]> = orders.into();
        let button = |decision: Decision| {
            let what = Self { decision, orders: Arc::clone(&orders) };
            let (one, several) = match decision {
                Decision::Approve => (t.approve, t.approve_several),
                Decision::Decline => (t.decline, t.decline_several),
            };
            let text = if orders.len() == 1 { one.to_owned() } else { fill(several, &[&orders.len().to_string()]) };
            view! { <button type="button" on:click=on_click(move |_| deciding.set(Some(what.clone())))>{text}</button> }
        };
        (!orders.is_empty()).then(|| view! { {button(Decision::Approve)}{button(Decision::Decline)} }.into_any())
    }
}

/// The dialog. Not inlined, so that it is in the on-demand module.
#[inline(never)]
#[component]
pub fn DecisionDialog(
    /// What to confirm.
    what: Deciding,
    /// Set to `None` when the dialog closes.
    deciding: RwSignal<Option<Deciding>>,
    /// Called when it is decided.
    #[prop(into)]
    decided: Callback<()>,
) -> impl IntoView {
    let t = use_order_text();
    let note = RwSignal::new(String::new());
    let ready = RwSignal::new(false);
    let sending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let (title, verb, hint) = match what.decision {
        Decision::Approve => (t.approve_title, t.approve_confirm, t.approve_hint),
        Decision::Decline => (t.decline_title, t.decline_confirm, t.decline_hint),
    };
    let declines = what.decision == Decision::Decline;
    let count = what.orders.len();
    let costs: Vec<_> = what.orders.iter().map(|order| (order.price, period_of(t, order))).collect();
    let cost = cost(t, &costs);
    let send = move |_| {
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        problem.set(None);
        let note = Some(note.get_untracked().trim().to_owned()).filter(|note| !note.is_empty());
        let tokens = what.orders.iter().map(|order| order.token.clone()).collect();
        let approval = Approval { decision: what.decision, tokens, note };
        spawn(async move {
            let answer = api::decide(&approval).await;
            recount();
            // The dialog may have been closed meanwhile.
            if sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    deciding.set(None);
                    decided.run(());
                }
                Err(error) => {
                    // What was decided by somebody else, or by an answer that was lost, is shown behind.
                    decided.run(());
                    problem.set(Some(error));
                }
            }
        });
    };
    let trouble = problem_notice(problem, Some(t.decide_unknown));
    view! {
        <Dialog title name="decision" ready on_close=move |()| deciding.set(None)>
            <p>{hint}</p>
            {(count > 1).then(|| view! { <p class="hint">{fill(t.decide_count, &[&count.to_string()])}</p> })}
            {cost.map(|cost| view! { <p>{cost}</p> })}
            <div class="field">
                <label class="field-label" for="decision-note">{t.decide_note}</label>
                <input
                    id="decision-note"
                    type="text"
                    maxlength=LONGEST_NOTE.to_string()
                    autocomplete="off"
                    prop:value=move || note.get()
                    on:input:target=move |event| note.set(event.target().value())
                />
            </div>
            <div role="alert">{trouble}</div>
            <div class="dialog-buttons">
                <button type="button" on:click=on_click(move |_| deciding.set(None))>{t.deferred().cancel}</button>
                <button
                    type="button"
                    class="primary"
                    class:danger=declines
                    aria-disabled=flag(move || !ready.get() || sending.get())
                    on:click=on_click(send)
                >
                    {words(move || if sending.get() { t.deferred().placing } else { verb })}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}
