//! News of orders, as the proxy tells them: server-sent events, which the browser itself takes up again after a lost
//! connection, from where they were.

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::order::{Order, events};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{EventSource, MessageEvent};

/// Calls back with each order that has changed, or with nothing where more has changed than is told one by one. Ends
/// with the part of the page that asked.
pub fn on_order(callback: impl Fn(Option<Order>) + 'static) {
    let Ok(source) = EventSource::new("/api/orders/events") else { return };
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let text = event.data().as_string().unwrap_or_default();
        callback(serde_json::from_str(&text).ok());
    });
    for name in [events::ORDER, events::RESET] {
        let _ = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
    }
    let kept = SendWrapper::new((source, heard));
    on_cleanup(move || kept.0.close());
}
