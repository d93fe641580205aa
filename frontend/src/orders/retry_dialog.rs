//! The dialog that asks whether rejected orders are placed anew: what each of them does, and whether somebody has done the same
//! minutes ago. Placing is one step and asking for it another.

use leptos::prelude::*;
use shared::{Action, actions::CreateDesktop, link::Route, order::Order};

use super::{
    change::Change,
    parameter,
    retry::attempt,
    row::{action_name, period_of},
};
use crate::{
    language::use_order_text,
    reactive::{computed, flag, on_click, words},
    text::OrderText,
    ui::Dialog,
};

/// The dialog. Not inlined, so that it is in the on-demand module.
#[inline(never)]
#[component]
pub fn RetryDialog(
    /// The rejected orders.
    dead: Vec<Order>,
    /// Where their retries are shown.
    route: Route,
    /// Set to `None` when the dialog closes.
    retrying: RwSignal<Option<Vec<Order>>>,
    /// Called when they are placed.
    #[prop(into)]
    placed: Callback<()>,
) -> impl IntoView {
    let t = use_order_text();
    let ready = RwSignal::new(false);
    let change = Change::new();
    let buys = dead.first().is_some_and(|order| order.action == CreateDesktop::NAME);
    let texts = if buys { (t.placed_recently, t.place_anyway) } else { (t.renewed_recently, t.renew_anyway) };
    let (Route::Order(token) | Route::Batch(token)) = route.clone() else { return ().into_any() };
    let attempt = attempt(&dead, token);
    change.look_for(attempt.clone());
    let holder = if buys { "UserName" } else { "DesktopId" };
    let names: Vec<String> = dead.iter().filter_map(|order| parameter(order, holder)).collect();
    let about = names.join(", ");
    let lines = dead.iter().map(|order| view! { <li>{line(t, order)}</li> }).collect_view();
    let asked = names.clone();
    let confirmed = computed(move || !change.wants_yes(&asked));
    let place = move |_| {
        if !change.placing.get_untracked() && confirmed.get_untracked() {
            change.retry(attempt.clone(), dead.clone(), route.clone(), about.clone(), move || {
                retrying.set(None);
                placed.run(());
            });
        }
    };
    view! {
        <Dialog title=t.retry_order name="change" ready on_close=move |()| retrying.set(None)>
            <ul class="picks">{lines}</ul>
            {change.asking(t, texts, move || names.clone())}
            <div class="dialog-buttons">
                <button type="button" on:click=on_click(move |_| retrying.set(None))>{t.cancel}</button>
                <button
                    type="button"
                    class="primary"
                    aria-disabled=flag(move || !ready.get() || change.placing.get() || !confirmed.get())
                    on:click=on_click(place)
                >
                    {words(move || if change.placing.get() { t.placing } else { t.place_order })}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// What an order does, to whom or what, and for how long.
fn line(t: &OrderText, order: &Order) -> String {
    let what = ["UserName", "DesktopId", "TypeItemId", "ZoneId"].iter().filter_map(|name| parameter(order, name));
    let all = [action_name(t, &order.action).to_owned()].into_iter().chain(what).chain(period_of(t, order));
    all.collect::<Vec<_>>().join(" · ")
}
