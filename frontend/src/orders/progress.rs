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
    approval::{Deciding, DecisionDialog},
    fact,
    operation::{DesktopOperation, OperationDialog},
    order_fields::{self, FieldsDialog},
    parameter, reason,
    refused::{links, tell_form},
    retry_dialog::RetryDialog,
    row::{ManagedDesktop, action_name, period_of, priced},
    state_class, state_of,
};
use crate::{
    api,
    checkout::{keep_users, note_again, order_fields::OrderFields},
    deferred,
    language::{moment, use_order_text},
    reactive::{Backoff, changing, computed, maybe, on_click, spawn, spawn_scoped, wait, words},
    text::OrderText,
    ui::{Copyable, Heading, ProblemView, loaded::skeleton, offline},
};

/// The first and the longest pause between two polls, and that of a hidden page.
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);
const HIDDEN: Duration = Duration::from_mins(1);

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
    // What stands in the way, and not how often: the notice keeps its time and its focus.
    let trouble = computed(move || lost.get().map(|problem| problem.code).filter(|code| *code != Code::NotFound));
    let connection = maybe(move || {
        trouble.get().map(|code| {
            if code == Code::ProxyUnreachable {
                view! { <div class="notice warn">{offline()}</div> }.into_any()
            } else {
                let problem = lost.get_untracked();
                view! { <div class="notice warn"><p>{t.connection_lost}</p>{problem.map(|problem| view! { <ProblemView problem /> })}</div> }
                    .into_any()
            }
        })
    });
    let state_text = words(move || order.with(|order| order.as_ref().map_or("", |order| state_of(t, order))));
    let retrying = RwSignal::new(None::<Vec<Order>>);
    let retry = move |_| retrying.set(order.get_untracked().map(|dead| vec![dead]));
    let operation = RwSignal::new(None::<DesktopOperation>);
    let deciding = RwSignal::new(None::<Deciding>);
    order_fields::learn();
    let editing = RwSignal::new(false);
    let buttons = changing(move || {
        let back = match state.get() {
            Some(OrderState::Rejected) => t.deferred().back_to_form,
            Some(OrderState::Placed) => t.buy_another,
            _ => t.buy,
        };
        // Only an order that is known to be rejected may be retried.
        let dead = state.get() == Some(OrderState::Rejected);
        let retry_button =
            dead.then(|| view! { <button type="button" on:click=on_click(retry)>{t.retry_order}</button> });
        let same = order.with(|order| buy_same(t, order.as_ref()?));
        let may_edit = order.with(|order| {
            order.as_ref().is_some_and(|order| order.fields_editable && !super::retry::is_retried(order))
        });
        let decisions = order.with(|order| decisions(t, order.as_ref()?, deciding));
        let bought = order.with(|order| order.as_ref().and_then(bought));
        let history =
            bought.is_some().then(|| order.with(|order| order.as_ref().map(|order| order.token.clone()))).flatten();
        let history = history.map(|token| {
            view! { <a class="button" href=Route::Desktop(token).href()>{t.desktop_history}</a> }
        });
        let buttons = bought.map(|desktop| DesktopOperation::buttons(t, &desktop, operation));
        view! {
            <div class="page-buttons">
                {decisions}
                {retry_button}
                {buttons}
                {history}
                {may_edit.then(|| order_fields::button(editing))}
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
        {buttons}
        {maybe(move || operation.get().filter(|_| deferred::on_demand()).map(|what| view! { <OperationDialog what operation /> }.into_any()))}
        {retry_dialog(token.retry_token(), retrying)}
        {decision_dialog(token, order, deciding)}
        {maybe(move || (editing.get() && deferred::on_demand()).then(|| view! { <FieldsDialog order editing /> }.into_any()))}
    }
}

/// The link to the form that requests the same purchase.
fn buy_same(t: &'static OrderText, order: &Order) -> Option<AnyView> {
    let (form, token, fields) = (order.form()?, order.token.clone(), order.fields.clone());
    // A changed query loads the page anew, and users and values of order fields are not in addresses.
    let href = format!("{}{}", write_query(&form), Route::Buy.href());
    let keep = move |_| {
        keep_users(&form.user_names);
        if !fields.is_empty() {
            OrderFields::get().fill_as(&fields);
        }
        note_again(&token);
    };
    Some(view! { <a class="button" href=href on:click=on_click(keep)>{t.buy_same}</a> }.into_any())
}

/// The buttons of whoever may decide about the order.
fn decisions(t: &'static OrderText, order: &Order, deciding: RwSignal<Option<Deciding>>) -> Option<AnyView> {
    if order.decidable { Deciding::buttons(t, slice::from_ref(order), deciding) } else { None }
}

/// The dialog in which the order is approved or declined.
fn decision_dialog(
    token: ClientToken,
    order: RwSignal<Option<Order>>,
    deciding: RwSignal<Option<Deciding>>,
) -> impl IntoView {
    maybe(move || {
        let token = token.clone();
        let decided = move |()| look(token.clone(), order);
        let what = deciding.get().filter(|_| deferred::on_demand());
        what.map(|what| view! { <DecisionDialog what deciding decided /> }.into_any())
    })
}

/// The dialog that retries the order. The retry has an address of its own.
fn retry_dialog(retry: ClientToken, retrying: RwSignal<Option<Vec<Order>>>) -> impl IntoView {
    maybe(move || {
        let dead = retrying.get().filter(|_| deferred::on_demand())?;
        let route = Route::Order(retry.clone());
        Some(view! { <RetryDialog dead route retrying placed=|()| () /> }.into_any())
    })
}

/// The desktop that an order bought.
fn bought(order: &Order) -> Option<ManagedDesktop> {
    let placed = order.state == OrderState::Placed && order.action == CreateDesktop::NAME;
    let id = order.desktop_id.as_ref().filter(|_| placed)?.parse().ok()?;
    let charge_type = parameter(order, "ChargeType").and_then(|kind| kind.parse().ok());
    let (user, type_item_id) = (parameter(order, "UserName"), parameter(order, "TypeItemId"));
    Some(ManagedDesktop { id, region: order.region.clone(), charge_type, user, type_item_id })
}

/// Looks at the order once, at once.
fn look(token: ClientToken, order: RwSignal<Option<Order>>) {
    spawn(async move {
        if let Ok(now) = api::order(&token).await {
            let _ = order.try_set(Some(now));
        }
    });
}

/// Polls until the state is final. Each request is answered at once: one that is held back would take one of the six
/// connections that a browser has for all its tabs. A lost connection is retried, since the order goes on in the proxy.
/// Leaving the page ends it; a hidden page asks seldom.
fn follow(token: ClientToken, order: RwSignal<Option<Order>>, lost: RwSignal<Option<Problem>>) {
    spawn_scoped(async move {
        let (mut pause, mut backoff) = (SHORTEST, Backoff::default());
        loop {
            match api::order(&token).await {
                Ok(now) => {
                    lost.set(None);
                    backoff = Backoff::default();
                    let state = now.state;
                    tell_form(slice::from_ref(&now));
                    // A view that is drawn anew is read out anew, and loses the focus.
                    if order.with_untracked(|order| order.as_ref() != Some(&now)) {
                        order.set(Some(now));
                    }
                    // What is unresolved an operator will decide by hand.
                    if state.is_settled() && state != OrderState::Unresolved {
                        return;
                    }
                    wait(if document().hidden() { HIDDEN } else { pause }).await;
                    pause = (pause * 5 / 4).min(LONGEST);
                }
                Err(problem) => {
                    let gone = problem.code == Code::NotFound;
                    lost.set(Some(problem));
                    if gone {
                        return;
                    }
                    backoff.wait().await;
                }
            }
        }
    });
}

fn details(order: Order) -> AnyView {
    let t = use_order_text();
    let buys = order.action == CreateDesktop::NAME;
    let hint = match order.state {
        OrderState::AwaitingApproval => t.order_awaiting_hint,
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
    let (why, is_dead) = (reason(t, &order), order.state == OrderState::Rejected);
    let problem = order.problem.clone().filter(|_| is_dead);
    // The problem shows this identifier already.
    let told = problem.as_ref().and_then(|problem| problem.upstream_request_id.clone());
    let request_id = order.upstream_request_id.clone().filter(|id| told.as_ref() != Some(id));
    let user = parameter(&order, "UserName");
    let item = parameter(&order, "TypeItemId");
    let zone = parameter(&order, "ZoneId");
    let period = period_of(t, &order);
    let price = order.price.map(|price| priced(t, price, period.as_deref()));
    let desktop = order.desktop_id.clone().or_else(|| parameter(&order, "DesktopId"));
    view! {
        <p class="order-state"><span class=state_class(order.state)>{state_of(t, &order)}</span></p>
        {why.filter(|_| !is_dead).map(|why| view! { <p class="notice warn">{why}</p> })}
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
            {line(t.label(Field::Period), period)}
            {line(t.price, price)}
            {order_fields::lines(&order)}
            {line(t.requested_by, order.requested_by.clone())}
            {line(t.order_attempts, Some(order.attempts.to_string()))}
            {line(t.order_created, Some(moment(t, order.created_at)))}
            {line(t.approve_until, order.approve_until.map(|until| moment(t, until)))}
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
            HistoryEvent::Approved => t.event_approved,
            HistoryEvent::Declined => t.event_declined,
            HistoryEvent::Expired => t.event_expired,
            HistoryEvent::Sent => t.event_sent,
            HistoryEvent::Answered => t.event_answered,
            HistoryEvent::Confirmed => t.event_confirmed,
            HistoryEvent::Refused => t.event_refused,
            HistoryEvent::GaveUp => t.event_gave_up,
            HistoryEvent::FieldsChanged => t.event_fields_changed,
        };
        let why = entry.code.map(|code| view! { <span>{fact(t, code)}</span> });
        let by = entry.by.clone().map(|by| view! { <span>{by}</span> });
        let note = match entry.event {
            // Labels may be known later than the order.
            HistoryEvent::FieldsChanged => entry
                .note
                .clone()
                .map(|keys| view! { <span>{words(move || order_fields::labels(&keys))}</span> }.into_any()),
            _ => entry.note.clone().map(|note| view! { <span>{note}</span> }.into_any()),
        };
        let id = entry.upstream_request_id.clone().map(|id| view! { <code>{id}</code> });
        view! {
            <li>
                <span class="fact">{moment(t, entry.at)}</span>
                <strong>{what}</strong>
                {by}
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
