//! `#/desktops/{token}`: one desktop, by the order that bought it: what it is, until when its months last, and what
//! happened to it, each with a link to its order.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{
    form::Field,
    ids::ClientToken,
    link::Route,
    order::{Desktop, Desktops, OrderState},
    reads,
};

use super::{
    desktops::end_of,
    operation::{DesktopOperation, OperationDialog},
    row::{self, action_name},
    state_class, state_name, updates,
};
use crate::{
    api,
    checkout::billing_name,
    language::{moment, use_order_text},
    reactive::{Loader, maybe},
    text::{OrderText, fill},
    ui::{Copyable, Heading, loaded::loaded},
};

/// The page.
#[component]
pub fn DesktopPage(
    /// Names the order that bought it.
    token: ClientToken,
) -> impl IntoView {
    let t = use_order_text();
    let operation = RwSignal::new(None::<DesktopOperation>);
    let target = format!("desktops?limit=10&q={}", reads::encode(token.as_str()));
    let list = Loader::<Desktops>::idle().follow(move || Some(target.clone()), api::load::<Desktops>);
    updates::on_order(move |_| list.refresh());
    let content = move |found: Arc<Desktops>| {
        // The search finds parts of tokens too.
        match found.desktops.iter().find(|desktop| desktop.token == token) {
            Some(desktop) => details(t, desktop, operation),
            None => view! { <p class="notice">{t.desktop_not_found}</p> }.into_any(),
        }
    };
    view! {
        <Heading text=t.title_desktops />
        <section class="card order" aria-label=t.title_desktops>{loaded(list, t.title_desktops, content)}</section>
        <div class="page-buttons">
            <a class="button" href=Route::Desktops.href()>{t.title_desktops}</a>
            <a class="button" href=Route::Orders.href()>{t.orders}</a>
        </div>
        {maybe(move || operation.get().map(|what| view! { <OperationDialog what operation /> }.into_any()))}
    }
}

fn details(t: &'static OrderText, desktop: &Desktop, operation: RwSignal<Option<DesktopOperation>>) -> AnyView {
    let line = |label: &'static str, text: Option<String>| {
        text.filter(|text| !text.is_empty()).map(|text| view! { <div><dt>{label}</dt><dd>{text}</dd></div> })
    };
    let shown = row::of_desktop(t, desktop);
    let months = desktop.period.map(|months| u32::from(months) + desktop.renewed_months);
    let billing = desktop.charge_type.parse().ok().map(|kind| billing_name(t, kind).to_owned());
    let months = months.map(|months| fill(t.months, &[&months.to_string()]));
    let billing = [billing, months].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let period = desktop.period.map(|months| fill(t.months, &[&months.to_string()]));
    let price = desktop.price.map(|price| row::priced(t, price, period.as_deref()));
    let buttons = shown.desktop.as_ref().map(|desktop| DesktopOperation::buttons(t, desktop, operation));
    let event = |token: &ClientToken, name: String, state: OrderState, at: i64| {
        view! {
            <li>
                <a href=Route::Order(token.clone()).href()>{name}</a>
                <span class=state_class(state)>{state_name_of(t, state)}</span>
                <span class="fact">{moment(t, at)}</span>
            </li>
        }
    };
    let first = event(&desktop.token, t.action_buy.to_owned(), OrderState::Placed, desktop.created_at);
    let later = desktop.later_orders.iter().map(|order| {
        let months = order.months.map(|months| format!(" · {}", fill(t.months, &[&months.to_string()])));
        let name = format!("{}{}", action_name(t, &order.action), months.unwrap_or_default());
        event(&order.token, name, order.state, order.at)
    });
    view! {
        <p><span class=shown.class>{shown.state}</span></p>
        <dl class="lines">
            {desktop.desktop_id.clone().map(|text| {
                view! { <div><dt>{t.desktop_id}</dt><dd><Copyable label=t.desktop_id text /></dd></div> }
            })}
            {line(t.label(Field::User), Some(desktop.user.clone()))}
            {line(t.label(Field::TypeItem), Some(desktop.type_item_id.clone()))}
            {line(t.label(Field::Zone), Some(desktop.zone_id.clone()))}
            {line(t.column_billing, Some(billing))}
            {line(t.valid_until, end_of(desktop))}
            {line(t.price, price)}
            {line(t.requested_by, desktop.requested_by.clone())}
        </dl>
        <h2>{t.timeline}</h2>
        <ol class="timeline">{first}{later.collect_view()}</ol>
        <div class="page-buttons">{buttons}</div>
    }
    .into_any()
}

/// A state of an order that is no purchase, or is one that was placed.
fn state_name_of(t: &OrderText, state: OrderState) -> &'static str {
    match state {
        OrderState::Placed => t.order_done,
        OrderState::Sending => t.order_working,
        state => state_name(t, state),
    }
}
