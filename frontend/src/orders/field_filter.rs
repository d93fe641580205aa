//! The filter of lists by an order field: which field, and the exact value. Nothing of it is there where the operator asks for no
//! fields.

use leptos::prelude::*;
use shared::{
    order::fields::{LONGEST_VALUE, OrderField},
    reads,
};

use super::order_fields::learn;
use crate::{
    checkout::order_fields::OrderFields,
    language::{use_language, use_order_field_text},
    reactive::{debounced, maybe},
    ui::{composed, typed},
};

/// What is chosen.
#[derive(Clone, Copy)]
pub struct FieldFilter {
    key: RwSignal<String>,
    value: RwSignal<String>,
    /// The value, debounced.
    asked: RwSignal<String>,
}

impl FieldFilter {
    /// Without a field.
    pub fn new() -> Self {
        learn();
        let value = RwSignal::new(String::new());
        Self { key: RwSignal::new(String::new()), value, asked: debounced(value) }
    }

    /// Its part of a list's target; empty until there is a value.
    pub fn part(self) -> String {
        let (key, value) = (self.key.get(), self.asked.get());
        match (key.as_str(), value.trim()) {
            ("", _) | (_, "") => String::new(),
            (key, value) => format!("&field.{key}={}", reads::encode(value)),
        }
    }

    /// The controls: the field, and then its value, to be chosen or typed.
    pub fn view(self) -> AnyView {
        let (t, language) = (use_order_field_text(), use_language());
        let known = OrderFields::get().known;
        let field = {
            let known = known.clone();
            move || known.with(|known| known.iter().find(|field| field.key == self.key.get()).cloned())
        };
        let name = move |field: &OrderField| field.label.of(language).to_owned();
        let fields = maybe(move || {
            let option = |field: &OrderField| view! { <option value=field.key.clone()>{name(field)}</option> };
            let options = known.with(|known| known.iter().map(option).collect::<Vec<_>>());
            (!options.is_empty()).then(|| {
                view! {
                    <select
                        aria-label=t.filter
                        on:change:target=move |event| {
                            // At once: it was a value of another field.
                            self.asked.set(String::new());
                            self.value.set(String::new());
                            self.key.set(event.target().value());
                        }
                    >
                        <option value="">{t.filter_none}</option>
                        {options}
                    </select>
                }
                .into_any()
            })
        });
        let value = maybe(move || {
            let field = field()?;
            let label = name(&field);
            let control = if field.choices.is_empty() {
                view! {
                    <input
                        type="text"
                        autocomplete="off"
                        maxlength=LONGEST_VALUE.to_string()
                        aria-label=label
                        placeholder=t.filter_exact
                        prop:value=move || self.value.get()
                        on:input=typed(self.value)
                        on:compositionend=composed(self.value)
                    />
                }
                .into_any()
            } else {
                let option = |choice: &String| view! { <option value=choice.clone()>{choice.clone()}</option> };
                view! {
                    <select aria-label=label on:change:target=move |event| self.value.set(event.target().value())>
                        <option value="">{t.not_chosen}</option>
                        {field.choices.iter().map(option).collect_view()}
                    </select>
                }
                .into_any()
            };
            Some(control)
        });
        view! { {fields}{value} }.into_any()
    }
}
