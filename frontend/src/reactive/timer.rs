//! Timers: once after a delay, or at an interval. Delays within a task are in `retry.rs`.

use std::time::Duration;

use leptos::prelude::*;

/// Calls back once after a delay. It cannot be cancelled, so the callback must cope with what is gone by then.
pub fn after(time: Duration, what: impl FnOnce() + 'static) {
    fn of(time: Duration, what: Box<dyn FnOnce()>) {
        set_timeout(what, time);
    }
    of(time, Box::new(what));
}

/// Calls back once after a delay, unless it is cancelled by dropping what this gives.
pub fn after_unless_dropped(time: Duration, what: impl FnOnce() + 'static) -> impl Drop {
    struct Timer(Option<leptos::leptos_dom::helpers::TimeoutHandle>);
    impl Drop for Timer {
        fn drop(&mut self) {
            if let Some(timer) = self.0 {
                timer.clear();
            }
        }
    }
    fn of(time: Duration, what: Box<dyn FnOnce()>) -> Timer {
        Timer(set_timeout_with_handle(what, time).ok())
    }
    of(time, Box::new(what))
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
