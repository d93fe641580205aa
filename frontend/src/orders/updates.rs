//! Live updates of orders: server-sent events from `GET /api/orders/events`. The browser reconnects a lost stream by
//! itself, from its last event; a refused one is reconnected here, with backoff.

use std::{rc::Rc, time::Duration};

use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::order::{Order, events};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, EventSourceInit, MessageEvent};

use crate::{
    api,
    reactive::{after, watch},
};

/// The first backoff after a refused stream, in seconds; doubled each time, since the session may have ended with
/// nobody there to sign in.
const FIRST_BACKOFF: u64 = 3;
/// The longest backoff, in seconds.
const LONGEST_BACKOFF: u64 = 60;

type Callback = Rc<dyn Fn(Option<Order>)>;

/// Calls back with each changed order, or with `None` where more may have changed: after a gap, and at the beginning of
/// each stream, since nothing tells of changes before it. Ends with its owner.
pub fn on_order(callback: impl Fn(Option<Order>) + 'static) {
    let callback: Callback = Rc::new(callback);
    let reconnect = Trigger::new();
    let backoff = StoredValue::new(FIRST_BACKOFF);
    watch(move || {
        reconnect.track();
        listen(Rc::clone(&callback), reconnect, backoff);
    });
}

fn listen(callback: Callback, reconnect: Trigger, backoff: StoredValue<u64>) {
    let with_session = EventSourceInit::new();
    with_session.set_with_credentials(true);
    let address = api::address("orders/events");
    let Ok(source) = EventSource::new_with_event_source_init_dict(&address, &with_session) else { return };
    let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        backoff.set_value(FIRST_BACKOFF);
        let text = event.data().as_string().unwrap_or_default();
        callback(serde_json::from_str(&text).ok());
    });
    for name in [events::START, events::ORDER, events::RESET] {
        let _ = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
    }
    let refused = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        let closed = event.target().and_then(|target| target.dyn_into::<EventSource>().ok());
        if closed.is_some_and(|source| source.ready_state() == EventSource::CLOSED) {
            after(Duration::from_secs(backoff.get_value()), move || reconnect.notify());
            backoff.update_value(|seconds| *seconds = (*seconds * 2).min(LONGEST_BACKOFF));
        }
    });
    source.set_onerror(Some(refused.as_ref().unchecked_ref()));
    let kept = SendWrapper::new((source, heard, refused));
    on_cleanup(move || kept.0.close());
}
