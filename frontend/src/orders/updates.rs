//! Live updates of orders: server-sent events from `GET /api/orders/events`, one stream for all tabs. The tab that has the
//! lock holds it and tells the others; a hidden tab lets go of it. Where a browser has no locks, as on plain http, each
//! visible tab has a stream. Where no stream comes through, the lists are loaded again from time to time.

use std::{cell::RefCell, rc::Rc, time::Duration};

use js_sys::{Function, Object, Promise, Reflect};
use leptos::{ev, prelude::*};
use send_wrapper::SendWrapper;
use shared::{
    json,
    order::{Order, events},
};
use wasm_bindgen::{
    JsCast, JsValue,
    prelude::{Closure, wasm_bindgen},
};
use web_sys::{AbortController, BroadcastChannel, Event, EventSource, EventSourceInit, MessageEvent};

use crate::{
    api,
    reactive::{after, watch},
    storage,
};

/// Names the lock and the channel, as this installation's own.
const NAME: &str = "deskbuy.orders";
/// The first backoff after a stream that did not come about, in seconds; doubled each time, since the session may have
/// ended with nobody there to sign in.
const FIRST_BACKOFF: u64 = 3;
/// The longest backoff, in seconds.
const LONGEST_BACKOFF: u64 = 60;
/// How long a stream may take to begin. Something on the way may hold it back for ever.
const BEGINS: Duration = Duration::from_secs(20);

#[wasm_bindgen]
extern "C" {
    /// The browser's locks, which all tabs of an origin share.
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &Function) -> Result<Promise, JsValue>;
}

/// An update: the text of an order, or something else where more may have changed.
type Tell = Rc<dyn Fn(&str)>;

/// Calls back with each changed order, or with `None` where more may have changed: after a gap, and at the beginning of
/// each stream, since nothing tells of changes before it. Ends with its owner.
pub fn on_order(callback: impl Fn(Option<Order>) + 'static) {
    let tell_here: Tell = Rc::new(move |text| callback(json::read(text).ok()));
    let channel = BroadcastChannel::new(&storage::own(NAME)).ok();
    let tell = {
        let (here, others) = (Rc::clone(&tell_here), channel.clone());
        Rc::new(move |text: &str| {
            if let Some(others) = &others {
                let _ = others.post_message(&text.into());
            }
            here(text);
        })
    };
    let heard = {
        let here = Rc::clone(&tell_here);
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            here(&event.data().as_string().unwrap_or_default());
        })
    };
    if let Some(channel) = &channel {
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    }
    let kept = SendWrapper::new((channel, heard));
    on_cleanup(move || {
        if let (Some(channel), _) = kept.take() {
            channel.close();
        }
    });

    let (restart, backoff) = (Trigger::new(), StoredValue::new(FIRST_BACKOFF));
    watch(move || {
        restart.track();
        if !document().hidden() {
            lead(Rc::clone(&tell) as Tell, restart, backoff);
        }
    });
    let back = SendWrapper::new(tell_here);
    let seen = window_event_listener(ev::visibilitychange, move |_| {
        restart.notify();
        // Whatever came while there was no stream.
        if !document().hidden() {
            back("");
        }
    });
    on_cleanup(move || seen.remove());
}

/// Holds the stream once this tab has the lock, until the owner's cleanup.
fn lead(tell: Tell, restart: Trigger, backoff: StoredValue<u64>) {
    let held: Rc<RefCell<Option<Stream>>> = Rc::default();
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(|locks| !locks.is_undefined());
    let Some(locks) = locks else {
        held.replace(Stream::open(tell, restart, backoff));
        let held = SendWrapper::new(held);
        on_cleanup(move || drop(held.take().take()));
        return;
    };
    let own = Rc::clone(&tell);
    let release: Rc<RefCell<Option<Function>>> = Rc::default();
    let granted = {
        let (held, release) = (Rc::clone(&held), Rc::clone(&release));
        Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
            held.replace(Stream::open(Rc::clone(&tell), restart, backoff));
            Promise::new(&mut |resolve, _| drop(release.replace(Some(resolve))))
        })
    };
    let waiting = AbortController::new().ok();
    let options = Object::new();
    if let Some(waiting) = &waiting {
        let _ = Reflect::set(&options, &"signal".into(), &waiting.signal());
    }
    let locks: LockManager = locks.unchecked_into();
    let alone = {
        let (held, waiting) = (Rc::clone(&held), waiting.clone());
        move || {
            // Given up is no failure. Locks that are forbidden, as where nothing may be kept, leave each tab its own stream.
            if !waiting.as_ref().is_some_and(|waiting| waiting.signal().aborted()) {
                held.replace(Stream::open(Rc::clone(&own), restart, backoff));
            }
        }
    };
    let request = locks.request(&storage::own(NAME), &options, granted.as_ref().unchecked_ref());
    if request.is_err() {
        alone();
    }
    let ignore = Closure::<dyn FnMut(JsValue)>::new(move |_| alone());
    if let Ok(promise) = request {
        let _ = promise.catch(&ignore);
    }
    let kept = SendWrapper::new((held, release, granted, waiting, ignore));
    on_cleanup(move || {
        let (held, release, granted, waiting, ignore) = kept.take();
        if let Some(waiting) = waiting {
            waiting.abort();
        }
        held.take();
        if let Some(release) = release.take() {
            let _ = release.call0(&JsValue::NULL);
        }
        // The browser may call them once more while it gives up.
        granted.forget();
        ignore.forget();
    });
}

/// An open stream; closed when it is dropped.
struct Stream {
    source: EventSource,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _refused: Closure<dyn FnMut(Event)>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Stream {
    fn open(tell: Tell, restart: Trigger, backoff: StoredValue<u64>) -> Option<Self> {
        let with_session = EventSourceInit::new();
        with_session.set_with_credentials(true);
        let source =
            EventSource::new_with_event_source_init_dict(&api::address("orders/events"), &with_session).ok()?;
        let begun = Rc::new(std::cell::Cell::new(false));
        let heard = {
            let (tell, begun) = (Rc::clone(&tell), Rc::clone(&begun));
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                begun.set(true);
                let _ = backoff.try_set_value(FIRST_BACKOFF);
                tell(&event.data().as_string().unwrap_or_default());
            })
        };
        for name in [events::START, events::ORDER, events::RESET] {
            let _ = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
        }
        let again = move || {
            let Some(seconds) = backoff.try_get_value() else { return };
            let _ = backoff.try_set_value((seconds * 2).min(LONGEST_BACKOFF));
            after(Duration::from_secs(seconds), move || restart.notify());
        };
        let refused = {
            let tell = Rc::clone(&tell);
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let source = event.target().and_then(|target| target.dyn_into::<EventSource>().ok());
                // A lost stream the browser takes up again by itself, from its last event.
                if source.is_some_and(|source| source.ready_state() == EventSource::CLOSED) {
                    again();
                }
                tell("");
            })
        };
        source.set_onerror(Some(refused.as_ref().unchecked_ref()));
        let silent = source.clone();
        after(BEGINS, move || {
            // Connecting for so long counts too: others wait for this tab's lock.
            if !begun.get() && silent.ready_state() != EventSource::CLOSED {
                silent.close();
                again();
                tell("");
            }
        });
        Some(Self { source, _heard: heard, _refused: refused })
    }
}
