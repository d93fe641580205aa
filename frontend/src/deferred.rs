//! The modules that come after the primary one, as the app sees them: whether they have arrived, and what the page says while
//! they have not. Fetching them and holding back input is the loader's (`frontend/loader/deferred.js`).

use std::cell::RefCell;

use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::{
    language::{Language, Texts},
    reactive::{flag, maybe},
};

/// Where a module stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not there yet, and nothing waits for it.
    Coming,
    /// Not there yet, and somebody waits for it.
    Awaited,
    /// It could not be fetched, and is tried again.
    Failed,
    /// The server has another version of the page, and this one's module no longer.
    Gone,
    /// There: everything may be called.
    Arrived,
}

thread_local! {
    static STATE: RefCell<Option<RwSignal<State>>> = const { RefCell::new(None) };
    static ON_DEMAND: RefCell<Option<RwSignal<State>>> = const { RefCell::new(None) };
    /// Has the loader fetch a module, once: the on-demand one, or the deferred one.
    static REQUEST: RefCell<Option<Function>> = const { RefCell::new(None) };
    /// Resolves the promises of those who wait for the module.
    static WAITING: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

fn state() -> Option<RwSignal<State>> {
    STATE.with(|state| *state.borrow())
}

fn demanded() -> Option<RwSignal<State>> {
    ON_DEMAND.with(|state| *state.borrow())
}

/// Called once, before the app is mounted. `request` has the loader fetch the on-demand module, or, called with `false`, the
/// deferred one.
pub fn begin(request: Function) {
    for state in [&STATE, &ON_DEMAND] {
        state.with(|state| state.replace(Some(RwSignal::new(State::Coming))));
    }
    REQUEST.with(|kept| kept.replace(Some(request)));
}

fn request(on_demand: bool) {
    REQUEST.with_borrow(|request| {
        let _ = request.as_ref().map(|request| request.call1(&JsValue::NULL, &on_demand.into()));
    });
}

/// Tells the loader that the first view is complete, so that it may fetch the deferred module. Once is enough.
pub fn first_view_complete() {
    request(false);
}

/// Says where the deferred or the on-demand module stands: `awaited`, `failed`, `gone` or `arrived`.
pub fn set(on_demand: bool, name: &str) {
    let now = match name {
        "awaited" => State::Awaited,
        "failed" => State::Failed,
        "gone" => State::Gone,
        "arrived" => State::Arrived,
        _ => return,
    };
    let module = if on_demand { demanded() } else { state() };
    if let Some(state) = module.filter(|state| state.get_untracked() != now) {
        state.set(now);
    }
    if now == State::Arrived && !on_demand {
        for resolve in WAITING.with(RefCell::take) {
            let _ = resolve.call0(&JsValue::NULL);
        }
    }
}

/// Whether the deferred module has arrived; tracked.
pub fn has_arrived() -> bool {
    state().is_none_or(|state| state.get() == State::Arrived)
}

/// Whether the on-demand module has arrived; tracked. It is fetched from the first question on. Not inlined, so that it is in
/// the deferred module.
#[inline(never)]
pub fn on_demand() -> bool {
    request(true);
    demanded().is_none_or(|state| state.get() == State::Arrived)
}

/// Comes back when the module has arrived: for work that goes on by itself and calls what the first view does not.
pub async fn arrived() {
    if untrack(has_arrived) {
        return;
    }
    let promise = Promise::new(&mut |resolve, _| WAITING.with(|waiting| waiting.borrow_mut().push(resolve)));
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

/// The value of `aria-busy` for what waits for the module.
pub fn busy() -> crate::reactive::Attribute {
    flag(|| state().is_some_and(|state| matches!(state.get(), State::Awaited | State::Failed)))
}

/// What the page says while somebody waits for a module, or it cannot be had. What its controls do is the loader's.
#[component]
pub fn DeferredNotice(
    /// The language shown.
    language: RwSignal<Language>,
) -> impl IntoView {
    let notice = maybe(move || {
        let t = language.get().text();
        let deferred = state()?.get();
        let (state, awaited, failed) = if deferred == State::Arrived {
            (demanded()?.get(), t.deferred().on_demand_awaited, t.deferred().on_demand_failed)
        } else {
            (deferred, t.deferred_awaited, t.deferred_failed)
        };
        match state {
            State::Coming | State::Arrived => None,
            State::Awaited => Some(view! { <p class="deferred">{awaited}</p> }.into_any()),
            State::Failed => Some(
                view! {
                    <div class="deferred">
                        <p>{failed}</p>
                        <button type="button" data-retry="">{t.retry}</button>
                    </div>
                }
                .into_any(),
            ),
            State::Gone => Some(
                view! {
                    <div class="deferred">
                        <p>{t.deferred_gone}</p>
                        <a href="">{t.reload}</a>
                    </div>
                }
                .into_any(),
            ),
        }
    });
    view! { <div role="status">{notice}</div> }.into_any()
}
