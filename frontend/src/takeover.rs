//! Takes the page over from the document. Where the proxy has written the list of types into it (`proxy/src/http/document`),
//! that list can be read and chosen from before the app is there. So the app is mounted beside the document, and takes the
//! shell's place when it has the list too: with the type that is checked, the focus, and the list where it was.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use shared::{document::type_list, form::Field, ids::TypeItemId};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

/// The element of the app, and of the shell before it.
const APP: &str = "app";

thread_local! {
    /// The app's element, for as long as the shell is still shown.
    static BESIDE: RefCell<Option<Element>> = const { RefCell::new(None) };
    /// Whether the app has taken a choice from the document's list.
    static TAKEN: Cell<bool> = const { Cell::new(false) };
}

/// The element to mount the app into; none where the document has no place for it. Where there is a list to be taken over
/// the element is not shown before [`complete`], if `waits` says that the app will call it.
pub fn begin(waits: bool) -> Option<HtmlElement> {
    let shell = document().get_element_by_id(APP)?;
    if waits && list().is_some() {
        let app = document().create_element("div").ok()?;
        BESIDE.set(Some(app.clone()));
        return app.dyn_into().ok();
    }
    shell.set_inner_html("");
    shell.dyn_into().ok()
}

/// Whether the shell is still shown.
pub fn is_pending() -> bool {
    BESIDE.with_borrow(Option::is_some)
}

/// Whether the document's list has a column of stock that is known.
pub fn shows_stock() -> bool {
    list().is_some_and(|list| list.has_attribute("data-stock"))
}

/// The type that the reader checked in the document's list. The type that the document checks is no choice, unless another
/// one was taken before: then going back to it withdraws that one.
pub fn checked_type() -> Option<TypeItemId> {
    if !is_pending() {
        return None;
    }
    let selector = format!("#{APP} input[name='{}']:checked", Field::TypeItem.id());
    let input = document().query_selector(&selector).ok()??.dyn_into::<HtmlInputElement>().ok()?;
    let chosen = TAKEN.get() || !input.default_checked();
    TAKEN.set(chosen);
    if chosen { input.value().parse().ok() } else { None }
}

/// Shows the app in place of the shell. A choice that is being made can go on: the list is at the same place, and the loader
/// gives the focus to the control that was its own (`frontend/loader/focus.js`).
pub fn complete() {
    let (Some(app), Some(shell)) = (BESIDE.take(), document().get_element_by_id(APP)) else { return };
    let before = list().filter(is_in_use).map(|list| top(&list));
    app.set_id(APP);
    let _ = shell.replace_with_with_node_1(&app);
    if let (Some(before), Some(list)) = (before, list()) {
        window().scroll_by_with_x_and_y(0.0, top(&list) - before);
    }
}

fn list() -> Option<Element> {
    document().query_selector(&format!("#{APP} #{}", type_list::SECTION)).ok()?
}

/// Whether the list has the pointer or the focus.
fn is_in_use(list: &Element) -> bool {
    list.matches(":hover, :focus-within").unwrap_or(false)
}

fn top(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}
