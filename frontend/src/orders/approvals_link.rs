//! The counter in the header that leads an approver to the orders that wait.

use std::{cell::Cell, time::Duration};

use leptos::prelude::*;
use shared::{link::Route, order::approval::Waiting};

use crate::{
    api,
    language::{Language, use_order_text},
    reactive::{by_itself, every, maybe, spawn, watch},
    text::fill,
};

/// How often the count is asked for anew.
const INTERVAL: Duration = Duration::from_mins(1);

thread_local! {
    /// The count that is shown, if there is one.
    static COUNT: Cell<Option<RwSignal<Option<i64>>>> = const { Cell::new(None) };
}

/// Asks for the count anew, after a decision.
pub fn recount() {
    if let Some(waiting) = COUNT.get() {
        ask(waiting);
    }
}

/// The link, with how many orders wait. Not inlined, so that it is in the deferred module.
#[inline(never)]
pub fn approvals_link(language: RwSignal<Language>, route: Memo<Route>) -> AnyView {
    let waiting = RwSignal::new(None);
    // Refreshes the count on each navigation.
    watch(move || {
        route.track();
        ask(waiting);
    });
    every(INTERVAL, move || {
        if !document().hidden() {
            ask(waiting);
        }
    });
    COUNT.set(Some(waiting));
    let link = maybe(move || {
        language.track();
        let t = use_order_text();
        let count: Option<i64> = waiting.get();
        let here = move || (route.get() == Route::Approvals).then_some("page");
        Some(
            view! {
                <a class="approvals" class:some=count.is_some_and(|count| count != 0) href=Route::Approvals.href() aria-current=here>
                    {match count {
                        Some(count) => fill(t.approvals, &[&count.to_string()]),
                        // Not known yet.
                        None => t.approvals_link.to_owned(),
                    }}
                </a>
            }
            .into_any(),
        )
    });
    view! { {link} }.into_any()
}

/// Asks how many wait. Without an answer the number stays.
fn ask(waiting: RwSignal<Option<i64>>) {
    spawn(async move {
        if let Ok(Waiting { waiting: count }) = by_itself(true, || api::get::<Waiting>("approvals".to_owned())).await {
            let _ = waiting.try_set(Some(count));
        }
    });
}
