//! A notice of the parts of the address that could not be read and have a default in their place.

use leptos::prelude::*;
use shared::link::Unread;

use super::state::Purchase;
use crate::{language::use_text, reactive::maybe};

/// The notice; empty where everything could be read, or has been chosen since.
pub fn notice(purchase: Purchase) -> impl IntoView {
    let t = use_text();
    maybe(move || {
        let unread = purchase.unread();
        (!unread.is_empty()).then(|| {
            let line = |Unread { field, name, text }: Unread| {
                let name = field.map_or(name, |field| t.label(field).to_owned());
                let text = text.chars().take(80).collect::<String>();
                view! { <li>{name}": "<code>{text}</code></li> }
            };
            let lines = unread.into_iter().map(line).collect_view();
            view! {
                <div class="notice warn unread" role="alert">
                    <p class="notice-title">{t.link_unread}</p>
                    <ul>{lines}</ul>
                    <p>{t.link_unread_next}</p>
                </div>
            }
            .into_any()
        })
    })
}
