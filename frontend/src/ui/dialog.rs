//! A modal dialog over the browser's own `<dialog>`: focus is kept inside and given back, and Escape closes.

use leptos::{ev, html, prelude::*};

use crate::reactive::watch;

/// The dialog. It is in the document only while it is open.
#[component]
pub fn Dialog(
    /// Its heading and name.
    title: &'static str,
    /// Names it in the document.
    name: &'static str,
    /// Called when it was closed, however that came about.
    #[prop(into)]
    on_close: Callback<()>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let heading = format!("{name}-title");
    watch(move || {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
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
        <dialog node_ref=dialog class="dialog" aria-labelledby=heading on:close=closed>
            <h2 id=heading.clone()>{title}</h2>
            {children()}
        </dialog>
    }
    .into_any()
}
