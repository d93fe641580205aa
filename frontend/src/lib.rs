//! The page: one app with two routes, `buy` and `orders`. The build divides its module (`tools/split-module.mjs`): the primary module
//! mounts the first view of the purchase, the answers module has what that calls when a list has come, the on-demand module what only
//! pages of lists call, the deferred module the rest.

mod address;
mod api;
mod app;
mod checkout;
mod deferred;
mod language;
mod orders;
mod purchase;
mod reactive;
mod shortcuts;
mod storage;
mod takeover;
mod text;
mod ui;

use std::{any::Any, cell::RefCell};

use leptos::prelude::*;

pub use app::Session;
pub use deferred::set as set_module;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

thread_local! {
    /// What keeps the app in the document.
    static MOUNTED: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// Mounts the app in place of the static shell. `api` is the proxy's address; `first_answer` gives what the loader has received
/// already; `answers_module` says when answers can be read; `request_module` is called with `false` when the first view has all its
/// lists, so that the deferred module may come, and with `true` when the on-demand module is wanted.
pub fn start(
    api: String,
    session: Session,
    first_answer: js_sys::Function,
    answers_module: js_sys::Promise,
    request_module: js_sys::Function,
) {
    api::begin(api, !session.user.is_empty(), session.order_fields, first_answer, answers_module);
    std::panic::set_hook(Box::new(|panic| {
        // After a panic the module is dead: what it left on the screen would answer to nothing.
        leptos::logging::error!("{panic}");
        if let Some(notice) = document().get_element_by_id("fatal") {
            let _ = notice.remove_attribute("hidden");
        }
    }));
    let Some(root) = takeover::begin(address::is_buy()) else { return };
    deferred::begin(request_module);
    let handle = leptos::mount::mount_to(root, move || view! { <app::App session /> });
    MOUNTED.with(|mounted| mounted.replace(Some(Box::new(handle))));
}
