//! The page: two apps over one kit, `buy` and `orders`, each a module of its own (`src/bin`), so that a visitor who
//! buys does not wait for the code of the lists of orders. `boot.js` starts the one that the address asks for.

mod address;
mod api;
mod app;
mod checkout;
mod language;
mod orders;
mod purchase;
mod reactive;
mod storage;
mod text;
mod ui;

use std::{any::Any, cell::RefCell};

use leptos::prelude::*;
use wasm_bindgen::JsCast;

pub use app::{Part, Session};
pub use orders::ORDERS;
pub use purchase::BUY;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

thread_local! {
    /// What keeps the app in the document.
    static MOUNTED: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Shows a part of the page in place of what is there. `arrived` says that one came here from the other part, so that
/// the focus goes along; `api` is the proxy's origin where it is another than the page's.
pub fn start(part: &'static Part, arrived: bool, api: String, session: Session) {
    api::begin(api);
    std::panic::set_hook(Box::new(|panic| {
        // After a panic the module is dead: what it left on the screen would answer to nothing.
        leptos::logging::error!("{panic}");
        if let Some(notice) = document().get_element_by_id("fatal") {
            let _ = notice.remove_attribute("hidden");
        }
    }));
    let Some(root) = document().get_element_by_id("app") else { return };
    // The static shell, or the other part, has done its duty.
    root.set_inner_html("");
    let handle = leptos::mount::mount_to(root.unchecked_into(), move || view! { <app::App part arrived session /> });
    MOUNTED.with(|mounted| mounted.replace(Some(Box::new(handle))));
}

/// Takes the part out of the document again.
pub fn stop() {
    MOUNTED.with(RefCell::take);
}

/// Orders, as JSON, as code for the client of that name; empty if something is not what it should be.
#[must_use]
pub fn snippet(client: &str, origin: &str, orders: &str) -> String {
    let client = shared::snippet::Client::ALL.into_iter().find(|known| known.as_str() == client);
    let orders = serde_json::from_str::<Vec<serde_json::Map<String, serde_json::Value>>>(orders);
    client
        .zip(orders.ok())
        .map(|(client, orders)| shared::snippet::snippet(client, origin, &orders))
        .unwrap_or_default()
}
