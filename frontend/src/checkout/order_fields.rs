//! The operator's order fields: what they are, what is filled in for the next order, and the control of each. The proxy decides
//! about values; what is found wrong here is found sooner.

use leptos::prelude::*;
use serde_json::Value;
use shared::{
    Code,
    order::fields::{FieldValues, OrderField, ValueFault},
};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::{
    language::{use_language, use_order_field_text, use_text},
    reactive::{changing, flag},
    storage,
};

/// The storage key of what is filled in.
const FILLED: &str = "deskbuy.fields";

thread_local! {
    static STATE: OrderFields = OrderFields::kept();
}

/// The fields, and what is filled in. Lasts as long as the page, and what is filled in as long as the window.
#[derive(Clone)]
pub struct OrderFields {
    /// The fields; empty while they are not known.
    pub known: ArcRwSignal<Vec<OrderField>>,
    /// What is filled in, by key. A field that was left empty has an empty text.
    pub values: ArcRwSignal<FieldValues>,
    /// The key of the field whose value the proxy has refused, until another is filled in.
    pub refused: ArcRwSignal<String>,
}

impl OrderFields {
    /// Those of this page.
    pub fn get() -> Self {
        STATE.with(Clone::clone)
    }

    fn kept() -> Self {
        let pair = |item: Value| Some((item[0].as_str()?.to_owned(), item[1].as_str()?.to_owned()));
        let values = storage::read_list(storage::of_window(), FILLED).into_iter().filter_map(pair).collect();
        Self {
            known: ArcRwSignal::new(Vec::new()),
            values: ArcRwSignal::new(values),
            refused: ArcRwSignal::new(String::new()),
        }
    }

    /// Takes the fields as the proxy tells them. What nobody has filled in begins with the person's own.
    pub fn define(&self, fields: &[OrderField]) {
        self.values.update(|values| {
            for field in fields {
                values.entry(field.key.clone()).or_insert_with(|| field.default.clone().unwrap_or_default());
            }
        });
        self.known.set(fields.to_vec());
    }

    /// Fills a field in.
    pub fn fill(&self, key: &str, text: String) {
        self.values.update(|values| {
            values.insert(key.to_owned(), text);
        });
        if self.refused.with_untracked(|refused| refused == key) {
            self.refused.set(String::new());
        }
        self.keep();
    }

    /// Fills in what another order has.
    pub fn fill_as(&self, fields: &FieldValues) {
        self.values.update(|values| values.extend(fields.clone()));
        self.keep();
    }

    fn keep(&self) {
        let pair = |(key, text): (&String, &String)| Value::Array(vec![key.as_str().into(), text.as_str().into()]);
        let pairs = self.values.with_untracked(|values| values.iter().map(pair).collect());
        storage::write_list(storage::of_window(), FILLED, pairs);
    }

    /// What an order is sent with: what is filled in of the known fields.
    pub fn filled(&self) -> FieldValues {
        let values = self.values.get_untracked();
        let text = |field: &OrderField| values.get(&field.key).map(|text| text.trim().to_owned());
        let pair = |field: &OrderField| Some((field.key.clone(), text(field).filter(|text| !text.is_empty())?));
        self.known.with_untracked(|known| known.iter().filter_map(pair).collect())
    }

    /// What is wrong with what is filled in.
    pub fn fault(&self, field: &OrderField) -> Option<ValueFault> {
        if self.refused.with(|refused| *refused == field.key) {
            return Some(ValueFault::Invalid);
        }
        self.values.with(|values| fault(field, values.get(&field.key).map_or("", String::as_str)))
    }

    /// The first field that something is wrong with.
    pub fn first_fault(&self) -> Option<OrderField> {
        self.known.with(|known| known.iter().find(|field| self.fault(field).is_some()).cloned())
    }
}

/// What is wrong with a value, as far as it can be told here.
pub fn fault(field: &OrderField, text: &str) -> Option<ValueFault> {
    let text = text.trim();
    let fits = || field.pattern.as_ref().is_none_or(|pattern| matches(pattern, text));
    field.check(text).err().or_else(|| (!text.is_empty() && !fits()).then_some(ValueFault::Invalid))
}

/// Whether a text matches a pattern as a whole, by the browser's own rule for fields. A pattern that the browser cannot read
/// matches everything.
fn matches(pattern: &str, text: &str) -> bool {
    let input = document().create_element("input").ok().and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
    input.is_none_or(|input| {
        input.set_pattern(pattern);
        input.set_value(text);
        input.check_validity()
    })
}

/// The label of a field by its key; of one that is not known any more the key itself.
pub fn label_of(known: &[OrderField], key: &str) -> String {
    let language = use_language();
    let field = known.iter().find(|field| field.key == key);
    field.map_or_else(|| key.to_owned(), |field| field.label.of(language).to_owned())
}

