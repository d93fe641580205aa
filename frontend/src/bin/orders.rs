//! The module of `orders`. What it shows is in the library.

use frontend::Session;
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Shows it; see [`frontend::start`]. The session comes in parts, since code to read it would be code to fetch.
#[wasm_bindgen]
pub fn start(arrived: bool, api: String, demo: bool, user: String, only_looks: bool) {
    frontend::start(&frontend::ORDERS, arrived, api, Session { demo, user, only_looks });
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
