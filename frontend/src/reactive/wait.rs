//! Waiting, where nothing tells when to go on.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Comes back after some time.
pub async fn pause(time: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::NULL)), time);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}
