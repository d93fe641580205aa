//! Timers: do something after a time, do it again and again, or wait in the middle of a task.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Does something once, after some time. Nothing takes it back, so it must bear that what it is about is gone.
pub fn after(time: Duration, what: impl FnOnce() + 'static) {
    fn of(time: Duration, what: Box<dyn FnOnce()>) {
        set_timeout(what, time);
    }
    of(time, Box::new(what));
}

/// Does something each time so much time has passed, for as long as the owner lives.
pub fn every(time: Duration, what: impl Fn() + 'static) {
    fn of(time: Duration, what: Box<dyn Fn()>) {
        if let Ok(timer) = set_interval_with_handle(what, time) {
            on_cleanup(move || timer.clear());
        }
    }
    of(time, Box::new(what));
}

/// Comes back after some time.
pub async fn pause(time: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        after(time, move || drop(resolve.call0(&JsValue::NULL)));
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}
