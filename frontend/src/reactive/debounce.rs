//! Debouncing: follows a text that is being typed, once the typing has paused.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use super::watch;

/// The text once it has not changed for a moment, so that not every key is a request.
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
