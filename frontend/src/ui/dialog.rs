//! A modal dialog over the browser's own `<dialog>`: focus is kept inside and given back, and Escape closes. One that
//! confirms ignores activation until none has come for a moment, and a choice where the click was that opened it, so that
//! the gesture that opened it never does both.

use std::time::Duration;

use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{AddEventListenerOptions, Element, Event};

use super::focus_on;
use crate::reactive::{after, clicked_at, watch};

/// How long a dialog ignores activation, in milliseconds, from its opening and from each activation that it ignored. The
/// longest double click that systems count as one is half a second.
const CALM: f64 = 600.0;
/// How far from the click that opened the dialog the next one of the same gesture may be, in pixels.
const SAME_PLACE: u32 = 40;

/// The dialog. It is in the document only while it is open.
#[component]
pub fn Dialog(
    /// Its heading and name.
    title: &'static str,
    /// Names it in the document.
    name: &'static str,
    /// For one that confirms something: set once it takes activation, so that its buttons can say so.
    #[prop(optional)]
    ready: Option<RwSignal<bool>>,
    /// Called when it was closed, however that came about.
    #[prop(into)]
    on_close: Callback<()>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let heading = format!("{name}-title");
    let calm = StoredValue::new(now());
    watch(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            if let Some(ready) = ready {
                ignore_activation(&dialog, ready, calm);
            }
            let _ = dialog.show_modal();
            // At its beginning, which the first control may be far below. A field that asks for the focus has it.
            if dialog.query_selector("[autofocus]").ok().flatten().is_none() {
                focus_on(&format!("#{name}-title"));
            }
        }
    });
    // Removed while open, the dialog would leave the focus nowhere; closed, it returns the focus to its opener.
    on_cleanup(move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    });
    // `close` is dispatched asynchronously; by then the dialog may have been opened again.
    let closed = move |event: ev::Event| {
        let dialog = event_target::<web_sys::HtmlDialogElement>(&event);
        if dialog.is_connected() && !dialog.open() {
            on_close.run(());
        }
    };
    view! {
        <dialog node_ref=dialog class=format!("dialog {name}") aria-labelledby=heading on:close=closed>
            <h2 id=heading.clone() tabindex="-1">{title}</h2>
            {children()}
        </dialog>
    }
    .into_any()
}

/// A monotonic clock, in milliseconds.
fn now() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Keeps clicks and keys from what confirms until the dialog is calm, and clicks where the opening one was from all else; a key
/// that is held down, always.
fn ignore_activation(dialog: &web_sys::HtmlDialogElement, ready: RwSignal<bool>, calm: StoredValue<f64>) {
    calm.set_value(now());
    ready.set(false);
    wait_for_calm(ready, calm);
    let (x, y) = clicked_at();
    let is_near = move |event: &Event| {
        let click = event.dyn_ref::<web_sys::MouseEvent>();
        // One that is made by a key, or by the label that was clicked, is nowhere.
        click.is_some_and(|click| {
            click.detail() > 0 && click.client_x().abs_diff(x).max(click.client_y().abs_diff(y)) < SAME_PLACE
        })
    };
    let guard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let pressed = || target.is_some_and(|it| it.closest("button.primary, a").is_ok_and(|found| found.is_some()));
        let key = event.dyn_ref::<web_sys::KeyboardEvent>();
        let activates = match key.map(web_sys::KeyboardEvent::key).as_deref() {
            Some("Enter" | " ") => pressed(),
            Some(_) => false,
            None => event.type_() == "submit" || (event.type_() == "click" && (pressed() || is_near(&event))),
        };
        if event.type_() == "input" {
            // The gesture that opened the dialog does not type.
            let _ = ready.try_set(true);
        }
        if !activates {
            return;
        }
        let held = key.is_some_and(|key| key.repeat() || key.ctrl_key() || key.meta_key());
        let early = ready.try_get_untracked() == Some(false);
        if early || held {
            event.prevent_default();
            event.stop_immediate_propagation();
            let _ = calm.try_set_value(now());
        }
    });
    let capture = AddEventListenerOptions::new();
    capture.set_capture(true);
    for kind in ["click", "keydown", "submit", "input"] {
        let handler = guard.as_ref().unchecked_ref();
        let _ = dialog.add_event_listener_with_callback_and_add_event_listener_options(kind, handler, &capture);
    }
    // It lives as long as its element, which events may still reach while it goes away.
    guard.forget();
}

/// Lets the dialog take activation once it has been left alone.
fn wait_for_calm(ready: RwSignal<bool>, calm: StoredValue<f64>) {
    let look = move || {
        let Some(since) = calm.try_get_value() else { return };
        if now() - since < CALM {
            wait_for_calm(ready, calm);
        } else {
            let _ = ready.try_set(true);
        }
    };
    let waited = calm.try_get_value().map_or(0.0, |since| now() - since);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 600")]
    after(Duration::from_millis((CALM - waited).clamp(1.0, CALM) as u64), look);
}
