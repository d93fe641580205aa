//! The module of `buy`. What it shows is in the library.

use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Shows it; see [`frontend::start`].
#[wasm_bindgen]
pub fn start(arrived: bool, api: String, session: &str) {
    frontend::start(&frontend::BUY, arrived, api, session);
}

/// Takes it out of the document.
#[wasm_bindgen]
pub fn stop() {
    frontend::stop();
}
