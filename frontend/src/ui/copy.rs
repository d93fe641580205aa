//! Copying to the clipboard: a button, and a text with such a button.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    language::use_text,
    reactive::{after, on_click, spawn, words},
};

/// A text and its button.
#[component]
pub fn Copyable(
    /// What the text is, for the button's name.
    label: &'static str,
    /// The text.
    text: String,
) -> impl IntoView {
    let t = use_text();
    let shown = text.clone();
    view! {
        <span class="copyable">
            <code>{shown}</code>
            <CopyButton name=format!("{} {label}", t.copy) shown=t.copy text=move |()| text.clone() />
        </span>
    }
    .into_any()
}

/// A button that copies.
#[component]
pub fn CopyButton(
    /// Its name.
    name: String,
    /// What stands on it.
    shown: &'static str,
    /// What it copies.
    #[prop(into)]
    text: Callback<(), String>,
) -> impl IntoView {
    let t = use_text();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.run(());
        spawn(async move {
            let _ = copied.try_set(write(&text).await.is_ok());
            let reset = move || {
                let _ = copied.try_set(false);
            };
            after(Duration::from_secs(2), reset);
        });
    };
    view! {
        <button type="button" class="quiet" aria-label=name on:click=on_click(copy)>
            {words(move || if copied.get() { t.copied } else { shown })}
        </button>
        <span class="visually-hidden" role="status">{words(move || if copied.get() { t.copied } else { "" })}</span>
    }
    .into_any()
}

/// Writes to the clipboard. Browsers offer it on secure origins only, hence the look whether it is there.
async fn write(text: &str) -> Result<(), JsValue> {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into())?;
    let clipboard: web_sys::Clipboard = clipboard.dyn_into()?;
    wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.map(drop)
}
