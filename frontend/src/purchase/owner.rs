//! A notice while the account's set-up in the region is incomplete, with what is missing.

use leptos::prelude::*;
use shared::actions::DesktopOwner;

use super::state::Purchase;
use crate::{
    language::use_text,
    reactive::{Load, changing, on_click},
    text::fill,
    ui::loaded::failed,
};

/// The notice; empty while the set-up is complete.
#[component]
pub fn OwnerNotice() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let retry = Callback::new(move |()| purchase.lists.owner.reload());
    changing(move || match purchase.lists.owner.get() {
        Load::Ready(owner) if !owner.is_ready() => view! {
            <div class="notice warn" role="alert">
                <p class="notice-title">{t.owner_title}</p>
                <ul>{missing(&owner).into_iter().map(|text| view! { <li>{text}</li> }).collect_view()}</ul>
                <p>{t.owner_next}</p>
                <button type="button" on:click=on_click(move |_| retry.run(()))>{t.retry}</button>
            </div>
        }
        .into_any(),
        Load::Failed(problem) => failed(t.owner_title_short, problem, retry),
        _ => ().into_any(),
    })
}

/// What is missing, a sentence each.
fn missing(owner: &DesktopOwner) -> Vec<String> {
    let t = use_text();
    let mut texts = Vec::new();
    if owner.status.eq_ignore_ascii_case("config") {
        texts.push(t.owner_configuring.to_owned());
    } else if !owner.status.eq_ignore_ascii_case("active") {
        texts.push(fill(t.owner_status, &[&owner.status]));
    }
    if owner.owner_vpc_id.is_none() {
        texts.push(t.owner_no_vpc.to_owned());
    }
    if owner.domain_name.is_empty() {
        texts.push(t.owner_no_domain.to_owned());
    }
    texts
}
