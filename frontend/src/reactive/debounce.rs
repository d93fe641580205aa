//! Debouncing: a signal that follows a text once typing has paused.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use super::watch;

/// The text once it has not changed for 250 ms, so that not every key sends a request.
pub fn debounced(text: RwSignal<String>) -> RwSignal<String> {
    let debounced = RwSignal::new(text.get_untracked());
    let mut timer = None::<TimeoutHandle>;
    watch(move || {
        if let Some(timer) = timer {
            timer.clear();
        }
        let now = text.get();
        timer = set_timeout_with_handle(move || debounced.set(now), Duration::from_millis(250)).ok();
    });
    debounced
}
