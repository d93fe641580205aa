//! `#/orders/batch/{token}`: the progress of a batch, a result for each user, and retries of rejected orders.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use leptos::prelude::*;
use shared::{
    Action, Problem,
    actions::CreateDesktop,
    ids::ClientToken,
    link::Route,
    order::{Order, OrderState, Orders},
    reads,
};

use super::{
    approval::{Deciding, DecisionDialog},
    parameter, reason,
    refused::{links, tell_form},
    retry_dialog::RetryDialog,
    state_class, state_of, updates,
};
use crate::{
    api, deferred,
    language::use_order_text,
    reactive::{Loader, after, by_itself, is_by_itself, load::Fetch, maybe, on_click},
    text::fill,
    ui::{Heading, loaded::loaded},
};

/// The page.
#[component]
pub fn BatchPage(
    /// Names the batch.
    token: ClientToken,
) -> impl IntoView {
    let t = use_order_text();
    let target = format!("orders?limit=200&q={}", reads::encode(token.as_str()));
    // News of a large batch come faster than its pages: what comes meanwhile is one look more after them.
    let (is_asking, news) = (StoredValue::new(false), StoredValue::new(false));
    let list = Loader::<Orders>::idle();
    let look = move || match is_asking.try_get_value() {
        Some(true) => news.set_value(true),
        Some(false) => list.refresh(),
        None => {}
    };
    let list = list.follow(
        move || Some(target.clone()),
        move |target| {
            is_asking.set_value(true);
            let unasked = is_by_itself();
            Fetch::new(async move {
                let found = all_pages(target, unasked).await;
                let _ = is_asking.try_set_value(false);
                if news.try_update_value(std::mem::take) == Some(true) {
                    after(PAUSE, look);
                }
                found
            })
        },
    );
    let name = token.as_str().to_owned();
    updates::on_order(move |order| {
        if order.is_none_or(|order| order.token.as_str().starts_with(&name)) {
            look();
        }
    });
    let retrying = RwSignal::new(None::<Vec<Order>>);
    let deciding = RwSignal::new(None::<Deciding>);
    let decided = move |()| list.refresh();
    let route = Route::Batch(token);
    view! {
        <Heading text=t.title_batch />
        <section class="card order" aria-label=t.title_batch>
            {loaded(list, t.title_batch, move |orders: Arc<Orders>| progress(latest(&orders.orders), retrying, deciding))}
        </section>
        <div class="page-buttons">
            <a class="button" href=Route::Buy.href()>{t.buy}</a>
            <a class="button" href=Route::Orders.href()>{t.orders}</a>
            <a class="button" href=Route::Desktops.href()>{t.title_desktops}</a>
        </div>
        {maybe(move || {
            let what = deciding.get().filter(|_| deferred::on_demand());
            what.map(|what| view! { <DecisionDialog what deciding decided /> }.into_any())
        })}
        {maybe(move || {
            let dead = retrying.get().filter(|_| deferred::on_demand())?;
            let route = route.clone();
            Some(view! { <RetryDialog dead route retrying placed=decided /> }.into_any())
        })}
    }
}

/// Between two looks while news come.
const PAUSE: Duration = Duration::from_millis(200);

/// All pages of a list. `unasked` marks requests of the page's own.
async fn all_pages(target: String, unasked: bool) -> Result<Orders, Problem> {
    let mut all = Orders { orders: Vec::new(), next: None, now: None };
    let mut cursor = String::new();
    loop {
        let target = format!("{target}{cursor}");
        let page: Orders = api::read(&by_itself(unasked, || api::fetch(&target)).await?)?;
        all.orders.extend(page.orders);
        match page.next {
            Some(next) => cursor = format!("&cursor={}", reads::encode(&next)),
            None => return Ok(all),
        }
    }
}

/// The latest retry of each order, in the order of the batch.
fn latest(orders: &[Order]) -> Vec<Order> {
    let mut last: BTreeMap<ClientToken, &Order> = BTreeMap::new();
    // The list is newest first, so the first entry of each order is its latest retry.
    for order in orders {
        last.entry(order.token.first_try()).or_insert(order);
    }
    last.into_values().cloned().collect()
}

fn progress(
    orders: Vec<Order>,
    retrying: RwSignal<Option<Vec<Order>>>,
    deciding: RwSignal<Option<Deciding>>,
) -> AnyView {
    let t = use_order_text();
    if orders.is_empty() {
        return view! { <p class="notice">{t.batch_not_found}</p> }.into_any();
    }
    tell_form(&orders);
    let count = |state: fn(OrderState) -> bool| orders.iter().filter(|order| state(order.state)).count();
    let (all, settled) = (orders.len(), count(OrderState::is_settled));
    let placed = count(|state| state == OrderState::Placed);
    let dead: Vec<Order> = orders.iter().filter(|order| order.state == OrderState::Rejected).cloned().collect();
    // A batch is of one kind.
    let buys = orders.iter().all(|order| order.action == CreateDesktop::NAME);
    let template = if buys { t.batch_progress } else { t.batch_done };
    let text = fill(template, &[&settled.to_string(), &all.to_string(), &placed.to_string(), &dead.len().to_string()]);
    let retry_all = (settled == all && dead.len() > 1).then(|| {
        let dead = dead.clone();
        view! { <button type="button" on:click=on_click(move |_| retrying.set(Some(dead.clone())))>{fill(t.retry_failed, &[&dead.len().to_string()])}</button> }
    });
    let open: Vec<_> = orders.iter().filter(|order| order.decidable).cloned().collect();
    let decisions = Deciding::buttons(t, &open, deciding);
    let awaits = orders.iter().any(|order| order.state == OrderState::AwaitingApproval);
    let row = |order: Order| {
        let user = parameter(&order, "UserName").or_else(|| parameter(&order, "DesktopId")).unwrap_or_default();
        let why = reason(t, &order);
        let button = (order.state == OrderState::Rejected).then(|| {
            let order = order.clone();
            let label = format!("{} {user}", t.retry);
            view! { <button type="button" aria-label=label on:click=on_click(move |_| retrying.set(Some(vec![order.clone()])))>{t.retry}</button> }
        });
        view! {
            <li class="batch-row">
                <a href=Route::Order(order.token.clone()).href()>{user}</a>
                <span class=state_class(order.state)>{state_of(t, &order)}</span>
                <span class="fact">{order.desktop_id}{why}</span>
                {button}
            </li>
        }
    };
    view! {
        <p role="status">{text.clone()}</p>
        <progress max=all value=settled aria-label=text></progress>
        {links(&orders)}
        {awaits.then(|| view! { <p class="hint">{t.order_awaiting_hint}</p> })}
        <div class="page-buttons">{decisions}</div>
        {retry_all}
        <ul class="order-list">{orders.into_iter().map(row).collect_view()}</ul>
    }
    .into_any()
}
