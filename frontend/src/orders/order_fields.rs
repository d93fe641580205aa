//! The order fields of an order: their lines, and the dialog in which they are changed.

use leptos::prelude::*;
use shared::{
    Problem,
    order::{
        Order,
        fields::{FieldValues, OrderFieldList, ValueFault},
    },
};

use crate::{
    api,
    checkout::order_fields::{OrderFields, control, fault, label_of},
    language::{use_order_field_text, use_order_text},
    reactive::{by_itself, flag, maybe, next_frame, on_click, spawn, words},
    text::OrderFieldText,
    ui::{Dialog, focus_on, problem_notice},
};

/// What the elements of controls are called by, before the key.
const PREFIX: &str = "edit-field-";

/// Learns which fields there are, for their labels.
pub fn learn() {
    if !api::has_order_fields() || !OrderFields::get().known.with_untracked(Vec::is_empty) {
        return;
    }
    spawn(async {
        // Without an answer the keys are shown.
        let answer = by_itself(true, || api::fetch("order-fields")).await;
        if let Ok(list) = answer.and_then(|text| api::read::<OrderFieldList>(&text)) {
            OrderFields::get().define(&list.fields);
        }
    });
}

/// The values of an order, as lines of its details.
pub fn lines(order: &Order) -> AnyView {
    let known = OrderFields::get().known;
    let mut values: Vec<_> = order.fields.clone().into_iter().collect();
    let lines = move || {
        known.with(|known| {
            let place = |key: &str| known.iter().position(|field| field.key == key).unwrap_or(usize::MAX);
            values.sort_by_key(|(key, _)| place(key));
            let line = |(key, value): &(String, String)| {
                view! { <div><dt>{label_of(known, key)}</dt><dd>{value.clone()}</dd></div> }
            };
            values.iter().map(line).collect_view().into_any()
        })
    };
    crate::reactive::changing(lines).into_any()
}

/// The labels of these keys, separated by blanks.
pub fn labels(keys: &str) -> String {
    let known = OrderFields::get().known;
    let labels: Vec<_> = known.with(|known| keys.split(' ').map(|key| label_of(known, key)).collect());
    labels.join(", ")
}

/// The button that opens the dialog, where there are fields.
pub fn button(editing: RwSignal<bool>) -> AnyView {
    let t = use_order_field_text();
    let known = OrderFields::get().known;
    maybe(move || {
        known.with(|known| !known.is_empty()).then(|| {
            view! { <button type="button" on:click=on_click(move |_| editing.set(true))>{t.edit}</button> }.into_any()
        })
    })
    .into_any()
}

/// The dialog. Not inlined, so that it is in the on-demand module.
#[inline(never)]
#[component]
pub fn FieldsDialog(
    /// The order; as it is then, once it is saved.
    order: RwSignal<Option<Order>>,
    /// Set to false when the dialog closes.
    editing: RwSignal<bool>,
) -> impl IntoView {
    let (t, common) = (use_order_field_text(), use_order_text());
    let fields = OrderFields::get().known.get_untracked();
    let begun = order.with_untracked(|order| order.as_ref().map(|order| order.fields.clone())).unwrap_or_default();
    let values = RwSignal::new(begun.clone());
    let (tried, sending, ready) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let refused = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let text_of = move |key: &str| values.with(|values| values.get(key).cloned().unwrap_or_default());
    let known = fields.clone();
    let save = move || {
        let Some(token) = order.with_untracked(|order| order.as_ref().map(|order| order.token.clone())) else { return };
        if sending.get_untracked() {
            return;
        }
        // Only what is another one now: what somebody else changes meanwhile stays.
        let before = |key: &str| begun.get(key).cloned().unwrap_or_default();
        let trimmed = |key: &str| untrack(|| text_of(key)).trim().to_owned();
        let changed = known.iter().map(|field| (field.key.clone(), trimmed(&field.key)));
        let changed: FieldValues = changed.filter(|(key, text)| *text != before(key)).collect();
        if changed.is_empty() {
            editing.set(false);
            return;
        }
        let wrong = known.iter().find(|field| changed.get(&field.key).is_some_and(|text| fault(field, text).is_some()));
        tried.set(true);
        problem.set(None);
        if let Some(field) = wrong {
            focus_on(&format!("#{PREFIX}{}", field.key));
            return;
        }
        sending.set(true);
        spawn(async move {
            let answer = api::change_fields(&token, changed).await;
            // The dialog may have been closed meanwhile.
            let is_gone = sending.try_set(false).is_some();
            match answer {
                Ok(now) => {
                    let _ = order.try_set(Some(now));
                    if !is_gone {
                        editing.set(false);
                    }
                }
                Err(_) if is_gone => {}
                Err(error) => match error.field.as_deref().and_then(|field| field.strip_prefix("fields.")) {
                    Some(key) => {
                        refused.set(key.to_owned());
                        let selector = format!("#{PREFIX}{key}");
                        next_frame(move || focus_on(&selector));
                    }
                    None => problem.set(Some(error)),
                },
            }
        });
    };
    let controls = fields
        .into_iter()
        .map(|field| {
            let (key, filled_key, checked) = (field.key.clone(), field.key.clone(), field.clone());
            let value = Signal::derive(move || text_of(&key));
            let filled = Callback::new(move |text| {
                values.update(|values| drop(values.insert(filled_key.clone(), text)));
                if refused.with_untracked(|refused| *refused == filled_key) {
                    refused.set(String::new());
                }
            });
            let wrong = Signal::derive(move || {
                let is_refused = refused.with(|refused| *refused == checked.key);
                let found = || fault(&checked, &text_of(&checked.key)).filter(|_| tried.get());
                if is_refused { Some(ValueFault::Invalid) } else { found() }
            });
            control(&field, PREFIX, value, filled, wrong)
        })
        .collect_view();
    dialog(
        t,
        common.deferred().cancel,
        (ready, sending, problem),
        editing,
        controls.into_any(),
        Callback::new(move |()| save()),
    )
}

type Signals = (RwSignal<bool>, RwSignal<bool>, RwSignal<Option<Problem>>);

fn dialog(
    t: &'static OrderFieldText,
    cancel: &'static str,
    (ready, sending, problem): Signals,
    editing: RwSignal<bool>,
    controls: AnyView,
    save: Callback<()>,
) -> AnyView {
    let common = use_order_text();
    view! {
        <Dialog title=t.edit_title name="edit-fields" ready on_close=move |()| editing.set(false)>
            <form on:submit=move |event| {
                event.prevent_default();
                save.run(());
            }>
                <p class="hint">{t.edit_hint}</p>
                {controls}
                <div role="alert">
                    {problem_notice(problem, None)}
                </div>
                <div class="dialog-buttons">
                    <button type="button" on:click=on_click(move |_| editing.set(false))>{cancel}</button>
                    <button type="submit" class="primary" aria-disabled=flag(move || !ready.get() || sending.get())>
                        {words(move || if sending.get() { common.deferred().saving } else { t.save })}
                    </button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
