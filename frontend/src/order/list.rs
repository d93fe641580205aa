//! `#/orders`: the newest orders.

use leptos::prelude::*;
use shared::{
    link::Route,
    order::{Order, Orders},
};

use super::{parameter, state_class, state_name};
use crate::{
    api,
    app::Heading,
    language::{moment, use_text},
    load::Loader,
    ui::loaded::loaded,
};

/// The page.
#[component]
pub fn OrdersPage() -> impl IntoView {
    let t = use_text();
    let orders: Loader<Orders> = Loader::idle().follow(|| Some(api::ORDERS.to_owned()), api::load::<Orders>);
    view! {
        <Heading text=t.title_orders />
        <section class="card" aria-label=t.orders>
            {loaded(orders, t.orders, |answer: std::sync::Arc<Orders>| table(answer.orders.clone()))}
        </section>
    }
}

fn table(orders: Vec<Order>) -> AnyView {
    let t = use_text();
    if orders.is_empty() {
        return view! {
            <p class="notice">{t.orders_empty}</p>
            <p><a class="button" href=Route::Buy.href()>{t.buy}</a></p>
        }
        .into_any();
    }
    let row = |order: Order| {
        let user = parameter(&order, "UserName").unwrap_or_default();
        let item = parameter(&order, "TypeItemId").unwrap_or_default();
        let zone = parameter(&order, "ZoneId").unwrap_or_default();
        view! {
            <li>
                <a class="order-row" href=Route::Order(order.token).href()>
                    <span class=state_class(order.state)>{state_name(t, order.state)}</span>
                    <span class="order-what">{item}</span>
                    <span class="fact">{user}</span>
                    <span class="fact">{zone}</span>
                    <span class="fact">{moment(t, order.created_at)}</span>
                </a>
            </li>
        }
    };
    view! { <ul class="order-list">{orders.into_iter().map(row).collect_view()}</ul> }.into_any()
}
