//! The purchase under review as code, for those who want to do it again without a page. What writes the code comes with
//! the other part of the page, so that nobody who only buys waits for it.

use leptos::prelude::*;
use shared::snippet::Client;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::state::Purchase;
use crate::{
    language::use_text,
    reactive::{spawn_scoped, watch, words},
    ui::{Choice, CopyButton, RadioGroup},
};

#[wasm_bindgen]
extern "C" {
    /// `boot.js` asks the other part.
    #[wasm_bindgen(js_namespace = deskbuy, catch)]
    async fn snippet(client: &str, origin: &str, orders: &str) -> Result<JsValue, JsValue>;
}

/// The code, folded away.
pub fn code(purchase: Purchase) -> AnyView {
    let t = use_text();
    let client = RwSignal::new(Client::Curl.as_str().to_owned());
    let text = RwSignal::new(String::new());
    watch(move || {
        let client = client.get();
        let orders = purchase.attempt.with(|attempt| attempt.as_ref().map(|attempt| attempt.orders.clone()));
        let orders = serde_json::Value::from_iter(orders.unwrap_or_default()).to_string();
        spawn_scoped(async move {
            let origin = window().location().origin().unwrap_or_default();
            if let Ok(code) = snippet(&client, &origin, &orders).await {
                text.set(code.as_string().unwrap_or_default());
            }
        });
    });
    view! {
        <details class="code">
            <summary>{t.show_as_code}</summary>
            <RadioGroup
                label=t.code_for
                name="code"
                look="segments"
                quiet=true
                choices=Client::ALL.map(|client| Choice::new(client.as_str(), client.as_str())).to_vec()
                chosen=Signal::derive(move || Some(client.get()))
                choose=move |name| client.set(name)
            />
            <pre tabindex="0" role="region" aria-label=t.code_for><code>{words(move || text.get())}</code></pre>
            <CopyButton name=format!("{} {}", t.copy, t.code_for) shown=t.copy text=move |()| text.get_untracked() />
            <p class="hint">{t.code_note}</p>
        </details>
    }
    .into_any()
}
