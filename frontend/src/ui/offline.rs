//! What is said while the proxy cannot be reached and is tried again.

use js_sys::Date;
use leptos::prelude::*;

use crate::{
    language::use_text,
    reactive::{on_click, retry_now, time_of_day},
    text::fill,
};

/// The words, with a button that tries at once. The time is that at which this is first shown.
#[inline(never)]
pub fn offline() -> AnyView {
    let t = use_text();
    view! {
        <p>{t.connection_lost}</p>
        <p class="small">{fill(t.no_connection, &[&time_of_day(&Date::new_0())])}</p>
        <button type="button" on:click=on_click(|_| retry_now())>{t.retry_now}</button>
    }
    .into_any()
}
