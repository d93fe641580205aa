//! `#/orders/{token}`: one order, polled until its state is final.

use std::{slice, time::Duration};

use leptos::prelude::*;
use shared::{
    Action, Code, Problem,
    actions::CreateDesktop,
    form::Field,
    ids::ClientToken,
    link::{Route, write_query},
    order::{HistoryEntry, HistoryEvent, Order, OrderState},
};

use super::{
    batch::retry_order,
    operation::{DesktopOperation, OperationDialog},
    parameter,
    refused::{links, tell_form},
    row::{ManagedDesktop, action_name, period_of},
    state_class, state_of,
};
use crate::{
    address, api,
    checkout::keep_users,
    language::{moment, use_order_text},
    reactive::{changing, computed, maybe, on_click, pause, spawn, spawn_scoped, words},
    ui::{Copyable, Heading, ProblemView, loaded::skeleton},
};

/// The page.
#[component]
pub fn OrderPage(
    /// The token that names the order.
    token: ClientToken,
) -> impl IntoView {
    let t = use_order_text();
    let order = RwSignal::new(None::<Order>);
    let lost = RwSignal::new(None::<Problem>);
    follow(token.clone(), order, lost);
    let state = computed(move || order.with(|order| order.as_ref().map(|order| order.state)));
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
    let state_text = words(move || order.with(|order| order.as_ref().map_or("", |order| state_of(t, order))));
    let failure = RwSignal::new(None::<Problem>);
    let retry = move |_| {
        let Some(dead) = order.get_untracked() else { return };
        spawn(async move {
            match api::place(vec![retry_order(&dead)]).await {
                Ok(()) => address::go(&Route::Order(dead.token.retry_token())),
                Err(error) => drop(failure.try_set(Some(error))),
            }
        });
    };
    let failed = maybe(move || {
        failure.get().map(|problem| view! { <div class="notice error"><ProblemView problem /></div> }.into_any())
    });
    let operation = RwSignal::new(None::<DesktopOperation>);
    let buttons = changing(move || {
        let back = match state.get() {
            Some(OrderState::Rejected) => t.back_to_form,
            Some(OrderState::Placed) => t.buy_another,
            _ => t.buy,
        };
        // Only an order that is known to be rejected may be retried.
        let dead = state.get() == Some(OrderState::Rejected);
        let retry_button =
            dead.then(|| view! { <button type="button" on:click=on_click(retry)>{t.retry_order}</button> });
        let same = order.with(|order| order.as_ref().and_then(Order::form)).map(|form| {
            // A changed query loads the page anew, and users are not in addresses.
            let href = format!("{}{}", write_query(&form), Route::Buy.href());
            view! { <a class="button" href=href on:click=on_click(move |_| keep_users(&form.user_names))>{t.buy_same}</a> }
        });
        let bought = order.with(|order| order.as_ref().and_then(bought));
        let buttons = bought.map(|desktop| DesktopOperation::buttons(t, &desktop, operation));
        view! {
            <div class="page-buttons">
                {retry_button}
                {buttons}
                {same}
                <a class="button" href=Route::Buy.href()>{back}</a>
                <a class="button" href=Route::Orders.href()>{t.orders}</a>
            </div>
        }
        .into_any()
    });
    view! {
        <Heading text=t.title_order />
        <p class="visually-hidden" role="status">{state_text}</p>
        {connection}
        <section class="card order" aria-label=t.title_order>{body}</section>
        <div role="alert">{failed}</div>
        {buttons}
        {maybe(move || operation.get().map(|what| view! { <OperationDialog what operation /> }.into_any()))}
    }
}

/// The desktop that an order bought.
fn bought(order: &Order) -> Option<ManagedDesktop> {
    let placed = order.state == OrderState::Placed && order.action == CreateDesktop::NAME;
    let id = order.desktop_id.as_ref().filter(|_| placed)?.parse().ok()?;
    let charge_type = parameter(order, "ChargeType").and_then(|kind| kind.parse().ok());
    Some(ManagedDesktop { id, region: order.region.clone(), charge_type })
}

