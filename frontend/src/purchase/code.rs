//! The purchase under review as code, for those who want to do it again without a page.

use leptos::prelude::*;
use shared::snippet::{Client, snippet};

use super::state::Purchase;
use crate::{
    api,
    language::use_text,
    reactive::{computed, words},
    ui::{Choice, CopyButton, RadioGroup},
};

/// The code, folded away.
pub fn code(purchase: Purchase) -> AnyView {
    let t = use_text();
    let client = RwSignal::new(Client::Curl);
    // Where people sign in, a program needs a token.
    let signed_in = api::is_signed_in();
    let text = computed(move || {
        let orders = purchase.placing.attempt.with(|attempt| attempt.as_ref().map(|attempt| attempt.orders.clone()));
        snippet(client.get(), api::proxy(), signed_in, &orders.unwrap_or_default())
    });
    let choose = move |name: String| {
        if let Some(chosen) = Client::ALL.into_iter().find(|known| known.as_str() == name) {
            client.set(chosen);
        }
    };
    view! {
        <details class="code">
            <summary>{t.show_as_code}</summary>
            <RadioGroup
                label=t.deferred().code_for
                name="code"
                look="segments"
                quiet=true
                choices=Client::ALL.map(|client| Choice::new(client.as_str(), client.as_str())).to_vec()
                chosen=Signal::derive(move || Some(client.get().as_str().to_owned()))
                choose
            />
            <pre tabindex="0" role="region" aria-label=t.deferred().code_for><code>{words(move || text.get())}</code></pre>
            <CopyButton name=format!("{} {}", t.copy, t.deferred().code_for) shown=t.copy text=move |()| text.get_untracked() />
            <p class="hint">{t.deferred().code_note}{signed_in.then_some(t.deferred().code_token)}</p>
        </details>
    }
    .into_any()
}
