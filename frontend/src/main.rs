//! The entry points of the page's module, for the loader (`frontend/loader`). What they do is in the library.

use frontend::Session;
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Mounts the app; see [`frontend::start`]. The session comes in parts, since code to read it would be code to fetch.
#[wasm_bindgen]
#[expect(clippy::fn_params_excessive_bools, reason = "as the loader knows them")]
pub fn start(
    api: String,
    demo: bool,
    user: String,
    only_looks: bool,
    approves: bool,
    order_fields: bool,
    first_view_complete: js_sys::Function,
) {
    frontend::start(api, Session { demo, user, only_looks, approves, order_fields }, first_view_complete);
}

/// Says where the deferred module stands; see [`frontend::set_deferred`].
#[wasm_bindgen]
pub fn deferred(state: &str) {
    frontend::set_deferred(state);
}