/// Polls until the state is final. The proxy holds each request back until the order changes (long polling). A lost
/// connection is retried, since the order goes on in the proxy. Leaving the page ends it.
fn follow(token: ClientToken, order: RwSignal<Option<Order>>, lost: RwSignal<Option<Problem>>) {
    spawn_scoped(async move {
        let mut answer = api::order(&token).await;
        loop {
            match answer {
                Ok(now) => {
                    lost.set(None);
                    let state = now.state;
                    tell_form(slice::from_ref(&now));
                    // A view that is drawn anew is read out anew, and loses the focus.
                    if order.with_untracked(|order| order.as_ref() != Some(&now)) {
                        order.set(Some(now));
                    }
                    if state == OrderState::Unresolved {
                        // An operator will decide it by hand.
                        pause(Duration::from_secs(5)).await;
                    } else if state.is_settled() {
                        return;
                    }
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
            answer = api::order_changed(&token).await;
        }
    });
}

fn details(order: Order) -> AnyView {
    let t = use_order_text();
    let buys = order.action == CreateDesktop::NAME;
    let hint = match order.state {
        OrderState::Accepted | OrderState::Sending => t.order_working_hint,
        OrderState::Placed | OrderState::Rejected if !buys => "",
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
    // The problem shows this identifier already.
    let told = problem.as_ref().and_then(|problem| problem.upstream_request_id.clone());
    let request_id = order.upstream_request_id.clone().filter(|id| told.as_ref() != Some(id));
    let user = parameter(&order, "UserName");
    let item = parameter(&order, "TypeItemId");
    let zone = parameter(&order, "ZoneId");
    let desktop = order.desktop_id.clone().or_else(|| parameter(&order, "DesktopId"));
    view! {
        <p class="order-state"><span class=state_class(order.state)>{state_of(t, &order)}</span></p>
        {problem.map(|problem| view! { <div class="notice error"><ProblemView problem />{links(slice::from_ref(&order))}</div> })}
        <p class="hint">{hint}</p>
        <dl class="lines">
            {copy(t.order_id, order.order_id.clone())}
            {copy(t.desktop_id, desktop)}
            {copy(t.vendor_request_id, request_id)}
            {copy(t.order_token, Some(order.token.to_string()))}
            {line(t.order_action, Some(action_name(t, &order.action).to_owned()))}
            {line(t.label(Field::User), user)}
            {line(t.label(Field::TypeItem), item)}
            {line(t.label(Field::Region), Some(order.region.to_string()))}
            {line(t.label(Field::Zone), zone)}
            {line(t.label(Field::Period), period_of(t, &order))}
            {line(t.requested_by, order.requested_by.clone())}
            {line(t.order_attempts, Some(order.attempts.to_string()))}
            {line(t.order_created, Some(moment(t, order.created_at)))}
        </dl>
        {timeline(&order.history)}
    }
    .into_any()
}

/// The history of the order.
fn timeline(history: &[HistoryEntry]) -> Option<AnyView> {
    let t = use_order_text();
    let line = |entry: &HistoryEntry| {
        let what = match entry.event {
            HistoryEvent::Accepted => t.event_accepted,
            HistoryEvent::Sent => t.event_sent,
            HistoryEvent::Answered => t.event_answered,
            HistoryEvent::Confirmed => t.event_confirmed,
            HistoryEvent::Refused => t.event_refused,
            HistoryEvent::GaveUp => t.event_gave_up,
        };
        let why = entry.code.map(|code| view! { <span>{(t.code)(code)}</span> });
        let note = entry.note.clone().map(|note| view! { <span>{note}</span> });
        let id = entry.upstream_request_id.clone().map(|id| view! { <code>{id}</code> });
        view! {
            <li>
                <span class="fact">{moment(t, entry.at)}</span>
                <strong>{what}</strong>
                {why}
                {note}
                {id}
            </li>
        }
    };
    (!history.is_empty()).then(|| {
        let lines = history.iter().map(line).collect_view();
        view! { <h2>{t.timeline}</h2><ol class="timeline">{lines}</ol> }.into_any()
    })
}
