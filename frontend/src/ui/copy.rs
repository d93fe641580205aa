//! Copying to the clipboard: a button, and a text with such a button.

use std::time::Duration;

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement};

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
    let copied = RwSignal::new(None::<bool>);
    let copy = move |event: ev::MouseEvent| {
        let text = text.run(());
        let button = event.current_target().and_then(|button| button.dyn_into::<Element>().ok());
        let beside = button.and_then(|button| button.parent_element());
        spawn(async move {
            let done = write(&text, beside).await;
            let _ = copied.try_set(Some(done));
            if done {
                let reset = move || {
                    let _ = copied.try_set(None);
                };
                after(Duration::from_secs(2), reset);
            }
        });
    };
    view! {
        <span class="copy">
            <button type="button" class="quiet" aria-label=name on:click=on_click(copy)>
                {words(move || if copied.get() == Some(true) { t.deferred().copied } else { shown })}
            </button>
            <span class="small" class:visually-hidden=move || copied.get() != Some(false) role="status">
                {words(move || match copied.get() {
                    Some(true) => t.deferred().copied,
                    Some(false) => t.deferred().copy_failed,
                    None => "",
                })}
            </span>
        </span>
    }
    .into_any()
}

/// Writes to the clipboard; whether that went well. Browsers offer it on secure origins only; on plain http the old way of
/// selecting a text and copying that remains.
async fn write(text: &str, beside: Option<Element>) -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    if let Some(clipboard) = clipboard.ok().and_then(|it| it.dyn_into::<web_sys::Clipboard>().ok())
        && wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.is_ok()
    {
        return true;
    }
    beside.and_then(|beside| select_and_copy(text, &beside)).unwrap_or(false)
}

/// Copies from a field that is there for as long as that takes; beside the button, since a modal dialog keeps the focus.
fn select_and_copy(text: &str, beside: &Element) -> Option<bool> {
    let field: HtmlTextAreaElement = document().create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    field.set_class_name("visually-hidden");
    beside.append_child(&field).ok()?;
    field.select();
    let copied = document().dyn_into::<web_sys::HtmlDocument>().ok()?.exec_command("copy").unwrap_or(false);
    field.remove();
    let _ = beside
        .dyn_ref::<web_sys::HtmlElement>()?
        .query_selector("button")
        .ok()??
        .dyn_into::<web_sys::HtmlElement>()
        .ok()?
        .focus();
    Some(copied)
}
