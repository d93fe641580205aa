//! The purchase page. Starts the app; everything else is in the modules.

mod address;
mod api;
mod app;
mod language;
mod load;
mod order;
mod purchase;
mod text;
mod ui;

use leptos::prelude::*;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        // After a panic the module is dead: what it left on the screen would answer to nothing.
        leptos::logging::error!("{panic}");
        if let Some(notice) = document().get_element_by_id("fatal") {
            let _ = notice.remove_attribute("hidden");
        }
    }));
    let Some(root) = document().get_element_by_id("app") else { return };
    // The static shell has done its duty.
    root.set_inner_html("");
    leptos::mount::mount_to(wasm_bindgen::JsCast::unchecked_into(root), app::App).forget();
}
