//! Waiting before a retry: until the time is up, the network is back, the page is visible again, or *Retry now* is pressed.

use std::{cell::RefCell, time::Duration};

use js_sys::{Date, Function, Promise};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsValue;

use super::after;

/// The first and the longest wait, in seconds; doubled each time.
const SHORTEST: u64 = 2;
const LONGEST: u64 = 30;

thread_local! {
    /// Ends the waits that go on.
    static WAITING: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// The waits between the tries of one request.
#[derive(Clone, Copy, Debug)]
pub struct Backoff(u64);

impl Default for Backoff {
    fn default() -> Self {
        Self(SHORTEST)
    }
}

impl Backoff {
    /// One that begins with so many seconds.
    pub const fn beginning(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Waits, and longer the next time.
    pub async fn wait(&mut self) {
        let seconds = self.0;
        self.0 = (seconds * 2).min(LONGEST);
        wait(Duration::from_secs(seconds)).await;
    }
}

/// Waits that long at most.
pub async fn wait(time: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        let ends = resolve.clone();
        WAITING.with_borrow_mut(|waiting| waiting.push(ends));
        after(time, move || drop(resolve.call0(&JsValue::NULL)));
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// Ends all waits.
pub fn retry_now() {
    for end in WAITING.with(RefCell::take) {
        let _ = end.call0(&JsValue::NULL);
    }
}

/// Ends all waits when the network is back or the page is looked at again, for as long as the owner is there.
pub fn retry_when_back() {
    let online = window_event_listener(ev::online, |_| retry_now());
    let seen = window_event_listener(ev::visibilitychange, |_| {
        if !document().hidden() {
            retry_now();
        }
    });
    on_cleanup(move || {
        online.remove();
        seen.remove();
    });
}

/// The time of day, as `14:05`.
pub fn time_of_day(date: &Date) -> String {
    // `14:05:00 GMT+0800` in every language.
    String::from(date.to_time_string()).chars().take(5).collect()
}

/// Milliseconds since 1970 UTC, by the browser's clock.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date")]
pub fn now() -> i64 {
    js_sys::Date::now() as i64
}