/// The control of a field, with its label, hint and error. Its element is called by `prefix` and the key.
pub fn control(
    field: &OrderField,
    prefix: &str,
    value: Signal<String>,
    filled: Callback<String>,
    wrong: Signal<Option<ValueFault>>,
) -> AnyView {
    let (t, common, language) = (use_order_field_text(), use_text(), use_language());
    let id = format!("{prefix}{}", field.key);
    let note = format!("{id}-note");
    let hint = field.hint.as_ref().map(|hint| hint.of(language).to_owned()).unwrap_or_default();
    let required = field.required.then_some("true");
    let is_wrong = move || wrong.get().is_some();
    let input = if field.choices.is_empty() {
        view! {
            <input
                id=id.clone()
                type="text"
                autocomplete="off"
                maxlength=field.max_length.to_string()
                aria-required=required
                aria-invalid=flag(is_wrong)
                aria-describedby=note.clone()
                prop:value=move || value.get()
                on:input:target=move |event| filled.run(event.target().value())
            />
        }
        .into_any()
    } else {
        let now = value.get_untracked();
        // One that is no choice any more is shown all the same.
        let gone = (!now.is_empty() && !field.choices.contains(&now)).then(|| now.clone());
        let option = |choice: &String| {
            let is_chosen = *choice == now;
            view! { <option value=choice.clone() selected=is_chosen>{choice.clone()}</option> }
        };
        let options = gone.iter().chain(&field.choices).map(option).collect_view();
        view! {
            <select
                id=id.clone()
                aria-required=required
                aria-invalid=flag(is_wrong)
                aria-describedby=note.clone()
                on:change:target=move |event| filled.run(event.target().value())
            >
                <option value="" selected=now.is_empty()>{t.not_chosen}</option>
                {options}
            </select>
        }
        .into_any()
    };
    let mark = field.required.then(|| view! { <span aria-hidden="true">" *"</span> });
    let said = changing(move || match wrong.get() {
        Some(ValueFault::Missing) => {
            view! { <span class="field-error">{(common.code)(Code::MissingParameter)}" "{hint.clone()}</span> }
                .into_any()
        }
        Some(ValueFault::Invalid) => view! { <span class="field-error">{t.wrong}" "{hint.clone()}</span> }.into_any(),
        None => hint.clone().into_any(),
    });
    view! {
        <div class="field">
            <label class="field-label" for=id>{field.label.of(language).to_owned()}{mark}</label>
            {input}
            <p id=note class="field-hint">{said}</p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use shared::order::fields::Texts;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn field(key: &str) -> OrderField {
        let label = Texts { zh: "甲".to_owned(), en: "A".to_owned() };
        OrderField { key: key.to_owned(), label, max_length: 9, ..OrderField::default() }
    }

    #[wasm_bindgen_test]
    fn a_value_is_checked_as_a_whole() {
        let pattern = |pattern: &str| OrderField { pattern: Some(pattern.to_owned()), ..field("a") };
        let check = |field: &OrderField, text: &str, expect: Option<ValueFault>| {
            assert_eq!(fault(field, text), expect, "{:?} {text}", field.pattern);
        };
        check(&pattern(r"[A-Z]{2}-\d{4}"), " CN-4711 ", None);
        check(&pattern(r"[A-Z]{2}-\d{4}"), "CN-47110", Some(ValueFault::Invalid));
        check(&pattern("a|b"), "ab", Some(ValueFault::Invalid));
        check(&pattern("a"), "", None);
        // Of the proxy's, and no browser's.
        check(&pattern("(?i)a"), "b", None);
        check(&OrderField { required: true, ..field("a") }, " ", Some(ValueFault::Missing));
        check(&field("a"), "0123456789", Some(ValueFault::Invalid));
    }

    #[wasm_bindgen_test]
    fn what_is_filled_in_is_kept_and_what_is_not_begins_with_the_persons_own() {
        let state = OrderFields::kept();
        let own = OrderField { default: Some("IT".to_owned()), ..field("test-own") };
        state.define(&[own.clone(), field("test-typed")]);
        assert_eq!(state.filled(), FieldValues::from([("test-own".to_owned(), "IT".to_owned())]));
        state.fill("test-own", String::new());
        state.fill("test-typed", " x ".to_owned());
        let again = OrderFields::kept();
        again.define(&[own, field("test-typed")]);
        assert_eq!(again.filled(), FieldValues::from([("test-typed".to_owned(), "x".to_owned())]));
        again.define(&[field("test-other")]);
        assert!(again.filled().is_empty(), "of fields that are asked for");
    }
}
