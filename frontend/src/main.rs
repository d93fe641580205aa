//! The entry points of the page's module, for the loader (`frontend/loader`). What they do is in the library.

use frontend::Session;
use wasm_bindgen::prelude::wasm_bindgen;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}

/// Mounts the app; see [`frontend::start`]. The session comes in parts, since code to read it would be code to fetch.
#[wasm_bindgen]
#[expect(clippy::fn_params_excessive_bools, clippy::too_many_arguments, reason = "as the loader knows them")]
pub fn start(
    api: String,
    demo: bool,
    user: String,
    only_looks: bool,
    approves: bool,
    order_fields: bool,
    first_answer: js_sys::Function,
    answers_module: js_sys::Promise,
    request_module: js_sys::Function,
) {
    let session = Session { demo, user, only_looks, approves, order_fields };
    frontend::start(api, session, first_answer, answers_module, request_module);
}

/// Says where the deferred or the on-demand module stands; see [`frontend::set_module`].
#[wasm_bindgen]
pub fn later(on_demand: bool, state: &str) {
    frontend::set_module(on_demand, state);
}
