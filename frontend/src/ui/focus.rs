//! Moves the focus, for instance when the element that has it is about to go away.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Moves the focus to an element, which need not be a control.
pub fn focus(element: Option<Element>) {
    let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
    if element.tab_index() < 0 {
        let _ = element.set_attribute("tabindex", "-1");
    }
    let _ = element.focus();
}

/// Moves the focus to what a selector finds.
pub fn focus_on(selector: &str) {
    focus(document().query_selector(selector).ok().flatten());
}

/// Moves the focus from a button that is about to go away to the heading of its section.
pub fn focus_section(event: &ev::MouseEvent) {
    let button = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let section = button.and_then(|button| button.closest("section, main").ok().flatten());
    focus(section.and_then(|section| section.query_selector("h1, h2").ok().flatten()));
}
