//! The orders page: the list of orders and desktops, one order, one batch; and the names of states that they share.

mod approval;
mod approvals_link;
mod batch;
mod bulk;
mod change;
mod costs;
mod desktop;
mod desktops;
mod expiring;
mod field_filter;
mod left;
mod list;
mod monthly_chart;
mod operation;
mod order_fields;
mod pages;
mod progress;
mod refused;
mod retry;
mod retry_dialog;
mod row;
mod rows;
mod summary;
mod table;
mod updates;

use leptos::prelude::*;
use shared::{
    Action, Code,
    actions::CreateDesktop,
    link::Route,
    order::{Order, OrderState},
};

use crate::{
    deferred,
    language::use_text,
    text::OrderText,
    ui::{Heading, loaded::skeleton},
};
pub use approvals_link::approvals_link;
use batch::BatchPage;
use desktop::DesktopPage;
use desktops::DesktopsPage;
use expiring::ExpiringBanner;
use list::OrdersPage;
use progress::OrderPage;
use summary::SummaryPage;

/// The page of a route about orders and desktops. Not inlined, so that it is in the deferred module.
#[inline(never)]
pub fn page(route: Route, may_renew: bool) -> AnyView {
    let page = match route {
        Route::Order(token) => view! { <OrderPage token /> }.into_any(),
        Route::Batch(token) => view! { <BatchPage token /> }.into_any(),
        // A purchase leads to one of those above.
        route if deferred::on_demand() => on_demand_page(route),
        route => {
            let t = use_text();
            let title = match route {
                Route::Summary => t.title_summary,
                Route::Desktops | Route::DesktopsWithin(_) | Route::Desktop(_) => t.title_desktops,
                _ => t.title_orders,
            };
            view! { <Heading text=title />{skeleton(title)} }.into_any()
        }
    };
    view! { {may_renew.then(|| view! { <ExpiringBanner /> })} {page} }.into_any()
}

/// The page of a route that is not about a purchase just made. Not inlined, so that it is in the on-demand module.
#[inline(never)]
fn on_demand_page(route: Route) -> AnyView {
    match route {
        Route::Desktops => view! { <DesktopsPage within=None /> }.into_any(),
        Route::DesktopsWithin(within) => view! { <DesktopsPage within=Some(within) /> }.into_any(),
        Route::Desktop(token) => view! { <DesktopPage token /> }.into_any(),
        Route::Summary => view! { <SummaryPage /> }.into_any(),
        Route::Approvals => view! { <OrdersPage begins_with=Some(OrderState::AwaitingApproval) /> }.into_any(),
        _ => view! { <OrdersPage begins_with=None /> }.into_any(),
    }
}

/// The label of an order's state. A purchase is bought or not bought; a renewal or release is done or not done.
fn state_of(t: &OrderText, order: &Order) -> &'static str {
    let buys = order.action == CreateDesktop::NAME;
    match order.state {
        OrderState::Sending if !buys => t.order_working,
        OrderState::Placed if !buys => t.order_done,
        OrderState::Rejected if !buys => t.order_not_done,
        state => state_name(t, state),
    }
}

/// The label of a state of a purchase.
fn state_name(t: &OrderText, state: OrderState) -> &'static str {
    match state {
        OrderState::AwaitingApproval => t.order_awaiting,
        OrderState::Accepted => t.order_accepted,
        OrderState::Sending => t.order_sending,
        OrderState::Placed => t.order_placed,
        OrderState::Rejected => t.order_rejected,
        OrderState::Unresolved => t.order_unresolved,
    }
}

/// Why an order is where it is. What to do about it is said only of one that is rejected: any other goes on by itself or is a
/// person's to settle, and ordering again might buy twice.
fn reason(t: &OrderText, order: &Order) -> Option<&'static str> {
    let code = order.problem.as_ref()?.code;
    match order.state {
        OrderState::Placed => None,
        OrderState::Rejected => Some((t.code)(code)),
        _ => Some(fact(t, code)),
    }
}

/// The explanation of a code without its advice, which may be to try again.
fn fact(t: &OrderText, code: Code) -> &'static str {
    let text = (t.code)(code);
    // That advice is not to.
    if code == Code::OutcomeUnknown {
        return text;
    }
    let end = [". ", "，请", "。请"].iter().filter_map(|end| text.find(end)).min();
    end.map_or(text, |end| &text[..end])
}

/// The class that colours a state.
fn state_class(state: OrderState) -> &'static str {
    match state {
        OrderState::Accepted | OrderState::Sending => "state working",
        OrderState::Placed => "state good",
        OrderState::Rejected => "state bad",
        OrderState::AwaitingApproval | OrderState::Unresolved => "state doubt",
    }
}

/// A parameter of the order's request.
fn parameter(order: &Order, name: &str) -> Option<String> {
    order.request.get(name).and_then(|value| value.as_str().map(str::to_owned).or_else(|| Some(value.to_string())))
}
