//! A text with a button that copies it.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue};

use super::words;
use crate::language::use_text;

/// The text and its button.
#[component]
pub fn Copyable(
    /// What the text is, for the button's name.
    label: &'static str,
    /// The text.
    text: String,
) -> impl IntoView {
    let t = use_text();
    let copied = RwSignal::new(false);
    let shown = text.clone();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            copied.set(write(&text).await.is_ok());
            let reset = move || {
                let _ = copied.try_set(false);
            };
            set_timeout(reset, Duration::from_secs(2));
        });
    };
    view! {
        <span class="copyable">
            <code>{shown}</code>
            <button type="button" class="quiet" aria-label=format!("{} {label}", t.copy) on:click=copy>
                {words(move || if copied.get() { t.copied } else { t.copy })}
            </button>
            <span class="visually-hidden" role="status">{words(move || if copied.get() { t.copied } else { "" })}</span>
        </span>
    }
    .into_any()
}

/// Writes to the clipboard. Browsers offer it on secure origins only, hence the look whether it is there.
async fn write(text: &str) -> Result<(), JsValue> {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())?;
    let clipboard: web_sys::Clipboard = clipboard.dyn_into()?;
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.map(drop)
}
