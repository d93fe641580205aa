//! The purchase page: the form in the order of the document's 1.3, the summary beside it, the review above it.

mod basics;
mod desktop_type;
mod field;
mod image;
mod lists;
mod network;
mod owner;
mod region;
mod review;
mod state;
mod summary;
mod token;
mod user;
mod user_dialog;

pub use state::Purchase;

use leptos::prelude::*;

use crate::{
    app::Heading,
    language::use_text,
    ui::{changing, maybe},
};

/// The page. Without a region it is a chooser, since everything else depends on it.
#[component]
pub fn PurchasePage() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    purchase.come_back();
    let known = Memo::new(move |_| region::is_usable(&purchase));
    let reviewing = purchase.reviewing;
    view! {
        <Heading text=t.title_buy />
        {changing(move || {
            if known.get() {
                view! {
                    <div class="purchase">
                        <form class="form" on:submit=|event| event.prevent_default()>
                            <owner::OwnerNotice />
                            <basics::Basics />
                            <desktop_type::DesktopType />
                            <network::Network />
                            <image::ImageSection />
                            <user::UserSection />
                        </form>
                        <summary::Summary />
                    </div>
                    {maybe(move || reviewing.get().then(|| view! { <review::Review /> }.into_any()))}
                }
                .into_any()
            } else {
                view! { <region::RegionChooser /> }.into_any()
            }
        })}
    }
}
