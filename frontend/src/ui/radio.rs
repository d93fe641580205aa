//! A radio group: native radio buttons, styled as segments, cards or rows of a table. The proxy writes the same markup
//! into the document (`proxy/src/http/document/view.rs`).

use leptos::prelude::*;
use shared::document::{Choice, Fact};

use super::invalid;
use crate::reactive::{changing, computed};

/// The group. Arrow keys move the choice, as the browser's radio buttons do by themselves.
#[component]
pub fn RadioGroup(
    /// Its name, on the page and for screen readers.
    label: &'static str,
    /// Names the group in the document.
    name: &'static str,
    /// How it looks: `segments`, `cards` or `rows`.
    look: &'static str,
    /// What there is to choose from.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Option<String>>,
    /// Called with the new choice.
    #[prop(into)]
    choose: Callback<String>,
    /// Leaves the name to screen readers, where a heading says it already.
    #[prop(optional)]
    quiet: bool,
    /// Facts of a choice that change while it is shown, by its value. They are updated in place; a changed choice would
    /// be a new element, which loses the focus.
    #[prop(optional, into)]
    live_facts: Option<Callback<String, Vec<Fact>>>,
) -> impl IntoView {
    let heading = format!("{name}-label");
    // Where there is room, a row of labels above the rows takes the place of a label at each fact.
    let head = look.starts_with("rows").then(|| {
        let labels = changing(move || {
            let Some(first) = choices.with(|choices| choices.first().cloned()) else { return ().into_any() };
            let facts = first
                .facts
                .into_iter()
                .chain(live_facts.map(|live_facts| live_facts.run(first.value)).unwrap_or_default());
            facts.map(|fact| view! { <span>{fact.label}</span> }).collect_view().into_any()
        });
        view! { <div class="rows-head" aria-hidden="true"><span></span><span></span>{labels}</div> }
    });
    let row = move |choice: Choice| {
        let Choice { value, title, facts, disabled } = choice;
        let is_chosen = {
            let value = value.clone();
            computed(move || chosen.with(|chosen| chosen.as_deref() == Some(&value)))
        };
        let id = format!("{name}-{value}");
        // A disabled control says why, where the eye is.
        let reason = disabled.map(|reason| view! { <span class="reason">{reason}</span> });
        let facts = facts_view(facts);
        let live_facts = live_facts.map(|live_facts| {
            let value = value.clone();
            changing(move || facts_view(live_facts.run(value.clone())))
        });
        view! {
            <label class="choice" for=id class:disabled=disabled.is_some()>
                <input
                    type="radio"
                    id=id.clone()
                    name=name
                    value=value.clone()
                    prop:checked=is_chosen
                    disabled=disabled.is_some()
                    on:change=move |_| choose.run(value.clone())
                />
                <span class="choice-title">{title}</span>
                {facts}
                {live_facts}
                {reason}
            </label>
        }
        .into_any()
    };
    let (is_invalid, error) = invalid(name);
    view! {
        <div class="field">
            <div id=heading.clone() class="field-label" class:visually-hidden=quiet>{label}</div>
            <div role="radiogroup" aria-labelledby=heading aria-invalid=is_invalid aria-describedby=error class=look>
                {head}
                <For each=move || choices.get() key=Choice::clone children=row />
            </div>
        </div>
    }
    .into_any()
}

fn facts_view(facts: Vec<Fact>) -> AnyView {
    let view = |Fact { label, text, look }| {
        let label = (!label.is_empty()).then(|| view! { <span class="fact-label">{label}</span>" " });
        view! { <span class=format!("fact {look}")>{label}{text}</span> }
    };
    facts.into_iter().map(view).collect_view().into_any()
}
