//! Input methods: while one composes a text, its keys and the unfinished text are its own.

use js_sys::Reflect;
use leptos::{ev, prelude::*};
use web_sys::HtmlInputElement;

/// Whether an event is part of a composition. Some browsers tell it by the key code alone.
pub fn is_composing(event: &web_sys::Event) -> bool {
    let read = |name: &str| Reflect::get(event, &name.into()).unwrap_or_default();
    read("isComposing").is_truthy() || read("keyCode").as_f64() == Some(229.0)
}

/// A handler of `input` that takes what is typed, but for what is being composed.
pub fn typed(text: RwSignal<String>) -> Box<dyn FnMut(ev::Event)> {
    Box::new(move |event| {
        if !is_composing(&event) {
            text.set(event_target::<HtmlInputElement>(&event).value());
        }
    })
}

/// A handler of `compositionend` that takes what was composed. Not every browser sends an `input` after it.
pub fn composed(text: RwSignal<String>) -> Box<dyn FnMut(ev::CompositionEvent)> {
    Box::new(move |event| text.set(event_target::<HtmlInputElement>(&event).value()))
}
