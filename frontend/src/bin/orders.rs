//! The module of `orders`. What it shows is in the library.

use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Shows it; see [`frontend::start`].
#[wasm_bindgen]
pub fn start(arrived: bool, api: String, session: &str) {
    frontend::start(&frontend::ORDERS, arrived, api, session);
}

/// Takes it out of the document.
#[wasm_bindgen]
pub fn stop() {
    frontend::stop();
}

/// Orders, as JSON, as code for a client; see [`frontend::snippet`]. Here since a visitor who only buys does without.
#[wasm_bindgen]
#[must_use]
pub fn snippet(client: &str, origin: &str, orders: &str) -> String {
    frontend::snippet(client, origin, orders)
}
