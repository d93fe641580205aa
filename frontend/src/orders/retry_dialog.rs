//! The dialog that asks whether rejected orders are placed anew: what each of them does, and whether somebody has done the same
//! minutes ago. Placing is one step and asking for it another.

use leptos::prelude::*;
use shared::{
    Action, Code,
    actions::CreateDesktop,
    limits::WithoutApproval,
    link::Route,
    order::Order,
    values::{ChargeType, Period},
};

use super::{
    change::Change,
    costs::{Item, Items},
    parameter,
    retry::attempt,
    row::{action_name, period_of},
};
use crate::{
    api,
    language::use_order_text,
    reactive::{computed, flag, on_click, spawn, words},
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
    let texts = if buys {
        (t.deferred().placed_recently, t.deferred().place_anyway)
    } else {
        (t.renewed_recently, t.renew_anyway)
    };
    let (Route::Order(token) | Route::Batch(token)) = route.clone() else { return ().into_any() };
    let attempt = attempt(&dead, token);
    let items: Vec<_> = dead.iter().filter_map(Item::of_order).collect();
    let (number, months) = (items.len(), longest(&items));
    let items = (number > 0).then(|| Items::learn(items));
    let cost = items.map(|items| {
        let cost = words(move || items.with(|items| items.cost(t, Period::ONE_MONTH)));
        view! { <p role="status">{cost}</p> }
    });
    let held = held_back(&dead);
    let waits = move |without: &WithoutApproval| match items {
        _ if held.get() => true,
        Some(items) => {
            without.is_exceeded_by(number, months) || items.with(|items| items.are_beyond(Period::ONE_MONTH, without))
        }
        // Releases are not counted.
        None => without.never,
    };
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
            {cost}
            {change.approval(t, waits)}
            {change.asking(t, texts, move || names.clone())}
            <div class="dialog-buttons">
                <button type="button" on:click=on_click(move |_| retrying.set(None))>{t.deferred().cancel}</button>
                <button
                    type="button"
                    class="primary"
                    aria-disabled=flag(move || !ready.get() || change.placing.get() || !confirmed.get())
                    on:click=on_click(place)
                >
                    {words(move || if change.placing.get() { t.deferred().placing } else { t.deferred().place_order })}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// Whether one of these, or an earlier try of it, was declined or expired: then all of them await approval again. Known later
/// where there are earlier tries.
fn held_back(dead: &[Order]) -> RwSignal<bool> {
    let is_held = |order: &Order| {
        let code = order.problem.as_ref().map(|problem| problem.code);
        matches!(code, Some(Code::ApprovalDeclined | Code::ApprovalExpired))
    };
    let held = RwSignal::new(dead.iter().any(is_held));
    let earlier: Vec<_> = dead.iter().flat_map(|order| order.token.earlier_tries()).collect();
    if !held.get_untracked() {
        spawn(async move {
            for token in earlier {
                match api::order(&token).await {
                    Ok(order) if is_held(&order) => {
                        let _ = held.try_set(true);
                        return;
                    }
                    Ok(_) if held.try_get_untracked().is_some() => {}
                    // Without an answer it is not known.
                    _ => return,
                }
            }
        });
    }
    held
}

/// The longest period of these, in months. Several renewals of one desktop make one long period.
fn longest(items: &[Item]) -> Option<u8> {
    let months = |item: &Item| {
        let is_same =
            |other: &&Item| item.desktop.is_some() && other.desktop == item.desktop && other.region == item.region;
        let months = |item: &Item| item.period.map_or(0, Period::months);
        let of_others = items.iter().filter(is_same).map(months).fold(0, u8::saturating_add);
        of_others.max(months(item))
    };
    items.iter().filter(|item| item.charge_type == ChargeType::PrePay).map(months).max()
}

/// What an order does, to whom or what, and for how long.
fn line(t: &OrderText, order: &Order) -> String {
    let what = ["UserName", "DesktopId", "TypeItemId", "ZoneId"].iter().filter_map(|name| parameter(order, name));
    let all = [action_name(t, &order.action).to_owned()].into_iter().chain(what).chain(period_of(t, order));
    all.collect::<Vec<_>>().join(" · ")
}
