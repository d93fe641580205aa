//! Moves the focus. Where the element that has it goes away, the loader does (`frontend/loader/focus.js`).

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Moves the focus to what a selector finds, which need not be a control.
pub fn focus_on(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    if element.tab_index() < 0 {
        let _ = element.set_attribute("tabindex", "-1");
    }
    let _ = element.focus();
}
