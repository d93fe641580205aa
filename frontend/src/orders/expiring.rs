//! The banner of desktops whose months end soon, for people who may renew. Above the pages of orders and desktops, and
//! not above the form, which it would move.

use leptos::prelude::*;
use shared::{link::Route, order::DesktopTotals};

use super::desktops::WITHIN;
use crate::{
    api,
    language::use_order_text,
    reactive::{Loader, by_itself, maybe},
    text::fill,
};

/// The days within which it tells of them.
const DAYS: u16 = WITHIN[0];

/// The banner; nothing while there are none, or while that is not known.
#[component]
pub fn ExpiringBanner() -> impl IntoView {
    let t = use_order_text();
    // Nobody asked for it, and where it fails the list of desktops says why.
    let load = |target| by_itself(true, || api::load::<DesktopTotals>(target));
    let totals = Loader::<DesktopTotals>::idle().follow(|| Some("desktops/totals?released=false".to_owned()), load);
    let banner = maybe(move || {
        let number = totals.ready()?.within_7_days;
        (number > 0).then(|| {
            let text = fill(t.expiring_soon, &[&number.to_string(), &DAYS.to_string()]);
            view! {
                <p class="banner">{text} " " <a href=Route::DesktopsWithin(DAYS).href()>{t.expiring_show}</a></p>
            }
            .into_any()
        })
    });
    view! { <div class="expiring" role="status">{banner}</div> }.into_any()
}
