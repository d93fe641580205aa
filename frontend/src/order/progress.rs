//! `#/orders/{token}`: one order, followed until it is settled.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local_scoped_with_cancellation};
use shared::{
    Code, Problem,
    ids::ClientToken,
    link::Route,
    order::{Order, OrderState},
};

use super::{parameter, state_class, state_name};
use crate::{
    api,
    app::Heading,
    language::{moment, use_text},
    ui::{Copyable, ProblemView, changing, loaded::skeleton, maybe, words},
};

/// The page.
#[component]
pub fn OrderPage(
    /// The order's name.
    token: ClientToken,
) -> impl IntoView {
    let t = use_text();
    let order = RwSignal::new(None::<Order>);
    let lost = RwSignal::new(None::<Problem>);
    follow(token.clone(), order, lost);
    let state = Memo::new(move |_| order.with(|order| order.as_ref().map(|order| order.state)));
    let body = changing(move || {
        let problem = lost.get();
        match (order.get(), problem) {
            (Some(order), _) => details(order),
            (None, Some(problem)) if problem.code == Code::NotFound => {
                view! { <p class="notice">{t.order_not_found}</p> }.into_any()
            }
            (None, _) => skeleton(t.title_order),
        }
    });
    let connection = maybe(move || {
        let problem = lost.get().filter(|problem| problem.code != Code::NotFound);
        problem.map(|problem| {
            view! { <div class="notice warn"><p>{t.connection_lost}</p><ProblemView problem /></div> }.into_any()
        })
    });
    let news = words(move || state.get().map_or("", |state| state_name(t, state)));
    let buttons = changing(move || {
        let back = match state.get() {
            Some(OrderState::Rejected) => t.back_to_form,
            Some(OrderState::Placed) => t.buy_another,
            _ => t.buy,
        };
        view! {
            <div class="page-buttons">
                <a class="button" href=Route::Buy.href()>{back}</a>
                <a class="button" href=Route::Orders.href()>{t.orders}</a>
            </div>
        }
        .into_any()
    });
    view! {
        <Heading text=t.title_order />
        <p class="visually-hidden" role="status">{news}</p>
        {connection}
        <section class="card order" aria-label=t.title_order>{body}</section>
        {buttons}
    }
}

/// Asks until the order is settled. The proxy holds each question back until there is news; a lost connection is
/// tried again, for an order goes on whether one watches or not. Leaving the page ends it.
fn follow(token: ClientToken, order: RwSignal<Option<Order>>, lost: RwSignal<Option<Problem>>) {
    let settled = move || order.with_untracked(|order| order.as_ref().is_some_and(|order| order.state.is_settled()));
    spawn_local_scoped_with_cancellation(async move {
        let mut answer = api::order(&token).await;
        loop {
            match answer {
                Ok(now) => {
                    lost.set(None);
                    order.set(Some(now));
                }
                Err(problem) => {
                    let gone = problem.code == Code::NotFound;
                    lost.set(Some(problem));
                    if gone {
                        return;
                    }
                    pause(Duration::from_secs(2)).await;
                }
            }
            if settled() {
                return;
            }
            answer = api::order_changed(&token).await;
        }
    });
}

async fn pause(time: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&wasm_bindgen::JsValue::NULL)), time);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

fn details(order: Order) -> AnyView {
    let t = use_text();
    let hint = match order.state {
        OrderState::Accepted | OrderState::Sending => t.order_working_hint,
        OrderState::Placed => t.order_placed_hint,
        OrderState::Rejected => t.order_rejected_hint,
        OrderState::Unresolved => t.order_unresolved_hint,
    };
    let line = |label: &'static str, text: Option<String>| {
        text.map(|text| view! { <div><dt>{label}</dt><dd>{text}</dd></div> })
    };
    let copy = |label: &'static str, text: Option<String>| {
        text.map(|text| view! { <div><dt>{label}</dt><dd><Copyable label text /></dd></div> })
    };
    let problem = order.problem.clone().filter(|_| order.state != OrderState::Placed);
    // An error names it already.
    let told = problem.as_ref().and_then(|problem| problem.upstream_request_id.clone());
    let request_id = order.upstream_request_id.clone().filter(|id| told.as_ref() != Some(id));
    let user = parameter(&order, "UserName");
    let item = parameter(&order, "TypeItemId");
    let zone = parameter(&order, "ZoneId");
    view! {
        <p class="order-state"><span class=state_class(order.state)>{state_name(t, order.state)}</span></p>
        {problem.map(|problem| view! { <div class="notice error"><ProblemView problem /></div> })}
        <p class="hint">{hint}</p>
        <dl class="lines">
            {copy(t.order_id, order.order_id)}
            {copy(t.desktop_id, order.desktop_id)}
            {copy(t.vendor_request_id, request_id)}
            {copy(t.order_token, Some(order.token.into()))}
            {line(t.user, user)}
            {line(t.desktop_type, item)}
            {line(t.region, Some(order.region.into()))}
            {line(t.zone, zone)}
            {line(t.order_attempts, Some(order.attempts.to_string()))}
            {line(t.order_created, Some(moment(t, order.created_at)))}
        </dl>
    }
    .into_any()
}
