//! The page's own address: which route it shows, and keeping the query in step with the form. How addresses are read
//! and written is in [`shared::link`].

#![expect(clippy::disallowed_methods, reason = "this is the wrapper to use instead")]

use leptos::{ev, prelude::*};
use leptos_router::location::{BrowserUrl, LocationProvider};
use shared::{
    form::{Field, Form},
    link::{self, Route, Unread},
};
use wasm_bindgen::JsValue;

/// The form that the address asks for, and what of the address could not be read.
pub fn form() -> (Form, Vec<Unread>) {
    let location = window().location();
    link::read_query(&[location.search().unwrap_or_default(), location.hash().unwrap_or_default()].concat())
}

/// The route shown. Plain links with a hash keep the query, which the form is in, so the hash is all that a route needs.
pub fn route() -> Memo<Route> {
    // The router's own reading of the address, and nothing else of it: its component takes over every click on a link, and
    // drops the query.
    let hash = || BrowserUrl::current().map(|url| url.hash().to_owned()).unwrap_or_default();
    let shown = RwSignal::new(hash());
    // Not `hashchange`, which Chromium leaves out on the way back to an address with another query.
    let listener = window_event_listener(ev::popstate, move |_| shown.set(hash()));
    on_cleanup(move || listener.remove());
    crate::reactive::computed(move || Route::parse(&shown.get()))
}

/// The whole address of a purchase with this form, to be shared.
pub fn link(form: &Form) -> String {
    let location = window().location();
    let (origin, path) = (location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
    format!("{origin}{path}{}{}", link::write_query(form), Route::Buy.href())
}

/// Whether the address is that of a purchase.
pub fn is_buy() -> bool {
    Route::parse(&window().location().hash().unwrap_or_default()) == Route::Buy
}

/// Writes the form into the address, without a new entry in the browser's history. What stood behind the route was read.
pub fn show_form(form: &Form) {
    let location = window().location();
    let hash = location.hash().unwrap_or_default();
    let target = format!(
        "{}{}{}",
        location.pathname().unwrap_or_default(),
        link::write_query(form),
        hash.split(['?', '&']).next().unwrap_or_default()
    );
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or(JsValue::NULL);
        let _ = history.replace_state_with_url(&state, "", Some(&target));
    }
}

/// The field that the address asks to be shown, `#/buy/{field}`; once, since the address is `#/buy` after that.
pub fn take_field() -> Option<Field> {
    let field = link::asked_field(&window().location().hash().ok()?)?;
    let history = window().history().ok()?;
    let _ = history.replace_state_with_url(&history.state().ok()?, "", Some(&Route::Buy.href()));
    Some(field)
}

/// Where that address leads.
pub fn field_href(field: &str) -> String {
    format!("{}/{field}", Route::Buy.href())
}

/// Goes to a route; the query stays.
pub fn go(route: &Route) {
    let _ = window().location().set_hash(&route.href());
}
