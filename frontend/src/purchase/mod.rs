//! The purchase page: the form in the order of document 1.3, the summary beside it, the review above it.

mod basics;
mod chosen;
mod code;
mod desktop_type;
mod field;
mod image;
mod initials;
mod limits;
mod lists;
mod network;
mod order_fields;
mod owner;
mod pages;
mod place;
mod placing;
mod price;
mod region;
mod review;
mod search;
mod state;
mod summary;
mod syllables;
mod unread;
mod user;
mod user_dialog;
mod user_list;

use std::time::Duration;

use leptos::prelude::*;
use shared::{
    form::{Field, FieldError},
    ids::ClientToken,
};

use self::{field::show_field, place::drop_users, state::Purchase};
use crate::{
    address, api,
    checkout::{Answer, Unanswered, drop_kept_users, forget, is_sent_here, is_unanswered, note_placed, unanswered},
    deferred,
    language::{Language, use_text},
    reactive::{after, changing, computed, effects_have_run, maybe, next_frame, spawn, watch},
    takeover,
    ui::{ErrorIds, Heading},
};

/// Begins a purchase, which lasts as long as its route is shown.
pub fn begin(language: RwSignal<Language>) {
    untrack(|| {
        let purchase = Purchase::new(language);
        provide_context(purchase);
        tell_first_view(purchase);
        take_over(purchase);
        find_unanswered(purchase);
        limits::load(purchase);
    });
}

/// The page of the purchase that has begun.
pub fn page() -> AnyView {
    view! { <PurchasePage /> }.into_any()
}

/// The review. Not inlined, so that it is in the deferred module.
#[inline(never)]
fn review_view() -> AnyView {
    view! { <review::Review /> }.into_any()
}

/// Tells when the first view is complete: its lists have come, or failed.
fn tell_first_view(purchase: Purchase) {
    let complete = move || {
        let lists = purchase.lists;
        if region::is_usable(&purchase) {
            !lists.is_loading() && !lists.types.is_idle()
        } else {
            !lists.regions.is_loading() && !lists.regions.is_idle()
        }
    };
    watch(move || {
        if complete() {
            // What has come may be what another list waits for.
            next_frame(move || {
                // By then the purchase may have been left.
                if purchase.form.try_get_untracked().is_some() && untrack(complete) {
                    deferred::first_view_complete();
                }
            });
        }
    });
}

/// How long the document's list stays while its answers do not come.
const LONGEST_TAKEOVER: Duration = Duration::from_secs(5);

/// Takes the page over from the document when the app has the list of types too, with the type that was checked there.
fn take_over(purchase: Purchase) {
    if !takeover::is_pending() {
        return;
    }
    let complete = move || {
        if let Some(checked) = takeover::checked_type() {
            // Choosing is not in the primary module.
            spawn(async move {
                deferred::arrived().await;
                // It may have been left by then.
                if purchase.form.try_get_untracked().is_some() {
                    purchase.choose(|form| form.type_item_id = Some(checked));
                }
            });
        }
        takeover::complete();
    };
    let lists = purchase.lists;
    let shows_stock = takeover::shows_stock();
    watch(move || {
        let has_list = !lists.types.is_idle() && !lists.types.is_loading() && !lists.prices.is_loading();
        if has_list && !(shows_stock && lists.stock_table.is_loading()) {
            spawn(async move {
                // What has come is drawn by then, and the next frame shows it.
                effects_have_run().await;
                complete();
            });
        }
    });
    after(LONGEST_TAKEOVER, complete);
    on_cleanup(takeover::complete);
}

/// Looks for purchases that were sent and not answered before the page was left. If the proxy has one, its order is
/// shown: by itself on a page that is as it was opened, else by a notice with a link. Otherwise it stays stored, so that
/// the same purchase gets the same token. So it does where this purchase is left or the attempt is sent once more meanwhile:
/// the next purchase asks, or the answer comes.
fn find_unanswered(purchase: Purchase) {
    spawn(async move {
        // None of it is in the primary module.
        deferred::arrived().await;
        ask_for_unanswered(purchase);
    });
}

#[inline(never)]
fn ask_for_unanswered(purchase: Purchase) {
    let kept = unanswered();
    if kept.is_empty() {
        return;
    }
    spawn(async move {
        for kept in kept {
            if api::has_order(&kept.first).await {
                let still = |sending: &Vec<ClientToken>| !sending.contains(&kept.token) && is_unanswered(&kept.token);
                if purchase.placing.sending.try_with_untracked(still) == Some(true) && found(purchase, &kept) {
                    return;
                }
            }
        }
    });
}

/// Shows a purchase that the proxy has. Whether this one is left for it.
fn found(purchase: Purchase, kept: &Unanswered) -> bool {
    let is_untouched = purchase.is_untouched();
    let users = kept.users();
    // Those of another window are picked there, and it is the one that placed it.
    if is_sent_here(&kept.token) {
        note_placed(&kept.route);
        if is_untouched {
            drop_kept_users(&users);
        } else {
            drop_users(purchase, &users);
        }
    }
    forget(&kept.token);
    if is_untouched {
        address::go(&kept.route);
    } else {
        purchase.placing.late.tell(users.join(", "), kept.route.clone(), Answer::Placed);
    }
    is_untouched
}

/// Each field is drawn by one section; a new one that none draws does not compile.
const _: () = assert!(
    basics::FIELDS.len()
        + desktop_type::FIELDS.len()
        + network::FIELDS.len()
        + image::FIELDS.len()
        + user::FIELDS.len()
        == Field::ALL.len(),
    "a field of the form is drawn by no section"
);

/// The id of the error element of a field, while it has an error.
fn error_of(name: &str) -> Option<&'static str> {
    let wanted = |error: &&FieldError| error.field.id() == name;
    let errors = use_context::<Purchase>()?.field_errors;
    errors.with(|errors| errors.iter().find(wanted).map(|error| error.field.error_id()))
}

/// Focuses the field that the address names, once it is drawn.
fn show_asked_field(purchase: Purchase) {
    let asked = StoredValue::new(address::take_field());
    watch(move || {
        if !purchase.lists.is_loading() && asked.with_value(Option::is_some) {
            let show = move |asked: &mut Option<Field>| {
                let _ = asked.take_if(|field| show_field(field.id()));
            };
            next_frame(move || {
                let _ = asked.try_update_value(show);
            });
        }
    });
}

/// The page. Without a region it only lets one choose a region, since everything else depends on it.
#[component]
pub fn PurchasePage() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    provide_context(ErrorIds(error_of));
    show_asked_field(purchase);
    let known = computed(move || region::is_usable(&purchase));
    // Only the deferred module can show them.
    let has_fields = move || api::has_order_fields() && deferred::has_arrived();
    let reviewing = purchase.placing.open;
    view! {
        <Heading text=t.document.title />
        {unread::notice(purchase)}
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
                            {maybe(move || has_fields().then(|| order_fields::section(purchase)))}
                        </form>
                        <summary::Summary />
                    </div>
                    {maybe(move || reviewing.get().then(review_view))}
                }
                .into_any()
            } else {
                view! { <region::RegionChooser /> }.into_any()
            }
        })}
    }
}
