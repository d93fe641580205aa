//! The pointer that is down.

use std::time::Duration;

use leptos::{ev, leptos_dom::helpers::WindowListenerHandle, prelude::*};

use super::after;

/// Calls back when the pointer that is down has been released, and its click has come.
pub fn once_released(what: impl Fn() + Copy + Send + Sync + 'static) {
    let up = StoredValue::new(None);
    let done = move |_| {
        after(Duration::from_millis(50), what);
        let handles: Option<[WindowListenerHandle; 2]> = up.try_update_value(Option::take).flatten();
        handles.into_iter().flatten().for_each(WindowListenerHandle::remove);
    };
    up.set_value(Some([window_event_listener(ev::pointerup, done), window_event_listener(ev::pointercancel, done)]));
}
