//! The module of `orders`. What it shows is in the library.

use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Shows it; see [`frontend::start`].
#[wasm_bindgen]
pub fn start(arrived: bool) {
    frontend::start(&frontend::ORDERS, arrived);
}

/// Takes it out of the document.
#[wasm_bindgen]
pub fn stop() {
    frontend::stop();
}
