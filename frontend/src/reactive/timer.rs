//! Timers: once after a delay, at an interval, or a delay within a task.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Calls back once after a delay. It cannot be cancelled, so the callback must cope with what is gone by then.
pub fn after(time: Duration, what: impl FnOnce() + 'static) {
    fn of(time: Duration, what: Box<dyn FnOnce()>) {
        set_timeout(what, time);
    }
    of(time, Box::new(what));
}

/// Calls back at an interval, until the owner is disposed.
pub fn every(time: Duration, what: impl Fn() + 'static) {
    fn of(time: Duration, what: Box<dyn Fn()>) {
        if let Ok(timer) = set_interval_with_handle(what, time) {
            on_cleanup(move || timer.clear());
        }
    }
    of(time, Box::new(what));
}

/// Completes after a delay.
pub async fn pause(time: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        after(time, move || drop(resolve.call0(&JsValue::NULL)));
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}
